"""The large project that the tests of this folder share."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.scale import synthetic
from tests.scale.synthetic import Synthetic


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Synthetic]:
    """100,000 interactions, committed, so that they can be vacuumed."""
    with django_db_blocker.unblock():
        made = synthetic.build()
    yield made
    with django_db_blocker.unblock():
        synthetic.remove(made)
