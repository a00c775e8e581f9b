"""Scanners: how each is called on a carrier's image, and what its report says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from conformance.images.score import Report, Seen

Planted = Mapping[str, str]  #: name -> token
TIMEOUT = 120


class UnsupportedError(Exception):
    """The scanner does not claim to read this carrier; the text says why."""


def leaksweep(reference: str, carrier: str, planted: Planted, program: str = "") -> Report:
    """The real program. Its report shows no secret: what it also finds in our file of a name is the planted one."""
    call = program.split() or [sys.executable, "-m", "leaksweep"]
    with tempfile.TemporaryDirectory() as folder:
        known, out = plant(Path(folder), planted), Path(folder) / "report.json"
        image = leaksweep_reference(reference, carrier)
        done = _run([*call, "scan", str(known), f"--image={image}", f"--report=json={out}"])
        if done.returncode not in {0, 1, 3} or not out.exists():
            return Report([], {}, [], [], done.stderr.strip() or f"exit code {done.returncode}")
        return leaksweep_report(json.loads(out.read_bytes()), planted)


def plant(folder: Path, planted: Planted) -> Path:
    """A folder with each token in a file that has its name."""
    (folder / "planted").mkdir()
    for name, value in planted.items():
        (folder / "planted" / name).write_text(f"token = {value}\n")
    return folder / "planted"


def leaksweep_reference(reference: str, carrier: str) -> str:
    prefixes = {"engine": "docker-daemon:", "registry": "docker://", "layout": "oci:", "tar": "docker-archive:"}
    return prefixes[carrier] + reference


def leaksweep_report(document: Mapping[str, Any], planted: Planted) -> Report:
    seen: list[Seen] = []
    findings: Counter[str] = Counter()
    strange: list[str] = []
    runs = [quote(entry["run"]) + "/" for entry in document["coverage"]]
    for finding in document["findings"]:
        inside = [place for place in finding["places"] if place["kind"] != "file"]
        names = [place["uri"] for place in finding["places"] if place["kind"] == "file"]
        if not names:
            strange.append(f"{finding['rule']} {inside[0]['label']}")
        elif inside:
            findings[planted[names[0]]] += 1
            seen.extend(_leaksweep_place(place, planted[names[0]], runs) for place in inside)
    return Report(seen, dict(findings), strange, [f"{gap['what']}: {gap['why']}" for gap in document["skipped"]])


def _leaksweep_place(place: Mapping[str, Any], secret: str, runs: list[str]) -> Seen:
    platform = re.search(r" \((\S+)\)$", place["image"])
    shown = platform[1] if platform else ""
    if place["kind"] == "config":
        return Seen(secret, field=place["field"], platform=shown)
    path = next(place["uri"].removeprefix(run) for run in runs if place["uri"].startswith(run))
    fate = f"{place['gone']} in {place['gone_in_layer']}" if "gone" in place else ""
    name = unquote(path, errors="surrogateescape")
    return Seen(secret, place["layer_index"], name, place.get("inside", ""), fate, platform=shown)


def kingfisher(reference: str, carrier: str, planted: Planted, program: str = "") -> Report:
    """Kingfisher, offline. It speaks to registries over TLS only, and reads no OCI layouts."""
    environ = dict(os.environ)
    if carrier == "layout":
        raise UnsupportedError("it reads no OCI layouts")
    if carrier == "registry":
        if not os.environ.get("LAB_REGISTRY_TLS"):
            raise UnsupportedError("it needs a registry with TLS over the same store: LAB_REGISTRY_TLS")
        reference = f"{os.environ['LAB_REGISTRY_TLS']}/{reference.partition('/')[2]}"
        environ["SSL_CERT_FILE"] = os.environ["LAB_REGISTRY_CA"]
        environ["KF_DOCKER_TOKEN"] = ":".join(os.environ[f"LAB_REGISTRY_{key}"] for key in ("USER", "PASSWORD"))
    flags = ["--no-validate", "--no-update-check", "--no-dedup", "--no-limits", "--format=json"]
    where = f"--archive={reference}" if carrier == "tar" else reference
    done = _run([program or "kingfisher", "scan", "docker", where, *flags], environ)
    if done.returncode not in {0, 200, 205}:
        why = " ".join(line.strip() for line in done.stderr.partition("Stack backtrace")[0].splitlines()[-4:])
        return Report([], {}, [], [], why or f"exit code {done.returncode}")
    values = set(planted.values())
    seen: list[Seen] = []
    strange: list[str] = []
    for item in _json(done.stdout)["findings"]:
        finding = item["finding"]
        path = finding["path"].rpartition(" | ")[2]
        value = next((value for value in values if value in finding["snippet"]), "")
        if value:
            seen.append(Seen(value, path=path))
        else:
            strange.append(f"{item['rule']['id']} {path}")
    gaps = [line for line in done.stderr.splitlines() if re.search(r"\b(WARN|ERROR)\b", line)]
    return Report(seen, {place.secret: 1 for place in seen}, strange, gaps)


def _json(text: str) -> Any:
    return json.JSONDecoder().raw_decode(text, text.index("{"))[0]  # a summary follows


def _run(call: list[str], environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        call, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False, env=environ
    )


ADAPTERS = {"leaksweep": leaksweep, "kingfisher": kingfisher}
