"""Signing in with an OpenID Connect provider: the way there, and the way back.

The way there is a page that moves on by itself, not a redirect of the form: the content policy
lets forms lead to this site alone, and a provider may send people on to yet another host.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from adaptive_site.lib.errors import DomainError, Invalid, TooOften
from adaptive_site.lib.http import client_address
from adaptive_site.lib.openid import provider as openid
from adaptive_site.lib.openid.provider import Begun
from adaptive_site.lib.openid.settings import OpenIdSettings
from projects.models import User
from projects.services.signing_in import identities, recorded, second_factor, throttle
from projects.services.signing_in.identities import SignedIn
from projects.web import second_factor as code_page

_UNDER_WAY = "openid_sign_ins"  # in the session: those begun, by their state
_MOST = 5  # at once in one browser: tabs
_SECONDS = 600  # from the way there to the way back


@require_POST
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    then = _on_this_site(request.POST.get("next", ""))
    try:
        throttle.spend(_budget())
        with _recorded():
            back = request.build_absolute_uri(reverse("openid-back"))
            begun = openid.begin(_provider(), back)
    except DomainError as error:
        return _refused(request, error, then)
    _keep(request, begun, then)
    context = {"address": begun.url, "openid": settings.OPENID}
    return render(request, "registration/openid_going.html", context)


@require_GET
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider has sent back, or say why not."""
    then = ""
    try:
        begun, then = _kept(request)
        with _recorded():
            claims = openid.finish(_provider(), begun, request.GET.dict())
        signed = identities.sign_in(_provider(), claims)
    except DomainError as error:
        return _refused(request, error, then)
    throttle.give_back(*_budget())
    return _in(request, signed.user, _where_to(signed, then))


def _provider() -> OpenIdSettings:
    provider: OpenIdSettings | None = settings.OPENID
    assert provider is not None  # else these views have no address
    return provider


def _in(request: HttpRequest, user: User, then: str) -> HttpResponse:
    """Log in; the provider stands for the password, not for a second step that somebody has."""
    if second_factor.is_on(user):
        return code_page.ask_later(request, user, then=then, by=recorded.OPENID)
    return code_page.enter(request, user, then=then, by=recorded.OPENID)


def _where_to(signed: SignedIn, then: str) -> str:
    """Where a new account was invited to; else where the login was to lead."""
    if not signed.accepted:
        return then
    project = signed.accepted[0].project
    return reverse("interactions", args=[project.key]) if project else reverse("projects")


def _on_this_site(then: str) -> str:
    return then if url_has_allowed_host_and_scheme(then, None) else ""


def _keep(request: HttpRequest, begun: Begun, then: str) -> None:
    under_way = request.session.get(_UNDER_WAY, {})
    newest = sorted(under_way.items(), key=lambda one: one[1]["at"])[1 - _MOST :]
    made = {"begun": asdict(begun), "at": time.time(), "then": then}
    request.session[_UNDER_WAY] = {**dict(newest), begun.state: made}


def _kept(request: HttpRequest) -> tuple[Begun, str]:
    """The sign-in that this is the end of, which ends once. Raises Invalid."""
    under_way: dict[str, Any] = request.session.get(_UNDER_WAY, {})
    found = under_way.pop(request.GET.get("state", ""), None)
    if found is None or time.time() > found["at"] + _SECONDS:
        recorded.not_begun()
        raise Invalid(
            "this sign-in was not begun in this browser, has ended already, or took longer than"
            " 10 minutes"
        )
    request.session[_UNDER_WAY] = under_way
    return Begun(**found["begun"]), found["then"]


@contextmanager
def _recorded() -> Iterator[None]:
    """Have the audit log say what went wrong before it is known who somebody is."""
    try:
        yield
    except DomainError as error:
        recorded.not_let_in("", error.said)
        raise


def _budget() -> tuple[throttle.Budget, str]:
    return throttle.PROVIDER, client_address.current()


def _refused(request: HttpRequest, error: DomainError, then: str) -> HttpResponse:
    """Our own page that says why, whatever went wrong."""
    if isinstance(error, TooOften):
        recorded.made_to_wait("")
    context = {"error": error, "openid": settings.OPENID, "then": then}
    answer = render(request, "registration/openid_refused.html", context, status=error.status)
    for name, value in error.headers.items():
        answer[name] = value
    return answer
