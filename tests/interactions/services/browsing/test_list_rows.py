"""The rows of a list say what the models say, and of their own project alone."""

from dataclasses import fields
from uuid import uuid4

import pytest

from interactions.models import Label
from interactions.services.browsing import list_rows, rows
from interactions.services.browsing.list_rows import ListedInteraction
from projects.models import Metric, Project
from tests.make import (
    data_uri,
    image_message,
    make_image,
    make_interaction,
    make_interactions,
    make_llm,
    make_metric,
)

LATER = ("llm", "created_by", "cost")
KEPT = [one.name for one in fields(ListedInteraction) if one.name not in LATER]
SHOWN_OF_A_METRIC = ("id", "key", "name", "kind", "is_yes_no", "limit", "is_low_better")


@pytest.mark.django_db
def test_a_row_says_what_the_models_say(project: Project) -> None:
    yes, score = make_metric(project), make_metric(project, "score", "SCALAR")
    Metric.objects.in_project(project).filter(key="score").update(threshold=3.0)
    one = make_interaction(
        project,
        "Why?",
        "So.",
        llm=make_llm(project),
        labels={"b": "2", "a": "1"},
        feedback={yes: True, score: 2.5},
        session_id=uuid4(),
    )
    other = make_interaction(project, messages=[image_message(data_uri(make_image()))])
    ids = [other.id, one.id]
    for listed, row in zip(list_rows.rows(project, ids), rows.rows(project, ids), strict=True):
        for name in KEPT:
            assert getattr(listed.interaction, name) == getattr(row.interaction, name), name
        said = listed.interaction.get_source_display()
        assert said == row.interaction.get_source_display()
        llms = [(it.key, it.name) for it in (listed.interaction.llm, row.interaction.llm) if it]
        assert len(set(llms)) <= 1 and len(llms) in (0, 2)
        assert [(it.id, it.key, it.value) for it in listed.labels] == [
            (it.id, it.key, it.value) for it in row.labels
        ]
        assert listed.feedback_count == row.feedback_count
        for mine, theirs in zip(listed.feedback, row.feedback, strict=True):
            assert mine.value == theirs.value
            assert mine.metric.tone(mine.value) == theirs.metric.tone(theirs.value)
            for name in SHOWN_OF_A_METRIC:
                assert getattr(mine.metric, name) == getattr(theirs.metric, name), name
        assert [(it.sha256, it.format, it.is_shown) for it in listed.images] == [
            (it.sha256, it.format, it.is_shown) for it in row.images
        ]
    assert len(listed.labels) == len(listed.feedback) == 2


@pytest.mark.django_db
def test_rows_come_in_the_order_they_were_asked_for(project: Project) -> None:
    ids = make_interactions(project, 5)
    wanted = [ids[3], ids[0], ids[4]]
    assert [row.interaction.id for row in list_rows.rows(project, wanted)] == wanted
    assert list_rows.rows(project, []) == []


@pytest.mark.django_db
def test_another_projects_rows_and_labels_are_not_there(
    project: Project, charlies_project: Project
) -> None:
    ours = make_interaction(project, labels={"a": "1"})
    theirs = make_interaction(charlies_project, labels={"a": "secret"})
    label = Label.objects.in_project(charlies_project).get(value="secret")
    ours.label_ids = [*ours.label_ids, label.id]
    ours.save()
    (row,) = list_rows.rows(project, [theirs.id, ours.id, uuid4()])
    assert row.interaction.id == ours.id
    assert [(it.key, it.value) for it in row.labels] == [("a", "1")]
