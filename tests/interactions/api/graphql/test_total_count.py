"""How many match, as GraphQL says it: exact as far as there is time, then expected."""

import pytest
from django.db import connection

from adaptive_site.lib.database.time_limits import time_limit
from interactions.api.graphql import interactions
from interactions.filters.conditions import Contains, HasLabel
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, And, Not
from projects.models import Project
from tests.make import make_interactions

PROD = HasLabel("env", ("prod",))
SLOW = """
    CREATE FUNCTION slow(id uuid) RETURNS uuid LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.01); RETURN id; END $$;
    ALTER TABLE interaction RENAME TO quick;
    CREATE VIEW interaction AS SELECT slow(id) AS id, project_id, label_ids FROM quick
"""


@pytest.fixture
def large(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Forty interactions, each of which takes 10 ms to count."""
    make_interactions(project, 30, labels={"env": "prod"})
    make_interactions(project, 10)
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
    monkeypatch.setattr(interactions, "EXACT_TOTAL_LIMIT_MS", 1)
    return project


@pytest.mark.django_db
def test_few_are_counted_whatever_it_takes(large: Project) -> None:
    assert interactions.count(large, And((Not(PROD), EVERYTHING))) == 10


@pytest.mark.django_db
def test_many_are_expected_when_there_is_no_time_and_the_transaction_goes_on(
    large: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "EXACT_COUNT_ALWAYS", 5)
    with time_limit(5_000):
        assert interactions.count(large, Not(PROD)) >= 5
        assert interactions.count(large, PROD) == 30


@pytest.mark.django_db
def test_an_estimate_reads_no_rows(large: Project) -> None:
    with time_limit(50):
        assert queries.estimate(large, And((Contains("maple"), Not(PROD)))) >= 0
