"""Which instruction made an entry of a history: checked with histories of real builders, and with made-up ones.

``data/`` has a Dockerfile, the history that a builder made of it, and the line of each entry, told by hand.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaksweep.dockerfile import Dockerfile, History, Match, attribute, base_layers, layer_matches, parse

DATA = Path(__file__).with_name("data")
BUILT = sorted(path.stem for path in DATA.glob("*.json") if not path.stem.startswith("provenance"))


class Case(NamedTuple):
    dockerfile: Dockerfile
    history: list[History]
    lines: list[int | None]


def case(name: str) -> Case:
    found = json.loads((DATA / f"{name}.json").read_text())
    history = [
        History(entry.get("created_by", ""), entry.get("empty_layer", False), entry.get("comment", ""))
        for entry in found["history"]
    ]
    return Case(parse(found["dockerfile"]), history, found["lines"])


def lines(matches: tuple[Match | None, ...]) -> list[int | None]:
    return [match and match.instruction.first for match in matches]


def attributed(dockerfile: str, *history: str, target: str | None = None) -> list[int | None]:
    return lines(attribute(parse(dockerfile), [History(entry) for entry in history], target))


@pytest.mark.parametrize("name", BUILT)
def test_every_entry_that_a_builder_wrote_finds_its_line(name: str) -> None:
    found = case(name)
    assert lines(attribute(found.dockerfile, found.history)) == found.lines


@pytest.mark.parametrize("name", BUILT)
def test_what_comes_before_is_the_base_image(name: str) -> None:
    found = case(name)
    base = base_layers(found.dockerfile, attribute(found.dockerfile, found.history))
    assert base is not None
    assert base.entries == sum(line is None for line in found.lines)
    assert base.exact
    assert base.image == ("forms-1" if name.endswith("child") else "busybox:latest")
    assert base.start.keyword == "FROM"


def test_a_dockerfile_edited_since_keeps_the_other_lines() -> None:
    found = case("docker28-forms")
    text = json.loads((DATA / "docker28-forms.json").read_text())["dockerfile"]
    edited = parse(
        text.replace("&& echo done", "&& echo finished").replace("USER 1000:1000\n", "").replace("# The", "\n# The")
    )
    matches = attribute(edited, found.history)
    for line, match in zip(found.lines, matches, strict=True):
        if line == 29:
            assert match is None
        else:
            moved = line and (line + 1 if line < 29 else line)
            assert (match and match.instruction.first) == moved


@pytest.mark.parametrize("name", [name for name in BUILT if name.endswith("-forms")])
def test_another_image_gets_no_lines(name: str) -> None:
    other = parse(
        'FROM debian\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nUSER node\nEXPOSE 3000\nCMD ["node"]\n'
    )
    assert set(attribute(other, case(name).history)) == {None}
    assert base_layers(other, attribute(other, case(name).history)) is None


# ---------------------------------------------------------------- stages


STAGED = "FROM x AS a\nRUN one\nRUN two\nFROM a AS b\nRUN three\nFROM scratch\nCOPY --from=b /c /d\n"
HISTORY = ("RUN /bin/sh -c one # buildkit", "RUN /bin/sh -c two # buildkit", "RUN /bin/sh -c three # buildkit")


def test_a_stage_that_fits_clearly_better_than_the_last_one_is_taken() -> None:
    assert attributed(STAGED, 'CMD ["x"]', *HISTORY) == [None, 2, 3, 5]


def test_a_stage_that_alone_fits_is_taken() -> None:
    text = "FROM x AS a\nRUN one\nRUN two\nFROM a\n" + "".join(f"RUN more {n}\n" for n in range(5))
    assert attributed(text, "USER x", *HISTORY[:2]) == [None, 2, 3]


def test_the_target_decides() -> None:
    assert attributed(STAGED, *HISTORY[:2], target="A") == [2, 3]
    assert attributed(STAGED, *HISTORY, target="1") == [2, 3, 5]
    assert attributed(STAGED, *HISTORY, target="2") == [None, None, None]
    assert attributed(STAGED, *HISTORY, target="none such") == [2, 3, 5]


def test_a_name_given_twice_means_the_stage_before() -> None:
    text = "FROM x AS a\nRUN one\nFROM a AS a\nRUN two\nFROM a\nRUN three\n"
    assert attributed(text, *HISTORY) == [2, 4, 6]


# ---------------------------------------------------------------- forms that no builder at hand writes


@pytest.mark.parametrize(
    ("instruction", "entry"),
    [
        ("ENV A=1 B=2", "/bin/sh -c #(nop) ENV A=1"),  # the first of an entry each
        ("RUN make $X", "RUN make $X"),  # kaniko
        ("COPY --from=x a b /c/", "COPY --from=x a b /c/"),  # kaniko
        ('RUN ["npm", "ci"]', "npm ci"),  # legacy, without a shell
        ("RUN make", "|2 A=1 B=two words /bin/bash -o pipefail -c make"),
        ("RUN make", "RUN |1 A=/bin/x /bin/bash -o pipefail -c make # buildkit"),
        ('RUN ["npm", "ci"]', "RUN |1 A=1 npm ci # buildkit"),
        ("RUN dir", "cmd /S /C dir"),
        ("COPY a* /x/", "/bin/sh -c #(nop) COPY multi:" + "0" * 64 + " in /x/ "),
        ("ENV PATH=/opt/bin:$PATH", "ENV PATH=/opt/bin:/usr/bin:/bin"),
        ("WORKDIR $HOME/app", "WORKDIR /root/app"),
        ("EXPOSE 8000-8002 53/udp", "EXPOSE map[53/udp:{} 8000/tcp:{} 8001/tcp:{} 8002/tcp:{}]"),
        ("ADD https://example.org/a.tgz /tmp/", "ADD https://example.org/a.tgz /tmp/ # buildkit"),
        ("ENV VERSION=2", "ENV VERSION=1"),  # edited
        ("RUN apt-get install -y curl git jq", "RUN /bin/sh -c apt-get install -y curl git # buildkit"),  # edited
    ],
)
def test_other_forms(instruction: str, entry: str) -> None:
    assert attributed(f"FROM x\n{instruction}\n", entry) == [2]


@pytest.mark.parametrize(
    ("instruction", "entry"),
    [
        ("RUN make", "RUN /bin/sh -c echo # buildkit"),
        ("RUN apt-get update", "RUN /bin/sh -c apt-get clean # buildkit"),
        ("RUN make", "RUN /bin/sh -c make install # buildkit"),
        ("USER a", "USER b"),
        ("WORKDIR /a", "WORKDIR /b"),
        ("WORKDIR $A", "WORKDIR /b"),
        ("ENV A=1", "ENV B=1"),
        ("ENV A=1", "LABEL A=1"),
        ("COPY a /x/", "/bin/sh -c #(nop) COPY file:" + "0" * 64 + " in /y/ "),
        ("COPY a /x/", "/bin/sh -c #(nop) COPY multi:" + "0" * 64 + " in /x/ "),
        ("COPY a /x/", "/bin/sh -c #(nop) ADD file:" + "0" * 64 + " in /x/ "),
        ("ARG A", "ARG B=1"),
        ("RUN make", ""),
        ("RUN", "RUN"),
    ],
)
def test_what_differs_is_no_match(instruction: str, entry: str) -> None:
    assert attributed(f"FROM x\n{instruction}\n", entry) == [None]


def test_an_entry_for_each_pair_leads_to_the_same_line() -> None:
    assert attributed("FROM x\nENV A=1 B='2 3'\nRUN y\n", "ENV A=1", "ENV B=2 3", "RUN y") == [2, 2, 3]


def test_of_two_lines_that_fit_equally_well_none_is_named() -> None:
    text = "FROM x\nRUN start\nRUN same\nRUN same\nRUN end\n"
    assert attributed(text, "RUN start", "RUN same", "RUN end") == [2, None, 5]
    assert attributed(text, "RUN start", "RUN same", "RUN same", "RUN end") == [2, 3, 4, 5]


def test_of_two_entries_that_tell_too_little_none_has_the_line() -> None:
    told = "/bin/sh -c #(nop) COPY file:" + "0" * 64 + " in /x/ "
    text = "FROM x\nRUN start\nCOPY a /x/\nRUN middle\nRUN end\n"
    assert attributed(text, "RUN start", told, told, "RUN middle", "RUN end") == [2, None, None, 4, 5]
    assert attributed(text, told, "RUN start", told, "RUN middle", "RUN end") == [None, 2, 3, 4, 5]


def test_what_base_and_dockerfile_both_have_is_matched_at_the_end() -> None:
    entry = 'CMD ["sh"]'
    assert attributed('FROM x\nCMD ["sh"]\n', entry, entry) == [None, 2]
    assert attributed('FROM x\nRUN a\nCMD ["sh"]\n', "RUN a", entry, "USER b", "RUN a", entry) == [None] * 3 + [2, 3]


def test_arguments_of_the_build_are_known_from_the_history() -> None:
    text = "ARG V=1\nFROM x\nARG V\nARG W=2\nRUN a\nENV B=$V-$W\nLABEL c=${B}\nCOPY $V /w\n"
    made = (
        "ARG V=7",
        "ARG W=2",
        "RUN |2 V=7 W=8 /bin/sh -c a # buildkit",
        "ENV B=7-8",
        "LABEL c=7-8",
        "COPY 7 /w # buildkit",
    )
    matches = attribute(parse(text), [History(entry) for entry in made])
    assert lines(matches) == [3, 4, 5, 6, 7, 8]
    assert [match.score for match in matches if match][2:] == [1.0] * 4


def test_the_base_is_named_with_the_arguments_of_the_build() -> None:
    dockerfile = parse("ARG I=deb\nARG T=1\nFROM $I:${T} AS a\nRUN one\nFROM a\nRUN two\n")
    matches = attribute(dockerfile, [History("#(nop) x"), History("RUN one"), History("RUN two")])
    base = base_layers(dockerfile, matches, {"T": "9"})
    assert base is not None
    assert (base.entries, base.image, base.start.first, base.exact) == (1, "deb:9", 3, True)


def test_a_base_whose_end_is_uncertain_says_so() -> None:
    dockerfile = parse("FROM a\nRUN changed entirely\nRUN two\nRUN three\n")
    base = base_layers(
        dockerfile, attribute(dockerfile, [History("RUN one"), History("RUN two"), History("RUN three")])
    )
    assert base is not None
    assert (base.entries, base.exact) == (1, False)


# ---------------------------------------------------------------- layers


def test_each_layer_has_its_line() -> None:
    found = case("docker26-stages")
    layers = layer_matches(found.history, attribute(found.dockerfile, found.history))
    assert lines(layers) == [None, 3, 9, 10, 12, 13]


def test_a_layer_of_several_instructions_has_none() -> None:
    found = case("buildah-single-forms")
    assert lines(layer_matches(found.history, attribute(found.dockerfile, found.history))) == [None, None]
    found = case("buildah-single-stages")  # a layer for each stage; the first has one command only
    assert lines(layer_matches(found.history, attribute(found.dockerfile, found.history))) == [None, 3, None]


# ---------------------------------------------------------------- properties


WORDS = st.lists(
    st.sampled_from(["make", "curl", "a.txt", "/srv", "-y", "x1", "&&", "lib", "test", "42"]), min_size=1, max_size=6
)
NAMES = st.sampled_from(["A", "HOME_DIR", "VERSION"])


class Pair(NamedTuple):
    """An instruction, and what BuildKit and the legacy builder write for it."""

    line: str
    buildkit: str
    legacy: str


def nop(text: str) -> str:
    return f"/bin/sh -c #(nop)  {text}"


def ran(parts: list[str], joint: str) -> Pair:
    text = " ".join(parts)
    return Pair(f"RUN {joint.join(parts)}", f"RUN /bin/sh -c {text} # buildkit", f"/bin/sh -c {text}")


def copied(parts: list[str], target: str) -> Pair:
    kind = "multi" if len(parts) > 1 else "file"
    text = f"COPY {' '.join(parts)} /{target}/"
    return Pair(text, f"{text} # buildkit", nop(f"COPY {kind}:{'0' * 64} in /{target}/ "))


def environment(name: str, parts: list[str]) -> Pair:
    text = f"ENV {name}={' '.join(parts)}"
    return Pair(f'ENV {name}="{" ".join(parts)}"', text, nop(text))


def started(parts: list[str]) -> Pair:
    text = "CMD [" + " ".join(f'"{part}"' for part in parts) + "]"
    return Pair(f"CMD {json.dumps(parts)}", text, nop(text))


def plain(keyword: str, word: str) -> Pair:
    text = f"{keyword} /{word}"
    return Pair(text, text, nop(text))


INSTRUCTIONS = st.one_of(
    st.builds(ran, WORDS, st.sampled_from([" ", " \\\n  ", " \\\n# why\n\n "])),
    st.builds(copied, WORDS, NAMES),
    st.builds(environment, NAMES, WORDS),
    st.builds(started, WORDS),
    st.builds(plain, st.sampled_from(["WORKDIR", "USER"]), NAMES),
)


def written(pairs: list[Pair]) -> tuple[str, list[int]]:
    """A Dockerfile of these instructions with comments between, and the first line of each."""
    text, firsts = "FROM base\n", []
    for pair in pairs:
        text += "# next\n\n"
        firsts.append(text.count("\n") + 1)
        text += pair.line + "\n"
    return text, firsts


@settings(deadline=None)
@given(st.lists(INSTRUCTIONS, max_size=4), st.lists(INSTRUCTIONS, min_size=1, max_size=10), st.booleans())
def test_a_dockerfile_finds_every_line_in_the_history_it_makes(base: list[Pair], own: list[Pair], legacy: bool) -> None:
    text, firsts = written(own)
    history = [pair.legacy if legacy else pair.buildkit for pair in [*base, *own]]
    assert attributed(text, *history) == [None] * len(base) + firsts


@settings(deadline=None)
@given(st.lists(INSTRUCTIONS, min_size=4, max_size=10, unique_by=lambda pair: pair.buildkit), st.data())
def test_without_one_instruction_no_line_is_wrong(own: list[Pair], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(own) - 1))
    kept = own[:gone] + own[gone + 1 :]
    text, firsts = written(kept)
    expected = dict(zip((pair.buildkit for pair in kept), firsts, strict=True))
    found = attributed(text, *(pair.buildkit for pair in own))
    for pair, line in zip(own, found, strict=True):
        assert line in (None, expected.get(pair.buildkit))
    assert sum(line is not None for line in found) >= len(kept) - 1


FRAGMENTS = st.sampled_from(
    [
        "RUN ",
        "|1 ",
        "A=",
        "/bin/sh -c ",
        "#(nop) ",
        "ENV ",
        "COPY ",
        "file:",
        "0" * 64,
        " in ",
        "# buildkit",
        '["',
        "&{[",
        "$A",
        "\0",
        " ",
    ]
)
SAID = st.lists(FRAGMENTS, max_size=12).map("".join) | st.text(max_size=60)
FILES = st.lists(
    st.sampled_from(["FROM a", "RUN ", "ENV ", "A=$A", "ARG ", "[", "\n", " ", "COPY ", '"', "x", "\0", "WORKDIR "])
).map("".join)


@settings(deadline=None)
@given(FILES, st.lists(st.builds(History, SAID, st.booleans(), SAID), max_size=8), SAID)
def test_any_dockerfile_and_any_history_are_taken(text: str, history: list[History], target: str) -> None:
    dockerfile = parse(text)
    matches = attribute(dockerfile, history, target)
    assert len(matches) == len(history)
    assert all(match.instruction in dockerfile.instructions and 0 < match.score <= 1 for match in matches if match)
    base_layers(dockerfile, matches)
    assert len(layer_matches(history, matches)) == sum(not entry.empty_layer for entry in history)


@pytest.mark.parametrize(
    "text",
    [
        "FROM x\n" + 'ENV A=$A$A B="$A\n' * 2_000,
        "FROM x\n" + ("ENV " + "K=$K " * 3_000 + "\n") * 300,
        "FROM x\n" + ("RUN " + "a b c d " * 500 + "\n") * 1_000,
        "FROM x\nEXPOSE " + "1-250 " * 50_000,
        "FROM x AS s\n" * 20_000,
    ],
)
def test_hostile_dockerfiles_are_bounded(text: str) -> None:
    history = [History("RUN /bin/sh -c " + "b c d e " * 500), History("ENV " + "K=v " * 3_000)] * 300
    begun = time.process_time()
    attribute(parse(text), history)
    assert time.process_time() - begun < 20  # 1 to 3 seconds; without the bounds, many minutes
