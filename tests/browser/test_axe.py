"""axe finds nothing on any page, light and dark, wide and narrow; and no page is left out.

Pages are found by the addresses the site has: one that needs nothing but a project is walked by
itself, one that needs more has to be named in `BY_HAND` or, if it is no page, in `NO_PAGES`. What
is under /api/ and /admin/ is not looked at.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from urllib.parse import urlsplit

from django.urls import get_resolver
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import (
    ALL,
    CONTRAST,
    LAYOUT,
    Options,
    faults,
    keep_few_alike,
    settle,
)
from tests.browser.files import uploaded_file
from tests.browser.made_dataset import DATASET_FILES, DATASET_PAGES, first_record, made_dataset
from tests.browser.people_pages import MADE_FOR_PEOPLE, NO_PAGES_OF_PEOPLE
from tests.served import Served

PROJECT = "/projects/demo/"
LIST = f"{PROJECT}interactions/"
# All rules once; in another layout or theme what depends on it. Contrast is of the tokens, the
# same in both widths.
VARIANTS = (
    ("wide, light", 1440, "light", ALL),
    ("wide, dark", 1440, "dark", CONTRAST),
    ("narrow, dark", 390, "dark", LAYOUT),
)
# What a page can be like beside how it comes: both widths and both themes once.
BRIEFLY = (VARIANTS[0], VARIANTS[2])
# Files, and what is there in debug mode only.
NO_PAGES = {"interaction-raw", "interaction-text", "selection-download", "design", "tour"}
NO_PAGES |= DATASET_FILES | {"upload", "import-refused", "metrics"}  # those of Prometheus
NO_PAGES |= NO_PAGES_OF_PEOPLE
# What many pages have beside the list, and the pages on which that is looked at.
SHARED = ("#side", "#histogram")
WHOLE = {"interactions", "interactions-facets", "interactions-histogram", "groups"}
NOBODY = "00000000-0000-7000-8000-000000000000"
Act = Callable[[Page], object]


@dataclass(frozen=True)
class State:
    """A page by name, and what is done on it first."""

    name: str
    path: str
    act: Act | None = None
    within: str = "html"  # what is looked at; of a menu itself, since it lies over the page
    variants: tuple[tuple[str, int, str, Options], ...] = VARIANTS


def first_link(page: Page, path: str, selector: str) -> str:
    """Where the first such link of a page leads, without its query."""
    page.goto(path)
    href = page.locator(selector).first.get_attribute("href") or ""
    return href.partition("?")[0]


# Pages that need more than a project, by the name of their address: how one comes to them.
BY_HAND: dict[str, Callable[[Page], str]] = {
    "interaction": lambda page: f"{LIST}{opened(page)}/",
    "siblings": lambda page: f"{LIST}{opened(page)}/siblings/",
    "interaction-history": lambda page: f"{LIST}{opened(page)}/history/",
    "interaction-system": lambda page: f"{LIST}{opened(page)}/system/",
    "session": lambda page: first_link(page, f"{PROJECT}sessions/", ".sessions a.open"),
    "selection": lambda page: selection(page),
    "prepare-bulk-action": lambda page: f"{selection(page)}label/",
    "selection-export": lambda page: f"{selection(page)}export/",
    "bulk-action": lambda page: bulk_action(page),
    "view": lambda page: view(page),
    "interactions-facet": lambda page: f"{LIST}facet/?of=label:language",
    "metric": lambda page: first_link(page, f"{PROJECT}metrics/", ".lines .actions a"),
    "model-prices": lambda page: first_link(page, f"{PROJECT}models/", ".lines .prices a"),
    "import-file": uploaded_file,
    "image-page": lambda page: first_link(page, f"{PROJECT}images/", ".tile .same"),
    **DATASET_PAGES,
    **MADE_FOR_PEOPLE,
    "interaction-seen-by": lambda page: f"{LIST}{opened(page)}/seen-by/",
}


def opened(page: Page, query: str = "") -> str:
    """The id of the first row."""
    page.goto(LIST + query)
    return str(page.locator(".rows tbody tr").first.get_attribute("id")).removeprefix("row-")


def selection(page: Page) -> str:
    """A selection of two rows."""
    page.goto(LIST)
    for n in range(2):
        page.locator(".rows tbody .pick input").nth(n).check()
    page.locator(".bulk").get_by_text("More").click()
    page.locator("#selection").get_by_role("button", name="Open selected").click()
    page.wait_for_url("**/selections/*/")
    return urlsplit(page.url).path


def bulk_action(page: Page) -> str:
    """Something that was done to it."""
    page.goto(f"{selection(page)}label/?key=looked&value=at")
    page.get_by_role("button", name="Label looked = at").click()
    page.wait_for_url("**/bulk-actions/*/")
    return urlsplit(page.url).path


def view(page: Page) -> str:
    """A view that was saved."""
    page.goto(f"{LIST}?label=language:fr")
    page.locator("#views-menu > summary").click()
    page.locator("#views-menu").get_by_label("Name of the view").fill(f"French {perf_counter()}")
    page.locator("#views-menu").get_by_role("button", name="Save view").click()
    page.wait_for_url("**view=*")
    return f"{LIST}views/{page.url.rpartition('view=')[2].partition('&')[0]}/"


def states(page: Page) -> list[State]:
    """What a page can be like, beside how it comes."""
    row = opened(page)
    return [
        State("list, one open", f"{LIST}?open={row}"),
        State("a dataset, a record open", f"{made_dataset(page)}?open={first_record(page)}"),
        State("list, one open that is not here", f"{LIST}?open={NOBODY}"),
        State("list, filtered", f"{LIST}?label=language:fr&feedback=helpful:eq:0&sort=latency"),
        State("list, empty", f"{LIST}?label=language:klingon"),
        State("list, a filter that cannot be read", f"{LIST}?since=yesterday"),
        State(
            "list, sorted", f"{LIST}?sort=latency&columns=time,ask,tokens,latency,metric:helpful"
        ),
        State("list, orders", LIST, click("#sort-menu > summary"), "#sort-menu"),
        State("list, a text looked for", f"{LIST}?text=parcel"),
        State("interaction, raw", f"{LIST}{row}/?raw=1"),
        State("interaction with an image", f"{LIST}{opened(page, '?images=gte:1')}/"),
        State("images, none", f"{PROJECT}images/?label=language:klingon"),
        State("images, small", f"{PROJECT}images/?size=small", hover),
        State("images, large", f"{PROJECT}images/?size=large&repeats=1"),
        State("an image, large", f"{PROJECT}images/", enlarge),
        State("sheet of keys", f"{PROJECT}metrics/", press("?")),
        State("go to", f"{PROJECT}metrics/", press("Control+k", "dialog [role=option]")),
        State("menu of projects", LIST, click("#project-menu > summary"), "#project-menu"),
        State("menu of the person", LIST, click("#person > summary"), "#person"),
        *(
            State(f"menu {n} above the list", LIST, open_menu(n), "main details.menu[open]")
            for n in range(2)
        ),
    ]


def press(key: str, shown: str = "dialog dl") -> Act:
    def act(page: Page) -> None:
        page.keyboard.press(key)
        expect(page.locator(shown).first).to_be_visible()

    return act


def click(selector: str) -> Act:
    return lambda page: page.locator(selector).click()


def open_menu(n: int) -> Act:
    return lambda page: page.locator("main details.menu > summary:visible").nth(n).click()


def hover(page: Page) -> None:
    page.locator(".tile").first.hover()


def enlarge(page: Page) -> None:
    page.locator("a.picture").first.click()
    expect(page.locator("dialog")).to_be_visible()


class Unredirected(urllib.request.HTTPRedirectHandler):
    """A page that only leads to another one is not looked at twice."""

    def redirect_request(self, *args: object, **known: object) -> None:
        """Follow nothing."""


def answer(site: Served, path: str, cookies: str) -> tuple[int, str]:
    """The status and the beginning of what a person gets there; a stream is not read."""
    request = urllib.request.Request(site.url + path, headers={"Cookie": cookies})
    try:
        with urllib.request.build_opener(Unredirected).open(request, timeout=20) as got:
            is_html = got.headers.get_content_type() == "text/html"
            return got.status, got.read(400).decode(errors="ignore") if is_html else ""
    except urllib.error.HTTPError as error:
        return error.code, ""


def filler(name: str, converter: object) -> str:
    """What may stand for a parameter, though nothing has that name."""
    if name == "key":
        return "demo"
    kind = type(converter).__name__
    return {"UUIDConverter": NOBODY, "IntConverter": "1"}.get(kind, "0" * 64)


def addresses() -> Iterator[tuple[str, str]]:
    """Name and address, with something for its parameters, of all that may be a page."""
    for name, found in get_resolver().reverse_dict.lists():
        for possibilities, _, _, converters in found:
            for path, parameters in possibilities:
                if isinstance(name, str) and not path.startswith(("api/", "admin/")):
                    yield (
                        name,
                        "/" + path % {one: filler(one, converters.get(one)) for one in parameters},
                    )


def walked(page: Page, site: Served) -> tuple[list[State], list[str]]:
    """The pages there are, and the names of addresses nobody said how to come to; found once."""
    if site.url not in _walked:
        _walked[site.url] = _walk(page, site)
    return _walked[site.url]


_walked: dict[str, tuple[list[State], list[str]]] = {}


def _walk(page: Page, site: Served) -> tuple[list[State], list[str]]:
    cookies = "; ".join(f"{one.get('name')}={one.get('value')}" for one in page.context.cookies())
    found, unknown = [], []
    for name, path in addresses():
        if name in BY_HAND:
            found.append(State(name, BY_HAND[name](page)))
            continue
        status, text = answer(site, path, cookies)
        if status == 200 and "<html" in text.lower():
            found.append(State(name, path))
        elif name not in NO_PAGES and status not in (200, 301, 302, 405):
            unknown.append(f"{name} ({path} answers {status})")
    return found, unknown


def checked(page: Page, state: State) -> Iterator[str]:
    """What axe finds on the page as it is, in each variant."""
    without = () if state.name in WHOLE else SHARED
    # So high that nothing of what is open is cut by the foot that stays in view.
    height = 2000 if "open=" in state.path else 900
    for variant, width, theme, options in state.variants:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for fault in faults(page, state.within, options, without):
            yield f"{state.name} ({variant}): {fault}"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def test_axe_finds_nothing_on_any_page(page: Page, site: Served) -> None:
    began = perf_counter()
    pages, unknown = walked(page, site)
    told = "say in BY_HAND how one comes to, or that it is no page:\n"
    assert not unknown, told + "\n".join(unknown)
    assert {"interactions", "images", "keys", "settings", "models"} <= {one.name for one in pages}
    found: list[str] = []
    for state in [*pages, *(replace(one, variants=BRIEFLY) for one in states(page))]:
        page.goto(state.path)
        settle(page)
        keep_few_alike(page)
        if state.act:
            state.act(page)
        found += checked(page, state)
    print(f"{len(pages)} pages in {perf_counter() - began:.0f} s")
    assert not found, "\n" + "\n".join(found)


def test_axe_finds_nothing_where_nobody_is_logged_in_or_nothing_is(
    browser: Browser, site: Served, logged_in: dict[str, object]
) -> None:
    # Not the watched window: the browser itself reports the status 404.
    found: list[str] = []
    for state, cookies in (
        (State("login", "/login/"), None),
        (State("not found", "/projects/nowhere/interactions/"), logged_in),
        (State("not found at all", "/nowhere/"), logged_in),
    ):
        context = browser.new_context(base_url=site.url, storage_state=cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(state.path)
        found += checked(page, state)
        context.close()
    assert not found, "\n" + "\n".join(found)
