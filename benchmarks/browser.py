"""What a person waits for in the browser: a step to the next row, and rows under another filter.

Run by hand against a server with data, on an otherwise quiet machine:

    python -m benchmarks.browser http://127.0.0.1:8000 --project real --first data/first-start.txt

Both are measured to the second frame after the change, when it is surely painted. Beside them
stands a floor of the same run: a request for a fragment with next to nothing in it. Several
servers (say, of two versions, each address with its own `--first`) are measured in turn, some
rounds long.
"""

import argparse
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from time import sleep

from playwright.sync_api import Browser, Page, sync_playwright

ROUNDS = 3
STEPS = 34  # a round
FILTERS = 15  # a round
FLOORS = 10  # a round
PAUSE = 0.25  # seconds between steps: as quick as one reads titles
# Resolves with the milliseconds from the press of `key` until what is open is another and painted.
STEP = """async ({ key, selector }) => {
  const node = document.querySelector(selector);
  const was = node.querySelector(".id")?.textContent;
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  while (node.querySelector(".id")?.textContent === was || !node.querySelector(".id")) {
    if (performance.now() - began > 10000) throw new Error("nothing else was opened");
    await new Promise((done) => setTimeout(done, 0));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""
CLICK = """async (selector) => {
  const link = document.querySelector(selector);
  const now = () => document.querySelector(".rows tbody");
  const before = now();
  const began = performance.now();
  link.click();
  while (!now() || now() === before) {
    if (performance.now() - began > 10000) throw new Error("no rows came");
    await new Promise((done) => setTimeout(done, 0));
  }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
}"""
FLOOR = """async (address) => {
  const began = performance.now();
  await (await fetch(address, { headers: { "HX-Request": "true" } })).text();
  return performance.now() - began;
}"""


def log_in(page: Page, first: Path) -> None:
    """Through the form, with what the server wrote at its first start."""
    text = first.read_text(encoding="utf-8")
    page.goto("/login/")
    for label, name in (("E-mail", "login"), ("Password", "password")):
        found = re.search(rf"^{name}:\s+(\S+)", text, re.MULTILINE)
        if found is None:
            sys.exit(f"{first}: expected a line that begins with {name}:")
        page.get_by_label(label).fill(found[1])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("networkidle")


def steps(page: Page, here: str, pause: float) -> list[float]:
    """Milliseconds of each step down the rows, over as many pages as it takes."""
    page.goto(here)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.locator("#open-interaction .id").wait_for()
    sleep(1)
    found = []
    for _ in range(STEPS):
        found.append(float(page.evaluate(STEP, {"key": "j", "selector": "#open-interaction"})))
        sleep(pause)
    return found


def clicks(page: Page, here: str) -> list[float]:
    """Milliseconds of clicks on values of the panel, each from the list without a filter."""
    found = []
    for at in range(FILTERS):
        page.goto(here)
        page.wait_for_load_state("networkidle")
        value = f"#facets li:nth-child({at % 5 + 1}) a.is"
        found.append(float(page.evaluate(CLICK, value)))
    return found


def measure(page: Page, project: str) -> dict[str, list[float]]:
    """One round of one server."""
    here = f"/projects/{project}/interactions/?view=none"
    page.goto(here)
    page.wait_for_load_state("networkidle")
    empty = f"/projects/{project}/interactions/count/?view=none"
    return {
        "floor: an all but empty fragment": [
            float(page.evaluate(FLOOR, empty)) for _ in range(FLOORS)
        ],
        "j, reading between": steps(page, here, PAUSE),
        "j, held down": steps(page, here, 0),
        "a filter clicked, rows painted": clicks(page, here),
    }


def told(address: str, found: dict[str, list[float]]) -> None:
    """A line for each: median, 95th percentile, and the median in floors."""
    floor = statistics.median(next(iter(found.values())))
    print(address)
    for name, times in found.items():
        ordered = sorted(times)
        p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
        print(f"{name:32} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   {p50 / floor:5.1f} floors")


def logged_in(browser: Browser, address: str, first: Path) -> Page:
    """A page of a context of its own."""
    context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    log_in(page, first)
    return page


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", nargs="+")
    parser.add_argument("--project", default="real")
    notes = "each server's first-start.txt"
    parser.add_argument("--first", type=Path, nargs="+", required=True, help=notes)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    given = parser.parse_args()
    if len(given.first) != len(given.address):
        parser.error("as many --first as addresses")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=given.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        pages = [logged_in(browser, *one) for one in zip(given.address, given.first, strict=True)]
        found: list[dict[str, list[float]]] = [defaultdict(list) for _ in pages]
        for _ in range(ROUNDS):
            for page, seen in zip(pages, found, strict=True):
                for name, times in measure(page, given.project).items():
                    seen[name] += times
        browser.close()
    for address, seen in zip(given.address, found, strict=True):
        told(address, seen)


if __name__ == "__main__":
    main()
