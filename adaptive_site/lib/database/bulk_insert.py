"""Writing many rows: one statement when they are few, COPY when they are many."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson
from django.db import connection, transaction

from adaptive_site.lib.database.prepared import execute_prepared

Value: TypeAlias = str | int | float | None
Row: TypeAlias = Sequence[Value]

# Values, that is rows times columns. Measured without a network between, whole batches of
# interactions: 8 at a time 2.2 ms and 120 µs of our processor each with COPY from here on, 3.6 ms
# and 225 µs without (psycopg takes an INSERT apart value by value); one at a time they are equal.
COPY_FROM = 64
# Rows of all tables. Measured as above: 16 interactions, some 250 rows, cost us 75 µs each in
# one statement against 120 by COPY, one alone 0.23 ms against 0.6; from some 500 rows on they
# are equal, and PostgreSQL reads COPY's format more quickly than JSON.
TOGETHER_UP_TO = 500


@dataclass(frozen=True, slots=True)
class Table:
    """Where rows go: a table, its columns in the order of the values, and those that hold JSON.

    `plain` are the columns' types, when every row is of numbers and ids, with nothing to escape.
    """

    name: str
    columns: tuple[str, ...]
    json: frozenset[str] = frozenset()
    plain: tuple[str, ...] = ()


class Fanned(Collection[Row]):
    """Rows of numbers and ids of which many begin alike, in the order given.

    `groups` are beginnings, each with the last values of its rows. Postings are a dozen for an
    interaction: kept so, 9 of them take 2 µs to make and to write; as tuples it was 11.
    """

    def __init__(self, groups: Iterable[tuple[tuple[int, ...], Sequence[str]]]) -> None:
        self._groups = list(groups)

    def __len__(self) -> int:
        return sum(len(lasts) for _, lasts in self._groups)

    def __iter__(self) -> Iterator[Row]:
        return ((*first, last) for first, lasts in self._groups for last in lasts)

    def __contains__(self, row: object) -> bool:
        return row in list(self)

    def copied(self) -> str:
        """The rows in COPY's text format."""
        parts = []
        for first, lasts in self._groups:
            begin = "".join([f"{value}\t" for value in first])
            parts.append(begin + f"\n{begin}".join(lasts) + "\n")
        return "".join(parts)

    def arrays(self) -> list[str]:
        """The rows as arrays, one for each column."""
        counts = [len(lasts) for _, lasts in self._groups]
        firsts = zip(*(first for first, _ in self._groups), strict=True)
        columns = [
            "".join([f"{value}," * n for value, n in zip(column, counts, strict=True)])[:-1]
            for column in firsts
        ]
        columns.append(",".join([last for _, lasts in self._groups for last in lasts]))
        return [f"{{{column}}}" for column in columns]


def write_together(tables: Sequence[tuple[Table, Collection[Row]]]) -> None:
    """Insert rows into several tables, all of them or none; values as for `write_rows`.

    When they are few, one statement takes the rows of each table as JSON: a single message to
    the database and back, with the commit in it.
    """
    filled = [(table, rows) for table, rows in tables if rows]
    is_small = sum(len(rows) for _, rows in filled) <= TOGETHER_UP_TO
    if is_small and not connection.in_atomic_block:
        execute_prepared(*_one_statement(filled, "${}"))
        return
    with transaction.atomic():
        if is_small:
            with connection.cursor() as cursor:
                cursor.execute(*_one_statement(filled, "%s"))
            return
        for table, rows in filled:
            write_rows(table.name, table.columns, rows, is_plain=bool(table.plain))


def _one_statement(
    tables: Sequence[tuple[Table, Collection[Row]]], place: str
) -> tuple[str, list[str]]:
    """The statement with all rows in it, and its values; `place` stands for a value's number."""
    parts: list[str] = []
    values: list[str] = []
    for table, rows in tables:
        names = ", ".join(table.columns)
        first = len(values) + 1
        if table.plain:  # a third of what JSON costs PostgreSQL, and half of what it costs us
            arrays = [f"{place.format(n)}::{type}[]" for n, type in enumerate(table.plain, first)]
            source = f"unnest({', '.join(arrays)})"
            values += rows.arrays() if isinstance(rows, Fanned) else _as_arrays(rows)
        else:
            source = f"json_populate_recordset(NULL::{table.name}, {place.format(first)})"
            values.append(_as_json(table, rows))
        # The columns of unnest have no names, only their order.
        wanted = "*" if table.plain else names
        parts.append(
            f"t{len(parts)} AS (INSERT INTO {table.name} ({names}) SELECT {wanted} FROM {source})"
        )
    return f"WITH {', '.join(parts)} SELECT 1", values


def _as_arrays(rows: Collection[Row]) -> list[str]:
    """Arrays as PostgreSQL reads them, one for each column."""
    return ["{" + ",".join(map(str, column)) + "}" for column in zip(*rows, strict=True)]


def _as_json(table: Table, rows: Collection[Row]) -> str:
    columns = table.columns
    if not table.json:
        return orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows]).decode()
    nested = [name in table.json for name in columns]
    return orjson.dumps(
        [
            {
                name: orjson.Fragment(value) if is_json and isinstance(value, str) else value
                for name, is_json, value in zip(columns, nested, row, strict=True)
            }
            for row in rows
        ]
    ).decode()


def write_rows(
    table: str, columns: Sequence[str], rows: Collection[Row], *, is_plain: bool = False
) -> None:
    """Insert `rows` into `table`, by the cheaper of two ways.

    Values are text as PostgreSQL reads it (UUIDs, JSON, arrays and times as strings), numbers
    or None. Names are ours and go into the SQL as they are. `is_plain` promises tuples of
    numbers and ids, with nothing to escape: a line then costs 0.5 µs instead of 5, and postings
    are a dozen a row.
    """
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if len(rows) * len(columns) >= COPY_FROM:
            # Django makes its own errors of psycopg's in `execute`, but not in `copy`.
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
            ):
                copy.write(_copied(rows, is_plain))
        else:
            one = f"({', '.join(['%s'] * len(columns))})"
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * len(rows))}",
                [value for row in rows for value in row],
            )


def _copied(rows: Collection[Row], is_plain: bool) -> bytes:
    if isinstance(rows, Fanned):
        return rows.copied().encode()
    if not is_plain:
        return "".join(map(copy_line, rows)).encode()
    return "".join(["\t".join(map(str, row)) + "\n" for row in rows]).encode()


def copy_line(row: Row) -> str:
    r"""One line of COPY's text format.

    >>> copy_line([1, None, "a\tb"])
    '1\t\\N\ta\\tb\n'
    """
    return "\t".join([copy_field(value) for value in row]) + "\n"


def copy_field(value: Value) -> str:
    """One field of COPY's text format: backslash, tab, newline and return escaped."""
    if value is None:
        return r"\N"
    if type(value) is not str:
        return str(value)
    # Four searches cost less than one str.translate: for 2.5 KB of plain ASCII 0.3 µs against 4,
    # with newlines in it or beyond ASCII 2 µs against 130.
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value:
        value = value.replace("\n", "\\n")
    if "\t" in value:
        value = value.replace("\t", "\\t")
    if "\r" in value:
        value = value.replace("\r", "\\r")
    return value
