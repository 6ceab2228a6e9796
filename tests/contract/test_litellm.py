"""The gateway in front of litellm's proxy, through the SDK and without it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.environments import drive
from tests.contract.proxy import ANSWER, SECRET, proxy
from tests.served import Served


@pytest.fixture(scope="module")
def went(site: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What went through."""
    with proxy(tmp_path_factory.mktemp("proxy")) as url:
        yield drive("sdk-0.14.2", "behind_proxy", site, UPSTREAM_URL=url, UPSTREAM_SECRET=SECRET)


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_answers_come_whole_and_streamed(went: dict[str, Any], kind: str) -> None:
    answers = went[kind]
    assert answers["whole"] == answers["streamed"] == ANSWER
    assert answers["chunks"] > 5
    assert answers["usage"]["total_tokens"] > 0
    assert answers["streamed_usage"]["total_tokens"] > 0


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_what_went_through_is_logged(went: dict[str, Any], kind: str) -> None:
    for stored in (went[kind]["stored"], went[kind]["stored_of_the_stream"]):
        assert stored["completion"] == ANSWER
        assert stored["source"] == "LIVE"
        assert stored["model"] == {"key": "proxy-mock"}
        assert [message["content"] for message in stored["chatMessages"]] == ["Be brief.", "Hello"]
        assert stored["metadata"]["usage"]["totalTokens"] > 0
        assert stored["metadata"]["timings"]


@pytest.mark.parametrize("how", ["", " streamed"])
@pytest.mark.parametrize(
    ("what", "statuses", "reason"),
    [
        ("limited", {429}, "mock rate limit error"),
        ("broken", {500, 502}, "mock internal server error"),
        ("unknown", {400, 404, 502}, "Invalid model name"),
        ("locked", {400, 401, 502}, ""),
        ("absent", {502, 503, 504}, ""),
    ],
)
def test_failures_come_back_with_a_status_and_the_reason_but_without_the_key(
    went: dict[str, Any], what: str, how: str, statuses: set[int], reason: str
) -> None:
    status, body = went["failures"][what + how]
    assert status in statuses, body
    assert '"error"' in body
    assert reason in body
    assert SECRET not in body
    assert "sk-wrong" not in body


def test_the_key_of_the_upstream_is_never_shown(went: dict[str, Any]) -> None:
    assert SECRET not in str(went["models"])
