"""How the site stands, as its administrators look at it."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat

from adaptive_site.console.work import WorkRow
from adaptive_site.doctor import Finding, Report, examine
from adaptive_site.lib import error_log
from adaptive_site.lib.database import statistics
from adaptive_site.lib.database.statistics import RunningStatement, TableStatistics
from adaptive_site.serving.counted_requests import REQUESTS
from interactions.services.jobs import across_projects
from interactions.services.jobs.across_projects import Work
from interactions.services.rollups import by_project
from interactions.services.rollups.by_project import ProjectTotals
from projects.services.access import Caller

TABLES_SHOWN = 12
ERRORS_SHOWN = 20
WORK_SHOWN = 20
SLOW = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ShownProject:
    """A project with its share of what interactions take on the disk, by their number."""

    totals: ProjectTotals
    bytes: int


@dataclass(frozen=True, slots=True)
class DoorShare:
    """Answered requests of one door since the start: how many, of these errors, mean time in ms."""

    door: str
    requests: int
    failed: int
    mean_ms: float


@dataclass
class SiteStatus:
    """The status page; what it reads is bounded and takes well under a second at any size."""

    caller: Caller

    @cached_property
    def report(self) -> Report:
        """What `manage.py doctor` says."""
        return examine(settings.DATA_DIR)

    @property
    def faults(self) -> Sequence[Finding]:
        """What needs attention."""
        return [one for one in self.report.findings if not one.is_ok]

    @property
    def fine(self) -> Sequence[Finding]:
        """What was looked at and is well."""
        return [one for one in self.report.findings if one.is_ok]

    @property
    def glance(self) -> list[tuple[str, str]]:
        """What one looks for first, in a few words each."""
        said = {one.topic: one.says for one in self.report.findings}
        minutes = (
            60 + datetime.now(UTC).minute
        )  # what is called the last hour begins with a full one
        return [
            ("Worker", said.get("worker", "unknown")),
            ("Text index", said.get("text index", "unknown")),
            ("Roll-ups", said.get("roll-ups", "unknown")),
            ("Logged", f"{self.last_hour / minutes:,.1f} a minute"),
            ("Database", f"{filesizeformat(self.database_bytes)}"),
            ("Disk of DATA_DIR", said.get("disk of DATA_DIR", "unknown")),
        ]

    @property
    def versions(self) -> list[tuple[str, str]]:
        """What runs here."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version')")
            (postgres,) = cursor.fetchone()
        return [
            ("PostgreSQL", str(postgres).partition(" ")[0]),
            ("Python", platform.python_version()),
            ("Django", django.get_version()),
            ("granian", version("granian")),
        ]

    @cached_property
    def projects(self) -> list[ShownProject]:
        """All projects, the largest first."""
        found = by_project.of_all_projects()
        together = sum(one.interactions for one in found) or 1
        size = sum(table.size for table in self.report.tables)
        return [ShownProject(one, size * one.interactions // together) for one in found]

    @property
    def interactions(self) -> int:
        """How many there are, in all projects."""
        return sum(one.totals.interactions for one in self.projects)

    @property
    def last_hour(self) -> int:
        """How many were logged since an hour before the last full one."""
        return sum(one.totals.last_hour for one in self.projects)

    @property
    def last_day(self) -> int:
        """How many were logged in the last day."""
        return sum(one.totals.last_day for one in self.projects)

    @property
    def tables(self) -> list[TableStatistics]:
        """The largest tables of interactions."""
        return sorted(self.report.tables, key=lambda one: -one.size)[:TABLES_SHOWN]

    @property
    def database_bytes(self) -> int:
        """The whole database."""
        return statistics.database_size()

    @property
    def slow(self) -> list[RunningStatement]:
        """Statements that have run for more than a second."""
        return statistics.running(longer_than=SLOW)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The latest errors of this machine's processes, the newest first."""
        found = error_log.latest(settings.ERRORS, ERRORS_SHOWN)
        return [one | {"at": datetime.fromisoformat(one["at"])} for one in found]

    @property
    def failed_work(self) -> int:
        """How many jobs and bulk actions failed and wait for somebody."""
        counts = across_projects.jobs_by_state(), across_projects.bulk_actions_by_state()
        return sum(count["failed"] for count in counts)

    @property
    def work(self) -> list[WorkRow]:
        """Jobs and bulk actions that failed or are under way, in any project, the newest first."""
        jobs = across_projects.unfinished_jobs(most=WORK_SHOWN)
        actions = across_projects.unfinished_bulk_actions(most=WORK_SHOWN)
        both: list[Work] = [*jobs, *actions]
        found = sorted(both, key=lambda one: one.created_at, reverse=True)
        return [WorkRow(one, self.caller) for one in found[:WORK_SHOWN]]

    @property
    def doors(self) -> list[DoorShare]:
        """Requests that this machine has answered since its start, by door."""
        return [
            DoorShare(
                one.door,
                sum(one.buckets),
                one.statuses["5xx"] + one.statuses["none"],
                1000 * one.seconds / sum(one.buckets),
            )
            for one in REQUESTS.counts()
            if sum(one.buckets)
        ]
