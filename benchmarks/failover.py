"""`python -m benchmarks.failover [--times 20]`: the primary killed again and again under load.

Twenty clients log through one site as fast as they are answered; each time the primary of
PostgreSQL is ended with SIGKILL, its synchronous standby is promoted, and a new standby is copied
from it. Printed are, for each time, acknowledged interactions so far and the longest time without
any acknowledgement; at the end whether all of them are there. The floor of a gap is what PostgreSQL
itself takes: from the kill until the promoted standby has committed a transaction.
"""

import argparse
import time
from statistics import median

import psycopg

from tests.serving.replication import Pair, pair
from tests.serving.test_durability import KEY, MAKE_PROJECT, Clients, clients_of, enough

MORE = 300  # acknowledged before and after each kill


def main() -> None:
    """Do it, print what came of it, and fail if anything acknowledged is lost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=20)
    times = arguments.parse_args().times
    with pair() as both:
        options = {"DATABASE_URL": both.url, "ADAPTIVE_SITE_API_KEY": KEY}
        with both.site.serving(**options):
            done = both.site.run("shell", "-c", MAKE_PROJECT, **options)
            if done.returncode:
                raise SystemExit(done.stderr)
            with clients_of(both.site) as clients:
                gaps = [one_time(number, both, clients) for number in range(1, times + 1)]
        lost = set(clients.acknowledged) - stored(both)
    site, floor = (median(column) for column in zip(*gaps, strict=True))
    worst = max(gap for gap, _ in gaps)
    print(f"acknowledged {len(clients.acknowledged):,}, lost {len(lost):,}, answers", end=" ")
    print(", ".join(map(str, sorted(clients.statuses))))
    print(f"gap: median {site:.2f} s, longest {worst:.2f} s; floor {floor:.2f} s; ratio", end=" ")
    print(f"{site / floor:.1f}")
    if lost:
        raise SystemExit("acknowledged interactions are lost")


def one_time(number: int, both: Pair, clients: Clients) -> tuple[float, float]:
    """Kill the primary; the longest silence of the site from then on, and PostgreSQL's own."""
    enough(clients, MORE)
    began = time.monotonic()
    both.fail_over()
    both.primary.ask("CREATE TABLE IF NOT EXISTS taken_over (at timestamptz DEFAULT now())")
    both.primary.ask("INSERT INTO taken_over DEFAULT VALUES")
    floor = time.monotonic() - began
    enough(clients, MORE)
    moments = sorted(moment for moment in clients.moments if moment > began - 1)
    gap = max(later - sooner for sooner, later in zip(moments, moments[1:], strict=False))
    print(f"{number:3d}  {len(clients.acknowledged):8,} acknowledged  gap {gap:5.2f} s", flush=True)
    both.repair()
    return gap, floor


def stored(both: Pair) -> set[str]:
    """Every interaction that the last primary has."""
    with psycopg.connect(both.primary.dsn) as connection:
        return {str(row[0]) for row in connection.execute("SELECT id FROM interaction")}


if __name__ == "__main__":
    main()
