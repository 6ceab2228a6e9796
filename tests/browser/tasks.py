"""What a person came to do, done in the browser, with the time and the requests it took.

Each is done by mouse and by keyboard alone. The figures are for reading (`tasks.tsv` in the
tests' data directory), never for passing: a busy machine is slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from playwright.sync_api import Locator, Page, Request

from adaptive_site.settings import DATA_DIR

FILE = DATA_DIR / "tasks.tsv"


def scroll_to_group(group: Locator) -> None:
    """Scroll an open group of the panel into view until it is counted.

    Groups are counted when they are seen, and those above it grow while it is on its way.
    """
    for _ in range(200):
        if group.locator(".facet-values li").count():
            return
        group.locator(".facet-values").evaluate("one => one.scrollIntoView({ block: 'center' })")
        group.page.wait_for_timeout(100)


@contextmanager
def task(page: Page, name: str, *, by: str) -> Iterator[None]:
    """Note how long the task inside takes and how many requests it makes; `by` mouse or keys."""
    asked: list[str] = []

    def count(request: Request) -> None:
        asked.append(request.url)

    page.on("request", count)
    began = perf_counter()
    yield
    seconds = perf_counter() - began
    page.remove_listener("request", count)
    with FILE.open("a", encoding="utf-8") as file:
        file.write(f"{name}\t{by}\t{seconds:.2f} s\t{len(asked)} requests\n")
