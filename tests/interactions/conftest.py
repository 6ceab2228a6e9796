"""What several tests of interactions look at."""

from datetime import timedelta

import pytest

from interactions.services.log import log_interactions
from projects.models import Project
from tests import make


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
