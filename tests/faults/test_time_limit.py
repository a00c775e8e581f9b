"""A scan that takes too long says what it found and what it did not read; it is never clean, and never remembered."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leaksweep.cache import Cache
from leaksweep.config import parse_duration
from leaksweep.deadline import Deadline
from leaksweep.engine import Engine
from leaksweep.errors import UsageError
from leaksweep.reports import REPORTS
from leaksweep.scan import scan
from leaksweep.targets.git import history
from leaksweep.targets.image import open_image
from support.fakes import github
from support.gitscan import POLICY
from support.images import QUICK, Oci, tar
from support.program import leaksweep
from support.registry_stub import Request, stub
from support.repos import Repo

pytestmark = pytest.mark.usefixtures("engine")  # compiled before, else all the time goes into that
KEY = b"T=" + github("in time") + b"\n"


def gaps(file: Path) -> list[Any]:
    found: list[Any] = json.loads(file.read_bytes())["skipped"]
    return found


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A folder of some minutes: links to one file, each read for itself, after one with a secret."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "0.env").write_bytes(KEY)
    (work / "1.txt").write_bytes(b"".join(b"value_%d = compute(%d)\n" % (i, i * 7) for i in range(1_000_000)))
    for i in range(2, 1500):
        os.link(work / "1.txt", work / f"{i}.txt")
    return work


def test_all_that_was_found_is_in_every_report_and_what_was_not_read_too(large: Path, tmp_path: Path) -> None:
    reports = [f"--report={name}={tmp_path / name}" for name in REPORTS]
    started = time.monotonic()
    ran = leaksweep("scan", large, "--time-limit", "3s", *reports, f"--coverage={tmp_path / 'proof'}")
    assert time.monotonic() - started < 25
    assert (ran.code, ran.err) == (1, "")  # found is certain, so it outranks the gap
    assert "the time limit of 3 s was over" in ran.out
    assert "INCOMPLETE" in ran.out
    said = json.loads((tmp_path / "json").read_bytes())
    assert 1 == len(said["findings"])
    assert [
        {"what": str(large), "why": "it was not scanned to its end: the time limit of 3 s was over; raise --time-limit"}
    ] == [{key: gap[key] for key in ("what", "why")} for gap in said["skipped"]]
    assert all((tmp_path / name).stat().st_size for name in (*REPORTS, "proof"))
    assert leaksweep("scan", large, "--time-limit", "3s", "--fail-on", "never").code == 3


def test_a_target_that_is_not_begun_is_named(large: Path, tmp_path: Path) -> None:
    oci = Oci()
    oci.roots.append(oci.image(tar(("a.env", KEY))))
    image = "oci:" + oci.write(tmp_path / "image")
    repo = Repo(large)
    repo.git("commit", "--allow-empty", "-m", "nothing")
    ran = leaksweep(
        "scan", large, "--history", "--image", image, "--time-limit", "2", f"--report=json={tmp_path / 'o'}"
    )
    assert ran.code in (1, 3)
    assert [gap["what"] for gap in gaps(tmp_path / "o")].count(image) == 1
    assert 3 == len(gaps(tmp_path / "o"))  # the folder, its history, the image


class After(Deadline):
    """Over after so many looks at it, whatever the time."""

    def __init__(self, looks: int) -> None:
        super().__init__(3600)
        self._looks = looks

    @property
    def over(self) -> bool:
        self._looks -= 1
        return self._looks < 0


CLEAN = {f"f{n}": b"clean %d\n" % n for n in range(6)}


def _history(folder: Path) -> Callable[[], Any]:
    repo = Repo(folder)
    repo.commit("clean", **CLEAN)
    repo.commit("leak", a__env=KEY)
    repo.remove("a.env")
    return lambda: history(str(folder))


def _image() -> Oci:
    oci = Oci()
    oci.roots.append(oci.image(tar(*CLEAN.items()), tar(("a.env", KEY)), tar(("g", b"clean\n"))))
    return oci


def _layout(folder: Path) -> Callable[[], Any]:
    name = f"oci:{_image().write(folder)}"
    return lambda: open_image(name, QUICK)


def _archive(folder: Path) -> Callable[[], Any]:
    name = f"oci-archive:{_image().write_tar(folder)}"
    return lambda: open_image(name, QUICK)


@pytest.mark.parametrize("make", [_history, _layout, _archive])
def test_whatever_it_is_cut_at_nothing_unread_is_remembered_as_clean(
    make: Callable[[Path], Callable[[], Any]], tmp_path: Path, engine: Engine
) -> None:
    opened = make(tmp_path / "it")
    found = set()
    for looks in range(60):
        cache = Cache(tmp_path / f"cache{looks}")
        target = opened()
        target.remember(cache, "d")
        cut = scan([target], engine, POLICY, deadline=After(looks))
        found.add((len(cut.findings), cut.complete))
        whole = opened()
        whole.remember(cache, "d")
        after = scan([whole], engine, POLICY)
        assert (1, True) == (len(after.findings), after.complete), looks
        if cut.complete:
            break
    assert found == {(0, False), (1, False), (1, True)}, "it must be cut before and after the secret, and reach the end"


def test_a_registry_that_hangs_does_not_hold_it_up(tmp_path: Path) -> None:
    oci = Oci()
    tag = oci.image(tar(("a.env", KEY)), tar(("b", os.urandom(100_000))))
    slow = list(oci.blobs)[1]

    def misbehave(request: Request) -> bool:
        if slow in request.path:
            time.sleep(20)
            return True
        return False

    (tmp_path / "work").mkdir()
    with stub(oci, tag) as registry:
        registry.misbehave = misbehave
        started = time.monotonic()
        ran = leaksweep("scan", tmp_path / "work", "--image", f"docker://{registry.name}", "--time-limit", "2")
        assert time.monotonic() - started < 20
    assert ran.code in (1, 3)
    assert "the time limit of 2 s was over" in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("0", 0), ("", 0)])
def test_durations(text: str, seconds: float) -> None:
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["10 m", "m", "-1", "1e3", "١m", "1.2.3s", "nan", "inf", "."])
def test_no_durations(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration; write it as"):
        parse_duration(text)
