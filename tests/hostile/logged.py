"""Interactions with the payloads in every member, and what is said of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from interactions.services.judging import feedback
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import Draft, FeedbackDraft, draft
from interactions.services.recording.log import log_interactions
from projects.models import Llm, Metric, Project, User
from tests import make
from tests.hostile.payloads import NAMES, SHORT, TOGETHER

SESSION = uuid4()
PICTURE = make.make_image()


def hostile_draft(text: str, n: int, **known: Any) -> Draft:
    """An interaction with the text wherever there may be one."""
    call = {
        "id": text, "type": "function",
        "function": {"name": text, "arguments": text if n % 2 else f'{{"a": {text!r}}}'},
    }  # fmt: skip
    named = {"url": make.data_uri(PICTURE), "detail": text}
    parts: list[Any] = [
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": named, "alt": text},
        {"type": "image_url", "image_url": {"url": text}},
        {"type": "image_url", "image_url": {"url": f"https://evil.test/{text}"}},
        {"type": "file", "file": {"filename": text, "file_data": text}},
        {"type": "input_audio", "input_audio": {"data": text, "format": text}},
        {"type": "refusal", "refusal": text},
        {"type": "thinking", "thinking": text, "signature": text},
        {"type": "tool_use", "id": text, "name": text, "input": {text: text}},
        {"type": "tool_result", "tool_use_id": text, "content": text},
        {"type": "document", "source": {"type": "text", "data": text}, "title": text},
        {"type": "video_url", "video_url": {"url": text}},
        {"type": text, text: [text, {text: text}]},
        text,
    ]
    messages = [
        {"role": "system", "content": text, "name": text},
        {"role": "developer", "content": text},
        {"role": "user", "content": parts, "name": text},
        {"role": "assistant", "content": text, "reasoning_content": text, "refusal": text,
         "tool_calls": [call], "annotations": [{text: text}], text: text},
        {"role": "tool", "content": text, "tool_call_id": text, "name": text},
        {"role": "function", "content": text, "name": text},
        {"role": text[:60] or "user", "content": text},
        {"role": "user", "content": f"{text} {n}"},
    ]  # fmt: skip
    return draft(
        messages=messages,
        completion=f"<think>{text}</think>\n{text}\n<tool_call>{text}</tool_call>",
        completion_parts={"tool_calls": [call], "reasoning_content": text, text: text},
        labels={text[:128] or "empty": text[:512], "kind": text[:512]},
        is_strict=False,
        created_at=make.NOON + timedelta(minutes=n),
        session_id=SESSION if n < 12 else uuid4(),
        said_by=text,
        external_id=f"{n} {text}"[:256],
        parameters={text: text, "temperature": text, "tools": [{"function": {"name": text}}]},
        usage={text: text},
        system={text: text},
        user_metadata={text: text},
        **known,
    )


def log(project: Project, by: User, metrics: list[Metric], llms: list[Llm]) -> list[UUID]:
    """Those that hold all of them first, then one of each name."""
    drafts = [
        hostile_draft(
            name, n, llm=llms[n], created_by=by,
            feedback=[
                FeedbackDraft(metric=metrics[n], value=1.0, reason=name, details=name, said_by=name)
            ],
        )
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    drafts += [hostile_draft(TOGETHER, len(drafts) + n, llm=llms[n]) for n in range(2)]
    ids = [logged.id for logged in log_interactions(project, drafts)]
    ids.reverse()  # the whole ones first
    return ids


def judge(project: Project, by: User, ids: list[UUID], metrics: list[Metric]) -> None:
    """Every metric of the first, and pairs."""
    given = [
        FeedbackDraft(metric=metric, value=float(n % 2), reason=TOGETHER, details=TOGETHER)
        for n, metric in enumerate(metrics)
    ]
    for one in given:
        feedback.record(project, ids[0], given=one, by=by)
    pairs = [
        NewComparison(
            metric=metrics[0], preferred_id=a, other_id=b, created_at=make.NOON, said_by=SHORT,
            external_id=SHORT,
        )
        for a, b in zip(ids[:6], ids[1:7], strict=True)
    ]  # fmt: skip
    compare(project, pairs, by=by)
