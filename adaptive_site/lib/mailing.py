"""Mail to people, where the operator has set a server for it."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_SECONDS = 15  # for the server to answer
# One thread: who asks does not wait for the mail's server, nor can tell by the time whether any
# mail is sent.
_sender = ThreadPoolExecutor(1, thread_name_prefix="mail")

logger = logging.getLogger(__name__)


def read_url(url: str) -> dict[str, Any]:
    """Django's settings for a server of mail. Raises ValueError saying what was expected.

    >>> read_url("smtps://me:secret@mail.example.com?from=logs@example.com")["EMAIL_PORT"]
    465
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    sender = query.get("from", "")
    if parts.scheme not in _PORTS or not parts.hostname or "@" not in parseaddr(sender)[1]:
        raise ValueError(
            "expected smtp://, smtp+tls:// or smtps://user:password@host:port?from=address"
        )
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": _SECONDS,
        "DEFAULT_FROM_EMAIL": sender,
    }


def check_url(value: str) -> str:
    """`value`, if `read_url` can read it. Raises ValueError."""
    read_url(value)
    return value


def defaults(url: str | None) -> Mapping[str, Any]:
    """Django's settings; without a server nothing is ever sent."""
    nowhere = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    return read_url(url) if url else nowhere


def is_on() -> bool:
    """Whether the site sends mail."""
    return bool(settings.EMAIL_URL)


def send(to: str, subject: str, text: str) -> None:
    """Send a mail, later; one that cannot be sent is in the site's log."""
    message = EmailMessage(" ".join(subject.split()), text, to=[to])
    _sender.submit(_send, message)


def wait_until_sent() -> None:
    """Return once everything that `send` was given has gone, or failed."""
    _sender.submit(lambda: None).result()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:  # of a thread whose result nobody looks at
        logger.exception("a mail to %s was not sent", message.to[0])
