"""The builder's page: its form, its preview, its address, and who may make what."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client

from interactions.models import Dataset, DatasetItem, Job, Selection
from interactions.services import selections
from interactions.services.jobs import queue
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
HERE = "/projects/maple/datasets/new/"
HTMX = {"HX-Request": "true"}


def text_of(answer: Any) -> str:
    """What a person reads of an answer, blanks as one."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def previewed(client: Client, selection: Selection, more: str = "") -> Any:
    return client.get(f"{HERE}?of={selection.uuid}{more}", headers=HTMX)


def test_the_form_holds_what_the_address_says(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    asked = (
        "&kind=feedback&score=helpful:eq:1&dedupe=prompt&sample=random&n=5&seed=7&split=80/10/10"
    )
    page = client.get(f"{HERE}?of={selection.uuid}{asked}&name=Mine").content.decode()
    for said in (
        'value="feedback" checked',
        'value="helpful:eq:1" selected',
        'value="prompt" selected',
        'value="random" selected',
        'name="n" value="5"',
        'name="seed" value="7"',
        'name="validation" value="10"',
        'name="name" value="Mine"',
    ):
        assert said in " ".join(page.split()), said
    assert "all interactions" in page and "Make dataset" in page


def test_the_preview_says_what_is_left_after_each_step(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    answer = previewed(client, selection, "&dedupe=prompt&sample=random&n=8&split=50/25/25")
    said = text_of(answer)
    assert "30 interactions matched" in said
    assert "29 neither empty nor cut off −1" in said
    assert "10 without duplicates −19" in said
    assert "8 in the sample −2" in said
    assert "Train 4" in said and "Validation 2" in said and "Test 2" in said
    assert "8 records" in said and "Question" in said
    assert answer["HX-Replace-Url"] == (
        f"{HERE}?of={selection.uuid}&dedupe=prompt&sample=random&n=8&split=50/25/25"
    )


def test_what_the_form_sends_becomes_the_shortest_address(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    empty = "".join(f"&{name}=" for name in ("gap", "score", "score", "n", "test", "into", "name"))
    sent = f"&kind=completion&pairs=comparisons&seed=0&validation={empty}"
    answer = previewed(client, selection, sent)
    assert answer["HX-Replace-Url"] == f"{HERE}?of={selection.uuid}"
    plain = client.get(f"{HERE}?of={selection.uuid}{sent}")
    assert plain["Location"] == f"{HERE}?of={selection.uuid}"
    answer = previewed(client, selection, "&validation=10&test=")
    assert answer["HX-Replace-Url"].endswith("&split=90/10/0")


def test_formats_are_shown_as_they_will_be_written(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    for kind in ("prompt", "completion", "feedback", "preference"):
        page = previewed(client, selection, f"&kind={kind}").content.decode()
        assert ("First records as" in page) == (kind != "preference")
        for key in re.findall(
            r'<option value="([\w-]+)"',
            page.partition('name="format"')[2].partition("</select>")[0],
        ):
            shown = previewed(client, selection, f"&kind={kind}&format={key}")
            assert shown.status_code == 200 and "Kept" in shown.content.decode(), key
    other = previewed(client, selection, "&kind=prompt&format=trl-dpo")  # of another kind
    assert other["HX-Replace-Url"] == f"{HERE}?of={selection.uuid}&kind=prompt"
    assert "First records as" in other.content.decode()
    csv = previewed(client, selection, "&format=csv")
    assert csv["HX-Replace-Url"].endswith("&format=csv")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("&kind=poem", "kind"),
        ("&sample=random&n=many", "n"),
        ("&near=2", "near"),
        ("&validation=60&test=60", "split"),
        ("&validation=x&test=", "split"),
        ("&kind=preference&pairs=mined&metric=nothing", "metric"),
        ("&score=nothing:eq:1", "score"),
        ("&into=nowhere", "into"),
        ("&sample=balanced&n=2&by=label:nothing", "by"),
    ],
)
def test_a_fault_is_told_at_its_field(
    client: Client, selection: Selection, bob: User, more: str, field: str
) -> None:
    client.force_login(bob)
    fault = re.compile(rf'id="fault-{field}"[^>]*>\s*(expected[^<]+|[^<]*unknown[^<]*|“[^<]+)<')
    answer = previewed(client, selection, more)
    assert answer.status_code == 200 and fault.search(answer.content.decode()), text_of(answer)
    page = client.get(f"{HERE}?of={selection.uuid}{more}&show=1", follow=True)
    assert fault.search(page.content.decode())
    sent = {"of": str(selection.uuid), "do": "make", "name": "x", **QueryDict(more[1:]).dict()}
    refused = client.post(HERE, sent)
    assert refused.status_code == 422 and fault.search(refused.content.decode())
    assert not Dataset.objects.exists() and not Job.objects.exists()


def test_unknown_parameters_are_told_above_the_form(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    for more, said in (("&colour=red", "colour : unknown"), ("&format=poem", "format : expected")):
        assert said in text_of(previewed(client, selection, more))


def test_without_a_selection_the_ways_to_one_are_shown(client: Client, bob: User) -> None:
    client.force_login(bob)
    answer = client.get(HERE)
    assert answer.status_code == 200 and "Which interactions" in text_of(answer)


def test_a_selection_that_is_not_there(client: Client, selection: Selection, bob: User) -> None:
    client.force_login(bob)
    assert client.get(f"{HERE}?of={uuid4()}").status_code == 404
    assert client.get(f"{HERE}?of=garbage").status_code == 400
    assert client.post(HERE, {"of": "garbage", "do": "make"}).status_code == 400
    assert client.post(HERE, {"do": "make"}).status_code == 400
    assert client.get(f"{HERE}?of=%00").status_code == 400


def test_a_stranger_sees_nothing_and_a_viewer_makes_nothing(
    client: Client, project: Project, selection: Selection, charlie: User
) -> None:
    client.force_login(charlie)
    assert client.get(f"{HERE}?of={selection.uuid}").status_code == 404
    assert client.post(HERE, {"of": str(selection.uuid), "do": "make"}).status_code == 404
    make.share(project, charlie, "viewer")
    page = client.get(f"{HERE}?of={selection.uuid}&show=1").content.decode()
    assert "29" in page and 'value="make"' not in page
    assert client.post(HERE, {"of": str(selection.uuid), "do": "make"}).status_code == 403
    assert not Dataset.objects.exists()


def test_it_makes_the_dataset_that_was_shown(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    sent = {
        "of": str(selection.uuid), "kind": "completion", "dedupe": "prompt", "sample": "random",
        "n": "8", "validation": "25", "test": "25", "name": "Mine", "do": "make",
    }  # fmt: skip
    begun = client.post(HERE, sent)
    job = Job.objects.in_project(project).get()
    assert (begun.status_code, begun["Location"]) == (303, f"/projects/maple/jobs/{job.uuid}/")
    assert queue.do_all(job).state == "done"
    made = Dataset.objects.in_project(project).get()
    assert (made.name, made.state, made.records, made.job) == ("Mine", "ready", 8, job)
    splits = DatasetItem.objects.in_project(project).values_list("split", flat=True)
    assert sorted(splits) == ["test"] * 2 + ["train"] * 4 + ["validation"] * 2


def test_it_adds_to_a_dataset_of_the_same_kind(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    sent = {"of": str(selection.uuid), "sample": "newest", "n": "3", "do": "make"}
    client.post(HERE, sent)
    queue.do_all(Job.objects.in_project(project).get())
    made = Dataset.objects.in_project(project).get()
    assert made.name == "Maple"  # of all interactions: after the project
    page = client.get(f"{HERE}?of={selection.uuid}&into={made.key}").content.decode()
    assert f'value="{made.key}" selected' in page
    assert "26 new to the dataset" in text_of(previewed(client, selection, f"&into={made.key}"))
    other = previewed(client, selection, f"&kind=prompt&into={made.key}").content.decode()
    assert "expected a dataset of prompts" in other
    client.post(HERE, {"of": str(selection.uuid), "into": made.key, "do": "make"})
    queue.do_all(Job.objects.in_project(project).get(state="waiting"))
    made.refresh_from_db()
    assert made.records == 29 and Dataset.objects.count() == 1


def test_a_warning_leads_to_its_rows_and_can_be_heeded(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    make.make_interaction(project, "Why?", "<think>Hm.</think> Because.")
    both = selections.freeze(project, QueryDict(""), by=bob)
    said = text_of(previewed(client, both))
    assert "1 record has a model&#39;s thoughts in the answer Show 1 Leave out" in said
    rows = client.post(HERE, {"of": str(both.uuid), "do": "rows:thoughts"})
    assert rows.status_code == 303
    assert "Why?" in client.get(rows["Location"]).content.decode()
    left = client.post(HERE, {"of": str(both.uuid), "dedupe": "prompt", "do": "without:thoughts"})
    assert left.status_code == 303 and "&dedupe=prompt" in left["Location"]
    again = client.get(left["Location"], headers=HTMX)
    assert "model&#39;s thoughts" not in text_of(again) and "30 interactions matched" in text_of(
        again
    )
    gone = client.post(HERE, {"of": str(selection.uuid), "do": "rows:nothing"})
    assert gone["Location"] == f"{HERE}?of={selection.uuid}&show=1"


def test_near_duplicates_are_shown_beside_what_is_kept(
    client: Client, project: Project, bob: User
) -> None:
    client.force_login(bob)
    words = "one two three four five six seven eight nine ten eleven twelve thirteen"
    for end in ("fourteen", "fifteen"):
        make.make_interaction(project, f"{words} {end}", "Yes, that is how one counts.")
    made = selections.freeze(project, QueryDict(""), by=bob)
    said = text_of(previewed(client, made, "&near=0.5"))
    assert "Near-duplicates left out" in said and "1 without near-duplicates −1" in said
    assert "fourteen" in said and "fifteen" in said
    client.post(HERE, {"of": str(made.uuid), "near": "0.5", "name": "Counting", "do": "make"})
    queue.do_all(Job.objects.in_project(project).get())
    make.make_interaction(project, f"{words} sixteen", "Yes, that is how one counts.")
    later = selections.freeze(project, QueryDict(""), by=bob)
    said = text_of(previewed(client, later, "&near=0.5&into=counting"))
    assert "a record that the dataset has already" in said and "and 1 more" in said


def test_without_scripts_a_button_shows_the_preview(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    page = client.get(f"{HERE}?of={selection.uuid}").content.decode()
    assert "interactions matched" not in page and "show=1" in page
    shown = client.post(HERE, {"of": str(selection.uuid), "dedupe": "prompt", "do": "preview"})
    assert shown["Location"] == f"{HERE}?of={selection.uuid}&dedupe=prompt&show=1"
    assert "10 without duplicates" in text_of(client.get(shown["Location"]))


def test_how_many_queries_it_takes(
    client: Client, selection: Selection, bob: User, query_counts: QueryCounts
) -> None:
    client.force_login(bob)
    previewed(client, selection)
    with query_counts("the builder of datasets"):
        client.get(f"{HERE}?of={selection.uuid}")
    with query_counts("the builder's preview"):
        previewed(client, selection, "&dedupe=prompt&split=80/10/10")
