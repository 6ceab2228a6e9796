"""What a person has changed in datasets lately, kept in their session, to be undone."""

from dataclasses import dataclass

from interactions.models import Dataset
from interactions.services.datasets.edits import Edit
from projects.web.requests import ProjectRequest

CHANGES_KEPT = 20  # of all datasets
LONGEST_TOKEN = 100_000  # characters; of a larger change only that it was made is kept
_NAME = "dataset_changes"


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change: the token that undoes it, what it was in words, and of which record if of one.

    The token is empty where the change was too large to be kept: nothing older is undone then,
    since what came after it would not fit any more.
    """

    token: str
    words: str
    item: str


def push(request: ProjectRequest, edit: Edit, words: str, *, item: str = "") -> bool:
    """Keep a change; returns whether it can be undone from here."""
    if not edit.n:
        return False
    token = edit.token if len(edit.token) <= LONGEST_TOKEN else ""
    entries = request.session.get(_NAME, [])
    request.session[_NAME] = [*entries, [str(edit.dataset.id), token, words, item]][-CHANGES_KEPT:]
    return bool(token)


def last(request: ProjectRequest, dataset: Dataset) -> KeptChange | None:
    """The last change of this dataset."""
    mine = [one for one in request.session.get(_NAME, []) if one[0] == str(dataset.id)]
    return KeptChange(*mine[-1][1:]) if mine else None


def drop(request: ProjectRequest, token: str) -> None:
    """Forget a change, since it was undone."""
    entries = request.session.get(_NAME, [])
    request.session[_NAME] = [one for one in entries if one[1] != token]
