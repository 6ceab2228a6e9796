"""The record of an erasure that outlives the database: a small file in the storage, and beside
each backup that is at hand.

It holds ids and digests, and no text: `{"uuid": …, "project": …, "by": …, "erased_at": …,
"is_masked": false, "ids": […], "salt": "…", "word_digests": […]}`.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import Any

import orjson
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from interactions.models import ErasureRecord, Job, TakenBackup
from interactions.services.erasure.proof import RECORDS
from interactions.services.erasure.stepping import actor, is_mask
from interactions.services.erasure.targets import ids_of, words_of

FOLDER = RECORDS  # of the storage
BESIDE = ".erasures"  # what a backup's name has behind it
_ROUNDS = 50_000  # some 25 ms a word: names are quickly guessed otherwise


@dataclass(frozen=True, slots=True)
class OlderBackup:
    """A backup that was made before an erasure, and whether the record could be put beside it."""

    backup: TakenBackup
    has_record: bool


def digest(salt: str, word: str) -> str:
    """The digest of a word, in lower case."""
    return pbkdf2_hmac("sha256", word.lower().encode(), salt.encode(), _ROUNDS).hex()


def note(job: Job) -> list[OlderBackup]:
    """Record an erasure, in the database and outside; returns the backups that still hold it."""
    salt, words = secrets.token_hex(16), words_of(job).words
    settle(job)
    record = ErasureRecord.objects.create(
        uuid=job.uuid,
        project=job.project,
        erased_at=datetime.now(UTC),
        is_masked=is_mask(job),
        ids=ids_of(job),
        salt=salt,
        word_digests=[digest(salt, word) for word in words],
    )
    said = orjson.dumps(
        {
            "uuid": str(record.uuid),
            "project": str(job.project.uuid),
            "by": str(actor(job).uuid),
            "erased_at": record.erased_at.isoformat(),
            "is_masked": record.is_masked,
            "ids": [str(id) for id in record.ids],
            "salt": salt,
            "word_digests": record.word_digests,
        }
    )
    keep(str(record.uuid), said)
    older = TakenBackup.objects.filter(taken_at__lt=record.erased_at).order_by("taken_at")
    return [OlderBackup(one, _put_beside(one, said)) for one in older]


def settle(job: Job) -> None:
    """Records whose words a job has erased are due no longer."""
    words = words_of(job).words
    for record in ErasureRecord.objects.in_project(job.project).filter(is_due=True):
        said = {digest(record.salt, word) for word in words}
        if record.is_masked == is_mask(job) and said.issuperset(record.word_digests):
            record.is_due = False
            record.save(update_fields=["is_due"])


def keep(uuid: str, said: bytes) -> None:
    """Put a record into the storage, where it is not there yet."""
    path = f"{FOLDER}/{uuid}.json"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(said))


def kept() -> Iterator[dict[str, Any]]:
    """The records in the storage, those that the database does not know."""
    if not default_storage.exists(FOLDER):
        return
    names = {name.removesuffix(".json"): name for name in default_storage.listdir(FOLDER)[1]}
    known = ErasureRecord.objects.filter(uuid__in=list(names)).values_list("uuid", flat=True)
    for uuid in sorted(names.keys() - {str(one) for one in known}):
        with default_storage.open(f"{FOLDER}/{names[uuid]}") as file:
            yield orjson.loads(file.read())


def take_over(backup: Path) -> int:
    """Put the records beside a backup that is restored into the storage; how many there are."""
    beside = backup.with_name(f"{backup.name}{BESIDE}")
    if not beside.is_file():
        return 0
    lines = [line for line in beside.read_bytes().splitlines() if line.strip()]
    for line in lines:
        keep(orjson.loads(line)["uuid"], line)
    return len(lines)


def place_of(file: Path) -> str:
    """The machine and the file, as a backup is recorded."""
    return f"{socket.gethostname()}:{file.resolve()}"


def _put_beside(backup: TakenBackup, said: bytes) -> bool:
    host, _, path = backup.place.partition(":")
    file = Path(path)
    if host != socket.gethostname() or not file.is_file():
        return False
    try:
        beside = os.open(
            file.with_name(f"{file.name}{BESIDE}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
        )
    except OSError:  # said in the report
        return False
    with os.fdopen(beside, "ab") as stream:
        stream.write(said + b"\n")
    return True
