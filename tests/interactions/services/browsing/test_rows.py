"""Interactions as pages show them, and the feedback and comparisons beside them."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Comparison, Feedback
from interactions.services.browsing import rows as browsing_rows
from interactions.services.judging import comparisons, feedback
from interactions.services.judging.comparisons import NewComparison
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Event, Project, User
from tests.make import NOON, make_interaction, make_interactions, make_llm, make_metric


def test_rows_come_in_the_order_they_were_asked_for(project: Project) -> None:
    ids = make_interactions(project, 5)
    wanted = [ids[3], ids[0], ids[4]]
    assert [row.interaction.id for row in browsing_rows.rows(project, wanted)] == wanted
    assert browsing_rows.rows(project, []) == []


def test_rows_of_another_project_are_not_there(project: Project, charlies_project: Project) -> None:
    ours, theirs = make_interaction(project), make_interaction(charlies_project)
    rows = browsing_rows.rows(project, [ours.id, theirs.id, uuid4()])
    assert [row.interaction.id for row in rows] == [ours.id]
    for id in (theirs.id, uuid4()):
        with pytest.raises(NotFound):
            browsing_rows.whole(project, id)


def test_each_row_has_its_own_labels_and_feedback(project: Project) -> None:
    metric = make_metric(project)
    one = make_interaction(project, labels={"b": "2", "a": "1"}, feedback={metric: True})
    other = make_interaction(project, labels={"b": "3"})
    rows = browsing_rows.rows(project, [one.id, other.id])
    assert [[str(label) for label in row.labels] for row in rows] == [["a: 1", "b: 2"], ["b: 3"]]
    assert [[given.value for given in row.feedback] for row in rows] == [[1.0], []]


def test_a_session_is_told_turn_by_turn(project: Project) -> None:
    session = uuid4()
    turns = make_interactions(project, 4, session_id=session)
    make_interaction(project, session_id=uuid4())
    whole = browsing_rows.whole(project, turns[2])
    assert whole.session == turns
    assert whole.turn == 3


def test_a_turn_far_down_a_long_session_is_still_in_it(project: Project) -> None:
    turns = make_interactions(project, browsing_rows.SESSION_SHOWN + 5, session_id=uuid4())
    whole = browsing_rows.whole(project, turns[-1])
    assert whole.session[-1] == turns[-1]
    assert len(whole.session) == browsing_rows.SESSION_SHOWN + 1


def test_siblings_answer_the_same_prompt(project: Project, charlies_project: Project) -> None:
    one, other = make_interaction(project, "Why?", "So."), make_interaction(project, "Why?", "No.")
    make_interaction(project, "How?")
    make_interaction(charlies_project, "Why?")
    assert [sibling.id for sibling in browsing_rows.whole(project, one.id).siblings] == [other.id]


def given(value: float, metric_of: Project) -> FeedbackDraft:
    return FeedbackDraft(metric=make_metric(metric_of), value=value, reason="because")


def test_feedback_of_several_people_stands_side_by_side(
    project: Project, alice: User, bob: User
) -> None:
    one = make_interaction(project)
    feedback.record(project, one.id, given=given(1.0, project), by=alice)
    feedback.record(project, one.id, given=given(0.0, project), by=bob)
    (row,) = browsing_rows.rows(project, [one.id])
    assert [(f.value, f.created_by, f.reason) for f in row.feedback] == [
        (0.0, bob, "because"),
        (1.0, alice, "because"),
    ]


def test_feedback_needs_an_interaction_of_the_project(
    project: Project, charlies_project: Project, alice: User
) -> None:
    theirs = make_interaction(charlies_project)
    with pytest.raises(NotFound):
        feedback.record(project, theirs.id, given=given(1.0, project), by=alice)
    assert not Feedback.objects.in_project(project).exists()


def test_withdrawn_feedback_is_gone_but_not_forgotten(project: Project, bob: User) -> None:
    one = make_interaction(project)
    made = feedback.record(project, one.id, given=given(1.0, project), by=bob)
    feedback.withdraw(project, made.id, by=bob, any_author=False)
    assert not Feedback.objects.in_project(project).exists()
    event = Event.objects.get(verb="feedback.withdrawn")
    assert (event.actor, event.subject, event.details["value"]) == (bob, str(one.id), 1.0)
    with pytest.raises(NotFound):
        feedback.withdraw(project, made.id, by=bob, any_author=True)


def test_only_an_owner_withdraws_what_another_gave(
    project: Project, alice: User, bob: User, charlies_project: Project
) -> None:
    one = make_interaction(project)
    made = feedback.record(project, one.id, given=given(1.0, project), by=alice)
    with pytest.raises(Forbidden):
        feedback.withdraw(project, made.id, by=bob, any_author=False)
    with pytest.raises(NotFound):
        feedback.withdraw(charlies_project, made.id, by=alice, any_author=True)
    feedback.withdraw(project, made.id, by=bob, any_author=True)


def judged(project: Project, preferred: UUID, other: UUID, **more: str) -> NewComparison:
    metric = make_metric(project, "better")
    return NewComparison(
        metric=metric, preferred_id=preferred, other_id=other, created_at=NOON, **more
    )


def test_a_comparison_is_seen_from_both_sides(project: Project, alice: User) -> None:
    llm = make_llm(project)
    one, other = make_interaction(project, "a", llm=llm), make_interaction(project, "b")
    (made,) = comparisons.compare(project, [judged(project, one.id, other.id)], by=alice)
    for id in (one.id, other.id):
        assert browsing_rows.whole(project, id).comparisons == [made]


def test_a_comparison_with_an_external_id_is_stored_once(project: Project) -> None:
    one, other = make_interactions(project, 2, every=timedelta(0))
    batch = [judged(project, one, other, external_id=name) for name in ("x", "y", "x")]
    assert len(comparisons.compare(project, batch, by=None)) == 2
    assert comparisons.compare(project, batch, by=None) == []
    assert Comparison.objects.in_project(project).count() == 2


def test_a_wrong_comparison_stores_nothing_of_its_batch(
    project: Project, charlies_project: Project
) -> None:
    one, other = make_interactions(project, 2)
    theirs = make_interaction(charlies_project)
    good = judged(project, one, other)
    for bad, fault in (
        (judged(project, one, one), Invalid),
        (judged(project, one, theirs.id), NotFound),
        (judged(project, uuid4(), one), NotFound),
    ):
        with pytest.raises(fault):
            comparisons.compare(project, [good, bad], by=None)
    assert not Comparison.objects.in_project(project).exists()
