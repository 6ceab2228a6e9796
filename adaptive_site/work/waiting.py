"""Which projects have something for the worker to do."""

from django.db.models import Func, IntegerField, QuerySet, Sum

from interactions.models import Arrival, FeedbackDelta, LabelDelta, PreviewRenewal
from interactions.textindex import upkeep
from projects.models import Project


def with_deltas() -> QuerySet[Project]:
    """Those whose roll-ups have something to fold."""
    changed = LabelDelta.objects.values("project_id")
    return Project.objects.filter(
        id__in=changed.union(FeedbackDelta.objects.values("project_id"), all=True)
    )


def with_texts(*, at_least: int = 1) -> QuerySet[Project]:
    """Those with so many interactions whose texts are not indexed yet."""
    rows = Sum(Func("interaction_ids", function="cardinality", output_field=IntegerField()))
    waiting = Arrival.objects.values("project_id").annotate(rows=rows).filter(rows__gte=at_least)
    return Project.objects.filter(id__in=waiting.values("project_id"))


def with_many_texts() -> QuerySet[Project]:
    """Those with so many that searches are slower for it."""
    return with_texts(at_least=upkeep.ROWS_WORTH_A_SEGMENT)


def with_old_lines() -> QuerySet[Project]:
    """Those of whose interactions lists may show lines of an earlier version."""
    return Project.objects.filter(id__in=PreviewRenewal.objects.values("project_id"))


def every_project() -> QuerySet[Project]:
    """All of them, for work that no table asks for."""
    return Project.objects.order_by("id")
