"""A dataset of each sort that pages show."""

import pytest

from interactions.models import Dataset
from interactions.services.training.record import ModelAnswer
from projects.models import Project, User
from tests import make
from tests.interactions.services.datasets.making import make_dataset, record


@pytest.fixture
def trees(project: Project, bob: User) -> Dataset:
    """Three records of a prompt and an answer; the first was made of an interaction."""
    it = make.make_interaction(project, "What is a maple?", "A tree.")
    return make_dataset(
        project,
        bob,
        [
            record(interaction_id=it.id, labels={"env": "prod"}, feedback={"helpful": True}),
            record("What is an oak?", "An old tree.", split="test"),
            record("What is a fern?", "A <b>plant</b>."),
        ],
    )


@pytest.fixture
def preferences(project: Project, bob: User) -> Dataset:
    """One preference, whose interactions are not there."""
    gone = make.make_interaction(project)
    made = record(
        other=ModelAnswer("A bush.", model="llama"), metric="better", interaction_id=gone.id
    )
    gone.delete()
    return make_dataset(project, bob, [made], name="Pairs", kind=Dataset.Kind.PREFERENCE)


@pytest.fixture
def viewer(project: Project) -> User:
    """Somebody who may read the project, and change nothing."""
    user = make.make_user("vera")
    make.share(project, user, "viewer")
    return user
