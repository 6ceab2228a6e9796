"""JSON lines as `ingest` reads them back, oldest first."""

from collections.abc import Iterator
from uuid import UUID

import orjson

from adaptive_site.lib import exactjson
from interactions.services import reading, selections
from interactions.services.export.asked import Asked
from interactions.services.lines import line_of
from interactions.services.reading import Whole

PIECE = 200  # interactions read at a time
FULL = 256 * 1024  # bytes handed on at a time, so that images in lines do not pile up


def pages(asked: Asked) -> Iterator[bytes]:
    """The file, a part at a time; nothing of the database is held between two."""
    waiting: list[bytes] = []
    size = 0
    for ids in selections.pieces(asked.selection, limit=PIECE):
        for line in _lines(asked, ids):
            waiting.append(line)
            size += len(line)
            if size >= FULL:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _lines(asked: Asked, ids: list[UUID]) -> Iterator[bytes]:
    project = asked.selection.project
    bodies = reading.bodies(project, ids)
    for row in reading.rows(project, ids, all_feedback=True):
        body = bodies.get(row.interaction.id)
        if body is None:  # deleted since its row was read
            continue
        row.interaction.body = body
        feedback = [given for given in row.feedback if given.created_at <= asked.as_of]
        whole = Whole(row.interaction, row.labels, feedback, len(feedback), row.images)
        yield exactjson.dumps(
            line_of(whole, image_url=asked.image_url), option=orjson.OPT_APPEND_NEWLINE
        )
