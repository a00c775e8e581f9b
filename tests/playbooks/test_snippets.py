"""Every snippet through its language's own parser or compiler; those that need no foreign library are run."""

from __future__ import annotations

import re
import tomllib
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.errors import UsageError
from leaksweep.playbooks.snippets import CONTEXTS, DATA, LANGUAGES, STORES, Snippet, context, kept, snippet
from support import languages, stores
from support.program import Ran

HERE = Path(__file__).parent
PROGRAMS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "programs.toml").read_text("utf-8"))
VARIABLE, PATH, VALUE = "APP_STRIPE_KEY", "app/stripe", "the value, with spaces and ünïcode"
ALL = [(language, store) for language in LANGUAGES for store in STORES]
#: That run here: what needs nothing but the language itself, and Python's with their libraries.
RUN = [
    (language, store)
    for language, store in ALL
    if language == "python" or (not snippet(language, store, VARIABLE, PATH).needs)
]


def program(language: str, made: Snippet, folder: Path) -> dict[str, Any]:
    """Write a whole program round a snippet; its row of the table."""
    row = PROGRAMS[language]
    parts = (row.get("head"), made.imports, row.get("begin"), made.code, row["end"])
    (folder / row["file"]).write_text("\n\n".join(filter(None, parts)) + "\n", "utf-8")
    return row


def call(words: list[str], folder: Path, **env: str) -> Ran:
    """Run one command of the table."""
    return languages.call([word.replace("{stubs}", str(HERE / "stubs")) for word in words], folder, **env)


@pytest.mark.parametrize(("language", "store"), ALL)
def test_it_is_accepted_by_its_language(language: str, store: str, tmp_path: Path) -> None:
    row = program(language, snippet(language, store, VARIABLE, PATH), tmp_path)
    done = call(row["check"], tmp_path)
    assert (done.code, done.err) == (0, ""), done


@pytest.mark.parametrize(("language", "store"), RUN)
def test_it_reads_the_secret_and_says_where_there_is_none(language: str, store: str, tmp_path: Path) -> None:
    row = program(language, snippet(language, store, VARIABLE, PATH), tmp_path)
    if "build" in row:
        assert (built := call(row["build"], tmp_path)).code == 0, built
    elif "out" in row["run"]:
        assert (built := call(row["check"], tmp_path)).code == 0, built
    with served(store, VALUE) as env:
        there = call(row["run"], tmp_path, **env)
    assert (there.code, (there.out or there.err).strip()) == (0, VALUE), there
    with served(store, None) as env:
        missing = call(row["run"], tmp_path, **env)
    assert missing.code != 0, missing
    if store == "env":
        assert VARIABLE in missing.err, missing


def served(store: str, value: str | None) -> Any:
    """A store that has the secret, or another one only."""
    name = f"{PATH}/{VARIABLE}" if value is not None else f"{PATH}/other"
    if store == "env":
        return nullcontext({VARIABLE: value} if value is not None else {})
    if store == "vault":
        return stores.vault({PATH if value is not None else "app/other": {VARIABLE: value or "x"}})
    return (stores.conjur if store == "conjur" else stores.secrets_manager)({name: value or "x"})


def test_the_matrix_is_whole_and_the_data_hold_nothing_else() -> None:
    assert {file.stem for file in DATA.glob("*.toml")} == {*LANGUAGES, "contexts", "stores"}
    assert set(PROGRAMS) == set(LANGUAGES)
    assert set(tomllib.loads((DATA / "contexts.toml").read_text("utf-8"))) == set(CONTEXTS)
    assert set(tomllib.loads((DATA / "stores.toml").read_text("utf-8"))) == set(STORES)
    for language in LANGUAGES:
        assert set(tomllib.loads((DATA / f"{language}.toml").read_text("utf-8"))) == {"name", "fence", *STORES}


@pytest.mark.parametrize(
    "made", [*(snippet(*pair, VARIABLE, PATH) for pair in ALL), *(context(n, VARIABLE, PATH) for n in CONTEXTS)]
)
def test_every_hole_is_filled(made: Snippet) -> None:
    assert not re.search("@[A-Z]+@", made.text)
    assert VARIABLE in made.text or VARIABLE.lower() in made.text
    assert all(len(line) <= 120 for line in made.text.split("\n")), made.text


@pytest.mark.parametrize("store", STORES)
def test_the_command_that_keeps_a_value_reads_it_from_a_file(store: str, tmp_path: Path) -> None:
    made = kept(store, VARIABLE, PATH)
    assert "value.txt" in made.code
    (tmp_path / "app.sh").write_text(made.text)
    assert call(["bash", "-n", "app.sh"], tmp_path) == Ran(0, "", "")


def test_the_environment_s_command_keeps_every_line(tmp_path: Path) -> None:
    (tmp_path / "value.txt").write_text("-----BEGIN\nlines\n")
    (tmp_path / "app.sh").write_text(kept("env", VARIABLE, PATH).text + f'printf %s "${VARIABLE}"')
    assert call(["bash", "app.sh"], tmp_path).out == "-----BEGIN\nlines"


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_name_that_needs_quoting_is_refused(variable: str, path: str) -> None:
    good = bool(re.fullmatch("[A-Z_][A-Z0-9_]*", variable)) and bool(re.fullmatch("[a-z0-9_/-]+", path))
    try:
        made = snippet("shell", "aws", variable, path)
    except UsageError as error:
        assert error.mend
    else:
        assert good, made


@pytest.mark.parametrize("wrong", [("cobol", "env"), ("python", "keepass")])
def test_an_unknown_language_or_store_is_named(wrong: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="not known"):
        snippet(*wrong, VARIABLE, PATH)


def test_typescript_reads_the_javascript_ones(tmp_path: Path) -> None:
    for store in STORES:
        (tmp_path / f"{store}.ts").write_text(snippet("javascript", store, VARIABLE, PATH).text)
    done = languages.call(["typescript", *(f"{store}.ts" for store in STORES)], tmp_path)
    assert (done.code, done.out, done.err) == (0, "", "")
