"""Completion of the query bar: what could stand at the caret, as the options of a listbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.query.caret import Caret, at_caret
from interactions.filters.query.grammar import LONGEST_QUERY
from interactions.services.browsing.explanations import explain
from interactions.services.browsing.ids_in_text import find, ids_in
from interactions.services.query_completion import (
    FieldOffer,
    Suggestion,
    field_offers,
    suggestions,
)
from interactions.web.filtering.filtered_page import FilteredPage
from interactions.web.filtering.ids_in_bar import link_of
from interactions.web.filtering.page_parameters import separate, unknown
from projects.web.requests import ProjectRequest, in_project

COMPLETION_LIMIT_MS = 400
MOST_IDS_ANSWERED = 3  # of those in a text that somebody pasted


@dataclass(frozen=True, slots=True)
class OptionLink:
    """An option that leads to a page, in place of a text to write."""

    text: str
    note: str
    link: str


@dataclass(slots=True)
class Options:
    """The texts that could stand at the caret, in place of a piece of the query.

    `offers` are what an empty query may begin with, `links` the pages of ids in the text.
    """

    caret: Caret
    found: list[Suggestion] = field(default_factory=list)
    offers: list[FieldOffer] = field(default_factory=list)
    links: list[OptionLink] = field(default_factory=list)
    is_late: bool = False

    @property
    def what(self) -> str:
        """The kind of options, for a reader who does not see them."""
        return f"values of {self.caret.field}" if self.caret.field else "names"


@require_GET
@in_project()
def complete(request: ProjectRequest) -> HttpResponse:
    """The options at the character `at` of the text `bar`, on a page whose query is `within`."""
    text = request.GET.get("bar", "").replace("\0", "")[:LONGEST_QUERY]
    at = request.GET.get("at", "")
    caret = at_caret(text, int(at) if at.isdecimal() and len(at) < 6 else len(text))
    options = Options(caret)
    try:
        with time_limit(COMPLETION_LIMIT_MS):
            if text.strip():
                options.links = list(_links(request, text))
                options.found = suggestions(request.project, caret, text)
            else:
                options.offers = field_offers(request.project)
    except TookTooLong:
        options.is_late = True
    context = {"options": options, "project": request.project}
    return render(request, "interactions/complete.html", context)


def _links(request: ProjectRequest, text: str) -> Iterator[OptionLink]:
    """The pages of the ids in a text, and of interactions why the filter leaves them, or not."""
    ids = ids_in(text)
    found = find(request.caller, ids, first=request.project) if ids else []
    if not found:
        return
    within = QueryDict(request.GET.get("within", ""))
    data, _ = separate(within, unknown(within))
    page = FilteredPage(request.caller, request.project, data)
    for one in found[:MOST_IDS_ANSWERED]:
        yield OptionLink(f"Open this {one.kind}", one.id, link_of(one))
        is_here = one.kind == "interaction" and one.project == request.project
        if is_here and page.filter.is_valid() and page.chips:
            explained = explain(request.project, page.tree, UUID(one.id))
            if explained is not None:
                not_ = "" if explained.result.is_true else "not "
                text = f"Why is it {not_}in these rows?"
                yield OptionLink(text, page.title, page.links.why(one.id))
