"""Training records of interactions: what each kind holds, and that they come back as they were."""

from dataclasses import replace

import pytest

from interactions.models import Dataset
from interactions.services.editing.deletion import delete_together
from interactions.services.recording.log import log_interactions
from interactions.services.training import tokens
from interactions.services.training.from_interactions import Chosen, records
from interactions.services.training.record import ModelAnswer, TrainingRecord
from tests.make import make_draft, make_metric, make_project

pytestmark = pytest.mark.django_db
Kind = Dataset.Kind
TOOLS = [{"type": "function", "function": {"name": "get_order"}}]


def test_a_record_holds_what_its_kind_asks_for() -> None:
    maple = make_project()
    helpful, score = make_metric(maple), make_metric(maple, "score", "SCALAR")
    (logged,) = log_interactions(
        maple,
        [
            make_draft(
                feedback={helpful: True, score: 0.25},
                labels={"lang": "en"},
                parameters={"tools": TOOLS},
                user_metadata={"order": "A7"},
            )
        ],
    )
    chosen = [Chosen(logged.id, split="test")]
    (whole,) = records(maple, chosen, kind=Kind.FEEDBACK)
    assert whole.messages == [{"role": "user", "content": "What is a maple?"}]
    assert whole.answer == ModelAnswer("A tree.")
    assert whole.feedback == {"helpful": True, "score": 0.25}
    assert (whole.labels, whole.metadata, whole.tools) == (
        {"lang": "en"},
        {"order": "A7"},
        TOOLS,
    )
    assert (whole.interaction_id, whole.split) == (logged.id, "test")
    (plain,) = records(maple, chosen, kind=Kind.COMPLETION)
    assert plain == replace(whole, feedback={})
    (prompt,) = records(maple, chosen, kind=Kind.PROMPT)
    assert prompt == replace(plain, answer=None)


def test_a_preference_has_two_answers_and_goes_when_either_does() -> None:
    maple = make_project()
    good, bad = log_interactions(maple, [make_draft(), make_draft(completion="A bush.")])
    chosen = [Chosen(good.id, bad.id, metric="better", tied="good")]
    (record,) = records(maple, chosen, kind=Kind.PREFERENCE)
    assert [one.text for one in record.answers] == ["A tree.", "A bush."]
    assert (record.metric, record.tied, record.other_id) == ("better", "good", bad.id)
    delete_together(maple, [bad.id])
    assert list(records(maple, chosen, kind=Kind.PREFERENCE)) == []


def test_a_record_comes_back_from_its_content_as_it_was() -> None:
    called = ModelAnswer("", {"tool_calls": [{"id": "1"}]}, "gpt-4o")
    full = TrainingRecord(
        messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        answer=called,
        other=ModelAnswer("No."),
        metric="better",
        feedback={"helpful": False},
        labels={"a": ""},
        tools=TOOLS,
    )
    assert TrainingRecord.of(full.content) == full
    assert called.message == {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    empty = TrainingRecord(messages=[])
    assert TrainingRecord.of(empty.content) == empty


def test_tokens_are_told_about() -> None:
    assert (tokens.of_text(""), tokens.of_text("hello you"), tokens.of_text("你好世界")) == (
        0,
        3,
        3,
    )
    record = TrainingRecord([{"role": "user", "content": "x" * 40}], ModelAnswer("y" * 8))
    assert (tokens.of_prompt(record), tokens.of_record(record)) == (10, 12)
