"""Thirty values and ten preferences in a real browser, by mouse and by keys."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.tasks import task
from tests.served import Served


def number(page: Page, pattern: str) -> int:
    """A number the status says."""
    found = re.search(pattern, page.locator("#status").inner_text())
    return int(found[1].replace(",", "")) if found else 0


def read(page: Page) -> int:
    return number(page, r"^([\d,]+) of")


def compared(page: Page) -> int:
    return number(page, r"^([\d,]+) compared")


def card(page: Page) -> Locator:
    return page.locator("#card")


def next_of(page: Page) -> str:
    return str(card(page).get_attribute("data-next"))


def goes_on(page: Page, following: str) -> None:
    """Wait for what comes after, which the card before named."""
    page.wait_for_url(lambda url: url.endswith(following))
    expect(card(page)).not_to_have_attribute("data-next", following)


def test_thirty_verdicts_by_keys_then_one_undone(page: Page, real: str) -> None:
    with task(page, "give 30 values in Review", by="keys"):
        page.goto(f"/projects/{real}/review/?metric=is_correct")
        expect(page.locator("#count b")).to_be_visible()
        before = read(page)
        for n in range(30):
            following = next_of(page)
            page.keyboard.press("2" if n % 3 == 0 else "1")
            goes_on(page, following)
        expect(page.locator("#status b").first).to_contain_text(f"{before + 30} of")
    last = page.locator("#status .last a").inner_text()
    page.keyboard.press("z")
    expect(page.locator("#status b").first).to_contain_text(f"{before + 29} of")
    expect(card(page)).to_contain_text(last.rstrip("…")[:30].split("\n")[0])
    # The database says the same, on the page of the interaction itself.
    page.keyboard.press("1")
    expect(page.locator("#status b").first).to_contain_text(f"{before + 30} of")
    page.locator("#status .last a").click()
    expect(page.locator("#queue button[aria-pressed=true]")).to_have_text(re.compile("yes"))
    page.locator("#queue .facts a").click()
    mine = page.locator(".metric-feedback", has_text="is_correct")
    expect(mine.locator("button[aria-pressed=true]")).to_have_text("▲ yes")
    # Where one stopped: the queue begins behind what is judged.
    page.goto(f"/projects/{real}/review/?metric=is_correct")
    assert read(page) == before + 30


def test_thirty_verdicts_by_mouse_in_a_sample_then_one_undone(page: Page, real: str) -> None:
    with task(page, "give 30 values in Review", by="mouse"):
        page.goto(f"/projects/{real}/review/?metric=tests_passed")
        page.get_by_label("at random").fill("30")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url(re.compile("seed="))
        for n in range(30):
            following = next_of(page)
            page.get_by_role("button", name="no" if n % 10 == 0 else "yes").click()
            page.wait_for_url(re.compile(f"{re.escape(following)}$"))
        expect(page.locator("#card h2").first).to_have_text("The end of the queue")
    expect(page.locator("#status")).to_contain_text("30 of 30 drawn at random from 37,")
    expect(page.locator("#status")).to_contain_text("bad 10.0 % ±")
    expect(page.locator(".bad-feedback li")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#status")).to_contain_text("29 of 30")
    expect(page.get_by_role("button", name="yes")).to_be_visible()
    # The same draw for whoever has the address, and again after coming back.
    page.reload()
    expect(page.locator("#status")).to_contain_text("29 of 30")


def test_ten_preferences_by_keys_then_one_undone(page: Page, real: str) -> None:
    with task(page, "pick the better of two answers for 10 prompts", by="keys"):
        page.goto(f"/projects/{real}/pairs/?metric=human_majority")
        expect(page.locator("#count b")).to_be_visible()
        before = compared(page)
        for n in range(10):
            following = next_of(page)
            page.keyboard.press("12=0"[n % 4])
            goes_on(page, following)
        expect(page.locator("#status b")).to_have_text(f"{before + 10} compared")
    told = page.locator("#status .last a")
    expect(told).to_have_text(re.compile(" better than "))
    address = str(told.get_attribute("href"))
    page.keyboard.press("z")
    expect(page.locator("#status b")).to_have_text(f"{before + 9} compared")
    assert parse_qs(urlsplit(page.url).query)["pair"] == parse_qs(address[1:])["pair"]
    expect(page.locator("#queue .answers h2 .muted")).to_have_count(0)  # blind again
    # The interaction's own page shows no comparison of it under this metric by this person.
    page.keyboard.press("2")
    expect(page.locator("#status b")).to_have_text(f"{before + 10} compared")
    page.goto(f"/projects/{real}/pairs/{address}")
    expect(page.locator(".preference")).to_contain_text("Your answer before: ")
    pair = page.locator("[name=pair]").first.input_value()
    page.goto(f"/projects/{real}/interactions/{pair.split('.')[0]}/")
    expect(page.locator(".related", has_text="Comparisons")).to_contain_text("human_majority")


def test_ten_preferences_by_mouse_with_the_words_that_differ(page: Page, real: str) -> None:
    with task(page, "pick the better of two answers for 10 prompts", by="mouse"):
        page.goto(f"/projects/{real}/pairs/?metric=gpt4_review&gap=human_rank:1")
        page.get_by_role("link", name="Word diff").click()
        page.wait_for_url(re.compile("diff=1"))
        expect(page.locator(".differing").first).to_be_visible()
        expect(page.locator(".preference")).to_contain_text("% is the same")
        before = compared(page)
        for name in ("Left", "Right", "Both good", "Both bad", "Left") * 2:
            following = next_of(page)
            page.get_by_role("button", name=name).click()
            goes_on(page, following)
        expect(page.locator("#status b")).to_have_text(f"{before + 10} compared")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#status b")).to_have_text(f"{before + 9} compared")
    page.go_back()
    expect(page.locator(".answers")).to_be_visible()
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.locator(".pair-list tbody tr")).to_have_count(50)


def test_pairs_and_review_work_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto("/projects/demo/pairs/")
    before = compared(page)
    page.get_by_role("link", name="Word diff").click()
    expect(page.locator(".differing").first).to_be_visible()
    while not page.locator(".differing ins").count():  # until two have enough in common
        page.locator("[data-queue=skip]").click()
    page.get_by_role("button", name="Both good").click()
    assert compared(page) == before + 1
    page.locator("[data-queue=skip]").click()
    page.get_by_role("button", name="Right").click()
    expect(page.locator("#status .last a")).to_have_text(re.compile(" better than "))
    page.get_by_role("button", name="Undo").click()
    assert compared(page) == before + 1

    page.goto("/projects/demo/review/?label=language:fr&metric=csat")
    before = read(page)
    page.locator(".why summary").click()
    page.get_by_label("Reason").fill("kind and right")
    page.get_by_role("button", name="5", exact=False).last.click()
    assert read(page) == before + 1
    page.locator("#status .last a").click()
    expect(page.locator(".others-feedback")).to_contain_text("“kind and right”")
    page.get_by_role("button", name="Undo").click()
    assert read(page) == before


def test_a_number_is_typed_a_reason_too_and_a_failure_is_told(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/projects/demo/review/?metric=resolution_time_min")
    expect(page.locator("#count b")).to_be_visible()
    before = read(page)
    page.keyboard.press("e")
    page.keyboard.type("measured 12 s")
    page.keyboard.press("Escape")
    following = next_of(page)
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    goes_on(page, following)
    expect(page.locator("#status .last")).to_contain_text("12.5")
    expect(page.locator("#status b").first).to_contain_text(f"{before + 1} of")
    # What the server refuses is asked again, and says why.
    page.keyboard.type("1a")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("expected a number")
    page.keyboard.press("s")
    page.wait_for_function("complaint => !document.querySelector('[role=alert]')")
    assert complaints and all("422" in one for one in complaints)
    complaints.clear()
    page.keyboard.press("z")
    expect(page.locator("#status b").first).to_contain_text(f"{before} of")


LONG = "wins_against_a_model_whose_name_is_as_long_as_those_of_finetuned_models"
MAKE_LONG = f"""
from tests import make
make.make_metric(make.make_project("long-names"), "{LONG}")
"""


def test_long_names_of_metrics_fit_a_small_screen(page: Page, site: Served) -> None:
    site.manage("shell", "-c", MAKE_LONG)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/projects/long-names/pairs/")
    expect(page.locator(".ways .btn", has_text=LONG)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["review/?metric=csat", "pairs/?diff=1", "pairs/?view=list"])
def test_it_fits_a_small_screen(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/projects/demo/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".value-buttons button").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44
        assert box["y"] + box["height"] <= 844
    controls = "[...document.querySelectorAll('.value-buttons button, [data-queue=skip]')]"
    edges = page.evaluate(
        f"{controls}.map(b => b.getBoundingClientRect()).map(b => [b.x, b.y, b.right])"
    )
    for (_, y, right), (x, other_y, _) in zip(edges, edges[1:], strict=False):
        assert y != other_y or right <= x  # none covers another
