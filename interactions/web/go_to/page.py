"""Go to: an id, a project, one of its pages or a saved view, from anywhere and by keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interactions.services.browsing import saved_views
from interactions.services.browsing.ids_in_text import find, ids_in
from interactions.textindex.letters import fold
from interactions.web.filtering.ids_in_bar import link_of
from interactions.web.filtering.links import link_to_view
from projects.models import Project, User
from projects.services.access import Caller
from projects.web.requests import ProjectRequest

MOST_DESTINATIONS = 12
PROJECTS_WITH_VIEWS = 10  # projects whose views are looked through where none is open
PROJECT_PAGES = {
    "interactions": "Interactions", "sessions": "Sessions", "groups": "Groups", "pairs": "Pairs",
    "review": "Review", "images": "Images", "feedback": "Feedback", "bulk-actions": "Bulk actions",
    "settings": "Settings", "models": "Models", "metrics": "Metrics", "connect": "Connect",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Destination:
    """A link to somewhere: its name, what it is, and the project it is in."""

    name: str
    kind: str
    link: str
    project: str = ""


@dataclass
class GoTo:
    """The places that `text` may name, from the project with the key `here` if one is open."""

    caller: Caller
    text: str
    here: str = ""
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = ids_in(self.text)

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
                for one in found[: 2 * MOST_DESTINATIONS]
            ]
        wanted = fold(self.text.strip())
        named = list(self._named())
        first = [way for way in named if fold(way.name).startswith(wanted)]
        others = [way for way in named if way not in first and wanted in self._in_words(way)]
        return [*first, *others][:MOST_DESTINATIONS]

    def _in_words(self, way: Destination) -> str:
        return fold(f"{way.project} {way.name}")

    def _named(self) -> Iterator[Destination]:
        if self.now is not None:
            for name, title in PROJECT_PAGES.items():
                yield Destination(title, "page", _page(self.now, name), self.now.name)
        for project in self.projects[:1] if self.now else self.projects[:PROJECTS_WITH_VIEWS]:
            kept = saved_views.kept(project, user=self.caller.user)
            for view in kept.views:
                yield Destination(view.name, "saved view", link_to_view(view), project.name)
        for project in self.projects:
            yield Destination(
                project.name, f"project {project.key}", _page(project, "interactions")
            )
        yield Destination("All projects", "page", reverse("projects"))
        yield Destination("Keys", "page", reverse("keys"))


def _page(project: Project, name: str) -> str:
    return reverse(name, kwargs={"key": project.key})


@require_GET
@vary_on_headers("HX-Request")
@login_required
def go(request: ProjectRequest) -> HttpResponse:
    """The page, or its list alone for the dialog; an id that one thing has leads straight there."""
    assert isinstance(request.user, User)
    text = request.GET.get("q", "").replace("\0", "")
    page = GoTo(Caller(request.user), text, request.GET.get("in", ""))
    if page.ids and len(page.destinations) == 1 and not request.htmx:
        return HttpResponseRedirect(page.destinations[0].link)
    return render(request, "interactions/go.html", {"page": page})
