"""`python -m benchmarks.pages PROJECT`: server time of the list and of single interactions.

In this process, through all middleware and templates, without a network: what the application
itself takes. The floor is psycopg fetching 51 narrow rows by keyset, in the same run.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.conf import settings  # noqa: E402  (they need the settings)
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from interactions.filters.sql import queries as filter_queries  # noqa: E402
from interactions.filters.tree import EVERYTHING  # noqa: E402
from interactions.services.rollups import counts  # noqa: E402
from projects.models import Metric, Project, User  # noqa: E402

FRAGMENT = {"HX-Request": "true", "HX-Target": "results"}
FLOOR = "SELECT * FROM interaction WHERE project_id = %s AND id < %s ORDER BY id DESC LIMIT 51"


def timed(act: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each run."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return times


def filters_of(project: Project) -> list[tuple[str, str]]:
    """What to ask of the list, from what the project has."""
    keys = counts.keys(project)
    if not keys:
        raise SystemExit(f"{project.key} has no labels to filter by")
    key, *others = keys
    uses, _ = counts.values_of(project, key, most=50)
    asked = [("no filter", ""), ("common label", f"label={key}:{uses[0].value}")]
    asked.append(("rare label", f"label={key}:{uses[-1].value}"))
    if others:
        second = others[0]
        values, _ = counts.values_of(project, second, most=1)
        asked.append(
            ("two labels", f"label={key}:{uses[0].value}&label={second}:{values[0].value}")
        )
        asked.append(("not a label", f"not_label={second}:{values[0].value}"))
    metrics = list(Metric.objects.in_project(project).linked().order_by("key"))
    for metric in [m for m in metrics if m.kind == "BOOL"][:1]:
        asked.append(("feedback = 0", f"feedback={metric.key}:eq:0"))
        asked.append(
            ("label, feedback, time", f"label={key}:{uses[0].value}&feedback={metric.key}:eq:0"
             "&since=2023-03-01&until=2026-12-31")
        )  # fmt: skip
    asked += [
        (f"{metric.key} < 5", f"feedback={metric.key}:lt:5")
        for metric in [m for m in metrics if m.kind == "SCALAR"][:1]
    ]
    return [*asked, ("no feedback", "not_feedback=*"), ("common word", "text=the")]


def line(name: str, times: list[float], queries: int, floor: float) -> str:
    """One row of the table."""
    ordered = sorted(times)
    median, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    return f"| {name} | {median:.1f} | {p95:.1f} | {queries} | {median / floor:.0f} |"


def measure(project: Project, runs: int) -> None:
    """Print the table."""
    client = Client()
    admin = User.objects.filter(is_superuser=True).first()
    assert admin is not None, "an administrator is needed"
    client.force_login(admin)
    newest = filter_queries.page(project, EVERYTHING, limit=5000).ids
    middle = newest[len(newest) // 2]

    def fetch() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [project.id, middle])
            cursor.fetchall()

    timed(fetch, 20)
    floor = statistics.median(timed(fetch, 200))
    print(f"floor: 51 rows by keyset, {floor:.2f} ms\n")
    print("| page | median ms | p95 ms | queries | × floor |\n| --- | --- | --- | --- | --- |")
    url = reverse("interactions", args=[project.key])

    def page(path: str, headers: dict[str, str]) -> Callable[[], None]:
        def get() -> None:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, answer.status_code

        return get

    asked = [(f"rows: {name}", f"{url}?{query}", FRAGMENT) for name, query in filters_of(project)]
    asked.append(("whole page", url, {}))
    asked.append(("deep page", f"{url}?before={newest[-1]}", FRAGMENT))
    for name, path, headers in asked:
        act = page(path, headers)
        timed(act, 3)
        with CaptureQueriesContext(connection) as captured:
            act()
        queries = len(captured)  # before the next request clears them
        print(line(name, timed(act, runs), queries, floor), flush=True)
    _details(client, project, newest, runs, floor)


def _details(client: Client, project: Project, ids: list[UUID], runs: int, floor: float) -> None:
    """Different interactions each time, since texts already rendered are remembered."""
    chosen = random.Random(7).sample(ids, min(len(ids), 4 * runs))
    times, queries = [], []
    for id in chosen:
        path = reverse("interaction", args=[project.key, id])
        with CaptureQueriesContext(connection) as captured:
            times += timed(lambda path=path: client.get(path), 1)  # type: ignore[misc]
        queries.append(len(captured))
    print(line("an interaction", times, max(queries), floor))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", help="its key; it should hold some thousand interactions")
    parser.add_argument("--runs", type=int, default=50)
    arguments = parser.parse_args()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    changed = override_settings(
        ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"],
        STORAGES={**settings.STORAGES, "staticfiles": plain},
    )
    with database_for_command(["manage.py", "measure"]), changed:
        measure(Project.objects.get(key=arguments.project), arguments.runs)


if __name__ == "__main__":
    main()
