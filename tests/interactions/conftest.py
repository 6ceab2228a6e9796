"""What tests of interactions may ask for."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from interactions.providers import connections
from interactions.services.recording.log import log_interactions
from projects.models import Project
from tests import make
from tests.upstream import Upstream, upstream


@pytest.fixture
def provider() -> Iterator[Upstream]:
    """An OpenAI-compatible server on loopback."""
    with upstream() as running:
        yield running
    # Each request through Django's test client has a loop of its own.
    asyncio.run(connections.close_ended())


@pytest.fixture
def filled(project: Project) -> Project:
    """120 interactions, a minute apart; every third is staging, every fourth judged."""
    metric = make.make_metric(project, "ok")
    drafts = [
        make.make_draft(
            f"Question {number}",
            created_at=make.NOON + timedelta(minutes=number),
            labels={"env": "staging" if number % 3 == 0 else "prod"},
            feedback={metric: number % 8 == 0} if number % 4 == 0 else None,
        )
        for number in range(120)
    ]
    log_interactions(project, drafts)
    return project


@pytest.fixture
def varied(filled: Project) -> Project:
    """The 120 of `filled`, and some with a model, other labels and a scalar metric."""
    stars = make.make_metric(filled, "stars", "SCALAR")
    for number in range(12):
        make.make_interaction(
            filled,
            f"Varied {number}",
            labels={"env": "prod", "city": f"c{number % 10}"} if number % 4 else {},
            llm=make.make_llm(filled, f"llm-{number % 3}") if number % 5 else None,
            feedback={stars: number % 5 + 1} if number % 2 else None,
        )
    return filled
