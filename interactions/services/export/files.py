"""A file of training records, made whole: looked at before, and small ones in one go."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

from interactions.models import DatasetItem, Image
from interactions.services.export.choices import FileChoices
from interactions.services.export.containers.packing import pack
from interactions.services.export.making import LineMaker, Tally
from interactions.services.export.record_source import RecordSource

IN_MEMORY = 4 * 1024 * 1024  # bytes of a file that is made; larger ones go to the disk
SURVEYED = 2_000  # places that are looked at before

Address = Callable[[Image], str]


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that is there whole, at its beginning; whoever has it closes it."""

    file: IO[bytes]
    size: int
    sha256: str
    tally: Tally


def make(source: RecordSource, choices: FileChoices, address: Address) -> MadeFile:
    """Make the file now; for a source of few records."""
    maker, tally = LineMaker(source, choices, address), Tally()
    with ExitStack() as stack:
        raw: dict[str, IO[bytes]] = {}
        for name in names_of(choices):
            raw[name] = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
        for name, line in maker.lines(tally):
            raw[name].write(line)
        there = {name: _reader(file) for name, file in raw.items() if tally.written[name]}
        made = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # whoever gets it closes it
        hash, size = hashlib.sha256(), 0
        for chunk in pack(maker, tally, there or {"": lambda: iter(())}):
            made.write(chunk)
            hash.update(chunk)
            size += len(chunk)
        made.seek(0)
    return MadeFile(made, size, hash.hexdigest(), tally)


def names_of(choices: FileChoices) -> list[str]:
    """The names of the files of lines: of each split, or "" for one file."""
    return list(DatasetItem.Split.values) if choices.has_files_by_split else [""]


def _reader(file: IO[bytes]) -> Callable[[], Iterator[bytes]]:
    def lines() -> Iterator[bytes]:
        file.seek(0)
        return iter(file)

    return lines


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file would be, by the first records of its source: all of them where `is_whole`.

    `first` are its first lines as they will be written.
    """

    tally: Tally
    count: int
    first: list[str]

    @property
    def is_whole(self) -> bool:
        """Whether all records were looked at."""
        return self.tally.places >= self.count


def survey(
    source: RecordSource,
    choices: FileChoices,
    address: Address,
    *,
    places: int = SURVEYED,
    shown: int = 1,
) -> Survey:
    """Look at the records in the first `places`, as they would be written."""
    maker, tally = LineMaker(source, choices, address), Tally()
    count = source.count()
    lines = maker.lines(tally, stop=min(places, count))
    first = [line for _, line in islice(lines, shown)]
    for _ in lines:
        pass
    filled = [maker.filled(line, tally.shape).decode().rstrip("\n") for line in first]
    return Survey(tally, count, filled)
