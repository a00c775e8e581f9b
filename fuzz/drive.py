"""One harness under atheris: ``python -m fuzz.drive NAME [libFuzzer's options] FOLDERS``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from fuzz import load

REPAIRED = 3  #: of four mutations, how many get right checksums


def main(name: str, options: list[str]) -> None:
    """Fuzz until libFuzzer's options say that it is enough, or something is found."""
    import atheris

    with atheris.instrument_imports(include=["leaksweep"]):  # while it runs: much is imported when it is needed
        harness = load(name)
        repair: Callable[[bytes], bytes] | None = getattr(harness, "repair", None)

        def mutate(data: bytes, most: int, seed: int) -> bytes:
            mutated: bytes = atheris.Mutate(data, most)
            return repair(mutated) if repair and seed % 4 < REPAIRED else mutated

        more = {"custom_mutator": mutate} if repair else {}
        atheris.Setup([sys.argv[0], *options], harness.run, **more)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
