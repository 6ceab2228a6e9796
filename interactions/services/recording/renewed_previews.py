"""Lines that an earlier version made when it logged an interaction, made anew behind the requests.

Newest first, some thousand a piece. Only rows whose lines may change are read whole: of real
ones a third. A project that waits has a row in `preview_renewal`, which is gone once all are done.
"""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson
from django.db import connection, transaction

from interactions.services.recording.previews import (
    THOUGHT_ONLY,
    last_user_text,
    of_answer,
    preview,
)
from projects.models import Project

ROWS_READ = 2_000  # rows of a piece
BODIES_READ = 100  # of them at a time
BEGINNING = 20_000  # characters of an answer that are read; all of it where they have no reply
# What Markdown, JSON, tags and the words of earlier versions for calls and thoughts are made of.
_MAY_CHANGE = re.compile(r"[*`|\[~\\#>{]|^\W|[-=_]{3}| [-+] |^Reasoning only: |</think>")

Line = tuple[UUID, str, str]


def renew_some(project: Project) -> int:
    """Make some lines of a project anew; how many rows were looked at, 0 when none is left."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Another worker that is at it has the row.
        cursor.execute(
            "SELECT before FROM preview_renewal WHERE project_id = %s FOR UPDATE SKIP LOCKED",
            [project.id],
        )
        renewal = cursor.fetchone()
        if renewal is None:
            return 0
        cursor.execute(
            "SELECT id, prompt_preview, completion_preview FROM interaction"
            " WHERE project_id = %s AND id < %s ORDER BY id DESC LIMIT %s",
            [project.id, *renewal, ROWS_READ],
        )
        rows: list[Line] = cursor.fetchall()
        if rows:
            _write(project, list(_renewed(project, rows)))
            cursor.execute(
                "UPDATE preview_renewal SET before = %s WHERE project_id = %s",
                [rows[-1][0], project.id],
            )
        else:
            cursor.execute("DELETE FROM preview_renewal WHERE project_id = %s", [project.id])
        return len(rows)


def _renewed(project: Project, rows: Sequence[Line]) -> Iterator[Line]:
    """The rows whose lines are others now, with these."""
    old = {
        id: (prompt, answer)
        for id, prompt, answer in rows
        if _MAY_CHANGE.search(prompt) or _MAY_CHANGE.search(answer)
    }
    ids = list(old)
    for at in range(0, len(ids), BODIES_READ):
        for id, prompt, answer in _made(project, ids[at : at + BODIES_READ]):
            if (prompt, answer) != old[id]:
                yield id, prompt, answer


def _made(project: Project, ids: Sequence[UUID]) -> Iterator[Line]:
    """The lines of these interactions, as they would be logged today."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, messages::text, left(completion, %s), completion_parts::text"
            " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)",
            [BEGINNING, project.id, list(ids)],
        )
        for id, messages, completion, parts in cursor.fetchall():
            said = orjson.loads(parts) if parts else None
            answer = of_answer(completion, said)
            if answer.startswith(f"{THOUGHT_ONLY}: ") and len(completion) == BEGINNING:
                answer = of_answer(_completion(project, id), said)
            yield id, preview(last_user_text(orjson.loads(messages))), answer


def _completion(project: Project, id: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT completion FROM interaction_body WHERE project_id = %s AND interaction_id = %s",
            [project.id, id],
        )
        completion: str = cursor.fetchone()[0]
        return completion


def _write(project: Project, lines: Sequence[Line]) -> None:
    if not lines:
        return
    with connection.cursor() as cursor:
        # In one order for all who write many: bulk actions hold rows, too.
        cursor.execute(
            "SELECT FROM interaction WHERE project_id = %s AND id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            [project.id, [id for id, *_ in lines]],
        )
        ids, prompts, answers = (list(column) for column in zip(*lines, strict=True))
        cursor.execute(
            "UPDATE interaction AS i SET prompt_preview = n.prompt, completion_preview = n.answer"
            " FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS n(id, prompt, answer)"
            " WHERE i.project_id = %s AND i.id = n.id",
            [ids, prompts, answers, project.id],
        )
