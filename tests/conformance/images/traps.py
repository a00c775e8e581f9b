"""One function a case: the image that ``cases.toml`` describes under the same name. None needs an engine."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable

from conformance.images import forge
from conformance.images.forge import digest, file, folder, hard, pax, symbolic, tar, token
from conformance.images.oci import AMD64, CONFIG, LAYER, Json, Layer, Layout, Made, layer

ARM64 = "linux/arm64"
WINDOW = 8 * 1024 * 1024
_TRAPS: dict[str, Callable[[Plant], Made]] = {}


class Plant:
    """What a trap builds with: its name, and lines with its secrets."""

    def __init__(self, case: str) -> None:
        self.case = case
        self.layout = Layout(f"conf-{case}")

    def value(self, secret: str = "key") -> str:
        return token(f"{self.case}/{secret}").decode()

    def line(self, secret: str = "key") -> bytes:
        return f"token = {self.value(secret)}\n".encode()

    def image(self, *layers: Layer, config: Json | None = None, notes: dict[str, str] | None = None) -> Made:
        """An image of one platform."""
        at = self.layout.image(*(layers or (layer(file("etc/motd", b"hello\n")),)), config=config, notes=notes)
        return self.made(self.layout.root(at))

    def made(self, layout: Layout) -> Made:
        return Made(layout, layout.archive(), layout.layers)


def build(case: str) -> Made:
    """The image of a case, by its name."""
    return _TRAPS[case](Plant(case))


def names() -> set[str]:
    return set(_TRAPS)


def trap(function: Callable[[Plant], Made]) -> Callable[[Plant], Made]:
    _TRAPS[function.__name__.removesuffix("_").replace("_", "-")] = function
    return function


# ---------------------------------------------------------------- what later layers do


@trap
def deleted(p: Plant) -> Made:
    return p.image(layer(file("app/key", p.line())), layer(file("app/.wh.key", b"")))


@trap
def deleted_folder(p: Plant) -> Made:
    return p.image(layer(file("app/conf/key", p.line())), layer(file("etc/x", b"x")), layer(file(".wh.app", b"")))


@trap
def opaque_folder(p: Plant) -> Made:
    first = layer(folder("app"), file("app/key", p.line("old")), file("app/other", p.line("gone")))
    return p.image(first, layer(folder("app"), file("app/.wh..wh..opq", b""), file("app/key", p.line("new"))))


@trap
def overwritten(p: Plant) -> Made:
    return p.image(layer(file("app/key", p.line("old"))), layer(file("app/key", p.line("new"))))


@trap
def replaced_folder(p: Plant) -> Made:
    return p.image(layer(folder("app"), file("app/key", p.line())), layer(file("app", b"now a file")))


@trap
def copied_again(p: Plant) -> Made:
    moved = layer(file("app/.wh.key", b""), file("home/key", p.line()))
    return p.image(layer(file("app/key", p.line())), layer(file("app/key", p.line())), moved)


@trap
def deleted_and_back(p: Plant) -> Made:
    return p.image(layer(file("key", p.line())), layer(file(".wh.key", b"")), layer(file("key", p.line())))


@trap
def hard_link_stays(p: Plant) -> Made:
    return p.image(layer(file("h/a", p.line()), hard("h/b", "h/a"), hard("c", "h/a")), layer(file("h/.wh.a", b"")))


@trap
def hard_links_gone(p: Plant) -> Made:
    first = layer(file("h/a", p.line()), hard("h/b", "h/a"))
    return p.image(first, layer(file("h/.wh.a", b"")), layer(file("h/.wh.b", b"")))


@trap
def symbolic_link(p: Plant) -> Made:
    first = layer(file("releases/1/key", p.line()), symbolic("current", "releases/1"))
    return p.image(first, layer(file(".wh.current", b"")))


@trap
def link_over_secret(p: Plant) -> Made:
    return p.image(layer(file("app/key", p.line())), layer(symbolic("app/key", "/run/secrets/key")))


@trap
def whiteout_with_content(p: Plant) -> Made:
    return p.image(layer(file("app/x", b"x")), layer(file("app/.wh.x", p.line())))


@trap
def same_path_twice(p: Plant) -> Made:
    return p.image(layer(file("app/key", p.line("first")), file("app/key", p.line("second"))))


@trap
def sixty_layers(p: Plant) -> Made:
    layers = [layer(file(f"srv/{n}", b"%d\n" % n)) for n in range(1, 61)]
    layers[6], layers[32] = layer(file("app/key", p.line())), layer(file("app/.wh.key", b""))
    layers[59] = layer(file("srv/60", p.line("last")))
    return p.image(*layers)


@trap
def layer_twice(p: Plant) -> Made:
    one = layer(file("app/key", p.line()))
    return p.image(one, layer(file("app/.wh.key", b"")), one)


@trap
def base_image(p: Plant) -> Made:
    base, own = layer(file("etc/base.conf", p.line())), layer(file("app/run", b"#!/bin/sh\n"))
    notes = {"org.opencontainers.image.base.name": "registry.example/base:1"}
    return p.image(base, own, notes={**notes, "org.opencontainers.image.base.digest": digest(base.stored)})


# ---------------------------------------------------------------- the configuration


def _config(p: Plant, **config: object) -> Made:
    return p.image(config={"config": config})


@trap
def env(p: Plant) -> Made:
    return _config(p, Env=["PATH=/bin", f"API_KEY={p.value()}"])


@trap
def label(p: Plant) -> Made:
    return _config(p, Labels={"org.example.deploy": f"token={p.value()}"})


@trap
def cmd(p: Plant) -> Made:
    return _config(p, Cmd=["/app", "--token", p.value()])


@trap
def entrypoint(p: Plant) -> Made:
    return _config(p, Entrypoint=["/bin/sh", "-c", f"exec /app --token={p.value()}"])


@trap
def healthcheck(p: Plant) -> Made:
    test = ["CMD-SHELL", f"curl -H 'Authorization: token {p.value()}' http://127.0.0.1/"]
    return _config(p, Healthcheck={"Test": test, "Interval": 30_000_000_000})


@trap
def onbuild(p: Plant) -> Made:
    return _config(p, OnBuild=["COPY . /app", f"RUN TOKEN={p.value()} make"])


def _history(p: Plant, *entries: Json, **more: object) -> Made:
    first = {"created_by": "COPY motd /etc/motd"}
    return p.image(config={"history": [first, *({**one, "empty_layer": True} for one in entries)], **more})


@trap
def history_run(p: Plant) -> Made:
    return _history(p, {"created_by": f"RUN /bin/sh -c curl -u bot:{p.value()} http://localhost/ # buildkit"})


@trap
def history_arg(p: Plant) -> Made:
    legacy = {"created_by": f"|1 TOKEN={p.value('legacy')} /bin/sh -c make"}
    return _history(p, legacy, {"created_by": f"RUN |1 TOKEN={p.value('buildkit')} /bin/sh -c make # buildkit"})


@trap
def comment_and_author(p: Plant) -> Made:
    entry = {"created_by": "/bin/sh", "comment": f"token {p.value('comment')}", "author": f"bot {p.value('by')}"}
    return _history(p, entry, author=f"ops {p.value('author')}")


@trap
def manifest_annotation(p: Plant) -> Made:
    return p.image(notes={"org.example.pipeline": f"token={p.value()}"})


# ---------------------------------------------------------------- several manifests


def _attested(p: Plant, predicate: str, statement: Json) -> Made:
    at = p.layout.image(layer(file("app/run", b"run\n")))
    document = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": predicate, **statement}
    stored = p.layout.add(
        document, "application/vnd.in-toto+json", annotations={"in-toto.io/predicate-type": predicate}
    )
    rootfs = {"type": "layers", "diff_ids": [stored["digest"]]}
    config = p.layout.add({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": rootfs}, CONFIG)
    marks = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": at["digest"]}
    platform = {"os": "unknown", "architecture": "unknown"}
    about = p.layout.manifest(config, [stored], platform=platform, annotations=marks)
    return p.made(p.layout.root(p.layout.index(at, about)))


@trap
def provenance(p: Plant) -> Made:
    parameters = {"frontend": "dockerfile.v0", "args": {"build-arg:TOKEN": p.value()}}
    predicate = {"buildType": "https://mobyproject.org/buildkit@v1", "invocation": {"parameters": parameters}}
    return _attested(p, "https://slsa.dev/provenance/v0.2", {"predicate": predicate})


@trap
def sbom(p: Plant) -> Made:
    package = {"name": "app", "downloadLocation": f"git+https://bot:{p.value()}@git.example/app"}
    return _attested(p, "https://spdx.dev/Document", {"predicate": {"spdxVersion": "SPDX-2.3", "packages": [package]}})


@trap
def other_platform(p: Plant) -> Made:
    amd = p.layout.image(layer(file("app/run", b"amd64\n")))
    arm = p.layout.image(layer(file("app/key", p.line())), platform=ARM64)
    return p.made(p.layout.root(p.layout.index(amd, arm)))


@trap
def shared_layer(p: Plant) -> Made:
    base = layer(file("app/key", p.line()))
    amd = p.layout.image(base, layer(file("app/run", b"amd64\n")))
    arm = p.layout.image(base, layer(file("app/.wh.key", b"")), platform=ARM64)
    return p.made(p.layout.root(p.layout.index(amd, arm)))


@trap
def nested_index(p: Plant) -> Made:
    at = p.layout.image(layer(file("app/key", p.line())))
    return p.made(p.layout.root(p.layout.index(p.layout.index(at))))


@trap
def index_annotations(p: Plant) -> Made:
    """What ``buildx build --annotation`` writes above an image's manifest, and what a descriptor says of a blob."""
    one = layer(file("app/run", b"run\n"))._replace(more={"annotations": {"org.example.url": p.value("layer")}})
    at = {**p.layout.image(one), "annotations": {"org.example.build": f"token={p.value('descriptor')}"}}
    return p.made(p.layout.root(p.layout.index(at, notes={"org.example.pipeline": f"token={p.value('index')}"})))


@trap
def docker_media_types(p: Plant) -> Made:
    """The same documents under the names that Docker gave them before OCI."""
    docker = "application/vnd.docker."
    content = layer(file("app/key", p.line()))
    at = p.layout.image(content._replace(media_type=f"{docker}image.rootfs.diff.tar.gzip"))
    manifest = json.loads(p.layout.blobs.pop(at["digest"]))
    manifest["mediaType"] = f"{docker}distribution.manifest.v2+json"
    manifest["config"]["mediaType"] = f"{docker}container.image.v1+json"
    again = p.layout.add(manifest, manifest["mediaType"], platform=at["platform"])
    kind = f"{docker}distribution.manifest.list.v2+json"
    return p.made(p.layout.root(p.layout.add({"schemaVersion": 2, "mediaType": kind, "manifests": [again]}, kind)))


@trap
def several_images(p: Plant) -> Made:
    first = p.layout.image(layer(file("app/run", b"run\n")))
    p.layout.root(first)
    one = p.layout.roots
    second = p.layout.image(layer(file("app/key", p.line())))
    p.layout.saved[1]["RepoTags"] = [f"{p.layout.name}:2"]
    names = {"io.containerd.image.name": f"docker.io/library/{p.layout.name}:2"}
    p.layout.roots = [*one, {**second, "annotations": {**names, "org.opencontainers.image.ref.name": "2"}}]
    return p.made(p.layout)


@trap
def artifact(p: Plant) -> Made:
    """What is no image: a file for a layer, and no configuration."""
    title = {"org.opencontainers.image.title": "values.yaml"}
    stored = p.layout.add(b"app:\n  " + p.line(), "application/yaml", annotations=title)
    config = p.layout.add(b"{}", "application/vnd.oci.empty.v1+json")
    return p.made(p.layout.root(p.layout.manifest(config, [stored])))


# ---------------------------------------------------------------- archives in a layer


@trap
def tar_gz(p: Plant) -> Made:
    return p.image(layer(file("app/backup.tar.gz", forge.gz(tar(file("home/.netrc", p.line()))))))


@trap
def jar(p: Plant) -> Made:
    return p.image(layer(file("app/app.jar", forge.archive(**{"config/app.properties": p.line()}))))


@trap
def three_deep(p: Plant) -> Made:
    inner = forge.archive(**{"app.properties": p.line()})
    middle = forge.gz(tar(file("lib/app.jar", inner)))
    return p.image(layer(file("srv/all.zip", forge.archive(**{"backup.tar.gz": middle}))))


@trap
def zstd_file(p: Plant) -> Made:
    return p.image(layer(file("var/dump.sql.zst", forge.zstd(b"select 1;\n" * 500 + p.line() + b"select 2;\n" * 500))))


@trap
def stored_zip(p: Plant) -> Made:
    return p.image(layer(file("srv/all.zip", forge.archive(zipfile.ZIP_STORED, **{"conf/key": p.line()}))))


@trap
def large_archive(p: Plant) -> Made:
    many = [file(f"log/{number}", b"0123456789abcde\n" * 65_536) for number in range(9)]
    return p.image(layer(file("srv/backup.tar", tar(*many, file("home/key", p.line())))))


@trap
def large_file_in_gzip(p: Plant) -> Made:
    return p.image(layer(file("var/log.gz", forge.gz(_log(p)))))


@trap
def torn_archive(p: Plant) -> Made:
    rest = b"".join(b"%d\n" % (number * number) for number in range(20_000))
    packed = forge.gz(tar(file("home/key", p.line()), file("home/rest", rest)))
    return p.image(layer(file("srv/backup.tar.gz", packed[: len(packed) // 2])))


@trap
def encrypted_zip(p: Plant) -> Made:
    locked = bytearray(forge.archive(locked=b"locked\n"))
    locked[6] |= 1  # the flag of the member's own header, and of the directory's
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    return p.image(layer(file("srv/locked.zip", bytes(locked)), file("app/key", p.line())))


# ---------------------------------------------------------------- compression of layers


def _stored(p: Plant, how: Callable[[bytes], bytes], media_type: str = f"{LAYER}+gzip") -> Made:
    content = tar(file("app/key", p.line()), file("app/more", b"some more\n" * 300))
    return p.image(Layer(content, how(content), media_type))


@trap
def zstd_layer(p: Plant) -> Made:
    return _stored(p, forge.zstd, f"{LAYER}+zstd")


@trap
def zstd_chunked_layer(p: Plant) -> Made:
    return _stored(p, forge.zstd_chunked, f"{LAYER}+zstd")


@trap
def raw_layer_called_gzip(p: Plant) -> Made:
    return _stored(p, bytes)


@trap
def gzip_layer_called_raw(p: Plant) -> Made:
    return _stored(p, forge.gz, LAYER)


@trap
def gzip_members(p: Plant) -> Made:
    return _stored(p, lambda data: b"".join(forge.gz(data[at : at + 300]) for at in range(0, len(data), 300)))


@trap
def gzip_zero_padding(p: Plant) -> Made:
    return _stored(p, lambda data: forge.gz(data) + bytes(1000))


@trap
def gzip_trailing_garbage(p: Plant) -> Made:
    return _stored(p, lambda data: forge.gz(data) + b"garbage")


# ---------------------------------------------------------------- tar members


@trap
def pax_long_name(p: Plant) -> Made:
    return p.image(layer(file("/".join(["long" * 8] * 8) + "/key", p.line())))


@trap
def gnu_long_name(p: Plant) -> Made:
    return p.image(layer(forge.gnu_long("/".join(["long" * 8] * 8) + "/key", p.line())))


@trap
def very_long_path(p: Plant) -> Made:
    return p.image(layer(file("d/" * 32_766 + "key", p.line())))


@trap
def binary_size(p: Plant) -> Made:
    return p.image(layer(forge.base256("app/key", p.line()), file("app/after", p.line("after"))))


@trap
def global_header(p: Plant) -> Made:
    return p.image(layer(pax(b"g", comment=b"made by git"), file("app/key", p.line()), file("app/x", b"x")))


@trap
def sparse_gnu(p: Plant) -> Made:
    return p.image(layer(forge.sparse("var/key", p.line(), "gnu"), file("var/after", p.line("after"))))


@trap
def sparse_pax(p: Plant) -> Made:
    versions = {"0.0": "first", "0.1": "second", "1.0": "third"}
    return p.image(layer(*(forge.sparse(f"var/{name}", p.line(name), how) for how, name in versions.items())))


@trap
def odd_names(p: Plant) -> Made:
    names = {"newline": "app/a\nb", "command": "app/::error::x", "bytes": "app/caf\udce9", "percent": "app/%2e%2e"}
    return p.image(layer(*(file(name, p.line(secret)) for secret, name in names.items())))


@trap
def outside_paths(p: Plant) -> Made:
    return p.image(layer(file("/etc/absolute", p.line("absolute")), file("../../up", p.line("up"))))


@trap
def devices(p: Plant) -> Made:
    return p.image(layer(forge.device("dev/null", b"3"), forge.device("run/pipe", b"6"), file("app/key", p.line())))


@trap
def utf16(p: Plant) -> Made:
    return p.image(layer(file("app/settings.reg", ("\ufeff" + p.line().decode()).encode("utf-16-le"))))


@trap
def window_edge(p: Plant) -> Made:
    return p.image(layer(file("var/log", _log(p))))


def _log(p: Plant) -> bytes:
    """Lines with a token across the edge of a window, and another at the end."""
    line = b"0123456789abcde\n"
    first = line * (WINDOW // len(line))
    return first[: WINDOW - 20 - len(b"token = ") - 1] + b"\n" + p.line() + line * 20_000 + p.line("last")


@trap
def last_bytes(p: Plant) -> Made:
    data = p.line()
    content = tar(file("app/x", b"x"), file("app/key", b"#" * (1023 - len(data)) + b"\n" + data), end=0)
    return p.image(Layer(content, forge.gz(content)))


# ---------------------------------------------------------------- what cannot be scanned, or is not there


@trap
def empty_layers(p: Plant) -> Made:
    return p.image(layer(), Layer(b"", forge.gz(b"")), layer(file("app/key", p.line())))


@trap
def no_tar(p: Plant) -> Made:
    content = b"this is no archive\n" * 50 + p.line("hidden")
    return p.image(layer(file("app/key", p.line())), Layer(content, forge.gz(content)))


@trap
def foreign_layer(p: Plant) -> Made:
    elsewhere = layer(file("Windows/system.ini", b"; elsewhere\n"))
    media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    urls = {"urls": [f"http://127.0.0.1:9/{digest(elsewhere.stored)}"]}
    made = p.image(elsewhere._replace(media_type=media_type, more=urls), layer(file("app/key", p.line())))
    assert made.layout
    del made.layout.blobs[digest(elsewhere.stored)]
    return p.made(made.layout)


@trap
def encrypted_layer(p: Plant) -> Made:
    content = tar(file("app/locked", b"locked\n"))
    stored = b"\x01" + b"".join(bytes.fromhex(digest(b"%d" % n)[7:]) for n in range(64))
    secret = Layer(content, stored, f"{LAYER}+gzip+encrypted")
    return p.image(layer(file("app/key", p.line())), secret)


def _without(p: Plant, key: str, layout: Layout) -> Made:
    del layout.blobs[key]
    return p.made(layout)


@trap
def missing_layer(p: Plant) -> Made:
    absent = layer(file("app/other", b"other\n"))
    layout = p.image(layer(file("app/key", p.line())), absent).layout
    assert layout
    return _without(p, digest(absent.stored), layout)


@trap
def missing_config(p: Plant) -> Made:
    layout = p.image(layer(file("app/key", p.line()))).layout
    assert layout
    return _without(p, "sha256:" + layout.saved[0]["Config"].rpartition("/")[2], layout)


@trap
def wrong_digest(p: Plant) -> Made:
    good, other = layer(file("app/run", b"good\n")), layer(file("app/run", b"evil\n"))
    layout = p.image(good).layout
    assert layout
    layout.blobs[digest(good.stored)] = other.stored
    return p.made(layout)


@trap
def torn_layer(p: Plant) -> Made:
    whole = layer(file("app/x", b"".join(b"%d\n" % (n * n) for n in range(20_000))), file("app/key", p.line()))
    return p.image(whole._replace(stored=whole.stored[: len(whole.stored) // 2]))


@trap
def fewer_layers_than_configured(p: Plant) -> Made:
    layout = p.layout
    full = layout.image(layer(file("app/run", b"run\n")), layer(file("app/key", p.line())))
    config = layout.saved[0]["Config"].rpartition("/")[2]
    data = layout.blobs[f"sha256:{config}"]
    first = layout.layers[AMD64][0][0]
    stored = {"mediaType": f"{LAYER}+gzip", "digest": first, "size": len(layout.blobs[first])}
    del layout.blobs[layout.layers[AMD64][1][0]], layout.blobs[full["digest"]]
    layout.saved[0]["Layers"].pop()
    at = layout.manifest({"mediaType": CONFIG, "digest": f"sha256:{config}", "size": len(data)}, [stored])
    return p.made(layout.root(at))


# ---------------------------------------------------------------- nothing to find


@trap
def clean(p: Plant) -> Made:
    lock = {"packages": {"node_modules/x": {"version": "1.0.0", "integrity": "sha512-" + "q0Vw" * 21 + "Zw=="}}}
    example = b"API_KEY=changeme\nDB_PASSWORD=${DB_PASSWORD}\nTOKEN=<your token here>\n"
    files = {
        "app/package-lock.json": json.dumps(lock).encode(),
        "app/.env.example": example,
        "app/sums": b"".join(digest(b"%d" % n)[7:].encode() + b"  file\n" for n in range(20)),
        "app/ids": b"0f3c1a52-7d4e-4b7a-9f27-6a1c2b3d4e5f\n",
    }
    config = {"config": {"Env": ["PATH=/usr/bin:/bin", "PYTHON_SHA256=" + digest(b"x")[7:]]}}
    return p.image(layer(*(file(name, data) for name, data in files.items())), config=config)


@trap
def multi_stage(p: Plant) -> Made:
    """What a build leaves whose first stage had the secret: the history tells of the copy, no layer has it."""
    history = [{"created_by": "COPY /src/app /app # buildkit"}, {"created_by": "CMD /app", "empty_layer": True}]
    return p.image(layer(file("app", b"\x7fELF built\n")), config={"history": history})


# ---------------------------------------------------------------- other shapes of docker save


def _old(p: Plant, members: list[bytes], layers: list[tuple[str, bytes]]) -> Made:
    """An archive of the layout before OCI: ``layers`` are (path in the archive, content)."""
    ids = [digest(content) for _, content in layers]
    document = {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}
    config = json.dumps(document).encode()
    name = digest(config)[7:] + ".json"
    entry = {"Config": name, "RepoTags": [f"{p.layout.name}:1"], "Layers": [path for path, _ in layers]}
    last = file("manifest.json", json.dumps([entry]).encode())
    return Made(None, tar(*members, file(name, config), last), {AMD64: [(own, own) for own in ids]})


@trap
def save_with_linked_layer(p: Plant) -> Made:
    one, two = tar(file("app/key", p.line())), tar(file("app/.wh.key", b""))
    members = [symbolic("a/layer.tar", "../c/layer.tar"), file("b/layer.tar", two), file("c/layer.tar", one)]
    members.insert(1, file("a/VERSION", b"1.0"))
    return _old(p, members, [("a/layer.tar", one), ("b/layer.tar", two), ("c/layer.tar", one)])


@trap
def save_by_diff_id(p: Plant) -> Made:
    """As podman and skopeo write it: a file for each DiffID, and links to it from the old names."""
    one = tar(file("app/key", p.line()))
    name = digest(one)[7:] + ".tar"
    return _old(p, [file(name, one), symbolic("a/layer.tar", f"../{name}")], [(name, one)])


@trap
def save_compressed(p: Plant) -> Made:
    made = _old(p, [file("a/layer.tar", one := tar(file("app/key", p.line())))], [("a/layer.tar", one)])
    return made._replace(archive=forge.gz(made.archive))


@trap
def save_without_layers(p: Plant) -> Made:
    """What some engines save, with exit code 0: the manifest and the index, without configuration and layers."""
    layout = p.image(layer(file("app/key", p.line()))).layout
    assert layout
    manifest = layout.roots[0]["digest"]
    layout.blobs = {key: data for key, data in layout.blobs.items() if key == manifest}
    return Made(None, layout.archive(), layout.layers)
