"""A new password for who has forgotten the old one."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from adaptive_site.lib import mailing
from adaptive_site.lib.errors import Gone, Invalid, TooOften
from adaptive_site.lib.http import client_address
from projects.services.signing_in import passwords
from projects.web.people.links import mail_password_link, password_link
from projects.web.refusals import blame


class ForgottenForm(forms.Form):
    """Whose password it is."""

    email = forms.EmailField(error_messages={"required": "expected your e-mail address"})


class NewPasswordForm(forms.Form):
    """The new one."""

    password = forms.CharField(
        max_length=4096, strip=False, error_messages={"required": "expected a password"}
    )
    revokes_keys = forms.BooleanField(required=False)


@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Mail a link, and say the same whether or not there is an account."""
    form = ForgottenForm(request.POST or None)
    context = {"form": form, "sends_mail": mailing.is_on()}
    status = 200
    if request.method == "POST" and mailing.is_on() and form.is_valid():
        try:
            user = passwords.asked(form.cleaned_data["email"], client_address.current())
        except TooOften as error:
            context["refusal"], status = error, error.status
        else:
            context["sent_to"] = form.cleaned_data["email"]
            if user is not None:
                mail_password_link(password_link(request, user, passwords.link_for(user)))
    status = 422 if form.errors else status
    return render(request, "registration/forgotten.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
def new_password(request: HttpRequest, user: str, token: str) -> HttpResponse:
    """Choose a new password by a link."""
    form = NewPasswordForm(request.POST or None)
    try:
        whose = passwords.of_link(user, token)
        if request.method == "POST" and form.is_valid():
            passwords.reset(user, token, **form.cleaned_data)
            return redirect("login")
    except Gone as error:
        context: dict[str, object] = {"error": error}
        return render(request, "registration/new_password.html", context, status=error.status)
    except Invalid as error:
        blame(form, error)
    context = {"form": form, "whose": whose}
    status = 422 if form.errors else 200
    return render(request, "registration/new_password.html", context, status=status)
