"""From a filter to a training file: by mouse, by keys, without scripts, and seen."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.bistro import (
    DISHES,
    HERE,
    LIST,
    PATIENCE,
    TESTED,
    counted,
    left,
    lines,
    made,
    narrow,
    saved,
)
from tests.browser.tasks import task
from tests.browser.test_axe import State, checked
from tests.browser.test_interaction import tab_to
from tests.served import Served


@pytest.fixture(scope="module")
def bistro(site: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The list of a project with these lines."""
    file = tmp_path_factory.mktemp("bistro") / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines()))
    site.manage("ingest", str(file), "--project", "bistro", "--create-project")
    return LIST


def check_preferences(made: list[dict[str, Any]]) -> None:
    """Each French question has the soup, and not what was disliked."""
    assert len(made) == DISHES
    for line in made:
        assert line["chosen"][0]["content"].startswith("Une soupe")
        assert line["rejected"][0]["content"].startswith("Hein")
        assert line["prompt"][0]["content"].startswith("Quel est le plat")


def test_from_thumbs_down_in_french_to_a_preference_file_by_mouse(page: Page, bistro: str) -> None:
    page.goto(bistro)
    counted(page, 2 * DISHES + TESTED + 60)
    with task(page, "thumbs down in French to a DPO file, 10 clicks", by="mouse"):
        narrow(page, "language", "fr")
        counted(page, 2 * DISHES)
        narrow(page, "thumbs", "▼ no")
        counted(page, DISHES)
        page.locator("#pick-page").check()
        page.get_by_role("button", name=re.compile("^select all")).click()
        page.get_by_role("button", name="Add to dataset").click()
        left(page, f"{DISHES} records")
        page.get_by_role("radio", name="Preferences").check()
        expect(page.locator(".steps-left")).to_contain_text(f"{DISHES} pairs of answers")
        expect(page.locator(".written")).to_contain_text('"rejected":')
        page.get_by_role("button", name="Make dataset").click()
        found = saved(page, DISHES)
    check_preferences(found)


def test_from_thumbs_down_in_french_to_a_preference_dataset_by_keys(
    page: Page, bistro: str
) -> None:
    page.goto(bistro)
    counted(page, 2 * DISHES + TESTED + 60)
    with task(page, "thumbs down in French to a DPO dataset, 9 keys and a query", by="keys"):
        page.keyboard.press("/")
        page.keyboard.type("language:fr feedback.thumbs:no")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        counted(page, DISHES)
        page.locator("#rows, #results").first.focus()
        page.keyboard.press("d")
        page.wait_for_url(re.compile("/datasets/new/"))
        left(page, f"{DISHES} records")
        tab_to(page, "[name=kind]:checked")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile("kind=preference"))
        left(page, f"{DISHES} records")
        page.keyboard.press("Control+Enter")
        made(page, DISHES)


def test_from_tests_passed_to_200_examples_by_keys(page: Page, bistro: str) -> None:
    page.goto(f"{bistro}?feedback=tests_passed:eq:1")
    counted(page, TESTED)
    with task(page, "tests passed to 200 SFT examples", by="keys"):
        page.keyboard.press("d")
        page.wait_for_url(re.compile("/datasets/new/"))
        left(page, f"{TESTED} records")
        tab_to(page, "#dedupe")
        page.keyboard.type("one per prompt")
        tab_to(page, "#sample")
        page.keyboard.type("at random")
        tab_to(page, "#n")
        page.keyboard.type("200")
        tab_to(page, "#validation")
        page.keyboard.type("10")
        left(page, "200 records")
        expect(page.locator(".split-key")).to_contain_text(re.compile(r"Train\s+180"))
        tab_to(page, "#name")
        page.keyboard.type("Good code")
        page.keyboard.press("Control+Enter")
        made(page, 200)
    found = saved(page, 200)
    assert len(found) == 200
    assert all(line["completion"][0]["content"].startswith("def f") for line in found)


def test_from_tests_passed_to_200_examples_by_mouse(page: Page, bistro: str) -> None:
    page.goto(f"{bistro}?feedback=tests_passed:eq:1")
    counted(page, TESTED)
    with task(page, "tests passed to 200 SFT examples", by="mouse"):
        page.locator("#pick-page").check()
        page.get_by_role("button", name=re.compile("^select all")).click()
        page.get_by_role("button", name="Add to dataset").click()
        page.get_by_label("Equal").select_option("one per prompt")
        page.get_by_label("Take").select_option("at random")
        page.get_by_label("How many records").fill("200")
        left(page, "200 records")
        page.get_by_role("button", name="Make dataset").click()
        found = saved(page, 200)
    assert len(found) == 200


def test_a_colleague_opens_the_same_builder(page: Page, bistro: str) -> None:
    page.goto(f"{bistro}?label=language:fr")
    page.keyboard.press("d")
    page.wait_for_url(re.compile("/datasets/new/"))
    page.get_by_role("radio", name="Prompts, completions and feedback").check()
    page.get_by_label("Feedback", exact=True).select_option("thumbs: yes")
    page.get_by_label("Validation").fill("20")
    page.get_by_label("Take").select_option("as many of each")
    page.get_by_label("Of each what").select_option("model")
    page.get_by_label("How many records").fill("12")
    page.get_by_label("Seed").fill("7")
    left(page, "12 records")
    expect(page).to_have_url(re.compile("kind=feedback.*thumbs.*n=12&seed=7&by=|seed=7"))
    other = page.context.new_page()
    other.goto(page.url)
    left(other, "12 records")
    expect(other.get_by_role("radio", name="Prompts, completions and feedback")).to_be_checked()
    expect(other.get_by_label("Seed")).to_have_value("7")
    expect(other.get_by_label("Validation")).to_have_value("20")
    steps = ".steps-left"
    assert other.locator(steps).inner_text() == page.locator(steps).inner_text()
    assert other.locator(".written").inner_text() == page.locator(".written").inner_text()


def test_what_is_wrong_is_told_at_its_field_and_goes(page: Page, bistro: str) -> None:
    page.goto(bistro)
    page.keyboard.press("d")
    page.wait_for_url(re.compile("/datasets/new/"))
    near = page.get_by_label("Similar")
    near.fill("2")
    expect(page.locator("#make-summary")).to_contain_text("Correct what is marked")
    expect(page.locator("#fault-near")).to_be_hidden()  # it may become a number yet
    expect(page.locator(".steps-left")).to_be_visible()
    near.press("Tab")
    expect(page.locator("#fault-near")).to_have_text("expected a similarity from 0.5 to 1")
    expect(near).to_have_attribute("aria-invalid", "true")
    near.fill("0.9")
    left(page, r"\d+ records")
    expect(near).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("radio", name="Preferences").check()
    page.get_by_label("From", exact=True).select_option("scores of answers to a prompt")
    expect(page.get_by_label("Scores")).to_have_value("thumbs")  # it gives the most pairs
    left(page, f"{DISHES} records")
    page.get_by_label("Take").select_option("at random")
    expect(page.get_by_label("How many records")).to_have_value("1000")
    left(page, f"{DISHES} records")


def test_where_there_are_no_pairs_one_click_makes_some(page: Page, bistro: str) -> None:
    page.goto(f"{bistro}?feedback=tests_passed:eq:0")
    page.get_by_role("button", name="Add all to dataset").click()
    page.get_by_role("radio", name="Preferences").check()
    expect(page.locator(".no-records")).to_contain_text("None of the 60 interactions was compared")
    page.get_by_role("link", name="Pair them by tests_passed with all other answers").click()
    expect(page).to_have_url(re.compile("metric=tests_passed&answers=prompts"))
    left(page, "20 records")
    page.get_by_label("Equal").select_option("one per prompt")
    left(page, "20 records")
    page.get_by_label("Scores").focus()
    expect(page.locator(".written")).to_contain_text("def f2")


def test_groups_lead_there_by_keys(page: Page, bistro: str) -> None:
    page.goto(f"{HERE}groups/?by=model")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Add 1 selected to dataset")).to_be_visible()
    page.keyboard.press("d")
    page.wait_for_url(re.compile("/datasets/new/"))
    expect(page.locator(".recipe > header")).to_contain_text("where model is")


def test_without_scripts_it_is_a_form(plain_page: Page, bistro: str) -> None:
    page = plain_page
    page.goto(f"{bistro}?label=language:fr")
    page.get_by_label("all that match").check()
    page.get_by_role("button", name="Add to dataset").click()
    page.get_by_role("radio", name="Preferences").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".steps-left")).to_contain_text(f"{DISHES} pairs of answers")
    page.get_by_label("Name").fill("Plain")
    page.get_by_role("button", name="Make dataset").click()
    done = page.locator(".job[data-state=done]")  # the page of the job reloads by itself
    expect(done).to_be_visible(timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text(f"{DISHES} records")


def test_nothing_is_wrong_that_axe_finds(
    browser: Browser, site: Served, logged_in: dict[str, Any], bistro: str
) -> None:
    context = browser.new_context(
        base_url=site.url,
        storage_state=logged_in,  # type: ignore[arg-type]
        viewport={"width": 1440, "height": 900},
    )
    page = context.new_page()
    page.goto(bistro)
    counted(page, 2 * DISHES + TESTED + 60)
    page.keyboard.press("d")
    page.wait_for_url(re.compile("/datasets/new/"))
    page.goto(f"{page.url}&dedupe=prompt&near=0.7&split=80/10/10&sample=balanced&n=20")
    left(page, r"\d+ records")
    found = [*checked(page, State("all filled in", bistro))]
    page.get_by_label("Similar").fill("7")
    page.get_by_label("Similar").press("Tab")
    expect(page.locator("#fault-near")).to_contain_text("expected")
    found += checked(page, State("a fault", bistro))
    page.goto(f"{HERE}datasets/new/")
    found += checked(page, State("nothing filled in", bistro))
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not found, "\n".join(found)
    context.close()


def test_progress_is_seen_and_a_large_one_is_cancelled(page: Page, real: str) -> None:
    page.goto(f"/projects/{real}/interactions/")
    page.keyboard.press("d")
    page.wait_for_url(re.compile("/datasets/new/"))
    left(page, r"[\d,]+ records")
    page.get_by_label("Name").fill("Too much")
    page.get_by_role("button", name="Make dataset").click()
    job = page.locator(".job")
    expect(job.locator("progress")).to_be_visible()
    expect(job).to_contain_text(re.compile(r"Copying: [\d,]+ of [\d,]+"), timeout=PATIENCE)
    job.get_by_role("button", name="Cancel").click()
    expect(page.locator(".job[data-state=cancelled]")).to_be_visible(timeout=PATIENCE)
    page.goto(f"/projects/{real}/datasets/")
    expect(page.locator("main")).not_to_contain_text("Too much")
