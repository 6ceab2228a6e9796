"""Addresses of images in files that are made where no request is."""

from collections.abc import Callable

from interactions.models import Image

SHA256, EXTENSION = "{sha256}", "{extension}"


def image_addresses(template: str) -> Callable[[Image], str]:
    """The address of each image, by the address of one with `{sha256}` and `{extension}` in it."""
    return lambda image: template.replace(SHA256, image.sha256).replace(EXTENSION, image.format)
