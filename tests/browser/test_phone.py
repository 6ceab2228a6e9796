"""On a phone: nothing is wider than the screen, whatever was logged, and rows come first.

A page is loaded once and looked at in several widths; enlarging is narrowing the window, too.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import settle
from tests.browser.test_axe import first_link, walked
from tests.served import Served

WIDTH, HEIGHT = 390, 844
HOSTILE = "/projects/hostile/"
LIST = f"{HOSTILE}interactions/"
LONG = "k" * 128  # the longest key of a label, and nowhere to break
MODEL = "/home/somebody/models/" + "Meta-Llama-3.1-70B-Instruct-gptq-4bit-" * 4
WIDE_TABLE = "\n".join(
    ["| " + " | ".join(f"column{n}" for n in range(24)) + " |", "|" + "---|" * 24]
    + ["| " + " | ".join(["1234567890"] * 24) + " |"] * 2
)
CODE = f"```python\nprint('{'x' * 400}')\n```"
FORMULA = "$$" + " + ".join(f"x_{{{n}}}" for n in range(90)) + "$$"
ANSWER = f"{'w' * 600}\n\n{WIDE_TABLE}\n\n{CODE}\n\n{FORMULA}\n\n`{'c' * 300}`"
PAGES = (
    "interactions/", "sessions/", "groups/", "groups/?by=prompt", f"groups/?by=label:{LONG}",
    "pairs/",
    "pairs/?view=list", "review/", "images/", "feedback/", "settings/", "models/", "metrics/",
    "connect/", "bulk-actions/", "interactions/views/", "interactions/?density=compact",
    f"interactions/?label={LONG}:{'v' * 300}", "interactions/facets/", "interactions/histogram/",
    f"interactions/facet/?of=label:{LONG}", "interactions/?contains=nothing", "interactions/why/",
)  # fmt: skip


def lines() -> Iterator[dict[str, object]]:
    """Interactions with one prompt, of which each has something that does not break."""
    for n in range(4):
        yield {
            "messages": [
                {"role": "system", "content": "s" * 900},
                {"role": "user", "content": f"{'p' * 500} {WIDE_TABLE}"},
            ],
            "completion": [ANSWER, "a" * 900, json.dumps({"deep": {"key": ["v" * 500]}}), "no"][n],
            "model": f"{MODEL}{n}",
            "labels": {LONG: "v" * 300, f"{LONG[:-1]}{n}": "x", "env": "prod"},
            "session_id": str(UUID(int=7)),
            "feedbacks": [{"feedback_key": "m" * 120, "value": bool(n % 2), "details": "r" * 400}],
        }


@pytest.fixture(scope="module")
def hostile(site: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project in which all is as long as it may be; the id of one of its interactions."""
    file: Path = tmp_path_factory.mktemp("hostile") / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines())), "utf-8")
    site.manage("ingest", str(file), "--project", "hostile", "--create-project")
    return HOSTILE


@pytest.fixture
def phone(page: Page) -> Page:
    """A tab as wide as a phone."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    return page


def too_wide(page: Page) -> str:
    """What makes the page wider than its window; "" if nothing does."""
    return str(
        page.evaluate(
            """() => {
              const { scrollWidth, clientWidth } = document.scrollingElement;
              if (scrollWidth <= clientWidth) return "";
              const wide = [...document.querySelectorAll("body *")].filter(
                (one) => one.getBoundingClientRect().right > clientWidth + 1,
              );
              const names = wide.slice(0, 6).map((one) => one.outerHTML.slice(0, 60));
              return `${scrollWidth} of ${clientWidth} px: ${names.join(", ")}`;
            }"""
        )
    )


def test_no_page_is_wider_than_the_screen_whatever_was_logged(page: Page, hostile: str) -> None:
    page.goto(LIST)
    id = page.locator(".rows tbody tr").first.get_attribute("id") or ""
    own = f"{LIST}{id.removeprefix('row-')}/"
    session = first_link(page, f"{HOSTILE}sessions/", ".sessions a.open")
    more = [own, f"{own}siblings/", f"{own}history/", f"{own}system/", session]
    more += [f"{LIST}?open={id.removeprefix('row-')}"]
    found = []
    for address in [*(hostile + name for name in PAGES), *more]:
        for width in (WIDTH, 720):  # 720: 1440 enlarged to 200 %
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if width == WIDTH:
                page.goto(address)
            settle(page)
            if wide := too_wide(page):
                found.append(f"{address[:80]}: {wide}")
    assert not found


def test_no_page_is_wider_than_a_phone_and_all_begin_at_one_edge_with_one_kind_of_title(
    page: Page, site: Served
) -> None:
    states, _ = walked(page, site)
    wide, astray = [], {}
    admin = ("/admin/", "/admin/projects/metric/", "/admin/projects/llm/add/")
    for address in [*(state.path for state in states), *admin]:
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        settle(page)
        if what := too_wide(page):
            wide.append(f"{address[:80]}: {what}")
        page.set_viewport_size({"width": 1440, "height": 900})
        title = page.locator("h1:not(.visually-hidden)").first
        if address not in admin and title.count():
            said = title.evaluate(
                "one => [one.getBoundingClientRect().left, getComputedStyle(one).fontSize,"
                " getComputedStyle(one).fontWeight]"
            )
            if said != [16, "20px", "600"]:
                astray[address] = said
    assert not wide
    assert not astray


def test_the_first_row_is_in_the_upper_third_of_a_phone(phone: Page) -> None:
    phone.goto("/projects/demo/interactions/")
    phone.wait_for_load_state("networkidle")
    box = phone.locator(".rows tbody tr").first.bounding_box()
    assert box is not None
    assert box["y"] <= 260, f"it begins {box['y']} pixels from the top"


def test_all_that_is_done_with_ticked_rows_is_reached(phone: Page) -> None:
    phone.goto("/projects/demo/interactions/")
    phone.locator(".rows .pick input").nth(1).check()
    bar = phone.locator(".bulk")
    expect(bar).to_be_visible()
    bar.get_by_text("More").click()
    expect(bar.get_by_role("button", name="Open selected")).to_be_visible()
    for button in bar.locator(".do button").all():
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=0.9)
    assert not too_wide(phone)
