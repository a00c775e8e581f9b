"""The program itself: exit codes, one line for each error, whole reports or none, and input that means harm."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import leaksweep as package
from leaksweep.reports import REPORTS
from support.fakes import github
from support.program import IN_CONTAINER, ROOT, command, leaksweep, run


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A folder with one secret."""
    folder = tmp_path / "planted"
    folder.mkdir()
    (folder / ".env").write_bytes(b"GITHUB_TOKEN=" + github() + b"\n")
    return folder


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A folder without one."""
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "readme").write_text("nothing here\n")
    return folder


def findings(report: Path | str) -> list[dict[str, Any]]:
    text = report if isinstance(report, str) else report.read_text()
    found: list[dict[str, Any]] = json.loads(text)["findings"]
    return found


# ---------------------------------------------------------------- exit codes


def test_clean_is_0(clean: Path) -> None:
    ran = leaksweep("scan", clean)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("leaksweep: no secrets found\n")


def test_findings_are_1_and_shown_redacted(planted: Path) -> None:
    ran = leaksweep("scan", planted)
    assert (ran.code, ran.err) == (1, "")
    assert "GitHub Personal Access Token" in ran.out
    assert github().decode() not in ran.out


def test_below_the_threshold_is_0_and_still_told(planted: Path) -> None:
    ran = leaksweep("scan", planted, "--fail-on", "never")
    assert ran.code == 0
    assert "GitHub Personal Access Token" in ran.out


def test_a_gap_is_3_unless_allowed_and_findings_outrank_it(planted: Path) -> None:
    (planted / "locked").write_text("x")
    (planted / "locked").chmod(0)
    report = planted.parent / "out.json"
    ran = leaksweep("scan", planted, "--fail-on", "never", "--report", f"json={report}", powerless=True)
    assert ran.code == 3
    assert "SKIPPED   locked: cannot be read: Permission denied\n" in ran.out
    assert json.loads(report.read_text())["skipped"] == [{"what": "locked", "why": "cannot be read: Permission denied"}]
    assert leaksweep("scan", planted, "--fail-on", "never", "--allow-skipped", powerless=True).code == 0
    assert leaksweep("scan", planted, powerless=True).code == 1


def test_a_folder_without_permission_is_a_gap(clean: Path) -> None:
    (clean / "locked").mkdir(mode=0)
    ran = leaksweep("scan", clean, powerless=True)
    assert ran.code == 3
    assert "SKIPPED   locked/: cannot be read: Permission denied\n" in ran.out


# ---------------------------------------------------------------- errors are one line


def test_a_missing_path_is_2() -> None:
    ran = leaksweep("scan", "/no/such/place")
    assert ran.code == 2
    assert ran.error == "/no/such/place: there is no such file or folder; give the path of a folder to scan"


@pytest.mark.skipif(IN_CONTAINER, reason="docker does not start a container in a folder that is gone")
def test_a_current_folder_that_is_gone_is_2(clean: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    call = shlex.join(command("scan", clean))
    done = subprocess.run(["sh", "-c", f"rmdir {gone}; {call}"], cwd=gone, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "leaksweep: error: the current folder is no longer there; change to one that is\n"


def test_an_unknown_option_is_2(clean: Path) -> None:
    ran = leaksweep("scan", clean, "--reprot", "x")
    assert ran.code == 2
    assert ran.error.startswith("No such option: --reprot")


def test_an_unknown_command_is_2() -> None:
    ran = leaksweep("scna")
    assert ran.code == 2
    assert "scna" in ran.error


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("xml=out.xml", "'xml' is no report format; use one of sarif, json, summary, "),
        ("json", "a file is missing"),
        ("json=", "a file is missing"),
        ("json=/no/such/folder/out.json", "the folder /no/such/folder does not exist; make it first"),
        ("json=/", "/ is not a regular file"),
    ],
)
def test_a_bad_report_is_2_before_the_scan(clean: Path, report: str, words: str) -> None:
    ran = leaksweep("scan", clean, "--report", report)
    assert ran.code == 2
    assert words in ran.error


def test_a_bad_threshold_is_2(clean: Path) -> None:
    ran = leaksweep("scan", clean, "--fail-on", "loud")
    assert ran.code == 2
    assert "use one of critical, high, medium, low, never" in ran.error


def test_two_reports_in_one_file_are_2(clean: Path, tmp_path: Path) -> None:
    ran = leaksweep("scan", clean, "--report", f"json={tmp_path}/o", "--report", f"summary={tmp_path}/o")
    assert ran.code == 2
    assert "give each its own file" in ran.error


def test_a_folder_that_takes_no_report_is_2_and_leaves_nothing(clean: Path, tmp_path: Path) -> None:
    locked, free = tmp_path / "locked", tmp_path / "free"
    locked.mkdir(mode=0o555)
    free.mkdir()
    reports = ("--report", f"json={free}/out.json", "--report", f"summary={locked}/out.txt")
    ran = leaksweep("scan", clean, *reports, powerless=True)
    assert ran.code == 2
    assert ran.error == f"{locked}/out.txt: cannot be written: Permission denied; choose a folder you may write to"
    assert [*free.iterdir(), *locked.iterdir()] == []


def test_a_device_is_not_replaced_by_a_report(clean: Path) -> None:
    ran = leaksweep("scan", clean, "--report", "json=/dev/null")
    assert ran.code == 2
    assert "/dev/null is not a regular file" in ran.error
    assert not Path("/dev/null").is_file()


def test_a_torn_image_is_3_without_a_report(clean: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole.tar", tmp_path / "torn.tar"
    with tarfile.open(whole, "w") as tar:
        tar.add(ROOT / "LICENSE", "manifest.json")
    torn.write_bytes(whole.read_bytes()[:6000])
    report = tmp_path / "out.json"
    ran = leaksweep("scan", clean, "--image", torn, "--report", f"json={report}")
    assert ran.code == 3
    assert str(torn) in ran.error
    assert not report.exists()


class _Refusing(BaseHTTPRequestHandler):
    """A registry that lets nobody in."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[str]:
    """The host and port of a registry that answers 403 to everything."""
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_registry_that_refuses_is_3_without_a_report(clean: Path, tmp_path: Path, refusing: str) -> None:
    report = tmp_path / "out.json"
    call = ("scan", clean, "--image", f"docker://{refusing}/app:1", "--insecure-registry", refusing)
    ran = leaksweep(*call, "--report", f"json={report}", env={"LEAKSWEEP_REGISTRY_PASSWORD": "hunter2"})
    assert ran.code == 3
    assert refusing in ran.error
    assert "hunter2" not in ran.err
    assert not report.exists()


def test_a_registry_that_is_not_there_is_3(clean: Path) -> None:
    with socket.socket() as held:  # bound, and not listening: refused, and taken by nobody else
        held.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{held.getsockname()[1]}"
        ran = leaksweep("scan", clean, "--image", f"docker://{host}/app:1", "--insecure-registry", host)
    assert ran.code == 3
    assert host in ran.error


# ---------------------------------------------------------------- reports


def test_every_report_is_written_and_two_runs_are_equal(planted: Path, tmp_path: Path) -> None:
    for run_ in ("1", "2"):
        (tmp_path / run_).mkdir()
        reports = [f"--report={name}={tmp_path / run_ / name}" for name in REPORTS]
        assert leaksweep("scan", planted, *reports).code == 1
    for name in REPORTS:
        first, second = ((tmp_path / run_ / name).read_bytes() for run_ in "12")
        assert first == second
        assert github() not in first
        assert b"github-personal-access-token" in first or name in ("summary", "markdown", "github")


def test_reports_of_the_run_before_are_not_scanned(planted: Path) -> None:
    reports = [f"--report={name}={planted / name}.report" for name in REPORTS]
    runs = [leaksweep("scan", planted, *reports, f"--coverage={planted}/coverage.json") for _ in range(2)]
    assert runs[0].code == 1
    assert runs[0] == runs[1]


def test_a_report_replaces_an_old_one_and_leaves_no_other_file(planted: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "out.json").write_text("old")
    assert leaksweep("scan", planted, "--report", f"json={folder}/out.json").code == 1
    assert len(findings(folder / "out.json")) == 1
    assert os.listdir(folder) == ["out.json"]
    assert (folder / "out.json").stat().st_mode & 0o777 == 0o644


def test_a_link_laid_in_the_way_of_a_report_is_replaced_not_followed(planted: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (planted / "out.json").symlink_to(victim)
    assert leaksweep("scan", planted, "--report", f"json={planted}/out.json").code == 1
    assert victim.read_text() == "precious"
    assert len(findings(planted / "out.json")) == 1


@pytest.mark.parametrize("screen", ["-", "/dev/stdout"])
def test_a_report_on_standard_output_is_alone_there(planted: Path, screen: str) -> None:
    ran = leaksweep("scan", planted, "--report", f"json={screen}")
    assert ran.code == 1
    assert len(findings(ran.out)) == 1
    assert "leaksweep: 1 secret found (1 critical)\n" in ran.err


def test_a_reader_that_goes_away_is_no_error(planted: Path) -> None:
    call = command("scan", planted, "--report", "json=-")
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        error = process.stderr.read()
    assert process.returncode == 1
    assert b"Broken" not in error
    assert b"Exception" not in error


@pytest.mark.skipif(IN_CONTAINER, reason="the container's output goes through a pipe of the engine")
def test_a_full_disk_is_told_and_a_closed_output_is_no_error(planted: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command("scan", planted), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"leaksweep: error: <stdout>: cannot be written: No space left on device; make room\n"
    assert run("sh", "-c", '"$@" >&-', "sh", *command("scan", planted)).code == 1


# ---------------------------------------------------------------- the first steps of a new user


def test_version() -> None:
    ran = leaksweep("--version")
    assert ran == (0, f"leaksweep {package.__version__}\n", "")


def test_help_lists_the_commands() -> None:
    ran = leaksweep("--help")
    assert (ran.code, ran.err) == (0, "")
    assert "scan" in ran.out
    assert "rules" in ran.out


def test_no_command_is_help_and_2() -> None:
    ran = leaksweep()
    assert ran.code == 2
    assert ran.out == leaksweep("--help").out


def test_the_path_is_here_unless_given(planted: Path) -> None:
    ran = leaksweep("scan", "--report", "json=-", cwd=planted)
    assert [f["places"][0]["uri"] for f in findings(ran.out)] == [".env"]


# ---------------------------------------------------------------- input that means harm


def test_a_hostile_tree_is_scanned_to_its_end(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    tree.mkdir()
    outside.mkdir()
    (outside / "key").write_bytes(github("outside"))
    os.mkfifo(tree / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(tree, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    (tree / "loop").symlink_to(tree)
    (tree / "self").symlink_to("self")
    (tree / "out").symlink_to(outside)
    (tree / "key").symlink_to(outside / "key")
    (tree / "device").symlink_to("/dev/zero")
    with open(tree / "huge", "wb") as sparse:
        sparse.seek(1 << 40)
        sparse.write(b"\n" + github("huge") + b"\n")
    for name in (
        b"a\n::error::b",
        b"\xff\xfe",
        b"--report",
        b"$(touch x)",
        b"%41:b,c",
        b"\x1b[2J",
        "\u202eexe".encode(),
    ):
        (tree / os.fsdecode(name)).write_bytes(github(name.hex()) + b"\n")
    (tree / ("d" * 250)).mkdir()

    ran = leaksweep("scan", tree, "--report", f"json={tmp_path}/out.json", "--report", f"sarif={tmp_path}/out.sarif")
    assert ran.code == 1, ran.err
    uris = {f["places"][0]["uri"] for f in findings(tmp_path / "out.json")}
    hard = {"a%0A%3A%3Aerror%3A%3Ab", "%FF%FE", "--report", "%24%28touch%20x%29", "%2541%3Ab%2Cc", "%1B%5B2J"}
    assert uris == {"huge", *hard, "%E2%80%AEexe"}
    assert not [line for line in ran.out.splitlines() if line.lstrip().startswith(("::", "##["))]
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "SKIPPED" not in ran.out
    json.loads((tmp_path / "out.sarif").read_bytes())


def test_a_deep_tree_is_scanned_to_its_end(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d" * 10, dir_fd=here)
        below = os.open("d" * 10, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with open(os.open("key", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as file:
        file.write(github())
    os.close(here)
    assert leaksweep("scan", tmp_path).code == 1


def test_files_that_come_and_go_are_no_crash(tmp_path: Path) -> None:
    tree, stop = tmp_path / "tree", threading.Event()
    tree.mkdir()
    (tree / "key").write_bytes(github())

    def churn() -> None:
        while not stop.is_set():
            for number in range(200):
                (tree / f"f{number}").write_text("x" * number)
            for number in range(200):
                (tree / f"f{number}").unlink()

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        codes = {leaksweep("scan", tree, "--report", f"json={tmp_path}/out.json").code for _ in range(3)}
    finally:
        stop.set()
        thread.join()
    assert codes == {1}
    assert [f["places"][0]["uri"] for f in findings(tmp_path / "out.json")] == ["key"]


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "nowhere"}])
def test_without_a_utf8_locale_output_is_the_same(planted: Path, locale: dict[str, str]) -> None:
    (planted / "ü\udcff").write_bytes(github("umlaut"))
    usual = leaksweep("scan", planted, env={"LC_ALL": "C.UTF-8"})
    assert usual.code == 1
    assert usual == leaksweep("scan", planted, env=locale)
    wrong = leaksweep("scan", "/ü", env=locale)
    assert wrong.code == 2
    assert wrong.error.endswith("there is no such file or folder; give the path of a folder to scan")


def test_without_a_home_and_without_a_cache_it_scans(planted: Path) -> None:
    nothing = {"HOME": "", "XDG_CACHE_HOME": "", "LEAKSWEEP_CACHE_DIR": ""}
    assert leaksweep("scan", planted, env=nothing).code == 1
    assert leaksweep("scan", planted, env={"LEAKSWEEP_CACHE_DIR": "/proc/nowhere"}).code == 1


# ---------------------------------------------------------------- what is installed


def test_the_wheel_runs_where_the_source_is_not(planted: Path, tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT)
    assert built.code == 0, built.err
    (wheel,) = (tmp_path / "dist").iterdir()
    python = tmp_path / "venv" / "bin" / "python"
    assert run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv").code == 0
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet")
    installed = run(*pip, wheel)
    assert installed.code == 0, installed.err
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")))
    where = run(python, "-c", "import leaksweep; print(leaksweep.__file__)", cwd=tmp_path)
    assert str(site) in where.out

    entry = tmp_path / "venv" / "bin" / "leaksweep"
    assert (0, f"leaksweep {package.__version__}\n", "") == run(entry, "--version", cwd=tmp_path)
    report = tmp_path / "out.sarif"
    ran = run(entry, "scan", planted, "--report", f"sarif={report}", cwd=tmp_path)
    assert ran.code == 1, ran.err
    page = tmp_path / "page.html"
    assert run(entry, "scan", planted, f"--report=html={page}", cwd=tmp_path).code == 1
    assert b"</html>" in page.read_bytes()
    assert {path.name for path in (ROOT / "schemas").iterdir()} == set(os.listdir(site / "leaksweep" / "schemas"))

    (planted / ".leaksweep.toml").write_text('[[ignore]]\npath = "**"\nreason = "a test"\n')
    assert run(entry, "scan", planted, cwd=tmp_path).code == 0
    profiles = {path.name for path in (ROOT / "sarif").rglob("*.json")}
    assert profiles <= {path.name for path in (site / "leaksweep" / "sarif_profiles").rglob("*.json")}
