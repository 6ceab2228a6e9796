"""Interactions changed, deleted and downloaded through GraphQL, one or a selection of them."""

from typing import Any
from uuid import UUID

from adaptive_site.lib.errors import Invalid
from interactions.api.graphql.advanced_filter import tree_of
from interactions.api.graphql.present import ShownCompletions
from interactions.api.graphql.selecting import Selecting
from interactions.models import BulkAction, Interaction, Selection
from interactions.services.bulk import actions
from interactions.services.editing.completion_updates import update
from interactions.services.editing.deletion import delete
from projects.api.present import Shown
from projects.api.roots import Info, mutation, project_named, query
from projects.models import Project
from projects.services.access import DELETE, EXPORT, LABEL, MANAGE, Caller, permitted


@mutation.field("updateCompletion")
def update_completion(_: None, info: Info, *, input: dict[str, Any]) -> Shown:
    """Set, add and take away labels, and set the metadata; all of it or nothing is done."""
    caller, id = info.context, input["id"]
    project = _project_of(caller, id, LABEL)
    metadata = input.get("metadata")
    if not isinstance(metadata, dict | None):
        raise Invalid("expected an object", field="input.metadata")
    update(
        project,
        id,
        instead=None if input.get("setLabels") is None else _pairs(input, "setLabels"),
        added=_pairs(input, "addLabels"),
        removed=_pairs(input, "removeLabels"),
        metadata=metadata,
        by=caller.user,
        may_lift=caller.may(MANAGE, project),
    )
    return ShownCompletions(caller, project, [id]).all()[0]


@mutation.field("deleteCompletion")
def delete_completion(_: None, info: Info, *, id: UUID) -> bool:
    """Delete one for good."""
    caller = info.context
    delete(_project_of(caller, id, DELETE), id, by=caller.user)
    return True


@mutation.field("deleteCompletionSelection")
def delete_completion_selection(
    _: None, info: Info, *, project: str, selection: dict[str, Any]
) -> bool:
    """Delete those that are chosen: few at once, more behind the request; either can be undone."""
    caller = info.context
    found = project_named(caller, {"project": project}, DELETE)
    chosen = Selecting(found, caller.user).selection(selection)
    do = actions.do_now if actions.is_few(chosen) else actions.begin
    do(chosen, BulkAction.Kind.DELETE, {}, caller=caller)
    return True


@query.field("completionDownloadUrl")
def completion_download_url(_: None, info: Info, **given: Any) -> str:
    """Where those that are chosen are, a JSON line each, as this site's import takes them."""
    return f"{_address(_selection(info.context, given))}?format=completions"


@query.field("completionAsDatasetDownloadUrl")
def completion_as_dataset_download_url(_: None, info: Info, **given: Any) -> str:
    """Where those that are chosen are as the lines of a dataset."""
    return f"{_address(_selection(info.context, given))}?format=dataset"


def _selection(caller: Caller, given: dict[str, Any]) -> Selection:
    """What is chosen, or as clients before 0.13 say it what a filter matches."""
    if (filter := given.get("filter")) is not None:
        project = project_named(caller, filter, EXPORT, field="filter")
        return Selecting(project, caller.user).frozen(tree_of(filter))
    project = project_named(caller, given, EXPORT)
    return Selecting(project, caller.user).selection(given.get("selection") or {})


def _address(selection: Selection) -> str:
    return f"/api/v1/selections/{selection.uuid}/download"


def _project_of(caller: Caller, id: UUID, permission: str) -> Project:
    missing = f"EntityNotFound: completion {id} not found"
    return permitted(caller, Interaction.project_of(id), permission, missing=missing)


def _pairs(given: dict[str, Any], name: str) -> list[tuple[str, str]]:
    return [(one["key"], one["value"]) for one in given.get(name) or ()]
