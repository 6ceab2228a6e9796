"""`python -m benchmarks.graphql`: the SDK's own list of 100 interactions, over HTTP.

The operation is read out of the installed client (`make test` installs it), the interactions
have three labels and two feedback values each.
"""

import argparse
import http.client
import os
import statistics
import time
from contextlib import ExitStack

import django
import orjson

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from adaptive_site.serving.private_database import database_for_command  # noqa: E402  (they need the settings)
from benchmarks.measuring import granian, machine, row, scratch_database, table  # noqa: E402
from projects.models import Project  # noqa: E402
from tests import make  # noqa: E402
from tests.contract.documents import documents, roots  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"
STORED = 2000


def fill(project: Project) -> None:
    """Store interactions as the demo's are: some turns, labels, feedback, a model."""
    helpful = make.make_metric(project, "helpful")
    csat = make.make_metric(project, "csat", "SCALAR")
    llm = make.make_llm(project, "gpt-4o")
    for team in range(20):
        make.make_interactions(
            project,
            STORED // 20,
            completion="because of anthocyanins. " * 30,
            labels={"env": "prod", "team": f"team-{team}", "version": "1.2"},
            feedback={helpful: True, csat: 4},
            llm=llm,
        )


def ask(connection: http.client.HTTPConnection, body: bytes) -> dict[str, object]:
    """The answer's data."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request("POST", "/api/graphql", body, headers)
    said = orjson.loads(connection.getresponse().read())
    assert "errors" not in said, said
    return dict(said["data"]["completions"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    (query,) = [one for one in documents("0.14.2") if roots(one) == ["completions"]]
    expressions: dict[str, list[dict[str, object]]] = {
        "no filter": [],
        "a label": [{"label": {"key": "team", "value": {"in": ["team-7"]}}}],
    }
    with ExitStack() as stack:
        stack.enter_context(database_for_command(["manage.py", "bench"]))
        address = stack.enter_context(scratch_database())
        owner = make.make_user("bench")
        project = make.make_project("bench", owner=owner)
        make.make_key(owner, KEY)
        fill(project)
        server = stack.enter_context(
            granian("adaptive_site.asgi:application", DATABASE_URL=address)
        )
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        table("interactions.list of 100", "median ms", "p95 ms", "processor ms", "KB")
        for name, expression in expressions.items():
            variables = {
                "filter": {"project": "bench", "advancedFilter": {"and": expression}},
                "page": {"first": 100},
            }
            body = orjson.dumps({"query": query, "variables": variables})
            nodes = ask(connection, body)["nodes"]
            assert isinstance(nodes, list) and len(nodes) == 100
            for _ in range(5):
                ask(connection, body)
            times, busy = [], server.seconds()
            for _ in range(options.runs):
                began = time.perf_counter()
                ask(connection, body)
                times.append((time.perf_counter() - began) * 1000)
            row(
                name,
                f"{statistics.median(times):.1f}",
                f"{sorted(times)[int(len(times) * 0.95)]:.1f}",
                f"{(server.seconds() - busy) / options.runs * 1000:.1f}",
                f"{len(orjson.dumps(nodes)) / 1024:.0f}",
            )
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
