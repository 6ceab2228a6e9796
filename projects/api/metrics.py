"""Linking metrics to projects, as clients before 0.13 do."""

from typing import Any

from projects.services import metrics
from projects.services.access import MANAGE, project_for

from .present import Shown, show_metric
from .roots import Info, mutation


@mutation.field("linkMetric")
def link_metric(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Let feedback be given under it in a project."""
    caller = info.context
    project = project_for(caller, input["useCase"], MANAGE)
    return show_metric(metrics.link(project, input["metric"], caller=caller))


@mutation.field("unlinkMetric")
def unlink_metric(_: None, info: Info, *, input: dict[str, Any]) -> str:
    """Let no more feedback be given under it in a project."""
    caller = info.context
    project = project_for(caller, input["useCase"], MANAGE)
    return metrics.unlink(project, input["metric"], by=caller.user).key
