"""`manage.py migrate`: Django's, which does not take a migration that ran for one that is there."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from adaptive_site.lib.database.schema_check import ADVICE, drifts
from adaptive_site.rewritten_migrations import mend


class Command(migrate.Command):
    """Mend what rewritten migrations left, migrate, then compare the database with the models."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 if something is missing, which Django would not notice."""
        is_whole = not (options["app_label"] or options["plan"] or options["prune"])
        is_ours = options["database"] == DEFAULT_DB_ALIAS
        is_looking = options["check_unapplied"] or options["plan"]
        if is_ours and not is_looking:
            for done in mend():
                if options["verbosity"]:
                    self.stdout.write(f"  Mended: {done}")
        super().handle(*args, **options)
        if is_ours and is_whole and (wrong := drifts()):
            said = "\n".join(["The database is not what the migrations make:", *map(str, wrong)])
            if options["check_unapplied"]:
                raise CommandError(f"{said}\n`manage.py migrate` mends what can be mended.")
            if any(one.stops for one in wrong):
                raise CommandError(f"{said}\n{ADVICE}")
            self.stderr.write(said)
