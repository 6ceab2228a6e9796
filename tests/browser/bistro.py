"""A project of dishes and functions, and steps on its pages."""

import json
import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.tasks import scroll_to_group

HERE = "/projects/bistro/"
LIST = f"{HERE}interactions/"
DISHES = 30
TESTED = 240
PATIENCE = 60_000  # milliseconds until a job is done, on a busy machine


def lines() -> Iterator[dict[str, Any]]:
    """In French a liked and a disliked answer to each question; code whose tests passed or not."""
    for n in range(DISHES):
        asked = [{"role": "user", "content": f"Quel est le plat numéro {n} de la carte ?"}]
        sides = ((True, "large", f"Une soupe, numéro {n}."), (False, "small", f"Hein ({n}) ?"))
        for is_liked, model, answer in sides:
            yield {
                "messages": asked, "completion": answer, "model": model,
                "labels": {"language": "fr"},
                "feedbacks": [{"feedback_key": "thumbs", "value": is_liked}],
            }  # fmt: skip
        (_, good, better), (_, bad, worse) = sides
        yield {
            "feedback_key": "better", "messages": asked,
            "preferred": {"model": good, "text": better}, "other": {"model": bad, "text": worse},
        }  # fmt: skip
    for n in range(TESTED + 60):
        yield {
            "messages": [{"role": "user", "content": f"Write function {n % 280}."}],
            "completion": f"def f{n}():\n    return {n}",
            "feedbacks": [{"feedback_key": "tests_passed", "value": n < TESTED}],
        }


def counted(page: Page, n: int) -> None:
    """Wait until the list says that so many match."""
    expect(page.locator("#count b").first).to_have_text(f"{n:,}")


def left(page: Page, said: str) -> None:
    """Wait until the builder says that so many records are left."""
    expect(page.locator("#make-summary")).to_have_text(re.compile(rf"^\s*{said}\s*$"))


def made(page: Page, n: int) -> None:
    """Wait until the page of the made dataset says that so many records are its first version."""
    page.wait_for_url(re.compile(r"/datasets/(?!new/)[^/]+/(\?|$)"), timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text("version 1", timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text(f"{n} records")


def saved(page: Page, n: int) -> list[dict[str, Any]]:
    """The lines of the file that is downloaded from the page of the made dataset of `n` records."""
    made(page, n)
    page.locator("main").get_by_role("link", name="Download").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("^Download [0-9]")).click()
    return [json.loads(line) for line in download.value.path().read_text().splitlines()]


def narrow(page: Page, group: str, value: str) -> None:
    """Click a value in a group beside the rows."""
    facet = page.locator("#facets details.facet", has=page.get_by_text(group, exact=True)).last
    scroll_to_group(facet)
    facet.get_by_role("link", name=re.compile(f"^{value} ")).first.click()
