"""No payload in any field is more than text on any page, in a real browser."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib import admin
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.fuzz.corpus import Route, parameters, routes
from tests.hostile import world
from tests.hostile.payloads import EVERY, PAYLOADS, SHORT
from tests.hostile.serving import Serving, serving
from tests.hostile.watching import Watch
from tests.hostile.world import World
from tests.served import chromium

pytestmark = pytest.mark.django_db
# What gives no page: programs' doors, files, and what ends the walk.
NO_PAGES = ("api/", "healthz", "metrics", "logout/", "admin/logout/", "favicon.ico", "theme/")
# What a list, the builder or a menu shows when asked.
ASKED = (
    "interactions/?open={id}", "interactions/?text=evil", "interactions/?raw=1",
    "interactions/?columns=time,model,ask,answer,labels,feedback,session,user,tokens,latency",
    "interactions/facet/?of=label:kind", "interactions/facet/?of=model",
    "interactions/complete/?q=label:&at=6", "interactions/complete/?q=evil&at=4",
    "interactions/{id}/?raw=1", "interactions/{id}/?text=evil", "datasets/new/?of={uuid}",
    "datasets/hostile/?open={item}", "groups/?by=model", "groups/?by=label:kind",
    "groups/?by=prompt", "groups/compare/?by=model", "feedback/?by=model", "audit/?q=evil",
    "pairs/?metric={metric}", "review/?metric={metric}", "datasets/hostile/versions/compare/?a=1&b=2",
)  # fmt: skip


def _fill(route: Route, places: world.Places) -> str:
    known: dict[str, Any] = {}
    for begins, values in sorted(places.items(), key=lambda one: len(one[0])):
        if route.path.startswith(begins):
            known |= values
    if "key" in known and route.path.startswith("projects/"):
        known["key"] = "maple"
    return route.at({name: quote(str(known.get(name, "x"))) for name, _ in route.places})


def _pages(made: World) -> list[str]:
    """Every address that may be looked at."""
    found = [_fill(r, made.places) for r in routes() if not r.path.startswith(NO_PAGES)]
    return found


def _admin(client: Client) -> Iterator[str]:
    """Every list and form of the stock console."""
    for model in admin.site._registry:
        at = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        yield at
        yield f"{at}?q=evil"
        one = model._default_manager.order_by("pk").first()
        if one is not None:
            yield f"{at}{quote(str(one.pk))}/change/"
            yield f"{at}{quote(str(one.pk))}/history/"


def test_nothing_comes_to_life() -> None:
    assert len(EVERY) >= 100 and len(PAYLOADS) >= 10
    made = world.build()
    client = Client()
    client.force_login(made.administrator)
    asked = _pages(made)
    import os
    a,b=map(int,os.environ.get("PART","0:1000").split(":"))
    plain=asked
    stock = list(_admin(client))
    noticed, faults = _walk(client, (plain + stock)[a:b], asked)
    assert not noticed, "\n".join(noticed)
    assert not faults, "\n".join(faults)


def _walk(client: Client, pages: list[str], doors: list[str]) -> tuple[list[str], list[str]]:
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=served.url)
        context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": served.url}
                for name, morsel in client.cookies.items()
            ]
        )
        context.set_default_timeout(60_000)
        watch = Watch(context.new_page(), served.url)
        import time
        for path in pages:
            t=time.perf_counter()
            n=served.asked
            k=len(watch.noticed)
            try:
                watch.look(path)
            except Exception as e:
                print("EXC", path, str(e)[:100].replace("\n"," "))
            print(f"{time.perf_counter()-t:.2f} {served.asked-n} {path} {len(watch.noticed)-k}", flush=True)
        browser.close()
        return watch.noticed, served.faults
