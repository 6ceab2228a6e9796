"""`python -m benchmarks.audit`: what the audit log costs, and how long it takes to check it.

In a scratch database. The same requests are answered in turn with the log and without it (nothing
is noted, nothing written), in blocks that alternate; processor time of this process holds the
thread that writes events. Then the log grows to a million events, is sealed, verified in a
process of its own, and read on its page.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  (they need the settings)
from django.test import Client  # noqa: E402

from adaptive_site.environment import ROOT  # noqa: E402
from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from adaptive_site.serving.provision import collect_static  # noqa: E402
from benchmarks.measuring import (  # noqa: E402
    address,
    database_seconds,
    machine,
    row,
    scratch_database,
    table,
)
from projects.models import Event, Project, User  # noqa: E402
from projects.services import audit  # noqa: E402
from projects.services.auditing import reads, sealing  # noqa: E402
from projects.services.auditing.event_queue import QUEUE  # noqa: E402
from tests import make  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"
BODIES = """query { completions(filter: {project: "maple"}, page: {first: 100}) {
    nodes { id completion chatMessages { role content } } } }"""


class Site:
    """A browser and a program, with a project of some hundred interactions."""

    def __init__(self) -> None:
        self.owner: User = make.make_user("alice")
        self.project: Project = make.make_project("maple", owner=self.owner)
        make.make_metric(self.project)
        make.make_key(self.owner, KEY)
        text = "Why do maples turn red? " * 40
        self.ids = make.make_interactions(
            self.project, 300, labels={"env": "prod"}, completion=text
        )
        self.browser = Client(SERVER_NAME="localhost")
        self.browser.force_login(self.owner)

    def page(self, path: str) -> Callable[[int], Any]:
        """Asks for a page of the project; `{id}` is another interaction each time."""
        return lambda n: self.browser.get(
            f"/projects/maple/{path.format(id=self.ids[n % len(self.ids)])}"
        )

    def api(self, path: str, body: Callable[[int], Any] | None = None) -> Callable[[int], Any]:
        """Asks the API, with a body or without."""
        headers = {"Authorization": f"Bearer {KEY}"}

        def ask(n: int) -> Any:
            where = f"/api/{path.format(id=self.ids[n % len(self.ids)])}"
            if body is None:
                return self.browser.get(where, headers=headers)
            json = "application/json"
            return self.browser.post(where, body(n), content_type=json, headers=headers)

        return ask

    def requests(self) -> dict[str, Callable[[int], Any]]:
        """What is asked, by name."""
        said = [{"role": "user", "content": "Why do maples turn red? " * 30}]
        return {
            "the list": self.page("interactions/"),
            "the list, filtered (a search)": self.page("interactions/?label=env:prod"),
            "an interaction’s page (a read)": self.page("interactions/{id}/"),
            "a stored completion": self.api("v1/chat/completions/{id}"),
            "100 bodies by GraphQL": self.api("graphql", lambda n: {"query": BODIES}),
            "POST /interactions": self.api(
                "v1/interactions",
                lambda n: {"project": "maple", "messages": said, "completion": f"Since {n}."},
            ),
            "POST /feedback": self.api(
                "v1/feedback",
                lambda n: {
                    "completion_id": str(self.ids[n % len(self.ids)]),
                    "metric": "helpful",
                    "value": n % 2,
                },
            ),
        }


@contextmanager
def without() -> Iterator[None]:
    """Nothing is noted."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(audit, "note", lambda *given, **more: None))
        stack.enter_context(patch.object(reads, "saw", lambda *given: None))
        stack.enter_context(patch.object(audit, "record", lambda *given, **more: None))
        yield


def block(ask: Callable[[int], Any], n: int, start: int) -> tuple[float, float, float]:
    """Seconds of `n` requests, one after the other: ours, the database's, and on the clock."""
    ours, theirs, clock = time.process_time(), database_seconds(), time.perf_counter()
    for number in range(start, start + n):
        answer = ask(number)
        assert answer.status_code in (200, 201), answer.content[:300]
    while QUEUE.waiting:
        time.sleep(0.01)
    return (
        (time.process_time() - ours) / n,
        (database_seconds() - theirs) / n,
        (time.perf_counter() - clock) / n,
    )


def compare(site: Site, rounds: int, n: int) -> None:
    """Print both, and what the log adds."""
    columns = ("request", "ours, ms", "with the log", "added, µs", "added", "PostgreSQL, µs")
    table(*columns)
    for name, ask in site.requests().items():
        block(ask, n, 0)  # warm
        pairs = []
        for number in range(rounds):
            kinds = [False, True] if number % 2 else [True, False]
            taken = {}
            for is_with in kinds:
                with ExitStack() as stack:
                    if not is_with:
                        stack.enter_context(without())
                    taken[is_with] = block(ask, n, number * n)
            pairs.append((taken[False], taken[True]))
        plain = median(one[0][0] for one in pairs)
        added = median(one[1][0] - one[0][0] for one in pairs)
        theirs = median(one[1][1] - one[0][1] for one in pairs)
        row(
            name,
            f"{plain * 1e3:.2f}",
            f"{(plain + added) * 1e3:.2f}",
            f"{added * 1e6:.0f}",
            f"{added / plain:+.1%}",
            f"{theirs * 1e6:+.0f}",
        )


FILL = """
    INSERT INTO projects_event (project_id, project_key, actor_id, actor_name, actor_email, verb,
        subject, details, door, address, created_at)
    SELECT %s, 'maple', %s, 'Alice', 'alice@example.org',
        (array['interaction.read', 'search.made', 'feedback.given', 'label.set'])[1 + n %% 4],
        '01a23124-cce6-7d1a-ada9-' || lpad((n / 3)::text, 12, '0'),
        jsonb_build_object('page', 'interaction', 'value', n %% 7), 'web', '10.0.0.1',
        now() - interval '1 second' * (%s - n)
    FROM generate_series(1, %s) AS n
"""


def large(site: Site, n: int) -> None:
    """Print how long a log of `n` events takes to seal, to verify and to read."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FILL, [site.project.pk, site.owner.pk, n, n])
    filled = time.perf_counter() - began
    began = time.perf_counter()
    while sealing.seal_some():
        pass
    sealed = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE projects_event")
        cursor.execute(
            "SELECT pg_table_size('projects_event'), pg_indexes_size('projects_event'),"
            " pg_total_relation_size('projects_seal')"
        )
        rows, indexes, seals = cursor.fetchone() or (0, 0, 0)
    total = Event.objects.in_project(site.project).count()
    table("a log of", "filled", "sealed", "bytes an event", "its indexes", "its seal")
    row(
        f"{total:,}",
        f"{filled:.0f} s",
        f"{sealed:.0f} s",
        *(f"{size / total:.0f}" for size in (rows, indexes, seals)),
    )
    began = time.perf_counter()
    command = [sys.executable, "manage.py", "audit", "verify"]
    said = subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "DATABASE_URL": address()},
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    table("verify", "seconds", "its processor", "most memory")
    row(
        said.stdout.split(";")[0],
        f"{time.perf_counter() - began:.0f}",
        f"{used.ru_utime + used.ru_stime:.0f} s",
        f"{used.ru_maxrss / 1024:.0f} MB",
    )
    table("the page, at that size", "ms")
    one = "01a23124-cce6-7d1a-ada9-000000111111"
    for query in (
        "",
        "?what=search",
        "?person=alice@example.org",
        "?door=web",
        "?door=graphql",
        f"?subject={one}",
        "?what=dataset",
        "?until=2000-01-01",
        "?what=search&door=graphql",
    ):
        row(query or "all", f"{_page_ms(site.browser, f'/projects/maple/audit/{query}'):.0f}")
    seen = f"/projects/maple/interactions/{site.ids[0]}/seen-by/"
    row("seen by", f"{_page_ms(site.browser, seen):.0f}")


def _page_ms(browser: Client, path: str) -> float:
    taken = []
    for _ in range(7):
        began = time.perf_counter()
        assert browser.get(path).status_code == 200
        taken.append((time.perf_counter() - began) * 1e3)
    return median(taken)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=60, help="in a block")
    parser.add_argument("--events", type=int, default=1_000_000)
    chosen = parser.parse_args(arguments)
    with database_for_command(["benchmarks", "audit"]), scratch_database():
        print(f"# The audit log\n\n{machine()}\n")
        collect_static()
        site = Site()
        QUEUE.start()
        compare(site, chosen.rounds, chosen.requests)
        QUEUE.stop()
        large(site, chosen.events)


if __name__ == "__main__":
    main()
