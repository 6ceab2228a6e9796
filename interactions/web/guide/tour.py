"""The tour of the list: five hints for whoever comes for the first time."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from interactions.models import TourSeen
from projects.models import User


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint, and the selector of the element of the list that the hint is about."""

    place: str
    title: str
    text: str


HINTS = (
    Hint(
        "#bar",
        "Search, or filter",
        "Write words to search for, or conditions such as `env:prod latency:>2s`. `/` comes here"
        " from anywhere on the page, `↓` shows what can be written.",
    ),
    Hint(
        "#facets",
        "Narrow by values",
        "Click a value to keep the interactions that have it, `≠` to leave them out. The counts"
        " follow the filter.",
    ),
    Hint(
        "#histogram",
        "Choose a time",
        "Drag across the bars, or click one. `[` and `]` go to the span before and after.",
    ),
    Hint(
        ".rows tbody tr",
        "Read without leaving the list",
        "`j` and `k` open the next and the previous interaction beside the rows, `o` opens its"
        " page, `Esc` closes it.",
    ),
    Hint(
        ".rows thead .pick",
        "Change many at once",
        "Tick rows, or select all that match the filter. Then label, rate, export or delete them"
        " together; every change can be undone.",
    ),
)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def tour(request: HttpRequest) -> HttpResponse:
    """The hints; nothing (204) for whoever has seen them. A POST notes that somebody has."""
    assert isinstance(request.user, User)
    if request.method == "POST":
        TourSeen.objects.get_or_create(user=request.user)
    elif not TourSeen.objects.filter(user=request.user).exists():
        return render(request, "interactions/tour.html", {"hints": HINTS})
    return HttpResponse(status=204)
