"""Random projects to filter, small enough to think about, with names that SQL and JSON dislike."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from interactions.models import Interaction, Source
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import Draft, FeedbackDraft
from interactions.services.recording.log import log_interactions, prompt_hash
from interactions.textindex.upkeep import index_some
from projects.models import Project, User
from tests.interactions.evaluator import Fact, Given
from tests.make import NOON, make_draft, make_llm, make_metric, make_project

LABEL_KEYS = ["env", "version", "a:b", "%_", "ключ"]
LABEL_VALUES = ["prod", "dev", "", "50%", "a_b", "\\", '"q"', "日本", "Prod"]
LLMS = ["gpt", "claude", "mal%_'"]
METRICS = {"helpful": "BOOL", "csat": "SCALAR", "a.b %": "SCALAR"}
VALUES = {"BOOL": [0.0, 1.0], "SCALAR": [-1.0, 0.0, 0.1, 2.5, 3.0, 5.0]}
SESSIONS = [UUID(int=number) for number in (1, 2, 3)]
SOURCES = Source.values
AUTHORS = ["Ann@example.org", "ben@example.org"]
# Of a measure; None is not known. The biggest is what its column holds.
MEASURES = [None, None, 0, 1, 7, 500, 501, 2_147_483_647]
REASONS = ["", "too long", "50%", "Wrong CAFÉ"]
DETAILS = [
    "",
    "50% too LONG",
    '{"note": "cafe\\u0301 \\ud83d\\ude00", "n": [1, "late"]}',
    '{"a": "\\\\',
]
TEXTS = [
    "100%", "a_b", "back\\slash", '"quoted"', "new\nline", "tab\t.", "Ünïcode", "日本語", "{json}",
    "cafe\u0301", "don’t", "1\u00a0000", "Stra\u00dfe", "so\xadft", "ﬁn", "ＡＢ", "İı",
    "שָׁלוֹם", "مُحَمَّد",
    "\\u00e9", "'", "ΣΊΣΥΦΟΣ", "É", "x", "role", "content", "\x1f", "𝄞", "%%", "__", "\\\\", "/",
]  # fmt: skip
# Several rows share a millisecond, others are neighbours of an hour's edge.
TIMES = [
    NOON + timedelta(milliseconds=shift)
    for shift in (0, 0, 1, 2, 999, 1000, 3_599_999, 3_600_000, 7_200_001, 86_400_000)
]


@dataclass(frozen=True)
class World:
    """A project and everything that is in it, newest first."""

    project: Project
    facts: list[Fact]


def make_world(seed: int, rows: int = 40) -> World:
    """A project of `rows` interactions that depend on `seed` alone."""
    chance = Random(seed)
    project = make_project(f"world-{seed}")
    llms = {key: make_llm(project, key) for key in LLMS}
    metrics = {key: make_metric(project, key, kind) for key, kind in METRICS.items()}
    authors = [_author(email) for email in AUTHORS]
    drafts: list[Draft] = []
    for _ in range(rows):
        feedback = [
            FeedbackDraft(
                metric=metric,
                value=chance.choice(VALUES[metric.kind]),
                reason=chance.choice(REASONS),
                details=chance.choice(DETAILS),
            )
            for metric in chance.choices(list(metrics.values()), k=chance.choice([0, 0, 1, 2, 4]))
        ]
        one = make_draft(
            messages=_messages(chance),
            completion=_text(chance),
            completion_parts=chance.choice([None, None, _beside(chance)]),
            system=chance.choice([None, None, _response(chance)]),
            created_at=chance.choice(TIMES),
            labels=_labels(chance),
            llm=llms.get(chance.choice([*LLMS, "none"])),
            session_id=chance.choice([None, None, *SESSIONS]),
            source=chance.choice(SOURCES),
            created_by=chance.choice([None, *authors]),
        )
        one.feedback = feedback
        one.latency_ms, one.ttft_ms = chance.choices(MEASURES, k=2)
        tokens = zip(
            ("prompt_tokens", "completion_tokens"), chance.choices(MEASURES, k=2), strict=True
        )
        one.usage = {name: n for name, n in tokens if n is not None}
        drafts.append(one)
    ids = _log(project, drafts, chance)
    images = {id: chance.choice([0, 0, 0, 1, 3]) for id in ids}
    for id, n in images.items():
        Interaction.objects.in_project(project).with_ids([id]).update(image_count=n)
    compared: dict[UUID, set[str]] = {id: set() for id in ids}
    for metric in chance.choices(list(metrics.values()), k=rows // 8):
        preferred, other = chance.sample(ids, 2)
        given = NewComparison(
            metric=metric, preferred_id=preferred, other_id=other, created_at=NOON
        )
        compare(project, [given], by=None)
        compared[preferred].add(metric.key)
        compared[other].add(metric.key)
    facts = [_fact(one, id, compared[id], images[id]) for one, id in zip(drafts, ids, strict=True)]
    return World(project, sorted(facts, key=lambda fact: fact.id, reverse=True))


def _author(email: str) -> User:
    there = User.objects.filter(email__iexact=email).first()
    return there or User.objects.create_user(email)


def _log(project: Project, drafts: list[Draft], chance: Random) -> list[UUID]:
    """Log them in a few batches; the text of the first ones is indexed, in a few segments."""
    ids: list[UUID] = []
    indexed = chance.choice([0.0, 0.5, 0.9, 1.0])
    while len(ids) < len(drafts):
        some = drafts[len(ids) : len(ids) + chance.randint(1, 12)]
        ids += [there.id for there in log_interactions(project, some)]
        if len(ids) <= indexed * len(drafts):
            while index_some(project):
                pass
    return ids


def _fact(one: Draft, id: UUID, compared: set[str], images: int) -> Fact:
    by = one.created_by.email.lower() if one.created_by else None
    usage = one.usage or {}
    return Fact(
        id=id,
        created_at=one.created_at,
        messages=one.messages,
        completion=one.completion,
        completion_parts=one.completion_parts,
        others=[
            choice["message"]
            for choice in (one.system or {"response": {"choices": []}})["response"]["choices"]
        ],
        labels=dict(one.labels),
        feedback=[
            Given(given.metric.key, given.value, given.reason, by, given.details)
            for given in one.feedback
        ],
        llm=one.llm.key if one.llm else None,
        source=one.source,
        session_id=one.session_id,
        prompt_hash=prompt_hash(one.messages),
        by=by,
        compared=frozenset(compared),
        measures={
            "latency": one.latency_ms,
            "ttft": one.ttft_ms,
            "prompt_tokens": usage.get("prompt_tokens"),
            "completion_tokens": usage.get("completion_tokens"),
            "images": images,
        },
    )


def _labels(chance: Random) -> dict[str, str]:
    keys = chance.sample(LABEL_KEYS, k=chance.randint(0, 3))
    # The first values are common, the others rare.
    return {key: chance.choice(LABEL_VALUES[: chance.choice([2, 9])]) for key in keys}


def _text(chance: Random) -> str:
    return " ".join(chance.choices([*TEXTS, "plain", "words"], k=chance.randint(0, 3)))


def _beside(chance: Random) -> dict[str, Any]:
    """What a message holds beside its content."""
    arguments = chance.choice([_text(chance), json.dumps({"é": [_text(chance)]})])
    call = {"name": chance.choice(["look_up", "x"]), "arguments": arguments}
    return chance.choice(
        [
            {"tool_calls": [{"id": "100%", "type": "function", "function": call}]},
            {"reasoning_content": _text(chance)},
            {"refusal": _text(chance), "reasoning": None},
        ]
    )


def _response(chance: Random) -> dict[str, Any]:
    """What a model's response held beside the first answer: another one."""
    answer = {"role": "assistant", "content": _text(chance), **_beside(chance)}
    return {"response": {"choices": [{"index": 1, "message": answer}]}}


def _part(chance: Random) -> dict[str, Any]:
    """A part of a message's content that is no text."""
    return chance.choice(
        [
            {"type": "image_url", "image_url": {"url": "https://x.test/a%b.png"}},
            {"type": "tool_use", "id": "100%", "name": "look_up", "input": {"q": _text(chance)}},
            {"type": "tool_result", "content": [{"type": "text", "text": _text(chance)}]},
            {"type": "file", "file": {"filename": _text(chance), "file_data": "x"}},
        ]
    )


def _messages(chance: Random) -> list[dict[str, Any]]:
    if chance.random() < 0.2:
        return [{"role": "user", "content": "the same prompt"}]
    messages: list[dict[str, Any]] = []
    for role in ("system", "user", "assistant")[: chance.randint(1, 3)]:
        content: Any = _text(chance)
        if chance.random() < 0.3:
            content = [{"type": "text", "text": _text(chance)} for _ in range(2)]
            content.append(_part(chance))
        messages.append({"role": role, "content": content})
    if chance.random() < 0.2:
        beside = _beside(chance)
        content = None if "tool_calls" in beside else ""
        messages.append({"role": "assistant", "content": content, **beside})
    return messages


def moments() -> list[datetime]:
    """Times at, just before and just after those of the rows, to the microsecond."""
    steps = [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=-1)]
    return sorted({at + step for at in TIMES for step in steps})
