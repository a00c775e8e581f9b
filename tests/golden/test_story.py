"""A leak and what becomes of it, from the first scan to the second leak: the summary of each step, and the baseline.

``UPDATE_GOLDEN=1`` writes what the program says now; read the difference before you commit it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from support.fakes import github
from support.program import leaksweep

STORY = Path(__file__).parent / "story"
REPORTS = ("sarif", "json", "summary")
FIRST, SECOND = github("first"), github("second")
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one leak, and a configuration with a salt that is the same in each run."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / ".leaksweep.toml").write_text('[identity]\nsalt = "the salt of this story"\n')
    (folder / "src/settings.py").write_bytes(b"TOKEN = '" + FIRST + b"'\n")
    return folder


def compared(name: str, text: str) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        (STORY / name).write_text(text, "utf-8")
    assert (STORY / name).read_text("utf-8") == text


def leaked(data: bytes) -> bool:
    """Whether a secret of the story, or a hash of it that anyone can compute, is in these bytes."""
    forms = []
    for secret in (FIRST, SECOND):
        forms += [secret, base64.b64encode(secret), secret.hex().encode()]
        forms += [hashlib.new(name, secret).hexdigest().encode() for name in HASHES]
    return any(form in data for form in forms)


def test_the_story(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()

    def scan(step: str, code: int) -> None:
        ran = leaksweep("scan", *(f"--report={kind}={out}/{step}.{kind}" for kind in REPORTS), cwd=project)
        assert (ran.code, ran.err) == (code, "")
        compared(f"{step}.txt", ran.out)

    scan("1-leak", 1)
    call = ("baseline", "create", "--state", "revoked", "--reason", "rotated on the day", "--owner", "ops")
    assert leaksweep(*call, cwd=project).code == 0
    compared("baseline.toml", (project / ".leaksweep-baseline.toml").read_text())
    scan("2-revoked", 0)

    _move(project)
    scan("3-moved", 0)
    (project / "config/token.b64").write_bytes(base64.b64encode(b"GITHUB_TOKEN=" + FIRST) + b"\n")
    scan("4-encoded-too", 0)

    (project / "config/new.yml").write_bytes(b"token: " + SECOND + b"\n")
    scan("5-second-leak", 1)

    written = [*out.iterdir(), project / ".leaksweep-baseline.toml", *STORY.iterdir()]
    assert [file.name for file in written if leaked(file.read_bytes())] == []


def _move(project: Path) -> None:
    (project / "config").mkdir()
    text = (project / "src/settings.py").read_bytes()
    (project / "config/settings.py").write_bytes(b"# moved\n\n    " + text.replace(b"'", b'"'))
    (project / "src/settings.py").unlink()


def _gone(project: Path) -> None:
    (project / ".leaksweep.toml").write_text('[identity]\nsalt = "another salt, other ids"\n')


def _unlisted(project: Path) -> None:
    (project / ".leaksweep-baseline.toml").unlink()


@pytest.mark.parametrize("change", [_gone, _unlisted])
def test_without_salt_or_baseline_the_leak_is_new(project: Path, change: Callable[[Path], None]) -> None:
    leaksweep("baseline", "create", cwd=project)
    assert leaksweep("scan", cwd=project).code == 0
    change(project)
    assert leaksweep("scan", cwd=project).code == 1
