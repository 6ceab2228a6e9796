"""What a view of the API takes and answers, said where the view is."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adaptive_site.lib.errors import Refusal
from adaptive_site.lib.openapi.members import RequestShape, Schema

V = TypeVar("V", bound=Callable[..., Any])
JSON = "application/json"
_OPERATION = "openapi_operation"


@dataclass(frozen=True, slots=True)
class DescribedAnswer:
    """A body of an answer by its media types: a class or a schema each; None of one without."""

    about: str
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method at one address takes and answers.

    `refuses` are the statuses of refusals beside those that every request with a key may get, in
    the shapes of `refusals` by their media types. `places` are schemas of what stands in the
    address, by name, where the route says less.
    """

    tag: str
    answers: Mapping[str, DescribedAnswer]
    title: str = ""
    about: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    query: type[RequestShape] | None = None
    headers: type[RequestShape] | None = None
    places: Mapping[str, Schema] = field(default_factory=dict)
    refuses: tuple[int | str, ...] = ()
    refusals: Mapping[str, Any] = field(default_factory=lambda: {JSON: Refusal})
    is_public: bool = False
    takes_session: bool = False  # of somebody who is logged in, in place of a key


def operation(tag: str, **said: Any) -> Callable[[V], V]:
    """Say what a view takes and answers; title and text are its docstring's unless given."""

    def describe(view: V) -> V:
        known = {"title": "", "about": "", **said}
        title, _, about = (inspect.getdoc(view) or "").partition("\n\n")
        known["title"] = known["title"] or title.replace("\n", " ").rstrip(".")
        known["about"] = known["about"] or about
        setattr(view, _OPERATION, Operation(tag=tag, **known))
        return view

    return describe


def operation_of(view: object) -> Operation | None:
    """What was said of a view, also through decorators that keep its attributes."""
    return getattr(view, _OPERATION, None)


def json(schema: Any) -> dict[str, Any]:
    """Content that is JSON of that class."""
    return {JSON: schema}
