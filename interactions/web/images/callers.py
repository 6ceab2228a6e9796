"""Who asks for a file: a browser by its session, a program by its API key."""

from django.http import HttpRequest

from adaptive_site.lib.errors import Unauthenticated
from projects.models import User
from projects.services.access import Caller, authenticate


def has_credentials(request: HttpRequest) -> bool:
    """Whether the request says who it is, rightly or not."""
    return "Authorization" in request.headers or request.user.is_authenticated


def caller_of(request: HttpRequest) -> Caller:
    """The caller by key, when one is sent, else by session. Raises Unauthenticated."""
    if "Authorization" in request.headers:
        return authenticate(request.headers["Authorization"])
    if isinstance(request.user, User):
        return Caller(request.user)
    raise Unauthenticated("log in, or send the header 'Authorization: Bearer <API key>'")
