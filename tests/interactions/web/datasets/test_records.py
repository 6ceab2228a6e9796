"""The records of a dataset: as rows, filtered, one beside them or on its own page, and as JSON."""

import pytest
from django.http import QueryDict
from django.test import Client

from interactions.models import Dataset, DatasetItem
from interactions.services.datasets import edits, versions
from interactions.services.jobs.record_sources import record_source
from interactions.services.training.record import ModelAnswer
from interactions.web.exporting.asked import of_dataset
from projects.models import Project, User
from tests import make
from tests.auditing import verbs_told
from tests.interactions.services.datasets.making import make_dataset, record
from tests.interactions.web.datasets.reading import HERE, item, read
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db


def test_records_stand_as_rows(client: Client, trees: Dataset, bob: User) -> None:
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/"))
    assert "What is a maple?" in page and "An old tree." in page and "A &lt;b&gt;plant" in page
    assert "env <b>prod</b>" in page and "gpt-4o" in page
    assert ">Lineage</a>" in page and 'aria-current="page">Records</a>' in page
    assert "<b>3</b> records" in page and "no version yet" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?split=test", ["oak"]),
        ("?split=train", ["maple", "fern"]),
        ("?q=fern", ["fern"]),
        ("?review=approved", ["maple"]),
        ("?review=none", ["oak"]),
        ("?review=removed", ["fern"]),
        ("?edited=yes", ["oak"]),
        ("?after=1", ["oak"]),
        ("?before=2", ["maple"]),
        ("?batch=0", []),
    ],
)
def test_a_filter_leaves_some(
    client: Client, trees: Dataset, bob: User, query: str, shown: list[str]
) -> None:
    edits.set_review(trees, [item(trees).item], "approved", by=bob)
    edits.correct(trees, item(trees, 2).item, "A tree that is old.", by=bob)
    if query != "?split=train" and query != "?q=fern":
        edits.remove(trees, [item(trees, 3).item], by=bob)
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/{query}"))
    assert [
        name
        for name in ("maple", "oak", "fern")
        if f"What is a{'n' * (name == 'oak')} {name}?" in page
    ] == shown  # noqa: E501


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?split=x", "split: expected one of train, validation, test"),
        ("?review=x", "review: expected one of none, waiting"),
        ("?review=removed&version=1", "review: expected none of a version"),
        ("?after=x", "after: expected a whole number"),
        ("?open=x", "open: expected the id of a record"),
        ("?sort=x", "sort: expected one of last, longest"),
        ("?warning=x", "warning: expected one of empty, thoughts"),
        ("?sort=longest&after=4", "after: expected a whole number"),
    ],
)
def test_what_an_address_cannot_mean_is_told(
    client: Client, trees: Dataset, bob: User, query: str, said: str
) -> None:
    client.force_login(bob)
    answer = client.get(f"{HERE}trees/{query}")
    assert answer.status_code == 400
    assert said in " ".join(answer.content.decode().split())


def test_choices_lead_to_the_query_and_back(client: Client, trees: Dataset, bob: User) -> None:
    client.force_login(bob)
    for headers, is_page in (({}, True), ({"HX-Request": "true"}, False)):
        page = read(client.get(f"{HERE}trees/facets/", headers=headers))
        assert ("<html" in page) == is_page
        assert f'{HERE}trees/?q=env:prod"' in page and "not reviewed" in page
    page = read(client.get(f"{HERE}trees/facets/?q=env:prod+model:gpt-4o&warnings=1"))
    assert f'{HERE}trees/?q=model:gpt-4o"' in page and f'{HERE}trees/?q=env:prod"' in page
    assert "q=env:prod+model:gpt-4o+feedback.helpful:yes" in page
    broken = read(client.get(f"{HERE}trees/?q=(env"))
    assert "expected" in broken and "This query cannot be answered" in broken


def test_what_a_filter_leaves_is_downloaded(
    client: Client, project: Project, trees: Dataset, bob: User
) -> None:
    versions.make(trees, by=bob)
    client.force_login(bob)
    page = read(client.get(f"{HERE}trees/?q=oak"))
    assert f"{HERE}trees/export/?version=draft&amp;records=q%3Doak" in page
    for version in ("draft", "1"):
        asked = f"?version={version}&records=q%3Doak"
        shown = read(client.get(f"{HERE}trees/export/{asked}"))
        assert "Download 1 record" in shown and 'name="records" value="q=oak"' in shown
        source = record_source(project, of_dataset(trees, QueryDict(asked[1:])))
        (one,) = source.records()
        assert source.count() == 1 and one.messages[0]["content"] == "What is an oak?"
    wrong = client.get(f"{HERE}trees/export/?records=split%3Dx")
    assert wrong.status_code == 400


def test_a_version_shows_what_it_had(client: Client, trees: Dataset, bob: User) -> None:
    versions.make(trees, by=bob)
    edits.correct(trees, item(trees).item, "An acer.", by=bob)
    client.force_login(bob)
    assert "An acer." in read(client.get(f"{HERE}trees/"))
    page = read(client.get(f"{HERE}trees/?version=1&open={item(trees).item}"))
    assert "A tree." in page and "An acer." not in page and 'id="selection"' not in page
    assert client.get(f"{HERE}trees/?version=2").status_code == 404


def test_an_open_record_shows_all_of_it(
    client: Client, project: Project, trees: Dataset, bob: User
) -> None:
    edits.correct(trees, item(trees).item, "A tall tree.", by=bob)
    client.force_login(bob)
    row = item(trees)
    beside = read(client.get(f"{HERE}trees/?open={row.item}"))
    own = read(client.get(f"{HERE}trees/records/{row.item}/"))
    for page in (beside, own):
        assert "<ins>tall </ins>" in page and "corrected" in page
        assert f"/projects/maple/interactions/{row.interaction_id}/" in page
        assert "helpful: <b>yes</b>" in page and "In the draft" in page
    part = client.get(f"{HERE}trees/?open={row.item}", headers={"HX-Request": "true"})
    assert "<html" not in read(part) and "<ins>tall" in read(part)
    said = client.get(f"{HERE}trees/records/{row.item}/json/").json()
    assert said["answer"]["text"] == "A tree." and said["correction"] == "A tall tree."
    client.get(f"{HERE}trees/records/{item(trees, 2).item}/")  # made of no interaction
    assert verbs_told("interaction.read", "dataset.record_read")


def test_an_interaction_says_which_datasets_have_it(
    client: Client, trees: Dataset, preferences: Dataset, bob: User
) -> None:
    client.force_login(bob)
    row = item(trees)
    page = read(client.get(f"/projects/maple/interactions/{row.interaction_id}/"))
    link = f"{HERE}trees/records/of/{row.interaction_id}/"
    assert link in page and "Pairs</a>" not in page.partition("In datasets")[2]
    assert client.get(link)["Location"] == f"{HERE}trees/records/{row.item}/"
    assert client.get(f"{HERE}pairs/records/of/{row.interaction_id}/").status_code == 404
    edits.remove(trees, [row.item], by=bob)
    page = read(client.get(f"/projects/maple/interactions/{row.interaction_id}/"))
    assert "In datasets" not in page


def test_a_preference_shows_both_answers(client: Client, preferences: Dataset, bob: User) -> None:
    client.force_login(bob)
    assert "A bush." in read(client.get(f"{HERE}pairs/"))
    page = read(client.get(f"{HERE}pairs/records/{item(preferences).item}/"))
    assert "▲ Preferred" in page and "▼ Rejected" in page
    assert "<ins>bush</ins>" in page and "deleted since" in page


def test_images_of_a_record_are_shown(client: Client, project: Project, bob: User) -> None:
    picture = make.image_message(make.data_uri(make.make_image()))
    it = make.make_interaction(project, messages=[picture])
    stored = it.body.messages
    made = make_dataset(project, bob, [record(interaction_id=it.id)], name="Seen")
    DatasetItem.objects.in_project(project).update(content=record().content | {"messages": stored})
    client.force_login(bob)
    assert 'class="thumb"' in read(client.get(f"{HERE}seen/"))
    page = read(client.get(f"{HERE}seen/?open={item(made).item}"))
    assert 'class="zoom"' in page and "base64" not in page


def test_strangers_see_nothing_and_viewers_change_nothing(
    client: Client, trees: Dataset, charlie: User, viewer: User
) -> None:
    row = item(trees)
    pages = [
        "", "figures/", "versions/", "versions/compare/", "lineage/", "settings/", "review/",
        f"records/{row.item}/", f"records/{row.item}/json/",
    ]  # fmt: skip
    posts = [
        "records/change/", "records/correct/", "records/undo/", "versions/make/",
        f"lineage/{row.batch_id}/undo/", f"lineage/{row.batch_id}/redo/", "settings/", "growth/",
        "delete/", "review/decide/", "review/undo/",
    ]  # fmt: skip
    client.force_login(charlie)
    assert client.get(HERE).status_code == 404
    assert {client.get(f"{HERE}trees/{page}").status_code for page in pages} == {404}
    assert {client.post(f"{HERE}trees/{post}").status_code for post in posts} == {404}
    client.force_login(viewer)
    assert {client.get(f"{HERE}trees/{page}").status_code for page in pages} == {200}
    assert {client.post(f"{HERE}trees/{post}").status_code for post in posts} == {403}
    shown = read(client.get(f"{HERE}trees/?open={row.item}"))
    assert "Approve" not in shown and "Edit the answer" not in shown
    client.force_login(viewer)
    assert client.get(f"{HERE}oaks/").status_code == 404
    nobody = "00000000-0000-7000-8000-000000000000"
    assert client.get(f"{HERE}trees/records/{nobody}/").status_code == 404
    assert "not in this dataset" in read(client.get(f"{HERE}trees/?open={nobody}"))


def test_a_tied_preference_has_no_better_side(client: Client, project: Project, bob: User) -> None:
    tied = record(other=ModelAnswer("A bush."), metric="better", tied="good")
    made = make_dataset(project, bob, [tied], name="Ties", kind=Dataset.Kind.PREFERENCE)
    client.force_login(bob)
    page = read(client.get(f"{HERE}ties/records/{item(made).item}/"))
    assert "Both good" in page and "▲" not in page


@pytest.mark.parametrize("n", [2, 12])
def test_pages_take_a_fixed_number_of_queries(
    client: Client, project: Project, bob: User, query_counts: QueryCounts, n: int
) -> None:
    made = make_dataset(project, bob, [record(f"Question {at}") for at in range(n)])
    versions.make(made, by=bob)
    client.force_login(bob)
    for name, page in (
        ("records", ""),
        ("a record open", f"?open={item(made).item}"),
        ("a record", f"records/{item(made).item}/"),
        ("figures", "figures/"),
        ("versions", "versions/"),
        ("what changed", "versions/compare/?a=0&b=1"),
        ("lineage", "lineage/"),
        ("settings", "settings/"),
        ("review", "review/"),
    ):
        with query_counts(f"a dataset: {name}"):
            assert client.get(f"{HERE}trees/{page}").status_code == 200
