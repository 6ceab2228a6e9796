"""`python -m benchmarks.bulk`: the SDK's async client logging in bulk: who waits for whom.

One process of it, then two, each with 30 requests at a time. A processor that is busy all the
time is what bounds the rate; the SDK's environment is the one that `make test` makes.
"""

import argparse
import json
import os
import subprocess
from contextlib import ExitStack

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from adaptive_site.environment import ROOT  # noqa: E402
from adaptive_site.serving.private_database import database_for_command  # noqa: E402  (they need the settings)
from benchmarks.measuring import (  # noqa: E402
    Server,
    database_seconds,
    granian,
    machine,
    row,
    scratch_database,
    table,
)
from tests import make  # noqa: E402

KEY = "a-key-of-the-benchmark-0123456789"
CLIENT = ROOT / ".venv-sdk-0.14.2" / "bin" / "python"


def run(server: Server, clients: int, n: int) -> None:
    """Print the row for so many clients."""
    address = f"http://127.0.0.1:{server.port}"
    command = [str(CLIENT), "-m", "benchmarks.bulk_client", address, KEY, str(n)]
    busy, theirs = server.seconds(), database_seconds()
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(clients)]
    said = [json.loads(process.communicate()[0]) for process in running]
    # Without their start and imports, during which nobody else has anything to do.
    seconds = max(one["seconds"] for one in said)
    share = [
        sum(one["processor"] for one in said) / clients,
        server.seconds() - busy,
        database_seconds() - theirs,
    ]
    rate = clients * n / seconds
    row(f"{clients} of the SDK", f"{rate:,.0f}", *(f"{one / seconds:.0%}" for one in share))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--interactions", type=int, default=1500)
    options = parser.parse_args()
    with ExitStack() as stack:
        stack.enter_context(database_for_command(["manage.py", "bench"]))
        address = stack.enter_context(scratch_database())
        owner = make.make_user("bench")
        make.make_project("bench", owner=owner)
        make.make_key(owner, KEY)
        server = stack.enter_context(
            granian("adaptive_site.asgi:application", DATABASE_URL=address)
        )
        table("clients", "interactions/s", "busy: each client", "our server", "PostgreSQL")
        for clients in (1, 2):
            run(server, clients, options.interactions)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
