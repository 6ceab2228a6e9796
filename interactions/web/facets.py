"""The side of the list: labels, models, sources and metrics to narrow it by."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.limits import TookTooLong, time_limit
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.form import NO_MODEL, canonical
from interactions.filters.terms import spell_feedback, spell_label
from interactions.services import rollups
from projects.models import Llm, Metric
from projects.web.requests import ProjectRequest, in_project, project_page

from .listing import Listing

LIMIT_MS = 3_000
VALUES = 8  # shown of each key; `more=<key>` shows many
MANY = 500
MANY_MODELS = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to narrow by: its links, and whether it is wanted or unwanted now."""

    name: str
    n: int | None
    share: float
    is_on: bool
    is_off: bool
    toggle: str
    exclude: str


@dataclass(frozen=True, slots=True)
class Facet:
    """The choices under one name; `others` are not shown, `more` shows them.

    `note` says what its counts are of, where that is not the whole project.
    """

    name: str
    choices: list[Choice]
    others: int = 0
    more: str = ""
    note: str = ""


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def facets(request: ProjectRequest) -> HttpResponse:
    """The panel; its counts are the whole project's, those of models its newest interactions'."""
    data = canonical(request.GET)
    more = data.pop("more", [""])[-1]
    listing = Listing(request.caller, request.project, data)
    counted, is_late = [], False
    try:
        with time_limit(LIMIT_MS):
            counted = [*_labels(listing, more), _models(listing, more)]
    except TookTooLong:
        is_late = True
    context = {
        "listing": listing,
        "facets": [facet for facet in (*counted, *_metrics(listing)) if facet.choices],
        "is_late": is_late,
        "cut_at": rollups.MOST_KEYS if len(counted) > rollups.MOST_KEYS else 0,
    }
    return project_page(request, "interactions/facets.html", context)


@require_GET
@in_project()
def models(request: ProjectRequest) -> HttpResponse:
    """The project's models as the options of an input, fetched when someone begins to type."""
    keys = Llm.objects.in_project(request.project).order_by("key").values_list("key", flat=True)
    context = {"keys": keys[:MANY_MODELS], "none": NO_MODEL}
    return render(request, "interactions/models.html", context)


def _labels(listing: Listing, more: str) -> list[Facet]:
    made = []
    most_values = MANY if more else VALUES
    for key, (uses, unread) in rollups.label_uses(listing.project, most=most_values).items():
        shown = uses if key == more else uses[:VALUES]
        most = max((use.n for use in uses), default=1)
        choices = [
            _choice(listing, "label", spell_label(key, use.value), use.value, use.n, most)
            for use in shown
        ]
        others = len(uses) - len(shown) + unread
        made.append(Facet(key, choices, others, _more(listing, key)))
    return made


def _models(listing: Listing, more: str) -> Facet:
    uses = rollups.llm_uses(listing.project)
    shown = uses[:MANY] if more == "model" else uses[:VALUES]
    most = max((n for _, n in uses), default=1)
    choices = [_choice(listing, "model", key, key, n, most) for key, n in shown]
    note = f"of the newest {rollups.NEWEST:,}"
    return Facet("model", choices, len(uses) - len(shown), _more(listing, "model"), note)


def _metrics(listing: Listing) -> list[Facet]:
    made = []
    for metric in listing.metrics:
        terms = [("given", HasFeedback(metric.key))]
        if metric.kind == Metric.Kind.BOOL:
            terms = [
                ("▲ yes", HasFeedback(metric.key, Comparator.EQUAL, 1.0)),
                ("▼ no", HasFeedback(metric.key, Comparator.EQUAL, 0.0)),
                *terms,
            ]
        made.append(
            Facet(
                metric.key,
                [
                    _choice(listing, "feedback", spell_feedback(condition), name, None, 1)
                    for name, condition in terms
                ],
            )
        )
    return made


def _choice(
    listing: Listing, parameter: str, term: str, name: str, n: int | None, most: int
) -> Choice:
    address, unwanted = listing.address, f"not_{parameter}"
    is_on = term in listing.data.getlist(parameter)
    is_off = term in listing.data.getlist(unwanted)
    toggle = address.removing(parameter, [term]) if is_on else address.adding(parameter, term)
    exclude = ""
    if parameter != "model":
        exclude = address.removing(unwanted, [term]) if is_off else address.adding(unwanted, term)
    return Choice(name, n, 100 * (n or 0) / most, is_on, is_off, toggle, exclude)


def _more(listing: Listing, key: str) -> str:
    return listing.address.adding("more", key)
