"""A query that runs too long is stopped."""

import pytest
from django.db import ProgrammingError, connection
from pytest_django import Settings

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_written(settings: Settings) -> None:
    """Limits are as long here as they say."""
    settings.TIME_LIMITS = 1


def query(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_quick_query_is_left_alone() -> None:
    with time_limit(2000):
        assert query("SELECT 1") == 1


def test_a_slow_query_is_stopped_and_the_connection_stays_usable() -> None:
    with pytest.raises(TookTooLong) as caught, time_limit(50):
        query("SELECT pg_sleep(5)")
    assert caught.value.status == 503
    assert query("SELECT 2") == 2


def test_the_limit_ends_with_its_block() -> None:
    before = query("SHOW statement_timeout")
    with time_limit(50):
        assert query("SHOW statement_timeout") == "50ms"
    assert query("SHOW statement_timeout") == before


def test_the_operator_makes_limits_longer_for_a_slow_machine(settings: Settings) -> None:
    settings.TIME_LIMITS = 2.5
    with time_limit(50):
        assert query("SHOW statement_timeout") == "125ms"


def test_other_faults_are_not_called_slow() -> None:
    with pytest.raises(ProgrammingError), time_limit(1000):
        query("SELECT nothing FROM nowhere")
