"""From a filter to a training file: by mouse, by keys, without scripts, and seen."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.tasks import task
from tests.served import Served

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


@pytest.fixture(scope="module")
def bistro(site: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The list of a project with these lines."""
    file = tmp_path_factory.mktemp("bistro") / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines()))
    site.manage("ingest", str(file), "--project", "bistro", "--create-project")
    return LIST


def counted(page: Page, n: int) -> None:
    """Wait until the list says that so many match."""
    expect(page.locator("#count b").first).to_have_text(f"{n:,}")


def left(page: Page, said: str) -> None:
    """Wait until the builder says that so many records are left."""
    expect(page.locator("#make-summary")).to_have_text(re.compile(rf"^\s*{said}\s*$"))


def saved(page: Page, press: str) -> list[dict[str, Any]]:
    """The lines of the file that is downloaded from the page of the made dataset."""
    expect(page.locator(".job[data-state=done]")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        for name in ("Open", "Download", "Download"):
            control = page.locator("main").get_by_role("link", name=re.compile(f"^{name}"))
            button = page.locator("main").get_by_role("button", name=re.compile(f"^{name} "))
            found = control.or_(button).first
            if press == "keys":
                found.focus()
                page.keyboard.press("Enter")
            else:
                found.click()
            if name == "Download" and "/export/" in page.url:
                break
            page.wait_for_load_state()
    return [json.loads(line) for line in download.value.path().read_text().splitlines()]


def test_from_thumbs_down_in_french_to_a_preference_file_by_mouse(page: Page, bistro: str) -> None:
    page.goto(bistro)
    counted(page, 2 * DISHES + TESTED + 60)
    with task(page, "thumbs down in French to a DPO file (8 clicks)", by="mouse"):
        page.locator("#facets li", has_text="fr").get_by_role("link").first.click()
        counted(page, 2 * DISHES)
        page.goto(f"{page.url}&feedback=thumbs:eq:0")
        counted(page, DISHES)
        page.locator("#pick-page").check()
        page.get_by_role("button", name=re.compile("^select all")).click()
        page.get_by_role("button", name="Add to dataset").click()
        left(page, f"{DISHES} records")
        page.get_by_role("radio", name="Preferences").check()
        expect(page.locator(".steps-left")).to_contain_text(f"{DISHES} pairs of answers")
        expect(page.locator(".written")).to_contain_text('"rejected":')
        page.get_by_role("button", name="Make dataset").click()
        made = saved(page, "mouse")
    assert len(made) == DISHES
    for line in made:
        assert line["chosen"][0]["content"].startswith("Une soupe")
        assert line["rejected"][0]["content"].startswith("Hein")
