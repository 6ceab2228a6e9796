"""The metrics of a project, each with the values that its feedback usually has."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, FloatField, OuterRef, Subquery

from interactions.models import Comparison, Feedback
from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class Scale:
    """A metric and the values its feedback usually has; without any, a number is typed."""

    metric: Metric
    values: tuple[int, ...] = ()


def scales(project: Project) -> list[Scale]:
    """Every metric under which single interactions are given feedback, by key, with its scale.

    A metric that only comparisons use is left out. Numbers count as 1 to 5 when the least and
    the greatest value are whole, lie within 1 to 5 and reach above 2: two probes of an index for
    each metric, all in one query.
    """
    given = Feedback.objects.in_project(project).filter(metric=OuterRef("pk"))
    compared = Comparison.objects.in_project(project).filter(metric=OuterRef("pk"))
    metrics = (
        Metric.objects.in_project(project)
        .linked()
        .order_by("key")
        .annotate(
            least=Subquery(given.order_by("value").values("value")[:1], FloatField()),
            most=Subquery(given.order_by("-value").values("value")[:1], FloatField()),
            is_compared=Exists(compared),
        )
    )
    return [_scale(one) for one in metrics if _is_for_single_ones(one)]


def _is_for_single_ones(measured: Any) -> bool:
    return measured.least is not None or not measured.is_compared


def _scale(measured: Any) -> Scale:
    """Of a metric with the annotations `least` and `most`."""
    if measured.kind == Metric.Kind.BOOL:
        return Scale(measured, (1, 0))
    least, most = measured.least, measured.most
    if least is None or not (least.is_integer() and most.is_integer()):
        return Scale(measured)
    return Scale(measured, (1, 2, 3, 4, 5) if least >= 1 and 2 < most <= 5 else ())
