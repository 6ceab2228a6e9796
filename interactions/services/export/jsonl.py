"""JSON lines as `ingest` reads them back, oldest first."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib import exact_json
from interactions.services.browsing import body_sizes, rows
from interactions.services.browsing.rows import Whole
from interactions.services.export.options import ExportChunk, ExportIds, ExportOptions
from interactions.services.export.record import EXPORT, line_of

INTERACTIONS_READ_AT_ONCE = 200  # interactions read at a time
CHUNK_BYTES = 256 * 1024  # bytes handed on at a time, so that images in lines do not pile up


def parts(asked: ExportOptions, promised: ExportIds) -> Iterator[ExportChunk]:
    """The file, a part at a time; nothing of the database is held between two.

    Each line says which of how many it is, `{…, "export": {"line": 7, "of": 10}}`: a file whose
    last line is the last of them is whole. A closing line of another kind would be taken for an
    interaction by what reads the file line by line.
    """
    waiting: list[bytes] = []
    size = number = 0
    project = asked.selection.project
    some = (
        piece
        for ids in promised.pieces(limit=INTERACTIONS_READ_AT_ONCE)
        for piece in body_sizes.pieces(project, ids, most=body_sizes.STREAM_PIECE_BYTES)
    )
    for ids in some:
        for said in _said(asked, ids):
            number += 1
            place = {EXPORT: {"line": number, "of": len(promised)}}
            line = exact_json.dumps(said | place, option=orjson.OPT_APPEND_NEWLINE)
            waiting.append(line)
            size += len(line)
            if size >= CHUNK_BYTES:
                yield ExportChunk(b"".join(waiting), len(waiting))
                waiting, size = [], 0
    if waiting:
        yield ExportChunk(b"".join(waiting), len(waiting))


def _said(asked: ExportOptions, ids: list[UUID]) -> Iterator[dict[str, Any]]:
    project = asked.selection.project
    bodies = rows.bodies(project, ids, is_shown=False)  # recorded as an export
    for row in rows.rows(project, ids, all_feedback=True):
        body = bodies.get(row.interaction.id)
        if body is None:  # deleted since its row was read
            continue
        row.interaction.body = body
        feedback = [given for given in row.feedback if given.created_at <= asked.as_of]
        whole = Whole(row.interaction, row.labels, feedback, len(feedback), row.images)
        yield line_of(whole, image_url=asked.image_url)
