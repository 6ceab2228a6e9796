"""The lines of a file packed into it, in the container that was chosen."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Protocol

from interactions.services.export.containers import csv_table, parquet, zipped
from interactions.services.export.containers.output import Output
from interactions.services.export.lines import Container
from interactions.services.export.making import LineMaker, Tally

CHUNK_BYTES = 256 * 1024

# By split, or under "" where there is one file: the lines as they were made, in files that are read
# one after the other, and anew each time.
RawFiles = Mapping[str, Callable[[], Iterable["LinesFile"]]]


class LinesFile(Protocol):
    """A file of lines, which are gone through, or read as bytes."""

    def __iter__(self) -> Iterator[bytes]:
        """The lines."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""


def pack(maker: LineMaker, tally: Tally, raw: RawFiles) -> Iterator[bytes]:
    """The bytes of the file, some at a time; memory does not grow with it."""
    filled = {name: partial(_filled, maker, tally, name, files) for name, files in raw.items()}
    if maker.choices.is_zip:
        return zipped.pack(maker, tally, filled)
    if maker.choices.container is Container.PARQUET:
        return parquet.pack(maker.source.project, filled[""](), tally.shape, Output())
    if maker.choices.container is Container.CSV:
        late = tally.shape.late.get("", [])
        return csv_table.pack(tally.shape, _late_first(raw[""], late))
    return filled[""](by_line=False)


def _filled(
    maker: LineMaker,
    tally: Tally,
    name: str,
    files: Callable[[], Iterable[LinesFile]],
    *,
    by_line: bool = True,
) -> Iterator[bytes]:
    """The lines with all members of the file; or, not `by_line`, their bytes as they come."""
    late = tally.shape.late.get(name, [])
    if not by_line and not late and maker.is_filled(tally.shape):
        return _bytes_of(files())
    lines = (maker.filled(line, tally.shape) for line in _late_first(files, late))
    return lines if by_line else _chunks(lines)


def _bytes_of(files: Iterable[LinesFile]) -> Iterator[bytes]:
    for file in files:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _late_first(files: Callable[[], Iterable[LinesFile]], late: list[int]) -> Iterator[bytes]:
    """The lines, first of all those few that have a member's first value too late for loaders."""
    wanted = set(late)
    if not wanted:
        yield from chain.from_iterable(files())
        return
    some = enumerate(islice(chain.from_iterable(files()), max(wanted) + 1))
    yield from [line for number, line in some if number in wanted]
    rest = enumerate(chain.from_iterable(files()))
    yield from (line for number, line in rest if number not in wanted)


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    output = Output()
    for line in lines:
        output.write(line)
        yield from output.take(at_least=CHUNK_BYTES)
    yield from output.take()
