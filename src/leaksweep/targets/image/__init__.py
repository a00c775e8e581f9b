"""Images: in the engine, in a registry, as an OCI layout folder or as a tar; every layer by itself, and the config."""

from leaksweep.targets.image.access import Access
from leaksweep.targets.image.made import maker
from leaksweep.targets.image.reference import open_image, open_images

__all__ = ["Access", "maker", "open_image", "open_images"]
