"""Datasets made, renamed, found, deleted and restored."""

from typing import Any
from uuid import uuid4

import pytest

from adaptive_site.lib.errors import Forbidden, Invalid, NotFound
from interactions.models import Dataset
from interactions.services.datasets import create
from projects.models import Event, Project, User
from tests import make
from tests.interactions.services.datasets.making import make_dataset


def test_a_key_is_made_of_the_name_and_is_nobody_elses(project: Project, bob: User) -> None:
    keys = [make_dataset(project, bob, name="R&D  set").key for _ in range(3)]
    assert keys == ["r-d-set", "r-d-set-2", "r-d-set-3"]
    assert make_dataset(project, bob, name="木").key == "dataset"
    first = create.known(project, "r-d-set")
    assert (first.name, first.created_by, first.state) == ("R&D set", bob, Dataset.State.READY)
    assert create.known(project, first.id) == create.known(project, str(first.id)) == first


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"name": " "}, "name: expected a name"),
        ({"name": "x" * 201}, "name: Ensure this value has at most 200"),
        ({"key": "trees"}, "key: a dataset with the key trees exists"),
        ({"key": "No Key"}, "key: expected a-z"),
        ({"key": ""}, "key: expected a-z"),
        ({"key": "x" * 201}, "key: Ensure this value has at most 200"),
        ({"kind": "THINGS"}, "kind: Value 'THINGS' is not a valid choice"),
    ],
)
def test_what_cannot_be_taken_is_named(
    project: Project, bob: User, known: dict[str, Any], message: str
) -> None:
    make_dataset(project, bob)
    with pytest.raises(Invalid, match=message):
        make_dataset(project, bob, **known)
    assert Dataset.objects.count() == 1


def test_strangers_and_readers_make_none(project: Project, charlie: User) -> None:
    with pytest.raises(Forbidden):
        make_dataset(project, charlie)
    make.share(project, charlie, "viewer")
    with pytest.raises(Forbidden):
        make_dataset(project, charlie)


def test_other_projects_know_nothing_of_it(
    project: Project, bob: User, charlies_project: Project
) -> None:
    dataset = make_dataset(project, bob)
    for name in (dataset.key, str(dataset.id), str(uuid4()), "a\0b"):
        with pytest.raises(NotFound):
            create.known(charlies_project, name)


def test_renamed(project: Project, bob: User, charlie: User) -> None:
    make_dataset(project, bob, name="Taken")
    dataset = make_dataset(project, bob)
    create.rename(dataset, by=bob, name="Other", description="of trees")
    assert (dataset.key, dataset.name, dataset.description) == ("trees", "Other", "of trees")
    create.rename(dataset, by=bob, key="others")
    assert create.known(project, "others").name == "Other"
    with pytest.raises(Invalid, match="key: a dataset with the key taken exists"):
        create.rename(dataset, by=bob, key="taken")
    with pytest.raises(Forbidden):
        create.rename(dataset, by=charlie, name="Mine")
    assert create.known(project, "others").name == "Other"


def test_deleted_and_restored(project: Project, bob: User, charlie: User) -> None:
    dataset = make_dataset(project, bob)
    with pytest.raises(Forbidden):
        create.delete(dataset, by=charlie)
    create.delete(dataset, by=bob)
    with pytest.raises(NotFound):
        create.known(project, "trees")
    assert list(create.in_bin(project)) == [create.deleted(project, dataset.id)]
    assert make_dataset(project, bob).key == "trees"  # the key is free
    with pytest.raises(Forbidden):
        create.restore(dataset, by=charlie)
    assert create.restore(dataset, by=bob).key == "trees-2"
    with pytest.raises(NotFound):
        create.restore(dataset, by=bob)
    verbs = Event.objects.filter(project=project, subject__startswith="trees")
    assert list(verbs.order_by("id").values_list("verb", flat=True)) == [
        "dataset.created", "dataset.deleted", "dataset.created", "dataset.restored"
    ]  # fmt: skip


def test_a_key_is_no_id(project: Project, bob: User) -> None:
    with pytest.raises(Invalid, match="key: expected another key than an id"):
        make_dataset(project, bob, key=str(uuid4()))


@pytest.mark.parametrize("word", ["new", "deleted"])
def test_a_key_is_none_of_the_sites_own_addresses(project: Project, bob: User, word: str) -> None:
    assert create.create(project, name=word, kind="PROMPT", by=bob).key == f"{word}-2"
    with pytest.raises(Invalid) as error:
        create.create(project, name="x", key=word, kind="PROMPT", by=bob)
    assert error.value.field == "key"
