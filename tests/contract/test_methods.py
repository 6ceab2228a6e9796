"""Every public method of every version of the SDK: it works, or is refused as documented."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.conftest import Driven
from tests.contract.environments import VERSIONS
from tests.contract.methods import BEYOND, WORKING, Verdict, verdict

KINDS = ("blocking", "async")
by_client = pytest.mark.parametrize(
    ("version", "kind"), [(version, kind) for version in VERSIONS for kind in KINDS]
)


@pytest.fixture
def client(driven: Driven, version: str, kind: str) -> dict[str, Any]:
    """What one client did."""
    found = driven(version)
    assert found["version"] == version
    result: dict[str, Any] = found["clients"][kind]
    return result


@by_client
def test_no_public_method_is_missing_from_the_table(
    client: dict[str, Any], version: str, kind: str, counted: Callable[[str], None]
) -> None:
    verdicts = {name: verdict(name) for name in client["methods"]}
    assert not [name for name, found in verdicts.items() if found is None]
    counts = {v: list(verdicts.values()).count(v) for v in Verdict}
    reaching = counts[Verdict.WORKS] + counts[Verdict.BEYOND]
    counted(
        f"adaptive-sdk {version} {kind}: {reaching} of {reaching} public methods covered:"
        f" {counts[Verdict.WORKS]} work, {counts[Verdict.BEYOND]} refused or empty as documented"
    )


@by_client
def test_every_method_that_should_work_was_called_and_works(client: dict[str, Any]) -> None:
    called = {one["method"] for one in client["outcomes"]}
    expected = {name for name in client["methods"] if verdict(name) is Verdict.WORKS}
    aliases = {name for name in expected if name.startswith("use_cases.")}
    if "use_cases.list" in called:
        called |= aliases  # one check goes through all of the deprecated names
    assert expected - called == set()
    faults = [f"{one['check']}:\n{one['fault']}" for one in client["outcomes"] if one["fault"]]
    assert not faults, "\n".join(faults)


@by_client
def test_what_is_beyond_this_server_is_refused_or_empty_as_documented(
    client: dict[str, Any],
) -> None:
    expected = {name for name in client["methods"] if verdict(name) is Verdict.BEYOND}
    said: dict[str, str] = client["beyond"]
    assert expected - set(said) == set()
    wrong = {
        name: answer
        for name, answer in said.items()
        if name in expected and not re.search(BEYOND[name], answer)
    }
    assert not wrong


def test_the_table_names_no_method_that_no_version_has(driven: Driven) -> None:
    found = {
        name
        for version in VERSIONS
        for client in driven(version)["clients"].values()
        for name in client["methods"]
    }
    assert (WORKING | set(BEYOND)) - found == set()
