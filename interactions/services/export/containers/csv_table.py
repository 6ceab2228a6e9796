"""CSV as RFC 4180 has it, in UTF-8, with a header, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from interactions.services.export.shape import Shape

# A cell that begins so is taken for a formula by Excel, LibreOffice and Google's Sheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff".encode()  # Excel takes a file without it for one in the computer's own encoding


def pack(shape: Shape, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Header and rows; a text that could be taken for a formula gets an apostrophe."""
    columns = list(shape.members)
    yield _BOM + _row(columns)
    for line in lines:
        row = orjson.loads(line)
        yield _row([row.get(name) for name in columns])


def _row(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return text.getvalue().encode()


def _cell(cell: Any) -> Any:
    """A cell as it may be written: true and false as JSON has them, no formulas.

    >>> _cell("=1+1")
    "'=1+1"
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
