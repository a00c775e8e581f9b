"""HTTP requests that take no credential elsewhere: redirects by hand, no netrc, no cookies, HTTPS unless allowed."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from leaksweep.errors import ScanError, UsageError
from leaksweep.targets.image.access import Access

REDIRECTS = 5
_NO_PROXY = {"http": "", "https": "", "all": ""}
_REDIRECT = frozenset({301, 302, 303, 307, 308})


class Web:
    """A session; close it. Its answers are streams, which their readers close."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = requests.Session()
        self._session.auth = _anonymous
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", _Trusting(access.ca_file))

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def send(
        self, url: str, headers: Mapping[str, str], authorization: str = "", form: Mapping[str, str] | None = None
    ) -> requests.Response:
        """GET, or POST of a form, which is never sent on to where a redirect points.

        Raises:
            requests.RequestException: the connection failed; its text may hold credentials.
            ScanError: a redirect leads round in circles, or to plain HTTP that is not allowed.
        """
        host = _split(url).hostname
        for _ in range(REDIRECTS + 1):
            parts = self._checked(url)
            response = self._request(url, {**headers, **_header(authorization)}, form)
            if response.status_code not in _REDIRECT or form is not None:
                return response
            response.close()
            url = _joined(url, response.headers.get("Location", ""))
            if _split(url)[:2] != parts[:2]:
                authorization = ""
        raise ScanError(f"the registry {host} redirects without end", "ask who runs the registry")

    def may_be_plain(self, host: str) -> bool:
        """Whether ``host`` or ``host:port`` may be spoken to in plain HTTP."""
        name = urlsplit(f"//{host}").hostname or ""
        return is_loopback(name) or bool({host, name} & set(self._access.insecure))

    def _request(self, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None) -> requests.Response:
        try:
            return self._session.request(
                "GET" if form is None else "POST",
                url,
                headers={"Accept-Encoding": "identity", **headers},
                data=form,
                stream=True,
                allow_redirects=False,
                timeout=(self._access.connect_timeout, self._access.read_timeout),
                proxies=_NO_PROXY if is_loopback(_split(url).hostname or "") else None,
            )
        except ValueError:  # of an address, also of one that a redirect leads to
            raise _no_address() from None

    def _checked(self, url: str) -> SplitResult:
        parts = _split(url)
        if parts.scheme == "https" or (parts.scheme == "http" and self.may_be_plain(parts.netloc)):
            return parts
        raise ScanError(
            f"{parts.hostname or 'the registry'}: refused to go on without encryption",
            f"allow it with --insecure-registry {parts.netloc}, if you must",
        )


class _Trusting(HTTPAdapter):
    """Trusts the system's authorities, those of requests (``REQUESTS_CA_BUNDLE``) and one file more."""

    def __init__(self, ca_file: str) -> None:
        self._context = ssl.create_default_context()
        if ca_file:
            try:
                self._context.load_verify_locations(ca_file)
            except OSError as error:
                raise UsageError(
                    f"{ca_file}: cannot be read as certificates: {error.strerror or 'no PEM file'}", "check the file"
                ) from None
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Every connection has our context."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Every connection through a proxy, too."""
        return super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authentication by nothing but the headers that we set; its presence keeps requests from reading ~/.netrc."""
    return request


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it raises where it is no number
        return parts
    except ValueError:
        raise _no_address() from None


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        raise _no_address() from None


def _no_address() -> ScanError:
    return ScanError("the registry sends on to something that is no address", "ask who runs the registry")


def _header(authorization: str) -> dict[str, str]:
    return {"Authorization": authorization} if authorization else {}
