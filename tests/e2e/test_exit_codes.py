"""The exit codes of the README's table, of every target, with every report."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from leaksweep.reports import REPORTS
from support.fakes import github
from support.images import Oci, tar
from support.program import leaksweep
from support.repos import Repo

CLEAN, SECRET, TORN = (
    b"nothing here\n",
    b"T=" + github("codes") + b"\n",
    gzip.compress(bytes(range(256)) * 8, mtime=0)[:-40],
)
STATES = {0: CLEAN, 1: SECRET, 3: TORN}
Arguments = tuple[str | Path, ...]


def _folder(folder: Path, content: bytes) -> Arguments:
    folder.mkdir()
    (folder / "a.env").write_bytes(content)
    return (folder,)


def _history(folder: Path, content: bytes) -> Arguments:
    repo = Repo(folder)
    repo.commit("with", a__env=content)
    repo.remove("a.env")
    return (folder, "--history")


def _range(folder: Path, content: bytes) -> Arguments:
    repo = Repo(folder)
    repo.commit("first", b__txt=CLEAN)
    repo.commit("with", a__env=content)
    repo.remove("a.env")
    return (folder, "--range", "HEAD~2..HEAD")


def _image(folder: Path, content: bytes, write: Callable[[Oci, Path], str]) -> str:
    oci = Oci()
    oci.roots.append(oci.image(tar(("a.env", content))))
    return write(oci, folder)


def _layout(folder: Path, content: bytes) -> Arguments:
    (folder / "empty").mkdir(parents=True)
    return (folder / "empty", "--image", "oci:" + _image(folder / "image", content, Oci.write))


def _archive(folder: Path, content: bytes) -> Arguments:
    (folder / "empty").mkdir(parents=True)
    return (folder / "empty", "--image", "oci-archive:" + _image(folder / "image.tar", content, Oci.write_tar))


TARGETS = {"folder": _folder, "history": _history, "range": _range, "layout": _layout, "archive": _archive}


@pytest.mark.parametrize("code", STATES)
@pytest.mark.parametrize("target", TARGETS)
def test_every_target_with_all_reports(target: str, code: int, tmp_path: Path) -> None:
    arguments = TARGETS[target](tmp_path / "target", STATES[code])
    reports = [f"--report={name}={tmp_path / name}" for name in REPORTS]
    ran = leaksweep("scan", *arguments, *reports, f"--coverage={tmp_path / 'proof'}")
    assert ran.code == code, ran.err
    assert all((tmp_path / name).stat().st_size for name in (*REPORTS, "proof"))
    if code == 3:
        assert leaksweep("scan", *arguments, "--allow-skipped").code == 0


@pytest.mark.parametrize("code", STATES)
@pytest.mark.parametrize("report", REPORTS)
def test_every_report_alone(report: str, code: int, tmp_path: Path) -> None:
    (target,) = _folder(tmp_path / "target", STATES[code])
    assert leaksweep("scan", target, f"--report={report}={tmp_path / 'out'}").code == code
    assert leaksweep("scan", target, f"--report={report}=-", "--quiet").code == code


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_not_there_is_2_or_3_and_never_clean(target: str, tmp_path: Path) -> None:
    arguments = [*TARGETS[target](tmp_path / "target", CLEAN)]
    arguments[0 if len(arguments) == 1 else -1] = {
        "folder": str(tmp_path / "nowhere"),
        "history": "--history=maybe",
        "range": "nowhere..HEAD",
        "layout": f"oci:{tmp_path / 'nowhere'}",
        "archive": f"oci-archive:{tmp_path / 'nowhere'}",
    }[target]
    ran = leaksweep("scan", *arguments, f"--report=sarif={tmp_path / 'out'}")
    assert ran.code == (3 if target == "range" else 2)
    assert ran.error
    assert not (tmp_path / "out").exists()
