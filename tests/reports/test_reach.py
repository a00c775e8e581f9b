"""The blast radius in words, and in each report that tells a finding in full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.fakes import github
from support.images import Oci, tar
from support.program import leaksweep
from support.repos import Repo

SECRET = b"T=" + github("reach") + b"\n"
HISTORY = (
    "It is in git's history, in main and 1 more: every clone has it. Rewriting history calls no copy back; revoking"
)
GONE = "It is no longer in the files that are checked out."
TELL = ("summary", "sarif", "gitlab", "junit", "csv", "html", "json")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A secret that was removed from the files, on a branch and a tag."""
    repo = Repo(tmp_path / "work")
    repo.commit("leak", a__env=SECRET)
    repo.git("tag", "v1")
    repo.remove("a.env")
    return repo


def _reach(*arguments: str | Path) -> list[str]:
    (found,) = json.loads(leaksweep("scan", *arguments, "--report=json=-").out)["findings"]
    sentences: list[str] = found["reach"]
    return sentences


def test_a_file_alone_needs_no_more_than_its_playbook(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_bytes(SECRET)
    assert _reach(tmp_path) == []


def test_a_history(repo: Repo) -> None:
    first, second = _reach(repo.folder, "--history")
    assert first.startswith(HISTORY)
    assert second == GONE
    repo.write("b.env", SECRET)
    assert len(_reach(repo.folder, "--history")) == 1, "it is in the files again"


def test_a_range(repo: Repo) -> None:
    repo.commit("first", b__txt=b"1\n")
    repo.commit("again", c__env=SECRET.replace(b"T=", b"U="))
    (sentence,) = _reach(repo.folder, "--range", "HEAD~1..HEAD")
    assert "about to be merged" in sentence


def test_an_image(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    oci = Oci()
    oci.roots.append(oci.image(tar(("a.env", SECRET)), tar((".wh.a.env", b""))))
    who, gone = _reach(tmp_path / "empty", "--image", "oci:" + oci.write(tmp_path / "image"))
    assert who.startswith("Whoever can pull oci:")
    assert gone == "Deleting it in a later layer did not remove it from the image."


@pytest.mark.parametrize("report", TELL)
def test_each_report_tells_it(repo: Repo, report: str, tmp_path: Path) -> None:
    assert leaksweep("scan", repo.folder, "--history", f"--report={report}={tmp_path / 'out'}").code == 1
    text = (tmp_path / "out").read_text().replace("\\u0027", "'").replace("&#39;", "'")
    assert "every clone has it" in text
    assert GONE in text


def test_where_tells_it(repo: Repo, tmp_path: Path) -> None:
    leaksweep("scan", repo.folder, "--history", f"--report=json={tmp_path / 'out'}")
    (found,) = json.loads((tmp_path / "out").read_text())["findings"]
    assert f"  reach    {GONE}" in leaksweep("where", found["id"], "--from", tmp_path / "out").out
