"""A Dockerfile is read as BuildKit reads it, and a broken one all the same."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leaksweep.dockerfile import Heredoc, Instruction, instruction_at, parse
from leaksweep.dockerfile.words import LIMIT, UNKNOWN, exec_form, expand, pairs, words


def only(text: str) -> Instruction:
    (found,) = parse(text).instructions
    return found


def test_instructions_have_keyword_text_and_lines() -> None:
    found = parse("# a comment\n\nfrom busybox\n  run  echo a\t\nBOGUS x y\nlonely\n")
    assert [(i.keyword, i.text, i.first, i.last, i.stage) for i in found.instructions] == [
        ("FROM", "busybox", 3, 3, 0),
        ("RUN", "echo a", 4, 4, 0),
        ("BOGUS", "x y", 5, 5, 0),
        ("LONELY", "", 6, 6, 0),
    ]


def test_continued_lines_are_joined_without_the_comments_and_blank_lines_between() -> None:
    found = only("RUN echo a \\\n  # why\n\n   && echo b \\  \n && true\n")
    assert (found.text, found.first, found.last) == ("echo a    && echo b  && true", 1, 5)


def test_a_doubled_escape_at_the_end_continues_nothing() -> None:
    assert [i.text for i in parse("RUN dir c:\\\\\nRUN b\n").instructions] == ["dir c:\\\\", "b"]


def test_a_continuation_at_the_end_of_the_file_ends_there() -> None:
    found = only("RUN a \\\n\n# b\n\n")
    assert (found.text, found.first, found.last) == ("a", 1, 1)


def test_directives_come_first_or_are_comments() -> None:
    found = parse("# syntax=docker/dockerfile:1\n# Escape = `\nRUN a `\n b\\\nRUN c\n")
    assert found.escape == "`"
    assert found.directives == (("syntax", "docker/dockerfile:1"), ("escape", "`"))
    assert [i.text for i in found.instructions] == ["a  b\\", "c"]
    assert parse("FROM a\n# escape=`\n").escape == "\\"
    assert parse("# escape=x\n").escape == "\\"


def test_a_byte_order_mark_and_carriage_returns_are_no_text() -> None:
    found = parse("\ufeffFROM a\r\nRUN b \\\r\n  c\r\nRUN <<E\r\nx\r\nE\r\nCMD d")
    assert [(i.keyword, i.text, i.first, i.last) for i in found.instructions] == [
        ("FROM", "a", 1, 1),
        ("RUN", "b   c", 2, 3),
        ("RUN", "<<E", 4, 6),
        ("CMD", "d", 7, 7),
    ]


@pytest.mark.parametrize(
    ("line", "flags", "text"),
    [
        ("COPY --from=build --chown=1:1 --link a b", (("from", "build"), ("chown", "1:1"), ("link", "")), "a b"),
        (
            "RUN --mount=type=secret,id=k --network=none cat",
            (("mount", "type=secret,id=k"), ("network", "none")),
            "cat",
        ),
        ('RUN --mount=type=bind,"target=/a b" ls', (("mount", 'type=bind,"target=/a b"'),), "ls"),
        ("FROM --platform=linux/arm64 a AS b", (("platform", "linux/arm64"),), "a AS b"),
        ("HEALTHCHECK --interval=5m CMD a --b", (("interval", "5m"),), "CMD a --b"),
        ("CMD --a b", (), "--a b"),
        ("RUN a --b", (), "a --b"),
    ],
)
def test_flags_stand_before_the_text(line: str, flags: tuple[tuple[str, str], ...], text: str) -> None:
    assert (only(line).flags, only(line).text) == (flags, text)


def test_heredocs_belong_to_their_instruction() -> None:
    found = only("COPY <<one.txt <<-\"two\" <<'3' /to/\na $A\none.txt\n\tb\n\ttwo\n3\n")
    assert found.text == "<<one.txt <<-\"two\" <<'3' /to/"
    assert found.heredocs == (
        Heredoc("one.txt", "a $A\n", expands=True, chomps=False),
        Heredoc("two", "\tb\n", expands=False, chomps=True),
        Heredoc("3", "", expands=False, chomps=False),
    )
    assert (found.first, found.last) == (1, 6)


@pytest.mark.parametrize("text", ["echo $((1 << 2))", "cat <<< a", 'echo "<<E"', "cat <<E"])
def test_what_no_line_ends_is_no_heredoc(text: str) -> None:
    found = parse(f"RUN {text}\nRUN b\n")
    assert [i.text for i in found.instructions] == [text, "b"]
    assert found.instructions[0].heredocs == ()


def test_a_heredoc_in_a_heredoc_is_text() -> None:
    assert [i.first for i in parse("RUN <<A\nRUN <<B\n# c\nA\nRUN b\nB\n").instructions] == [1, 5, 6]


def test_stages_have_a_name_an_image_and_their_instructions() -> None:
    found = parse("ARG V=1\nFROM --platform=$P img:$V as Base\nRUN a\nFROM base\nRUN b\nFROM\n")
    assert [i.text for i in found.arguments] == ["V=1"]
    assert [(s.name, s.image, [i.first for i in s.instructions]) for s in found.stages] == [
        ("base", "img:$V", [2, 3]),
        ("", "base", [4, 5]),
        ("", "", [6]),
    ]


def test_an_instruction_is_found_by_any_of_its_lines() -> None:
    found = parse("FROM a\n\nRUN b \\\n c\n")
    assert instruction_at(found, 4) == found.instructions[1]
    assert instruction_at(found, 2) is None


PIECES = st.sampled_from(
    ["FROM ", "a", " AS ", "\n", "\r\n", "\\\n", "`\n", "# escape=`\n", "#", "RUN ", "COPY ", "--f=", "<<E", "<<-'E'"]
) | st.sampled_from(
    ["E\n", '"', "'", "$", "${A", ":-", "}", "[", '["a"]', "\t", "\\", "\0", "ENV ", "A=", "ONBUILD ", "\ufeff", "\x85"]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)


@settings(deadline=None)
@given(TEXTS)
@example("\\")
def test_every_line_with_a_meaning_belongs_to_one_instruction_in_order(text: str) -> None:
    lines = text.removeprefix("\ufeff").split("\n")
    covered: set[int] = set()
    last = 0
    for found in parse(text).instructions:
        assert last < found.first <= found.last <= len(lines)
        last = found.last
        covered |= set(range(found.first, found.last + 1))
    for number, line in enumerate(lines, 1):
        assert number in covered or not line.strip() or line.lstrip().startswith("#")


@pytest.mark.parametrize(
    "text",
    [
        "RUN " + '--a=" ' * 50_000,
        "RUN <<" + "\"'" * 50_000,
        "RUN <<E\n" * 50_000,
        "RUN " + "<<E " * 50_000 + "\nE\n",
        "RUN a \\\n" * 50_000,
        "FROM a AS b\n" * 50_000,
        "# check=a\n" * 50_000,
    ],
)
def test_hostile_text_takes_no_longer_than_its_length_asks_for(text: str) -> None:
    begun = time.process_time()
    parse(text)
    assert time.process_time() - begun < 5  # a second at the utmost; if quadratic, minutes


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", "1"),
        ("${A}b$B", "1b2 3"),
        ("$A_", UNKNOWN),
        ("${NO:-x$A}", "x1"),
        ("${EMPTY:-x}${EMPTY-y}", "x"),
        ("${A:+set}${NO:+set}", "set"),
        ("${NO:-${A:-z}}", "1"),
        ("${A%x}", UNKNOWN),
        ("\\$A", "$A"),
        ("'$A'", "$A"),
        ("\"$A '$A'\"", "1 '1'"),
        ('"a\\"b\\c"', 'a"b\\c'),
        ("a\\b", "ab"),
        ("it's", "it's"),
        ("100$", "100$"),
    ],
)
def test_variables_and_quotes_are_expanded_as_a_builder_does(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "B": "2 3", "EMPTY": ""}) == expected


def test_the_escape_character_is_the_files_own() -> None:
    assert expand("C:\\x `$A", {"A": "1"}, "`") == "C:\\x $A"


def test_what_is_expanded_is_bounded() -> None:
    value = "x"
    for _ in range(60):
        value = expand("$A$A", {"A": value})
    assert len(value) == LIMIT


@settings(deadline=None)
@given(TEXTS, st.dictionaries(st.sampled_from("AB"), st.text(max_size=5)), st.sampled_from("\\`"))
def test_any_text_is_expanded_and_parted(text: str, values: dict[str, str], escape: str) -> None:
    expand(text, values, escape)
    pairs(text, escape)
    exec_form(text)
    assert "".join("".join(words(text, escape)).split()) == "".join(text.split())


def test_pairs_of_both_forms() -> None:
    assert pairs("A=1 B='x y' C=") == [("A", "1"), ("B", "'x y'"), ("C", "")]
    assert pairs("A  some  value") == [("A", "some  value")]
    assert pairs("") == []


def test_only_a_list_of_strings_is_an_exec_form() -> None:
    assert exec_form('["a", "b c"]') == ("a", "b c")
    assert [exec_form(text) for text in ('["a"', "[1]", "a", "[" * 100_000)] == [None] * 4
