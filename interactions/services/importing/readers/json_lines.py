r"""A file with one JSON object a line; lines end at \n alone."""

import io
from collections.abc import Iterator

from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.importing.readers.records import FileRecord, of_json


def records(stream: io.BufferedReader) -> Iterator[FileRecord]:
    """Each line that is not blank, by its number; of one that is too long only the beginning."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        if not raw.isspace():
            yield of_json(number, raw)
        if len(raw) > MAX_LINE:  # only now: who looks at the beginning stops before
            rest = raw
            while rest and not rest.endswith(b"\n"):
                rest = stream.readline(MAX_LINE)
