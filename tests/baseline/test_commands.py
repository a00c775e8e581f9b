"""``leaksweep init`` and ``leaksweep baseline``: the files they write, and what becomes of the next scan."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from leaksweep.baseline import added, decision, of_reports, pruned
from leaksweep.errors import UsageError
from leaksweep.inputs import parse
from leaksweep.settings import init
from leaksweep.settings.known import load
from leaksweep.triage.rulings import KEY, Known
from support.fakes import github
from support.program import leaksweep

BASELINE = ".leaksweep-baseline.toml"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with two secrets."""
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"T=" + github(name) + b"\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def known() -> dict[str, Known]:
    return load(BASELINE, trusted=False)


# ---------------------------------------------------------------- init


def test_init_writes_a_configuration_with_a_salt_of_its_own(here: Path) -> None:
    (here / "sub").mkdir()
    texts = [Path(init.write(folder)).read_text() for folder in (".", "sub")]
    salts = [parse(text.encode(), "x")["identity"]["salt"] for text in texts]
    assert salts[0] != salts[1]
    assert min(map(len, salts)) >= 32
    assert leaksweep("scan", ".", cwd=here).code == 1


def test_everything_in_the_comments_of_init_is_right(here: Path) -> None:
    text = Path(init.write(".")).read_text()
    lines = [line.removeprefix("# ") for line in text.splitlines() if "=" in line or "[" in line]
    Path(".leaksweep.toml").write_text("\n".join(lines).replace('"ci/rules"', ""))
    assert leaksweep("config", "show", cwd=here).code == 0


def test_init_overwrites_nothing(here: Path) -> None:
    Path(".leaksweep.toml").write_text("# mine\n")
    ran = leaksweep("init", cwd=here)
    assert ran.code == 2
    assert ran.error == ".leaksweep.toml is there already; change it by hand, or remove it first"
    assert Path(".leaksweep.toml").read_text() == "# mine\n"
    assert leaksweep("init", "/no/such", cwd=here).code == 2


def test_the_salt_makes_ids_of_its_own(here: Path) -> None:
    def ids() -> set[str]:
        return {row["id"] for row in json.loads(leaksweep("scan", "--report", "json=-", cwd=here).out)["findings"]}

    before = ids()
    init.write(".")
    assert len(before) == len(ids()) == 2
    assert not before & ids()


def test_decisions_survive_another_key(here: Path) -> None:
    assert leaksweep("baseline", "create", "--reason", "old", cwd=here).code == 0
    before = known()
    init.write(".")
    assert leaksweep("scan", cwd=here).code == 1, "with a salt every id is another"
    ran = leaksweep("baseline", "rekey", cwd=here)
    assert (ran.code, ran.err) == (0, "")
    assert leaksweep("scan", cwd=here).code == 0
    assert set(known()).isdisjoint(before)
    assert sorted(known().values()) == sorted(before.values())
    assert leaksweep("baseline", "rekey", cwd=here).out.endswith("0 added, 0 removed\n"), "twice is once"
    salt = parse(Path(".leaksweep.toml").read_bytes(), "x")["identity"]["salt"]
    key = {"LEAKSWEEP_FINGERPRINT_KEY": "another", "LEAKSWEEP_OLD_FINGERPRINT_KEY": salt}
    assert leaksweep("baseline", "rekey", cwd=here, env=key).code == 0
    assert leaksweep("scan", cwd=here, env=key).code == 0
    assert leaksweep("scan", cwd=here).code == 1
    for file in here.glob("*.env"):
        file.unlink()
    lost = leaksweep("baseline", "rekey", cwd=here)
    assert "entries are of secrets that are found no longer" in lost.out


# ---------------------------------------------------------------- create, update, prune


def test_create_knows_every_new_secret_and_the_next_scan_passes(here: Path) -> None:
    ran = leaksweep("baseline", "create", "--reason", "old", "--owner", "ops", "--expires", "2099-01-31", cwd=here)
    assert ran == (0, f"{BASELINE}: 2 secrets, 2 added, 0 removed\n", "")
    entry = Known("accepted", "github-personal-access-token", "old", "ops", "2099-01-31")
    assert list(known().values()) == [entry, entry]
    assert stat.S_IMODE(Path(BASELINE).stat().st_mode) == 0o644
    scanned = leaksweep("scan", cwd=here)
    assert scanned.code == 0
    assert "why      accepted: old (owner ops, until 2099-01-31)\n" in scanned.out
    again = leaksweep("baseline", "create", cwd=here)
    assert (again.code, again.error) == (2, f"{BASELINE} is there already; use leaksweep baseline update")


def test_update_adds_what_is_new_and_keeps_decisions(here: Path) -> None:
    leaksweep("baseline", "create", "--state", "revoked", cwd=here)
    (here / "c").write_bytes(github("c"))
    assert leaksweep("baseline", "update", cwd=here).out == f"{BASELINE}: 3 secrets, 1 added, 0 removed\n"
    assert sorted(entry.state for entry in known().values()) == ["accepted", "revoked", "revoked"]


def test_prune_removes_what_is_gone_but_not_after_a_scan_with_gaps(here: Path) -> None:
    leaksweep("baseline", "create", cwd=here)
    (here / "b").unlink()
    (here / "locked").touch(0)
    ran = leaksweep("baseline", "prune", cwd=here, powerless=True)
    assert (ran.code, len(known())) == (2, 2)
    assert "the scan is incomplete" in ran.error
    (here / "locked").unlink()
    assert leaksweep("baseline", "prune", cwd=here).out == f"{BASELINE}: 1 secret, 0 added, 1 removed\n"


def test_a_report_does_instead_of_a_scan(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    report = tmp_path_factory.mktemp("out") / "r.json"
    leaksweep("scan", "--report", f"json={report}", cwd=here)
    (here / "a").unlink()
    assert leaksweep("baseline", "create", "--from", report, cwd=here).code == 0
    assert len(known()) == 2
    leaksweep("scan", "--report", f"json={report}", cwd=here)
    assert leaksweep("baseline", "prune", "--from", report, cwd=here).code == 0
    assert len(known()) == 1


def test_scans_options_are_taken(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub/x").write_bytes(github("x"))
    out = leaksweep("baseline", "create", "sub", "--baseline", "k.toml", "--fail-on", "high", cwd=here).out
    assert out == "k.toml: 1 secret, 1 added, 0 removed\n"
    assert leaksweep("scan", "sub", "--baseline", "k.toml", cwd=here).code == 0
    assert leaksweep("scan", "sub", cwd=here).code == 1
    missing = leaksweep("scan", "--baseline", "no.toml", cwd=here)
    assert (missing.code, missing.error[:24]) == (2, "no.toml: cannot be read:")
    assert leaksweep("baseline", "create", "--no-config", cwd=here).code == 2


def test_the_repositorys_baseline_is_not_read_without_its_configuration(here: Path) -> None:
    leaksweep("baseline", "create", cwd=here)
    assert leaksweep("scan", "--no-config", cwd=here).code == 1
    assert leaksweep("scan", "--no-config", "--baseline", BASELINE, cwd=here).code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--state", "fine"), "--state fine: no such state; use one of accepted, false-positive, revoked"),
        (("--expires", "soon"), "--expires soon: no date; write it as 2027-01-31"),
        (("--from", "a"), "a: is no whole json report of leaksweep"),
        (("--from", "none"), "none: cannot be read"),
    ],
)
def test_mistakes_are_told(here: Path, options: tuple[str, ...], words: str) -> None:
    ran = leaksweep("baseline", "create", *options, cwd=here)
    assert ran.code == 2
    assert words in ran.error
    assert not Path(BASELINE).exists()


def test_a_reason_that_holds_the_secret_is_refused(here: Path) -> None:
    ran = leaksweep("baseline", "create", "--reason", f"it is {github('a').decode()}", cwd=here)
    assert ran.code == 2
    assert github("a").decode() not in ran.err
    assert not Path(BASELINE).exists()


def test_expired_entries_are_kept_for_people_to_renew() -> None:
    old = {"a" * KEY: Known("accepted", "x", expires="2020-01-01")}
    assert added(old, {"a" * KEY: "x", "b" * KEY: "y"}, decision("revoked", "r")) == {
        **old,
        "b" * KEY: Known("revoked", "y", "r"),
    }


@pytest.mark.parametrize("text", ["", "[]", "1", '{"schema": 2}', '{"schema": 1, "complete": true, "findings": [{}]}'])
def test_a_foreign_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r").write_text(text)
    with pytest.raises(UsageError, match="is no whole json report"):
        of_reports([str(tmp_path / "r")])


def test_nothing_is_pruned_by_an_incomplete_report(tmp_path: Path) -> None:
    (tmp_path / "r").write_text('{"schema": 1, "complete": false, "findings": []}')
    with pytest.raises(UsageError, match="incomplete"):
        pruned({}, of_reports([str(tmp_path / "r")]))
