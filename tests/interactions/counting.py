"""What the roll-ups and the queues say of a whole project, as tests compare it."""

from django.db.models import Func, IntegerField, Sum

from interactions.models import Arrival
from interactions.services.rollups import counts
from interactions.services.rollups.counts import LabelUse
from projects.models import Project


def label_uses(project: Project, *, most: int) -> dict[str, tuple[list[LabelUse], int]]:
    """By key, the most carried first: its `most` frequent values, and how many more there are."""
    return {key: counts.values_of(project, key, most=most) for key in counts.keys(project)}


def lag(project: Project) -> int:
    """How many interactions of the project have not been indexed yet."""
    rows = Func("interaction_ids", function="cardinality", output_field=IntegerField())
    return Arrival.objects.filter(project=project).aggregate(n=Sum(rows))["n"] or 0
