"""Registering a model with a provider: who answers, at what address, by whose key."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from adaptive_site.lib.database.nul import without_nul
from adaptive_site.lib.errors import Invalid
from adaptive_site.lib.http import outgoing
from projects.models import Llm, Registration, User
from projects.services import encryption

ECHO = "echo"
EXTERNAL = (Llm.Provider.OPEN_AI, Llm.Provider.GOOGLE, Llm.Provider.ANTHROPIC)
MAX_NAME = 200


@transaction.atomic
def register_external(
    *,
    name: str,
    provider: str,
    external_id: str,
    api_key: str,
    base_url: str = "",
    extra_params: Mapping[str, Any] | None = None,
    owner: User | None = None,
) -> Llm:
    """Make a model that a provider answers for, and return it; nothing is asked of it yet.

    The key is `name` in lower case, with `-` for what a key cannot hold; one owner has each key
    once. Without an owner it is the operator's. It is attached to no project, and changes
    nothing where the key stands already. `base_url` may also stand in `extra_params`, since the
    SDK has no place for it. Raises Invalid naming the member.
    """
    key = key_of(name)
    if key == ECHO:
        raise Invalid("that name is this server's own", field="name")
    extra = dict(extra_params or {})
    base_url = check_base_url(base_url or extra.pop("base_url", "") or "")
    is_operators = owner is None or owner.is_superuser
    check_reachable(base_url, may_be_private=is_operators)
    known = {
        "name": without_nul(name).strip(),
        "provider": _provider(provider),
        "external_id": _text(external_id, "external_id"),
        "base_url": base_url,
        "may_be_private": is_operators,
        "extra_params": extra,
        "encrypted_api_key": encryption.seal(check_api_key(api_key)),
    }
    llm, _ = Llm.objects.get_or_create(key=key, defaults={"name": key})
    # Two at once: the second waits for the first, and finds what it made.
    made, is_new = Registration.objects.get_or_create(llm=llm, owner=owner, defaults=known)
    if not is_new:
        raise Invalid(f"a model with the key {key} exists", field="name")
    llm.registration = made
    return llm


def key_of(name: str) -> str:
    """The key of a model called `name`. Raises Invalid when nothing of it can stand in a key.

    >>> key_of("GPT-4o mini")
    'gpt-4o-mini'
    """
    key = re.sub(r"[^a-z0-9_.-]+", "-", _text(name, "name").lower()).strip("-")
    if not key:
        raise Invalid("expected at least one letter or digit of a to z, 0 to 9", field="name")
    return key


def _provider(provider: str) -> str:
    if provider not in EXTERNAL:
        raise Invalid(f"expected one of {', '.join(EXTERNAL)}", field="provider")
    return provider


def _text(value: object, field: str) -> str:
    text = without_nul(value).strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= MAX_NAME:
        raise Invalid(f"expected a text of 1 to {MAX_NAME} characters", field=field)
    return text


def check_base_url(url: object) -> str:
    """An address below which `/chat/completions` is, without a slash at its end; "" for ""."""
    if not isinstance(url, str):
        raise Invalid("expected an address", field="base_url")
    url = url.strip().rstrip("/").removesuffix("/chat/completions")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # A password in an address would be shown wherever the address is.
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or len(url) > MAX_NAME:
        raise Invalid("expected an address such as https://host.example/v1", field="base_url")
    return url


def check_reachable(url: str, *, may_be_private: bool) -> None:
    """Raise Invalid for an address that would never be asked (`lib.outgoing` has the rules).

    A name is not looked up here: that is done at each connection, when it counts.
    """
    if not url:
        return
    parts = urlsplit(url)
    reason = outgoing.fault(
        parts.hostname or "", parts.port, is_privileged=may_be_private, scheme=parts.scheme
    )
    if reason:
        raise Invalid(reason, field="base_url")


def check_api_key(secret: object) -> str:
    """A key that can stand in a header; "" for a server that wants none."""
    if not isinstance(secret, str) or not all("!" <= letter <= "~" for letter in secret.strip()):
        raise Invalid("expected printable ASCII characters without spaces", field="api_key")
    return secret.strip()
