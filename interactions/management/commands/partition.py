"""`manage.py partition --by month`: bodies in parts, so that retention can drop whole months."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import IntegrityError, OperationalError

from interactions.services.retention.monthly_bodies import BODIES


class Command(BaseCommand):
    """Put the bodies of interactions in parts; needed once, and there is no way back."""

    help = "Keep the bodies of interactions in parts by month, which retention drops whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--by", choices=["month"], required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, beside a running site."""
        if BODIES.is_parted():
            self.stdout.write(f"{BODIES.table} is in parts already.")
            return
        try:
            BODIES.split()
        except OperationalError as error:
            raise SystemExit(f"Others hold the table; try again: {error}") from error
        except IntegrityError as error:
            raise SystemExit(f"An interaction is dated later than next month: {error}") from error
        names = ", ".join(part.name for part in BODIES.parts())
        self.stdout.write(f"{BODIES.table} is in parts now: {names}.")
