"""Asking a provider who somebody is: the authorization code flow with PKCE, by Authlib.

Nothing of it is loaded before somebody signs in so. No token is kept: what the provider says of
somebody is read once.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from joserfc.errors import JoseError

from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.openid.settings import OpenIdSettings

SECONDS_TO_ANSWER = 10
LEEWAY = 120  # seconds that the provider's clock may be before or behind ours
_DOCUMENT_SECONDS = 3600  # for which the provider's own description of itself is kept
# With a public key: one that both sides share, or none, proves nothing here.
_ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
_BASIC = "client_secret_basic"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

logger = logging.getLogger(__name__)
# What providers say of themselves, with their keys: of this process.
_documents: dict[OpenIdSettings, dict[str, Any]] = {}


class ProviderAway(DomainError):
    """The provider does not answer."""

    status = 503


class NotProved(DomainError):
    """The provider answers, but with nothing that proves who somebody is."""

    status = 502


class NotGiven(DomainError):
    """The person, or the provider, did not go on; or the answer is one that was used."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that is under way: where to send the browser, and what its answer must fit."""

    url: str
    state: str
    nonce: str
    verifier: str
    callback: str


def begin(provider: OpenIdSettings, callback: str) -> Begun:
    """Begin to sign in; the browser comes back to `callback`. Raises ProviderAway, NotProved."""
    with _told(provider):
        made = _client(provider).create_authorization_url(callback)
    return Begun(made["url"], made["state"], made["nonce"], made["code_verifier"], callback)


def finish(provider: OpenIdSettings, begun: Begun, answer: Mapping[str, str]) -> dict[str, Any]:
    """What the provider says of who came back with `answer`, in claims that were checked.

    Those of the ID token and, where the provider says more, of its userinfo. Raises ProviderAway,
    NotProved, NotGiven.
    """
    if "error" in answer:
        raise _not_given(provider, answer["error"], answer.get("error_description", ""))
    if not answer.get("code"):
        raise NotGiven(f"{provider.name} sent no code")
    with _told(provider):
        client = _client(provider)
        _check_sender(client.server_metadata, answer)
        token = client.fetch_access_token(
            code=answer["code"], redirect_uri=begun.callback, code_verifier=begun.verifier
        )
        said = client.parse_id_token(token, begun.nonce, leeway=LEEWAY)
        if not said:
            raise ValueError("no ID token")
        is_enough = _says_all(provider, said) or "userinfo_endpoint" not in client.server_metadata
        return dict(said) if is_enough else _with_userinfo(client, token, dict(said))


def _says_all(provider: OpenIdSettings, said: Mapping[str, Any]) -> bool:
    """Whether an ID token says all that decides; else there may be more in the userinfo."""
    has_claim = provider.claim is None or provider.claim.is_met(said)
    return has_claim and "email" in said and provider.verified_claim in said


def _with_userinfo(client: Any, token: Any, said: dict[str, Any]) -> dict[str, Any]:
    more = dict(client.userinfo(token=token))
    if not compare_digest(str(more.get("sub")).encode(), str(said["sub"]).encode()):
        raise ValueError("userinfo is of another person than the ID token")
    return more | said


def _client(provider: OpenIdSettings) -> Any:
    """Authlib's client, which knows the provider's document; that is read anew each hour."""
    known = _documents.get(provider)
    if known is None or time.time() > known["_loaded_at"] + _DOCUMENT_SECONDS:
        known = _new_client(provider).load_server_metadata()
        _check_document(provider, known)
        _documents[provider] = known
    ways = known.get("token_endpoint_auth_methods_supported", [_BASIC])
    client = _new_client(provider, _BASIC if _BASIC in ways else "client_secret_post")
    client.server_metadata = known  # shared: it gets the provider's keys, too
    return client


def _new_client(provider: OpenIdSettings, way: str = _BASIC) -> Any:
    return DjangoOAuth2App(
        DjangoIntegration("openid"),
        name="openid",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": provider.scopes,
            "code_challenge_method": "S256",
            "default_timeout": SECONDS_TO_ANSWER,
            "token_endpoint_auth_method": way,
        },
    )


def _check_document(provider: OpenIdSettings, document: dict[str, Any]) -> None:
    """Let the document be of this issuer, and narrow its algorithms to those that prove."""
    issuer = str(document.get("issuer", ""))
    if issuer.rstrip("/") != provider.issuer:
        raise ValueError(f"its document is of the issuer {issuer[:200]!r}, not {provider.issuer!r}")
    if missing := [name for name in _NEEDED if not document.get(name)]:
        raise ValueError(f"its document lacks {', '.join(missing)}")
    known = document.get("id_token_signing_alg_values_supported", ["RS256"])
    document["id_token_signing_alg_values_supported"] = [a for a in known if a in _ALGORITHMS]


def _check_sender(document: Mapping[str, Any], answer: Mapping[str, str]) -> None:
    """RFC 9207: an answer that says which issuer it is of is of this one."""
    must_say = document.get("authorization_response_iss_parameter_supported", False)
    if ("iss" in answer or must_say) and answer.get("iss") != document["issuer"]:
        raise ValueError(f"the answer is of the issuer {answer.get('iss', '')[:200]!r}")


def _not_given(provider: OpenIdSettings, error: str, description: str) -> DomainError:
    if error == "access_denied":
        return NotGiven(f"{provider.name} did not let you in, or you went back")
    if error == "temporarily_unavailable":
        return ProviderAway(f"{provider.name} is not available now")
    logger.warning("OpenID Connect: %.100r %.500r", error, description)
    return NotProved(f"{provider.name} answered with an error; it is in the log of this server")


@contextmanager
def _told(provider: OpenIdSettings) -> Iterator[None]:
    """Say what went wrong in words for who signs in, and in the log what the operator needs."""
    try:
        yield
    except requests.RequestException as error:
        logger.warning("OpenID Connect: %s does not answer: %s", provider.issuer, error)
        raise ProviderAway(f"{provider.name} does not answer") from error
    except OAuthError as error:
        if error.error == "invalid_grant":
            raise NotGiven("this sign-in was used already, or took too long") from error
        raise _not_given(provider, str(error.error), str(error.description)) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        logger.warning("OpenID Connect: %s proves nothing: %s", provider.issuer, error)
        raise NotProved(
            f"what {provider.name} says of you cannot be checked; why is in the log of this server"
        ) from error
