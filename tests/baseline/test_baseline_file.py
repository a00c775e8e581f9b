"""``.leaksweep-baseline.toml``: what a line says, how it merges, how mistakes are told; and it is no leak itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leaksweep.engine import Engine
from leaksweep.errors import UsageError
from leaksweep.inputs import parse
from leaksweep.model import Blob, Rule
from leaksweep.settings import init, schema
from leaksweep.settings.known import STATES, dump, load
from leaksweep.triage.rulings import KEY, Known
from support.fakes import fake

ONE, TWO = "0123456789abcdef01", "f" * KEY
SCHEMA = schema.load(schema.BASELINE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known.toml"


def test_it_is_one_sorted_line_a_secret(file: Path) -> None:
    known = {
        TWO: Known("revoked", "x-key", "rotated", "ops", "2027-01-31"),
        ONE: Known("accepted", "y-key", 'a "test"\\ account'),
    }
    lines = dump(known).decode().splitlines()
    assert lines[-2:] == [
        f'"{ONE}" = {{ state = "accepted", rule = "y-key", reason = "a \\"test\\"\\\\ account" }}',
        f'"{TWO}" = {{ state = "revoked", rule = "x-key", reason = "rotated", owner = "ops", expires = 2027-01-31 }}',
    ]
    file.write_bytes(dump(known))
    assert load(str(file), trusted=False) == known


ENTRIES = st.builds(
    Known,
    state=st.sampled_from(STATES),
    rule=st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True),
    reason=st.text(),
    owner=st.text(),
    expires=st.sampled_from(["", "2027-01-31"]),
)
KEYS = st.from_regex(r"[0-9a-f]{18}", fullmatch=True)


@given(st.dictionaries(KEYS, ENTRIES, max_size=4))
def test_whatever_is_written_is_read_and_as_the_schema_says(
    tmp_path_factory: pytest.TempPathFactory, known: dict[str, Known]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(dump(known))
    assert dump(load(str(file), trusted=False)) == dump(known)
    Draft202012Validator(SCHEMA).validate(schema.plain(parse(dump(known), "x")))


def test_two_branches_that_add_secrets_merge(file: Path) -> None:
    many = {f"{n:x}" * KEY: Known("accepted", "x-key") for n in range(16)}
    sides = [many | {f"{digit}0{'1' * 16}": Known("revoked", "y-key")} for digit in "2d"]
    names = []
    for name, known in (("ours", sides[0]), ("base", many), ("theirs", sides[1])):
        path = file.with_name(name)
        path.write_bytes(dump(known))
        names.append(str(path))
    done = subprocess.run(["git", "merge-file", "-p", *names], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout == dump(sides[0] | sides[1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "version is missing; add it"),
        ("version = 2\n[secrets]", "version is a number; use one of 1"),
        ("version = '1'\n[secrets]", "version is another text; use one of 1"),
        ("version = 1", "secrets is missing"),
        (f'"{ONE}" = 1', "key that is no word is not known; use one of version, secrets"),
        ("@abc = {}", "secrets: key is 'abc'; it must be: the first 18 digits of a finding's id"),
        (f"@{ONE} = 1", f"secrets.{ONE} is a number; make it a table"),
        (f"@{ONE} = {{state = 'acepted', rule = 'x'}}", f"secrets.{ONE}.state is 'acepted'; did you mean 'accepted'?"),
        (f"@{ONE} = {{state = 'revoked'}}", f"secrets.{ONE}: rule is missing; add it"),
        (f"@{ONE} = {{state = 'revoked', rule = 'x', ruel = 'x'}}", "key 'ruel' is not known; did you mean 'rule'?"),
        (f"@{ONE} = {{state = 'revoked', rule = 'x', expires = '2027-01-01'}}", "write a date without quotes"),
        (f"@{ONE} = {{state = 'revoked', rule = 'x'}}\n{ONE} = {{}}", "not valid TOML"),
        (
            f"@{ONE} = {{state = 'revoked', rule = 'x'}}\n{ONE}aa = {{state = 'accepted', rule = 'x'}}",
            f"secrets.{ONE}aa is there twice; remove one of them",
        ),
    ],
)
def test_a_mistake_is_told_with_file_entry_and_mend(file: Path, text: str, words: str) -> None:
    file.write_text(text.replace("@", "version = 1\n[secrets]\n"))
    with pytest.raises(UsageError) as caught:
        load(str(file), trusted=False)
    assert str(caught.value).startswith(f"{file}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("seed", range(4))
def test_no_rule_takes_a_line_of_it_for_a_secret(engine: Engine, rules: tuple[Rule, ...], seed: int) -> None:
    keys = (fake(f"{{hex:{KEY}}}", f"{seed} {rule.id}").decode() for rule in rules)  # each order has other neighbours
    known = {key: Known("accepted", rule.id, "known", "ops") for key, rule in zip(keys, rules, strict=True)}
    assert list(engine.scan(Blob("x", dump(known)))) == []


def test_no_rule_takes_the_salt_for_a_secret(engine: Engine, tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        data = Path(init.write(str(folder))).read_bytes()
        assert list(engine.scan(Blob("x", data))) == []
