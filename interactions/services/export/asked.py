"""What somebody wants to have as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from interactions.models import Image, Selection


@dataclass(frozen=True, slots=True)
class Asked:
    """A selection; feedback that was given later than `as_of` is not in the file.

    `image_url` says what stands for an image: its address, or a data URI with its bytes.
    """

    selection: Selection
    as_of: datetime
    image_url: Callable[[Image], str]
