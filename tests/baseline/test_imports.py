"""Lists of gitleaks and detect-secrets: what is surely the same secret is taken over, the rest is told."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from leaksweep.baseline.imports import Foreign, imported, read
from leaksweep.errors import UsageError
from leaksweep.model import File, LayerFile
from leaksweep.settings.known import load
from leaksweep.triage.rulings import KEY, Known
from support.fakes import github
from support.program import leaksweep
from support.results import LAYER, finding, seen

ONE = finding(1, seen(File("src/a.py"), 7))
RULE = "github-personal-access-token"


def entry(
    file: str = "src/a.py", line: int = 7, rule: str = "github-pat", digest: str = "", secret: bytes = b""
) -> Foreign:
    return Foreign(file, line, rule, "accepted", digest, secret)


def taken(*entries: Foreign) -> list[str]:
    return list(imported(entries, [ONE], "x/.gitleaksignore").known)


# ---------------------------------------------------------------- reading


def test_gitleaksignore_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".gitleaksignore"
    file.write_text(
        "# why\n\n0123456789abcdef0123456789abcdef01234567:src/a.py:github-pat:7\nb:c d.txt:aws-access-token:12 # x\n"
    )
    assert read(str(file)) == [
        Foreign("src/a.py", 7, "github-pat", "accepted"),
        Foreign("b:c d.txt", 12, "aws-access-token", "accepted"),
    ]


def test_a_gitleaks_report_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gitleaks.json"
    row = {"RuleID": "github-pat", "File": "./src/a.py", "StartLine": 7, "EndLine": 7}
    file.write_text(json.dumps([{**row, "Secret": "REDACTED"}, {**row, "Secret": "hunter2"}, row]))
    plain = Foreign("src/a.py", 7, "github-pat", "accepted")
    assert read(str(file)) == [plain, plain._replace(secret=b"hunter2"), plain]


def test_a_detect_secrets_baseline_is_read(tmp_path: Path) -> None:
    file = tmp_path / ".secrets.baseline"
    row = {"type": "GitHub Token", "filename": "src\\a.py", "hashed_secret": "ab" * 20, "line_number": 7}
    file.write_text(json.dumps({"version": "1.5.0", "results": {"src\\a.py": [row, {**row, "is_secret": False}]}}))
    plain = Foreign("src/a.py", 7, "GitHub Token", "accepted", "ab" * 20)
    assert read(str(file)) == [plain, plain._replace(state="false-positive")]


@pytest.mark.parametrize("text", ["x", "{}", "[1]", '[{"File": "a"}]', '{"results": []}', '{"results": {"a": 1}}', "{"])
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(UsageError, match="is no list of known secrets"):
        read(str(tmp_path / "x"))


# ---------------------------------------------------------------- matching


def test_file_line_and_provider_make_a_match() -> None:
    assert imported([entry()], [ONE], "x/.gitleaksignore").known == {
        ONE.id[:KEY]: Known("accepted", RULE, "imported from .gitleaksignore")
    }
    assert taken(entry(rule="generic-api-key")) == taken(entry(rule="Secret Keyword")) == [ONE.id[:KEY]]


@pytest.mark.parametrize(
    "other",
    [entry(line=8), entry(file="src/b.py"), entry(rule="aws-access-token"), entry(rule="Slack Token")],
)
def test_another_file_line_or_provider_makes_none_and_is_listed(other: Foreign) -> None:
    got = imported([other], [ONE], "x")
    assert (got.known, got.unmatched) == ({}, [other])


def test_a_layer_is_not_the_repository() -> None:
    layer = finding(1, seen(LayerFile("app", "app:1", 1, LAYER, "src/a.py"), 7))
    assert imported([entry()], [layer], "x").known == {}


def test_the_secrets_hash_decides_wherever_it_is() -> None:
    digest = hashlib.sha1(ONE.secret.reveal()).hexdigest()
    assert taken(entry(line=99, file="moved", digest=digest)) == [ONE.id[:KEY]]
    assert taken(entry(digest="ab" * 20)) == []  # another secret stands there today
    assert taken(entry(digest="ab" * 20, rule="Private Key")) == []  # and is no private key
    assert taken(entry(line=99, secret=ONE.secret.reveal())) == [ONE.id[:KEY]]
    assert taken(entry(secret=b"x" * 40)) == []


def test_the_program_imports_and_lists(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\nT=" + github("a") + b"\n")
    (tmp_path / ".gitleaksignore").write_text("a:github-pat:2\nb\x1b:github-pat:3\n")
    ran = leaksweep("baseline", "import", ".gitleaksignore", cwd=tmp_path)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out == ("not matched: b\\x1b:3 github-pat\n.leaksweep-baseline.toml: 1 secret, 1 added, 0 removed\n")
    (known,) = load(str(tmp_path / ".leaksweep-baseline.toml"), trusted=False).values()
    assert known == Known("accepted", RULE, "imported from .gitleaksignore")
    assert leaksweep("scan", cwd=tmp_path).code == 0
