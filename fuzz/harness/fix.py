"""Files that ``fix`` changes: what it changes no longer holds the secret, all else stays, and nothing is shown.

The first byte of the input picks the file's name; ``@@`` in the rest stands for the secret.
"""

from __future__ import annotations

from fuzz.harness._files import folder
from fuzz.harness._rules import RULES, TOKEN
from leaksweep.cache import Cache
from leaksweep.engine import Engine
from leaksweep.fix import show
from leaksweep.fix.plan import Plan, Planner
from leaksweep.model import Blob, File
from leaksweep.triage import triage

NAMES = (
    *("a.py", "a.js", "a.ts", "a.go", "A.java", "a.rb", "a.php", "A.cs", "a.sh", "script", "Dockerfile", ".env"),
    *("compose.yaml", ".env.example", ".npmrc", "pom.xml", ".github.yml", "a.tsx"),
)
WORDS = (
    *(b"@@", b'"@@"', b"'@@'", b'"""', b"'''", b"`", b"${", b"f'", b"b'", b"const ", b"import os\n", b"#!/bin/sh\n"),
    *(
        b"ENV A=@@\n",
        b"ARG A=@@\n",
        b"RUN x $A\n",
        b"FROM a\n",
        b"A=@@\n",
        b"export ",
        b"<<EOF\n",
        b"EOF\n",
        b"$A",
        b"\r\n",
    ),
    *(
        b"package main\n",
        b"<?php\n",
        b"from __future__ import annotations\n",
        b"return ",
        b" + ",
        b"\\\n",
        b"\xef\xbb\xbf",
    ),
)
LENGTH = 1024
_ENGINE = Engine(RULES, Cache(None), encoded=False)


def run(data: bytes) -> None:
    """Scan a file, plan its change, and show it."""
    name = NAMES[data[0] % len(NAMES)] if data else "a.py"
    content = data[1:].replace(b"@@", TOKEN)
    root = folder("fix")
    for old in root.iterdir():
        old.unlink()
    (root / name).write_bytes(content)
    sightings = list(_ENGINE.scan(Blob(name, content)))
    findings = triage([(sighting, (File(name),)) for sighting in sightings], b"key", None)
    if not findings:
        return
    plan = Planner(root, _ENGINE).plan(findings)
    _changed(plan, name, content)
    veil = show.Veil(findings)
    shown = "".join(show.told(plan, veil, applied=False)) + show.suggestions(plan, veil).decode()
    assert not any(finding.secret.reveal().decode("utf-8", "replace") in shown for finding in findings), shown


def _changed(plan: Plan, name: str, content: bytes) -> None:
    for change in plan.changes:
        if change.path != name:
            assert change.path in (".env.example", ".gitignore"), change.path
            continue
        assert change.old == content
        found = {match.secret.reveal() for match in _ENGINE.matches(Blob(name, change.new))}
        assert not found & {fixed.finding.secret.reveal() for fixed in change.fixed}
        assert change.new.count(TOKEN) < content.count(TOKEN) or TOKEN not in content
    fixed = sum(len(change.fixed) for change in plan.changes)
    assert fixed + len(plan.left) > 0
