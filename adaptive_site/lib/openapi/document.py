"""The OpenAPI document of an API: its routes with their methods, each as its view says it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from pydantic import TypeAdapter
from typing_extensions import is_typeddict

from adaptive_site.lib.http.methods import views_of
from adaptive_site.lib.openapi.members import AnyMember, RequestShape, Schema
from adaptive_site.lib.openapi.operations import Operation, operation_of

OPENAPI_VERSION = "3.1.0"
_REF = "#/components/schemas/{model}"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_PLACES: Mapping[str, Schema] = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "IntConverter": {"type": "integer", "minimum": 0},
    "SlugConverter": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "StringConverter": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
    "PathConverter": {"type": "string", "minLength": 1},
}
KEYED = (400, 401, 429, 503)  # what every request with a key may be told
BODIED = (408, 413, 415)  # what every request with a body may be told, too
REASONS: Mapping[int | str, str] = {
    400: "A member or parameter that cannot be right, which `field` names.",
    401: "No API key, or one that is not known, has expired or was revoked.",
    403: "The key lacks a permission in a project that it can see.",
    404: "What is not there, or not for this key to see.",
    408: "The body did not come within its time.",
    409: "What is stored cannot be used as it is now.",
    413: "More bytes or pixels than are taken.",
    415: "A coding of the body that is not taken: gzip and deflate are.",
    422: "The Idempotency-Key stands for another request already.",
    429: "The key has had its requests of this minute; `Retry-After` says when to try again.",
    502: "The model's provider could not be reached, or its answer not be read.",
    503: "The database does not answer, or takes too long; try again.",
    504: "The model's provider did not answer in time.",
    508: "The request came through four sites like this one.",
    "4XX": "What the model's provider refused, with its reason.",
}


class Undescribed(Exception):
    """An address of the API whose view does not say what it takes."""


def routes(patterns: Iterable[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address, with `{name}` for its places, and its pattern."""
    for one in patterns:
        if not isinstance(one.pattern, RoutePattern):
            continue
        path = before + _PLACE.sub(r"{\1}", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, path)
        else:
            yield f"/{path}", one


class Components:
    """The schemas that the document's parts refer to, each once."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def expanded(self, schema: Any) -> Any:
        """A schema whose classes have become references."""
        if isinstance(schema, type):
            return self._reference(schema)
        if isinstance(schema, Mapping):
            return {name: self.expanded(value) for name, value in schema.items()}
        if isinstance(schema, list | tuple):
            return [self.expanded(one) for one in schema]
        return schema

    def _reference(self, of: type) -> dict[str, str]:
        if of.__name__ not in self.schemas:
            self.schemas[of.__name__] = {}  # it may hold itself
            if issubclass(of, RequestShape):
                self.schemas[of.__name__] = self.expanded(of.as_schema())
            elif is_typeddict(of):
                self.schemas |= _of_answer(of)
            else:
                raise Undescribed(f"{of.__name__} is neither a RequestShape nor a TypedDict")
        return {"$ref": _REF.format(model=of.__name__)}


def _of_answer(of: type) -> dict[str, Any]:
    """The schemas of a TypedDict and of those in it."""
    made = TypeAdapter(of).json_schema(ref_template=_REF, mode="serialization")
    within: dict[str, Any] = made.pop("$defs", {})
    if "$ref" in made:  # it holds itself
        return within
    return {**within, of.__name__: made}


def document(
    patterns: Iterable[Any], *, under: str, info: Mapping[str, Any], servers: list[dict[str, str]]
) -> dict[str, Any]:
    """The document of every route under that path. Raises Undescribed, naming one that is not."""
    components = Components()
    paths: dict[str, Any] = {}
    for path, pattern in routes(patterns):
        if not path.startswith(under):
            continue
        views = views_of(pattern.callback)
        if not views:
            raise Undescribed(f"{path} is no view by method")
        for method, view in views.items():
            said = operation_of(view)
            if said is None:
                raise Undescribed(f"{method} {path}")
            told = _operation(method, path, pattern, said, components)
            paths.setdefault(path, {})[method.lower()] = told
    return {
        "openapi": OPENAPI_VERSION,
        "info": dict(info),
        "servers": servers,
        "tags": [{"name": tag} for tag in _tags(paths)],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
                "session": {"type": "apiKey", "in": "cookie", "name": "adaptive_site_session"},
            },
        },
    }


def _tags(paths: Mapping[str, Any]) -> list[str]:
    found = (tag for methods in paths.values() for told in methods.values() for tag in told["tags"])
    return list(dict.fromkeys(found))


def _operation(
    method: str, path: str, pattern: URLPattern, said: Operation, components: Components
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _id(method, path),
        "tags": [said.tag],
        "summary": said.title,
        "responses": _responses(said, components),
    }
    if said.about:
        made["description"] = said.about
    parameters = [
        *_in_path(pattern, said, components),
        *_in_request("query", said.query, components),
        *_in_request("header", said.headers, components),
    ]
    if parameters:
        made["parameters"] = parameters
    if said.body:
        content = {kind: {"schema": components.expanded(of)} for kind, of in said.body.items()}
        made["requestBody"] = {"required": True, "content": content}
    made["security"] = [] if said.is_public else [{"key": []}]
    if said.takes_session:
        made["security"].append({"session": []})
    return made


def _id(method: str, path: str) -> str:
    """A name for what is generated: `post_chat_completions_id`."""
    words = re.findall(r"[A-Za-z0-9]+", path.removeprefix("/api/").removeprefix("v1/"))
    return "_".join([method.lower(), *words])


def _in_path(pattern: URLPattern, said: Operation, components: Components) -> Iterator[Any]:
    for name, converter in pattern.pattern.converters.items():
        schema = said.places.get(name) or _PLACES[type(converter).__name__]
        schema = components.expanded(schema)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_request(where: str, of: type[RequestShape] | None, components: Components) -> Iterator[Any]:
    for member in of.members().values() if of else ():
        yield _parameter(where, member, components)


def _parameter(where: str, member: AnyMember, components: Components) -> dict[str, Any]:
    made = {
        "name": member.name,
        "in": where,
        "description": member.about,
        "required": member.is_needed,
        "schema": components.expanded(member.schema),
    }
    return made | ({"style": member.style, "explode": True} if member.style else {})


def _responses(said: Operation, components: Components) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, answer in said.answers.items():
        made[status] = {"description": answer.about}
        if answer.content:
            made[status]["content"] = {
                kind: {"schema": components.expanded(of)} for kind, of in answer.content.items()
            }
    always = () if said.is_public else KEYED
    told = {*always, *(BODIED if said.body else ()), *said.refuses}
    refusal = {kind: {"schema": components.expanded(of)} for kind, of in said.refusals.items()}
    for status in sorted(told, key=str):
        made[str(status)] = {"description": REASONS[status], "content": refusal}
        if status == 429:
            made["429"] = {**made["429"], "headers": _RETRY_AFTER}
    return made


_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
