"""The time zone that pages show and read times in."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.time_zones import COOKIE, UTC_NAME
from projects.web.theme import YEAR


@require_http_methods(["GET", "POST"])
@login_required
def time_zone(request: HttpRequest) -> HttpResponse:
    """The zones to choose from; a choice is kept in a cookie, as that of light or dark is."""
    back = request.POST.get("next") or request.GET.get("next") or reverse("projects")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("projects")
    zones = available_timezones()
    if request.method == "GET":
        named = sorted(name for name in zones if "/" in name and not name.startswith("Etc/"))
        context = {"zones": [UTC_NAME, *named], "next": back}
        return render(request, "registration/time_zone.html", context)
    name = request.POST.get("time_zone", "")
    if name not in zones:
        raise Invalid("expected the name of a time zone, such as Europe/Berlin", field="time_zone")
    response = HttpResponseRedirect(back)
    path = settings.SESSION_COOKIE_PATH
    response.set_cookie(COOKIE, name, max_age=YEAR, path=path, httponly=True, samesite="Lax")
    return response
