"""`manage.py backup FILE`: the whole database in one file, with the key it was written with."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from adaptive_site.serving import backup


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
        backup.write(file, with_key=not options["without_key"])
        self.stdout.write(f"{file}: {file.stat().st_size:,} bytes")
