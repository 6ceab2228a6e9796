"""The provider that people sign in with, as an operator sets it: read and checked at the start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

ANY_DOMAIN = "*"
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class RequiredClaim:
    """A claim that somebody must have: one of `values`, as it is or among others in a list."""

    name: str
    values: frozenset[str]

    def is_met(self, claims: Mapping[str, Any]) -> bool:
        """Whether the claims have it; `a.b` also means the member `b` of an object `a`."""
        found = self._found(claims)
        given = found if isinstance(found, list) else [found]
        return any(_plain(one) in self.values for one in given)

    def _found(self, claims: Mapping[str, Any]) -> Any:
        if self.name in claims:
            return claims[self.name]
        found: Any = claims
        for part in self.name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """A provider, and who is let in by it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: str
    domains: frozenset[str]
    claim: RequiredClaim | None
    verified_claim: str
    takes_everybody: bool  # whom the provider lets in; else only who has an account or is invited

    def is_domain_let_in(self, email: str) -> bool:
        """Whether the address is of a domain that is let in; without domains each is."""
        if not self.domains or ANY_DOMAIN in self.domains:
            return True
        return email.rpartition("@")[2].lower() in self.domains


def check_issuer(value: str) -> str:
    """An issuer as it is configured. Raises ValueError saying what was expected."""
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(
            "expected the issuer's https address, as in https://login.example.com/realm"
        )
    return value


def check_domains(value: str) -> str:
    """Domains, separated by commas, or `*`. Raises ValueError."""
    for one in _domains(value):
        if one != ANY_DOMAIN and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", one):
            raise ValueError("expected domains such as example.com,example.org, or *")
    return value


def check_claim(value: str) -> str:
    """A claim with one value or several, as in `groups=annotators|owners`. Raises ValueError."""
    claim = _claim(value)
    if not claim.name or not claim.values:
        raise ValueError("expected claim=value, or claim=value|value, as in groups=annotators")
    return value


def read_provider(
    *,
    issuer: str | None,
    client_id: str | None,
    client_secret: str | None,
    name: str,
    scopes: str,
    domains: str,
    claim: str,
    verified_claim: str,
    new_people: str,
) -> OpenIdSettings | None:
    """The provider, None where no issuer is set.

    Raises ValueError, which begins with the end of the name of a setting, when they do not fit
    together.
    """
    if issuer is None:
        return None
    if not client_id:
        raise ValueError("CLIENT_ID: expected the id that the provider has given this site")
    if not client_secret:
        raise ValueError("CLIENT_SECRET: expected the secret that the provider has given this site")
    if "openid" not in scopes.split():
        raise ValueError("SCOPES: expected openid among them")
    if new_people == "everybody" and not domains and not claim:
        raise ValueError(
            "NEW_PEOPLE: everybody needs DOMAINS (* for all) or CLAIM, which say who everybody is"
        )
    if any(find_spec(library) is None for library in ("authlib", "requests")):
        raise ValueError(
            "ISSUER: needs the libraries of the extra sso: pip install 'authlib>=1.9' requests"
        )
    return OpenIdSettings(
        issuer=issuer.rstrip("/"),
        client_id=client_id,
        client_secret=client_secret,
        name=name,
        scopes=" ".join(scopes.split()),
        domains=frozenset(_domains(domains)),
        claim=_claim(claim) if claim else None,
        verified_claim=verified_claim,
        takes_everybody=new_people == "everybody",
    )


def _domains(value: str) -> list[str]:
    return [one.strip().lower() for one in value.split(",") if one.strip()]


def _claim(value: str) -> RequiredClaim:
    name, _, values = value.partition("=")
    wanted = frozenset(one.strip() for one in values.split("|") if one.strip())
    return RequiredClaim(name.strip(), wanted)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
