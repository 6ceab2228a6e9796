"""What each address of the API needs: one line a route and method, by the route's name."""

from collections.abc import Mapping
from typing import Any

from projects.services.access import (
    CREATE,
    DELETE,
    EDIT_DATASETS,
    EXPORT,
    GIVE_FEEDBACK,
    LABEL,
    READ,
)
from tests.interactions.doors.door import ACCOUNT, EITHER, KEY, MISSING, Door


def _door(method: str, permission: str, data: Mapping[str, Any] | None = None, **more: Any) -> Door:
    return Door(method, permission, data=data or {}, **{"by": KEY, **more})


_ASKED = [{"role": "user", "content": "hi"}]
_FILE = [Door("GET", READ, by=EITHER)]
API: dict[str, list[Door]] = {
    "api/v1/chat/completions": [
        _door("GET", ACCOUNT),
        _door("GET", READ, query="model={key}"),
        _door("GET", READ, query="model={key}/{model_key}"),
        _door("POST", CREATE, {"model": "{key}/echo", "messages": _ASKED}),
    ],
    "api/v1/embeddings": [_door("POST", CREATE, {"model": "{key}/echo", "input": "hi"})],
    "api/v1/interactions": [
        _door("POST", CREATE, {"project": "{key}", "messages": _ASKED, "completion": "x"}),
    ],
    "api/v1/feedback": [
        _door(
            "POST",
            GIVE_FEEDBACK,
            {"completion_id": "{interaction}", "metric": "helpful", "value": 1},
        ),
    ],
    "api/v1/comparison": [
        _door(
            "POST",
            GIVE_FEEDBACK,
            {
                "project": "{key}",
                "metric": "helpful",
                "preferred_completion": "{interaction}",
                "other_completion": "{other}",
            },
        ),
    ],
    "api-completion": [
        _door("GET", READ),
        _door("POST", LABEL, {"metadata": {"a": "b"}}),
        _door("DELETE", DELETE),
    ],
    "api-completion-messages": [_door("GET", READ)],
    "api-models": [_door("GET", ACCOUNT)],
    "api-model": [_door("GET", READ)],
    "api-dataset": [_door("GET", EXPORT, by=EITHER)],
    "api-selection": [
        _door("GET", EXPORT, by=EITHER, query=f"format={format}")
        for format in ("completions", "dataset")
    ],
    "api-upload-init": [
        _door("POST", EDIT_DATASETS, {"total_parts_count": 1}, is_anywhere=True),
    ],
    # Of the project `maple` only as far as its owner has begun it.
    "api-upload-part": [
        _door(
            method,
            EDIT_DATASETS,
            {},
            query="session_id={api_upload}&part_number=1",
            is_anywhere=True,
            is_own=True,
        )
        for method in ("POST", "PUT")
    ],
    "api-upload-status": [
        _door("GET", EDIT_DATASETS, query="session_id={api_upload}", is_anywhere=True, is_own=True),
    ],
    "api-upload-abort": [
        _door("DELETE", EDIT_DATASETS, {"session_id": "{api_upload}"}, is_anywhere=True),
    ],
    "api-fallback": [Door("GET", MISSING)],
    "image": _FILE,
    "thumb": _FILE,
    "icon": _FILE,
    "interaction-raw": [Door("GET", READ, by=EITHER, is_page=True)],
    # Not there unless the operator has set its token, which no key of a user is.
    "metrics": [Door("GET", MISSING)],
    "api-graphql": [],  # what stands there: graphql_doors.py
}
