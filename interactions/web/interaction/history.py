"""The history of one interaction: feedback, labels and comparisons on one line of time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from interactions.filters import feedback_text
from interactions.models import Feedback
from interactions.services.browsing import history as service
from interactions.services.browsing.history import History
from interactions.web.rendering.comparisons import comparisons_of
from projects.models import Event, Project
from projects.services import metrics
from projects.web.requests import ProjectRequest, in_project, project_page


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: `who` did `what` to `subject`, `note` being their own words."""

    at: datetime
    who: str
    what: str
    subject: str = ""
    tone: str = ""
    note: str = ""
    link: str = ""


@require_GET
@vary_on_headers("HX-Request")
@in_project()
def history(request: ProjectRequest, id: UUID) -> HttpResponse:
    """The line of time, newest first."""
    found = service.history(request.project, id)
    moments = sorted(moments_of(request.project, found), key=lambda one: one.at, reverse=True)
    context = {"id": id, "moments": moments, "is_cut": found.is_cut, "most": service.MOST_OF_A_KIND}
    return project_page(request, "interactions/history.html", context)


def moments_of(project: Project, found: History) -> Iterator[Moment]:
    """Every moment of a history, in no order."""
    it = found.interaction
    yield Moment(
        it.created_at,
        it.said_words(_name(it.created_by)),
        "sent it in,",
        it.get_source_display().lower(),
    )
    yield from map(_feedback, found.feedback)
    yes_no = metrics.yes_no(project) if found.events else ()
    for event in found.events:
        yield _event(event, yes_no)

    def page(other: UUID) -> str:
        return reverse("interaction", kwargs={"key": project.key, "id": other})

    for one in comparisons_of(it.id, found.comparisons, page):
        made = one.comparison
        yield Moment(
            made.created_at,
            made.said_words(_name(made.created_by)),
            f"found it {one.words}",
            one.other.llm.name if one.other.llm else "another answer",
            one.tone,
            made.metric.key,
            one.link,
        )


def _feedback(one: Feedback) -> Moment:
    how = {Feedback.Source.GRADER: ", a grader,", Feedback.Source.SYSTEM: ", the system,"}
    who = f"{one.said_words(_name(one.created_by))}{how.get(Feedback.Source(one.source), '')}"
    tone = one.metric.tone(one.value)
    note = " · ".join(text for text in (one.reason, one.details) if text)
    return Moment(
        one.created_at, who, "gave", feedback_text.with_metric(one.metric, one.value), tone, note
    )


def _event(event: Event, yes_no: Collection[str]) -> Moment:
    """An entry of the audit log; of a kind we have no words for, its own."""
    who, details = event.who or _name(None), event.details
    match event.verb:
        case "label.set" if details.get("before") is not None:
            text = f"{details.get('key')}: {details['before']} → {details.get('value')}"
            return Moment(event.created_at, who, "changed the label", text)
        case "label.set":
            text = f"{details.get('key')}: {details.get('value')}"
            return Moment(event.created_at, who, "added the label", text)
        case "label.removed":
            text = f"{details.get('key')}: {details.get('before')}"
            return Moment(event.created_at, who, "removed the label", text)
        case "metadata.set":
            return Moment(event.created_at, who, "set", "the metadata")
        case "feedback.withdrawn":
            text = _withdrawn(details, yes_no)
            note = str(details.get("reason") or "")
            return Moment(event.created_at, who, "withdrew", text, note=note)
        case "feedback.restored":
            return Moment(event.created_at, who, "put back", _withdrawn(details, yes_no))
    text = ", ".join(f"{name}: {value}" for name, value in details.items())
    return Moment(event.created_at, who, event.verb, text)


def _withdrawn(details: Mapping[str, Any], yes_no: Collection[str]) -> str:
    metric, value = str(details.get("metric")), float(details.get("value", 0))
    subject = feedback_text.subject(metric)
    return f"{subject} {feedback_text.value(value, is_yes_no=metric in yes_no)}"


def _name(person: Any) -> str:
    return str(person) if person else "imported"
