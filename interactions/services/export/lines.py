"""What the writers of formats are given beside a record, and what they make: a line of a file."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from interactions.models import Image

Line = dict[str, Any]


class Container(StrEnum):
    """How the lines of a format become a file."""

    JSONL = "jsonl"
    ZIP = "zip"
    PARQUET = "parquet"
    CSV = "csv"


# Those that hold the bytes of images beside the lines.
WITH_IMAGES = (Container.ZIP, Container.PARQUET)


class LeftOut(Exception):  # noqa: N818  # nothing is wrong: a record that a format cannot hold
    """A record that cannot be written; the message says why, in words that many have in common."""


@dataclass(frozen=True, slots=True)
class LineOptions:
    """What was chosen for a file, as those see it who make its lines.

    `kind` is the records', one of `Dataset.Kind`. `picture` gives an image of ours by its SHA-256,
    or raises LeftOut; `image_url` says what stands for one in a line: an address, or its bytes.
    `metric` is the key of the metric that a label is made of, a number being good from `threshold`
    on. `with_extras`: ids, labels and metadata as well, where the format has a place for them.
    """

    kind: str
    container: Container
    picture: Callable[[str], Image]
    image_url: Callable[[Image], str]
    metric: str = ""
    threshold: float = 0.5
    with_extras: bool = False
