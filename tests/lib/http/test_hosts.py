"""Names that are called: behind a proxy, with a port of its own, with an underscore."""

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from adaptive_site.lib.http.hosts import read_host
from projects.models import User
from tests.make import make_user

pytestmark = pytest.mark.django_db
PROXIED = override_settings(
    ALLOWED_HOSTS=["logs.example.com", "my_site", ".example.org"],
    CSRF_TRUSTED_ORIGINS=["https://logs.example.com:8443"],
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    USE_X_FORWARDED_HOST=True,
    HOSTS=[read_host(name) for name in ("logs.example.com", ".example.org", "http://my_site")],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(autouse=True)
def proxied() -> Iterator[None]:
    """Behind a proxy that ends TLS."""
    with PROXIED:
        yield


@pytest.fixture
def person() -> User:
    """Who logs in."""
    user = make_user("dora")
    user.set_password("a password of the tests")
    user.save()
    return user


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "logs.example.com", "Origin": "https://logs.example.com", **HTTPS},
        {"Host": "logs.example.com", "Origin": "https://logs.example.com:8443", **HTTPS},
        {"Host": "10.0.0.5:8000", "X-Forwarded-Host": "logs.example.com",
         "Origin": "https://logs.example.com", **HTTPS},
        {"Host": "a.example.org", "Origin": "https://a.example.org", **HTTPS},
        {"Host": "my_site:8000", "Origin": "http://my_site:8000"},
        {"Host": "MY_SITE", "Origin": "http://MY_SITE"},
    ],
)  # fmt: skip
def test_a_form_is_taken_under_each_name(person: User, headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True, headers=headers)
    page = client.get("/login/")
    assert page.status_code == 200
    token = client.cookies["adaptive_site_csrf"].value
    form = {"username": person.email, "password": "a password of the tests"}
    answer = client.post("/login/?next=/keys/", {**form, "csrfmiddlewaretoken": token})
    assert (answer.status_code, answer["Location"]) == (302, "/keys/")
    is_https = "X-Forwarded-Proto" in headers
    assert all(bool(cookie["secure"]) is is_https for cookie in answer.cookies.values())


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Host": "evil.example"}, "=http://evil.example<"),
        ({"Host": "evil.example:443", **HTTPS}, "=evil.example<"),
        ({"Host": "logs.example.com", "X-Forwarded-Host": "evil.example"}, "=http://evil.example<"),
        ({"Host": "your_site"}, "=http://your_site<"),
        ({"Host": "*"}, "Not a name of this site"),
        ({"Host": "logs.example.com@evil.example"}, "Not a name of this site"),
    ],
)
def test_another_name_is_refused_by_pages_and_named(headers: dict[str, str], says: str) -> None:
    for method in ("get", "post", "head", "put"):
        answer = getattr(Client(headers=headers), method)("/login/")
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("text/html")
        if method != "head":
            assert says in answer.text
    assert Client(headers=headers).get("/healthz").status_code == 200
    assert Client(headers=headers).get("/api/v1/models").status_code == 401


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "http"}])
def test_a_name_that_has_https_is_not_served_without_it(headers: dict[str, str]) -> None:
    client = Client(headers={"Host": "logs.example.com", **headers})
    answer = client.get("/login/?next=/keys/")
    assert (answer.status_code, answer.cookies) == (400, {})
    assert 'href="https://logs.example.com/login/?next=/keys/"' in answer.text
    assert "ADAPTIVE_SITE_HOSTS=http://logs.example.com" in answer.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/models").status_code == 401
    for name in ("localhost", "127.0.0.1:8000"):  # the machine's own need none
        with override_settings(ALLOWED_HOSTS=["*"], HOSTS=[read_host("*")]):
            assert Client(headers={"Host": name}).get("/login/").status_code == 200


def test_links_of_the_api_begin_with_the_name_that_was_called() -> None:
    request_headers = {"Host": "evil.example", "Authorization": "Bearer nonsense"}
    answer = Client(headers=request_headers).post("/api/graphql", "{}", "application/json")
    assert answer.status_code == 401 and "evil" not in answer.text
