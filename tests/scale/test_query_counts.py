"""The number of queries of each service is pinned, and the same for one row and for many."""

from pathlib import Path
from uuid import uuid4

import pytest

from interactions.filters.conditions import Comparator, HasFeedback, HasLabel, HasLlm
from interactions.filters.sql import queries
from interactions.filters.tree import EVERYTHING, And, Not, Or
from interactions.services.browsing import rows as browsing_rows
from interactions.services.recording import labels
from interactions.services.recording.log import log_interactions
from interactions.services.rollups import counts
from projects.models import Project, User
from tests.make import (
    data_uri,
    image_message,
    make_draft,
    make_image,
    make_interaction,
    make_llm,
    make_metric,
)
from tests.query_counts import QueryCounts

PROD = HasLabel("env", ("prod",))
BAD = HasFeedback("helpful", Comparator.EQUAL, 0.0)


@pytest.fixture
def rich(project: Project, alice: User, empty_storage: Path) -> Project:
    """A project whose rows have everything beside them."""
    metric, llm, session = make_metric(project), make_llm(project), uuid4()
    for number in range(12):
        make_interaction(
            project,
            messages=[image_message(data_uri(make_image(colour=(number, 0, 0))))],
            labels={"env": "prod", "number": str(number)},
            feedback={metric: number % 2 == 0},
            llm=llm,
            session_id=session,
            created_by=alice,
        )
    return project


@pytest.mark.parametrize("n", [1, 12])
def test_rows_of_a_list(rich: Project, query_counts: QueryCounts, n: int) -> None:
    ids = queries.page(rich, EVERYTHING, limit=n).ids
    with query_counts("reading.rows"):
        rows = browsing_rows.rows(rich, ids)
        # What a template shows needs no further query.
        said = [
            (str(row.interaction.llm), [str(x) for x in row.labels + row.images])
            + ([(given.metric.name, str(given.created_by)) for given in row.feedback],)
            for row in rows
        ]
    assert len(said) == n


def test_one_interaction_whole(rich: Project, query_counts: QueryCounts) -> None:
    (id,) = queries.page(rich, EVERYTHING, limit=1).ids
    with query_counts("reading.whole"):
        whole = browsing_rows.whole(rich, id)
        assert whole.interaction.body.messages
        assert len(whole.session) == 12


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("everything", EVERYTHING),
        ("one label", And((PROD,))),
        ("not a label", And((Not(PROD),))),
        ("two lists", And((PROD, BAD))),
        ("four lists", And((PROD, HasLabel("number"), BAD, HasLlm(("gpt-4o",))))),
        ("either", Or((PROD, BAD))),
    ],
)
def test_a_page_of_ids(rich: Project, query_counts: QueryCounts, name: str, tree: And) -> None:
    with query_counts(f"compile.page: {name}"):
        queries.page(rich, tree, limit=50)
    with query_counts(f"compile.count: {name}"):
        queries.count(rich, tree)


@pytest.mark.parametrize("n", [1, 100])
def test_logging(project: Project, query_counts: QueryCounts, n: int) -> None:
    metric = make_metric(project)
    batch = [
        make_draft(f"{i}", labels={"env": "prod"}, feedback={metric: True}, external_id=f"{n}-{i}")
        for i in range(n)
    ]
    labels.forget()
    with query_counts(f"log_interactions: {n}"):
        log_interactions(project, batch)


def test_the_rollup(rich: Project, query_counts: QueryCounts) -> None:
    with query_counts("rollups.values_of"):
        counts.values_of(rich, "env", most=5)
