"""Registries: logins, torn and stalled transfers, redirects, and error texts that hold no credentials."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from leaksweep.errors import ScanError
from leaksweep.model import Skipped
from leaksweep.redact import Secret
from leaksweep.targets.image import Access
from leaksweep.targets.image.auth import challenges
from support.fakes import github
from support.images import QUICK, Oci, build, config_json, digest, docker, lab_access, read, tar
from support.registry_stub import Request, Stub, stub
from support.require import require

KEY, OTHER = github("registry"), github("attested")
FILLER = os.urandom(6_000_000)
LAYER = tar(("etc/key", KEY), ("filler", FILLER))
PASSWORD = "swordfish-" + "x" * 20
WHO = replace(QUICK, user="me", password=Secret(PASSWORD.encode()))
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()


@pytest.fixture(autouse=True)
def no_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Tests with a stub have neither an engine nor a docker configuration."""
    if "lab" not in request.fixturenames:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.fixture
def registry() -> Iterator[Stub]:
    oci = Oci()
    with stub(oci, oci.image(LAYER)) as running:
        yield running


def is_layer(request: Request) -> bool:
    return request.path.endswith(digest(LAYER))


def redirect(request: Request, location: str) -> bool:
    if is_layer(request):
        request.answer(302, Location=location)
    return is_layer(request)


def test_an_image_is_read_over_http_with_its_config(registry: Stub) -> None:
    found = read(registry.name)
    assert [f"{registry.name} layer 1 ({digest(LAYER)[:19]}): /etc/key"] == found.labels(KEY)
    assert f"image/{registry.address}/team/app" == found.run
    assert {""} == {authorization for _, authorization, _ in registry.seen}


def test_a_digest_is_asked_for_and_verified(registry: Stub) -> None:
    name = f"{registry.address}/team/app@{registry.tag['digest']}"
    assert 1 == len(read(name).labels(KEY))
    assert [f"/v2/team/app/manifests/{registry.tag['digest']}"] == registry.paths("manifests")
    registry.oci.blobs[registry.tag["digest"]] += b" "
    with pytest.raises(ScanError, match="does not have the digest"):
        read(name)


@pytest.mark.parametrize("what", ["config", "layers"])
def test_a_flipped_byte_in_a_blob_is_an_error(registry: Stub, what: str) -> None:
    manifest = json.loads(registry.oci.blobs[registry.tag["digest"]])
    name = (manifest[what] if what == "config" else manifest[what][0])["digest"]
    data = bytearray(registry.oci.blobs[name])
    data[len(data) // 2] ^= 1
    registry.oci.blobs[name] = bytes(data)
    with pytest.raises(ScanError, match="does not have the digest"):
        read(registry.name)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_torn_transfer_goes_on_where_it_broke(registry: Stub, ranges: bool) -> None:
    torn: list[int] = []

    def misbehave(request: Request) -> bool:
        if not is_layer(request) or len(torn) == 3:
            return False
        start = int(request.headers.get("Range", "bytes=0-")[6:-1]) if ranges else 0
        torn.append(start)
        part, length = LAYER[start : 1_500_000 * len(torn)], len(LAYER) - start
        if start:
            request.answer(206, part, length, Content_Range=f"bytes {start}-{len(LAYER) - 1}/{len(LAYER)}")
        else:
            request.answer(200, part, length)
        return True

    registry.misbehave = misbehave
    assert 1 == len(read(registry.name).labels(KEY))
    asked = [r for path, _, r in registry.seen if path.endswith(digest(LAYER))]
    assert ["", "bytes=1500000-", "bytes=3000000-", "bytes=4500000-"] == asked


def test_a_length_of_thousands_of_digits_is_none(registry: Stub) -> None:
    def misbehave(request: Request) -> bool:
        if is_layer(request):
            request.send_response(200)
            request.send_header("Content-Length", "9" * 5000)
            request.end_headers()
            request.wfile.write(LAYER)
            request.close_connection = True
        return is_layer(request)

    registry.misbehave = misbehave
    assert 1 == len(read(registry.name).labels(KEY))


def test_a_transfer_that_is_torn_each_time_is_an_error(registry: Stub) -> None:
    def misbehave(request: Request) -> bool:
        if is_layer(request):
            request.answer(200, LAYER[:1000], length=len(LAYER))
        return is_layer(request)

    registry.misbehave = misbehave
    with pytest.raises(ScanError, match="breaks off each time"):
        read(registry.name)


def test_a_registry_that_stalls_is_given_up_after_some_tries(registry: Stub) -> None:
    def misbehave(request: Request) -> bool:
        if is_layer(request):
            request.answer(200, LAYER[:1000], length=len(LAYER))
            time.sleep(2)
        return is_layer(request)

    def silent(request: Request) -> bool:
        if "manifests" in request.path:
            time.sleep(1)
        return False

    registry.misbehave = misbehave
    with pytest.raises(ScanError, match="breaks off each time"):
        read(registry.name, replace(QUICK, read_timeout=0.1))
    registry.misbehave = silent
    with pytest.raises(ScanError, match="does not answer in time"):
        read(registry.name, replace(QUICK, read_timeout=0.1))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_registry_that_is_busy_is_asked_again(registry: Stub, status: int) -> None:
    refused: set[str] = set()

    def misbehave(request: Request) -> bool:
        if request.path in refused or request.path == "/v2/":
            return False
        refused.add(request.path)
        request.answer(status, Retry_After="0")
        return True

    registry.misbehave = misbehave
    assert 1 == len(read(registry.name).labels(KEY))
    registry.misbehave = lambda request: request.answer(status)
    with pytest.raises(ScanError, match=f"it answers with status {status}"):
        read(registry.name)


def test_no_credential_goes_to_the_host_of_a_redirect(registry: Stub) -> None:
    with stub(registry.oci, registry.tag) as other:
        away = f"http://{other.address}/storage/{digest(LAYER)}?X-Signature=geheim"

        def misbehave(request: Request) -> bool:
            if not request.headers.get("Authorization"):
                request.answer(401, WWW_Authenticate='Basic realm="r"')
                return True
            if is_layer(request):
                request.answer(307, Location=away)
            return is_layer(request)

        registry.misbehave = misbehave
        assert 1 == len(read(registry.name, WHO).labels(KEY))
        assert [(f"/storage/{digest(LAYER)}?X-Signature=geheim", "", "")] == other.seen
        assert {BASIC, ""} == {authorization for _, authorization, _ in registry.seen}

        del other.oci.blobs[digest(LAYER)]
        with pytest.raises(ScanError, match="missing") as error:
            read(registry.name, WHO)
        other.misbehave = lambda request: request.answer(403)
        with pytest.raises(ScanError, match="refuses") as refused:
            read(registry.name, WHO)
        for text in (str(error.value), str(refused.value)):
            assert "geheim" not in text
            assert PASSWORD not in text


@pytest.mark.parametrize(
    "location",
    ["http://example.invalid/x", "ftp://127.0.0.1/x", "http://[broken/x", "http://127.0.0.1:x/", "file:///etc/passwd"],
)
def test_a_redirect_to_what_is_not_encrypted_is_refused(registry: Stub, location: str) -> None:
    registry.misbehave = lambda r: redirect(r, location)
    with pytest.raises(ScanError, match=r"without encryption|no address"):
        read(registry.name)


def test_a_redirect_in_circles_is_an_error(registry: Stub) -> None:
    registry.misbehave = lambda r: redirect(r, r.path)
    with pytest.raises(ScanError, match="redirects without end"):
        read(registry.name)


def bearer(registry: Stub, user: str = BASIC) -> None:
    """Make the stub ask for tokens, which it gives to ``user`` only."""

    def misbehave(request: Request) -> bool:
        if request.path.startswith("/token"):
            if request.headers.get("Authorization", "") == user:
                request.json(200, {"token": "t0ken"})
            else:
                request.json(401, {})
            return True
        if request.headers.get("Authorization") != "Bearer t0ken":
            realm = f'realm="http://{registry.address}/token?a=b"'
            request.answer(401, WWW_Authenticate=f'Bearer {realm},service="the registry",scope="repository:x:push"')
            return True
        return False

    registry.misbehave = misbehave


@pytest.mark.parametrize(("user", "access"), [(BASIC, WHO), ("", QUICK)])
def test_a_token_is_asked_for_once_and_for_reading_only(registry: Stub, user: str, access: Access) -> None:
    bearer(registry, user)
    assert 1 == len(read(registry.name, access).labels(KEY))
    assert ["/token?a=b&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull"] == registry.paths("/token")


def test_a_token_that_expires_is_renewed(registry: Stub) -> None:
    bearer(registry)
    inner, spent = registry.misbehave, list[int]()

    def expire(request: Request) -> object:
        if is_layer(request) and not spent:
            spent.append(1)
            request.answer(401, WWW_Authenticate=f'Bearer realm="http://{registry.address}/token"')
            return True
        return inner(request)

    registry.misbehave = expire
    assert 1 == len(read(registry.name, WHO).labels(KEY))
    assert 2 == len(registry.paths("/token"))


def test_a_wrong_password_and_none_are_told_apart(registry: Stub) -> None:
    bearer(registry)
    with pytest.raises(ScanError, match=r"refuses team/app to this user .*check --registry-user"):
        read(registry.name, replace(WHO, password=Secret(b"wrong-password")))
    with pytest.raises(ScanError, match=r"wants a login .*docker login, or give --registry-user"):
        read(registry.name)


@pytest.mark.parametrize("token", ["", "a\nb", "caf\u00e9", 5, None])
def test_a_token_that_is_none_is_a_refusal(registry: Stub, token: object) -> None:
    def misbehave(request: Request) -> bool:
        if request.path.startswith("/token"):
            request.json(200, {"token": token})
        else:
            request.answer(401, WWW_Authenticate=f'Bearer realm="http://{registry.address}/token"')
        return True

    registry.misbehave = misbehave
    with pytest.raises(ScanError, match=r"refuses|wants a login"):
        read(registry.name, WHO)


@pytest.mark.parametrize("realm", ["http://example.invalid/token", "", "http://[x", "gopher://x"])
def test_a_password_is_not_sent_to_a_realm_without_encryption(registry: Stub, realm: str) -> None:
    registry.misbehave = lambda request: request.answer(401, WWW_Authenticate=f'Bearer realm="{realm}"')
    with pytest.raises(ScanError, match=r"without encryption|no address"):
        read(registry.name, WHO)


def test_docker_login_is_used_from_its_configuration(
    registry: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer(registry)
    auth = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": auth}}}))
    assert 1 == len(read(registry.name).labels(KEY))
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "fake"}))
    helper = tmp_path / "bin" / "docker-credential-fake"
    helper.parent.mkdir()
    answer = json.dumps({"ServerURL": registry.address, "Username": "me", "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{helper.parent}:{os.environ['PATH']}")
    assert 1 == len(read(registry.name).labels(KEY))
    helper.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ScanError, match=r"wants a login .*credentials for .* cannot be read"):
        read(registry.name)


def test_an_identity_token_is_exchanged(registry: Stub, tmp_path: Path) -> None:
    auths = {registry.address: {"identitytoken": PASSWORD}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    forms = []

    def misbehave(request: Request) -> bool:
        if request.path.startswith("/token"):
            forms.append((request.command, request.rfile.read(int(request.headers["Content-Length"])).decode()))
            request.json(200, {"access_token": "t0ken"})
            return True
        if request.headers.get("Authorization") != "Bearer t0ken":
            request.answer(401, WWW_Authenticate=f'Bearer realm="http://{registry.address}/token",service="s"')
            return True
        return False

    registry.misbehave = misbehave
    assert 1 == len(read(registry.name).labels(KEY))
    assert "POST" == forms[0][0]
    assert f"refresh_token={PASSWORD}" in forms[0][1]


def test_netrc_is_not_read(registry: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {PASSWORD}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    read(registry.name)
    assert {""} == {authorization for _, authorization, _ in registry.seen}


def test_all_that_is_not_there_is_told(registry: Stub) -> None:
    with pytest.raises(ScanError, match=r"has no team/app of that version \(no docker engine answers.*check the name"):
        read(f"{registry.address}/team/app:2")
    manifest = json.loads(registry.oci.blobs[registry.tag["digest"]])
    for name in (manifest["config"]["digest"], digest(LAYER)):
        data = registry.oci.blobs.pop(name)
        with pytest.raises(ScanError, match="is missing: the image is incomplete"):
            read(registry.name)
        registry.oci.blobs[name] = data


def test_a_registry_that_is_not_there_is_told(registry: Stub) -> None:
    with pytest.raises(ScanError, match="connection refused"):
        read("127.0.0.1:1/app")
    with pytest.raises(ScanError, match=r"registry.invalid cannot be read: "):
        read("registry.invalid/app")


def test_a_platform_that_an_index_lists_and_the_registry_lacks_is_a_gap(registry: Stub) -> None:
    absent = Oci().image(tar(("x", b"x")), platform={"os": "linux", "architecture": "arm64"})
    registry.tag = registry.oci.index({**registry.tag, "platform": {"os": "linux", "architecture": "amd64"}}, absent)
    found = read(registry.name)
    assert 1 == len(found.labels(KEY))
    assert [Skipped(f"{registry.name} (linux/arm64)", "its manifest is missing")] == found.skipped


def test_platforms_share_layers_which_are_fetched_once(registry: Stub) -> None:
    own = tar(("own", OTHER))
    amd = registry.oci.image(LAYER, platform={"os": "linux", "architecture": "amd64"})
    arm = registry.oci.image(LAYER, own, platform={"os": "linux", "architecture": "arm64", "variant": "v8"})
    registry.tag = registry.oci.index(amd, arm)
    found = read(registry.name)
    short = digest(LAYER)[:19]
    labels = [f"{registry.name} (linux/{p}) layer 1 ({short}): /etc/key" for p in ("amd64", "arm64/v8")]
    assert labels == found.labels(KEY)
    assert 1 == len(registry.paths(digest(LAYER)))
    assert 1 == len(found.labels(OTHER))


def test_a_foreign_layer_is_a_gap_and_never_fetched_from_elsewhere(registry: Stub) -> None:
    with stub(registry.oci, registry.tag) as other:
        foreign = {
            "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            "digest": digest(b"foreign"),
            "size": 7,
            "urls": [f"http://{other.address}/layer"],
        }
        config = registry.oci.add(json.loads(config_json([LAYER, b"foreign"])))
        layer = registry.oci.add(LAYER, "application/vnd.oci.image.layer.v1.tar")
        registry.tag = registry.oci.manifest(config, [layer, foreign])
        found = read(registry.name)
        assert 1 == len(found.labels(KEY))
        assert ["a foreign layer, which is kept elsewhere"] == [s.why for s in found.skipped]
        assert [] == other.seen


def test_documents_without_measure_are_refused(registry: Stub) -> None:
    registry.tag = registry.oci.add({"padding": "x" * 5_000_000})
    with pytest.raises(ScanError, match="larger than 4 MiB"):
        read(registry.name)
    config = registry.oci.add({"padding": "x" * 9_000_000})
    registry.tag = registry.oci.manifest(config, [])
    with pytest.raises(ScanError, match="larger than 8 MiB"):
        read(registry.name)


def test_a_wrong_size_in_a_manifest_is_no_hindrance_since_the_digest_decides(registry: Stub) -> None:
    config = registry.oci.add(json.loads(config_json([LAYER])))
    for size in (1, 999_999_999):
        layer = {**registry.oci.add(LAYER, "application/vnd.oci.image.layer.v1.tar"), "size": size}
        registry.tag = registry.oci.manifest(config, [layer])
        assert 1 == len(read(registry.name).labels(KEY))


def test_challenges_are_read_in_any_shape() -> None:
    assert {"basic": {"realm": "a b"}} == challenges('Basic realm="a b"')
    both = challenges('Basic realm="x", Bearer realm="https://a/t?x=1,2",service=s , scope="a:b:c,d"')
    assert {"realm": "x"} == both["basic"]
    assert {"realm": "https://a/t?x=1,2", "service": "s", "scope": "a:b:c,d"} == both["bearer"]
    assert {} == challenges("")
    assert {"negotiate": {}, "basic": {"realm": ""}} == challenges('Negotiate, Basic realm=""')


# ---------------------------------------------------------------- real registries


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> str:
    """``/name:tag`` of an image that all of the lab's registries have: they share one store."""
    (registry,) = require("REGISTRY")
    folder = tmp_path_factory.mktemp("lab")
    (folder / "key").write_bytes(KEY)
    build(folder, "FROM busybox\nCOPY key /key\n", f"{registry}/private/app:1", f"{registry}/public/app:1")
    for name in ("private", "public"):
        docker("push", "-q", f"{registry}/{name}/app:1")
    return "/private/app:1"


def test_a_registry_with_passwords(lab: str) -> None:
    (host,) = require("LAB_REGISTRY_AUTH")
    name = f"docker://{host}{lab}"
    assert 1 == len(read(name, lab_access()).labels(KEY))
    with pytest.raises(ScanError, match="refuses private/app to this user"):
        read(name, replace(lab_access(), password=Secret(b"wrong")))
    with pytest.raises(ScanError, match="wants a login"):
        read(name)
    with pytest.raises(ScanError, match="has no private/app of that version"):
        read(f"{name}-not", lab_access())


def test_a_registry_with_tokens(lab: str) -> None:
    (host,) = require("LAB_REGISTRY_TOKEN")
    name = f"docker://{host}{lab}"
    assert 1 == len(read(name, lab_access()).labels(KEY))
    assert 1 == len(read(name.replace("private", "public")).labels(KEY))
    with pytest.raises(ScanError, match="refuses private/app to this user"):
        read(name, replace(lab_access(), password=Secret(b"wrong")))
    with pytest.raises(ScanError, match="wants a login"):
        read(name)


def test_a_registry_with_an_authority_of_its_own(lab: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    host, authority = require("LAB_REGISTRY_TLS", "LAB_REGISTRY_CA")
    name = f"docker://{host}{lab}"
    with pytest.raises(ScanError, match=r"cannot be trusted: .*SSL_CERT_FILE"):
        read(name, lab_access())
    assert 1 == len(read(name, lab_access(ca_file=authority)).labels(KEY))
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        with monkeypatch.context() as context:
            context.setenv(variable, authority)
            assert 1 == len(read(name, lab_access()).labels(KEY))
