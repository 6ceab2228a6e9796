"""A provider that runs, and a site that is configured for it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.openid_provider import Provider, running_provider
from tests.projects import openid_site
from tests.projects.web.openid.signing_in import BACK


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider"), BACK) as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Settings, db: None) -> Provider:
    """One that behaves, and a site that is configured for it."""
    running.misbehave()
    settings.ROOT_URLCONF = openid_site.__name__
    settings.OPENID = running.settings()
    return running
