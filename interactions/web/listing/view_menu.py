"""The menu of views: those there are, which one is shown, and whether it was changed since."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from interactions.filters.address.controls import canonical
from interactions.filters.address.parameters import BESIDE, PLACE
from interactions.models import SavedView
from interactions.services.browsing import saved_views
from interactions.services.browsing.saved_views import SavedViews
from interactions.web.filtering.links import link_to_view
from interactions.web.filtering.query_string import encoded
from interactions.web.listing.display import display_of, display_query
from projects.models import Project
from projects.services.access import LABEL, MANAGE, Caller

NO_VIEW = "none"  # in an address: no view, although one may be the default


@dataclass(frozen=True)
class ViewMenu:
    """The views of a project as the list's menu shows them.

    `present` is the address that would be saved: filter, columns, order and density.
    """

    caller: Caller
    project: Project
    kept: SavedViews
    present: QueryDict
    shown_id: str

    tab = "interactions"

    @cached_property
    def shown(self) -> SavedView | None:
        """The view the address was opened as."""
        return next((one for one in self.kept.views if str(one.id) == self.shown_id), None)

    @cached_property
    def is_changed(self) -> bool:
        """Whether the address is no longer that of the view."""
        if self.shown is None:
            return False
        saved = QueryDict(self.shown.query)
        of_view = display_query(saved, display_of(saved, self.kept.preference)[0])
        return _meaning(of_view) != _meaning(self.present)

    @property
    def mine(self) -> list[tuple[SavedView, str]]:
        """One's private views with their links."""
        return [(one, self.link(one)) for one in self.kept.views if not one.is_shared]

    @property
    def shared(self) -> list[tuple[SavedView, str]]:
        """The views that are shared with the project, with their links."""
        return [(one, self.link(one)) for one in self.kept.views if one.is_shared]

    @property
    def default(self) -> SavedView | None:
        """The view that the list opens with when its address names nothing."""
        return self.kept.default

    @property
    def may_share(self) -> bool:
        """Whether the caller may save a shared view."""
        return self.caller.may(LABEL, self.project)

    @property
    def may_manage(self) -> bool:
        """Whether the caller decides what everybody's list opens with."""
        return self.caller.may(MANAGE, self.project)

    @property
    def may_change_shown(self) -> bool:
        """Whether the caller may bring the shown view up to date."""
        return self.shown is not None and saved_views.may_change(self.shown, caller=self.caller)

    @property
    def present_query(self) -> str:
        """The query string that a form saves as a view."""
        return encoded(self.present)[1:]

    @property
    def everything(self) -> str:
        """The list without filter and view."""
        here = reverse("interactions", kwargs={"key": self.project.key})
        return f"{here}?view={NO_VIEW}" if self.default else here

    def link(self, view: SavedView) -> str:
        """The address of a view."""
        return link_to_view(view)


def without_place(data: QueryDict) -> QueryDict:
    """An address without page, open interaction and view, which are no part of a view."""
    clean = canonical(data)
    for name in (*PLACE, *BESIDE, "view"):
        clean.pop(name, None)
    return clean


def _meaning(data: QueryDict) -> set[tuple[str, str]]:
    return {(name, value) for name, values in without_place(data).lists() for value in values}
