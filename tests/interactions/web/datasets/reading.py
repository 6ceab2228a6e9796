"""Pages as tests read them."""

from typing import Any

from interactions.models import Dataset, DatasetItem
from tests.interactions.services.datasets.making import draft_of

HERE = "/projects/maple/datasets/"


def read(answer: Any) -> str:
    """The page, whatever lines its template is written in."""
    assert answer.status_code in (200, 422), answer.status_code
    return " ".join(answer.content.decode().split())


def item(dataset: Dataset, number: int = 1) -> DatasetItem:
    """A record of the draft, from 1."""
    return draft_of(dataset)[number - 1]
