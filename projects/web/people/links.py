"""Links that let somebody in: as they are shown once, and mailed where the site sends mail."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from adaptive_site.lib import mailing
from projects.models import Invitation, User


@dataclass(frozen=True, slots=True)
class Link:
    """An address for one person, what it is for, and whether a mail with it is on its way."""

    address: str
    email: str
    is_mailed: bool = False


def absolute(request: HttpRequest, path: str) -> str:
    """An address as a mail has it: under the site's own first name, whatever was called."""
    named = [host for host in settings.HOSTS if not host.name.startswith((".", "*"))]
    return f"{named[0].origin}{path}" if named else request.build_absolute_uri(path)


def link_of(request: HttpRequest, invitation: Invitation, secret: str) -> Link:
    """The link of an invitation whose secret is known just now."""
    return Link(absolute(request, reverse("invitation", args=[secret])), invitation.email)


def mailed(request: HttpRequest, invitation: Invitation, link: Link) -> Link:
    """The link, which is mailed if the site sends mail."""
    if not mailing.is_on():
        return link
    place = invitation.project or invitation.team or "Adaptive Site"
    until = f"{invitation.expires_at:%-d %B %Y, %H:%M} UTC"
    text = (
        f"{invitation.created_by} invites you to {place}"
        f"{f' as {invitation.role.name.lower()}' if invitation.role else ''}.\n\n"
        f"{link.address}\n\nThe link works once, until {until}. If you expect no invitation,"
        " delete this mail.\n"
    )
    mailing.send(invitation.email, f"Invitation to {place}", text)
    return Link(link.address, link.email, is_mailed=True)


def password_link(request: HttpRequest, user: User, parts: tuple[str, str]) -> Link:
    """The link with which a person chooses a new password."""
    return Link(absolute(request, reverse("new_password", args=parts)), user.email)


def mail_password_link(link: Link) -> None:
    """Send it to the person."""
    text = (
        f"Somebody, maybe you, asked for a new password on this site.\n\n{link.address}\n\n"
        "The link works once, within two hours. If it was not you, delete this mail: your"
        " password stays as it is.\n"
    )
    mailing.send(link.email, "A new password", text)
