"""What strangers and broken programs send, and where they can put it."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from interactions.filters.address.form import InteractionFilter
from tests.house.files import named

NASTY = (
    "", " ", "\0", "a\0b", "(", ")", "()", '"', "'", "\\", "%", "%00", "%zz", "null", "-1", "0",
    "NaN", "1e999", "9" * 30, "-" + "9" * 30, str(2**31), str(2**63), "١٢٣", "²", "x" * 5000,
    "\ud83d", "\ufffe", "\u202e", "é" * 300, "e\u0301", "🙂", "[", "{}", "[]", "true", "on",
    "2026-13-45", "0001-01-01", "9999-12-31", "2026-11-30T25:61", "10000-01-01T00:00Z",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-uuid",
    "../../etc/passwd", "/", "//", "http://[", "http://[::1", "//[", "javascript:1", "mailto:x",
    "a:b:c", "a.b:", ":", "helpful:", "helpful>", "feedback.helpful>1e400", "a OR", "NOT", "~",
    "desc", "-created_at", "created_at,", ",", ",,,", ";", "&", "=", "<script>", "{{ 7*7 }}",
    "'; DROP TABLE interaction; --", "\r\nX-Injected: 1", "\x1b[31m", "..", ".", "*", "?", "#",
)  # fmt: skip
HEADERS: tuple[tuple[str, str], ...] = (
    ("HX-Current-URL", "http://["),
    ("HX-Current-URL", "//["),
    ("HX-Current-URL", "http://testserver/projects/maple/interactions/?q=%00&open=x"),
    ("HX-Current-URL", "http://testserver:99999999/"),
    ("HX-Current-URL", "\x00"),
    ("HX-Current-URL", "%E0%A4%A; URI-AutoEncoded=1"),
    ("HX-Target", "\0"),
    ("HX-Trigger-Name", "%ff"),
    ("HX-Prompt", "\0"),
    ("HX-Boosted", "x"),
    ("HX-History-Restore-Request", "true"),
    ("Accept", "\0"),
    ("Accept-Language", "x" * 3000),
    ("Accept-Encoding", "gzip;q=x"),
    ("If-None-Match", '"'),
    ("If-Modified-Since", "Mon, 99 Nov 99999 99:99:99 GMT"),
    ("Range", "bytes=9-1,-,x"),
    ("Cookie", "theme=\\000; adaptive_site_session=%00; tz=Nowhere/Land; csrftoken"),
    ("Referer", "http://["),
    ("Origin", "http://["),
    ("X-Forwarded-For", "\0, [, ,"),
    ("X-Forwarded-Proto", "\0"),
    ("Authorization", "Bearer \0"),
    ("Authorization", "Bearer é"),
    ("Authorization", "Basic !"),
    ("User-Agent", "adaptive_sdk/\0"),
    ("Idempotency-Key", "\0" * 300),
)
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json; charset=utf-16", '{"model": "maple"}'.encode("utf-16")),
    ("application/json; charset=klingon", b"{}"),
    ("application/json", b"\xff\xfe"),
    ("application/json", b""),
    ("application/json", b"null"),
    ("application/json", b"[" * 5000),
    ("application/json", b'"\\ud83d"'),
    ("application/json", b"1e999"),
    ("application/x-www-form-urlencoded; charset=utf-16", "name=é&key=é".encode("utf-16")),
    ("application/x-www-form-urlencoded; charset=klingon", b"name=x&key=y&value=z"),
    ("application/x-www-form-urlencoded", b"name=%FF%FE&key=%00&value=%ff&query=%ed%a0%80"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(1200))),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=", b"x"),
    ("multipart/form-data; boundary=\xc3\xa9", b"--x"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"key\"\r\n"
     b"\r\n\x00\xff\r\n--x--"),
    ("multipart/form-data; boundary=x; charset=utf-16", b"--x\r\nContent-Disposition: form-data;"
     b" name=\"operations\"; filename=\"\x00\"\r\nContent-Type: text/plain; charset=klingon\r\n"
     b"\r\n{}\r\n--x--"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n"
     b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--"),
    ("text/plain", b"\0"),
    ("", b"x"),
)  # fmt: skip
_READ = re.compile(r"\.(?:GET|POST)(?:\.get|\.getlist|\.pop)?[\[(]\s*[\"'](\w+)[\"']")
_FIELD = re.compile(r"^    (\w+) = forms\.\w+\(", re.MULTILINE)
_PARTS = re.compile(r"htmx\.target[^\n]*|^\s+part = \{[^\n]*htmx\.target[^\n]*", re.MULTILINE)
_NAME = re.compile(r"[\"']([\w-]+)[\"']")


@dataclass(frozen=True, slots=True)
class Route:
    """An address with places in it: `path` as a format, `places` by name with their converter."""

    path: str
    places: tuple[tuple[str, str], ...]

    def at(self, values: dict[str, str]) -> str:
        """The address with these values in its places."""
        return "/" + self.path.format(**values)


def routes(
    patterns: Iterable[Any] | None = None, before: str = "", outer: tuple[Any, ...] = ()
) -> Iterator[Route]:
    """Every address of the site but the admin console's, which is Django's."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if not isinstance(one.pattern, RoutePattern) or str(one.pattern) == "admin/":
            continue
        path = before + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern))
        kinds = [(n, type(c).__name__) for n, c in one.pattern.converters.items()]
        places = (*outer, *kinds)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, path, places)
        elif isinstance(one, URLPattern):
            yield Route(path, places)


@cache
def parameters() -> list[str]:
    """Every name that a view reads from a query or a form, found in the code."""
    found = set(InteractionFilter.parameters)
    for path in named(".py", under=("projects", "interactions", "adaptive_site")):
        if "migrations" not in path.parts:
            text = path.read_text("utf-8")
            found.update(_READ.findall(text))
            if "web" in path.parts or "forms" in path.stem:
                found.update(_FIELD.findall(text))
    return sorted(
        found | {"before", "after", "open", "limit", "order", "metadata[x]", "metadata[", "page"}
    )


@cache
def targets() -> list[str]:
    """Every HX-Target that a view tells from others, and one that none knows."""
    found = {"", "nowhere"}
    for path in named(".py", under=("projects", "interactions")):
        text = path.read_text("utf-8")
        if "web" in path.parts and "htmx.target" in text:
            for line in _PARTS.findall(text):
                found.update(_NAME.findall(line))
    return sorted(found)


def documents(deep: Any) -> list[Any]:
    """JSON bodies: right in shape, with `deep` somewhere in it."""
    message = {"role": "user", "content": "x"}
    return [
        {"model": deep, "messages": [message]},
        {"model": "maple", "messages": deep},
        {"model": "maple", "messages": [{**message, "content": deep}]},
        {"model": "maple", "messages": [{"role": "assistant", "tool_calls": [deep]}]},
        {"model": "maple", "messages": [{"role": "assistant", "tool_calls": [{"function": deep}]}]},
        {"model": "maple", "messages": [message], "labels": deep, "user": deep},
        {"model": "maple", "messages": [message], "metadata": {"x": deep}, "tools": deep},
        {"model": "maple", "messages": [message], "session_id": deep, "temperature": deep},
        {"model": "maple", "input": deep},
        {"model": "maple", "completion": deep, "messages": [message], "feedbacks": deep},
        {"model": "maple", "completion": "x", "messages": [message], "created_at": deep},
        {"completion_id": deep, "metric": "helpful", "value": 1},
        {"metric": deep, "value": deep, "completion_id": "x"},
        {"metric": "better", "preferred_completion": deep, "other_completion": deep},
        {"query": deep},
        {"query": "{ projects { id } }", "variables": deep, "operationName": deep},
        {
            "query": "query($f: ListCompletionsFilterInput!, $p: CursorPageInput!)"
            " { completions(filter: $f, page: $p) { nodes { id } } }",
            "variables": {"f": {"project": "maple", "session_id": deep}, "p": {"first": deep}},
        },
    ]


DEEP: tuple[Any, ...] = (
    None, True, 0, -1, 2**64, 10**40, 1e308, "", "\0", "pa/\0", "maple/\0", "x" * 70_000, [], {},
    [[]], [None], {"": ""}, {"\0": "\0"}, {"type": "text"}, {"name": "f"},
    [{"type": "image_url", "image_url": {}}], {"name": "\0", "arguments": {}},
    "9999-12-31T23:59:59Z", "\ud83d",
)  # fmt: skip


def as_json(value: Any) -> bytes:
    """JSON of it, also where a text is no text, or a number too large."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()
