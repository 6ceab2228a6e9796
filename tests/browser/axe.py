"""Asking axe what is wrong with a page."""

import re
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Options = dict[str, Any]
ALL: Options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
CONTRAST: Options = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
}
LAYOUT: Options = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "rule",
        "values": ["target-size", "color-contrast", "link-in-text-block", "region",
                   "scrollable-region-focusable", "aria-hidden-focus", "heading-order"],
    },
}  # fmt: skip
# Rows beyond those that show every part a row may have.
ALIKE = ".rows tbody tr:nth-child(n+9), .tile:nth-child(n+9), .lines tbody tr:nth-child(n+9)"
# Keeps two of the rows, options, entries and marks of charts that stand beside each other and are
# built alike: the same elements, classes, roles and states, whatever their texts and addresses.
FEW_ALIKE = """() => {
    const built = one => one.nodeType === Node.TEXT_NODE ? (one.data.trim() && '"')
        : one.nodeType !== Node.ELEMENT_NODE ? ''
        : one.tagName + [...one.attributes].map(given =>
            given.name + (/^(class|role|type|style|aria-(?!label|desc|contr|owns))/.test(given.name)
                && given.value)).join() + '(' + [...one.childNodes].map(built).join('') + ')';
    const counts = new Map();
    for (const one of document.querySelectorAll('tr, li, option, .tile, svg *')) {
        const of = counts.get(one.parentNode) ?? new Map(), kind = built(one);
        counts.set(one.parentNode, of.set(kind, (of.get(kind) ?? 0) + 1));
        if (of.get(kind) > 2) one.remove();
    }
}"""


def settle(page: Page) -> None:
    """Wait until the parts that come after the rows are there."""
    idle = "() => !document.querySelector('.htmx-request, [aria-busy=true]')"
    for _ in range(2):
        page.wait_for_function(idle)
        page.wait_for_timeout(60)


def keep_few_alike(page: Page) -> None:
    """Take most of the rows, entries and marks away that are built as others are."""
    page.evaluate(f"() => document.querySelectorAll('{ALIKE}').forEach(one => one.remove())")
    page.evaluate(FEW_ALIKE)


def faults(
    page: Page, within: str = "html", options: Options = ALL, without: tuple[str, ...] = ()
) -> list[str]:
    """What axe finds in a part of the page, a line for each rule that is broken.

    Once nothing is on its way any more: what waits for an answer is paler meanwhile.
    """
    page.wait_for_function("() => !document.querySelector('.htmx-request, [aria-busy=true]')")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    context = {"include": [within], "exclude": list(without)}
    results = page.evaluate("asked => axe.run(...asked)", [context, options])
    found = []
    for one in results["violations"]:
        nodes = one["nodes"]
        where = ", ".join(" ".join(map(str, node["target"])) for node in nodes[:3])
        why = re.sub(r"\s+", " ", nodes[0]["failureSummary"])[:300]
        found.append(f"{one['id']}, {len(nodes)} times: {where}\n    {why}")
    return found
