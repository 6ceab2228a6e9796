"""The published clients against the running site, once per run of the tests."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from tests.conftest import CLIENTS
from tests.contract.environments import drive, graphql
from tests.contract.upstream import upstream
from tests.make import make_image
from tests.served import Served

ADD = "mutation ($input: AddExternalModelInput!) { addExternalModel(input: $input) { key } }"
Driven = Callable[[str], dict[str, Any]]


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says a line at the end of the tests' output; a test's properties reach it from a worker."""
    return partial(record_property, CLIENTS)


@pytest.fixture(scope="session")
def upstream_url(site: Served) -> Iterator[str]:
    """An OpenAI-compatible server, at which two models of the site's registry are found.

    Their keys are `model_key`, as in the client's own examples, and `embedder`.
    """
    with upstream() as url:
        for name in ("model_key", "embedder"):
            open_ai = {
                "apiKey": "sk-a-secret-of-the-upstream",
                "externalModelId": "mirror",
                "extraParams": {"base_url": url},
            }
            model = {"name": name, "provider": "OPEN_AI", "providerData": {"openAI": open_ai}}
            made = graphql(site, ADD, input=model)
            assert made["addExternalModel"]["key"] == name
        yield url


@pytest.fixture(scope="session")
def driven(site: Served, upstream_url: str) -> Driven:
    """What a version of the SDK did, by its number; each is run once."""

    @cache
    def by(version: str) -> dict[str, Any]:
        picture = make_image(size=(64, 48))
        return drive(f"sdk-{version}", "sdk", site, picture, UPSTREAM_URL=upstream_url)

    return by
