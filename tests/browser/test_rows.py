"""The rows: one grid whatever they hold, half of a compact one is text, feedback as a mark."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.served import Served

LIST = "/projects/demo/interactions/"
PATIENCE = 20_000  # milliseconds, on a busy machine
ODD = [
    ("W" * 2_000, "x" * 5_000),
    ("返金はいつ届きますか？" * 30, "返金は通常、5〜7営業日以内です。" * 30),
    ("مرحبا، كيف يمكنني إرجاع حذاء؟ " * 20, "**يمكنك** إرجاع المنتجات."),
    ("", ""),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "```python\nprint(1)\n```\n## So"),
    ("👩‍👩‍👧 ཨོཾ ấ̂̂̂̂̂̂", "<think>\nHm.\n</think>\n\nThe reply."),
    ("call", '{"tool_calls": [{"name": "get_weather", "arguments": "{\\"city\\": \\"Rome\\"}"}]}'),
]
HEIGHTS = "rows => [...new Set(rows.map(row => row.getBoundingClientRect().height))]"
TOPS = "heads => heads.map(head => head.getBoundingClientRect().y)"
SHARE = """() => {
    const width = (selector) => document.querySelector(selector).getBoundingClientRect().width;
    return width(".rows td.prompt") / width("#results");
}"""


def log(site: Served, prompt: str, answer: str, **known: Any) -> str:
    """Log an interaction as a program would; its id."""
    made = site.post(
        "interactions",
        {
            "project": "demo",
            "messages": [{"role": "user", "content": prompt}],
            "completion": answer,
            **known,
        },
    )
    return str(made["completion_id"])


@pytest.fixture
def odd(site: Served) -> list[str]:
    """Interactions of every shape, the newest of the project."""
    labels = {f"a long key {n}": f"a long value {n}" * 5 for n in range(8)}
    return [log(site, *texts, labels={"kind": "odd", **labels}) for texts in ODD]


@pytest.mark.parametrize(("density", "height"), [("comfortable", 72), ("compact", 36)])
def test_every_row_is_as_high_as_every_other(
    page: Page, odd: list[str], density: str, height: int
) -> None:
    for query in ("", "&text=the", "&columns=time,ask,feedback,labels,tokens,latency,ttft,cost,id"):
        for width in (1440, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{LIST}?density={density}{query}")
            expect(page.locator(".rows tbody tr").first).to_be_visible()
            found = page.locator(".rows tbody tr").evaluate_all(HEIGHTS)
            assert found == [height], (query, width)


def test_previews_are_text(page: Page, odd: list[str]) -> None:
    page.goto(f"{LIST}?label=kind:odd")
    told = {id: page.locator(f"#row-{id} .say").inner_text() for id in odd[4:]}
    assert list(told.values()) == ["print(1) So", "The reply.", "Calls get_weather(city: Rome)"]
    expect(page.locator(f"#row-{odd[4]} .ask")).to_have_text("a · b 1 · 2")


def test_half_of_a_compact_row_is_text(page: Page) -> None:
    for width in (1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{LIST}?density=compact")
        expect(page.locator(".rows tbody tr").first).to_be_visible()
        assert page.evaluate(SHARE) >= 0.5


def test_the_header_stays_while_rows_scroll(page: Page) -> None:
    page.goto(LIST)
    page.locator(".rows tbody tr").nth(30).scroll_into_view_if_needed()
    tops = page.locator(".rows th").evaluate_all(
        "all => all.map(th => th.getBoundingClientRect().y)"
    )
    assert len(set(tops)) == 1
    expect(page.locator(".rows th").first).to_be_in_viewport()


def test_feedback_is_a_mark_that_says_its_words(page: Page, site: Served) -> None:
    id = log(site, "Mark me", "Yes.")
    page.goto(f"{LIST}?open={id}")
    page.wait_for_load_state("networkidle")
    mark = page.locator(f"#fb-{id}")
    expect(mark).to_be_empty()
    helpful = page.locator("#open-interaction .metric-feedback", has_text="helpful")
    no = helpful.locator(".seg .bad")
    no.click()
    expect(mark).to_have_text("▼", timeout=PATIENCE)
    expect(mark).to_have_attribute("title", "helpful: no")
    expect(
        page.locator(f"#row-{id}").get_by_role("img", name="Feedback: helpful: no")
    ).to_have_count(1)
    no.press("Enter")  # taken back
    expect(mark).to_be_empty(timeout=PATIENCE)


def test_a_live_row_brings_the_column_it_needs(page: Page, site: Served) -> None:
    log(site, "No numbers", "Yes.", labels={"kind": "narrow"})
    page.goto(f"{LIST}?label=kind:narrow&columns=time,ask,label:extra&live=1")
    heads = page.locator(".rows th")
    expect(page.locator("live-rows")).to_be_visible(timeout=PATIENCE)
    expect(heads.filter(has_text="extra")).to_have_count(0)
    expect(page.locator(".left-out")).to_contain_text("extra")
    page.mouse.move(600, 5)
    log(site, "Nor here", "Yes.", labels={"kind": "narrow"})
    first = page.locator(".rows tbody tr").first
    expect(first).to_contain_text("Nor here", timeout=PATIENCE)
    log(site, "An extra", "Yes.", labels={"kind": "narrow", "extra": "yes"})
    expect(heads.filter(has_text="extra")).to_have_count(1, timeout=PATIENCE)
    expect(first).to_contain_text("An extra")
    log(site, "One more", "Yes.", labels={"kind": "narrow"})
    expect(first).to_contain_text("One more", timeout=PATIENCE)
    cells = page.locator(".rows tbody tr").evaluate_all("all => all.map(row => row.cells.length)")
    assert len(set(cells)) == 1


def test_thoughts_open_by_a_key(page: Page, site: Served) -> None:
    id = log(site, "Think", f"<think>{'so ' * 5_000}</think>Done.")
    page.goto(f"{LIST}{id}/")
    thoughts = page.locator(".turn.answer .thought")
    expect(thoughts.locator("summary")).to_have_text("Thought, 15 k characters")
    expect(page.locator(".turn.answer")).to_contain_text("Done.")
    expect(thoughts.locator(".text, pre").first).to_be_hidden()
    thoughts.locator("summary").press("Enter")
    expect(thoughts.locator(".text, pre").first).to_be_visible()
