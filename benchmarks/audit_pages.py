"""`python -m benchmarks.audit_pages`: the pages of the audit log at a million events.

In a scratch database: the log of 20 projects and 201 people, of whom one did three things a long
time ago. Each page is asked seven times by an administrator, and by an owner of a project that has
a twentieth of all, and of one that has next to nothing; medians in milliseconds, and the slowest.
"""

import argparse
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.db import connection  # noqa: E402  (they need the settings)
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from adaptive_site.serving.provision import collect_static  # noqa: E402
from benchmarks.measuring import machine, row, scratch_database, table  # noqa: E402
from projects.models import Project, User  # noqa: E402
from projects.services.auditing.listing import EventPlace  # noqa: E402
from tests import make  # noqa: E402

PROJECTS, PEOPLE, ASKED = 20, 200, 7
ONE = "01a23124-cce6-7d1a-ada9-000000111111"
# A second between two events, the newest now; one in 50,000 is a key's, three are Rare's.
FILL = """
    INSERT INTO projects_event (project_id, project_key, actor_id, actor_name, actor_email, verb,
        subject, details, door, address, created_at)
    SELECT (%(projects)s::int[])[1 + n %% %(of)s], 'maple', a.id, 'Somebody', a.email,
        CASE WHEN n %% 50000 = 7 THEN 'key.made' ELSE
        (array['interaction.read', 'search.made', 'feedback.given', 'label.set'])[1 + n / 20 %% 4]
        END, '01a23124-cce6-7d1a-ada9-' || lpad((n / 3)::text, 12, '0'),
        jsonb_build_object('page', 'interaction', 'value', n %% 7),
        CASE WHEN n %% 100000 = 9 THEN 'admin' ELSE 'web' END, '10.0.0.1',
        %(now)s - interval '1 second' * (%(n)s - n)
    FROM generate_series(1, %(n)s) AS n
    JOIN projects_user a ON a.id = CASE WHEN n < 4 THEN %(rare)s
        ELSE (%(people)s::int[])[1 + n / 80 %% %(many)s] END
"""
FILTERS = (
    "", "what=search", "what=key", "what=dataset", "person=person7@example.org",
    "person=rare@example.org", "person=gone@example.org", "door=web", "door=admin",
    "door=graphql", f"subject={ONE}", "until=2000-01-01", "person=rare@example.org&what=search",
)  # fmt: skip


def fill(n: int) -> tuple[Client, Client]:
    """A log of `n` events; the browsers of an administrator and of an owner."""
    owner = make.make_user("alice")
    projects = [make.make_project(f"p{number}", owner=owner) for number in range(PROJECTS)]
    make.make_project("quiet", owner=owner)
    people = User.objects.bulk_create(
        User(email=f"person{number}@example.org", name="Somebody") for number in range(PEOPLE)
    )
    given: dict[str, Any] = {
        "projects": [one.pk for one in projects],
        "of": PROJECTS,
        "people": [one.pk for one in people],
        "many": PEOPLE,
        "rare": make.make_user("rare").pk,
        "now": timezone.now(),
        "n": n,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, given)
        cursor.execute("VACUUM ANALYZE projects_event")
    browsers = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    for browser, user in zip(
        browsers, (make.make_user("root", is_superuser=True), owner), strict=True
    ):
        browser.force_login(user)
    return browsers


def measure(n: int) -> None:
    """Print a row for each filter, and for each of some places of the whole."""
    root, owner = fill(n)
    places = {"the server": (root, "/console/audit/")}
    for key in ("p7", "quiet"):
        assert Project.objects.filter(key=key).exists()
        places[f"project {key}"] = (owner, f"/projects/{key}/audit/")
    deep = [
        f"after={EventPlace(timezone.now() - timedelta(seconds=n * share), n)}".replace("+", "%2B")
        for share in (0.5, 0.99)
    ]
    table(f"{n:,} events", *places, "the slowest")
    for query in (*FILTERS, *deep):
        taken = [_milliseconds(browser, f"{path}?{query}") for browser, path in places.values()]
        cells = [f"{median(one):.0f}" for one in taken]
        row(query or "all", *cells, f"{max(map(max, taken)):.0f}")


def _milliseconds(browser: Client, path: str) -> list[float]:
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = browser.get(path)
        taken.append((time.perf_counter() - began) * 1e3)
        assert answer.status_code == 200, path
        if "a shorter time makes it quick" in answer.content.decode():
            return [float("inf")]
    return taken


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    chosen = parser.parse_args(arguments)
    with database_for_command(["benchmarks", "audit_pages"]), scratch_database():
        print(f"# The pages of the audit log\n\n{machine()}\n")
        collect_static()
        measure(chosen.events)


if __name__ == "__main__":
    main()
