"""Paths with slashes too many, or below a prefix."""

import pytest

from adaptive_site.lib.http.addresses import tidy, without_prefix


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/feedback/", "/api/v1/feedback"),
        ("//api/v1/feedback", "/api/v1/feedback"),
        ("/api//v1///feedback//", "/api/v1/feedback"),
        ("/projects//maple/", "/projects/maple/"),
        ("/projects/maple", "/projects/maple"),
        ("//evil.example/", "/evil.example/"),
        ("/api/", "/api/"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_slashes(path: str, expected: str) -> None:
    assert tidy(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/logs/login/", "/login/"), ("/login/", "/login/"), ("/logs", "/"), ("/logs/", "/"),
        ("/logsmith/", "/logsmith/"), ("/logs/logs/", "/logs/"),
    ],
)  # fmt: skip
def test_a_prefix_is_taken_off_where_it_is(path: str, expected: str) -> None:
    assert without_prefix(path, "/logs") == expected
