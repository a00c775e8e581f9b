"""A pattern in RE2, and the walk over its matches, for the confirmation and for the prefilter's fallback; and the
patterns that are no rule's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

from leaksweep.model import Span

Found = TypeVar("Found")
#: Where the public half of a key pair may begin (``halves``).
HALVES = (
    r"-----BEGIN (?:(?:TRUSTED |X509 )?CERTIFICATE|(?:RSA )?PUBLIC KEY)-----",
    r"---- BEGIN SSH2 PUBLIC KEY ----",
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521))(?:-cert-v01@openssh\.com)? {1,4}AAAA[BCEHIK]",
    # The first of them in base64, as Kubernetes keeps them.
    r"LS0tLS1CRUdJTiB(?:DRVJUSUZJQ0FURS0t|QVUJMSUMgS0VZLS0t|SU0EgUFVCTElDIEtFWS0t)",
)


_INSTRUCTION = 16  #: bytes; RE2 gives a quarter of its memory to a pattern's instructions
#: One step of a pattern: an escape, a class, or any other character.
PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


@cache
def compiled(pattern: str) -> Any:
    """``pattern`` in RE2 over bytes (Latin-1, so that it reads exactly what Hyperscan reads)."""
    return _compiled(pattern, 64 << 20)


def steps(pattern: str, most: int) -> int | None:
    """The instructions of a pattern in RE2, found out at a price that ``most`` bounds; None: there are more. What is no
    pattern has none.
    """
    if len(pattern) > most:
        return None
    try:
        count: int = _compiled(pattern, most * 4 * _INSTRUCTION).programsize
    except Exception as error:  # re2's own type
        return None if "too large" in str(error) else 0
    return count if count <= most else None


def _compiled(pattern: str, memory: int) -> Any:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = memory
    return re2.compile(pattern.encode(), options)


def spans(pattern: str, data: bytes, window: Span) -> Iterator[tuple[Span, Span]]:
    """Matches in a window, each with its secret (without such a group, the match itself), as if all held."""
    return judged(pattern, data, window, lambda span, secret: (span, secret))


def every_end(pattern: str, data: bytes, window: Span) -> set[int]:
    """Where matches end, whichever of them hold."""
    ends = {span.end for span, _ in spans(pattern, data, window)}
    for _ in judged(pattern, data, window, lambda span, _: ends.add(span.end)):
        pass
    return ends


def judged(pattern: str, data: bytes, window: Span, judge: Callable[[Span, Span], Found | None]) -> Iterator[Found]:
    """What ``judge`` makes of the matches in a window and their secrets. After one that holds, the next begins where
    its secret ended: neighbours share a delimiter. After one that does not (None), it begins with what was taken for
    the secret, which may be the name of one: ``secret:`` and, on the next line, ``token: ...``.
    """
    program = compiled(pattern)
    group = program.groupindex.get(b"secret", 0)
    position = window.start
    while match := program.search(data, position, window.end):
        span, secret = Span(*match.span()), Span(*match.span(group))
        found = judge(span, secret)
        if found is not None:
            yield found
        within = found is None and secret.start > span.start
        position = max(secret.start if within else secret.end, position + 1)
