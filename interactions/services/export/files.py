"""A file of training records, made whole: looked at before, and small ones in one go."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from adaptive_site.lib.database.time_limits import stop_if_late
from adaptive_site.lib.errors import TooLarge
from interactions.models import DatasetItem, Image
from interactions.services.export.choices import FileChoices
from interactions.services.export.containers import csv_table
from interactions.services.export.containers.packing import pack
from interactions.services.export.lines import Container
from interactions.services.export.making import LineMaker, Tally
from interactions.services.export.record_source import RecordSource
from projects.services.auditing import reads

IN_MEMORY = 4 * 1024 * 1024  # bytes of a file that is made; larger ones go to the disk
MOST_BYTES = 512 * 1024 * 1024  # of a file that is made while somebody waits
SURVEYED = 5_000  # places that are looked at before

Address = Callable[[Image], str]


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that is there whole, at its beginning; whoever has it closes it."""

    file: IO[bytes]
    size: int
    sha256: str
    tally: Tally


def make(
    source: RecordSource, choices: FileChoices, address: Address, *, most: int = MOST_BYTES
) -> MadeFile:
    """Make the file now; for a source of few records. Raises TooLarge beyond `most` bytes."""
    choices.check()
    maker, tally = LineMaker(source, choices, address), Tally()
    with ExitStack() as stack:
        raw: dict[str, IO[bytes]] = {}
        for name in names_of(choices):
            raw[name] = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
        for name, lines in maker.lines(tally):
            raw[name].write(lines)
            _check_size(tally.sizes.total(), most)
        there = {name: partial(_opened, file) for name, file in raw.items() if tally.written[name]}
        made = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # whoever gets it closes it
        hash, size = hashlib.sha256(), 0
        for chunk in pack(maker, tally, there or {"": lambda: iter(())}):
            made.write(chunk)
            hash.update(chunk)
            size += len(chunk)
            _check_size(size, most)
        made.seek(0)
    return MadeFile(made, size, hash.hexdigest(), tally)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(f"the file would be larger than {most >> 20} MB; have a job make it")


def names_of(choices: FileChoices) -> list[str]:
    """The names of the files of lines: of each split, or "" for one file."""
    return list(DatasetItem.Split.values) if choices.has_files_by_split else [""]


def _opened(file: IO[bytes]) -> Iterator[IO[bytes]]:
    file.seek(0)
    yield file


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file would be, by the first records of its source, or all of them.

    `first` is how the file begins: its first lines as they will be written, with the bytes of
    images in them cut out. `image_bytes` is what images add to the lines.
    """

    tally: Tally
    first: str
    image_bytes: int

    @property
    def size(self) -> int:
        """About how many bytes the file would have, of the records looked at."""
        return self.tally.sizes.total() + self.image_bytes


def survey(
    source: RecordSource,
    choices: FileChoices,
    address: Address,
    *,
    places: int = SURVEYED,
    shown: int = 1,
) -> Survey:
    """Look at the records in the first `places`, as they would be written.

    The first `shown` are shown to somebody, which is noted as read.
    """
    maker = LineMaker(source, choices, address, is_look=True, keeps=shown)
    tally = Tally()
    first: list[bytes] = []
    for _, lines in maker.lines(tally, stop=min(places, source.count())):
        if len(first) < shown:
            first += bytes(lines).splitlines(keepends=True)[: shown - len(first)]
        stop_if_late()
    filled: Iterator[bytes] = (maker.filled(line, tally.shape) for line in first)
    if choices.container is Container.CSV:
        filled = csv_table.pack(tally.shape, list(filled))
    for record in maker.first:
        reads.saw_record(source.project, record.item, (record.interaction_id, record.other_id))
    said = b"".join(filled).decode().removeprefix("\ufeff").rstrip()
    return Survey(tally, said, maker.image_bytes)
