"""One's own account, and pages that outlived it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from adaptive_site.lib.errors import TooOften
from projects.models import User
from projects.services.access import Caller
from projects.services.signing_in import passwords, recorded, throttle
from projects.services.signing_in.second_factor import is_on
from projects.web import second_factor


class LogIn(LoginView):
    """The login page; a browser that got in is known from then on (`services/signing_in`)."""

    redirect_authenticated_user = True

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """With the provider that one may sign in with, if there is one."""
        return super().get_context_data(**given) | {"openid": settings.OPENID}

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        """Let somebody in, or say why not; 429 when they have to wait."""
        try:
            return super().post(request, *args, **kwargs)
        except TooOften as error:
            # Not bound, since looking at its errors would be another try.
            name = request.POST.get("username", "")
            recorded.made_to_wait(name)
            form = self.get_form_class()(request, initial={"username": name})
            context = self.get_context_data(form=form, refusal=error)
            return self.render_to_response(context, status=429, headers=error.headers)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log them in, and know the browser again; or ask for a code first."""
        user = form.get_user()
        assert isinstance(user, User)
        if is_on(user):
            return second_factor.ask_later(self.request, user, then=self.get_success_url())
        response = super().form_valid(form)
        recorded.came(user)
        return second_factor.know_browser(response, user)


class AdminLogIn(LogIn):
    """The same in front of the admin console, for administrators only."""

    authentication_form = AdminAuthenticationForm
    redirect_authenticated_user = False

    def get_default_redirect_url(self) -> str:
        """The console."""
        return reverse("admin:index")


class LogOut(LogoutView):
    """Logging out, of the site and of the admin console alike."""

    def post(self, request: HttpRequest, *args: str, **kwargs: Any) -> HttpResponse:
        """Let somebody out."""
        if isinstance(request.user, User):
            recorded.went(request.user)
        return super().post(request, *args, **kwargs)


class ChangeForm(PasswordChangeForm):
    """Django's, with the same brake on the old password as on a login; it may revoke keys too."""

    revokes_keys = forms.BooleanField(required=False)

    def clean_old_password(self) -> str:
        """The old password. Raises ValidationError, or TooOften after many wrong ones."""
        whom = f"{self.user.pk}\nchange"
        throttle.spend((throttle.DEVICE, whom))
        old = str(super().clean_old_password())
        throttle.forget(throttle.DEVICE, whom)
        return old


class ChangePassword(PasswordChangeView):
    """The page that changes one's password."""

    form_class = ChangeForm

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """With the provider, for who has no password."""
        return super().get_context_data(**given) | {"openid": settings.OPENID}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Keep the new one, and revoke the API keys if that was asked for."""
        user = self.request.user
        assert isinstance(user, User)
        with transaction.atomic():
            response = super().form_valid(form)
            recorded.password_changed(user)
            if form.cleaned_data["revokes_keys"]:
                passwords.revoke_keys(user)
        return response


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End the sessions of all other browsers."""
    user = request.user
    assert isinstance(user, User)
    passwords.sign_out_everywhere(Caller(user), user)
    update_session_auth_hash(request, user)
    messages.info(request, "Every other browser has to log in again.")
    return redirect("password_change")


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before the last login or logout was sent: say so, and what helps."""
    return render(request, "registration/too_old.html", status=403)
