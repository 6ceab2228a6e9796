"""A prepared statement does what a cursor's would, whatever happened to its connection."""

from collections.abc import Iterator

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection

from adaptive_site.lib.database import prepared
from adaptive_site.lib.database.prepared import execute_prepared

ADD = "INSERT INTO scratch_prepared VALUES ($1::int, $2)"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch_prepared (n int UNIQUE, t text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE scratch_prepared")


def stored() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, t FROM scratch_prepared ORDER BY n")
        found: list[tuple[int, str]] = cursor.fetchall()
        return found


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_values_go_as_they_are_and_the_statement_is_prepared_once(table: None) -> None:
    for n, text in enumerate(["é", "'; DROP", "%s {} $1"]):
        execute_prepared(ADD, [str(n), text])
    assert stored() == [(0, "é"), (1, "'; DROP"), (2, "%s {} $1")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [ADD])
        assert cursor.fetchone() == (1,)


def test_errors_are_djangos_and_leave_the_connection_usable(table: None) -> None:
    execute_prepared(ADD, ["1", "one"])
    with pytest.raises(IntegrityError, match="scratch_prepared_n_key"):
        execute_prepared(ADD, ["1", "again"])
    with pytest.raises(DataError):
        execute_prepared(ADD, ["no number", ""])
    execute_prepared(ADD, ["2", "two"])
    assert stored() == [(1, "one"), (2, "two")]


def test_a_pooler_may_take_the_statement_away(table: None) -> None:
    execute_prepared(ADD, ["1", "one"])
    run("DEALLOCATE ALL")
    execute_prepared(ADD, ["2", "two"])
    execute_prepared(ADD, ["3", "three"])
    assert [n for n, _ in stored()] == [1, 2, 3]
    with connection.cursor() as cursor:  # from then on nothing is prepared
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [ADD])
        assert cursor.fetchone() == (0,)


def test_another_client_of_a_pooler_may_have_prepared_it(table: None) -> None:
    execute_prepared(ADD, ["1", "one"])
    prepared._known.clear()
    execute_prepared(ADD, ["2", "two"])
    assert [n for n, _ in stored()] == [1, 2]


def test_a_table_that_grew_a_column_is_written_on(table: None) -> None:
    execute_prepared(ADD, ["1", "one"])
    run("ALTER TABLE scratch_prepared ADD COLUMN more text DEFAULT 'more'")
    execute_prepared(ADD, ["2", "two"])
    assert [n for n, _ in stored()] == [1, 2]


def test_a_lost_connection_is_an_outage_and_the_next_one_works(table: None) -> None:
    execute_prepared(ADD, ["1", "one"])
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    with pytest.raises(OperationalError):
        execute_prepared(ADD, ["2", "two"])
    connection.close_if_unusable_or_obsolete()
    execute_prepared(ADD, ["3", "three"])
    assert [n for n, _ in stored()] == [1, 3]
