"""The page of pairs."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import caches
from django.test import Client

from interactions.models import Comparison
from interactions.services.judging.comparisons import compare_sides
from interactions.services.judging.pairs import Pair
from projects.models import Event, Metric, Project, User
from tests import make
from tests.query_counts import QueryCounts

PAGE = "/projects/maple/pairs/"


@pytest.fixture(autouse=True)
def nothing_mined() -> None:
    caches["pairs"].clear()


@pytest.fixture
def preference(project: Project) -> Metric:
    return make.make_metric(project, "preference")


def answer(project: Project, text: str, prompt: str = "What is a maple?", **more: Any) -> UUID:
    if "model" in more:
        more["llm"] = make.make_llm(project, more.pop("model"))
    return make.make_interaction(project, prompt, text, **more).id


@pytest.fixture
def two(project: Project, preference: Metric) -> Pair:
    """The only pair of the project."""
    older = answer(project, "A tree.", model="gpt-4o")
    return Pair(answer(project, "A **leafy** tree.", model="llama"), older)


def prefer(client: Client, pair: Pair, choice: str, query: str = "?metric=preference") -> Any:
    return client.post(f"{PAGE}prefer/{query}", {"pair": pair.name, "answer": choice})


def shown(text: str) -> str:
    """The pair that is asked about, as its address has it."""
    found = re.search(r'name="pair" value="([^"]+)"', text)
    return found[1] if found else ""


def test_the_page_is_blind_until_one_has_answered(client: Client, bob: User, two: Pair) -> None:
    client.force_login(bob)
    text = client.get(PAGE).text
    assert shown(text) == two.name
    assert "<strong>leafy</strong>" in text
    assert "gpt-4o" not in text and "llama" not in text
    assert "<b>0 compared</b> in this filter, 1 more" in text
    left, right = two.sides(bob)
    done = prefer(client, two, "left")
    assert done.headers["Location"] == f"{PAGE}?metric=preference&pair=end"
    made = Comparison.objects.get()
    assert (made.preferred_id, made.other_id, made.tied) == (left, right, None)
    assert made.created_by == bob
    event = Event.objects.get(verb="comparison.given")
    assert (event.details["left"], event.details["verdict"]) == (str(left), "left")
    text = client.get(done.headers["Location"]).text
    winner, loser = ("llama", "gpt-4o") if left == two.newer else ("gpt-4o", "llama")
    assert f"{winner} better than {loser}" in text
    assert "<b>1 compared</b> in this filter, 0 more" in text
    assert "Your answer before" in client.get(f"{PAGE}?pair={two.name}").text


@pytest.mark.parametrize(
    ("choice", "side", "tied"),
    [("left", 0, None), ("right", 1, None), ("good", 0, "good"), ("bad", 0, "bad")],
)
def test_every_answer_is_stored_as_it_was_meant(
    client: Client, bob: User, two: Pair, choice: str, side: int, tied: str | None
) -> None:
    client.force_login(bob)
    prefer(client, two, choice)
    made = Comparison.objects.get()
    assert (made.preferred_id, made.tied) == (two.sides(bob)[side], tied)


def test_another_answer_replaces_ones_own_on_the_site_and_no_other(
    client: Client, bob: User, alice: User, two: Pair, project: Project, preference: Metric
) -> None:
    for by in (alice, bob):  # by the API, the latter with Bob's own key
        compare_sides(project, two.newer, two.older, metric=preference, tied=None, by=by)
    client.force_login(bob)
    prefer(client, two, "good")
    prefer(client, two, "bad")
    assert sorted(str(one.tied) for one in Comparison.objects.all()) == ["None", "None", "bad"]
    assert Event.objects.get(verb="comparison.withdrawn").details["tied"] == "good"


def test_undo_takes_the_answer_back_and_shows_the_pair(
    client: Client, bob: User, two: Pair
) -> None:
    client.force_login(bob)
    prefer(client, two, "right")
    answer = client.post(f"{PAGE}undo/?metric=preference")
    assert answer.headers["Location"] == f"{PAGE}?metric=preference&pair={two.name}"
    assert not Comparison.objects.exists()
    assert Event.objects.get(verb="comparison.withdrawn").details["preferred"]
    client.post(f"{PAGE}undo/?metric=preference")
    assert Event.objects.filter(verb="comparison.withdrawn").count() == 1


def test_undo_leaves_what_a_program_sent_with_the_same_key(
    client: Client, bob: User, two: Pair, project: Project, preference: Metric
) -> None:
    compare_sides(project, two.newer, two.older, metric=preference, tied=None, by=bob)
    client.force_login(bob)
    client.post(f"{PAGE}undo/?metric=preference")
    assert Comparison.objects.count() == 1


def test_a_pair_that_others_compared_is_left_out_when_asked(
    client: Client, bob: User, alice: User, two: Pair, project: Project, preference: Metric
) -> None:
    compare_sides(project, two.newer, two.older, metric=preference, tied=None, by=alice)
    client.force_login(bob)
    assert shown(client.get(PAGE).text) == two.name
    assert shown(client.get(f"{PAGE}?compared=by_nobody").text) == ""
    prefer(client, two, "left")
    assert shown(client.get(PAGE).text) == ""
    text = client.get(f"{PAGE}?compared=any").text
    assert shown(text) == two.name
    assert "<b>1 compared</b> in this filter, 0 more" in text


def test_words_that_differ_are_marked_when_asked(client: Client, bob: User, two: Pair) -> None:
    client.force_login(bob)
    text = client.get(f"{PAGE}?diff=1").text
    assert "A <ins>**leafy** </ins>tree." in text


def test_the_list_shows_models_and_leads_to_each_pair(
    client: Client, bob: User, two: Pair, project: Project, preference: Metric
) -> None:
    compare_sides(project, two.newer, two.older, metric=preference, tied="good", by=bob)
    client.force_login(bob)
    text = client.get(f"{PAGE}?view=list").text
    assert "gpt-4o" in text and "llama" in text
    assert "both good (Bob)" in text
    assert f"?metric=preference&amp;pair={two.name}" in text


def test_the_list_has_pages(client: Client, bob: User, project: Project) -> None:
    for n in range(26):
        for text in "abc":
            answer(project, text, prompt=f"{n}?")
    client.force_login(bob)
    seen: list[str] = []
    query = "?view=list"
    while query:
        text = client.get(PAGE + query).text
        seen += re.findall(r"pair=([0-9a-f.-]+)", text)
        more = re.search(r'rel="next" href="([^"]+)"', text)
        query = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 78


def test_without_a_metric_of_ones_own_it_asks_for_one(
    client: Client, bob: User, project: Project
) -> None:
    make.make_metric(project, "graded")
    answer(project, "a")
    answer(project, "b")
    client.force_login(bob)
    text = client.get(PAGE).text
    assert "Choose the metric of your preferences" in text
    assert shown(text) == ""
    text = client.get(f"{PAGE}?metric=graded", follow=True).text
    assert shown(text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?metric=nothing", "expected the key of a metric of this project"),
        ("?gap=csat:2", "expected a metric and how far apart, such as csat:2"),
        ("?gap=preference:far", "expected a metric and how far apart, such as csat:2"),
        ("?gap=preference:-1", "expected a metric and how far apart, such as csat:2"),
        ("?gap_least=2", "expected a metric and how far apart, such as csat:2"),
        ("?compared=never", "expected by_nobody or any, or nothing"),
        ("?view=grid", "expected list, or nothing"),
        ("?start=-1&view=list", "expected a number"),
        ("?pair=x", "expected two ids of interactions with a dot between"),
        (
            f"?pair={UUID(int=1)}.{UUID(int=2)}",
            "expected two answers to one prompt of this project",
        ),
        ("?colour=red", "unknown; expected one of"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_asked(
    client: Client, bob: User, two: Pair, query: str, said: str
) -> None:
    client.force_login(bob)
    text = client.get(PAGE + query, follow=True).text
    assert said in text
    assert shown(text) == ""


def test_answers_to_different_prompts_are_no_pair(
    client: Client, bob: User, two: Pair, project: Project
) -> None:
    other = answer(project, "No.", prompt="Is an oak a maple?")
    client.force_login(bob)
    wrong = Pair(two.newer, other)
    assert "expected two answers to one prompt" in client.get(f"{PAGE}?pair={wrong.name}").text
    assert prefer(client, wrong, "left").status_code == 422
    assert prefer(client, two, "middle").status_code == 400
    assert prefer(client, two, "left", "?metric=unknown").status_code == 422
    assert not Comparison.objects.exists()


def test_a_reader_sees_but_does_not_prefer(client: Client, two: Pair, project: Project) -> None:
    reader = make.make_user("ruth")
    make.share(project, reader, "viewer")
    client.force_login(reader)
    text = client.get(PAGE).text
    assert "not compare" in text
    assert shown(text) == ""
    assert prefer(client, two, "left").status_code == 403
    assert client.post(f"{PAGE}undo/?metric=preference").status_code == 403
    assert not Comparison.objects.exists()


def test_a_stranger_finds_nothing(client: Client, charlie: User, two: Pair) -> None:
    client.force_login(charlie)
    assert client.get(PAGE).status_code == 404
    assert prefer(client, two, "left").status_code == 404
    assert client.post(f"{PAGE}undo/").status_code == 404


def test_another_filter_begins_at_its_top_and_keeps_the_rest(
    client: Client, bob: User, two: Pair, project: Project
) -> None:
    make.make_metric(project, "csat", "SCALAR")
    client.force_login(bob)
    query = f"?text=tree&compared=any&metric=preference&pair={two.name}"
    text = client.get(PAGE + query).text
    assert 'href="?metric=preference&amp;compared=any"' in text  # without the text
    assert 'form="filter" name="compared" value="any"' in text
    assert 'form="filter" name="pair"' not in text
    assert "/interactions/count/?text=tree" in text


def test_a_pair_of_another_project_is_not_shown(
    client: Client, bob: User, two: Pair, charlies_project: Project
) -> None:
    theirs = [answer(charlies_project, text) for text in "ab"]
    client.force_login(bob)
    name = Pair(theirs[0], theirs[1]).name
    assert "expected two answers to one prompt" in client.get(f"{PAGE}?pair={name}").text


def test_the_pages_queries_are_counted(
    client: Client, bob: User, two: Pair, project: Project, query_counts: QueryCounts
) -> None:
    for n in range(6):
        for text in "ab":
            answer(project, text, prompt=f"{n}?")
    client.force_login(bob)
    client.get(PAGE)
    caches["pairs"].clear()
    with query_counts("the pairs page, mined anew"):
        assert shown(client.get(PAGE).text)
    with query_counts("the list of pairs"):
        assert client.get(f"{PAGE}?view=list").text.count("<tr>") == 8
