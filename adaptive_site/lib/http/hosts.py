"""Which names of the site are answered to, and by what.

A page answers only to names it knows: its forms and links trust the name. The API answers to
any: who calls it has a key, which no browser sends by itself, and links go where it called.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import validate_host
from django.http.response import HttpResponseBase
from django.shortcuts import render

from adaptive_site.lib.http.addresses import is_api, tidy

HEALTH_PATH = "/healthz"
# As in a URL; Django takes no underscore, which names of containers have.
_HOST_NAME = re.compile(
    r"(\*|\.?[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.I
)


@dataclass(frozen=True, slots=True)
class Host:
    """A name under which the site is reached; `port` is "" or `:8443`."""

    name: str
    port: str
    is_plain: bool

    @property
    def origin(self) -> str:
        """The host as CSRF_TRUSTED_ORIGINS has it; with its subdomains, `*.example.com`."""
        scheme = "http" if self.is_plain else "https"
        return f"{scheme}://{'*' if self.name.startswith('.') else ''}{self.name}{self.port}"


def read_host(given: str) -> Host:
    """A name as an operator writes it. Raises ValueError.

    >>> read_host("logs.example.com").origin, read_host("http://adaptive:8000").origin
    ('https://logs.example.com', 'http://adaptive:8000')
    """
    scheme, slashes, name = given.rpartition("://")
    found = _HOST_NAME.fullmatch(name.lower())
    if found is None or (slashes and scheme.lower() not in ("http", "https")):
        raise ValueError(
            f"expected names such as logs.example.com or http://adaptive:8000, got {given!r}"
        )
    return Host(found[1], found[3] or "", is_plain=scheme.lower() == "http")


class HostMiddleware:
    """Tidies the path, and decides who is answered under the name that was called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _tidy(request)
        try:
            request.get_host()
        except DisallowedHost:
            called = _called(request)
            is_open = is_api(request.path_info) or request.path_info == HEALTH_PATH
            if not is_open and not _is_known(called):
                return _refused(request, called)
            called = called or f"{request.META['SERVER_NAME']}:{request.META['SERVER_PORT']}"
            answered: Any = request
            answered.get_host = lambda: called
        if _lacks_https(request):
            return _refused(request, request.get_host(), lacks_https=True)
        response = self.get_response(request)
        if request.is_secure():
            # Where a site has plain names too, Django marks none.
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response


def _tidy(request: HttpRequest) -> None:
    path = tidy(request.path_info)
    if path != request.path_info:
        request.path_info = request.META["PATH_INFO"] = path
        request.path = (settings.FORCE_SCRIPT_NAME or "") + path


def _called(request: HttpRequest) -> str:
    """The name that was called; empty when it cannot be one."""
    given = str(request.META.get("HTTP_HOST", ""))
    if settings.USE_X_FORWARDED_HOST:
        given = str(request.META.get("HTTP_X_FORWARDED_HOST", given))
    return given if _HOST_NAME.fullmatch(given) and given[:1] not in "*." else ""


def _is_known(called: str) -> bool:
    """Whether the settings have this name; Django itself takes no underscore in a name."""
    return bool(called) and validate_host(_without_port(called), settings.ALLOWED_HOSTS)


def _lacks_https(request: HttpRequest) -> bool:
    """Whether a page was called without https by a name that has it: nobody could log in there."""
    if request.is_secure() or is_api(request.path_info) or request.path_info == HEALTH_PATH:
        return False
    name = _without_port(request.get_host())
    if validate_host(name, settings.OWN_NAMES):
        return False
    named = [host for host in settings.HOSTS if validate_host(name, [host.name])]
    return bool(named) and not any(host.is_plain for host in named)


def _without_port(called: str) -> str:
    return re.sub(r":[0-9]+$", "", called).lower()


def _refused(request: HttpRequest, called: str, *, lacks_https: bool = False) -> HttpResponseBase:
    name = _without_port(called)
    option = called and (name if request.is_secure() else f"http://{name}")
    context = {"name": name, "option": option, "lacks_https": lacks_https}
    return render(request, "host.html", context, status=400)
