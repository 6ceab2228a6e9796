"""The label dictionary: each key and value once, and each key by itself."""

from itertools import pairwise

import pytest

from interactions.models import Label
from interactions.services.recording import labels
from interactions.services.recording.labels import LabelPostings
from projects.models import Project
from tests.make import NOON


def test_new_pairs_are_made_and_known_ones_found(project: Project) -> None:
    first = labels.label_ids(project, [("env", "prod"), ("env", None)])
    labels.forget()
    again = labels.label_ids(project, [("env", None), ("env", "prod"), ("env", "dev")])
    assert again.items() > first.items()
    assert Label.objects.in_project(project).count() == len(set(again.values())) == 3


def test_no_value_and_an_empty_value_are_two_labels(project: Project) -> None:
    found = labels.label_ids(project, [("env", None), ("env", "")])
    assert found["env", None] != found["env", ""]
    assert labels.label_ids(project, [("env", None), ("env", "")]) == found
    assert Label.objects.in_project(project).count() == 2


@pytest.mark.parametrize("text", ["\\", "{a,b}", "NULL", "é\u0301", "👩‍👩‍👧", " ", '"', "\n", "%s"])
def test_any_text_is_a_key_and_a_value(project: Project, text: str) -> None:
    (id,) = labels.label_ids(project, [(text, text)]).values()
    label = Label.objects.in_project(project).get(id=id)
    assert (label.key, label.value) == (text, text)


def test_case_and_accents_tell_labels_apart(project: Project) -> None:
    pairs = [("env", "Prod"), ("env", "prod"), ("Env", "prod"), ("env", "e\u0301"), ("env", "é")]
    assert len(set(labels.label_ids(project, pairs).values())) == len(pairs)


def test_projects_share_no_label(project: Project, charlies_project: Project) -> None:
    ours = labels.label_ids(project, [("env", "prod")])
    theirs = labels.label_ids(charlies_project, [("env", "prod")])
    assert ours["env", "prod"] != theirs["env", "prod"]


def test_thousands_at_once(project: Project) -> None:
    pairs: list[labels.LabelPair] = [("user", str(number)) for number in range(2500)]
    assert len(set(labels.label_ids(project, pairs).values())) == 2500


def test_nothing_is_nothing(project: Project) -> None:
    assert labels.label_ids(project, []) == {}


@pytest.mark.parametrize("n", [1, 225, 226, 1000])
def test_many_postings_of_a_label_are_written_so_that_pages_fill(n: int) -> None:
    postings = LabelPostings()
    ids = [f"{number:032x}" for number in range(n)]
    for id in reversed(ids):
        postings.add(1, NOON, [7], id)
    written = [str(row[2]) for row in postings.postings()]
    assert sorted(written) == ids
    if n < 226:  # they fill no page
        assert written == ids
    else:  # half of a page first, then what fills it
        first = n * 5 // 9
        assert written[:first] == sorted(written[:first])
        assert written[first:] == sorted(written[first:])
        gaps = [b - a for a, b in pairwise(int(id, 16) for id in written[:first])]
        assert set(gaps) == {1, 2}
