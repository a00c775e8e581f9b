"""One repository of one registry over HTTP: its scheme, the login, retries. What is asked for is ``registry.py``'s."""

from __future__ import annotations

import time
from collections.abc import Mapping

import requests
import urllib3.exceptions

from leaksweep.errors import ScanError
from leaksweep.targets.image import auth, daemon
from leaksweep.targets.image.access import Access, Credentials
from leaksweep.targets.image.causes import is_untrusted, reason
from leaksweep.targets.image.documents import mapping, parse, text, too_large
from leaksweep.targets.image.names import HUB, ImageName
from leaksweep.targets.image.web import Web

ATTEMPTS = 5
LONGEST_WAIT = 30.0  #: seconds between two attempts, whatever the registry asks for
TOKEN_LIMIT = 1024 * 1024
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)  #: of a connection that failed


class Client:
    """Requests to a repository, with the credentials that the user gave or that docker knows."""

    def __init__(self, name: ImageName, access: Access, web: Web) -> None:
        self.host = f"registry-1.{HUB}" if name.host == HUB else name.host
        self._name = name
        self._access = access
        self._web = web
        self._scheme = ""
        self._authorization = ""
        self._credentials: Credentials | None = None
        self._note = ""  # why there are no credentials

    def get(self, path: str, headers: Mapping[str, str]) -> requests.Response:
        """``/v2/<repository>/<path>``: the answer (200, 206, 404, 416) as a stream, which the caller closes.

        Raises:
            ScanError: the registry cannot be reached, refuses, or keeps failing.
        """
        why = ""
        for attempt in range(ATTEMPTS):
            try:
                response = self._authorised(f"/v2/{self._name.path}/{path}", headers)
            except BROKEN as error:
                if is_untrusted(error):
                    raise self._untrusted(error) from None
                why, wait = reason(error), 0.0
            else:
                status = response.status_code
                if status in {200, 206, 404, 416}:
                    return response
                response.close()
                if status < 500 and status != 429:
                    raise self._refused(status)
                why, wait = f"it answers with status {status}", _seconds(response.headers.get("Retry-After", ""))
            if attempt < ATTEMPTS - 1:
                self.pause(attempt, wait)
        raise ScanError(f"the registry {self.host} cannot be read: {why}", "check its name, the network and its state")

    def fetch(
        self, path: str, headers: Mapping[str, str], limit: int, what: str
    ) -> tuple[bytes, Mapping[str, str]] | None:
        """The body of at most ``limit`` bytes, and the headers, of a small answer; None where there is none."""
        why = ""
        for attempt in range(ATTEMPTS):
            with self.get(path, headers) as response:
                if response.status_code != 200:
                    return None
                try:
                    return _body(response, limit, what), response.headers
                except BROKEN as error:
                    why = reason(error)
            self.pause(attempt)
        raise ScanError(f"{what}: the registry {self.host} breaks off each time: {why}", "try again later")

    def pause(self, attempt: int, wanted: float = 0.0) -> None:
        """Wait before the attempt after this one (from 0), as long as was ``wanted`` but not for ever."""
        time.sleep(min(LONGEST_WAIT, max(wanted, self._access.backoff * 2.0**attempt)))

    def _authorised(self, path: str, headers: Mapping[str, str]) -> requests.Response:
        self._scheme = self._scheme or self._find_scheme()
        url = f"{self._scheme}://{self.host}{path}"
        response = self._web.send(url, headers, self._authorization)
        if response.status_code == 401:
            response.close()
            self._authorization = self._log_in(response.headers.get("WWW-Authenticate", "")[:4096])
            response = self._web.send(url, headers, self._authorization)
        return response

    def _find_scheme(self) -> str:
        """HTTPS, and where plain HTTP is allowed, what is spoken there."""
        if not self._web.may_be_plain(self.host):
            return "https"
        try:
            self._web.send(f"https://{self.host}/v2/", {}).close()
            return "https"
        except BROKEN as error:
            if is_untrusted(error):
                raise
            return "http"

    def _log_in(self, header: str) -> str:
        ways = auth.challenges(header)
        self._credentials = self._credentials or self._find_credentials()
        if "bearer" in ways:
            return f"Bearer {self._token(ways['bearer'])}"
        if "basic" in ways and self._credentials:
            return auth.basic(self._credentials)
        raise self._refused(401)

    def _find_credentials(self) -> Credentials | None:
        if self._access.password is not None:
            return Credentials(self._access.user, self._access.password)
        try:
            return daemon.credentials(self._name.host)
        except ScanError as error:  # public images need none
            self._note = f" ({error.what})"
            return None

    def _token(self, challenge: Mapping[str, str]) -> str:
        who, service = self._credentials, challenge.get("service", "")
        scope = f"repository:{self._name.path}:pull"
        realm = challenge.get("realm", "")
        if who and who.identity:
            response = self._web.send(realm, {}, form=auth.refresh_form(who, service, scope))
        else:
            response = self._web.send(auth.token_url(realm, service, scope), {}, auth.basic(who) if who else "")
        with response:
            if response.status_code >= 500 or response.status_code == 429:
                raise requests.ConnectionError
            if response.status_code != 200:
                raise self._refused(response.status_code)
            answer = mapping(parse(_body(response, TOKEN_LIMIT, self.host), f"{self.host}: its token"))
        token = text(answer.get("token")) or text(answer.get("access_token"))
        if not token.isascii() or not token.isprintable() or not token:
            raise self._refused(401)
        return token

    def _refused(self, status: int) -> ScanError:
        where = f"the registry {self.host}"
        if status not in {401, 403}:
            return ScanError(f"{where} answers with status {status}", "check the name of the image")
        if self._credentials:
            return ScanError(
                f"{where} refuses {self._name.path} to this user (status {status})",
                "check --registry-user and its password, or log in again with docker login",
            )
        return ScanError(
            f"{where} wants a login for {self._name.path} (status {status}){self._note}",
            "run docker login, or give --registry-user and LEAKSWEEP_REGISTRY_PASSWORD; check the name too",
        )

    def _untrusted(self, error: BaseException) -> ScanError:
        return ScanError(
            f"the registry {self.host} cannot be trusted: {reason(error)}",
            "set SSL_CERT_FILE to a PEM file with the authority of its certificate",
        )


def _body(response: requests.Response, limit: int, what: str) -> bytes:
    data = b""
    while more := response.raw.read(limit + 1 - len(data), decode_content=False):
        data += more
        if len(data) > limit:
            raise too_large(what, limit)
    return data


def _seconds(header: str) -> float:
    return float(header) if header.isdecimal() and len(header) < 6 else 0.0
