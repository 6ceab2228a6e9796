"""`manage.py restore FILE`: a backup back into the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from adaptive_site.environment import read_environment
from adaptive_site.serving import backup
from interactions.services.erasure.backups import ledger


class Command(BaseCommand):
    """Replace the database's contents by those of a backup, all of it or nothing."""

    help = "Replace everything in the database by what is in FILE, a file made by `backup`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Restore in one transaction, then put the secret key back."""
        said = backup.restore(file, read_environment())
        self.stdout.write(f"Restored {file}. {said}")
        if ledger.take_over(file):
            self.stdout.write("What was erased since is erased again by the worker, once it runs.")
