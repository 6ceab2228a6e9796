"""`manage.py backup FILE`: the whole database in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from adaptive_site.database import run_client


class Command(BaseCommand):
    """Dump the database with pg_dump; it may be in use meanwhile."""

    help = "Write the whole database to FILE, for `restore`. The images are files in DATA_DIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Dump to a file beside `file` first, so a failure leaves no half of a backup."""
        unfinished = file.with_name(f"{file.name}.unfinished")
        unfinished.touch(mode=0o600)
        run_client("pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}")
        unfinished.replace(file)
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
