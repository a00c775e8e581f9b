"""The story of one leak, with real git and real images: found, revoked, and known through whatever becomes of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from support.fakes import github
from support.images import Oci, tar
from support.program import leaksweep
from support.repos import Repo

LEAK, SECOND = github("the leak"), github("the second leak")
LINE = b"GITHUB_TOKEN=" + LEAK + b"\n"


def _image(folder: Path, *layers: bytes, how: str) -> str:
    oci = Oci()
    oci.roots.append(oci.image(*layers, how=how))
    return f"oci:{oci.write(folder)}"


def _findings(repo: Repo, image: str, code: int) -> list[dict[str, Any]]:
    ran = leaksweep("scan", ".", "--history", "--image", image, "--report=json=-", cwd=repo.folder)
    assert ran.code == code, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return found


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A topic branch that brings a secret, in the second of its three commits."""
    repo = Repo(tmp_path / "work")
    repo.commit("first", readme__md=b"nothing here\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit("before", a__txt=b"1\n")
    repo.commit("leak", app__env=LINE)
    repo.commit("after", b__txt=b"2\n")
    return repo


def _rebased(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.commit("meanwhile", c__txt=b"3\n")
    repo.git("checkout", "--quiet", "topic")
    repo.git("rebase", "--quiet", "main")


def _squashed(repo: Repo) -> None:
    repo.git("reset", "--quiet", "--soft", "main")
    repo.git("commit", "--quiet", "-m", "all in one")


def _moved_and_indented(repo: Repo) -> None:
    repo.git("mv", "app.env", "deploy.yaml")
    repo.commit("moved", deploy__yaml=b"env:\n    token:\n        value: '" + LEAK + b"'\n")


def _encoded(repo: Repo) -> None:
    repo.commit("encoded", deploy__yaml=b"data:\n  token: " + base64.b64encode(LINE) + b"\n")


def _forgotten(repo: Repo) -> None:
    """Old commits are gone for good, as on a server after a forced push."""
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")


def test_the_story(repo: Repo, tmp_path: Path) -> None:
    first = _image(tmp_path / "v1", tar(("srv/app.env", LINE)), tar(("srv/bin", b"x" * 100)), how="gzip")
    (leak,) = _findings(repo, first, 1)
    assert {place["kind"] for place in leak["places"]} == {"file", "git", "layer"}
    options = ("--history", "--image", first, "--state", "revoked", "--reason", "rotated in May")
    assert leaksweep("baseline", "create", *options, cwd=repo.folder).code == 0
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "-m", "the baseline")

    rebuilt = (tar(("srv/bin", b"y" * 100)), tar(("opt/app/config.env", b"A=1\n" + LINE)), tar(("opt/app/.wh.x", b"")))
    second = _image(tmp_path / "v2", *rebuilt, how="zstd")
    before = repo.git("rev-parse", "HEAD")
    for change in (_rebased, _squashed, _moved_and_indented, _encoded, _forgotten):
        change(repo)
        (known,) = _findings(repo, second, 0)
        assert (known["id"], known["verdict"]) == (leak["id"], "baselined"), change.__name__
        assert known["reason"] == "revoked: rotated in May"
    assert repo.git("cat-file", "-t", before, check=False) == "", "of the old commits none is left"

    repo.commit("again", other__env=b"GITHUB_TOKEN=" + SECOND + b"\n")
    found = _findings(repo, second, 1)
    assert [finding["id"] for finding in found if finding["verdict"] == "new"] == [
        finding["id"] for finding in found if finding["id"] != leak["id"]
    ]
    assert len(found) == 2
