"""The formats of training files by key: what each holds, what it keeps and what it cannot.

A format makes a line of a record: a JSON object. How the lines are packed into a file (JSON lines,
a zip with images, Parquet, CSV) is its container, and knows nothing of formats.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from interactions.models import Dataset, Image
from interactions.services.training.record import TrainingRecord

Line = dict[str, Any]
Kind = Dataset.Kind


class Container(StrEnum):
    """How the lines of a format become a file."""

    JSONL = "jsonl"
    ZIP = "zip"
    PARQUET = "parquet"
    CSV = "csv"


class LeftOut(Exception):  # noqa: N818  # nothing is wrong: a record that a format cannot hold
    """A record that cannot be written; the message says why, in words that many have in common."""


@dataclass(frozen=True, slots=True)
class LineOptions:
    """What was chosen for a file, as those see it who make its lines.

    `picture` gives an image of ours by its SHA-256; LeftOut when it is gone. `metric` is the key
    of the metric that a label is made of, a number being good from `threshold` on. `are_inline`:
    images stand in the lines with their bytes; else `image_url` says their address. `are_beside`:
    the container has the images beside the lines. `with_extras`: ids, labels and metadata as well.
    """

    picture: Callable[[str], Image]
    image_url: Callable[[Image], str]
    are_beside: bool = False
    metric: str = ""
    threshold: float = 0.5
    with_extras: bool = False


@dataclass(frozen=True, slots=True)
class TrainingFormat:
    """A format of training files.

    `line` makes the line of a record, or raises LeftOut. `is_uniform`: all lines, and all messages
    in them, have the same members, as Hugging Face's loader wants it.
    """

    key: str
    title: str
    description: str
    kinds: frozenset[str]
    kept: str
    lost: str
    line: Callable[[TrainingRecord, LineOptions], Line]
    containers: tuple[Container, ...] = (Container.JSONL,)
    is_uniform: bool = False
    needs_metric: bool = False
    family: str = ""
    stanzas: tuple[str, ...] = field(default=())


FORMATS: dict[str, TrainingFormat] = {}


def of_kind(kind: str) -> list[TrainingFormat]:
    """The formats that records of a kind can be written in."""
    return [one for one in FORMATS.values() if kind in one.kinds]
