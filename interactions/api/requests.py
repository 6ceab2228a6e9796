"""What every address of the REST API begins and ends with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from adaptive_site.lib.errors import Invalid, TooLarge
from interactions.services.incoming import parse_json
from projects.services.access import Caller, authenticate


class ApiRequest(HttpRequest):
    """A request whose key was good and whose body is a JSON object.

    `nul_replaced` says that NULs in it became U+FFFD.
    """

    caller: Caller
    payload: dict[str, Any]
    nul_replaced: bool


View = Callable[[ApiRequest], tuple[int, dict[str, Any]]]


def posted(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let `view` answer a POST of JSON by a known key with (status, body).

    Exempt from CSRF, since only the Authorization header counts here, never a cookie.
    """

    @csrf_exempt
    @wraps(view)
    def inner(request: ApiRequest) -> HttpResponse:
        if request.method != "POST":
            return JsonResponse(
                {"error": f"{request.method} is not possible here; use POST"},
                status=405,
                headers={"Allow": "POST"},
            )
        request.caller = authenticate(request.headers.get("Authorization", ""))
        payload, request.nul_replaced = parse_json(_body(request))
        if not isinstance(payload, dict):
            raise Invalid("expected a JSON object")
        request.payload = payload
        status, body = view(request)
        return JsonResponse(body, status=status)

    return inner  # type: ignore[return-value]  # Django calls it with its own request


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as error:
        raise TooLarge("the body is larger than 48 MB") from error
