"""`python -m benchmarks.replica [--tries 1000]`: own writes, read from a standby that is behind.

Each time an interaction is logged and its page asked for at once. The standby replays what it gets
at once, then 20 ms later, which is waited for, then 300 ms later, which is not. Printed are how
often the page lacked what was logged (never, or the benchmark fails) and the median of the page's
milliseconds; the floor is the same page while there is no standby to ask.
"""

import argparse
import time
from statistics import median

from tests.serving.replicated_site import Replicated, reading_from_standby

DELAYS = ("0", "20ms", "300ms")


def main() -> None:
    """Do it, print what came of it, and fail if a page was stale."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tries", type=int, default=1000)
    tries = arguments.parse_args().tries
    found: dict[str, tuple[int, float]] = {}
    with reading_from_standby() as site:
        for delay in DELAYS:
            with site.behind(delay):
                found[delay] = one_delay(site, tries)
        site.both.standby.kill()
        site.both.primary.ask("ALTER SYSTEM RESET synchronous_standby_names")
        site.both.primary.ask("SELECT pg_reload_conf()")
        time.sleep(1)
        _, floor = one_delay(site, tries)
    print(f"{'standby behind by':>18}  {'stale':>6}  {'page, ms':>9}  ratio to the floor")
    for delay, (stale, taken) in found.items():
        print(f"{delay:>18}  {stale:6,}  {taken * 1000:9.1f}  {taken / floor:.2f}")
    print(f"{'no standby':>18}  {'':>6}  {floor * 1000:9.1f}")
    if any(stale for stale, _ in found.values()):
        raise SystemExit("a page lacked what had been acknowledged")


def one_delay(site: Replicated, tries: int) -> tuple[int, float]:
    """How many pages were stale, and the median seconds of one."""
    stale, times = 0, []
    for number in range(tries):
        id = site.log(f"Answer {number}")
        began = time.perf_counter()
        status, said = site.page(f"/projects/kept/interactions/{id}/")
        times.append(time.perf_counter() - began)
        stale += status != 200 or f"Answer {number}" not in said
    return stale, median(times)


if __name__ == "__main__":
    main()
