"""How the builder goes on where something is missing, or nothing is left."""

import re

import pytest
from django.http import QueryDict
from django.test import Client

from interactions.models import Selection
from interactions.services import selections
from projects.models import Project, User
from tests import make
from tests.interactions.web.building.test_builder import HERE, HTMX, previewed, text_of

pytestmark = pytest.mark.django_db


def test_what_a_choice_needs_is_filled_in_but_nothing_is_made_of_it_unseen(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    mined = "&kind=preference&pairs=mined"
    for more, field, value in (
        ("&sample=random", "n", "1000"),
        ("&sample=balanced", "n", "100"),
        (mined, "metric", "helpful"),
    ):
        answer = previewed(client, selection, f"{more}&{field}=")
        assert f"{field}={value}" in answer["HX-Replace-Url"]
        assert not re.search(r'class="error fault"[^>]*>[^<]', answer.content.decode())
        page = client.get(f"{HERE}?of={selection.uuid}{more}").content.decode()
        assert re.search(rf'value="{value}"( selected)?', " ".join(page.split()))
        sent = {"of": str(selection.uuid), "do": "make", **QueryDict(more[1:]).dict()}
        refused = client.post(HERE, sent)
        assert refused.status_code == 422 and "expected" in refused.content.decode()
    # A metric of the other source of pairs was chosen before; an address is taken at its word.
    make.make_metric(project, "unused")
    assert (
        "metric=helpful" in previewed(client, selection, f"{mined}&metric=unused")["HX-Replace-Url"]
    )
    compared = previewed(client, selection, "&kind=preference&metric=helpful")
    assert compared["HX-Replace-Url"].endswith("&kind=preference")
    page = client.get(f"{HERE}?of={selection.uuid}{mined}&metric=unused").content.decode()
    assert '<option value="unused" selected' in page
    assert "No scores of single answers" in page


def test_a_preview_stays_while_a_field_cannot_be_read(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    answer = previewed(client, selection, "&near=2")
    assert answer["HX-Reswap"] == "none" and "interactions matched" not in text_of(answer)
    assert "HX-Reswap" not in previewed(client, selection)


def test_no_pairs_are_explained_and_the_ways_on_are_one_click_away(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    better = {make.make_metric(project): True}
    make.make_interaction(project, "Question 3", "A better answer", feedback=better)
    bad = selections.freeze(project, QueryDict("feedback=helpful:eq:0&label=env:dev"), by=bob)
    said = text_of(previewed(client, bad, "&kind=preference"))
    assert "None of the 5 interactions was compared with another." in said
    assert "No prompt has more than one answer here, and 5 of the answers have feedback." in said
    assert (
        "Looking for what can be made" in said
        and "later=1" in previewed(client, bad, "&kind=preference").content.decode()
    )
    later = previewed(client, bad, "&kind=preference&later=1")
    assert "HX-Replace-Url" not in later
    ways = re.findall(
        r'<a class="link" href="([^"]+)" aria[^>]*>([^<]+)</a>\s*<b>(\d+) (?:pair|record)',
        later.content.decode(),
    )
    assert [words for _, words, _ in ways] == [
        "Pair them by helpful with all other answers to the same prompts",
        "Make prompts, completions and feedback (KTO) instead",
    ]
    for link, _, n in ways:
        again = client.get(link.replace("&amp;", "&"), headers=HTMX)
        assert n != "0" and f"{n} record" in text_of(again)
    plain = client.get(f"{HERE}?of={bad.uuid}&kind=preference&show=1")  # without scripts at once
    assert "KTO" in text_of(plain)


def test_what_a_step_left_out_can_be_looked_at(
    client: Client, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    page = previewed(client, selection, "&dedupe=prompt&sample=newest&n=5").content.decode()
    assert re.findall(r'value="(dropped:[^"]+)"', page) == [
        "dropped:not empty",
        "dropped:without duplicates",
    ]
    for step, n in (("not empty", "1 ticked"), ("without duplicates", "19 ticked")):
        sent = {"of": str(selection.uuid), "dedupe": "prompt", "do": f"dropped:{step}"}
        rows = client.get(client.post(HERE, sent)["Location"])
        assert f"{n} interaction" in text_of(rows)


def test_a_dataset_that_was_deleted_meanwhile_is_told_at_its_field(
    client: Client, project: Project, selection: Selection, bob: User
) -> None:
    client.force_login(bob)
    answer = previewed(client, selection, "&into=gone")
    fault = re.compile(r'id="fault-into"[^>]*>expected the key of a dataset of this project<')
    assert fault.search(answer.content.decode()) and answer["HX-Reswap"] == "none"
    refused = client.post(HERE, {"of": str(selection.uuid), "into": "gone", "do": "make"})
    assert refused.status_code == 422 and fault.search(refused.content.decode())


def test_ticked_interactions_that_are_gone_are_counted(
    client: Client, project: Project, bob: User
) -> None:
    client.force_login(bob)
    kept, gone = make.make_interaction(project), make.make_interaction(project)
    ticked = selections.tick(project, [kept.id, gone.id], by=bob)
    gone.delete()
    assert "1 of the ticked interactions is deleted." in text_of(previewed(client, ticked))
    kept.delete()
    said = text_of(previewed(client, ticked))
    assert "The selection holds no interaction any more." in said
