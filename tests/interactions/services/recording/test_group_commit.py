"""A batch of several callers: one bad row costs its neighbours nothing."""

import pytest
from django.db import OperationalError

from interactions.models import Feedback, Interaction
from interactions.services.group_commit import GroupWriter
from interactions.services.judging.feedback import NewFeedback, record_together
from interactions.services.recording.drafts import Draft, FeedbackDraft
from interactions.services.recording.log import Entry, Logged, log_together
from interactions.services.rollups import counts
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project, User
from tests.make import make_draft, make_interaction, make_metric

# The writer looks after its connection, which it must not do inside a transaction of the tests.
pytestmark = pytest.mark.django_db(transaction=True)


def unwritable(text: str = "Why?") -> Draft:
    """A draft that no check has let through: PostgreSQL cannot store it."""
    draft = make_draft(text)
    draft.completion = "a\0b"
    return draft


def test_several_projects_share_a_batch(project: Project, charlies_project: Project) -> None:
    entries = [
        (project, make_draft("one", labels={"env": "prod"})),
        (charlies_project, make_draft("two", labels={"env": "prod"})),
        (project, make_draft("three", external_id="same")),
        (charlies_project, make_draft("four", external_id="same")),
    ]
    logged = GroupWriter(log_together)(entries)
    ids = [one.id for one in logged if isinstance(one, Logged)]
    assert [counts.count(one, ALL_INTERACTIONS) for one in (project, charlies_project)] == [2, 2]
    mine = Interaction.objects.in_project(project).oldest_first()
    assert [(one.id, one.prompt_preview) for one in mine] == [(ids[0], "one"), (ids[2], "three")]
    theirs = Interaction.objects.in_project(charlies_project)
    assert {one.id for one in theirs} == {ids[1], ids[3]}
    labels = {row.label_ids[0] for row in (*mine, *theirs) if row.label_ids}
    assert len(labels) == 2, "a label belongs to one project"


def test_one_bad_row_costs_its_neighbours_nothing(project: Project) -> None:
    drafts = [make_draft("one"), unwritable(), make_draft("three"), unwritable("Again?")]
    answers = GroupWriter(log_together)([(project, draft) for draft in drafts])
    assert [isinstance(answer, Logged) for answer in answers] == [True, False, True, False]
    stored = Interaction.objects.in_project(project).oldest_first()
    assert [one.prompt_preview for one in stored] == ["one", "three"]
    assert counts.count(project, ALL_INTERACTIONS) == 2


def test_what_may_have_been_committed_is_not_written_again(project: Project) -> None:
    tried: list[int] = []

    def lose_the_connection(entries: list[Entry]) -> list[Logged | Exception]:
        tried.append(len(entries))
        raise OperationalError("server closed the connection unexpectedly")

    answers = GroupWriter(lose_the_connection)([(project, make_draft()) for _ in range(3)])
    assert tried == [3]
    assert all(isinstance(answer, OperationalError) for answer in answers)


def test_feedback_of_several_callers_is_given_together(
    project: Project, charlies_project: Project, alice: User, charlie: User
) -> None:
    here, there = make_interaction(project), make_interaction(charlies_project)
    mine = FeedbackDraft(metric=make_metric(project), value=1.0)
    theirs = FeedbackDraft(metric=make_metric(charlies_project), value=0.0)
    answers = record_together(
        [
            NewFeedback(project, here.id, mine, alice),
            NewFeedback(
                charlies_project, here.id, theirs, charlie
            ),  # another project's interaction
            NewFeedback(charlies_project, there.id, theirs, charlie),
        ]
    )
    assert [isinstance(answer, Feedback) for answer in answers] == [True, False, True]
    assert Feedback.objects.in_project(project).get().created_by == alice
    assert Feedback.objects.in_project(charlies_project).get().interaction_id == there.id
