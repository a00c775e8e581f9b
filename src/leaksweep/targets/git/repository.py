"""The only way git is run: no prompt, no network, nothing that a repository's configuration could make it execute.

A repository is hostile input, its configuration too. Only plumbing is used, which takes few settings; those that name a
program or a transport are overridden, and so are replacements and grafts, which would hide objects.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from leaksweep.errors import ScanError, UsageError
from leaksweep.targets.git.causes import cause
from leaksweep.targets.git.special import named, refuse

#: Settings that would run a program, ask a person or use the network.
_OVERRIDDEN = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.gitProxy=false",
    "core.askPass=false",
    "core.alternateRefsCommand=false",
    "core.pager=cat",
    "core.warnAmbiguousRefs=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
)
#: Settings for less memory, of which git would take what it can get; it takes no longer so.
_SPARING = ("core.packedGitWindowSize=16m", "core.packedGitLimit=64m", "core.deltaBaseCacheLimit=48m")
_COUNT = re.compile("[0-9]{1,4}", re.ASCII)  #: settings that the environment holds; all else is none
#: Variables of git that stay: where the user's own configuration is, and how far to look for a repository.
_OURS = ("LEAKSWEEP_", "INPUT_", "VAULT_", "CONJUR_", "AWS_")  #: variables that hold credentials, or may
_KEPT = re.compile(
    r"GIT_(CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|"
    r"EXEC_PATH)"
)
_SET = {
    "GIT_ALLOW_PROTOCOL": "none",  # stronger than protocol.allow, which the repository's protocol.file.allow beats
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_DIGITS = {"sha1": 40, "sha256": 64}


class Repository:
    """The repository that a folder belongs to. ``keep`` are further ``GIT_*`` variables that git shall see.

    Raises:
        UsageError: there is no such folder.
        ScanError: there is no repository, it may not be read, or git is missing.
    """

    def __init__(self, path: str, environ: Mapping[str, str] = os.environ, keep: Sequence[str] = ()) -> None:
        self.path = path
        if not os.path.exists(path):
            raise UsageError(f"{path}: there is no such file or folder", "give the folder of a clone")
        self._folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        self._environ = _environment(environ, keep, os.path.realpath(self._folder))
        asked = ("--absolute-git-dir", "--is-bare-repository", "--is-shallow-repository", "--show-object-format")
        refuse(path, self._folder)
        # A folder's name may end in a newline; what follows it may not.
        answers = os.fsdecode(self.run("rev-parse", *asked)[:-1]).rsplit("\n", 3)
        if len(answers) != len(asked) or answers[3] not in _DIGITS:
            raise ScanError(f"{path}: git rev-parse does not answer as git does", "install git 2.30 or later")
        folder, bare, shallow, form = answers
        self.folder, self.bare, self.shallow = folder, bare == "true", shallow == "true"
        self.objects = os.path.join(folder, named(os.path.join(folder, "commondir"), b""), "objects")
        self.digits = _DIGITS[form]  #: hexadecimal digits of an object's id

    def open(
        self,
        *arguments: str,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
    ) -> Process:
        """Start a git command."""
        given = [part for setting in (*_OVERRIDDEN, *_SPARING) for part in ("-c", setting)]
        call = ["git", "--no-pager", "-C", self._folder, *given, *arguments]
        complaints = scratch()
        try:
            started = subprocess.Popen(  # noqa: S603
                call, stdin=stdin, stdout=stdout, stderr=complaints, env=self._environ, bufsize=0
            )
        except FileNotFoundError:
            complaints.close()
            raise ScanError("git is not installed", "install git 2.30 or later") from None
        return Process(self, arguments[0], started, complaints)

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """What a git command prints."""
        with self.open(*arguments, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE) as process:
            printed, _ = process.popen.communicate(stdin)
            process.finish()
        return bytes(printed)

    def each(self, *arguments: str, stdins: Iterable[bytes]) -> Iterator[bytes]:
        """What a git command prints for each of some inputs, a process each, all at once."""
        with contextlib.ExitStack() as stack:
            running: list[tuple[Process, IO[bytes]]] = []
            for text in stdins:
                asked, printed = stack.enter_context(scratch()), stack.enter_context(scratch())
                asked.write(text)
                asked.seek(0)
                running.append((stack.enter_context(self.open(*arguments, stdin=asked, stdout=printed)), printed))
            for process, printed in running:
                process.finish()
                printed.seek(0)
                yield printed.read()

    def says(self, *arguments: str) -> str | None:
        """What a git command that may fail prints, without the line's end; None if it fails."""
        with self.open(*arguments) as process:
            printed, _ = process.popen.communicate()
            return os.fsdecode(printed).rstrip("\n") if process.popen.returncode == 0 else None

    def config(self, pattern: str) -> str | None:
        """The settings whose names match ``pattern``, or None."""
        return self.says("config", "--get-regexp", pattern)


def user_config(*arguments: str) -> str | None:
    """What ``git config --global`` prints, or None: for what is set for all repositories of a user.

    Raises:
        ScanError: git is missing.
    """
    try:
        done = subprocess.run(("git", "config", "--global", *arguments), capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise ScanError("git is not installed", "install git 2.30 or later") from None
    return os.fsdecode(done.stdout).rstrip("\n") if done.returncode == 0 else None


def scratch() -> IO[bytes]:
    """A file without a name; in memory where no folder can be written, as in a read-only container."""
    try:
        return tempfile.TemporaryFile(prefix="leaksweep-")
    except OSError:
        return os.fdopen(os.memfd_create("leaksweep"), "w+b")


class Process:
    """A git command that runs, with what it complains of."""

    def __init__(self, of: Repository, name: str, popen: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self.popen = popen
        self.path = of.path
        self._name = name
        self._complaints = complaints

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def finish(self) -> None:
        """Wait for the end.

        Raises:
            ScanError: git failed; nothing that it printed may be taken for all there is.
        """
        if self.popen.returncode is None:
            self.popen.wait()
        if self.popen.returncode:
            raise self.failure()

    def failure(self) -> ScanError:
        """What git complained of, as an error with its mend."""
        if self._complaints.closed:
            return cause(self.path, f"git {self._name}", "", self.popen.poll())
        self._complaints.seek(0)
        text = self._complaints.read().decode("utf-8", "replace")
        return cause(self.path, f"git {self._name}", text, self.popen.poll())

    def close(self) -> None:
        """End it, if it has not ended, and let go of everything."""
        if self.popen.poll() is None:
            self.popen.kill()
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                stream.close()
        self.popen.wait()
        self._complaints.close()


def _environment(environ: Mapping[str, str], keep: Sequence[str], folder: str) -> dict[str, str]:
    """``environ`` without what would redirect git and what is only for us, such as the registry's password; the named
    folder is trusted, whoever owns it, and no other.
    """
    kept = {k: v for k, v in environ.items() if not k.startswith(_OURS)}
    clean = {k: v for k, v in kept.items() if not k.startswith("GIT_") or k in keep or _KEPT.fullmatch(k)}
    told = clean.get("GIT_CONFIG_COUNT", "")
    count = int(told) if _COUNT.fullmatch(told) else 0
    trusted = {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": "safe.directory",
        f"GIT_CONFIG_VALUE_{count}": folder,
    }
    return clean | _SET | trusted
