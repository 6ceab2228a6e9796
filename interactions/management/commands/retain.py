"""`manage.py retain`: delete what the projects no longer keep, or say what that is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from interactions.services.retention import expiry
from projects.models import Project


class Command(BaseCommand):
    """Delete interactions older than their project keeps them; the worker does so by itself."""

    help = "Delete what is older than its project keeps interactions, now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--project", metavar="KEY", help="only this project")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the projects, each to its end."""
        projects = Project.objects.order_by("key")
        if options["project"]:
            projects = projects.filter(key=options["project"])
            if not projects:
                raise SystemExit(f"There is no project {options['project']}")
        for project in projects:
            self._retain(project, is_dry=options["dry_run"])

    def _retain(self, project: Project, *, is_dry: bool) -> None:
        found = expiry.survey(project)
        if found is None:
            self.stdout.write(f"{project.key}: keeps all")
            return
        limits = []
        if found.before is not None:
            limits.append(f"from before {found.before.date().isoformat()}")
        if found.newest is not None:
            limits.append(f"beyond the newest {found.newest:,}")
        limit = " or ".join(limits)
        stay = f"; {found.held:,} are held and stay" if found.held else ""
        if not found.interactions or found.oldest is None:
            self.stdout.write(f"{project.key}: nothing {limit}{stay}")
            return
        since = found.oldest.date().isoformat()
        said = f"{found.interactions:,} interactions {limit}, the oldest of {since}{stay}"
        if is_dry:
            self.stdout.write(f"{project.key}: would delete {said}")
            return
        total = 0
        while n := expiry.expire_some(project):
            total += n
        self.stdout.write(f"{project.key}: deleted {total:,} of {said}")
        if total < found.interactions:
            self.stdout.write("The rest waits for autovacuum; the worker goes on with it.")
