"""Results made by hand, for reports: ordinary ones, and one in which everything that can be hostile is."""

from __future__ import annotations

from typing import Any

from leaksweep.model import (
    Commit,
    CommitFile,
    Companion,
    Confidence,
    Coverage,
    File,
    Finding,
    GitText,
    Held,
    ImageConfig,
    LayerFile,
    Location,
    Place,
    Playbook,
    Provider,
    Result,
    Rule,
    Seen,
    Severity,
    Skipped,
    Verdict,
)
from leaksweep.redact import Secret
from support.fakes import fake, github

LAYER = "sha256:" + "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
NASTY = "a\n::error::b\r\x1b[31m\udcff\"'<script>[x](1)\u202e{0}\\ \u00e9\U0001f600"

GITHUB = Rule(
    id="github-personal-access-token",
    name="GitHub Personal Access Token (classic)",
    provider=Provider("github", "GitHub"),
    summary="Acts as its owner on GitHub, in every repository that its scopes allow.",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    kind="pattern",
    pattern="(?P<secret>x)",
    width=40,
    playbook=Playbook(
        revoke="Delete the token under Settings, Developer settings, Personal access tokens.",
        revoke_url="https://github.com/settings/tokens",
        audit="Look for actions by this token in the owner's security log.",
        audit_url="https://github.com/settings/security-log",
        breaks="Scripts and CI jobs that log in with this token.",
        env=("GITHUB_TOKEN",),
    ),
    references=("https://docs.github.com/en/authentication",),
)
PASSWORD = GITHUB._replace(
    id="password-in-url",
    name="Password in a URL",
    provider=Provider("databases", "Databases and web servers"),
    summary="Logs in to the server that the address names.",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    playbook=Playbook(revoke="Change the password."),
    references=(),
    weak=True,
)


def seen(place: Place, line: int = 1, line_hash: str = "c129715d7a2bc9a3:1") -> Seen:
    """A place, with a secret of 40 characters on one of its lines."""
    return Seen(place, Location(line, 8, line, 48), line_hash)


def finding(number: int, *places: Seen, rule: Rule = GITHUB, **changes: Any) -> Finding:
    """A finding with its own id and secret."""
    made = Finding(
        id=f"{number:012x}{'0' * 20}",
        rule=rule,
        secret=Secret(b"hunter%04d" % number if rule.weak else github(f"{number}")),
        verdict=Verdict.NEW,
        confidence=rule.confidence,
        proofs=(),
        companions=(),
        context=Secret(b""),
        places=places or (seen(File(f"src/file{number}.py"), number, f"{number:016x}:1"),),
    )
    return made._replace(**changes)


def result(*findings: Finding, skipped: tuple[Skipped, ...] = (), allow_skipped: bool = False) -> Result:
    """The workspace and one image, with these findings."""
    coverage = (Coverage(".", "workspace", 3, 300), Coverage("acme/app:1.2", "image/acme/app", 7, 700))
    return Result(findings, skipped, coverage, allow_skipped)


def hostile() -> Result:
    """Every kind of place, verdict and secret, with names that try to break out of every format."""
    layer = LayerFile("acme/app", "acme/app:1.2", 3, LAYER, f"etc/{NASTY}")
    oldest, newest = Commit("c" * 40, 3, f"{NASTY} <a@b>, 2024-02-29"), Commit("d" * 40, 9)
    held = Held((NASTY, "main"), (NASTY,), 12, 1)
    companion = Companion("github-key-id", Secret(fake("{hex:40}", "companion")))
    return result(
        finding(
            1,
            seen(File(NASTY), 2, "a4b38d17a82a0cf7:1"),
            seen(layer, 7),
            seen(ImageConfig("acme/app", "acme/app:1.2", f"env/{NASTY}")),
            seen(CommitFile(NASTY, newest, oldest, in_head=True, held=held, versions=7, inside=NASTY), 5),
            confidence=Confidence.PROVEN,
            proofs=("crc32-base62: proven",),
            companions=(companion,),
        ),
        finding(2, seen(layer, 9)),
        finding(3, seen(ImageConfig("acme/app", "acme/app:1.2", f"history/{NASTY}"))),
        finding(5, seen(CommitFile(f"old/{NASTY}", newest, oldest), 3)),
        finding(6, seen(GitText("tag", "e" * 40, NASTY, held, f"{NASTY}, 2024-02-29"), 2)),
        finding(7, seen(GitText("commit", "d" * 40, category="range"), 2)),
        finding(
            4,
            seen(File("a:b/c d%.txt")),
            rule=PASSWORD,
            context=Secret(b"://admin:\0@db"),
            verdict=Verdict.BELOW_THRESHOLD,
        ),
        skipped=(Skipped(NASTY, f"cannot be read: {NASTY}"), Skipped("dir/secret.zip", "cannot be read: broken")),
    )


def verdicts() -> Result:
    """A finding of each verdict, and two of the baseline: one revoked."""
    reasons = {
        Verdict.NEW: "ignored at 1 of its 2 places only",
        Verdict.BASELINED: "accepted: a test account (owner ops)",
        Verdict.IGNORED_INLINE: "marker of gitleaks",
        Verdict.IGNORED_BY_CONFIG: "an example",
        Verdict.BELOW_THRESHOLD: "low is below high",
    }
    made = [finding(n, verdict=verdict, reason=reason) for n, (verdict, reason) in enumerate(reasons.items(), 1)]
    revoked = finding(6, verdict=Verdict.BASELINED, reason="revoked: rotated in May")
    notes = ("the ignore entry for rule x expired on 2026-01-01: it is no longer applied",)
    return result(*made, revoked)._replace(notes=notes)
