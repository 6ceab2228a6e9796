"""`manage.py doctor`: how the database stands, and what to do about it."""

import dataclasses
import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from adaptive_site.doctor import Finding, Report, examine
from adaptive_site.lib.database.statistics import TableStatistics

_LINE = "{:<28} {:>13} {:>9} {:>9} {:>9} {:>8}  {:<16} {}"


class Command(BaseCommand):
    """Report sizes, upkeep, what waits, and what is wrong."""

    help = "Say how the database stands: sizes, upkeep, waiting work; exit 1 if something is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report; exit status 1 if anything needs attention."""
        report = examine(settings.DATA_DIR)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report), indent=2, default=str))
        else:
            self._print(report)
        if not all(finding.is_ok for finding in report.findings):
            raise SystemExit(1)

    def _print(self, report: Report) -> None:
        heads = ("", "rows", "heap", "toast", "indexes", "B each", "vacuumed", "analysed")
        self.stdout.write(_LINE.format(*heads))
        for table in sorted(report.tables, key=lambda table: -table.size):
            self.stdout.write(_table_line(table, report.interactions))
            for index, size in table.indexes.items():
                each = _each(size, report.interactions)
                line = _LINE.format(f"  {index}", "", "", "", _size(size), each, "", "")
                self.stdout.write(line.rstrip())
        total = sum(table.size for table in report.tables)
        each = _each(total, report.interactions)
        self.stdout.write(
            f"Together {_size(total)}; {each} bytes for each of about "
            f"{report.interactions:,} interactions.\n\n"
        )
        for finding in report.findings:
            self._print_finding(finding)

    def _print_finding(self, finding: Finding) -> None:
        mark = self.style.SUCCESS("ok  ") if finding.is_ok else self.style.ERROR("warn")
        self.stdout.write(f"{mark} {finding.topic}: {finding.says}")
        if not finding.is_ok:
            self.stdout.write(f"     {finding.advice}")


def _table_line(table: TableStatistics, interactions: int) -> str:
    return _LINE.format(
        table.name,
        f"{table.rows:,}",
        _size(table.heap),
        _size(table.toast),
        _size(sum(table.indexes.values())),
        _each(table.size, interactions),
        _when(table.vacuumed_at),
        _when(table.analysed_at),
    ).rstrip()


def _each(size: int, interactions: int) -> str:
    return f"{size / interactions:,.0f}" if interactions else "–"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1024:
            return f"{size:,.0f} {unit}"
        size /= 1024
    return f"{size:,.2f} GB"


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "interactions": report.interactions,
        "tables": [dataclasses.asdict(table) | {"size": table.size} for table in report.tables],
        "findings": [dataclasses.asdict(one) | {"is_ok": one.is_ok} for one in report.findings],
    }
