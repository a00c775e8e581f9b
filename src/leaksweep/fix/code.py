"""A literal in code becomes a look-up, or a concatenation with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from leaksweep.fix.grammar import Language, tree
from leaksweep.fix.spans import Cannot, Edit, edited, line_at, newline
from leaksweep.model import Span

BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"(?:\s|\\[nrt])*\Z")


def change(language: Language, data: bytes, span: Span, variable: str) -> bytes:
    """``data`` with the secret at ``span`` read from the variable.

    Raises:
        Cannot: no look-up may stand there, or the result would not parse.
    """
    root = tree(language, data)
    node, above = _literal(language, root, span)
    if node is None:
        made = [Edit(span, variable.encode())]  # a comment: the name is all that is needed
    else:
        _stays_constant(language, root, above)
        made = [_replaced(language, data, node, span, variable, above), *_unlocked(language, data, above)]
    done = edited(data, made)
    tree(language, done)
    return done


def with_import(language: Language, data: bytes, old: bytes = b"") -> bytes:
    """``data`` with the import that look-ups need, if it has none and more look-ups stand in it than in ``old``.

    Raises:
        Cannot: no import may stand in it, or the result would not parse.
    """
    look_up = re.split(r"[\[(]", language.look_up)[0].encode()
    if not language.import_ or data.count(look_up) <= old.count(look_up):
        return data
    if language.name == "Python" and _REBOUND.search(data):
        raise Cannot("os is another name there: replace it by hand")
    root = tree(language, data)
    edit = _python_import(root, data) if language.name == "Python" else _go_import(root, data)
    done = edited(data, [edit] if edit else [])
    tree(language, done)
    return done


def _literal(language: Language, root: Any, span: Span) -> tuple[Any, list[Any]]:
    """The literal that holds the span, and the nodes above it; None where it stands in a comment."""
    node, above = root.descendant_for_byte_range(span.start, span.end), []
    while node is not None and node.type not in language.literals:
        if "comment" in node.type:
            return None, []
        if node.type in language.refused:
            raise Cannot(_REFUSED)
        node = node.parent
    if node is None:
        raise Cannot("it stands in no text of the program: replace it by hand")
    up = node.parent
    while up is not None:
        above.append(up)
        up = up.parent
    if any(parent.type in language.refused for parent in above):
        raise Cannot(_REFUSED)
    if language.name == "Python" and above[0].type == "expression_statement":
        return None, []  # a docstring
    return node, above


_REFUSED = "only a constant may stand there: move it out by hand"
_NAMED = "a constant of that name is needed elsewhere in the file: replace it by hand"
_PUBLIC = "others may need it as a constant: replace it by hand"


def _stays_constant(language: Language, root: Any, above: list[Any]) -> None:
    """Raise where a name must stay a constant: others of the file need one, or it is there for other files."""
    if not language.constant:
        return
    for node in above:
        name = node.child_by_field_name("name")
        if name is None or node.type not in ("variable_declarator", "const_spec"):
            continue
        holder = node.parent.parent if node.parent.type == "variable_declaration" else node.parent
        words = holder.text.partition(b"=")[0].split()
        if language.name == "Go" and node.type == "const_spec" and name.text[:1].isupper():
            raise Cannot(_PUBLIC)
        if language.name == "C#" and b"const" in words and {b"public", b"internal", b"protected"} & set(words):
            raise Cannot(_PUBLIC)
        used = re.compile(rb"(?<!\w)" + re.escape(name.text) + rb"(?!\w)")
        if any(used.search(other.text) for other in _all(root, language) if not _holds(other, node)):
            raise Cannot(_NAMED)


def _holds(outer: Any, inner: Any) -> bool:
    return bool(outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte)


def _all(node: Any, language: Language) -> Iterator[Any]:
    """Every place in which only constants may stand; in C# other constants too."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        constant = language.name == "C#" and one.type in _CSHARP and b"const" in one.text.partition(b"=")[0].split()
        if one.type in language.constant or (constant and b"=" in one.text):
            yield one
        waiting.extend(one.children)


def _replaced(language: Language, data: bytes, node: Any, span: Span, variable: str, above: list[Any]) -> Edit:
    literal = data[node.start_byte : node.end_byte]
    opened = re.match(language.opens.encode(), literal)
    if opened is None:
        raise Cannot("its literal is of a kind that is not known: replace it by hand")
    if language.name == "Shell":
        return _in_shell(node, literal, span, variable)
    opens = opened[0]
    quote = opens.lstrip(b"$@" + b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    before = literal[len(opens) : span.start - node.start_byte]
    after = literal[span.end - node.start_byte : len(literal) - len(quote)]
    look_up = language.look_up
    if language.bytes_look_up and b"b" in opens.lower():
        look_up = language.bytes_look_up
    call = look_up.replace("@VARIABLE@", variable).encode()
    if quote == b"`" and language.name != "Go" and above and above[0].type == "call_expression":
        raise Cannot("it is a template that a function takes apart: replace it by hand")
    if _BLANK.match(before) and _BLANK.match(after):
        new = call
    elif quote == b"`" and language.name != "Go":
        return Edit(span, b"${" + call + b"}")
    elif opens.endswith(tuple(kind.encode() for kind in language.whole)):
        raise Cannot("it is a part of a text of many lines: take it out by hand")
    else:
        pieces = [opens + before + quote, call, opens + after + quote]
        kept = pieces[0 if before else 1 : 3 if after else 2]
        new = language.join.encode().join(kept)
        if above and above[0].type not in _ALONE:
            new = b"(" + new + b")"
    if above and above[0].type == "jsx_attribute":
        new = b"{" + new + b"}"
    return Edit(Span(node.start_byte, node.end_byte), new)


#: Above a literal in these, nothing binds tighter than a concatenation.
_ALONE = frozenset(
    (
        *("argument", "argument_list", "arguments", "array", "array_element_initializer", "assignment"),
        *("equals_value_clause", "expression_list", "initializer_expression", "keyword_argument", "list"),
        *("literal_element", "pair", "return_statement", "var_spec", "variable_declarator"),
    )
)


def _in_shell(node: Any, literal: bytes, span: Span, variable: str) -> Edit:
    look_up = f"${{{variable}:?is not set}}".encode()
    if node.type == "raw_string":
        whole = len(literal) == span.end - span.start + 2
        if whole:
            return Edit(Span(node.start_byte, node.end_byte), b'"' + look_up + b'"')
        return Edit(span, b"'\"" + look_up + b"\"'")
    if node.type == "word":
        return Edit(span, b'"' + look_up + b'"')
    if node.type == "heredoc_body" and _is_quoted(node):
        raise Cannot("it stands in a text that is not expanded: take it out by hand")
    return Edit(span, look_up)


def _is_quoted(body: Any) -> bool:
    """Whether a here-document's end is quoted: then nothing in it is expanded."""
    starts = [node.text for node in body.parent.children if node.type == "heredoc_start"]
    return any(re.search(rb"['\"\\]", start) for start in starts)


def _unlocked(language: Language, data: bytes, above: list[Any]) -> Iterator[Edit]:
    """What else must change so that the place may hold something that is known at run time only."""
    for node in above:
        if language.name == "Go" and node.type == "const_declaration":
            if sum(child.type == "const_spec" for child in node.children) != 1:
                raise Cannot(_REFUSED)
            yield Edit(Span(node.start_byte, node.start_byte + len(b"const")), b"var")
        if language.name == "C#" and node.type in _CSHARP:
            end, new = _CSHARP[node.type]
            for child in node.children:
                if data[child.start_byte : child.end_byte] == b"const":
                    yield Edit(Span(child.start_byte, child.end_byte + end), new)


_CSHARP = {"field_declaration": (0, b"static readonly"), "local_declaration_statement": (1, b"")}
_REBOUND = re.compile(rb"^\s*(?:(?:async\s+)?def|class)\s+os\b|^\s*os\s*=[^=]|\bas\s+os\b", re.MULTILINE)
_IMPORTS_OS = re.compile(rb"import\s+(?:[\w.]+\s*,\s*)*os(?:\s*,|\s*$)")


def _python_import(root: Any, data: bytes) -> Edit | None:
    statements = [node for node in root.children if node.type != "comment"]
    if not statements or any(_IMPORTS_OS.match(data[node.start_byte : node.end_byte]) for node in statements):
        return None
    for node in statements:
        docstring = node.type == "expression_statement" and node.children and node.children[0].type == "string"
        if node.type != "future_import_statement" and not (docstring and node is statements[0]):
            break
    at = max(line_at(data, node.start_byte).start, len(BOM) if data.startswith(BOM) else 0)
    follows = b"" if node.type in ("import_statement", "import_from_statement") else newline(data)
    return Edit(Span(at, at), b"import os" + newline(data) + follows)


def _go_import(root: Any, data: bytes) -> Edit | None:
    imports = [node for node in root.children if node.type == "import_declaration"]
    if any(re.search(rb'(?<![\w/])"os"', data[node.start_byte : node.end_byte]) for node in imports):
        return None
    for node in imports:
        if data[node.start_byte : node.end_byte].endswith(b")"):
            end = line_at(data, node.end_byte - 1).start
            return Edit(Span(end, end), b'\t"os"' + newline(data))
    before = [*(node for node in root.children if node.type == "package_clause"), *imports]
    if not before:
        raise Cannot("no import may stand there, for want of a package: replace it by hand")
    after = before[-1].end_byte
    return Edit(Span(after, after), newline(data) * (1 if imports else 2) + b'import "os"')
