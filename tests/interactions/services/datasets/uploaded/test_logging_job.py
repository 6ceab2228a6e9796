"""Records of datasets logged as interactions: all of what they hold, and each once."""

import json
from typing import Any

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid
from interactions.models import Comparison, Dataset, Feedback, Interaction, Job, Source
from interactions.services.browsing import rows
from interactions.services.datasets import create
from interactions.services.datasets.uploaded import logging_job, storing
from interactions.services.images import store
from interactions.services.jobs import queue
from interactions.services.jobs.datasets import begin_logging
from projects.models import Project, User
from tests import make
from tests.interactions.services.datasets.making import make_dataset, record

pytestmark = pytest.mark.usefixtures("empty_storage")


def upload(project: Project, by: User, *lines: Any) -> Dataset:
    """A dataset of these lines."""
    data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    return storing.create_at_once(project, data, name="X", key=None, file_name="x", by=by)


def logged(dataset: Dataset, by: User) -> str:
    """What is said of a job that was done to its end."""
    job = queue.do_all(begin_logging(dataset, by=by))
    assert job.state == Job.State.DONE, job.error
    return str(job.result["words"])


def test_a_record_is_logged_whole(project: Project, alice: User) -> None:
    picture = make.make_image()
    dataset = upload(
        project,
        alice,
        {
            "messages": [make.image_message(make.data_uri(picture))],
            "completion": "A square.",
            "feedbacks": {"stars": 4, "good": True},
            "labels": {"env": "prod"},
            "metadata": {"order": "A7"},
            "model": "big",
            "session_id": "00000000-0000-4000-8000-000000000001",
            "created_at": "2024-02-21T12:00:00Z",
        },
    )
    assert logged(dataset, alice) == "Logged 1 interaction."
    whole = rows.whole(project, Interaction.objects.in_project(project).get().id)
    one, body = whole.interaction, whole.interaction.body
    assert (one.source, one.created_at, one.created_by) == (Source.DATASET, make.NOON, alice)
    assert one.llm is not None and one.llm.key == "big"
    assert str(one.session_id) == "00000000-0000-4000-8000-000000000001"
    assert (body.completion, body.user_metadata) == ("A square.", {"order": "A7"})
    assert {label.key: label.value for label in whole.labels} == {"env": "prod"}
    given = Feedback.objects.in_project(project).values_list("metric__key", "value")
    assert dict(given) == {"stars": 4.0, "good": 1.0}
    (image,) = whole.images
    assert store.read(image) == picture


def test_each_is_logged_once(
    project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging_job, "RECORDS_A_STEP", 2)
    lines = [
        {"messages": [{"role": "user", "content": f"Q{n}"}], "completion": "A"} for n in range(5)
    ]
    dataset = upload(project, alice, *lines)
    assert logged(dataset, alice) == "Logged 5 interactions."
    again = logged(dataset, alice)
    assert again == "Logged 0 interactions. They had all been logged before."
    ids = list(Interaction.objects.in_project(project).values_list("id", flat=True))
    found = rows.rows(project, ids)
    assert sorted(row.interaction.prompt_preview for row in found) == [f"Q{n}" for n in range(5)]


def test_preferences_become_comparisons(project: Project, alice: User) -> None:
    pair = {
        "messages": [{"role": "user", "content": "Which?"}],
        "preferred_completion": "Good",
        "other_completion": "Bad",
        "feedback_key": "better",
    }
    dataset = upload(project, alice, pair)
    assert logged(dataset, alice) == "Logged 2 interactions and 1 comparison."
    logged(dataset, alice)
    one = Comparison.objects.in_project(project).get()
    assert (one.metric.key, one.tied) == ("better", None)
    assert (one.preferred.body.completion, one.other.body.completion) == ("Good", "Bad")


def test_what_was_made_of_interactions_is_not_logged_again(project: Project, alice: User) -> None:
    id = make.make_interaction(project).id
    dataset = make_dataset(project, alice, [record(interaction_id=id), record("Written here")])
    assert logged(dataset, alice) == "Logged 1 interaction."
    assert Interaction.objects.in_project(project).count() == 2


def test_one_job_at_a_time(project: Project, alice: User) -> None:
    dataset = make_dataset(project, alice, [record()])
    assert begin_logging(dataset, by=alice) == begin_logging(dataset, by=alice)


def test_what_cannot_be_logged(project: Project, alice: User, charlie: User) -> None:
    prompts = create.create(project, name="P", kind=Dataset.Kind.PROMPT, by=alice)
    with pytest.raises(Invalid, match="no interactions"):
        begin_logging(prompts, by=alice)
    pending = create.create(
        project, name="Q", kind=Dataset.Kind.COMPLETION, by=alice, state="pending"
    )
    with pytest.raises(Invalid, match="not ready"):
        begin_logging(pending, by=alice)
    ready = make_dataset(project, alice, [record()])
    viewer = make.make_user("vera")
    make.share(project, viewer, "viewer")
    for user in (viewer, charlie):
        with pytest.raises(Forbidden):
            begin_logging(ready, by=user)


def test_deleted_meanwhile(project: Project, alice: User) -> None:
    dataset = make_dataset(project, alice, [record()])
    job = begin_logging(dataset, by=alice)
    create.delete(dataset, by=alice)
    assert queue.do_all(job).state == Job.State.FAILED
    assert not Interaction.objects.in_project(project).exists()
