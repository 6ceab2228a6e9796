"""The main job in a real browser: filter, open, see, judge, go back; also without scripts."""

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import parameters, until_asked
from tests.browser.tasks import scroll_to_group
from tests.make import make_image
from tests.served import KEY, Served

LIST = "/projects/demo/interactions/"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def counted(page: Page) -> int:
    """What the count says, once it is there."""
    count = page.locator("#count b")
    expect(count).to_be_visible()
    return int(count.inner_text().replace(",", "").rstrip("+"))


def natural_width(page: Page, selector: str) -> int:
    """Pixels across of an image that has loaded."""
    picture = page.locator(selector).first
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    page.wait_for_function(
        "selector => document.querySelector(selector).complete", arg=selector, timeout=5000
    )
    return int(picture.evaluate("image => image.naturalWidth"))


def test_a_person_filters_opens_judges_and_finds_the_filter_unchanged(page: Page) -> None:
    page.goto(LIST)
    everything = counted(page)
    assert everything > 2500

    # By label: a click in the facets.
    languages = page.locator("#facets details").filter(has=page.get_by_text("language", exact=True))
    expect(languages.first).to_be_attached()
    scroll_to_group(languages.first)
    languages.first.get_by_role("link", name=re.compile(r"^fr ")).click()
    expect(page.locator(".sum .filter")).to_have_text(re.compile("language is fr"))
    assert parameters(page)["label"] == ["language:fr"]
    french = counted(page)
    assert 0 < french < everything

    # By time: a preset.
    page.locator("#time-menu summary").click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator("#time-menu summary")).to_contain_text("Last 7 days")
    assert parameters(page)["time"] == ["7d"]
    recent = counted(page)
    assert 0 < recent < french

    # By feedback: metric, comparison, value.
    page.locator("#filter-menu summary").click()
    page.get_by_label("Metric").select_option("helpful")
    page.get_by_label("Comparison").select_option("=")
    page.get_by_label("Value", exact=True).fill("no")
    page.locator("#filter-menu").get_by_role("button", name="Apply").click()
    expect(page.locator(".sum .filter")).to_have_count(3)
    assert parameters(page)["feedback"] == ["helpful:eq:0"]
    bad = counted(page)
    assert 0 < bad < recent
    expect(page.locator(".rows tbody tr")).to_have_count(min(bad, 50))
    expect(page.locator(".rows .mark:has(.bad)").first).to_have_attribute(
        "title", re.compile("helpful")
    )

    # Open a row beside the list, and judge it.
    filtered = page.url
    page.locator(".rows a.open").first.click()
    expect(page.locator("#open-interaction .turn.answer")).to_be_visible()
    assert "open" in parameters(page)
    expect(page.locator(".rows tr[aria-selected=true]")).to_have_count(1)
    yes = page.locator("#open-interaction .metric-feedback", has_text="helpful").get_by_role(
        "button", name="▲ yes"
    )
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    mark = page.locator(".rows tr[aria-selected=true] .mark:has(.good)")
    expect(mark).to_have_attribute("title", re.compile("helpful: yes"))

    # Back: the filter is as it was.
    page.go_back()
    page.wait_for_url(filtered)
    expect(page.locator(".sum .filter")).to_have_count(3)
    expect(page.locator(".rows tbody tr")).to_have_count(min(bad, 50))


def test_the_image_is_seen_in_the_list_the_conversation_and_the_lightbox(page: Page) -> None:
    page.goto(f"{LIST}?label=task:receipt")
    row = page.locator(".rows tr", has=page.locator("img.thumb")).first
    expect(row).to_be_visible()
    assert natural_width(page, ".rows img.thumb") > 0
    row.locator("a.open").click()
    expect(page.locator("#open-interaction figure img").first).to_be_visible()
    assert natural_width(page, "#open-interaction figure img") >= 400
    page.locator("#open-interaction a.zoom").first.click()
    expect(page.locator("dialog[open] img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.locator("#open-interaction figure img").first.is_visible()


def test_keys_walk_the_rows(page: Page) -> None:
    page.goto(LIST)
    selected = page.locator(".rows tr[aria-selected=true]")
    page.keyboard.press("j")
    expect(selected).to_have_count(1)
    page.wait_for_url(lambda url: "open=" in url)
    first = parameters(page)["open"]
    page.keyboard.press("j")
    page.wait_for_url(lambda url: "open=" in url and first[0] not in url)
    page.keyboard.press("k")
    page.wait_for_url(lambda url: first[0] in url)
    page.keyboard.press("Escape")
    expect(page.locator("#open-interaction > *")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#bar")).to_be_focused()


def test_pages_walk_older_and_newer(page: Page) -> None:
    page.goto(f"{LIST}?label=env:prod")
    first = page.locator(".rows tr[id]").first.get_attribute("id")
    page.get_by_role("link", name="Older").click()
    page.wait_for_url(re.compile("before="))
    expect(page.locator(f"#{first}")).to_have_count(0)
    expect(page.locator(".rows tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Newer").click()
    expect(page.locator(f"#{first}")).to_be_visible()


def test_a_bar_of_the_chart_narrows_the_time(page: Page) -> None:
    page.goto(LIST)
    page.locator(".hist a").nth(5).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sum .filter")).to_have_text(re.compile("time"))
    assert {"since", "until"} <= set(parameters(page))
    assert counted(page) > 0


def test_a_facet_can_be_excluded_and_a_chip_removed(page: Page) -> None:
    page.goto(LIST)
    everything = counted(page)
    env = page.locator("#facets details").filter(has=page.get_by_text("env", exact=True)).first
    expect(env).to_be_attached()
    scroll_to_group(env)
    page.locator("#facets li", has_text="staging").hover()
    page.get_by_role("link", name="env is not staging").click()
    expect(page.locator(".sum .filter.not")).to_have_text(re.compile("env is not staging"))
    assert counted(page) < everything
    page.locator(".sum .filter.not .remove").click()
    expect(page.locator(".sum .filter")).to_have_count(0)
    assert counted(page) == everything


def test_a_wrong_filter_is_named_and_shows_no_rows(page: Page) -> None:
    page.goto(f"{LIST}?session=<script>alert(1)</script>&label=env:prod")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("“<script>alert(1)</script>”: expected a UUID")
    expect(page.locator(".rows tbody tr")).to_have_count(0)
    alert.get_by_role("link", name="Remove session").click()
    expect(page.locator(".rows tbody tr")).to_have_count(50)
    assert parameters(page) == {"label": ["env:prod"]}


def test_the_main_job_works_without_scripts(plain_page: Page) -> None:
    page = plain_page
    page.goto(LIST)
    expect(page.locator(".rows tbody tr")).to_have_count(50)
    page.locator("#filter-menu summary").click()
    page.get_by_role("link", name="Choose a condition to add").click()
    page.get_by_label("Label", exact=True).fill("language")
    page.get_by_label("Value of the label").fill("fr")
    page.get_by_label("Metric").select_option("helpful")
    page.get_by_label("Comparison").select_option("=")
    page.get_by_label("Value", exact=True).fill("0")
    page.get_by_role("button", name="Apply").click()
    until_asked(page, {"label": ["language:fr"], "feedback": ["helpful:eq:0"]})
    page.locator("#time-menu summary").click()
    page.get_by_role("link", name="Last 7 days").click()
    until_asked(page, ["label", "feedback", "time"])
    filtered = page.url
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    page.locator(".rows a.open").first.click()
    expect(page.locator("#open-interaction .turn.answer")).to_be_visible()
    opened = page.url
    page.locator("#open-interaction .metric-feedback", has_text="csat").get_by_role(
        "button"
    ).first.click()
    page.wait_for_url(opened)
    expect(page.locator("#open-interaction .metric-feedback", has_text="csat")).to_contain_text(
        "withdraw"
    )
    page.get_by_role("link", name="Close").click()
    expect(page).to_have_url(filtered)
    page.locator("#count a").click()
    expect(page.locator("main b")).to_be_visible()


def test_images_show_without_scripts(plain_page: Page) -> None:
    plain_page.goto(f"{LIST}?label=task:receipt")
    plain_page.locator(".rows tr", has=plain_page.locator("img.thumb")).first.locator(
        "a.open"
    ).click()
    assert natural_width_without_scripts(plain_page, "#open-interaction figure img") >= 400


def natural_width_without_scripts(page: Page, selector: str) -> int:
    """The page's own scripts are off; the test's are not."""
    picture = page.locator(selector).first
    picture.scroll_into_view_if_needed()
    for _ in range(50):
        if picture.evaluate("image => image.complete && image.naturalWidth > 0"):
            break
        page.wait_for_timeout(50)
    return int(picture.evaluate("image => image.naturalWidth"))


def test_hostile_text_shows_as_text_everywhere(page: Page, site: Served) -> None:
    picture = base64.b64encode(make_image()).decode()
    made = site.post(
        "interactions",
        {
            "project": "demo",
            "messages": [
                {"role": "system", "content": HOSTILE},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": HOSTILE},
                        {"type": "image_url", "image_url": f"data:image/png;base64,{picture}"},
                        {"type": "image_url", "image_url": "https://tracker.example/pixel.png"},
                    ],
                },
            ],
            "completion": f"{HOSTILE}\n\n![pixel](https://tracker.example/x.png) [a](javascript:1)",
            "labels": {HOSTILE: HOSTILE},
            "feedbacks": [{"metric": "helpful", "value": 0, "details": HOSTILE, "reason": HOSTILE}],
        },
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{LIST}?open={made['completion_id']}")
    expect(page.locator("#open-interaction")).to_contain_text(HOSTILE[:30])
    expect(page.locator(f"#row-{made['completion_id']} .ask")).to_contain_text("<script>")
    page.goto(f"{LIST}{made['completion_id']}/")
    expect(page.locator("main")).to_contain_text(HOSTILE[:30])
    page.goto(f"{LIST}?text={HOSTILE}")
    expect(page.locator(".rows tr mark").first).to_be_visible()
    assert page.title() == "Interactions · Support assistant (demo)"
    assert all(url.startswith(site.url) for url in asked)
    assert KEY not in page.content()


@pytest.mark.parametrize("path", ["/", LIST, "/admin/", "/admin/interactions/interaction/"])
def test_no_page_complains(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")


def test_a_narrow_screen_never_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (LIST, f"{LIST}?label=task:receipt"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".rows a.open").first.click()
    expect(page.locator("#open-interaction .turn").first).to_be_visible()
    assert page.evaluate("document.querySelector('#open-interaction').scrollWidth") <= 390
