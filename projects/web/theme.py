"""Light, dark, or as the system has it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

YEAR = 365 * 24 * 3600


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie and go back."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("projects")
    response = HttpResponseRedirect(back)
    theme = request.POST.get("theme")
    path = settings.SESSION_COOKIE_PATH
    if theme in ("light", "dark"):
        response.set_cookie("theme", theme, max_age=YEAR, path=path, httponly=True, samesite="Lax")
    else:
        response.delete_cookie("theme", path=path)
    return response
