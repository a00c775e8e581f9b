"""What is attested of images: BuildKit's provenance, by the manifest that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from leaksweep.dockerfile import Provenance, from_provenance
from leaksweep.errors import ScanError
from leaksweep.targets.image.documents import CONFIG_LIMIT, parse
from leaksweep.targets.image.manifest import Descriptor, Manifest

SLSA = "https://slsa.dev/provenance/"  #: how the type of such a predicate begins
Get = Callable[[Descriptor], bytes | None]  #: a document, or None where it is not there or too large


def attested(manifests: Iterable[Manifest], get: Get) -> dict[str, Provenance]:
    """The provenance of each image that has one. It only tells lines: what is wrong with it is no reason to stop."""
    found = {}
    for manifest in manifests:
        for at in manifest.layers if manifest.is_attestation else ():
            if not at.annotations.get("in-toto.io/predicate-type", "").startswith(SLSA) or at.size > CONFIG_LIMIT:
                continue
            try:
                provenance = from_provenance(parse(get(at) or b"", "provenance"))
            except ScanError:
                continue
            if provenance:
                found[manifest.subject] = provenance
    return found
