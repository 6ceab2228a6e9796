"""Versions, lineage, figures and settings of a dataset, and the list of datasets with its bin."""

import pytest
from django.test import Client

from interactions.models import Dataset, DatasetVersion, Interaction, Job
from interactions.services.datasets import create, edits, growth, versions
from interactions.services.jobs import begin, queue
from projects.models import Project, User
from projects.services.access import Caller
from tests.auditing import verbs_told
from tests.interactions.services.datasets.making import add, make_dataset, record, texts
from tests.interactions.web.datasets.reading import HERE, item, read
from tests.make import make_metric
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db


def test_the_list_says_what_there_is_and_how_one_comes_about(
    client: Client, project: Project, bob: User, viewer: User
) -> None:
    client.force_login(bob)
    page = read(client.get(HERE))
    assert "No datasets yet" in page and "/projects/maple/datasets/new/" in page
    made = make_dataset(project, bob, [record()])
    versions.make(made, by=bob)
    add(made, [record("Another?")])
    page = read(client.get(HERE))
    assert "Trees" in page and "Prompts and completions" in page and "1 record" in page
    client.force_login(viewer)
    assert "New dataset" not in read(client.get(HERE))


@pytest.mark.parametrize("n", [1, 5])
def test_the_list_takes_a_fixed_number_of_queries(
    client: Client, project: Project, bob: User, query_counts: QueryCounts, n: int
) -> None:
    for at in range(n):
        versions.make(make_dataset(project, bob, [record()], name=f"Trees {at}"), by=bob)
    client.force_login(bob)
    with query_counts("datasets"):
        assert client.get(HERE).status_code == 200


def test_a_version_is_made_once_for_a_change(client: Client, trees: Dataset, bob: User) -> None:
    client.force_login(bob)
    answer = client.post(f"{HERE}trees/versions/make/", {"note": "First"})
    assert answer.status_code == 303
    page = read(client.get(answer["Location"]))
    assert "First" in page and "Version 1 has 3 records" in page
    again = client.post(f"{HERE}trees/versions/make/", {"note": "Second"})
    assert again.status_code == 422
    assert "nothing has changed since version 1" in read(again) and "Second" in read(again)
    long = client.post(f"{HERE}trees/versions/make/", {"note": "x" * 2001})
    assert "at most 2,000" in read(long)
    assert DatasetVersion.objects.count() == 1
    assert verbs_told("dataset.version")


def test_what_changed_between_versions(client: Client, trees: Dataset, bob: User) -> None:
    versions.make(trees, by=bob)
    edits.correct(trees, item(trees).item, "A tall tree.", by=bob)
    edits.set_split(trees, [item(trees, 2).item], "train", by=bob)
    edits.remove(trees, [item(trees, 3).item], by=bob)
    add(trees, [record("What is moss?")])
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/versions/compare/?a=1"))
    assert "<ins>tall </ins>" in page and "split test → train" in page
    assert "− removed" in page and "+ added" in page and "What is moss?" in page
    page = read(client.get(f"{HERE}trees/versions/compare/?a=1&kind=added"))
    assert "What is moss?" in page and "− removed" not in page
    assert client.get(f"{HERE}trees/versions/compare/?a=7").status_code == 404
    for query in ("?a=x", "?a=1&kind=x", "?b=-1"):
        assert client.get(f"{HERE}trees/versions/compare/{query}").status_code == 400


def test_figures_are_drawn(client: Client, trees: Dataset, bob: User) -> None:
    versions.make(trees, by=bob)
    edits.remove(trees, [item(trees, 3).item], by=bob)
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/figures/"))
    assert "<b>2</b> records in files" in page and "<title>2 records with" in page
    assert "prod 1" in page and "100 % yes" in page and "gpt-4o" in page
    page = read(client.get(f"{HERE}trees/figures/?version=1"))
    assert "<b>3</b> records in files" in page and "Version 1, as it was made" in page
    assert client.get(f"{HERE}trees/figures/?version=9").status_code == 404


def test_a_batch_is_taken_back_and_put_back(
    client: Client, project: Project, trees: Dataset, bob: User
) -> None:
    second = add(trees, [record("Another?")])
    second.recipe = {
        "words": "3 at random (seed 7)",
        "of": "interactions where env is prod",
        "filter": "label=env:prod",
        "address": f"of={trees.id}",
        "warnings": [{"sentence": "1 answer is empty", "count": 1, "ids": [str(trees.id)]}],
    }
    second.steps = [{"step": "matched", "left": 9}, {"step": "sampled", "left": 1}]
    second.save()
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/lineage/"))
    assert "/projects/maple/interactions/?label=env:prod" in page and "−8" in page
    assert "3 at random (seed 7)" in page and "1 answer is empty" in page
    here = f"{HERE}trees/lineage/{second.id}/"
    assert client.post(f"{here}undo/").status_code == 303
    page = read(client.get(f"{HERE}trees/lineage/"))
    assert "Took 1 record back." in page and "taken back" in page
    assert len(texts(trees)) == 3
    assert client.post(f"{here}undo/").status_code == 400
    assert client.post(f"{here}redo/").status_code == 303
    assert len(texts(trees)) == 4
    assert client.post(f"{HERE}trees/lineage/0/undo/").status_code == 404
    assert verbs_told("dataset.batch_undone", "dataset.batch_redone")


def test_it_is_renamed(client: Client, project: Project, trees: Dataset, bob: User) -> None:
    make_dataset(project, bob, name="Taken")
    client.force_login(bob)
    here = f"{HERE}trees/settings/"
    page = read(client.post(here, {"name": "", "key": "taken", "description": "x"}))
    assert "expected a name" in page
    page = read(client.post(here, {"name": "Oaks", "key": "taken", "description": "x"}))
    assert "a dataset with the key taken exists" in page
    answer = client.post(here, {"name": "Oaks", "key": "oaks", "description": "All of them"})
    assert answer["Location"] == f"{HERE}oaks/settings/"
    assert "All of them" in read(client.get(f"{HERE}oaks/"))
    assert verbs_told("dataset.renamed")


def test_it_is_deleted_by_its_name_and_restored(
    client: Client, project: Project, trees: Dataset, bob: User, charlie: User
) -> None:
    client.force_login(bob)
    page = read(client.post(f"{HERE}trees/delete/", {"typed": "trees"}))
    assert "expected the name of the dataset: Trees" in page
    assert client.post(f"{HERE}trees/delete/", {"typed": "Trees"}).status_code == 303
    assert client.get(f"{HERE}trees/").status_code == 404
    assert "Restore" in read(client.get(HERE))
    back = f"{HERE}deleted/{trees.id}/restore/"
    client.force_login(charlie)
    assert client.post(back).status_code == 404
    client.force_login(bob)
    assert client.post(back)["Location"] == f"{HERE}trees/"
    assert client.post(back).status_code == 404
    assert create.known(project, "trees").records == 3


def test_growth_is_begun_changed_and_stopped(
    client: Client, project: Project, trees: Dataset, bob: User
) -> None:
    client.force_login(bob)
    here = f"{HERE}trees/growth/"
    data = {"query": "/projects/maple/interactions/?label=env:prod", "schedule": "daily",
            "dedupe": "prompt", "cap": "10", "gate": "on"}  # fmt: skip
    for wrong, said in (
        ({"query": "latency=x"}, "latency"),
        ({"schedule": "never"}, "Select a valid choice"),
        ({"cap": "0"}, "expected a number from 1"),
    ):
        assert said in read(client.post(here, data | wrong))
    assert client.post(here, data)["Location"] == f"{HERE}trees/settings/#growth"
    made = growth.Growth.of(create.known(project, "trees"))
    assert made is not None
    assert (made.schedule, made.gate, made.cap, made.query) == ("daily", True, 10, "label=env:prod")
    page = read(client.get(f"{HERE}trees/settings/"))
    assert "env is prod" in page and "waits for review" in page
    assert "takes new matches by itself, once a day" in page
    assert "stops when it has 10 records" in page
    assert "grows by itself" in read(client.get(f"{HERE}trees/"))
    client.post(here, data | {"query": made.query, "schedule": "hourly"})
    again = growth.Growth.of(create.known(project, "trees"))
    assert again is not None and again.started_at == made.started_at
    assert again.schedule == "hourly"
    client.post(here, {"stop": "1"})
    assert "takes nothing more: Bob stopped it." in read(client.get(f"{HERE}trees/settings/"))
    assert verbs_told("dataset.growth_started", "dataset.growth_changed", "dataset.growth_stopped")


def test_a_dataset_in_the_making_shows_the_progress_of_its_job(
    client: Client, project: Project, bob: User, viewer: User
) -> None:
    asked = {"is_new": True, "name": "Oaks", "of": "all"}
    job = begin.begin(project, Job.Kind.BUILD, asked, caller=Caller(bob))
    made = create.create(
        project, name="Oaks", kind=Dataset.Kind.PROMPT, by=bob, state="pending", job=job
    )
    client.force_login(bob)
    page = read(client.get(f"{HERE}oaks/"))
    assert "Waiting to begin" in page and f"/projects/maple/jobs/{job.uuid}/cancel/" in page
    assert "Records are on their way" in page
    client.force_login(viewer)
    page = read(client.get(f"{HERE}oaks/"))
    assert "is being made" in page and "cancel/" not in page
    create.mark_failed(made, "no disk")
    page = read(client.get(f"{HERE}oaks/"))
    assert "Making this dataset failed: no disk" in page
    assert "failed" in read(client.get(HERE))


def test_records_of_a_file_are_logged_by_a_job(client: Client, project: Project, bob: User) -> None:
    made = make_dataset(project, bob, [record()], name="From a file")
    client.force_login(bob)
    address = f"/projects/{project.key}/datasets/{made.key}/"
    assert "Log the records" in client.get(f"{address}settings/").content.decode()
    answer = client.post(f"{address}log/")
    job = Job.objects.in_project(project).get(kind=Job.Kind.LOG)
    assert answer["Location"] == f"/projects/{project.key}/jobs/{job.uuid}/"
    assert queue.do_all(job).state == Job.State.DONE
    (logged,) = Interaction.objects.in_project(project)
    assert logged.source == "DATASET"
    assert verbs_told("dataset.logged")


def test_viewers_log_nothing(client: Client, trees: Dataset, viewer: User) -> None:
    client.force_login(viewer)
    address = f"/projects/{trees.project.key}/datasets/{trees.key}/"
    assert client.post(f"{address}log/").status_code == 403


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("language:fr feedback.helpful:yes", "label=language:fr&feedback=helpful:eq:1"),
        ("/projects/maple/interactions/?label=env:prod", "label=env:prod"),
        ("label=env:prod", "label=env:prod"),
    ],
)
def test_a_dataset_grows_by_an_address_or_by_a_typed_filter(
    client: Client, project: Project, trees: Dataset, bob: User, said: str, kept: str
) -> None:
    make_metric(project, "helpful")
    client.force_login(bob)
    form = {"query": said, "schedule": "daily", "dedupe": "none"}
    answer = client.post(f"/projects/maple/datasets/{trees.key}/growth/", form)
    assert answer.status_code == 303
    trees.refresh_from_db()
    assert trees.growth is not None
    assert trees.growth["query"] == kept
