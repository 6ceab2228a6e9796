"""The second factor: its step of a login, and the page that turns it on and off."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adaptive_site.lib.errors import Invalid, TooOften
from projects.models import User
from projects.services.signing_in import login, recorded, second_factor

_WAITING = "second_factor_login"  # in the session: who has given a password, and when
SECRET_IN_SESSION = "second_factor_secret"  # in the session: of which no code was right yet
_SECONDS = 600  # for a code after the password


def ask_later(request: HttpRequest, user: User, *, then: str, by: str = "") -> HttpResponse:
    """Remember that the password was right, or what else it was `by`, and ask for the code."""
    request.session.cycle_key()
    request.session[_WAITING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": time.time(),
        "then": then,
        "by": by,
    }
    return redirect("second-factor-login")


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Log in who has given a right password and now a right code."""
    waiting = request.session.get(_WAITING, {})
    user = User.objects.filter(pk=waiting.get("user"), is_active=True).first()
    if user is None or not _is_fresh(user, waiting):
        request.session.pop(_WAITING, None)
        return redirect("login")
    if request.method == "GET":
        return _code_page(request)
    try:
        second_factor.check(user, request.POST.get("code", ""))
    except TooOften as error:
        return _code_page(request, error, status=429)
    except Invalid as error:
        recorded.refused(user.email)
        return _code_page(request, error, status=422)
    return enter(request, user, then=waiting["then"], by=waiting.get("by", ""))


def enter(request: HttpRequest, user: User, *, then: str, by: str = "") -> HttpResponse:
    """Log in, and go where the login was to lead, if that is on this site."""
    if not url_has_allowed_host_and_scheme(then, None):
        then = settings.LOGIN_REDIRECT_URL
    log_in(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    recorded.came(user, by=by)
    return know_browser(redirect(then), user)


def _is_fresh(user: User, waiting: dict[str, Any]) -> bool:
    """Whether the password was given a short while ago and is the same still."""
    is_same: bool = waiting["password"] == user.get_session_auth_hash()
    return is_same and time.time() < waiting["at"] + _SECONDS


def _code_page(
    request: HttpRequest, refusal: Exception | None = None, status: int = 200
) -> HttpResponse:
    context = {"refusal": str(refusal).removeprefix("code: ") if refusal else ""}
    template = "registration/second_factor_login.html"
    answer = render(request, template, context, status=status)
    if isinstance(refusal, TooOften):
        for name, value in refusal.headers.items():
            answer[name] = value
    return answer


def know_browser(response: HttpResponse, user: User) -> HttpResponse:
    """Have the browser known from now on as one that has logged in to this account."""
    response.set_cookie(
        login.DEVICE_COOKIE,
        login.device_cookie(user),
        max_age=login.DEVICE_SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@login_required
@never_cache
@require_GET
def setting(request: HttpRequest) -> HttpResponse:
    """The page of one's own account: on or off, and how to change it."""
    return _setting_page(request)


@login_required
@require_POST
def turn_on(request: HttpRequest) -> HttpResponse:
    """Turn it on with a code of the phone, and show the recovery codes."""
    user = _me(request)
    secret = request.session.get(SECRET_IN_SESSION)
    if secret is None:
        return redirect("second-factor")
    try:
        codes = second_factor.turn_on(user, secret, request.POST.get("code", ""))
    except Invalid as error:
        return _setting_page(request, error, status=422)
    del request.session[SECRET_IN_SESSION]
    return render(request, "registration/recovery_codes.html", {"codes": codes})


@login_required
@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    """Turn it off with a code."""
    try:
        second_factor.turn_off(_me(request), request.POST.get("code", ""))
    except TooOften as error:
        return _setting_page(request, error, status=429)
    except Invalid as error:
        return _setting_page(request, error, status=422)
    return redirect("second-factor")


def _setting_page(
    request: HttpRequest, refusal: Exception | None = None, status: int = 200
) -> HttpResponse:
    user = _me(request)
    is_on = second_factor.is_on(user)
    if not is_on and SECRET_IN_SESSION not in request.session:
        request.session[SECRET_IN_SESSION] = second_factor.new_secret()
    context = {
        "is_on": is_on,
        "secret": "" if is_on else _in_groups(request.session[SECRET_IN_SESSION]),
        "codes_left": second_factor.codes_left(user),
        "refusal": str(refusal).removeprefix("code: ") if refusal else "",
    }
    return render(request, "registration/second_factor.html", context, status=status)


def _in_groups(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
