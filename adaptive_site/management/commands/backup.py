"""`manage.py backup FILE`: the whole database in one file, with the key it was written with."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand
from django.db import connection

from adaptive_site.serving import backup
from interactions.models import TakenBackup
from interactions.services.erasure.backups import ledger


class Command(BaseCommand):
    """Dump the database with pg_dump; it may be in use meanwhile."""

    help = "Write the database and the secret key to FILE. The images are files in DATA_DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--without-key", action="store_true", help="leave the secret key out, for you to keep"
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Write it; a failure leaves no half of a backup."""
        taken_at = datetime.now(UTC)
        backup.write(file, with_key=not options["without_key"])
        size = file.stat().st_size
        self._note(file, taken_at, size)
        self.stdout.write(f"{file}: {size:,} bytes")

    def _note(self, file: Path, taken_at: datetime, size: int) -> None:
        """Have later erasures know of it, where the database is of this version."""
        if TakenBackup._meta.db_table not in connection.introspection.table_names():
            return
        place = ledger.place_of(file)
        TakenBackup.objects.filter(place=place).delete()  # it was written over
        TakenBackup.objects.create(uuid=uuid4(), taken_at=taken_at, place=place, size=size)
