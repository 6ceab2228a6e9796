"""The server as HTTP clients meet it: names, slashes, codings, and connections of all kinds."""

import gzip
import http.client
import json
import re
import socket
import zlib
from contextlib import ExitStack
from typing import Any

import pytest

from tests.served import KEY, Served

BEARER = {"Authorization": f"Bearer {KEY}"}
ME = json.dumps({"query": "{ me { email } }"}).encode()
CHAT = json.dumps(
    {"model": "demo/echo", "messages": [{"role": "user", "content": "Hello"}]}
).encode()
NAMES = ("host.docker.internal:8000", "adaptive_site:8000", "10.1.2.3", "evil.example", "a b", "")


def ask(
    site: Served, method: str, path: str, body: bytes | None = None, /, **headers: str
) -> tuple[int, str, bytes]:
    """Status, media type and body of an answer; a header `a-b` is written `a_b`."""
    connection = http.client.HTTPConnection("127.0.0.1", site.site.port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **named}
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, (answer.getheader("Content-Type") or "").partition(";")[0], said


@pytest.mark.parametrize("name", NAMES)
def test_health_and_the_api_answer_under_any_name(site: Served, name: str) -> None:
    assert ask(site, "GET", "/healthz", Host=name)[::2] == (200, b"ok")
    status, kind, said = ask(site, "GET", "/api/v1/models", None, Host=name, **BEARER)
    assert (status, kind) == (200, "application/json")
    assert json.loads(said)["object"] == "list"
    status, _, said = ask(site, "POST", "/api/graphql", ME, Host=name, **BEARER)
    assert (status, json.loads(said)["data"]["me"]["email"]) == (200, "alice@example.org")
    assert ask(site, "POST", "/api/v1/chat/completions", CHAT, Host=name, **BEARER)[0] == 200
    for method, path in (("GET", "/api/v1/models"), ("POST", "/api/v1/chat/completions")):
        body = CHAT if method == "POST" else None
        assert ask(site, method, path, body, Host=name)[:2] == (401, "application/json")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_name_the_setting_under_an_unknown_name(site: Served, method: str) -> None:
    body = b"email=x" if method == "POST" else None
    for path in ("/login/", "/projects/demo/interactions/", "/nowhere/"):
        status, kind, said = ask(site, method, path, body, Host="evil.example:80")
        assert (status, kind) == (400, "text/html")
        assert b"ADAPTIVE_SITE_HOSTS=http://evil.example<" in said
    status, kind, said = ask(site, method, "/login/", body, Host="<b>nonsense")
    assert (status, kind) == (400, "text/html")
    assert b"ADAPTIVE_SITE_HOSTS" in said and b"nonsense" not in said
    assert ask(site, "GET", "/login/", Host=f"localhost:{site.site.port}")[0] == 200


@pytest.mark.parametrize("path", ["//api/v1/chat/completions", "/api/v1/chat/completions/",
                                  "/api//v1/chat//completions//"])  # fmt: skip
def test_slashes_too_many_lose_no_body(site: Served, path: str) -> None:
    status, _, said = ask(site, "POST", path, CHAT, **BEARER)
    assert status == 200 and json.loads(said)["choices"]
    assert ask(site, "POST", path, b"{}", **BEARER)[0] == 400


def test_slashes_too_many_on_what_goes_through_django(site: Served) -> None:
    for path in ("/api/v1/models/", "//api/v1/models", "/api/v1//models"):
        assert json.loads(ask(site, "GET", path, None, **BEARER)[2])["object"] == "list"
    for path in ("/api/graphql/", "//api/graphql", "/api//graphql//"):
        assert "data" in json.loads(ask(site, "POST", path, ME, **BEARER)[2])
    assert ask(site, "GET", "//login/")[0] == 200
    assert ask(site, "GET", "/api/v1/nowhere/", None, **BEARER)[:2] == (404, "application/json")


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_compressed_body_is_read_at_every_door(site: Served, coding: str, packed: Any) -> None:
    named = {**BEARER, "Content_Encoding": coding}
    status, _, said = ask(site, "POST", "/api/v1/chat/completions", packed(CHAT), **named)
    assert status == 200 and json.loads(said)["choices"]
    assert "data" in json.loads(ask(site, "POST", "/api/graphql", packed(ME), **named)[2])
    form = packed(b"username=nobody@example.org&password=x")
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Content_Encoding": coding}
    status, kind_said, said = ask(site, "POST", "/login/", form, **kind)  # no browser sends one
    assert (status, kind_said) == (415, "text/plain")
    assert said == f"Content-Encoding: expected none, got '{coding}'\n".encode()
    status, _, said = ask(site, "POST", "/api/v1/feedback", b"nonsense", **named)
    assert (status, json.loads(said)["field"]) == (400, "Content-Encoding")
    bomb = packed(b" " * (49 << 20))
    status, _, said = ask(site, "POST", "/api/v1/feedback", bomb, **named)
    assert (status, "larger than 48 MB" in json.loads(said)["error"]) == (413, True)
    told = json.loads(ask(site, "POST", "/api/graphql", packed(b" " * (50 << 20)), **named)[2])
    assert "larger than 48 MB" in told["errors"][0]["message"]


def test_a_coding_we_do_not_speak_is_named_in_each_doors_shape(site: Served) -> None:
    named = {**BEARER, "Content_Encoding": "br"}
    status, _, said = ask(site, "POST", "/api/v1/feedback", b"x", **named)
    assert (status, json.loads(said)["field"]) == (415, "Content-Encoding")
    status, _, said = ask(site, "POST", "/api/graphql", b"x", **named)
    assert (status, json.loads(said)["data"]) == (200, None)
    assert "'br'" in json.loads(said)["errors"][0]["message"]


@pytest.mark.parametrize("path", ["/api/v1/interactions", "/api/graphql", "/login/"])
def test_unfinished_bodies_of_strangers_do_not_stop_the_site(site: Served, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc".encode()
    with ExitStack() as stack:
        for _ in range(1_100):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", site.site.port)))
            one.sendall(head)
        assert ask(site, "GET", "/healthz")[0] == 200
        assert ask(site, "GET", "/login/")[0] == 200
        assert ask(site, "POST", "/api/v1/chat/completions", CHAT, **BEARER)[0] == 200
        large = json.dumps({"query": "{ me { email } }", "x": "y" * 3_000_000}).encode()
        assert "data" in json.loads(ask(site, "POST", "/api/graphql", large, **BEARER)[2])


def test_a_large_body_without_a_good_key_gets_its_answer(site: Served) -> None:
    body = b"x" * (20 << 20)
    for path in ("/api/v1/interactions", "/api/graphql", "/api/v1/chat/completions"):
        status, kind, said = ask(site, "POST", path, body, Authorization="Bearer nonsense")
        assert (status, kind) == (401, "application/json") and b"not known" in said


def test_codings_are_weighed_for_static_files_and_pages_alike(site: Served) -> None:
    page = ask(site, "GET", "/login/")[2].decode()
    static = re.findall(r'href="(/static/css/[^"]+)"', page)[0]
    for path in ("/login/", static):
        sizes = {}
        for accepts in ("gzip", "gzip;q=0", "br", "identity", "*"):
            said = ask(site, "GET", path, None, Accept_Encoding=accepts)[2]
            sizes[accepts] = said[:2] == b"\x1f\x8b"
        assert sizes == {
            "gzip": True, "gzip;q=0": False, "br": False, "identity": False, "*": True,
        }  # fmt: skip


def test_a_head_says_what_a_get_would(site: Served) -> None:
    for accepts in ("gzip", "identity"):
        got, head = (_headers(site, method, "/healthz", accepts) for method in ("GET", "HEAD"))
        assert got == head
        assert head["content-length"] == "2"
        page = _headers(site, "HEAD", "/login/", accepts)
        assert page.get("content-encoding") == ("gzip" if accepts == "gzip" else None)
        assert int(page["content-length"]) > 500
        assert "accept-encoding" in page["vary"].lower()


def _headers(site: Served, method: str, path: str, accepts: str) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", site.site.port, timeout=30)
    connection.request(method, path, headers={"Accept-Encoding": accepts})
    answer = connection.getresponse()
    assert answer.status == 200
    assert (answer.read() == b"") == (method == "HEAD")
    connection.close()
    passing = ("date", "expires", "set-cookie")
    return {
        name.lower(): value for name, value in answer.getheaders() if name.lower() not in passing
    }


def test_requests_one_after_another_on_one_connection(site: Served) -> None:
    """Also sent without waiting, after a refusal, and with a body in chunks."""
    port = site.site.port
    key = f"Authorization: Bearer {KEY}\r\n"
    get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    refused = "POST /api/v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
    chunked = (
        f"POST /api/v1/feedback HTTP/1.1\r\nHost: localhost\r\n{key}"
        "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    )
    last = get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall((get + refused + chunked + get + last).encode())
        said = b""
        while piece := connection.recv(65536):
            said += piece
    # A body without a line's end is followed by the next answer at once.
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", said)
    assert statuses == [b"200", b"401", b"400", b"200", b"200"]
