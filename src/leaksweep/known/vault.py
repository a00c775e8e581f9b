"""Values from HashiCorp Vault's key-value store, version 2 (the optional extra ``leaksweep[vault]``).

``VAULT_ADDR``, ``VAULT_TOKEN`` and ``VAULT_NAMESPACE`` say where it is and who asks, as for Vault's own program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from leaksweep.errors import UsageError

SECONDS = 15  #: that an answer may take
DEPTH = 16  #: folders within folders


def values(path: str) -> Iterator[tuple[str, bytes]]:
    """All fields of all secrets at and below ``MOUNT/PATH``.

    Raises:
        UsageError: Vault does not answer, or refuses.
    """
    mount, _, folder = path.strip("/").partition("/")
    if not mount:
        raise UsageError("--known vault:: a mount is missing", "write vault:MOUNT/PATH, such as vault:secret/app")
    client = _client(path)
    for name in _names(client, path, mount, folder, 0):
        data = _asked(path, client.secrets.kv.v2.read_secret_version, path=name, mount_point=mount)
        for field, value in _fields(data["data"]["data"]) if data else ():
            yield f"{mount}/{name}#{field}", value.encode()


def _client(path: str) -> Any:
    try:
        import hvac
    except ImportError:
        raise UsageError(f"--known vault:{path}: hvac is not installed", "install leaksweep[vault]") from None
    for variable in ("VAULT_ADDR", "VAULT_TOKEN"):
        if not os.environ.get(variable):
            raise UsageError(f"--known vault:{path}: {variable} is not set", "set it, as for the program vault")
    namespace = os.environ.get("VAULT_NAMESPACE") or None
    return hvac.Client(os.environ["VAULT_ADDR"], os.environ["VAULT_TOKEN"], namespace=namespace, timeout=SECONDS)


def _names(client: Any, path: str, mount: str, folder: str, depth: int) -> Iterator[str]:
    """The secrets at and below a folder; the folder itself may be one."""
    if folder and not folder.endswith("/") and not depth:
        yield folder
    listed = _asked(path, client.secrets.kv.v2.list_secrets, path=folder, mount_point=mount)
    for key in sorted(listed["data"]["keys"]) if listed and depth < DEPTH else ():
        inner = f"{folder.rstrip('/')}/{key}" if folder else key
        if key.endswith("/"):
            yield from _names(client, path, mount, inner, depth + 1)
        else:
            yield inner


def _asked(spec: str, call: Any, **arguments: Any) -> Any:
    """Vault's answer, or None where nothing is there."""
    import hvac.exceptions
    import requests

    if call.__name__ == "read_secret_version":
        arguments["raise_on_deleted_version"] = False
    try:
        return call(**arguments)
    except hvac.exceptions.InvalidPath:
        return None
    except hvac.exceptions.VaultError as error:
        why = {"Forbidden": "permission denied", "Unauthorized": "the token is not accepted"}.get(type(error).__name__)
        mend = "give the token a policy to read it"
        raise UsageError(f"--known vault:{spec}: {why or 'Vault refuses'}", mend) from None
    except requests.RequestException as error:
        why = f"Vault does not answer ({type(error).__name__})"
        raise UsageError(f"--known vault:{spec}: {why}", "see VAULT_ADDR") from None


def _fields(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _fields(value, f"{name}.{key}" if name else str(key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _fields(value, f"{name}[{number}]")
    elif isinstance(data, str):
        yield name, data
