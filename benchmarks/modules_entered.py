"""`python -m benchmarks.modules_entered`: which modules a request enters, in order.

A module is entered when one of its functions is called, from another module of ours or from a
library. Counted are the modules of the two apps that decide something: their `api`, `web`,
`filters`, `providers` and `services`, one each, when they are first entered; `adaptive_site` and
the functions of `textindex` count as libraries do. Listed apart, as each is read where it is met:

- `beside`: records, notation and words (`models`, `filters.conditions`, `filters.notation` …)
- `page`: what is first entered from a template, after the view has put its page together

`back up` are the pairs of counted modules of which the later one calls the earlier one, too;
`deepest` is the longest chain of counted modules that were waiting for each other at one time.
Modules are counted one by one and by their folders, as `interactions.web.listing`.
A request of the same kind comes before, so that caches are as they are in a running server; what
the server answers before Django is asked of the same handlers, with a key of our own making.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import FrameType

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adaptive_site.settings")
django.setup()

from django.http import QueryDict  # noqa: E402  (they need the settings)
from django.test import Client  # noqa: E402
from jinja2 import Template  # noqa: E402

from adaptive_site.lib.exact_json import dumps  # noqa: E402
from adaptive_site.lib.http.direct import DirectRequest  # noqa: E402
from adaptive_site.serving.direct_routes import HANDLERS  # noqa: E402
from adaptive_site.serving.private_database import database_for_command  # noqa: E402
from benchmarks.measuring import scratch_database  # noqa: E402
from benchmarks.views import answering  # noqa: E402
from interactions.services import selections  # noqa: E402
from projects.services import llms  # noqa: E402
from tests import make  # noqa: E402

DECIDING = ("api", "web", "filters", "providers", "services")
BESIDE = (
    "interactions.filters.conditions",
    "interactions.filters.days",
    "interactions.filters.feedback_text",
    "interactions.filters.notation",
    "interactions.filters.query",
    "interactions.filters.tree",
    "interactions.web.rendering",
)
RENDER = Template.render.__code__


@dataclass
class Way:
    """The modules of one request, each with how it is counted, in the order they are entered."""

    kinds: dict[str, str] = field(default_factory=dict)
    back: set[tuple[str, str]] = field(default_factory=set)
    deepest: tuple[str, ...] = ()
    templates: int = 0  # that are being rendered

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """What `sys.setprofile` calls."""
        if frame.f_code is RENDER and event in ("call", "return"):
            self.templates += 1 if event == "call" else -1
        if event == "call" and (module := _module(frame)) and frame.f_code.co_name != "<module>":
            kind = _kind(module)
            self.kinds.setdefault(module, "page" if kind and self.templates else kind)
            caller = _module(frame.f_back)
            if caller and {self.kinds.get(caller), self.kinds[module]} == {"counted"}:
                self._note_back(caller, module)
            if self.kinds[module] == "counted" and caller != module and not self.templates:
                self.deepest = max(self.deepest, self._chain(frame), key=len)

    def _chain(self, frame: FrameType | None) -> tuple[str, ...]:
        found: dict[str, None] = {}
        while frame is not None:
            if self.kinds.get(module := _module(frame)) == "counted":
                found[module] = None
            frame = frame.f_back
        return tuple(found)[::-1]

    def _note_back(self, caller: str, called: str) -> None:
        order = list(self.kinds)
        if order.index(caller) > order.index(called):
            self.back.add((caller, called))

    def table(self) -> str:
        """The modules in order, and the counts."""
        counted = [module for module, kind in self.kinds.items() if kind == "counted"]
        lines = [f"  {number:>2} {module}" for number, module in enumerate(counted, 1)]
        for kind in ("beside", "page"):
            of_kind = [module for module, now in self.kinds.items() if now == kind]
            lines.append(f"  {kind}: {', '.join(of_kind) or 'none'}")
        lines += [f"  back up: {caller} -> {called}" for caller, called in sorted(self.back)]
        lines.append(f"  deepest: {' > '.join(self.deepest)}")
        folders = {module.rpartition(".")[0] for module in counted}
        head = f"{len(counted)} modules in {len(folders)} folders"
        head += f", {len(self.back)} back up, {len(self.deepest)} deep"
        return "\n".join([head, *lines])


def _module(frame: FrameType | None) -> str:
    """The module of ours that a frame is in, else ""."""
    name = str(frame.f_globals.get("__name__", "")) if frame else ""
    return name if name.startswith(("interactions.", "projects.")) else ""


def _kind(module: str) -> str:
    """`counted` or `beside`; "" of what stands for a library."""
    _, part, *_ = f"{module}.".split(".")
    if module.startswith(BESIDE) or part in ("models", "template_filters"):
        return "beside"
    return "counted" if part in DECIDING else ""


class Watcher:
    """Follows requests in all threads, also in those that an earlier request has begun."""

    def __init__(self) -> None:
        self._way: Way | None = None

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """What each thread calls."""
        if self._way is not None:
            self._way(frame, event, argument)

    def followed(self, ask: Callable[[], int]) -> Way:
        """The way of the second of two requests, of which `ask` says the status."""
        way = Way()
        for self._way in (None, way):
            status = ask()
            assert status in (200, 201), status
        self._way = None
        return way


def main() -> None:
    """Make a project, ask it, and print each way."""
    watcher = Watcher()
    threading.setprofile(watcher)
    sys.setprofile(watcher)
    with ExitStack() as stack:
        stack.enter_context(database_for_command(["manage.py", "measure"]))
        stack.enter_context(scratch_database())
        stack.enter_context(answering())
        owner = make.make_user("measure")
        project = make.make_project("measure", owner=owner)
        key = make.make_key(owner)
        llms.attach_echo(project)
        helpful = make.make_metric(project)
        for n in range(3):
            feedback = {helpful: n % 2 == 0}
            make.make_interaction(project, f"No {n}", labels={"env": "prod"}, feedback=feedback)
        selection = selections.freeze(project, QueryDict("label=env:prod"), by=owner)
        client = Client()
        client.force_login(owner)
        loop = stack.enter_context(asyncio.Runner())

        def get(path: str) -> int:
            return client.get(f"/projects/{project.key}{path}").status_code

        async def post(path: str, body: object) -> int:
            headers = {"authorization": f"Bearer {key}"}
            request = DirectRequest("POST", path, "", headers, dumps(body))
            return (await HANDLERS["POST", path](request)).status

        messages = [{"role": "user", "content": "What is a maple?"}]
        logged = {"project": project.key, "messages": messages, "completion": "A tree."}
        asked = {"project": project.key, "model": f"{project.key}/echo", "messages": messages}
        ways: dict[str, Callable[[], int]] = {
            "POST /api/v1/interactions": lambda: loop.run(post("/api/v1/interactions", logged)),
            "the list": lambda: get("/interactions/?label=env:prod"),
            "a chat": lambda: loop.run(post("/api/v1/chat/completions", asked)),
            "preparing a bulk action": lambda: get(
                f"/selections/{selection.uuid}/label/?key=env&value=test"
            ),
        }
        for name, ask in ways.items():
            print(f"{name}: {watcher.followed(ask).table()}\n")


if __name__ == "__main__":
    main()
