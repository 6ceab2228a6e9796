"""The QR code of a second factor that is being set up."""

import io

import segno
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from projects.models import User
from projects.services.signing_in import second_factor
from projects.web.second_factor import SECRET_IN_SESSION


@login_required
@never_cache
@require_GET
def picture(request: HttpRequest) -> HttpResponse:
    """An SVG of the secret that waits for its first code; 404 when none does."""
    secret = request.session.get(SECRET_IN_SESSION)
    if secret is None:
        raise Http404
    assert isinstance(request.user, User)
    drawn = io.BytesIO()
    made = segno.make(second_factor.address(request.user, secret), error="m")
    made.save(drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
