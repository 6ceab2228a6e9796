"""The query bar, the time control and why-(not)-here in a real browser; also without scripts."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.addresses import parameters, until_asked
from tests.browser.tasks import scroll_to_group, task
from tests.browser.test_browsing import LIST, counted

PATIENCE = 20_000  # milliseconds, on a busy machine


def until_settled(page: Page, address: str) -> None:
    page.wait_for_url(re.compile(address), timeout=PATIENCE)
    page.wait_for_load_state("networkidle")


def pick(page: Page, typed: str, name: str, *, by: str) -> None:
    """Type a little and take what is suggested."""
    page.keyboard.type(typed)
    options = page.locator("#bar-options [role=option]")
    option = options.filter(has=page.get_by_text(name, exact=True)).first
    expect(option).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".suggestions[aria-busy=true]")).to_have_count(0)
    if by == "mouse":
        option.click()
        return
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
        if option.get_attribute("aria-selected"):
            break
    active = page.locator("#bar").get_attribute("aria-activedescendant")
    assert active == option.get_attribute("id")
    page.keyboard.press("Enter")


def write(page: Page, real: str, *, by: str) -> None:
    page.goto(f"/projects/{real}/interactions/")
    expect(page.locator(".rows tbody tr").first).to_be_visible(timeout=PATIENCE)
    with task(page, "type a query with OR and NOT by completion and see the rows", by=by):
        if by == "mouse":
            page.locator("#bar").click()
        else:
            page.keyboard.press("/")
            expect(page.locator("#bar")).to_be_focused()
        pick(page, "dat", "dataset:", by=by)
        pick(page, "jp", "jp_bench", by=by)
        pick(page, "O", "OR", by=by)
        pick(page, "la", "lang:", by=by)
        pick(page, "j", "ja", by=by)
        page.keyboard.type("-")
        pick(page, "lang", "lang:", by=by)
        pick(page, "e", "en", by=by)
        expect(page.locator("#bar")).to_have_value("dataset:jp_bench OR lang:ja -lang:en ")
        page.keyboard.press("Enter")
        until_settled(page, "q=")
        expect(page.locator(".rows .chip", has_text="lang ja").first).to_be_visible()
    assert parameters(page) == {"q": ["dataset:jp_bench OR (lang:ja -lang:en)"]}
    expect(page.locator("#bar")).to_have_value("dataset:jp_bench OR (lang:ja -lang:en)")
    assert counted(page) == 4132
    expect(page.locator(".rows tbody tr")).to_have_count(50)


def test_a_query_is_typed_by_completion(page: Page, real: str) -> None:
    for by in ("mouse", "keys"):
        write(page, real, by=by)


def test_what_is_typed_before_the_answer_arrives_is_not_left_behind(page: Page, real: str) -> None:
    page.goto(f"/projects/{real}/interactions/")
    bar, english = page.locator("#bar"), page.get_by_role("option", name=re.compile("^en "))

    question = re.compile(r"/complete/\?bar=-lang%3Ae&")
    on_its_way: list[Route] = []
    page.route(question, lambda route: on_its_way.append(route))

    def type_and_press(*keys: str) -> Route:
        """The keys are pressed while the answer to "e" is on its way: the route, to let it go."""
        bar.fill("")
        bar.press_sequentially("-lang:")
        expect(english).to_be_visible(timeout=PATIENCE)
        with page.expect_request(question):
            page.keyboard.type("e")
        for key in keys:
            page.keyboard.press(key)
        while not on_its_way:  # asked for already, but its route comes by another way
            page.wait_for_timeout(10)
        return on_its_way.pop()

    for keys in (["Tab"], ["ArrowDown", "Enter"]):
        type_and_press(*keys).continue_()
        expect(bar).to_have_value("-lang:en ")
    type_and_press()
    english.click()  # it is on the screen, for what was typed before
    expect(bar).to_have_value("-lang:en ")
    type_and_press("Tab", "Tab")  # the second leaves, and nothing is picked behind one's back
    expect(bar).not_to_be_focused()
    expect(bar).to_have_value("-lang:e")
    type_and_press("ArrowDown", "Enter", "Enter").continue_()  # picks, then searches
    until_settled(page, "lang")
    expect(bar).to_have_value("-lang:en")


JUDGED = {
    "label": ["lang:ja"],
    "feedback": ["gpt4_win_vs_text-davinci-003:eq:0"],
    "since": ["2023-11-01"],
    "until": ["2023-12-01"],
}


def test_japanese_answers_that_gpt_4_judged_the_worse_in_a_month(page: Page, real: str) -> None:
    """The real data's Japanese answers have verdicts of GPT-4, no scores, from November 2023 on."""
    said = "all Japanese answers that GPT-4 judged worse than another's in November 2023"
    page.goto(f"/projects/{real}/interactions/")
    with task(page, said, by="mouse"):
        lang = page.locator("#facets details.facet", has=page.get_by_text("lang", exact=True))
        scroll_to_group(lang)
        lang.get_by_role("link", name=re.compile("^ja ")).click()
        until_settled(page, "label=lang")
        page.locator("#filter-menu > summary").click()
        page.get_by_label("Metric", exact=True).select_option("gpt4_win_vs_text-davinci-003")
        page.get_by_label("Comparison").select_option("=")
        page.get_by_label("Value", exact=True).fill("no")
        page.locator("#filter-menu").get_by_role("button", name="Apply").click()
        until_settled(page, "feedback=")
        page.locator("#time-menu > summary").click()
        # It opens where the newest match is.
        whole = page.locator(".calendar .whole")
        expect(whole).to_have_text("December 2023", timeout=PATIENCE)
        page.get_by_role("link", name="The month before").click()
        expect(whole).to_have_text("November 2023")
        whole.click()
        until_settled(page, "since=")
    assert parameters(page) == JUDGED
    assert counted(page) == 239

    page.goto(f"/projects/{real}/interactions/")
    with task(page, said, by="keys"):
        page.keyboard.press("/")
        page.keyboard.type("lang:ja gpt4_win_vs_text")
        option = page.get_by_role("option", name=re.compile(r"^feedback\.gpt4_win_vs_text"))
        expect(option).to_be_visible(timeout=PATIENCE)
        page.keyboard.press("Tab")
        page.keyboard.type("0 time:2023-11")
        page.keyboard.press("Enter")
        until_settled(page, "since=")
    assert parameters(page) == JUDGED
    assert counted(page) == 239

    # The month before, and back, by our keys.
    page.locator("h1").evaluate("document.activeElement.blur()")
    page.keyboard.press("[")
    until_settled(page, "until=2023-11-01")
    expect(page.get_by_role("heading", name=re.compile("^Nothing matches"))).to_be_visible()
    without = page.locator(".withouts li", has_text="time")
    expect(without).to_contain_text("285 without the condition", timeout=PATIENCE)
    without.get_by_role("link", name="285 without the condition").click()
    until_settled(page, r"feedback=[^&]*$")
    assert counted(page) == 285


def test_why_an_interaction_is_not_here(page: Page) -> None:
    page.goto(f"{LIST}?label=env:staging")
    expect(page.locator(".rows tr[id]").first).to_be_visible()
    id = (page.locator(".rows tr[id]").first.get_attribute("id") or "")[4:]
    why = page.get_by_role("option", name="Why is it not in these rows?")
    for by in ("mouse", "keys"):
        page.goto(f"{LIST}?label=env:prod")
        with task(page, "why is this row not here", by=by):
            if by == "mouse":
                page.locator("#bar").fill(id)
                why.click()
            else:
                page.keyboard.press("/")
                page.keyboard.press("Control+A")
                page.keyboard.insert_text(id)
                expect(why).to_be_visible(timeout=PATIENCE)
                page.keyboard.press("ArrowDown")
                page.keyboard.press("ArrowDown")
                page.keyboard.press("Enter")
            expect(page.locator(".tested-parts .no")).to_have_text(
                re.compile("env is prod · staging"), timeout=PATIENCE
            )
        assert parameters(page)["label"] == ["env:prod"]


def test_why_an_open_row_is_here(page: Page) -> None:
    page.goto(f"{LIST}?label=env:prod")
    page.keyboard.press("j")
    page.locator("#open-interaction").get_by_role("link", name="Why is this here?").click()
    expect(page.get_by_role("status").filter(has_text="In these rows")).to_be_visible()
    page.goto(LIST)
    page.keyboard.press("j")
    expect(page.locator("#open-interaction .turn").first).to_be_visible()
    expect(page.get_by_role("link", name="Why is this here?")).to_have_count(0)


def test_an_error_is_marked_and_stays_to_be_mended(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("/")
    page.keyboard.type("refund env: prod")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".bar-error mark")).to_have_text("env:")
    bar = page.locator("#bar")
    expect(bar).to_have_attribute("aria-invalid", "true")
    expect(bar).to_have_accessible_description(re.compile("Expected a value right after env:"))
    expect(bar).to_have_value("refund env: prod")
    expect(bar).to_be_focused()
    expect(page.locator(".rows tbody tr")).to_have_count(0)
    # Lines that are pasted become one.
    page.evaluate(
        """() => {
            const bar = document.querySelector("#bar");
            bar.select();
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", "refund\\r\\n  env:prod\\n");
            bar.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
        }"""
    )
    expect(bar).to_have_value("refund env:prod")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    until_settled(page, "text=refund")
    assert counted(page) > 0


def test_a_chip_opens_its_form_and_days_are_picked_by_keys(page: Page) -> None:
    page.goto(f"{LIST}?label=env:prod")
    page.locator(".filter .edit > summary").click()
    page.get_by_label("Another value of env").fill("staging")
    page.locator(".filter .edit").get_by_role("button", name="Apply").click()
    expect(page.locator(".sum .filter summary")).to_have_text(re.compile("env is prod or staging"))
    assert parameters(page)["label"] == ["env:prod", "env:staging"]

    page.locator("#time-menu > summary").focus()
    page.keyboard.press("Enter")
    first, last = (page.locator(".calendar td a", has_text=re.compile(f"^{n}$")) for n in (7, 9))
    expect(first.first).to_be_visible(timeout=PATIENCE)
    first.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".calendar [aria-current=date]")).to_be_focused()
    last.first.focus()
    page.keyboard.press("Enter")
    until_settled(page, "since=")
    (since,), (until,) = parameters(page)["since"], parameters(page)["until"]
    assert since.endswith("-07")
    assert until.endswith("-10")


def test_the_bar_and_the_chips_work_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto(LIST)
    page.locator("#bar").fill("env:prod -language:fr OR env:staging")
    page.get_by_role("button", name="Search").click()
    until_asked(page, {"q": ["(env:prod -language:fr) OR env:staging"]})
    expect(page.locator(".rows tbody tr")).to_have_count(50)
    page.locator(".filter .edit > summary").click()
    page.get_by_label("As the query bar writes it").fill("env:staging")
    page.locator(".filter .edit").get_by_role("button", name="Apply").click()
    until_asked(page, {"label": ["env:staging"]})
    page.locator("#time-menu > summary").click()
    page.get_by_role("link", name="Pick days in a calendar").click()
    page.locator(".calendar .whole").click()
    until_asked(page, ["label", "since", "until"])
    page.locator("#bar").fill("env:")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".bar-error mark")).to_have_text("env:")
