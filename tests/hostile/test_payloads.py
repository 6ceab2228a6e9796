"""No payload in any field is more than text on any page, in a real browser."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from tests.fuzz.corpus import parameters, routes
from tests.hostile import world
from tests.hostile.named import Places
from tests.hostile.payloads import EVERY, PAYLOADS, SHORT
from tests.hostile.serving import serving
from tests.hostile.watching import Watch, is_noticed
from tests.hostile.world import World
from tests.served import chromium

HERE = "/projects/maple/"
pytestmark = pytest.mark.django_db
# Of addresses with every parameter hostile each third, unless all are asked for: 15 s.
EVERY_ADDRESS = bool(os.environ.get("HOSTILE"))
# Programs' doors, and what ends the walk.
NO_PAGES = ("api/", "healthz", "metrics", "logout/", "admin/logout/", "favicon.ico", "theme/")
FILES = ("/export/jsonl/", "/refused.jsonl", "/json/", "/raw/", "/text/", ".svg", "/export/x/")
# What pages show when asked, by the address that knows what they name.
ASKED = {
    "projects/{key}/interactions/": (
        "?open={id}", "?text=evil", "?sort=latency", "facet/?of=label:kind", "facet/?of=model",
        "complete/?q=label:&at=6", "complete/?q=evil&at=4", "{id}/?raw=1", "{id}/?text=evil",
        "why/?id={id}&text=evil", "?columns=time,model,ask,answer,labels,feedback,session,user",
        "feedback-counts/?text=evil", "empty/?text=evil+nothing&label=evil:x", "?q=(evil",
    ),
    "projects/{key}/datasets/": (
        "{dataset}/?open={item}", "{dataset}/versions/compare/?a=0&b=1", "{dataset}/?text=evil",
        "{dataset}/review/?item={item}",
    ),
    "projects/{key}/selections/": ("../datasets/new/?of={uuid}", "{uuid}/feedback/"),
    "projects/{key}/metrics/": (
        "../feedback/?by=model", "../groups/?by=model", "../groups/?by=label:kind",
        "../groups/?by=prompt", "../groups/compare/?by=model", "../pairs/?answer=1",
        "../review/?metric={id}",
    ),
    "projects/{key}/import/": ("{id}/?format=columns", "{id}/?into=new", "?into=hostile"),
}  # fmt: skip
NOTHING = {"UUIDConverter": "00000000-0000-7000-8000-000000000000", "IntConverter": "1"}
# Harmful only where something reads them again: they name nothing that a parser of HTML finds.
READ_AGAIN = {"templates", "letters", "JSON", "addresses", "Markdown", "mutation"}


def _known(path: str, places: Places) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for begins, values in sorted(places.items(), key=lambda one: len(one[0])):
        if path.startswith(begins):
            known |= values
    return known | ({"key": "maple"} if path.startswith("projects/") else {})


def _addresses(made: World) -> list[str]:
    """Every address of the site with something real in its places."""
    kinds = {one.path: dict(one.places) for one in routes()}
    paths = [path for path in kinds if not path.startswith(NO_PAGES)]
    paths += [f"{begins}{asked}" for begins, several in ASKED.items() for asked in several]
    paths += [begins for begins in made.places if "#" in begins]
    found = []
    for path in paths:
        nothing = {name: NOTHING.get(kind, "x") for name, kind in kinds.get(path, {}).items()}
        known = {name: quote(str(value)) for name, value in _known(path, made.places).items()}
        found.append("/" + path.format(**nothing | known).partition("#")[0])
    return found + list(_stock_console())


def _stock_console() -> Iterator[str]:
    """Every list and form of it."""
    for model in admin.site._registry:
        at = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield f"{at}?q=evil"
        one = model._default_manager.order_by("pk").first()
        if one is not None:
            yield f"{at}{quote(str(one.pk))}/change/"
    yield "/admin/"


def _allowed(client: Client, path: str) -> str:
    """The methods of a view that says which; asked by one that none of them takes."""
    return client.generic("TRACE", path).headers.get("Allow", "GET, POST")


def test_no_payload_is_more_than_text_on_any_page() -> None:
    assert len(EVERY) >= 100 and len(PAYLOADS) >= 10
    made = world.build()
    client = Client()
    client.force_login(made.administrator)
    addresses = _addresses(made)
    methods = {path: _allowed(client, path) for path in addresses}
    pages = [path for path in addresses if "GET" in methods[path] and not path.endswith(FILES)]
    forms = [path for path in addresses if "POST" in methods[path] and "/admin/" not in path]
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 640, "height": 480})
        cookies = [(name, one.value) for name, one in client.cookies.items()]
        context.add_cookies([{"name": n, "value": v, "url": served.url} for n, v in cookies])
        context.set_default_timeout(120_000)  # milliseconds: a busy machine takes as long
        _check_noticing(context.new_page())
        watch = Watch(context.new_page(), served.url)
        _look_at_all(watch, pages, forms)
        browser.close()
    assert not watch.noticed, "\n".join(watch.noticed)
    assert not served.faults, "\n".join(served.faults)
    assert len(pages) >= 150 and served.asked > len(pages) + len(forms)


def _check_noticing(page: Page) -> None:
    """What has to be escaped would be noticed if it were not."""
    for kind, texts in PAYLOADS.items():
        unseen = [text for text in texts if not is_noticed(page, text)]
        assert not unseen or kind in READ_AGAIN, unseen
        assert len(unseen) < len(texts)


def _look_at_all(watch: Watch, pages: list[str], forms: list[str]) -> None:
    """Parse every page, part of one and answer to a form; load those that scripts change.

    Parsing reports what the policy forbids as loading does, at a tenth of the cost.
    """
    watch.look("/")  # whose forms have the token
    wrong = urlencode(dict.fromkeys(parameters(), SHORT))
    asked = [
        path for path in pages if path.startswith(HERE) and not path.startswith(f"{HERE}jobs/")
    ]
    plain = [path for path in asked if "?" not in path]
    watch.parse("GET", [f"{path}?{wrong}" for path in plain[:: 1 if EVERY_ADDRESS else 3]])
    watch.parse("POST", forms, wrong)
    scripted = watch.parse("GET", pages)
    assert len(scripted) >= 20
    for path in scripted:
        watch.look(path)
