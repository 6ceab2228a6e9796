"""What the builder is asked to make datasets of."""

import pytest
from django.http import QueryDict

from interactions.models import Selection
from interactions.services import selections
from projects.models import Project, User
from tests import make


@pytest.fixture
def selection(project: Project, bob: User) -> Selection:
    """Of thirty interactions: each of ten prompts thrice, one answer is empty."""
    helpful = make.make_metric(project)
    for n in range(30):
        answer = "" if n == 29 else f"Answer {n} of mine"
        make.make_interaction(
            project,
            f"Question {n % 10}",
            answer,
            labels={"env": "prod" if n % 3 else "dev"},
            feedback={helpful: n % 2 == 0},
        )
    made = selections.freeze(project, QueryDict(""), by=bob)
    made.project = project
    return made
