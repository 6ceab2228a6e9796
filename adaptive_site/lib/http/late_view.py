"""Views whose modules are loaded with their first request, not when the server starts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


def late_view(name: str) -> Callable[..., HttpResponseBase]:
    """The view of this dotted name, such as `package.module.view`.

    For libraries that take long to load, and that most sites never need. Decorators that mark a
    view for a middleware, as `csrf_exempt` does, stand around this one.
    """

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = import_string(name)(request, *args, **kwargs)
        return answer

    return view
