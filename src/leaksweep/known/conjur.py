"""Values from CyberArk Conjur, by its HTTP API.

``CONJUR_APPLIANCE_URL``, ``CONJUR_ACCOUNT``, ``CONJUR_AUTHN_LOGIN`` and ``CONJUR_AUTHN_API_KEY`` say where it is and
who asks; ``CONJUR_SSL_CERTIFICATE`` names the file of a private authority.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from leaksweep.errors import UsageError

SECONDS = 15  #: that an answer may take
PAGE = 500  #: variables that are listed at once
_VARIABLES = ("CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY")


def values(branch: str) -> Iterator[tuple[str, bytes]]:
    """The values of all variables of a policy branch.

    Raises:
        UsageError: Conjur does not answer, or refuses.
    """
    for variable in _VARIABLES:
        if not os.environ.get(variable):
            raise UsageError(f"--known conjur:{branch}: {variable} is not set", "set it, as for the program conjur")
    url, account, login, key = (os.environ[variable] for variable in _VARIABLES)
    token = _ask("POST", branch, f"{url}/authn/{account}/{quote(login, safe='')}/authenticate", data=key.encode())
    said = {"Authorization": f'Token token="{base64.b64encode(token.content).decode()}"'}
    for name in _names(branch, f"{url}/resources/{account}", said):
        answer = _ask(
            "GET", branch, f"{url}/secrets/{account}/variable/{quote(name, safe='')}", headers=said, absent=True
        )
        if answer is not None:
            yield name, answer.content


def _names(branch: str, url: str, said: dict[str, str]) -> Iterator[str]:
    """The ids of the branch's variables, page by page."""
    first = 0
    while True:
        asked = {"kind": "variable", "limit": PAGE, "offset": first}
        rows = _ask("GET", branch, url, params=asked, headers=said).json()
        names = [row["id"].split(":", 2)[-1] for row in rows]
        yield from (name for name in names if not branch or name == branch or name.startswith(f"{branch.rstrip('/')}/"))
        if len(rows) < PAGE:
            return
        first += PAGE


def _ask(method: str, branch: str, url: str, *, absent: bool = False, **arguments: Any) -> Any:
    import requests

    authority = os.environ.get("CONJUR_SSL_CERTIFICATE") or True
    try:
        answer = requests.request(method, url, timeout=SECONDS, allow_redirects=False, verify=authority, **arguments)
    except (requests.RequestException, OSError) as error:
        why = f"Conjur does not answer ({type(error).__name__})"
        raise UsageError(f"--known conjur:{branch}: {why}", "see CONJUR_APPLIANCE_URL") from None
    if absent and answer.status_code == 404:
        return None
    if answer.status_code != 200:
        raise UsageError(f"--known conjur:{branch}: Conjur answers {answer.status_code}", "see what the login may read")
    return answer
