"""Lines that an earlier version made when it logged an interaction, made anew behind the requests.

Newest first, some thousand a piece. Only rows whose lines may change are read whole: of real
ones a third. A project that waits has a row in `preview_renewal`, which is gone once all are done.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection, transaction

from adaptive_site.lib import exact_json
from interactions.services.recording.previews import last_user_text, of_answer, preview
from projects.models import Project

ROWS_READ = 2_000  # rows of a piece
# What Markdown, JSON, tags and the words of earlier versions for calls and thoughts are made of.
_MAY_CHANGE = re.compile(r"[*`|\[~\\#>{]|^\W|[-=_]{3}| [-+] |^Reasoning only: |</think>")

logger = logging.getLogger(__name__)
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
    for id, messages, completion, parts in _bodies(project, list(old)):
        try:
            said = exact_json.read(parts) if parts else None
            answer = of_answer(completion, said)
            prompt = preview(last_user_text(exact_json.read(messages)))
        except Exception:  # it keeps its lines, and those before it get theirs
            logger.exception("the lines of interaction %s could not be made anew", id)
            continue
        if (prompt, answer) != old[id]:
            yield id, prompt, answer


def _bodies(project: Project, ids: Sequence[UUID]) -> Iterator[tuple[UUID, str, str, str | None]]:
    """What these interactions say, JSON as text: one by one, since each may be of 48 MB.

    Whole: where thoughts end, and whether calls are JSON, their beginning does not tell.
    """
    if not ids:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, messages::text, completion, completion_parts::text"
            " FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)",
            [project.id, list(ids)],
        )
        while (body := cursor.fetchone()) is not None:
            yield body


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
