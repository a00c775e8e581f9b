"""A playbook as text for a terminal and as Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from leaksweep.playbooks import Section, Step
from leaksweep.playbooks.snippets import Snippet
from leaksweep.redact import printable

COLUMNS = 80
NUMBERED = ("first", "rotate")  #: sections whose steps are done one after another
_SPECIAL = re.compile(r"([\\*_{}\[\]<>#|~$&!])")
_CODE = re.compile(r"(`[^`]+`)")


def text(title: str, sections: Iterable[Section], code: Iterable[Snippet] = ()) -> str:
    """Lines of at most 80 columns, but for addresses and code."""
    return "".join(f"{line}\n" for line in _text(title, sections, code))


def _text(title: str, sections: Iterable[Section], code: Iterable[Snippet]) -> Iterator[str]:
    yield printable(title)
    for section in sections:
        yield ""
        yield section.title
        for number, step in enumerate(section.steps, 1):
            lead = f"{number:>3}. " if section.key in NUMBERED else "  -  "
            yield from textwrap.wrap(
                printable(step.text),
                COLUMNS,
                initial_indent=lead,
                subsequent_indent=" " * 5,
                break_long_words=False,
                break_on_hyphens=False,
            )
            if step.url:
                yield f"     {printable(step.url)}"
    for snippet in code:
        yield ""
        yield _headed(snippet)
        yield from (f"    {line}".rstrip() for line in snippet.text.rstrip("\n").split("\n"))


def markdown(title: str, sections: Iterable[Section], code: Iterable[Snippet] = ()) -> str:
    """The same with headings, lists, links and fenced code."""
    lines = [f"# {escaped(title)}"]
    for section in sections:
        lines += ["", f"## {section.title}", "", *items(section)]
    for snippet in code:
        code_lines = snippet.text.rstrip("\n").split("\n")
        lines += ["", f"## {_headed(snippet)}", "", f"```{snippet.fence}", *code_lines, "```"]
    return "\n".join((*lines, ""))


def items(section: Section) -> Iterator[str]:
    """The list of a section's steps in Markdown."""
    for number, step in enumerate(section.steps, 1):
        lead = f"{number}." if section.key in NUMBERED else "-"
        yield f"{lead} {_escaped_step(step)}"


def line(section: Section) -> str:
    """A section as one paragraph."""
    return f"{section.title}: " + " ".join(f"{step.text} {step.url}".rstrip() for step in section.steps)


def escaped(words: str) -> str:
    """``words`` as Markdown that shows as it is; what stands between backticks stays code."""
    parts = _CODE.split(" ".join(words.split()))
    return "".join(part if _CODE.fullmatch(part) else _SPECIAL.sub(r"\\\1", part) for part in parts)


def _escaped_step(step: Step) -> str:
    link = f" <{step.url}>" if re.fullmatch(r"https?://[^\s<>\\`]+", step.url) else ""
    return escaped(printable(step.text)) + (link or (f" `{printable(step.url)}`" if step.url else ""))


def _headed(snippet: Snippet) -> str:
    return f"{snippet.name} (needs {snippet.needs})" if snippet.needs else snippet.name
