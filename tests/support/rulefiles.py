"""A rule file of the user's own, to be broken in every way."""

from __future__ import annotations

from pathlib import Path

GOOD = """
[provider]
name = "Acme"

[[rule]]
id = "acme-key"
name = "Acme key"
summary = "Opens Acme."
severity = "high"
confidence = "high"
pattern = '\\b(?P<secret>acme_[a-z]{20})\\b'

[rule.playbook]
revoke = "Delete the key at Acme."
env = ["ACME_KEY"]

[[rule.example]]
text = 'ACME_KEY=⟦acme_{lower:20}⟧'
[[rule.counterexample]]
text = 'acme_{lower:9}'
why = "too short"
"""


def write(folder: Path, text: str, name: str = "acme.toml") -> Path:
    """Write a rule file; the folder it is in."""
    (folder / name).write_text(text, "utf-8")
    return folder
