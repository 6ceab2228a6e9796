"""How many interactions match the filter."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import get_script_prefix
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.filters.address.form import canonical
from interactions.filters.sql import queries
from interactions.services.analysis import good_and_bad
from interactions.services.rollups import counts
from interactions.web.filtering.filtered_page import Look
from interactions.web.listing.live import PATH
from projects.web.requests import ProjectRequest, in_project, project_page

LIMIT_MS = 3_000
WIDER_LIMIT_MS = 1_000
JUDGED_LIMIT_MS = 1_500
JUDGED = 50_000  # of the newest matches, where the feedback alone cannot say
EXACT_LIMIT_MS = 30_000  # when somebody asks for it
_ALWAYS = (UUID(int=0), UUID(int=2**128 - 1))  # all ids


@dataclass(frozen=True, slots=True)
class Wider:
    """The filter with system prompts looked through too, and how many more match; None: unknown."""

    link: str
    more: int | None


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def count(request: ProjectRequest) -> HttpResponse:
    """Exact from the roll-up or up to 10,000, else `10,000+`; with `exact`, whatever it takes."""
    data = canonical(request.GET)
    is_exact = bool(data.pop("exact", []))
    look = Look(request.caller, request.project, data)
    limit = EXACT_LIMIT_MS if is_exact else LIMIT_MS
    try:
        found, is_late = _count(look, limit, is_exact=is_exact), False
    except TookTooLong:
        found, is_late = None, True
    context = {
        "look": look,
        "found": found,
        "is_late": is_late,
        "seconds": limit // 1000,
        "is_exact": is_exact,
        "exactly": look.address.adding("exact", "1"),
        "live": _live(look),
        "wider": _wider(look, found),
    }
    return project_page(request, "interactions/count.html", context)


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def judged(request: ProjectRequest) -> HttpResponse:
    """How many of the matches have yes-or-no feedback, and which part of these is bad."""
    look = Look(request.caller, request.project, canonical(request.GET))
    found, is_late = None, False
    if look.filter.is_valid():
        try:
            with time_limit(JUDGED_LIMIT_MS):
                found = _judged(look)
        except TookTooLong:
            is_late = True
    context = {"look": look, "found": found, "is_late": is_late, "most": JUDGED}
    return project_page(request, "interactions/judged.html", context)


def _live(look: Look) -> dict[str, str]:
    """Where the stream of rows is, and the links that turn it on and off."""
    on = look.address.adding("live", "1", instead_of=("live",))
    return {
        "path": get_script_prefix().rstrip("/") + PATH,
        "on": on,
        "off": look.address.dropping("live"),
    }


def _judged(look: Look) -> good_and_bad.Tallies:
    return good_and_bad.of_feedback(look.project, look.tree, _ALWAYS) or good_and_bad.of_matches(
        look.project, look.tree, _ALWAYS, cap=JUDGED
    )


def _wider(look: Look, found: queries.Count | None) -> Wider | None:
    """What system prompts would add to a text that is looked for; None when nothing."""
    if found is None or not look.data.get("text"):
        return None
    data = look.data.copy()
    texts = [*data.pop("text"), *data.pop("all_text", [])]
    data["all_text"] = " ".join(dict.fromkeys(texts))
    wider = Look(look.caller, look.project, data)
    try:
        more = _count(wider, WIDER_LIMIT_MS, is_exact=False)
    except TookTooLong:
        more = None
    if more is None or not (found.is_exact and more.is_exact):
        return Wider(wider.query, None) if wider.filter.is_valid() else None
    return Wider(wider.query, more.n - found.n) if more.n > found.n else None


def _count(look: Look, limit: int, *, is_exact: bool) -> queries.Count | None:
    """The count, within so many milliseconds; None of a filter that cannot be read."""
    if not look.filter.is_valid():
        return None
    with time_limit(limit):
        known = counts.counted(look.project, look.tree)
        if known is not None:
            return queries.Count(known, is_exact=True)
        if is_exact:
            return queries.count(look.project, look.tree, cap=None)
        return queries.count(look.project, look.tree)
