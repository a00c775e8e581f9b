"""Tiny images, each one trap, and what a scanner must say of each (docs/conformance.md)."""
