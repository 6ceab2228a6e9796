"""Erasing again what a restored backup has brought back.

Each erasure has left a record in the storage (`erasure/backups/ledger.py`). One that the database
does not know is of an erasure made after the backup that was restored.
"""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from interactions.models import ErasureRecord, Job
from interactions.services.erasure import targets
from interactions.services.erasure.backups import ledger
from interactions.services.jobs.begin import begin
from projects.models import Project, User
from projects.services import audit
from projects.services.access import DELETE, MANAGE, Caller

VERB = "interactions.erasure_again"

logger = logging.getLogger(__name__)


def take_up() -> int:
    """Begin the erasures that a restore has undone; how many that was."""
    return sum(_again(record) for record in ledger.kept())


@transaction.atomic
def _again(record: dict[str, Any]) -> bool:
    project = Project.objects.there().filter(uuid=record["project"]).first()
    if project is None:  # younger than the backup, or deleted: nothing of it is here
        return False
    ids = [UUID(id) for id in record["ids"]]
    made = ErasureRecord(
        uuid=UUID(record["uuid"]),
        project=project,
        erased_at=datetime.fromisoformat(record["erased_at"]),
        is_masked=record["is_masked"],
        ids=ids,
        salt=record["salt"],
        word_digests=record["word_digests"],
        is_due=bool(record["word_digests"]),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # it was just being recorded
        return False
    by = _who(project, record["by"])
    if by is None:
        logger.error("nobody who may do it is there: erasure %s is not repeated", record["uuid"])
        return False
    said = {"erasure": record["uuid"], "words": len(record["word_digests"])}
    audit.record(project, actor=None, verb=VERB, subject=project.key, ids=len(ids), **said)
    if ids and not record["is_masked"]:
        targets.add(begin(project, Job.Kind.ERASE, {"words": []}, caller=Caller(by)), ids)
    return True


def _who(project: Project, uuid: str) -> User | None:
    """Who erased it then, if they may still, or an administrator."""
    first = User.objects.filter(uuid=uuid, is_active=True)
    for user in (*first, *User.objects.filter(is_active=True, is_superuser=True).order_by("id")):
        if all(Caller(user).may(one, project) for one in (DELETE, MANAGE)):
            return user
    return None


def due(project: Project) -> list[ErasureRecord]:
    """Erasures whose words have to be said again, the oldest first."""
    mine = ErasureRecord.objects.in_project(project).filter(is_due=True)
    return list(mine.order_by("erased_at"))
