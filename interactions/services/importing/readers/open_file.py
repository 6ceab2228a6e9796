"""Which kind of file one is, and its records."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from adaptive_site.lib.errors import Invalid
from interactions.services.importing.readers import (
    exported_zip,
    json_lines,
    json_values,
    parquet_rows,
    table,
)
from interactions.services.importing.readers.records import FileRecord
from interactions.services.importing.readers.unpacking import (
    DAMAGED,
    PACKED,
    ZIP,
    UnpackedFile,
    damage,
    in_utf8,
    open_archive,
    unpacked,
)

JSON_LINES, JSON_VALUES, CSV_TABLE, PARQUET_ROWS = "JSON lines", "JSON", "CSV", "Parquet"
UNITS = {JSON_LINES: "line", JSON_VALUES: "record", CSV_TABLE: "row", PARQUET_ROWS: "row"}
_READERS = {
    JSON_LINES: json_lines.records,
    JSON_VALUES: json_values.records,
    CSV_TABLE: table.records,
    PARQUET_ROWS: parquet_rows.records,
}
_LOOKED_AT = 64 * 1024
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class OpenFile:
    """A file's kind, how it is packed, its records in order, and the words for one of them."""

    kind: str
    packing: str
    records: Iterator[FileRecord]

    @property
    def unit(self) -> str:
        """What a record is called: a line, a row."""
        return UNITS[self.kind]


@contextmanager
def open_file(name: str, file: io.BufferedReader, size: int) -> Iterator[OpenFile]:
    """The records of a file. Raises Invalid where it is of no kind that can be read.

    So does its `records`, where the file is damaged from some place on.
    """
    if not size:
        raise Invalid("the file is empty", field="file")
    try:
        file.seek(0)
        if file.peek(4)[:4] in ZIP:
            with open_archive(file, size) as archive:
                if exported_zip.has_splits(archive):
                    yield OpenFile(JSON_LINES, "zip", _guarded(exported_zip.records(archive, size)))
                    return
        with unpacked(name, file, size) as inside:
            kind = _kind(inside, file)
        with unpacked(name, file, size) as inside:
            text = inside.stream if kind == PARQUET_ROWS else in_utf8(inside.stream)
            yield OpenFile(kind, inside.packing, _guarded(_READERS[kind](text)))
    except (*DAMAGED, zlib.error) as error:
        raise Invalid(f"cannot be read: {damage(error)}", field="file") from error


def _guarded(records: Iterator[FileRecord]) -> Iterator[FileRecord]:
    number = 0
    try:
        for record in records:
            number = record.number
            yield record
    except DAMAGED as error:
        said = f"cannot be read after {number:,}: {damage(error)}"
        raise Invalid(said, field="file") from error


def _kind(inside: UnpackedFile, file: io.BufferedReader) -> str:
    """By what the file begins with; its name decides only where that could be two kinds."""
    start = _start(inside.stream)
    if start.startswith(parquet_rows.MAGIC):
        if inside.packing:
            raise Invalid("Parquet is packed already: upload it as it is", field="file")
        return PARQUET_ROWS
    if inside.packing and start.startswith(PACKED):
        raise Invalid("the file is packed twice: unpack it once, and upload that", field="file")
    if b"\0" in start[:1024] and not start.startswith(_UTF16):
        raise Invalid("expected JSON lines, JSON, CSV or Parquet, plain, gzip or zip", field="file")
    text = _as_text(start).lstrip()
    if not text:
        raise Invalid("the file is empty", field="file")
    extension = inside.name.lower().rpartition(".")[2]
    if text[0] == "[":
        return JSON_VALUES
    if text[0] == "{":
        return JSON_LINES if extension in ("jsonl", "ndjson") or _has_lines(text) else JSON_VALUES
    return JSON_LINES if extension in ("jsonl", "ndjson") else CSV_TABLE


def _start(stream: io.BufferedReader) -> bytes:
    start = b""
    while len(start) < _LOOKED_AT and (more := stream.read(_LOOKED_AT - len(start))):
        start += more
    return start


def _as_text(start: bytes) -> str:
    encoding = "utf-16" if start.startswith(_UTF16) else "utf-8-sig"
    return start.decode(encoding, "replace")


def _has_lines(text: str) -> bool:
    """Whether each line is an object of its own; the first may be broken.

    One that is longer than what was looked at may be anything: read as JSON, it is right too.
    """
    first, _, rest = text.partition("\n")
    if (value := _object(first)) is not None:
        has_list = any(isinstance(value.get(name), list) for name in json_values.LISTS)
        return bool(rest.strip()) or not has_list
    lines = text.split("\n", 20)[:-1]
    return sum(_object(line) is not None for line in lines) > len(lines) // 2


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
