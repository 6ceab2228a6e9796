"""The lines of a file packed into it, in the container that was chosen."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from interactions.services.export.containers import csv_table, parquet, zipped
from interactions.services.export.containers.output import Output
from interactions.services.export.lines import Container
from interactions.services.export.making import LineMaker, Tally

CHUNK_BYTES = 256 * 1024

# By split, or under "" where there is one file: the lines as they were made, read anew each time.
RawLines = Mapping[str, Callable[[], Iterator[bytes]]]


def pack(maker: LineMaker, tally: Tally, raw: RawLines) -> Iterator[bytes]:
    """The bytes of the file, some at a time; memory does not grow with it."""
    filled = {name: _filled(maker, tally, name, lines) for name, lines in raw.items()}
    if maker.choices.is_zip:
        return zipped.pack(maker, tally, filled)
    lines = filled[""]()
    if maker.choices.container is Container.PARQUET:
        return parquet.pack(maker.source.project, lines, tally.shape, Output())
    if maker.choices.container is Container.CSV:
        lines = csv_table.pack(tally.shape, lines)
    return _chunks(lines)


def _filled(
    maker: LineMaker, tally: Tally, name: str, lines: Callable[[], Iterator[bytes]]
) -> Callable[[], Iterator[bytes]]:
    late = tally.shape.late.get(name, [])
    return lambda: (maker.filled(line, tally.shape) for line in _late_first(lines, late))


def _late_first(lines: Callable[[], Iterator[bytes]], late: list[int]) -> Iterator[bytes]:
    """The lines, first of all those few that have a member's first value too late for loaders."""
    wanted = set(late)
    if wanted:
        some = enumerate(islice(lines(), max(wanted) + 1))
        yield from [line for number, line in some if number in wanted]
    yield from (line for number, line in enumerate(lines()) if number not in wanted)


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    output = Output()
    for line in lines:
        output.write(line)
        yield from output.take(at_least=CHUNK_BYTES)
    yield from output.take()
