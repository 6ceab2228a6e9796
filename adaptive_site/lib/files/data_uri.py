"""What a `data:` URI holds, read as forgivingly as browsers read it."""

import binascii
import re
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*")
_OF_ADDRESSES = bytes.maketrans(b"-_", b"+/")


def parse(uri: str) -> tuple[str, bytes]:
    """The declared media type, in lower case, and the bytes. Raises ValueError.

    Letters' case, parameters, line breaks, missing padding and escapes do not matter, as the rule
    for browsers says; beside the usual alphabet of base64 that of addresses (`-_`) is read.

    >>> parse("data:Text/Plain;charset=utf-8;BASE64,SGVs\\nbG8")
    ('text/plain', b'Hello')
    """
    head, comma, body = uri[len("data:") :].partition(",")
    if not comma:
        raise ValueError("no comma before the data")
    declared, *parameters = (one.strip().lower() for one in head.split(";"))
    raw = body.encode("ascii")
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    if "base64" not in parameters[-1:]:
        return declared, raw
    raw = b"".join(raw.translate(_OF_ADDRESSES).split())
    raw = raw.removesuffix(b"=").removesuffix(b"=")
    if not _BASE64.fullmatch(raw):
        raise ValueError("characters that are not of base64")
    return declared, binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
