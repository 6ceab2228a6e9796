"""Pieces stored on two threads while the next is checked, each counted once.

A piece is one transaction, which at its end takes the job's row, sees that the piece is not stored
yet, and adds what it brought. As in `ImportWriter`, preferences and repeated names wait for all
pieces before them.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import transaction

from adaptive_site.lib.concurrency import database_threads
from interactions.models import Job
from interactions.services.importing import piece_storing, pieces
from interactions.services.importing.checking import BatchRows
from interactions.services.importing.pieces import FilePiece
from interactions.services.importing.plan import ImportPlan
from interactions.services.importing.stepwise import file_work
from interactions.services.importing.stepwise.file_work import SAVED, TakenOver
from interactions.services.importing.stores import StoredCounts, UnderWay


def store_some(job: Job, plan: ImportPlan, *, until: float) -> bool:
    """Store pieces until then; returns whether all are stored."""
    summary = file_work.summary_of(plan)
    threads = [ThreadPoolExecutor(1, "import-store") for _ in range(2)]
    futures: dict[int, Future[StoredCounts]] = {}
    under_way = UnderWay(StoredCounts(), lambda n: futures.pop(n).result(), 1, lambda: None)
    is_over = False
    try:
        for n in file_work.missing(job.cursor):
            piece = pieces.read(plan.folder, n)
            rows = piece_storing.check_piece(
                job.project, piece, n=n, by=job.created_by, kinds=summary["kinds"]
            )
            under_way.make_way(rows.checked)
            threads.reverse()
            futures[n] = threads[0].submit(_store, job, piece, rows)
            under_way.add(rows.checked)
            if time.monotonic() > until or job.is_cancelled():
                break
        else:
            is_over = True
        under_way.settle()
    finally:
        for thread in threads:  # which ends what it is at
            database_threads.end(thread)
    return is_over


def _store(job: Job, piece: FilePiece, rows: BatchRows) -> StoredCounts:
    project, n = job.project, rows.checked.n
    piece_storing.prepare(project, rows)
    with transaction.atomic():
        stored = piece_storing.store_piece(project, rows, by=job.created_by)
        mine = Job.objects.in_project(project).under_way().filter(id=job.id)
        row = mine.select_for_update().first()
        if row is None or n not in file_work.missing(row.cursor):
            raise TakenOver(f"another worker has stored piece {n}")
        file_work.count(row, n, piece, stored)
        row.save(update_fields=SAVED)
    if file_work.is_time_to_look(n):
        piece_storing.look_at_tables()
    return stored.done
