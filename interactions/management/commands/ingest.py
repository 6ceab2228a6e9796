"""`manage.py ingest`: bring files of interactions and preferences into a project."""

import gc
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from adaptive_site.lib.errors import DomainError, Invalid
from interactions.management.progress import ImportProgress
from interactions.services.importing.jsonl import STDIN
from interactions.services.importing.run import Import, ImportCounts
from projects.models import Project, User
from projects.services import projects

MOST_PROCESSES = 4  # unless more are asked for: PostgreSQL needs processors too


class Command(BaseCommand):
    """Read JSONL files and store what they hold."""

    help = (
        "Bring JSONL files (plain or gzip; - is standard input) of interactions and preferences"
        " into a project. Running it again stores nothing twice. See docs/ingest.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the files and options."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--project", required=True, metavar="KEY")
        parser.add_argument("--create-project", action="store_true", help="make it if it is new")
        parser.add_argument("--by", metavar="EMAIL", help="the user to note as having logged them")
        parser.add_argument("--dry-run", action="store_true", help="check all, write nothing")
        parser.add_argument("--strict", action="store_true", help="stop at the first bad line")
        parser.add_argument("--batch", type=int, default=1000, metavar="N", help="lines a commit")
        parser.add_argument(
            "--processes",
            type=int,
            default=min(os.cpu_count() or 1, MOST_PROCESSES),
            metavar="N",
            help="that read and store a large import (%(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the import; the summary comes out however it ends."""
        began = time.monotonic()
        try:
            files = _checked_files(options["files"])
            _check_number(options["batch"], "--batch", most=100_000)
            _check_number(options["processes"], "--processes", most=64)
            by = _user(options["by"])
            with _undone() if options["dry_run"] else nullcontext(), _tuned():
                project = _project(options["project"], create=options["create_project"])
                with ImportProgress(files, out=self.stderr, bar=sys.stderr.isatty()) as progress:
                    run = Import(
                        project,
                        files,
                        watcher=progress,
                        by=by,
                        dry_run=options["dry_run"],
                        strict=options["strict"],
                        batch_size=options["batch"],
                        processes=options["processes"],
                    )
                    try:
                        run.run()
                    finally:
                        progress.finish()
                        seconds = time.monotonic() - began
                        self.stdout.write(_summary(run.tally, seconds, options["dry_run"]))
        except DomainError as error:
            raise CommandError(str(error)) from error


@contextmanager
def _undone() -> Iterator[None]:
    """A transaction that is undone, so that a dry run may make the project it needs."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _tuned() -> Iterator[None]:
    """Python set for many short-lived objects and for threads that often wait: 12 % less time."""
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(100_000, 50, 100)
    sys.setswitchinterval(0.0005)  # a writer whose rows have arrived waits less for its turn
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)


def _check_number(number: int, option: str, *, most: int) -> None:
    if not 1 <= number <= most:
        raise Invalid(f"expected 1 to {most}", field=option)


def _checked_files(files: list[str]) -> list[str]:
    if files.count(STDIN) > 1:
        raise Invalid("standard input can be read once", field=STDIN)
    for name in files:
        if name != STDIN and not os.path.exists(name):
            raise Invalid("there is no such file", field=name)
    return files


def _user(email: str | None) -> User | None:
    if email is None:
        return None
    user = User.objects.at(email).first()
    if user is None:
        raise Invalid(f"there is no user {email}", field="--by")
    return user


def _project(key: str, *, create: bool) -> Project:
    project = Project.objects.filter(key=key).first()
    if project is None and create:
        project = projects.create(key=key, name=key)
    if project is None:
        raise Invalid(f"there is no project {key}; --create-project makes it", field="--project")
    if project.is_archived:
        raise Invalid(f"the project {key} is archived: nothing is added to it", field="--project")
    return project


def _summary(tally: ImportCounts, seconds: float, dry_run: bool) -> str:
    done = tally.done
    would = "would be " if dry_run else ""
    rate = f"{tally.lines / seconds:,.0f}" if seconds else "–"
    lines = [
        f"Lines         {tally.lines:,} read in {seconds:.1f} s ({rate} a second)",
        f"Interactions  {done.interactions:,} {would}stored,"
        f" {done.interactions_there:,} already there",
        f"Comparisons   {done.comparisons:,} {would}stored, {done.comparisons_there:,} already"
        f" there; {done.made:,} interactions {would}made for them",
        f"New           {len(tally.llms):,} models, {len(tally.metrics):,} metrics,"
        f" {tally.images:,} images",
        f"Bad lines     {tally.bad_lines:,}",
    ]
    if tally.kept:
        names = ", ".join(f"{name} ({n:,} lines)" for name, n in tally.kept.most_common(10))
        lines.append(f"Unknown members, kept in user_metadata: {names}")
    if dry_run:
        lines.append("Dry run: nothing was written.")
    elif done.up_to:
        lines.append(f"Stored up to {done.up_to}.")
    return "\n".join(lines)
