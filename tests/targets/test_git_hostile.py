"""A repository whose configuration wants to execute something: nothing of it is executed, and nothing is hidden."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from leaksweep.engine import Engine
from leaksweep.errors import ScanError
from leaksweep.targets.git.repository import Repository
from leaksweep.targets.git.special import refuse
from support.fakes import github
from support.gitscan import files, scan_history, scan_range
from support.repos import Repo

ENV = b"GITHUB_TOKEN=" + github() + b"\n"

#: Every setting that makes some git command run what it says.
EXECUTING = (
    "core.fsmonitor",
    "core.sshCommand",
    "core.gitProxy",
    "core.askPass",
    "core.editor",
    "core.pager",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.textconv",
    "diff.evil.command",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "gpg.program",
    "gpg.ssh.program",
    "interactive.diffFilter",
    "merge.evil.driver",
    "pager.log",
    "pager.rev-list",
    "remote.origin.uploadpack",
    "sequence.editor",
    "uploadpack.packObjectsHook",
)
ALIASES = ("rev-list", "rev-parse", "cat-file", "for-each-ref", "ls-tree", "diff-tree", "config")


@pytest.fixture
def hostile(tmp_path: Path) -> Repo:
    """A repository in which everything that can be configured to run a program is; the program leaves a mark."""
    repo = Repo(tmp_path / "repo")
    repo.write(".gitattributes", b"* diff=evil filter=evil merge=evil\n")
    repo.commit("leak", config__env=ENV)
    repo.commit("next", other=b"1\n")
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    script.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("pre-auto-gc", "reference-transaction", "post-index-change", "post-checkout", "fsmonitor-watchman"):
        os.symlink(script, hooks / hook)
    with (repo.folder / ".git/config").open("a") as config:
        for name in EXECUTING:
            section, _, key = name.rpartition(".")
            head, _, sub = section.partition(".")
            config.write(f"[{head}{f' {chr(34)}{sub}{chr(34)}' if sub else ''}]\n\t{key} = {script}\n")
        config.write(
            '[log]\n\tshowSignature = true\n[protocol]\n\tallow = always\n[protocol "file"]\n\tallow = always\n'
        )
        config.write(f"[core]\n\thooksPath = {hooks}\n[alias]\n")
        config.writelines(f"\t{alias} = !{script}\n" for alias in ALIASES)
    return repo


def test_nothing_is_executed_and_the_secret_is_found(hostile: Repo, engine: Engine, tmp_path: Path) -> None:
    assert ["config.env"] == [place.path for place in files(scan_history(hostile, engine, authors=True))]
    assert () == scan_range(hostile, "HEAD~1..HEAD", engine).findings
    assert not (tmp_path / "executed").exists()


def test_the_mark_would_be_left(hostile: Repo, tmp_path: Path) -> None:
    """The guard itself: an ordinary command of git does run what is configured."""
    hostile.git("status", check=False)
    assert (tmp_path / "executed").exists()


def test_a_partial_clone_s_own_program_is_not_asked_for_what_is_missing(
    hostile: Repo, engine: Engine, tmp_path: Path
) -> None:
    name = hostile.git("rev-parse", "HEAD:other")
    (hostile.folder / ".git/objects" / name[:2] / name[2:]).unlink()
    with (hostile.folder / ".git/config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = {hostile.folder}\n\tpromisor = true\n')
        config.write("[extensions]\n\tpartialClone = origin\n[core]\n\trepositoryFormatVersion = 1\n")
    (gap,) = scan_history(hostile, engine).skipped
    assert "1 objects are not here" in gap.why
    assert not (tmp_path / "executed").exists()


def test_variables_that_redirect_git_are_not_passed_on(hostile: Repo, engine: Engine, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    environ = {
        "PATH": os.environ["PATH"],
        "GIT_DIR": str(other.folder / ".git"),
        "GIT_OBJECT_DIRECTORY": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_EXTERNAL_DIFF": str(tmp_path / "evil"),
    }
    assert str(hostile.folder / ".git") == Repository(str(hostile.folder), environ).folder


def test_a_caller_may_keep_what_a_hook_needs(hostile: Repo, tmp_path: Path) -> None:
    """Objects of a push that is not accepted yet lie in a folder of their own."""
    quarantine = tmp_path / "quarantine"
    quarantine.mkdir()
    environ = dict(os.environ) | {"GIT_OBJECT_DIRECTORY": str(quarantine)}
    repository = Repository(str(hostile.folder), environ, keep=("GIT_OBJECT_DIRECTORY",))
    assert str(quarantine) == repository.says("rev-parse", "--git-path", "objects")


@pytest.mark.parametrize("count", ["abc", "-1", "²", "9" * 5000])
def test_a_count_of_settings_that_is_none_is_none(hostile: Repo, count: str) -> None:
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_COUNT": count}
    assert str(hostile.folder / ".git") == Repository(str(hostile.folder), environ).folder


@pytest.mark.parametrize(
    ("author", "said"),
    [
        (b"A <a@b> " + b"9" * 5000 + b" +0000", ""),
        (b"A <a@b> " + b"9" * 18 + b" +0000", "A <a@b>, at no time"),
        (b"A <a@b> 1 +9999", "A <a@b>, at no time"),
    ],
)
def test_an_author_of_no_time_is_no_error(tmp_path: Path, engine: Engine, author: bytes, said: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.write("config.env", ENV)
    repo.commit()
    tree = repo.git("rev-parse", "HEAD^{tree}").encode()
    commit = b"tree %s\nauthor %s\ncommitter A <a@b> 1 +0000\n\nx" % (tree, author)
    made = repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=commit)
    repo.git("update-ref", "HEAD", made)
    (place,) = files(scan_history(repo, engine, authors=True))
    assert place.first.by == said


PIPES = ["HEAD", "config", "packed-refs", "shallow", "index", "refs/heads/x", "objects/pack/x.pack", "info/grafts"]


@pytest.mark.parametrize("name", PIPES)
def test_a_pipe_in_a_repository_is_not_waited_for(tmp_path: Path, engine: Engine, name: str) -> None:
    """A folder that came in an archive may hold one: git would wait for whoever writes into it."""
    repo = Repo(tmp_path / "repo")
    repo.write("config.env", ENV)
    repo.commit()
    pipe = repo.folder / ".git" / name
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    with pytest.raises(ScanError, match=f"{name} is a pipe or a device, which git would read for ever; remove it"):
        scan_history(repo, engine)


def test_it_is_looked_for_wherever_the_repository_lies(tmp_path: Path) -> None:
    repo, bare = Repo(tmp_path / "repo"), Repo(tmp_path / "bare.git", "--bare")
    repo.write("config.env", ENV)
    repo.commit()
    tree = tmp_path / "tree"
    repo.git("worktree", "add", str(tree))
    (tree / "below").mkdir()
    for folder in (repo.folder, bare.folder, tree, tree / "below"):
        refuse(".", str(folder))
    for folder, pipe in (
        (tree / "below", repo.folder / ".git/packed-refs"),  # what all work trees share
        (tree, repo.folder / ".git/worktrees/tree/index"),
        (bare.folder, bare.folder / "config"),
    ):
        pipe.unlink(missing_ok=True)
        pipe.symlink_to("/dev/zero")
        with pytest.raises(ScanError, match=f"{pipe.name} is a pipe or a device"):
            refuse(".", str(folder))
        pipe.unlink()
    (tree / ".git").unlink()
    os.mkfifo(tree / ".git")
    with pytest.raises(ScanError, match=r"tree/\.git is a pipe or a device"):
        refuse(".", str(tree / "below"))


def test_sockets_and_links_to_nothing_are_no_harm(tmp_path: Path, engine: Engine) -> None:
    """git's own monitor keeps a socket there."""
    repo = Repo(tmp_path / "repo")
    repo.write("config.env", ENV)
    repo.commit()
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.bind(str(repo.folder / ".git/fsmonitor--daemon.ipc"))
        (repo.folder / ".git/info/x").symlink_to("nothing")
        assert ["config.env"] == [place.path for place in files(scan_history(repo, engine))]


def test_a_program_that_is_no_git_is_told(hostile: Repo, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "bin/git").chmod(0o755)
    with pytest.raises(ScanError, match="git rev-parse does not answer as git does; install git"):
        Repository(str(hostile.folder), {"PATH": f"{tmp_path / 'bin'}:/bin"})
