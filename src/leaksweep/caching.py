"""Where what is remembered is kept, whether what lies there may be believed, and all that is ours among the files.

Who can write to the cache can say what is clean. A CI keeps a folder of the checkout, in which a pull request could
bring files of its own: so git must track nothing there.
"""

from __future__ import annotations

import os
from pathlib import Path

from leaksweep.cache import Cache
from leaksweep.config import SCREEN, Config
from leaksweep.errors import ScanError, UsageError


def cache_of(config: Config) -> Cache:
    """The cache that a scan uses; what comes with the program (compiled rules) is read from the user's in any case.

    Raises:
        UsageError: the folder may hold what was scanned brought itself.
    """
    if not config.use_cache:
        return Cache(None)
    if not config.cache_dir:
        return Cache.default()
    folder = cache_folder(config)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(f"the cache folder {config.cache_dir}: is no folder", "give the name of one, or of a new one")
    if not _is_ours(folder, os.path.realpath(config.path)):
        what = f"the cache folder {config.cache_dir}: what is scanned could bring files of its own there"
        raise UsageError(what, "give a folder outside of it, or one in which git tracks nothing")
    return Cache(Path(folder), under=Cache.default(), shared=True)


def cache_folder(config: Config) -> str:
    """The real path of the folder that was asked for; nothing where none was."""
    return os.path.realpath(config.cache_dir) if config.cache_dir and config.use_cache else ""


def own_files(config: Config) -> set[str]:
    """The real paths of what a scan writes: its cache, and its reports, in the place of which older ones may lie."""
    files = [*(to.file for to in config.reports if to.file not in SCREEN), config.coverage]
    return {os.path.realpath(file) for file in files if file} | {cache_folder(config)} - {""}


def _is_ours(folder: str, scanned: str) -> bool:
    """Whether nobody but us and the CI puts files there: not the commits of what is ``scanned``."""
    from leaksweep.targets.git.repository import Repository

    try:
        repository = Repository(scanned)
        top = os.path.realpath(repository.says("rev-parse", "--show-toplevel") or scanned)
        if not _within(folder, top):
            return True
        below = os.path.relpath(folder, top)
        return folder != top and not repository.run("ls-files", "-z", "--", f":(top,literal){below}")
    except ScanError:  # no repository, or a part of another one
        return not _within(folder, scanned)


def _within(path: str, folder: str) -> bool:
    return os.path.commonpath((path, folder)) == folder
