"""`manage.py audit`: whether the audit log is what was sealed, and what to keep elsewhere."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from projects.services.auditing import sealing
from projects.services.auditing.sealing import Head
from projects.services.auditing.verifying import Broken, verify


class Command(BaseCommand):
    """Verify the chain of seals, print its head, or seal what waits."""

    help = "The audit log: `verify` it, print its `head`, or `seal` what the worker has not yet."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked."""
        parts = parser.add_subparsers(dest="what", required=True)
        check = parts.add_parser("verify", help="check every event; exit status 1 names the first")
        check.add_argument(
            "--head",
            type=_head,
            metavar="NUMBER:DIGEST",
            help="what `head` printed earlier: the log must still contain it",
        )
        parts.add_parser("head", help="print the number and digest of the last seal")
        parts.add_parser("seal", help="seal all that waits, as the worker does every few seconds")

    def handle(self, *args: Any, what: str, head: Head | None = None, **options: Any) -> None:
        """Do it."""
        if what == "head":
            self.stdout.write(str(sealing.head()))
        elif what == "seal":
            while sealing.seal_some():
                pass
            self.stdout.write(str(sealing.head()))
        else:
            self._verify(head)

    def _verify(self, expected: Head | None) -> None:
        try:
            found = verify(expected)
        except Broken as broken:
            raise SystemExit(f"The audit log is not what was sealed: {broken}") from broken
        self.stdout.write(
            f"{found.events:,} events in {found.head.number:,} seals are as they were sealed;"
            f" {found.waiting:,} wait to be sealed.\n{found.head}"
        )


def _head(text: str) -> Head:
    """A head as `head` prints it."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise ArgumentTypeError(f"expected NUMBER:DIGEST as `audit head` prints it, not {text!r}")
    return Head(int(found[1]), bytes.fromhex(found[2]))
