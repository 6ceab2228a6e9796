"""The projects of a person: their list, and the menu that switches between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.urls import NoReverseMatch, reverse

from projects.models import Project
from projects.services.access import Caller

SEARCHED_FROM = 8  # from here on they are found by name
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ProjectLink:
    """A project, and its page that one comes to."""

    project: Project
    tab: str = "interactions"

    @property
    def interactions(self) -> str:
        """Its interactions."""
        return reverse("interactions", kwargs={"key": self.project.key})

    @property
    def same_tab(self) -> str:
        """The page that one looks at of another project; its interactions if it has no such."""
        try:
            return reverse(self.tab, kwargs={"key": self.project.key})
        except NoReverseMatch:
            return self.interactions


@dataclass
class ProjectList:
    """The projects a person may read whose name or key holds `name`.

    `now` is the key of the one they come from, `tab` the name of its page.
    """

    caller: Caller
    name: str = ""
    tab: str = "interactions"
    now: str = ""

    @cached_property
    def all(self) -> list[Project]:
        """All of them, by name."""
        return list(Project.objects.visible_to(self.caller))

    @cached_property
    def found(self) -> list[Project]:
        """Those of that name."""
        name = self.name.casefold()
        return [one for one in self.all if name in f"{one.name} {one.key}".casefold()]

    @property
    def is_many(self) -> bool:
        """Whether they are better found by name."""
        return len(self.all) > SEARCHED_FROM

    @property
    def links(self) -> Iterator[ProjectLink]:
        """The first of them."""
        return (ProjectLink(one, self.tab) for one in self.found[:MOST_SHOWN])

    @property
    def left(self) -> int:
        """How many are not shown."""
        return max(0, len(self.found) - MOST_SHOWN)
