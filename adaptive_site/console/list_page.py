"""What the lists of the console have in common: conditions, a page of rows, what was just done."""

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from adaptive_site.lib.errors import DomainError, Invalid
from projects.services.access import Caller
from projects.web.form_chips import AskedConditions, Condition
from projects.web.people.administration import AdminRequest

T = TypeVar("T")
ROWS_PER_PAGE = 50
MOST_AT_ONCE = 2 * ROWS_PER_PAGE


class ListPage:
    """A list of the console; `said` is what was just done, for a page that stays where it is."""

    tab: ClassVar[str]
    template: ClassVar[str]
    view_name: ClassVar[str]
    cursor: ClassVar[str] = "before"
    conditions: ClassVar[Sequence[Condition]] = ()

    def __init__(self, caller: Caller, data: QueryDict, said: str = "") -> None:
        self.caller = caller
        self.asked = AskedConditions(data, self.cursor, self.conditions)
        self.said = said

    @property
    def path(self) -> str:
        """The address without a query."""
        return reverse(self.view_name)

    @property
    def here(self) -> str:
        """The address that shows the same again."""
        return f"{self.path}?{self.asked.data.urlencode(safe=':*')}"

    def response(self, request: AdminRequest) -> HttpResponse:
        """The page."""
        return render(request, self.template, {"page": self, "tab": self.tab})


def after(request: AdminRequest, page: ListPage, said: str) -> HttpResponse:
    """The list as it is now, with what was done: in place for htmx, else by a redirect."""
    if request.headers.get("HX-Request"):
        return type(page)(request.caller, request.GET, said).response(request)
    messages.info(request, said)
    return redirect(page.here)


def named(request: AdminRequest) -> tuple[str, list[str]]:
    """What to do and to which rows: of the button of one row, else of the ticked ones.

    Raises Invalid where nothing is named.
    """
    act, _, one = request.POST.get("one", "").partition(" ")
    if one:
        return act, [one]
    ticked = request.POST.getlist("of")
    if not 0 < len(ticked) <= MOST_AT_ONCE:
        raise Invalid(f"expected 1 to {MOST_AT_ONCE} ticked rows", field="of")
    return request.POST.get("do", ""), ticked


def each(found: Sequence[T], act: Callable[[T], None], done: Callable[[int], str]) -> str:
    """Do something to each by itself, and say to how many, and why not to the others."""
    n, refused = 0, dict[str, int]()
    for one in found:
        try:
            act(one)
        except DomainError as error:
            refused[str(error)] = refused.get(str(error), 0) + 1
        else:
            n += 1
    reasons = [f"{many:,} not: {reason}" for reason, many in refused.items()]
    return "; ".join([done(n), *reasons]) + "."
