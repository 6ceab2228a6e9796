"""The SDK's documented snippets, run as they stand against the running site."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.environments import drive
from tests.make import make_image
from tests.served import Served


@pytest.fixture(scope="module")
def ran(site: Served, upstream_url: str) -> dict[str, Any]:
    """What the snippets did; the upstream's `model_key` repeats what it hears."""
    return drive("sdk-0.14.2", "snippets", site, make_image(size=(64, 48)))


@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_the_examples_in_the_docstrings_of_chat_run_verbatim(
    ran: dict[str, Any], kind: str
) -> None:
    example = ran["docstrings"][kind]
    assert example["lines"] > 10
    assert example["printed"].endswith("treaming response: Hello from SDK")


def test_the_pictures_of_the_examples_are_stored(ran: dict[str, Any]) -> None:
    for (message,) in ran["pictured"]:
        text, image = message["contentParts"]
        assert text == {"text": "What is in this image?"}
        assert image["url"].startswith("/api/v1/images/")


def test_an_answer_is_judged_by_its_completion_id(ran: dict[str, Any]) -> None:
    (score,) = ran["scores"]
    assert score["id"] == ran["judged"]["feedback_id"]
    assert (score["value"], score["details"]) == (1.0, "Great answer")
    assert score["metric"] == {"key": "acceptance"}


def test_hundreds_at_thirty_at_a_time_are_all_there(
    ran: dict[str, Any], counted: Callable[[str], None]
) -> None:
    assert ran["bulk"]["ids"] == ran["stored_in_bulk"] == 400
    seconds = ran["bulk"]["seconds"]
    counted(f"async bulk: 400 interactions at 30 at a time in {seconds} s")
