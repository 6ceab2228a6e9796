"""Addresses of PostgreSQL as DATABASE_URL has them, with several servers or one."""

import re
from typing import Any

import dj_database_url

_EXPECTED = "expected postgres://user:password@host:port/name"
_EXPECTED_SEVERAL = "expected host:port,host:port between @ and /"
# Seconds after which the next of several servers is tried.
_CONNECT_TIMEOUT = 5
_SEVERAL_STAND_IN = "several.invalid"


def read_address(url: str, *, wanted: str = "read-write") -> dict[str, Any]:
    """Return Django's settings of the database at `url`, in DATABASES' form.

    Of several servers the one is used that is as `wanted`, libpq's `target_session_attrs`.

    Several servers stand as `host:port,host:port`, which URL parsers refuse and libpq has, or as
    `?host=a,b&port=1,2`. Raises ValueError that says what was expected, and no password.
    """
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    account, at, hosts = authority.rpartition("@")
    several = _several(hosts) if "," in hosts else {}
    if several:
        url = f"{scheme}://{account}{at}{_SEVERAL_STAND_IN}{slash}{path}"
    try:
        found: dict[str, Any] = {**dj_database_url.parse(url)}
    except (dj_database_url.ParseError, ValueError) as error:
        raise ValueError(f"not a database address: {error or _EXPECTED}") from error
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise ValueError(_EXPECTED)
    options: dict[str, Any] = {**found.get("OPTIONS", {})}
    # Said once, where whoever asks for the host looks, pg_dump for one.
    found |= {key.upper(): options.pop(key) for key in ("host", "port") if key in options}
    found |= several
    if "," in str(found["HOST"]):
        preset = {"target_session_attrs": wanted, "connect_timeout": _CONNECT_TIMEOUT}
        options = {**preset, **options}
    return {**found, "OPTIONS": options}


def _several(hosts: str) -> dict[str, str]:
    places = [
        re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:\[]+)(?::(\d+))?", one)
        for one in hosts.split(",")
    ]
    if not all(places):
        raise ValueError(_EXPECTED_SEVERAL)
    found = [place.groups() for place in places if place]
    names = [in_brackets or name for in_brackets, _, name, _ in found]
    ports = [one or other or "5432" for _, one, _, other in found]
    return {"HOST": ",".join(names), "PORT": ",".join(ports)}
