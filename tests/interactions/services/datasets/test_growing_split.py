"""Into which split goes what a dataset takes by itself, and what it takes of what was there."""

from collections import Counter
from uuid import uuid4

import pytest

from interactions.services.datasets import growth
from interactions.services.datasets.placing import split_rule
from interactions.services.datasets.placing.split_rule import SplitRule, SplitShares
from projects.models import Project, User
from tests.interactions.services.datasets.making import (
    draft_of,
    grow,
    log,
    make_dataset,
    record,
    start,
    texts,
)

pytestmark = pytest.mark.django_db


def test_what_is_taken_is_split_by_the_rule_of_the_dataset(project: Project, bob: User) -> None:
    session = uuid4()
    dataset = make_dataset(
        project, bob, [record("old", split="validation", session_id=str(session))]
    )
    split_rule.remember(dataset, SplitRule(SplitShares(50, 25, 25), 3))
    start(dataset, dedupe="none")
    log(project, "in the session", session_id=session)
    one, two = log(project, "twice", "twice")
    log(project, *(f"single {n}" for n in range(8)))
    grow(dataset)
    rows = {row.interaction_id: row for row in draft_of(dataset)}
    splits = Counter(row.split for row in rows.values())
    assert splits == {"train": 6, "validation": 3, "test": 3}
    assert rows[one].split == rows[two].split
    (there,) = (row for row in rows.values() if row.session_id == session and row.interaction_id)
    assert there.split == "validation"
    log(project, "twice")
    grow(dataset)
    assert draft_of(dataset)[-1].split == rows[one].split


def test_what_matches_now_is_taken_also_after_growing_was_stopped(
    project: Project, bob: User
) -> None:
    log(project, "before")
    dataset = make_dataset(project, bob)
    start(dataset)
    log(project, "after")
    grow(dataset)
    growth.stop(dataset, by=bob)
    assert texts(dataset) == ["after"]
    growth.change(
        dataset, by=bob, schedule="at once", gate=False, cap=None, dedupe="prompt", existing=True
    )
    grow(dataset)
    assert texts(dataset) == ["after", "before"]
