"""A file of rows with named columns: CSV, with whichever of the usual separators."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.services.importing.jsonl import MAX_LINE
from interactions.services.importing.readers.records import MAX_COLUMNS, FileRecord

SEPARATORS = (",", ";", "\t", "|")
_OPEN = "unexpected end of data"  # as the library says it

csv.field_size_limit(MAX_LINE)


def records(stream: io.BufferedReader) -> Iterator[FileRecord]:
    """Each row under the header, by its number as spreadsheets count: the header is row 1.

    Empty rows are passed over. Raises Invalid where a quote is never closed.
    """
    lines = _Lines(stream)
    first = next(lines, "")
    if first.lower().startswith("sep="):  # Excel's own way to name the separator
        first = next(lines, "")
    separator = separator_of(first)
    rows = csv.reader(chain([first], lines), delimiter=separator, strict=True)
    number, names = 1, _header(rows)
    while True:
        number += 1
        lines.taken.clear()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            text = "".join(lines.taken).encode("utf-8", "surrogateescape")
            if _OPEN in str(error) or len(text) >= MAX_LINE:
                said = f"row {number} does not end: is a quote left open there?"
                raise Invalid(said, field="file") from error
            fault = Invalid(_in_words(error))
            yield FileRecord(number, fault=fault, text=text)
            continue
        if any(cells):
            yield _record(number, names, cells, separator)


class _Lines:
    """The lines of a stream; `taken` are those since it was last cleared."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._stream.readline(MAX_LINE + 1)
        if len(raw) > MAX_LINE:
            raise TooLarge(f"has a line of more than {MAX_LINE >> 20} MB", field="file")
        if not raw:
            raise StopIteration
        line = raw.decode("utf-8", "surrogateescape")
        self.taken.append(line)
        return line


def _in_words(error: csv.Error) -> str:
    said = str(error)
    if "expected after" in said:
        return 'a cell has a quote inside that is not doubled: expected "" for "'
    if "field larger" in said:
        return f"a cell has more than {MAX_LINE >> 20} MB"
    return f"the row cannot be read: {said}"


def _header(rows: Iterator[list[str]]) -> list[str]:
    try:
        return column_names(next(rows, []))
    except csv.Error as error:
        raise Invalid(f"the header cannot be read: {_in_words(error)}", field="file") from error


def separator_of(header: str) -> str:
    """What separates the columns of a header: the candidate that stands most often outside quotes.

    >>> separator_of('id;"a, b, c";text')
    ';'
    """
    outside = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def column_names(header: list[str]) -> list[str]:
    """The names of the columns, each different. Raises TooLarge for too many.

    >>> column_names(["text", "", "text"])
    ['text', 'column 2', 'text (2)']
    """
    if len(header) > MAX_COLUMNS:
        said = f"has {len(header):,} columns: expected at most {MAX_COLUMNS:,}"
        raise TooLarge(said, field="file")
    seen: Counter[str] = Counter()
    names = []
    for n, cell in enumerate(header, start=1):
        name = without_nul(cell).strip()[:200] or f"column {n}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _record(number: int, names: list[str], cells: list[str], separator: str) -> FileRecord:
    text = separator.join(cells)
    if any(0xDC80 <= ord(letter) <= 0xDCFF for letter in text if letter > "\ud7ff"):
        fault = Invalid("is not UTF-8: save the file as UTF-8 (Excel: “CSV UTF-8”)")
        return FileRecord(number, fault=fault, text=text.encode("utf-8", "surrogateescape"))
    if len(cells) > len(names):
        fault = Invalid(f"expected {len(names)} cells, as the header has, got {len(cells)}")
        return FileRecord(number, fault=fault, text=text.encode())
    value = dict(zip(names, cells, strict=False))
    had_nul = "\0" in text
    if had_nul:
        value = {name: without_nul(cell) for name, cell in value.items()}
    return FileRecord(number, dict(value), had_nul=had_nul)
