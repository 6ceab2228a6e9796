"""Hours at the desk: rows walked beside the list, columns chosen, views kept."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import parameters
from tests.browser.tasks import task
from tests.served import Served

SELECTED = ".rows tr[aria-selected=true]"
STEPS = 20


def tab_to(page: Page, selector: str, *, most: int = 120) -> None:
    """Press Tab until what `selector` says has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab did not reach {selector}")


def id_of_row(page: Page) -> str:
    """The id of the marked row."""
    return str(page.locator(SELECTED).get_attribute("id")).removeprefix("row-")


def says_the_row(page: Page) -> str:
    """Wait until the open interaction is the marked row's; its id."""
    expect(page.locator(SELECTED)).to_have_count(1)
    id = id_of_row(page)
    expect(page.locator("#open-interaction .id").first).to_have_attribute("title", id)
    prompt = page.locator(f"{SELECTED} .ask").inner_text().split("\n")[0].strip(" .…")
    first = " ".join(prompt.split()[:3])
    assert first in " ".join(page.locator("#open-interaction").inner_text().split())
    return id


def walk(page: Page, down: Callable[[], None], up: Callable[[], None]) -> None:
    """`STEPS` rows down and up again; each time what is open is the row."""
    ids = [says_the_row(page)]
    for _ in range(STEPS):
        down()
        expect(page.locator(SELECTED)).not_to_have_attribute("id", f"row-{ids[-1]}")
        ids.append(says_the_row(page))
        expect(page.locator(SELECTED)).to_be_in_viewport()
    assert len(set(ids)) == STEPS + 1
    for expected in reversed(ids[:-1]):
        up()
        expect(page.locator(SELECTED)).to_have_attribute("id", f"row-{expected}")
        assert says_the_row(page) == expected


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_twenty_rows_are_walked_and_back_leads_to_the_list(page: Page, real: str, by: str) -> None:
    here = f"/projects/{real}/interactions/?label=lang:en"
    page.goto(here)
    steps = page.locator("#open-interaction .neighbours")
    with task(page, "walk 20 open interactions with j and come back with k", by=by):
        if by == "keys":
            page.keyboard.press("j")
            walk(page, lambda: page.keyboard.press("j"), lambda: page.keyboard.press("k"))
        else:
            page.locator(".rows a.open").first.click()
            walk(
                page,
                lambda: steps.get_by_role("link", name="Older").click(),
                lambda: steps.get_by_role("link", name="Newer").click(),
            )
    last = id_of_row(page)
    page.wait_for_url(lambda url: last in url)
    page.go_back()  # one step, however long the walk was
    page.wait_for_url(lambda url: "open=" not in url)
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    expect(page.locator(".rows tbody tr")).to_have_count(50)
    assert parameters(page) == {"label": ["lang:en"]}


def test_a_walk_goes_on_to_the_next_page_and_a_judgement_is_seen_again(page: Page) -> None:
    page.goto("/projects/demo/interactions/?view=none")
    page.locator(".rows a.open").nth(48).click()
    says_the_row(page)
    page.keyboard.press("j")
    last = says_the_row(page)
    page.keyboard.press("j")
    page.wait_for_url(re.compile("before="))
    expect(page.locator(".rows tr[id]").first).to_have_attribute("aria-selected", "true")
    says_the_row(page)
    yes = page.locator("#open-interaction .metric-feedback", has_text="helpful").get_by_role(
        "button", name="▲ yes"
    )
    pressed = yes.get_attribute("aria-pressed") == "true"
    yes.click()
    now = "false" if pressed else "true"
    expect(yes).to_have_attribute("aria-pressed", now)
    page.keyboard.press("j")
    says_the_row(page)
    page.keyboard.press("k")
    says_the_row(page)
    expect(yes).to_have_attribute("aria-pressed", now)
    page.keyboard.press("k")  # beyond the top: the page before, at its foot
    expect(page.locator(".rows tr[id]").last).to_have_attribute("aria-selected", "true")
    assert says_the_row(page) == last
    page.keyboard.press("o")
    page.wait_for_url(re.compile(f"/{last}/"))


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_label_becomes_a_column(page: Page, real: str, by: str) -> None:
    page.goto(f"/projects/{real}/interactions/?view=none&label=lang:ja")
    with task(page, "choose columns so that the label lang is a column", by=by):
        if by == "mouse":
            page.locator("#columns-menu summary").click()
            page.locator("#columns-menu").get_by_label("lang", exact=True).check()
            page.get_by_role("button", name="This link only").click()
        else:
            tab_to(page, "#columns-menu summary")
            page.keyboard.press("Enter")
            expect(page.locator("#columns-menu input").last).to_be_visible()
            tab_to(page, "#columns-menu input[value='label:lang']")
            page.keyboard.press("Space")
            tab_to(page, "#columns-menu button[name=only]")
            page.keyboard.press("Enter")
        expect(page.locator(".rows th.of-label")).to_have_text("lang")
    assert parameters(page)["columns"][0].endswith(",label:lang")
    expect(page.locator(".rows td.of-label")).to_have_count(50)
    values = page.locator(".rows td.of-label").all_inner_texts()
    assert {value.strip() for value in values} == {"ja"}
    page.reload()
    expect(page.locator(".rows th.of-label")).to_have_text("lang")


@pytest.mark.parametrize("by", ["mouse", "keys"])
def test_a_shared_view_is_a_link(page: Page, site: Served, by: str) -> None:
    page.goto("/projects/demo/interactions/?view=none&time=7d&label=env:prod")
    name = f"Prod this week by {by}"
    with task(page, "save a shared view and open it as its link", by=by):
        if by == "mouse":
            page.locator("#views-menu summary").click()
            page.get_by_label("Name of the view").fill(name)
            page.get_by_label("Share with the project").check()
            page.get_by_role("button", name="Save view").click()
        else:
            tab_to(page, "#views-menu summary")
            page.keyboard.press("Enter")
            expect(page.locator("#views-menu input[name=name]")).to_be_focused()
            page.keyboard.type(name)
            tab_to(page, "#views-menu input[name=is_shared]")
            page.keyboard.press("Space")
            tab_to(page, "#views-menu button.primary")
            page.keyboard.press("Enter")
        page.wait_for_url(re.compile("view=[0-9a-f-]{36}"))
        page.goto(page.url)
        expect(page.locator("#views-menu summary")).to_have_text(name)
    assert parameters(page)["time"] == ["7d"]
    view = parameters(page)["view"][0]
    page.locator(".sum .filter .remove").first.click()  # away from what was saved
    expect(page.locator("#views-menu .draft")).to_be_visible()
    page.goto(f"/projects/demo/interactions/views/{view}/")
    assert parameters(page)["label"] == ["env:prod"]
    expect(page.locator("#views-menu .draft")).to_have_count(0)


def test_columns_and_views_work_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto("/projects/demo/interactions/?view=none")
    page.get_by_role("button", name="Compact rows").click()
    page.locator("#columns-menu summary").click()
    page.get_by_role("link", name="Choose the columns").click()
    page.get_by_role("button", name="Latency further left").click()
    # A column that no row of the page has is hidden; these every row of the demo has.
    in_order = ".rows.compact th:has-text('Latency') ~ th:has-text('Tokens')"
    expect(page.locator(in_order)).to_be_attached()
    page.get_by_role("link", name="UTC").click()
    page.wait_for_url("**order=oldest*")
    page.locator("#views-menu summary").click()
    page.get_by_role("link", name="Choose or save a view").click()
    page.get_by_label("Name of the view").fill("Oldest")
    page.get_by_role("button", name="Save view").click()
    page.get_by_text("Oldest", exact=True).first.click()
    page.get_by_role("link", name="Choose or save a view").click()
    page.get_by_role("link", name="Manage views").click()
    page.get_by_role("button", name="Delete Oldest").click()
    expect(page.get_by_text("The view “Oldest” is deleted.")).to_be_visible()
    page.goto("/projects/demo/interactions/?view=none")
    page.locator("#columns-menu summary").click()
    page.get_by_role("link", name="Choose the columns").click()
    page.get_by_role("button", name="Latency further right").click()
    page.get_by_role("button", name="Comfortable rows").click()
    expect(page.locator(".rows.comfortable")).to_be_visible()


def test_the_edge_is_moved_by_keys_and_stays(page: Page) -> None:
    page.goto("/projects/demo/interactions/?view=none")
    page.keyboard.press("j")
    says_the_row(page)
    edge = page.get_by_role("separator", name="Width of the open interaction")
    width = page.locator("#open-interaction").bounding_box()
    edge.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    wider = page.locator("#open-interaction").bounding_box()
    assert width is not None and wider is not None
    assert wider["width"] > width["width"] + 80
    page.reload()
    expect(page.locator("#open-interaction .id").first).to_be_visible()
    again = page.locator("#open-interaction").bounding_box()
    assert again is not None
    assert abs(again["width"] - wider["width"]) < 2


def test_an_empty_project_turns_into_rows_by_itself(page: Page, site: Served) -> None:
    site.manage("shell", "-c", EMPTY)
    page.goto("/projects/empty/interactions/")
    page.get_by_role("button", name="Make a key").click()
    code = page.locator(".state pre").first
    expect(code).to_contain_text('api_key="as-')
    key = re.search(r'api_key="([^"]+)"', code.inner_text())
    assert key is not None
    messages = [{"role": "user", "content": "Is anybody there?"}]
    answer = page.request.post(
        f"{site.url}/api/v1/interactions",
        data={"project": "empty", "messages": messages, "completion": "Yes."},
        headers={"Authorization": f"Bearer {key[1]}"},
    )
    assert answer.ok
    expect(page.locator(".rows .ask")).to_have_text("Is anybody there?")


EMPTY = """
from projects.models import Project
from projects.services import projects
Project.objects.filter(key="empty").exists() or projects.create(key="empty", name="Empty")
"""
