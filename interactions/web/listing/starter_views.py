"""Views that every project has without anybody saving them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import reverse

from interactions.filters import feedback_text
from interactions.filters.address.parameters import parameters_of
from interactions.filters.conditions import HasFeedback
from interactions.services.analysis import metric_usage
from interactions.web.filtering.query_string import Pairs, encoded_pairs
from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class StarterView:
    """A view with a name, the link to the view, and one sentence that says what the view shows."""

    name: str
    link: str
    says: str


def starter_views(project: Project) -> list[StarterView]:
    """The starter views of a project; those of the worst and of the bad need a metric in use."""
    path = reverse("interactions", kwargs={"key": project.key})
    return [
        StarterView(name, path + encoded_pairs(pairs), says)
        for name, pairs, says in _views(_leading_metric(project))
    ]


def _views(metric: Metric | None) -> Iterator[tuple[str, Pairs, str]]:
    bad = feedback_text.bad(metric) if metric else None
    if metric:
        order = "desc" if metric.is_low_better else "asc"
        sort = [("sort", f"metric:{metric.key}"), ("sort_order", order)]
        pairs = [("time", "7d"), *parameters_of(HasFeedback(metric.key)), *sort]
        yield "Worst this week", pairs, f"The worst {metric.key} of the last 7 days first"
    yield "Slowest", [("sort", "latency")], "The longest latency first"
    yield "With images", [("images", "gt:0")], "Interactions with at least one image"
    yield "Without feedback", [("not_feedback", "*")], "Interactions that nobody has rated"
    if metric and bad:
        pairs = parameters_of(replace(bad, reasons=("",)))
        yield "Bad, no reason given", pairs, f"Bad {metric.key} without a word why"


def _leading_metric(project: Project) -> Metric | None:
    """The project's primary metric, else the one with the most feedback, yes or no first."""
    uses = metric_usage.feedback_uses(project)
    used = [one for one, _ in metric_usage.metrics(project) if one.id in uses]
    primary = project.primary_metric_id
    return max(
        used, key=lambda one: (one.id == primary, one.is_yes_no, uses[one.id].n), default=None
    )
