"""Why a connection failed, in words that hold no URL: their queries may be credentials."""

from __future__ import annotations

import ssl
from collections.abc import Iterator


def reason(error: BaseException) -> str:
    """The innermost cause that the system names, or else the type of a timeout or error."""
    chain = list(_chain(error))
    for cause in reversed(chain):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, OSError) and isinstance(cause.errno, int) and cause.strerror:
            return cause.strerror.lower()
    if any("Timeout" in type(cause).__name__ for cause in chain):
        return "it does not answer in time"
    return "the connection broke off"


def is_untrusted(error: BaseException) -> bool:
    """Whether a certificate was refused, which no second attempt mends."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes, and the errors that libraries put into the arguments of others."""
    pending, seen = [error], set[int]()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        links = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        pending.extend(link for link in links if isinstance(link, BaseException))
