"""The only writer of interactions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.bulk_insert import Row, Table, write_together
from adaptive_site.lib.ids import uuid7
from interactions.services.images import store
from interactions.services.recording.drafts import Draft
from interactions.services.recording.labels import (
    LABEL_POSTINGS,
    LabelPair,
    LabelPostings,
    label_ids,
)
from interactions.services.recording.masking import Masking, mask_drafts
from interactions.services.recording.previews import last_user_text, of_answer, preview
from interactions.services.rollups import deltas
from interactions.services.rollups.deltas import CountedFeedback
from projects.models import Project

_INTERACTIONS = Table("interaction", (
    "id", "project_id", "llm_id", "session_id", "created_at", "created_by_id", "source",
    "prompt_hash", "label_ids", "prompt_preview", "completion_preview", "image_count",
    "prompt_tokens", "completion_tokens", "cached_tokens", "latency_ms", "ttft_ms", "external_id",
    "said_by",
))  # fmt: skip
_BODIES = Table("interaction_body", (
    "interaction_id", "project_id", "messages", "completion", "completion_parts",
    "parameters", "usage", "system", "user_metadata",
), json=frozenset((
    "messages", "completion_parts", "parameters", "usage", "system", "user_metadata",
)))  # fmt: skip
_FEEDBACK_ROWS = Table("feedback", (
    "id", "project_id", "interaction_id", "metric_id", "value", "reason", "details",
    "source", "created_by_id", "created_at", "said_by",
))  # fmt: skip
_IMAGES = Table("interaction_image", ("interaction_id", "position", "project_id", "image_id"))
MAX_TOKENS = 2**31 - 1  # as large as the column
_ARRIVALS = Table("arrival", ("project_id", "interaction_ids"))


Entry: TypeAlias = tuple[Project, Draft]


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a draft is stored; `is_new` is false when its external id was there already."""

    id: UUID
    session_id: UUID | None
    feedback_ids: list[UUID]
    is_new: bool = True


Fresh: TypeAlias = tuple[Project, Draft, Logged]


def log_interactions(project: Project, drafts: Sequence[Draft]) -> list[Logged]:
    """Store a batch, all of it or nothing, and say for each draft where it went, in order.

    A draft whose `external_id` the project has, or that stands twice in the batch, is not
    stored again: the first one is answered, without touching its feedback.
    """
    return log_together([(project, draft) for draft in drafts])


def log_together(entries: Sequence[Entry]) -> list[Logged]:
    """Store a batch for several projects in one transaction, as `log_interactions` does."""
    masked, masking = mask_drafts(entries)
    for attempt in (1, 2):
        known = _already_there(entries)
        try:
            return _log(masked, known, masking)
        except IntegrityError as error:
            # Another writer stored one of our external ids since we looked; look again, once.
            if attempt == 2 or "interaction_external_id" not in str(error):
                raise
    raise AssertionError("unreachable")


def _already_there(entries: Iterable[Entry]) -> dict[tuple[int, str], Logged]:
    wanted: dict[int, list[str]] = {}
    for project, draft in entries:
        if draft.external_id is not None:
            wanted.setdefault(project.id, []).append(draft.external_id)
    found = {}
    for project_id, names in wanted.items():
        with connection.cursor() as cursor:
            # One array parameter: a thousand of them cost 23 ms a batch to compile and plan.
            cursor.execute(
                "SELECT external_id, id, session_id FROM interaction"
                " WHERE project_id = %s AND external_id = ANY(%s)",
                [project_id, names],
            )
            for name, id, session in cursor.fetchall():
                found[project_id, name] = Logged(id, session, [], is_new=False)
    return found


def _log(
    entries: Sequence[Entry], known: dict[tuple[int, str], Logged], masking: Masking
) -> list[Logged]:
    logged: list[Logged] = []
    fresh: list[Fresh] = []
    for project, draft in entries:
        name = None if draft.external_id is None else (project.id, draft.external_id)
        there = known.get(name) if name is not None else None
        if there is None:
            there = Logged(
                draft.id or uuid7(draft.created_at),
                draft.session_id,
                [uuid7(given.created_at or draft.created_at) for given in draft.feedback],
            )
            fresh.append((project, draft, there))
            if name is not None:
                known[name] = Logged(there.id, there.session_id, [], is_new=False)
        logged.append(there)
    if fresh:
        # Before the transaction: what is made in one may be rolled back, so is not remembered.
        labels = _labels(fresh)
        if masking.replaced or any(draft.images for _, draft, _ in fresh):
            with transaction.atomic():
                write_together(_rows(fresh, labels, _keep_images(fresh)))
                masking.save()
        else:
            write_together(_rows(fresh, labels, {}))
    return logged


def _rows(
    fresh: Sequence[Fresh],
    labels: dict[int, dict[LabelPair, int]],
    kept: dict[int, dict[str, int]],
) -> list[tuple[Table, Collection[Row]]]:
    rows: list[Row] = []
    bodies: list[Row] = []
    feedback: list[Row] = []
    images: list[Row] = []
    carried = LabelPostings()
    arrived: defaultdict[int, list[str]] = defaultdict(list)
    for project, draft, there in fresh:
        id = there.id.hex
        ids = labels[project.id]
        values = sorted([ids[pair] for pair in draft.labels.items()])
        messages = exact_json.dumps(draft.messages).decode()
        rows.append(_row(project, draft, id, values))
        bodies.append(_body(project, draft, id, messages))
        keys = [ids[key, None] for key in draft.labels]
        carried.add(project.id, draft.created_at, (*values, *keys), id)
        arrived[project.id].append(id)
        feedback.extend(_feedback(project, draft, there))
        for position, image in enumerate(draft.images):
            images.append((id, position, project.id, kept[project.id][image.facts.sha256]))
    return [
        (_INTERACTIONS, rows),
        (_BODIES, bodies),
        (LABEL_POSTINGS, carried.postings()),
        (_FEEDBACK_ROWS, feedback),
        (_IMAGES, images),
        (deltas.LABEL_DELTAS, carried.deltas()),
        (deltas.FEEDBACK_DELTAS, deltas.feedback_rows(list(_given(fresh)))),
        (_ARRIVALS, [(id, f"{{{','.join(ids)}}}") for id, ids in arrived.items()]),
    ]


def _by_project(fresh: Iterable[Fresh]) -> Iterable[tuple[Project, list[Draft]]]:
    """In the order of their ids: writers of the same new rows must not wait for each other."""
    found: dict[int, tuple[Project, list[Draft]]] = {}
    for project, draft, _ in fresh:
        found.setdefault(project.id, (project, []))[1].append(draft)
    return [found[id] for id in sorted(found)]


def _labels(fresh: Iterable[Fresh]) -> dict[int, dict[LabelPair, int]]:
    return {
        project.id: label_ids(project, _pairs(drafts)) for project, drafts in _by_project(fresh)
    }


def _keep_images(fresh: Iterable[Fresh]) -> dict[int, dict[str, int]]:
    return {
        project.id: store.keep(project, [image for draft in drafts for image in draft.images])
        for project, drafts in _by_project(fresh)
    }


def _pairs(drafts: Iterable[Draft]) -> set[LabelPair]:
    pairs: set[LabelPair] = set()
    for draft in drafts:
        pairs.update(draft.labels.items())
        pairs.update((key, None) for key in draft.labels)
    return pairs


def _row(project: Project, draft: Draft, id: str, labels: list[int]) -> Row:
    usage = draft.usage or {}
    return (
        id,
        project.id,
        draft.llm.id if draft.llm else None,
        draft.session_id.hex if draft.session_id else None,
        draft.created_at.isoformat(),
        draft.created_by.id if draft.created_by else None,
        draft.source,
        _prompt_digest(draft.messages).hex(),
        "{" + ",".join(map(str, labels)) + "}",
        preview(last_user_text(draft.messages)),
        of_answer(draft.completion, draft.completion_parts),
        len(draft.images),
        usage.get("prompt_tokens"),
        usage.get("completion_tokens"),
        _cached_tokens(usage),
        draft.latency_ms,
        draft.ttft_ms,
        draft.external_id,
        draft.said_by or None,
    )


def _cached_tokens(usage: dict[str, Any]) -> int | None:
    """The tokens read from the provider's cache, if its usage says a number that can be one."""
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return cached if type(cached) is int and 0 <= cached <= MAX_TOKENS else None


def _body(project: Project, draft: Draft, id: str, messages: str) -> Row:
    return (
        id,
        project.id,
        messages,
        draft.completion,
        _json(draft.completion_parts),
        _json(draft.parameters),
        _json(draft.usage),
        _json(draft.system),
        _json(draft.user_metadata),
    )


def _feedback(project: Project, draft: Draft, there: Logged) -> Iterable[Row]:
    for given, id in zip(draft.feedback, there.feedback_ids, strict=True):
        yield (
            id.hex,
            project.id,
            there.id.hex,
            given.metric.id,
            given.value,
            given.reason,
            given.details,
            "USER",
            draft.created_by.id if draft.created_by else None,
            (given.created_at or draft.created_at).isoformat(),
            given.said_by or draft.said_by or None,
        )


def _given(fresh: Iterable[Fresh]) -> Iterable[CountedFeedback]:
    for project, draft, there in fresh:
        for given in draft.feedback:
            yield project.id, there.id, given.metric.id, given.value


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else exact_json.dumps(value).decode()


def prompt_hash(messages: list[dict[str, Any]]) -> UUID:
    """16 bytes that are equal for equal prompts, whatever the order of their members."""
    return UUID(bytes=_prompt_digest(messages))


def _prompt_digest(messages: list[dict[str, Any]]) -> bytes:
    canonical = exact_json.dumps(messages, option=orjson.OPT_SORT_KEYS)
    return blake2b(canonical, digest_size=16).digest()
