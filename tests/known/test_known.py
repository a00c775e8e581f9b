"""``--known``: values of real and imitated stores, found in any form, and never told."""

from __future__ import annotations

import base64
import html
import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.engine.kept import forms
from leaksweep.errors import UsageError
from leaksweep.known import gather
from leaksweep.model import Blob, Kept, Rule
from leaksweep.redact import Secret
from support import stores
from support.program import Ran, leaksweep
from support.repos import Repo

VALUE = 'Tr0ub4dor&3 "stapel" für/uns'  #: of no type that any rule knows


def scan(folder: Path, *known: str, env: dict[str, str] | None = None, more: tuple[str, ...] = ()) -> Ran:
    """Scan with these stores; nothing that it prints holds a value."""
    done = leaksweep("scan", folder, *(f"--known={spec}" for spec in known), *more, env=env)
    assert VALUE not in done.out + done.err
    return done


def findings(folder: Path, *known: str, env: dict[str, str] | None = None) -> list[dict[str, object]]:
    """The findings of such a scan."""
    report = folder.parent / f"{folder.name}.json"
    done = scan(folder, *known, env=env, more=("--report", f"json={report}"))
    assert done.code in (0, 1), done
    found: list[dict[str, object]] = json.loads(report.read_bytes())["findings"]
    assert VALUE not in report.read_text()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the value in one of its files."""
    made = tmp_path / "work"
    made.mkdir()
    (made / "notes.txt").write_text(f"call them: {VALUE}\n")
    return made


def test_vault_s_values_are_found_and_their_path_is_named(folder: Path) -> None:
    kept = {
        "app/db": {"password": VALUE, "user": "app"},
        "app/deep/er": {"key": "unrelated-0123456789"},
        "other": {"x": "y"},
    }
    with stores.vault(kept) as env:
        assert scan(folder).code == 0
        (found,) = findings(folder, "vault:secret/app", env=env)
    assert found["rule"] == "known-secret"
    assert found["proofs"] == ["kept in vault:secret/app/db#password"]
    assert found["secret"] == f"… ({len(VALUE.encode())} bytes)"


def test_vault_with_a_namespace_and_of_a_whole_mount(folder: Path) -> None:
    with stores.vault({"a": {"k": VALUE}}, namespace="team") as env:
        (found,) = findings(folder, "vault:secret", env=env)
        assert found["proofs"] == ["kept in vault:secret/a#k"]
        wrong = scan(folder, "vault:secret", env=env | {"VAULT_NAMESPACE": "other"})
    assert wrong.code == 2
    assert wrong.error == "--known vault:secret: permission denied; give the token a policy to read it"


def test_a_secret_of_vault_by_its_own_path(folder: Path) -> None:
    with stores.vault({"app/db": {"password": VALUE}}) as env:
        (found,) = findings(folder, "vault:secret/app/db", env=env)
    assert found["proofs"] == ["kept in vault:secret/app/db#password"]


def test_aws_s_values_are_found_plain_and_in_objects(folder: Path) -> None:
    with stores.secrets_manager({"prod/db": json.dumps({"password": VALUE, "port": 1}), "test/x": VALUE}) as env:
        (found,) = findings(folder, "aws-sm:prod/", env=env)
        assert found["proofs"] == ["kept in aws-sm:prod/db#password"]
        (both,) = findings(folder, "aws-sm:", env=env)
    assert both["proofs"] == ["kept in aws-sm:prod/db#password, aws-sm:test/x"]


def test_conjur_s_values_are_found(folder: Path) -> None:
    with stores.conjur({"app/db/password": VALUE, "apple": "unrelated-0123456789"}) as env:
        (found,) = findings(folder, "conjur:app", env=env)
        nothing = scan(folder, "conjur:nowhere", env=env)
    assert found["proofs"] == ["kept in conjur:app/db/password"]
    assert nothing.error == "--known conjur:nowhere: there is nothing to look for; name a place that holds secrets"


def test_conjur_lists_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from leaksweep.known import conjur

    monkeypatch.setattr(conjur, "PAGE", 2)
    with stores.conjur({f"v{n}": f"value-{n}-0123456789" for n in range(5)}) as env:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        assert len(list(conjur.values(""))) == 5


def test_variables_and_a_file(folder: Path, tmp_path: Path) -> None:
    (found,) = findings(folder, "env:PROD_*", env={"PROD_KEY": VALUE, "DEV_KEY": "unrelated-0123456789"})
    assert found["proofs"] == ["kept in env:PROD_KEY"]
    file = tmp_path / "values"
    file.write_text(f"# mine\nexport A='{VALUE}'\n\n{VALUE}x\n")
    (found,) = findings(folder, f"file:{file}")
    assert found["proofs"] == [f"kept in file:{file}#A"]


def test_a_value_that_is_everywhere_is_not_looked_for_and_that_is_said(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "values"
    file.write_text(f"A=true\nB=localhost\nC=123456789\nD=aaaaaaaaaaaa\nE=production\nF={VALUE}\n")
    done = scan(folder, f"file:{file}")
    assert done.code == 1
    for name in "ABCDE":
        assert f"file:{file}#{name} is too short or too common to be looked for" in done.out


def test_a_rule_that_knows_the_type_keeps_the_finding_and_a_general_one_gives_way(tmp_path: Path) -> None:
    from leaksweep.rules.expand import expand

    token = expand("{crc32:ghp_:30}", "known").text.decode()
    work = tmp_path / "work"
    work.mkdir()
    password = expand("{base62:14}", "password").text.decode() + "#$"
    (work / "a.py").write_text(f'token = "{token}"\npassword = "{password}"\n')
    env = {"K_A": token, "K_B": password}
    found = {str(f["rule"]): f["proofs"] for f in findings(work, "env:K_*", env=env)}
    assert found["known-secret"] == ["kept in env:K_B"]
    assert "kept in env:K_A" in found["github-personal-access-token"]  # type: ignore[operator]
    assert len(found) == 2


def test_it_is_found_in_a_history_and_what_was_clean_before_is_read_again(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "work")
    repo.write("a.txt", f"x {VALUE}\n".encode())
    repo.commit()
    repo.write("a.txt", b"gone\n")
    repo.commit()
    assert leaksweep("scan", tmp_path / "work", "--history").code == 0  # and is remembered as clean
    done = scan(tmp_path / "work", "env:PROD", env={"PROD": VALUE}, more=("--history",))
    assert done.code == 1
    assert "Secret from your own store" in done.out
    assert leaksweep("scan", tmp_path / "work", "--history").code == 0


def test_no_byte_of_a_value_stays_on_the_disk(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    assert leaksweep("scan", folder).code == 0
    shutil.copytree(os.environ["LEAKSWEEP_CACHE_DIR"], cache)  # the rules, compiled
    env = {"PROD": VALUE, "LEAKSWEEP_CACHE_DIR": str(cache), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    reports = [f"--report={form}={tmp_path}/report.{form}" for form in ("sarif", "json", "html", "gitlab", "csv")]
    scan(folder, "env:PROD", env=env, more=(*reports, f"--coverage={tmp_path}/coverage.json"))
    written = [file for file in tmp_path.rglob("*") if file.is_file() and file.parent != folder]
    assert len(written) > 6
    told = [form for form, _ in forms(VALUE.encode())]
    assert not [(file, form) for file in written for form in told if form in file.read_bytes()]


def test_the_id_is_the_same_everywhere_and_made_of_the_path_in_the_store(folder: Path) -> None:
    (folder / "b.txt").write_text("nothing\n")
    (first,) = findings(folder, "env:PROD", env={"PROD": VALUE})
    (folder / "notes.txt").rename(folder / "moved.txt")
    (folder / "b.txt").write_text(f"{VALUE} again\n")
    (second,) = findings(folder, "env:PROD", env={"PROD": VALUE})
    assert first["id"] == second["id"]
    assert len(second["places"]) == 2  # type: ignore[arg-type]
    (folder / "moved.txt").write_text("some other value 12345")
    (folder / "b.txt").unlink()
    (third,) = findings(folder, "env:PROD", env={"PROD": "some other value 12345"})
    assert third["id"] == first["id"]


@pytest.mark.parametrize(
    ("spec", "env", "error"),
    [
        ("keepass:x", {}, "--known keepass:x: no such store; use one of vault:…, aws-sm:…, conjur:…, env:…, file:…"),
        ("vault:secret/a", {}, "--known vault:secret/a: VAULT_ADDR is not set"),
        ("vault:", {"VAULT_ADDR": "http://127.0.0.1:9", "VAULT_TOKEN": "x"}, "a mount is missing"),
        ("vault:secret", {"VAULT_ADDR": "http://127.0.0.1:9", "VAULT_TOKEN": "x"}, "Vault does not answer"),
        ("conjur:a", {}, "CONJUR_APPLIANCE_URL is not set"),
        ("env:NO_SUCH_*", {}, "there is nothing to look for"),
        ("file:/no/such", {}, "--known file:/no/such: cannot be read: No such file or directory"),
        (
            "aws-sm:x",
            {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ACCESS_KEY_ID": "x",
                "AWS_SECRET_ACCESS_KEY": "x",
                "AWS_DEFAULT_REGION": "us-east-1",
            },
            "AWS does not answer",
        ),
    ],
)
def test_a_store_that_cannot_be_asked_ends_the_scan(spec: str, env: dict[str, str], error: str, folder: Path) -> None:
    for name in ("VAULT_ADDR", "VAULT_TOKEN"):
        assert name not in os.environ
    done = scan(folder, spec, env=env)
    assert done.code == 2
    assert error in done.error


def test_a_repository_s_own_configuration_may_not_ask_a_store(folder: Path) -> None:
    (folder / ".leaksweep.toml").write_text('[scan]\nknown = ["env:*"]\n')
    done = leaksweep("scan", folder)
    assert done.code == 2
    assert "scan.known: may only stand in a file that you name" in done.error


@given(st.binary(min_size=8, max_size=60), st.binary(max_size=20), st.integers(0, 2))
def test_a_value_is_found_wherever_it_begins_in_a_longer_text(value: bytes, around: bytes, lead: int) -> None:
    inner = around + b"x" * lead + value + around
    wanted = [form for form, _ in forms(value)]
    for text in (inner, base64.b64encode(inner), base64.urlsafe_b64encode(inner), inner.hex().encode()):
        assert any(form in text for form in wanted)


@given(st.text(min_size=8, max_size=40))
def test_a_text_is_found_as_others_escape_it(value: str) -> None:
    wanted = [form for form, _ in forms(value.encode())]
    for text in (quote(value, safe=""), json.dumps(value), json.dumps(value, ensure_ascii=False), html.escape(value)):
        assert any(form in text.encode() for form in wanted)


def test_the_span_is_that_of_the_form(rules: tuple[Rule, ...]) -> None:
    some = [rule for rule in rules if rule.provider.slug in ("github", "generic-assignment")]
    engine = Engine(some, Cache(None), kept=[Kept("env:A", Secret(VALUE.encode()))])
    for form, encoding in forms(VALUE.encode()):
        data = b"-- " + form + b" --"
        (match,) = (m for m in engine.matches(Blob("x", data)) if m.rule.id == "known-secret")
        assert data[match.span.start : match.span.end] in (form, form.rstrip(b"%"))
        assert match.encodings == ((encoding,) if encoding else ())
        assert engine.promising([b"", data, b""]) == [1]


def test_many_values_are_refused_with_a_number(tmp_path: Path) -> None:
    file = tmp_path / "values"
    file.write_text("".join(f"value-{n}-abcdefgh\n" for n in range(5_001)))
    with pytest.raises(UsageError, match="5,001 values, of at most 5,000"):
        gather([f"file:{file}"])
