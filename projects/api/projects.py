"""Projects through GraphQL; clients before 0.13 call them use cases."""

from typing import Any

from adaptive_site.lib.errors import NotFound
from projects.api.present import Shown, ShownProjects
from projects.models import Project
from projects.services import project_sharing
from projects.services.access import MANAGE, project_for

from .roots import Info, mutation, query


@query.field("projects")
@query.field("useCases")
def projects(_: None, info: Info) -> list[Shown]:
    """Those the caller may read."""
    caller = info.context
    return ShownProjects(caller, Project.objects.visible_to(caller)).all()


@query.field("project")
@query.field("useCase")
def project(_: None, info: Info, *, idOrKey: str) -> Shown | None:
    """One of them; null when there is none for the caller."""
    caller = info.context
    try:
        found = project_for(caller, idOrKey)
    except NotFound:
        return None
    return ShownProjects(caller, [found]).one(found)


@mutation.field("createProject")
@mutation.field("createUseCase")
def create_project(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Make one that the caller owns, through the team named or a team of their own."""
    caller = info.context
    made = project_sharing.create_owned(
        caller,
        name=input["name"],
        key=input.get("key"),
        description=input.get("description") or "",
        team=input.get("team"),
        default_metric=(input.get("settings") or {}).get("defaultMetric"),
    )
    return ShownProjects(made.caller, [made.project]).one(made.project)


@mutation.field("shareProject")
@mutation.field("shareUseCase")
def share_project(
    _: None,
    info: Info,
    *,
    idOrKey: str,
    input: dict[str, Any],
) -> Shown:
    """Replace all its shares by those given."""
    caller = info.context
    found = project_for(caller, idOrKey, MANAGE)
    shares = [
        project_sharing.Share(one["team"], one["role"], is_owner=one["isOwner"])
        for one in input["shares"]
    ]
    after = project_sharing.replace(caller, found, shares)
    return ShownProjects(after, [found]).one(found)
