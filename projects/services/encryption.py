"""Providers' keys, encrypted in the database by a key that follows from SECRET_KEY."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from adaptive_site.lib.errors import DomainError

_PURPOSE = b"adaptive_site: keys of providers"


class Unreadable(DomainError):
    """A secret that was encrypted under another SECRET_KEY, or damaged."""

    status = 409


def seal(secret: str) -> bytes:
    """What is stored in place of `secret`; nothing for nothing."""
    return _cipher(settings.SECRET_KEY).encrypt(secret.encode()) if secret else b""


def unseal(sealed: bytes | memoryview) -> str:
    """The secret that `seal` was given. Raises Unreadable once SECRET_KEY has changed."""
    if not sealed:
        return ""
    try:
        return _cipher(settings.SECRET_KEY).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Unreadable(
            "the provider's key cannot be read, since SECRET_KEY has changed; enter it again"
        ) from error


@lru_cache(maxsize=2)
def _cipher(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))
