"""Training records of interactions: what each kind holds, and that they come back as they were."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from interactions.models import Dataset, Interaction
from interactions.services.editing.deletion import delete_together
from interactions.services.recording.log import log_interactions
from interactions.services.training import tokens
from interactions.services.training.from_interactions import Chosen, of_ids, records
from interactions.services.training.record import ModelAnswer, ReadBeside, TrainingRecord
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


def test_what_is_read_as_bytes_is_what_models_have() -> None:
    maple = make_project()
    helpful = make_metric(maple)
    long = Decimal("0.1234567890123456789")
    odd = 'é\u2028"\\ \t\r\n 1e5 12345678901234567890 \U0001f600\x7f'
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    plain = [{"role": "user", "content": odd}]
    drafts = [
        make_draft(messages=plain, completion=odd, labels={"b": odd, "a": ""}),
        make_draft(messages=[{**plain[0], "n": Decimal(18446744073709551616)}], completion=""),
        make_draft(messages=[{**plain[0], "n": long}], user_metadata={"n": long, "m": 0.5}),
        make_draft(completion_parts={"tool_calls": [call], "n": long}, feedback={helpful: True}),
        make_draft(parameters={"tools": [{"n": long}], "seed": Decimal(18446744073709551616)}),
        make_draft(parameters={"tools": []}, session_id=UUID(int=7)),
    ]
    ids = [one.id for one in log_interactions(maple, drafts)]
    packed = b"".join(id.bytes for id in [*ids, UUID(int=1)])
    found = list(of_ids(maple, packed, kind=Kind.FEEDBACK))
    assert [one.interaction_id for one in found] == ids
    for one, id in zip(found, ids, strict=True):
        row = Interaction.objects.in_project(maple).select_related("body", "llm").get(id=id)
        body = row.body
        assert one.messages == body.messages
        assert one.answer == ModelAnswer(
            body.completion, body.completion_parts, row.llm.key if row.llm else None
        )
        assert one.tools == ((body.parameters or {}).get("tools") or None)
        assert one.metadata == (body.user_metadata or {})
        assert one.session_id == (str(row.session_id) if row.session_id else None)
        assert one.created_at == row.created_at.isoformat()
    assert found[0].labels == {"a": "", "b": odd}
    assert [one.feedback for one in found] == [{}, {}, {}, {"helpful": True}, {}, {}]
    less = of_ids(
        maple, packed, kind=Kind.FEEDBACK, beside=ReadBeside(feedback=False, origin=False)
    )
    assert [(one.messages, one.tools) for one in less] == [(a.messages, a.tools) for a in found]
