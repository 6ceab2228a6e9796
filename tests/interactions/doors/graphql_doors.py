"""What each root of GraphQL needs, with arguments that mean something of the project."""

from collections.abc import Mapping
from typing import Any

from projects.services.access import (
    DELETE,
    EDIT_DATASETS,
    EXPORT,
    GIVE_FEEDBACK,
    LABEL,
    MANAGE,
    READ,
)
from tests.interactions.doors.door import (
    ACCOUNT,
    KEY,
    MISSING,
    NEW_PROJECTS,
    NOT_SUPPORTED,
    PEOPLE,
    Door,
)

_PLAIN = {"project": "{key}"}
_OLD = {"useCase": "{key}"}
_CHOSEN = {"fromSelection": {"include": ["{interaction}"]}}
_SCORE = {"completionId": "{interaction}", "metricId": "helpful", "input": {"value": 1}}
_BUILD = {"project": "{key}", "name": "new", "kind": "PROMPT", "completionQuery": _CHOSEN}
_MODEL = {"model": "{model}"}
_ECHO = {"model": "echo"}
_NEW_MODEL = {"openAI": {"apiKey": "k", "externalModelId": "m"}}
_SHARES = {"shares": [{"team": "{key}-owners", "role": "owner", "isOwner": True}]}


def _root(permission: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> Door:
    return Door("POST", permission, by=KEY, data=arguments or {}, **more)


def _input(permission: str, given: Mapping[str, Any], **more: Any) -> Door:
    return _root(permission, {"input": given}, **more)


QUERIES: dict[str, list[Door]] = {
    "projects": [_root(ACCOUNT)],
    "useCases": [_root(ACCOUNT)],
    "project": [_root(READ, {"idOrKey": "{key}"}), _root(READ, {"idOrKey": "{project}"})],
    "useCase": [_root(READ, {"idOrKey": "{key}"})],
    "models": [_root(ACCOUNT, {"filter": {}}, is_the_users=True)],
    "model": [_root(READ, {"idOrKey": "{model}"}, is_the_users=True)],
    "me": [_root(ACCOUNT)],
    "users": [_root(ACCOUNT)],
    "teams": [_root(ACCOUNT)],
    "roles": [_root(ACCOUNT)],
    "permissions": [_root(ACCOUNT)],
    "completions": [_root(READ, {"filter": given, "page": {}}) for given in (_PLAIN, _OLD)],
    "completionsGrouped": [
        _root(READ, {"groupBy": "MODEL", "filter": _PLAIN, "page": {}}),
    ],
    "completion": [_root(READ, {**_PLAIN, "id": "{interaction}"})],
    "metrics": [_root(ACCOUNT)],
    "metric": [
        _root(READ, {"idOrKey": "{metric}"}),
        _root(READ, {"metricIdOrKey": "helpful", "projectIdOrKey": "{key}"}),
    ],
    "abCampaigns": [_root(READ, {"filter": _PLAIN})],
    "abCampaign": [_root(MISSING, {"idOrKey": "x"})],
    "previewDatasetFromFilters": [_input(READ, _BUILD)],
    "completionDownloadUrl": [
        _root(EXPORT, {**_PLAIN, "selection": _CHOSEN}),
        _root(EXPORT, {"filter": _PLAIN}),
    ],
    "completionAsDatasetDownloadUrl": [_root(EXPORT, {**_PLAIN, "selection": _CHOSEN})],
    "interactionOptions": [_root(READ, {"filter": {"projectId": "{key}"}})],
    "datasets": [_root(READ, _PLAIN)],
    "dataset": [_root(READ, {**_PLAIN, "idOrKey": "{dataset}"})],
    "datasetUploadProcessingStatus": [_input(READ, {**_PLAIN, "datasetId": "{dataset_id}"})],
}
MUTATIONS: dict[str, list[Door]] = {
    "linkMetric": [_input(MANAGE, {**_OLD, "metric": "helpful"})],
    "unlinkMetric": [_input(MANAGE, {**_OLD, "metric": "helpful"})],
    "createProject": [_input(NEW_PROJECTS, {"name": "another"})],
    "createUseCase": [_input(NEW_PROJECTS, {"name": "another"})],
    "shareProject": [_root(MANAGE, {"idOrKey": "{key}", "input": _SHARES}, needs_all=True)],
    "shareUseCase": [_root(MANAGE, {"idOrKey": "{key}", "input": _SHARES}, needs_all=True)],
    "addExternalModel": [
        _input(
            MANAGE,
            {"name": "n", "provider": "OPEN_AI", "providerData": _NEW_MODEL},
            is_anywhere=True,
        )
    ],
    "addModelsToProject": [_input(MANAGE, {**_PLAIN, "models": ["echo"]})],
    "addModelToUseCase": [_input(MANAGE, _OLD | _ECHO)],
    "removeModelFromProject": [_input(MANAGE, _PLAIN | _MODEL)],
    "removeModelFromUseCase": [_input(MANAGE, _OLD | _MODEL)],
    "attachModel": [_input(MANAGE, {**_OLD, **_MODEL, "attached": False})],
    "deployModel": [_input(MANAGE, _PLAIN | _ECHO)],
    "updateModelService": [_input(MANAGE, {**_PLAIN, "modelService": "{model}"})],
    "updateModelComputeConfig": [
        _root(READ, {"idOrKey": "{model}", "input": {}}, is_the_users=True)
    ],
    "terminateModel": [_root(READ, {"idOrKey": "{model}", "force": False}, is_the_users=True)],
    "createUser": [_input(PEOPLE, {"name": "New", "email": "new@example.org", "teams": []})],
    "deleteUser": [_root(PEOPLE, {"user": "viewer@example.org"})],
    "setTeamMember": [
        _input(PEOPLE, {"user": "viewer@example.org", "team": "{key}-owners", "role": "owner"})
    ],
    "removeTeamMember": [_input(PEOPLE, {"user": "viewer@example.org", "team": "{key}-owners"})],
    "createTeam": [_input(PEOPLE, {"name": "A team"})],
    "createRole": [_input(PEOPLE, {"name": "A role", "permissions": ["project:read"]})],
    "createMetric": [_root(MANAGE, {**_PLAIN, "input": {"name": "m", "kind": "BOOL"}})],
    "addDirectScore": [_root(GIVE_FEEDBACK, _SCORE)],
    "addDirectFeedback": [_root(GIVE_FEEDBACK, _SCORE)],
    "createAbCampaign": [
        _input(
            NOT_SUPPORTED,
            {
                "key": "k",
                "metric": "helpful",
                "modelServices": [],
                "autoDeploy": False,
                "trafficSplit": 0.5,
                **_PLAIN,
            },
        )
    ],
    "cancelAbCampaign": [_root(NOT_SUPPORTED, {"input": "k"})],
    "createDatasetFromFilters": [_input(EDIT_DATASETS, _BUILD)],
    "updateCompletion": [
        _input(LABEL, {"id": "{interaction}", "addLabels": [{"key": "a", "value": "b"}]})
    ],
    "deleteCompletion": [_root(DELETE, {"id": "{interaction}"})],
    "deleteCompletionSelection": [_root(DELETE, {**_PLAIN, "selection": _CHOSEN})],
    "createDataset": [_root(EDIT_DATASETS, {"input": {**_PLAIN, "name": "n"}, "file": None})],
    "createDatasetFromMultipartUpload": [
        _input(
            EDIT_DATASETS,
            {**_PLAIN, "name": "n", "uploadSessionId": "{api_upload}"},
            is_own=True,
            # What was begun by no narrowed key is not for one.
            otherwise={"key for maple": 404, f"key of {EDIT_DATASETS}": 404},
        )
    ],
    "deleteDataset": [_root(EDIT_DATASETS, {**_PLAIN, "idOrKey": "{dataset_id}"})],
}
