"""Which line of the Dockerfile made what an image holds, and what it inherited."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from leaksweep.errors import UsageError
from leaksweep.lines import line_hash
from leaksweep.model import ImageConfig, LayerFile, Step, step_of
from leaksweep.targets.image import Access, maker
from support.images import Oci, Read, config_json, digest, read, tar

DOCKERFILE = b"""FROM registry.example/base:3 AS build
RUN make secret

FROM registry.example/base:3
# the application
ENV MODE=prod \\
    API_TOKEN=abc
COPY key /app/key
RUN chmod 600 /app/key \\
 && ls
LABEL team="a b" owner=me
CMD ["/app/run"]
"""
BASE, TOP = tar(("etc/base", b"base")), tar(("app/key", b"key"))
HISTORY: list[dict[str, Any]] = [
    {"created_by": "/bin/sh -c #(nop) ADD file:" + "0" * 64 + " in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    {"created_by": "ENV MODE=prod API_TOKEN=abc", "empty_layer": True, "comment": "buildkit.dockerfile.v0"},
    {"created_by": "COPY key /app/key # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "RUN /bin/sh -c chmod 600 /app/key  && ls # buildkit", "comment": "buildkit.dockerfile.v0"},
    {"created_by": "LABEL team=a b owner=me", "empty_layer": True, "comment": "buildkit.dockerfile.v0"},
    {"created_by": 'CMD ["/app/run"]', "empty_layer": True, "comment": "buildkit.dockerfile.v0"},
]
CONFIG = {"Env": ["PATH=/bin", "MODE=prod", "API_TOKEN=abc"], "Labels": {"team": "a b"}, "Cmd": ["/app/run"]}


def image(folder: Path, history: list[dict[str, Any]] = HISTORY) -> str:
    oci = Oci()
    layers = [BASE, TOP, TOP]
    document = json.loads(config_json(layers, **CONFIG)) | {"history": history}
    at = oci.add(document, "application/vnd.oci.image.config.v1+json")
    oci.roots.append(oci.manifest(at, [oci.add(data, "application/vnd.oci.image.layer.v1.tar") for data in layers]))
    return oci.write(folder)


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "Dockerfile").write_bytes(DOCKERFILE)
    return read(f"oci:{image(tmp_path / 'layout')}", Access(maker=maker("deploy/Dockerfile", ".")))


def steps(found: Read, name: str) -> list[Step | None]:
    return [
        step_of(place)
        for content in found.contents
        for place in content.places
        if (isinstance(place, ImageConfig) and place.field == name)
        or (isinstance(place, LayerFile) and f"{place.index}:{place.path}" == name)
    ]


def lines(found: Read, name: str) -> list[tuple[int, int] | None]:
    return [step and (step.first, step.last) for step in steps(found, name)]


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("2:app/key", (8, 8)),
        ("3:app/key", (9, 10)),
        ("env/API_TOKEN", (6, 7)),
        ("env/MODE", (6, 7)),
        ("labels/team", (11, 11)),
        ("cmd", (12, 12)),
        ("history/3", (8, 8)),
        ("history/4", (9, 10)),
        ("1:etc/base", None),
        ("env/PATH", None),
        ("history/0", None),
    ],
)
def test_the_line_that_made_it(found: Read, name: str, where: tuple[int, int] | None) -> None:
    assert lines(found, name) == [where]


def test_a_step_is_a_place_that_consumers_can_show(found: Read) -> None:
    (step,) = steps(found, "2:app/key")
    assert step == Step("deploy/Dockerfile", 8, 8, 18, line_hash(DOCKERFILE, DOCKERFILE.index(b"COPY")))
    assert step.uri == "deploy/Dockerfile"
    assert step.label == "deploy/Dockerfile:8"


def test_what_the_base_image_brought_says_so(found: Read) -> None:
    (inherited,) = [p for c in found.contents for p in c.places if isinstance(p, LayerFile) and p.index == 1]
    assert inherited.base == "registry.example/base:3"
    assert inherited.label.endswith(f"layer 1 ({digest(BASE)[:19]}, from registry.example/base:3): /etc/base")
    assert {""} == {p.base for c in found.contents for p in c.places if isinstance(p, LayerFile) and p.index > 1}


def test_a_dockerfile_of_another_image_is_no_help(tmp_path: Path) -> None:
    other = [{"created_by": "RUN /bin/sh -c cargo build --release # buildkit"} for _ in range(3)]
    (tmp_path / "Dockerfile").write_bytes(DOCKERFILE)
    found = read(f"oci:{image(tmp_path / 'layout', other)}", Access(maker=maker("", str(tmp_path))))
    assert {None} == {step_of(place) for content in found.contents for place in content.places}


def test_without_a_dockerfile_nothing_is_known(tmp_path: Path) -> None:
    found = read(f"oci:{image(tmp_path / 'layout')}", Access(maker=maker("", str(tmp_path))))
    assert {None} == {step_of(place) for content in found.contents for place in content.places}


def test_a_dockerfile_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match="--dockerfile nowhere: cannot be read: No such file or directory"):
        maker("nowhere", ".")


def test_a_line_that_is_too_much_is_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(UsageError, match="has more than 1 MiB"):
        maker(str(tmp_path / "Dockerfile"), ".")


def test_the_report_shows_the_line_and_names_the_image(tmp_path: Path) -> None:
    from leaksweep.reports.sarif import render
    from support.results import finding, result, seen

    step = Step("Dockerfile", 3, 4, 9, "abc:1")
    place = LayerFile("app", "app:1", 2, "sha256:" + "0" * 64, "app/key", step=step)
    runs = json.loads(render(result(finding(1, seen(place)))))["runs"]
    (found,) = [found for run in runs for found in run["results"]]
    (at,) = found["locations"]
    assert at["physicalLocation"]["artifactLocation"] == {"uri": "Dockerfile"}
    assert at["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 9}
    assert found["partialFingerprints"]["primaryLocationLineHash"] == "abc:1"
    (related,) = found["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "image/app/app/key"}
    assert "in app:1 layer 2" in found["message"]["text"]


# ---------------------------------------------------------------- BuildKit's word


def attested(folder: Path, dockerfile: bytes, *, archive: bool = False) -> str:
    """An image whose history tells nothing, with a provenance of BuildKit's that names the lines of its layers."""
    oci = Oci()
    layers = [BASE, TOP, tar(("app/key", b"again"))]
    document = json.loads(config_json(layers)) | {"history": [{"created_by": "step"}] * 3, "architecture": "amd64"}
    config = oci.add(document, "application/vnd.oci.image.config.v1+json")
    at = [oci.add(data, "application/vnd.oci.image.layer.v1.tar") for data in layers]
    platform = {"architecture": "amd64", "os": "linux"}
    manifest = oci.manifest(config, at, platform=platform)
    digests = [layer["digest"] for layer in at]
    steps = {"step0": (4, 4), "step1": (8, 8), "step2": (9, 10)}
    source = {
        "infos": [{"filename": "Dockerfile", "data": base64.b64encode(dockerfile).decode()}],
        "locations": {
            name: {"locations": [{"ranges": [{"start": {"line": line}, "end": {"line": line}} for line in lines]}]}
            for name, lines in steps.items()
        },
    }
    chains = {f"{name}:0": [[{"digest": d} for d in digests[: n + 1]]] for n, name in enumerate(steps)}
    metadata = {"https://mobyproject.org/buildkit@v1#metadata": {"source": source, "layers": chains}}
    statement = {"predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {"metadata": metadata}}
    notes = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}
    said = oci.add(statement, "application/vnd.in-toto+json", annotations=notes)
    empty = oci.add({"architecture": "unknown", "os": "unknown", "rootfs": {"type": "layers", "diff_ids": []}}, "x")
    about = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": manifest["digest"]}
    unknown = {"architecture": "unknown", "os": "unknown"}
    oci.roots.append(oci.index(manifest, oci.manifest(empty, [said], platform=unknown, annotations=about)))
    return f"oci-archive:{oci.write_tar(folder)}" if archive else f"oci:{oci.write(folder)}"


@pytest.mark.parametrize("archive", [False, True], ids=["layout", "archive"])
def test_an_attestation_tells_the_lines_where_the_history_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_bytes(DOCKERFILE)
    found = read(attested(tmp_path / "image", DOCKERFILE, archive=archive), Access(maker=maker("", ".")))
    assert lines(found, "2:app/key") == [(8, 8)]
    assert lines(found, "3:app/key") == [(9, 10)]
    assert lines(found, "1:etc/base") == [None], "the base image's is no line of ours to change"


def test_an_attestation_of_another_dockerfile_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_bytes(DOCKERFILE + b"# changed since\n")
    found = read(attested(tmp_path / "image", DOCKERFILE), Access(maker=maker("", ".")))
    assert lines(found, "2:app/key") == [None]
