"""Flags, environment, ``.leaksweep.toml`` and baseline -> one ``Config``, and where each of its values comes from.

Without those files this is a look at two names: nothing else is imported or read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from leaksweep.config import Config
from leaksweep.errors import UsageError

CONFIG = ".leaksweep.toml"
BASELINE = ".leaksweep-baseline.toml"


class Choice(NamedTuple):
    """What the user said of the files themselves."""

    config: str = ""  #: this file, which is trusted
    no_config: bool = False  #: none that lies in what is scanned, neither configuration nor baseline
    baseline: str = ""
    new_baseline: bool = False  #: whether the baseline that the user named may be missing, since it is to be made


class Settings(NamedTuple):
    """What is wanted, and why: by the option's name the flag, variable or file that said so; the rest are defaults."""

    config: Config
    sources: Mapping[str, str]
    baseline: str = ""  #: the baseline's file, there or not; empty: there is to be none


def settle(flags: Config, said: Mapping[str, str], choice: Choice) -> Settings:
    """The flags' ``Config`` with what the files add; ``said`` names the options that flags and variables gave.

    Raises:
        UsageError: a file is wrong.
    """
    if choice.config and choice.no_config:
        raise UsageError("--config and --no-config contradict each other", "give one of them")
    folder = os.path.dirname(choice.config) if choice.config else folder_of(flags.path)
    found = "" if choice.no_config else os.path.normpath(os.path.join(folder, CONFIG))
    config = choice.config or (found if os.path.lexists(found) else "")
    baseline = choice.baseline or ("" if choice.no_config else os.path.normpath(os.path.join(folder, BASELINE)))
    if not config and not choice.baseline and not os.path.lexists(baseline):
        return Settings(flags, said, baseline)
    from leaksweep.settings.effective import applied

    return applied(Settings(flags, said, baseline), config, choice)


def folder_of(path: str) -> str:
    """Where the files of a scan of ``path`` are looked for."""
    return path if os.path.isdir(path) else os.path.dirname(path)
