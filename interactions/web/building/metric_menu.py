"""The metrics that the builder offers for pairs: those that have what the pairs are made of."""

from dataclasses import dataclass

from adaptive_site.lib.database.time_limits import TookTooLong, time_limit
from interactions.models import Selection
from interactions.services.analysis import metric_usage
from interactions.services.building import pair_chances
from interactions.services.building.recipe import PairsFrom
from interactions.services.judging import metric_scales
from projects.models import Metric, Project

USUAL_LIMIT_MS = 2_000


@dataclass(frozen=True, slots=True)
class MetricMenu:
    """The metrics to choose from, and those that are of no use here, with the reason."""

    offered: list[str]
    others: list[str]
    are_compared: bool

    @property
    def why_not(self) -> str:
        """What the others lack."""
        return "Never compared under" if self.are_compared else "No scores of single answers"

    @property
    def has_any(self) -> bool:
        """Whether no metric is a choice, too."""
        return self.are_compared


def menu(project: Project, source: PairsFrom) -> MetricMenu:
    """The metrics for pairs from comparisons, or from scores."""
    metrics = list(Metric.objects.in_project(project).linked().order_by("key"))
    uses = metric_usage.uses(metrics)
    are_compared = source == PairsFrom.COMPARISONS
    offered: list[str] = []
    others: list[str] = []
    for metric in metrics:
        use = uses[metric.id]
        is_of_use = use.has_comparisons if are_compared else use.has_feedback
        (offered if is_of_use else others).append(metric.key)
    return MetricMenu(offered, others, are_compared)


def usual(selection: Selection) -> str:
    """The metric that gives the most pairs of a selection, else the project's primary one."""
    try:
        with time_limit(USUAL_LIMIT_MS):
            found = pair_chances.metrics(selection)
    except TookTooLong:
        found = []
    if found:
        return found[0].key
    return next((one.metric.key for one in metric_scales.scales(selection.project)), "")
