"""DATABASE_URL: one server or several, in each spelling that people try."""

from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.database.address import read_address

SEVERAL: dict[str, Any] = {"target_session_attrs": "read-write", "connect_timeout": 5}


@pytest.mark.parametrize(
    ("url", "host", "port", "options"),
    [
        ("postgres://u:p@h:5432/n", "h", 5432, {}),
        ("postgres://u:p@[::1]:5432/n?sslmode=require", "::1", 5432, {"sslmode": "require"}),
        ("postgresql://u:p@h1:5432,h2:5433/n", "h1,h2", "5432,5433", SEVERAL),
        ("postgres://u:p@h1,h2:5433/n", "h1,h2", "5432,5433", SEVERAL),
        ("postgres://u:p@[::1]:1,[fe80::2]/n", "::1,fe80::2", "1,5432", SEVERAL),
        ("postgres://u:p@/n?host=h1,h2&port=1,2", "h1,h2", "1,2", SEVERAL),
        (
            "postgres://u:p@h1,h2/n?target_session_attrs=any&connect_timeout=2",
            "h1,h2",
            "5432,5432",
            {"target_session_attrs": "any", "connect_timeout": 2},
        ),
        ("postgres://u:p@/n?host=%2Frun%2Fpg", "/run/pg", "", {}),
    ],
)
def test_hosts_and_ports(url: str, host: str, port: object, options: dict[str, Any]) -> None:
    found = read_address(url)
    assert (found["HOST"], found["PORT"]) == (host, port)
    assert found["OPTIONS"] == options
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("u", "p", "n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:secret@h/n", "expected postgres://user:password@host:port/name"),
        ("postgres://u:secret@h1:x,h2/n", "expected host:port,host:port between @ and /"),
        ("postgres://u:secret@h1,,h2/n", "expected host:port,host:port between @ and /"),
        ("postgres://u:secret@h:x/n", "not a database address"),
        ("h1:5432", "not a database address"),
    ],
)
def test_what_is_none_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        read_address(url)
    assert "secret" not in str(refused.value)


HOSTS = st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True)
PORTS = st.integers(1, 65535)


@given(st.lists(st.tuples(HOSTS, PORTS), min_size=2, max_size=5))
def test_as_many_hosts_as_ports(places: list[tuple[str, int]]) -> None:
    spelt = ",".join(f"{host}:{port}" for host, port in places)
    found: dict[str, Any] = read_address(f"postgres://u@{spelt}/n")
    assert found["HOST"].split(",") == [host for host, _ in places]
    assert found["PORT"].split(",") == [str(port) for _, port in places]


@given(st.text())
def test_anything_is_an_address_or_refused(text: str) -> None:
    try:
        assert (
            read_address(f"postgres://{text}")["ENGINE"] == settings.DATABASES["default"]["ENGINE"]
        )
    except ValueError as error:
        assert "expected" in str(error) or "address" in str(error)
