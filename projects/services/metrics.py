"""Metrics of a project."""

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.nul import without_nul
from projects.models import Metric, Project


def known(project: Project, id_or_key: str, *, field: str = "metric") -> Metric:
    """The metric with this id or key in `project`; NotFound in the words the SDK maps."""
    metric = Metric.objects.in_project(project).known_as(without_nul(id_or_key)).first()
    if metric is None:
        raise NotFound("EntityNotFound: metric not found", field=field)
    return metric


def ensure(
    project: Project,
    key: str,
    *,
    kind: str,
    scoring_type: str = Metric.Scoring.HIGHER_IS_BETTER,
    name: str = "",
    description: str = "",
) -> Metric:
    """The metric with this key, made when it is not there yet."""
    metric, _ = Metric.objects.get_or_create(
        project=project,
        key=key,
        defaults={
            "name": name or key,
            "kind": kind,
            "scoring_type": scoring_type,
            "description": description,
        },
    )
    return metric
