"""Masking words in interactions that stay, in the list and in the bin."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from adaptive_site.lib import exact_json
from interactions.models import Interaction, InteractionBody, Job
from interactions.services.erasure.sought_words import SoughtWords
from interactions.services.erasure.stepping import count, progress
from interactions.services.erasure.targets import each, words_of
from interactions.services.holds import held
from interactions.services.recording.log import prompt_hash
from interactions.services.recording.previews import last_user_text, of_answer, preview

MASKED_AT_ONCE = 100
_BODY = (
    "messages",
    "completion",
    "completion_parts",
    "parameters",
    "usage",
    "system",
    "user_metadata",
)
_ROW = ("external_id", "said_by")


def mask_interactions(job: Job) -> bool:
    """Mask some interactions, with the lines that the list shows of them."""
    return each(job, partial(_mask, job), at_once=MASKED_AT_ONCE)


def _mask(job: Job, ids: list[UUID]) -> None:
    words = words_of(job)
    held.share_lock(job.project)
    rows = Interaction.objects.in_project(job.project).with_ids(ids)
    found = list(rows.select_for_update(of=("self",)).order_by("id"))
    kept = held.among(job.project, [one.id for one in found])
    bodies = InteractionBody.objects.in_project(job.project).in_bulk([one.id for one in found])
    n = 0
    for one in found:
        if one.id in kept:
            continue
        row = {name: getattr(one, name) for name in _ROW}
        body = bodies.get(one.id)
        said = {} if body is None else {name: getattr(body, name) for name in _BODY}
        masked_row, masked = words.value_without(row), words.value_without(said)
        if (masked_row, masked) == (row, said):
            continue
        n += 1
        if body is not None:
            for name, value in masked.items():
                setattr(body, name, value)
            body.save(update_fields=list(_BODY))
            masked_row |= _made_of(masked)
        for name, value in masked_row.items():
            setattr(one, name, value)
        one.save(update_fields=list(masked_row))
    count(job, "interactions", n)


def _made_of(body: dict[str, Any]) -> dict[str, Any]:
    """What the row keeps of a body."""
    return {
        "prompt_preview": preview(last_user_text(body["messages"])),
        "completion_preview": of_answer(body["completion"], body["completion_parts"]),
        "prompt_hash": prompt_hash(body["messages"]),
    }


def mask_bin(job: Job) -> bool:
    """Mask some entries of the bin and of undo logs that hold a word, but those under hold."""
    words = words_of(job)
    with connection.cursor() as cursor:
        test = words.test("c.before::text")
        values = held.held_values(job.project)
        place = progress(job)
        cursor.execute(
            "SELECT c.action_id, c.interaction_id, c.before::text FROM bulk_action_change c"
            " JOIN bulk_action a ON a.id = c.action_id WHERE a.project_id = %s"
            f" AND (c.action_id, c.interaction_id) > (%s, %s) AND {test.text}"
            f" AND NOT (a.kind = 'delete' AND %s AND {held.IN_BIN})"
            " ORDER BY c.action_id, c.interaction_id LIMIT %s FOR UPDATE OF c",
            [
                job.project_id,
                place.get("action", 0),
                UUID(place.get("after", str(UUID(int=0)))),
                *test.params,
                bool(values),
                values,
                MASKED_AT_ONCE,
            ],
        )
        entries: list[tuple[int, UUID, str]] = cursor.fetchall()
        for action_id, id, before in entries:
            cursor.execute(
                "UPDATE bulk_action_change SET before = %s"
                " WHERE action_id = %s AND interaction_id = %s",
                [exact_json.dumps(_masked(words, before)).decode(), action_id, id],
            )
    count(job, "entries of the bin and of undo logs", len(entries))
    if entries:
        place["action"], place["after"] = entries[-1][0], str(entries[-1][1])
    return len(entries) < MASKED_AT_ONCE


def _masked(words: SoughtWords, before: str) -> Any:
    masked = words.value_without(exact_json.read(before))
    if isinstance(masked, dict) and masked.get("row") and masked.get("body"):
        made = _made_of(masked["body"])
        masked["row"] |= made | {"prompt_hash": str(made["prompt_hash"])}
    return masked
