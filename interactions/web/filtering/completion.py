"""Completion of the query bar: what could stand at the caret, as the options of a listbox."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.query.caret import Caret, at_caret
from interactions.filters.query.grammar import LONGEST_QUERY
from interactions.services.query_completion import Suggestion, suggestions
from projects.web.requests import ProjectRequest, in_project

COMPLETION_LIMIT_MS = 400


@dataclass(frozen=True, slots=True)
class Options:
    """The texts that could stand at the caret, in place of a piece of the query."""

    caret: Caret
    found: list[Suggestion]
    is_late: bool = False

    @property
    def what(self) -> str:
        """The kind of options, for a reader who does not see them."""
        return f"values of {self.caret.field}" if self.caret.field else "names"


@require_GET
@in_project()
def complete(request: ProjectRequest) -> HttpResponse:
    """The options at the character `at` of the text `bar`."""
    text = request.GET.get("bar", "").replace("\0", "")[:LONGEST_QUERY]
    at = request.GET.get("at", "")
    caret = at_caret(text, int(at) if at.isdecimal() and len(at) < 6 else len(text))
    try:
        with time_limit(COMPLETION_LIMIT_MS):
            options = Options(caret, suggestions(request.project, caret, text))
    except TookTooLong:
        options = Options(caret, [], is_late=True)
    return render(request, "interactions/complete.html", {"options": options})
