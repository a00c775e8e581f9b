"""A cache that was damaged, cannot be written, or is shared: rebuilt, never trusted, and the reports are the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from leaksweep.cache import Cache
from leaksweep.engine.prefilter import Hyperscan
from support.fakes import github
from support.images import Oci, tar
from support.program import command, leaksweep
from support.repos import Repo

KINDS = ("clean", "hyperscan", "layers", "rules", "triggers", "walk")
SLOW = "hyperscan"  # compiled in seconds: damaged in a test of its own
KEY = b"T=" + github("cache") + b"\n"
Damage = Callable[[Path], object]


def _flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _elsewhere(file: Path) -> None:
    """A link to what was there once, for other rules."""
    file.unlink()
    file.symlink_to("/dev/zero")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, Damage] = {
    "torn": lambda file: os.truncate(file, file.stat().st_size // 2),
    "empty": lambda file: os.truncate(file, 0),
    "flipped": _flipped,
    "garbage": lambda file: file.write_bytes(os.urandom(5000)),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
    "pipe": _pipe,
    "link": _elsewhere,
    "folder": _folder,
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A history and an image, a secret in each, and clean contents to be remembered."""
    folder = tmp_path_factory.mktemp("scene")
    repo = Repo(folder / "repo")
    repo.commit("clean", **{f"f{n}": b"clean %d\n" % n for n in range(4)})
    repo.commit("leak", a__env=KEY)
    oci = Oci()
    oci.roots.append(oci.image(tar(("etc/x", b"clean\n")), tar(("a.env", b"T=" + github("layer") + b"\n"))))
    return [str(repo.folder), "--history", "--image", "oci:" + oci.write(folder / "image")]


@pytest.fixture(scope="module")
def compiled(rules: object, engine: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache with the compiled rules, as the whole test run has it."""
    return Path(tmp_path_factory.getbasetemp(), "cache")


@pytest.fixture
def cache(compiled: Path, tmp_path: Path) -> Path:
    """A cache of the test's own that has only what takes seconds to make."""
    (tmp_path / "cache").mkdir()
    for file in compiled.glob(f"{SLOW}-*"):
        os.link(file, tmp_path / "cache" / file.name)
    return tmp_path / "cache"


def told(err: str) -> list[str]:
    """What is said besides how far it is."""
    return [line for line in err.splitlines() if not line.startswith("leaksweep: oci:")]


def scan(scene: list[str], cache: Path, file: Path) -> bytes:
    ran = leaksweep("scan", *scene, f"--report=json={file}", env={"LEAKSWEEP_CACHE_DIR": str(cache)}, powerless=True)
    assert (ran.code, told(ran.err)) == (1, [])
    return file.read_bytes()


def test_whatever_is_wrong_with_its_files_the_report_is_the_same(scene: list[str], cache: Path, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    first = scan(scene, cache, report)
    assert set(KINDS) <= {file.name.partition("-")[0] for file in cache.iterdir()}
    for name, damage in DAMAGES.items():
        for file in [*cache.iterdir()]:
            if not file.name.startswith(SLOW):
                damage(file)
        assert scan(scene, cache, report) == first, name
        if name == "folder":  # the only thing that is in the way of the new file
            break
        assert all(file.is_file() and not file.is_symlink() for file in cache.iterdir()), name
        assert scan(scene, cache, report) == first, name


@pytest.mark.parametrize("damage", DAMAGES)
def test_compiled_rules_that_are_damaged_are_compiled_again(damage: str, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    patterns = [r"ghp_[0-9a-z]{10}", r"AKIA[0-9A-Z]{16}"]
    text = b"x ghp_0123456789 "
    wanted = Hyperscan(patterns, cache).ends(text)
    (file,) = tmp_path.iterdir()
    DAMAGES[damage](file)
    assert wanted == Hyperscan(patterns, cache).ends(text)


def test_one_that_cannot_be_written_costs_nothing_but_time(scene: list[str], cache: Path, tmp_path: Path) -> None:
    first = scan(scene, cache, tmp_path / "a.json")
    kept = {file.name for file in cache.iterdir()}
    for file in cache.iterdir():
        if not file.name.startswith((SLOW, "rules")):
            file.unlink()
    cache.chmod(0o500)
    try:
        assert scan(scene, cache, tmp_path / "b.json") == first
    finally:
        cache.chmod(0o700)
    assert {file.name for file in cache.iterdir()} < kept


def test_four_runs_that_fill_it_at_once_say_the_same(scene: list[str], cache: Path, tmp_path: Path) -> None:
    env = {**os.environ, "LEAKSWEEP_CACHE_DIR": str(cache)}
    calls = [command("scan", *scene, f"--report=json={tmp_path / str(n)}") for n in range(4)]
    runs = [subprocess.Popen(call, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for call in calls]
    ended = [(told(run.communicate(timeout=60)[1].decode()), run.returncode) for run in runs]
    assert ended == [([], 1)] * 4
    assert 1 == len({(tmp_path / str(n)).read_bytes() for n in range(4)})
    names = {file.name.partition("-")[0] for file in cache.iterdir()}
    assert names == set(KINDS), "no temporary file"
    assert scan(scene, cache, tmp_path / "after") == (tmp_path / "0").read_bytes()
