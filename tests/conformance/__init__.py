"""Suites that say what a scanner must do, runnable against any."""
