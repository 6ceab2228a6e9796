"""A dataset whose records differ in all that a filter may ask for."""

from dataclasses import replace

import pytest

from interactions.models import Dataset
from interactions.services.datasets import edits
from interactions.services.training.record import ModelAnswer
from projects.models import Project, User
from tests.interactions.services.datasets.making import draft_of, make_dataset, record

SYSTEM = {"role": "system", "content": "You know trees."}
SESSION = "01929f3c-0000-7000-8000-000000000001"


@pytest.fixture
def mixed(project: Project, bob: User) -> Dataset:
    """Four records: `maple`, `oak` (corrected), `fern` (with a system prompt), `moss`."""
    fern = record("What is a fern?", "A plant.", labels={"env": "dev", "lang": "fr"})
    made = make_dataset(
        project,
        bob,
        [
            record("What is a maple?", "A tree.", labels={"env": "prod"},
                   feedback={"helpful": True, "csat": 4.5}, session_id=SESSION),
            record("What is an oak?", "An old tree.", labels={"env": "prod", "lang": "de"},
                   feedback={"helpful": False, "csat": 2.0}, split="test", model="llama"),
            replace(fern, messages=[SYSTEM, *fern.messages]),
            record("What is moss?", "Say \"100 % green\"\nand soft.", model=None),
        ],
    )  # fmt: skip
    edits.correct(made, draft_of(made)[1].item, "A tree that lives long.", by=bob)
    return made


@pytest.fixture
def pairs(project: Project, bob: User) -> Dataset:
    """Two preferences, the second a tie."""
    other = ModelAnswer("A bush.", model="llama")
    made = [record(other=other, metric="better"), record("Oak?", other=other, tied="good")]
    return make_dataset(project, bob, made, name="Pairs", kind=Dataset.Kind.PREFERENCE)
