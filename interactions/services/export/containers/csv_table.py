"""CSV as RFC 4180 has it, in UTF-8, with a header, and safe to open in a spreadsheet."""

import re
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

import orjson

from interactions.services.export.shape import Shape

# A cell that begins so is taken for a formula by Excel, LibreOffice and Google's Sheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile('[,"\r\n]')
_BOM = "\ufeff".encode()  # Excel takes a file without it for one in the computer's own encoding
CHUNK_CHARACTERS = 64 * 1024


def pack(shape: Shape, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Header and rows; a text that could be taken for a formula gets an apostrophe.

    A line need not have all members: what is absent is an empty cell, as what is null.
    """
    columns = list(shape.members)
    rows, size = [",".join(map(_cell, columns))], 0
    yield _BOM
    for line in lines:
        row = {name: _cell(cell) for name, cell in orjson.loads(line).items()}
        rows.append(",".join(map(row.get, columns, repeat(""))))
        size += len(rows[-1])
        if size >= CHUNK_CHARACTERS:
            yield _written(rows)
            rows, size = [], 0
    if rows:
        yield _written(rows)


def _written(rows: list[str]) -> bytes:
    return "\r\n".join([*rows, ""]).encode()


def _cell(cell: Any) -> str:
    """A cell as it is written: true and false as JSON has them, no formulas, quoted where need be.

    Python's own writer of CSV looks at each character, which takes four times as long.

    >>> _cell("=1+1"), _cell("a, b"), _cell(True), _cell(0.5), _cell(None)
    ("'=1+1", '"a, b"', 'true', '0.5', '')
    """
    if isinstance(cell, str):
        if cell.startswith(_FORMULA):
            cell = f"'{cell}"
        text: str = cell
        return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
    if cell is None:
        return ""
    return ("true" if cell else "false") if isinstance(cell, bool) else repr(cell)
