"""A Parquet file, read a few rows at a time by pyarrow, where that is installed."""

import io
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.services.importing.readers.records import MAX_COLUMNS, FileRecord

try:
    import pyarrow
    from pyarrow import parquet
except ImportError:  # the extra [parquet] is not installed
    pyarrow = parquet = None

MAGIC = b"PAR1"
# A value may be as large as its column is in a group of rows, however many rows refer to it.
_ROWS_AT_ONCE, _MAX_BATCH = 64, 256 * 1024**2
_MAX_GROUP = 1024**3  # bytes of a group of rows, whose columns are unpacked one by one


def records(stream: io.BufferedReader) -> Iterator[FileRecord]:
    """Each row, numbered from 1. Raises Invalid where it cannot be read, or not here."""
    if parquet is None:
        raise Invalid(
            "Parquet needs pyarrow on the server (pip install 'adaptive-site[parquet]');"
            " or save the file as JSON lines: pandas' to_json(orient='records', lines=True)",
            field="file",
        )
    try:
        file = parquet.ParquetFile(stream)
        if len(file.schema_arrow.names) > MAX_COLUMNS:
            said = f"has {len(file.schema_arrow.names):,} columns: expected at most {MAX_COLUMNS:,}"
            raise TooLarge(said, field="file")
        for n in range(file.metadata.num_row_groups):
            if file.metadata.row_group(n).total_byte_size > _MAX_GROUP:
                raise TooLarge("has a group of rows of more than 1 GB", field="file")
        number = 0
        for batch in file.iter_batches(_rows_at_once(file.metadata)):
            for row in batch.to_pylist():
                number += 1
                yield FileRecord(number, {key: plain(value) for key, value in row.items()})
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        said = str(error).partition("\n")[0].partition(". ")[0][:200]
        raise Invalid(
            f"cannot be read as Parquet: it is damaged, or was cut ({said})", field="file"
        ) from error


def _rows_at_once(metadata: Any) -> int:
    """So many rows that they cannot be more than `_MAX_BATCH`.

    What the file says of single columns is not asked for: where that is broken, pyarrow ends the
    process.
    """
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    largest = max((one.total_byte_size for one in groups), default=0)
    return max(1, min(_ROWS_AT_ONCE, _MAX_BATCH // max(1, largest)))


def plain(value: Any) -> Any:
    """A value as JSON has it; bytes of an image (`{"bytes", "path"}`) as a data URI."""
    if isinstance(value, dict):
        if value.keys() == {"bytes", "path"} and isinstance(value["bytes"], bytes):
            return f"data:image/*;base64,{b64encode(value['bytes']).decode()}"
        return {str(key): plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return without_nul(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if value is None or isinstance(value, bool | int | float | Decimal):
        return None if value != value else value  # pandas' way to say that there is none
    return str(value)
