"""TOML that a stranger wrote: the bound on dotted keys refuses none that people write, and lets none through."""

from __future__ import annotations

import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksweep.errors import UsageError
from leaksweep.inputs import DEEPEST, parse

DOTS = "." * (DEEPEST + 1)
THREE = "'''"
PIECES = ["'", '"', THREE, '"""', "\\", "\n", DOTS, ".", "a", " = ", "#", "[", "]", ", "]


@pytest.mark.parametrize(
    "text",
    [
        f'a = "{DOTS}"',
        f"a = '{DOTS}'",
        f'a = """\n{DOTS}\n"""',
        f"a = {THREE}\n{DOTS}'{DOTS}''{DOTS}\n{THREE}",
        f'a = """{DOTS}\\"""{DOTS}"{DOTS}""{DOTS}"""',
        f'a = "\\"{DOTS}" # it\'s {DOTS}',
        f'# {DOTS} "\na = 1 # {THREE}{DOTS}',
        f'"{DOTS}" = 1',
        f"a = ['{DOTS}', \"{DOTS}\", 1.5]",
    ],
)
def test_dots_in_texts_and_comments_are_no_keys(text: str) -> None:
    assert tomllib.loads(text) == parse(text.encode(), "x")


@pytest.mark.parametrize("part", ["a", "'='", '"\\""', "'#'"])
@pytest.mark.parametrize("text", ["{}.a = 1", "[{}.a]", "[[{}.a]]", "x = {{{}.a = 1}}", "y = 1\nx = [{{{}.a = 1}}]"])
def test_a_key_of_too_many_parts_is_refused(text: str, part: str) -> None:
    assert parse(text.format(".".join([part] * DEEPEST)).encode(), "x")
    with pytest.raises(UsageError, match=r"x: line [12] has more than 64 dots outside of texts; mend it there"):
        parse(text.format(".".join([part] * (DEEPEST + 1))).encode(), "x")


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_it_agrees_with_the_parser(text: str) -> None:
    """What the parser takes is taken: runs of dots stand in its texts and comments alone."""
    try:
        wanted = tomllib.loads(text)
    except ValueError:
        with pytest.raises(UsageError):
            parse(text.encode(), "x")
    else:
        assert wanted == parse(text.encode(), "x")


ENDLESS = [
    '"""\\',
    '.\\"""',
    f"{THREE}.",
    '".',
    '"""."" ',
    "a.",
    "'.",
    "#.\na=",
    "[a.",
    "[[.",
    '"\\',
    f"{THREE}.'",
    '\n"".',
]


@pytest.mark.parametrize("part", ENDLESS)
def test_four_megabytes_of_it_come_to_an_end(part: str) -> None:
    """A file that a pull request may hold: seconds at most; it was hours for ``a.``."""
    began = time.process_time()
    with pytest.raises(UsageError):
        parse((part * ((4 << 20) // len(part))).encode(), "x")
    assert time.process_time() - began < 30
