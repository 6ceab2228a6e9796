"""The two ways of writing many rows store the very same values."""

from collections.abc import Iterator

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_site.lib.database.bulk_insert import (
    COPY_FROM,
    TOGETHER_UP_TO,
    Fanned,
    Row,
    Table,
    copy_field,
    copy_line,
    write_rows,
    write_together,
)
from tests.running.examples import examples

NASTY = [
    "", " ", "\\", "\\N", "\\.", "\\\\.", "\n", "\r", "\r\n", "\t", "a\tb\\tc", "\b\f\v\x01\x7f",
    "'", "''", '"', "$$", "%s", "%%", "{}", "{a,b}", "NULL", "null", ",", ";--", "é", "𝄞",
    "\u2028",
    "\ufeff", "\ufffd", "日本語", "👩‍👩‍👧", "ا", "\\n", "line\\", "x" * 5000, "\\x41",
    "\\101", "E'\\''",
]  # fmt: skip
COLUMNS = 6
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def table(db: None) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE scratch (n int, t text, j jsonb, a int[], f float8, u uuid)"
        )
    yield "scratch"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE scratch")


NAMES = ("n", "t", "j", "a", "f", "u")


def written(
    table: str, values: list[str], at_least: int, *, together: bool = False
) -> list[tuple[object, ...]]:
    """What is read back of `values`, written with others so that there are `at_least` rows."""
    rows: list[Row] = [
        (n, value, orjson.dumps({"k": value}).decode(), "{1,2}", n / 7, f"{n:032x}")
        for n, value in enumerate(values)
    ]
    rows += [(-1, None, None, "{}", None, None)] * max(1, at_least - len(rows))
    if together:
        write_together([(Table(table, NAMES, json=frozenset("j")), rows)])
    else:
        write_rows(table, NAMES, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t, j ->> 'k', a, f, u::text FROM {table} WHERE n >= 0 ORDER BY n")
        found: list[tuple[object, ...]] = cursor.fetchall()
        cursor.execute(f"SELECT count(*), count(t), count(j) FROM {table} WHERE n < 0")
        assert cursor.fetchone() == (max(1, at_least - len(values)), 0, 0)
        cursor.execute(f"TRUNCATE {table}")
    return found


def expected(values: list[str]) -> list[tuple[object, ...]]:
    return [
        (value, value, [1, 2], n / 7, f"00000000-0000-0000-0000-{n:012x}")
        for n, value in enumerate(values)
    ]


@pytest.mark.parametrize("at_least", [1, COPY_FROM], ids=["INSERT", "COPY"])
def test_nasty_strings_come_back_as_they_went(table: str, at_least: int) -> None:
    few = COPY_FROM // COLUMNS - 2  # rows enough for INSERT, with the one `written` adds
    for start in range(0, len(NASTY), few):
        values = NASTY[start : start + few]
        assert written(table, values, at_least) == expected(values)


@pytest.mark.django_db
def test_any_text_comes_back_as_it_went(table: str) -> None:
    @settings(max_examples=examples(40), deadline=None)
    @given(st.lists(text, max_size=COPY_FROM // COLUMNS - 2))
    def check(values: list[str]) -> None:
        assert written(table, values, 1) == expected(values)
        assert written(table, values, COPY_FROM) == expected(values)
        assert written(table, values, 1, together=True) == expected(values)

    check()


@pytest.mark.parametrize("at_least", [1, TOGETHER_UP_TO + 1], ids=["one statement", "COPY"])
def test_nasty_strings_come_back_from_a_table_among_others(table: str, at_least: int) -> None:
    assert written(table, NASTY, at_least, together=True) == expected(NASTY)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [2, TOGETHER_UP_TO], ids=["one statement", "COPY"])
def test_tables_are_written_all_or_none(count: int) -> None:
    plain = Table("scratch_plain", ("n", "u"), plain=("int", "uuid"))
    other = Table("scratch_other", ("n", "t"))
    rows = [(n, f"{n:032x}") for n in range(count)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE scratch_plain (n int, u uuid)")
        cursor.execute("CREATE TEMPORARY TABLE scratch_other (n int UNIQUE, t text)")
        write_together([(plain, rows), (other, [(1, "one")])])
        with pytest.raises(IntegrityError):
            write_together([(plain, rows), (other, [(1, "again")])])
        cursor.execute("SELECT count(*), count(DISTINCT u), max(n) FROM scratch_plain")
        assert cursor.fetchone() == (count, count, count - 1)
        cursor.execute("DROP TABLE scratch_plain, scratch_other")


@pytest.mark.parametrize("count", [2, TOGETHER_UP_TO], ids=["one statement", "COPY"])
def test_rows_that_begin_alike_are_written_as_if_each_stood_for_itself(
    db: None, count: int
) -> None:
    ids = [f"{n:032x}" for n in range(count)]
    fanned = Fanned([((1, 2), ids), ((3, 4), ids[:1])])
    assert len(fanned) == count + 1
    assert list(fanned)[-2:] == [(1, 2, ids[-1]), (3, 4, ids[0])]
    table = Table("scratch_fanned", ("a", "b", "u"), plain=("int", "int", "uuid"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE scratch_fanned (a int, b int, u uuid)")
        write_together([(table, fanned)])
        cursor.execute("SELECT a, b, replace(u::text, '-', '') FROM scratch_fanned ORDER BY a, u")
        assert cursor.fetchall() == list(fanned)
        cursor.execute("DROP TABLE scratch_fanned")


@pytest.mark.parametrize("count", [1, COPY_FROM], ids=["INSERT", "COPY"])
def test_a_broken_constraint_is_an_integrity_error_either_way(table: str, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNIQUE INDEX ON {table} (n)")
    write_rows(table, ("n",), [[0]])
    with pytest.raises(IntegrityError), transaction.atomic():
        write_rows(table, ("n",), [[n] for n in range(count)])


def test_no_rows_is_no_query(table: str, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        write_rows(table, ("n",), [])


def test_a_field_keeps_its_line_whole() -> None:
    assert copy_field("a\\b\nc\td\re") == r"a\\b\nc\td\re"
    assert copy_field(None) == r"\N"
    assert copy_line([1, None, 2.5, ""]) == "1\t\\N\t2.5\t\n"
