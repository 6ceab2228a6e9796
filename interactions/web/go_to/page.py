"""Go to: an id, a page, an action, a saved view or a project, from anywhere and by keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interactions.services.browsing.ids_in_text import find, ids_in
from interactions.textindex.letters import fold
from interactions.web.filtering.ids_in_bar import link_of
from interactions.web.go_to import destinations
from interactions.web.go_to.destinations import Destination
from interactions.web.go_to.open_page import OpenPage
from projects.models import Project, User
from projects.services.access import Caller
from projects.web.requests import ProjectRequest

MOST_DESTINATIONS = 40
MOST_IDS = 24
PROJECTS_WITH_VIEWS = 10  # projects whose views are looked through where none is open


@dataclass
class GoTo:
    """The places that `text` may name, from the page `at`, or the project with the key `here`."""

    caller: Caller
    text: str
    here: str = ""
    at: OpenPage = field(default_factory=OpenPage)
    theme: str = ""
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = ids_in(self.text)
        self.here = self.here or self.at.project

    @cached_property
    def projects(self) -> list[Project]:
        """The projects that may be read, the open one first."""
        return sorted(Project.objects.visible_to(self.caller), key=lambda one: one.key != self.here)

    @property
    def now(self) -> Project | None:
        """The project that is open."""
        return next((one for one in self.projects[:1] if one.key == self.here), None)

    @cached_property
    def destinations(self) -> list[Destination]:
        """The places: of an id the pages that have it, of a text first those that begin with it."""
        if self.ids:
            found = find(self.caller, self.ids, first=self.now)
            return [
                Destination(one.id, one.kind, link_of(one), one.project.name)
                for one in found[:MOST_IDS]
            ]
        wanted = fold(self.text.strip())
        named = list(self._named())
        first = [way for way in named if fold(way.name).startswith(wanted)]
        others = [way for way in named if way not in first and _is_meant(way, wanted.split())]
        return [*first, *others][:MOST_DESTINATIONS]

    def _named(self) -> Iterator[Destination]:
        user = self.caller.user
        if self.now is not None:
            yield from destinations.pages(self.now, self.at)
            yield from destinations.project_actions(self.caller, self.now, self.at)
        for project in self.projects[:1] if self.now else self.projects[:PROJECTS_WITH_VIEWS]:
            yield from destinations.views(project, user)
        yield from map(destinations.project, self.projects)
        yield from destinations.everywhere(user, self.at, self.theme)


def _is_meant(way: Destination, wanted: list[str]) -> bool:
    """Whether each of the words stands somewhere in what is said of the place."""
    said = fold(f"{way.project} {way.kind} {way.name} {way.words}")
    return all(word in said for word in wanted)


@require_GET
@vary_on_headers("HX-Request")
@login_required
def go(request: ProjectRequest) -> HttpResponse:
    """The page, or its list alone for the dialog; an id that one thing has leads straight there."""
    assert isinstance(request.user, User)
    text, at = (request.GET.get(name, "").replace("\0", "") for name in ("q", "at"))
    here, theme = request.GET.get("in", ""), request.COOKIES.get("theme", "")
    page = GoTo(Caller(request.user), text, here, OpenPage(at), theme)
    if page.ids and len(page.destinations) == 1 and not request.htmx:
        return HttpResponseRedirect(page.destinations[0].link)
    return render(request, "interactions/go.html", {"page": page})
