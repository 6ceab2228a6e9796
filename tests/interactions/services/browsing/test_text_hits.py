"""Where a searched text is shown: marks in the previews, and snippets of what they leave out."""

from typing import Any

import pytest
from django.test import Client
from django.utils.safestring import mark_safe

from interactions.filters.conditions import Contains
from interactions.services.browsing.text_hits import hits
from interactions.template_filters.hits import around, marked, marked_html
from interactions.textindex.places import Place
from projects.models import Project, User
from tests import make

URL = "/projects/maple/interactions/"
LONG = "and so on, word by word, " * 20


def texts(*wanted: str) -> list[Contains]:
    return [Contains(text) for text in wanted]


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("A Refund, refunded", ["refund"], "A <mark>Refund</mark>, <mark>refund</mark>ed"),
        ("a < b & c", ["< b"], "a <mark>&lt; b</mark> &amp; c"),
        ("call-back a call", ["call", "call-back"], "<mark>call-back</mark> a <mark>call</mark>"),
        ("1+1 (x)", ["(x)", "1+"], "<mark>1+</mark>1 <mark>(x)</mark>"),
        ("ÄPFEL 返品", ["äpfel", "返品"], "<mark>ÄPFEL</mark> <mark>返品</mark>"),
        ("nothing", ["other"], "nothing"),
    ],
)
def test_each_hit_is_marked_and_all_else_is_escaped(
    text: str, wanted: list[str], said: str
) -> None:
    assert marked(text, texts(*wanted)) == said
    assert around(text, texts(*wanted)) == said


def test_a_hit_out_of_sight_is_moved_into_it() -> None:
    text = f"{'word ' * 20}needle in a haystack"
    assert around(text, texts("needle")).startswith("…word word word word <mark>needle</mark> in")
    assert around("x" * 90 + "needle", texts("needle")) == f"…{'x' * 24}<mark>needle</mark>"
    assert around(text, texts("word")).startswith("<mark>word</mark> <mark>word</mark>")


@pytest.mark.parametrize(
    ("html", "wanted", "said"),
    [
        ("<p>a refund</p>", "refund", "<p>a <mark>refund</mark></p>"),
        ('<a href="refund>x">refund</a>', "refund", '<a href="refund>x"><mark>refund</mark></a>'),
        ("<p>a &amp; b</p>", "amp", "<p>a &amp; b</p>"),
        ("<p>a &amp; b</p>", "& b", "<p>a <mark>&amp; b</mark></p>"),
        ('<p>say "no" &lt;p&gt;</p>', '"no" <p>', '<p>say <mark>"no" &lt;p&gt;</mark></p>'),
        ("<pre>p</pre>", "p", "<pre><mark>p</mark></pre>"),
    ],
)
def test_hits_in_html_are_marked_and_tags_are_left_alone(html: str, wanted: str, said: str) -> None:
    assert marked_html(mark_safe(html), texts(wanted)) == said


@pytest.fixture
def spoken(project: Project) -> Project:
    """One interaction that says `needle` in no preview, and one that says it in the first line."""
    make.make_interaction(
        project,
        completion=f"{LONG}A NEEDLE is at the end.",
        messages=[
            {"role": "system", "content": "You know 50% of hay."},
            {"role": "user", "content": [{"type": "text", "text": f"The first pin. {LONG}"}]},
            {"role": "assistant", "content": "An early answer of straw."},
            {"role": "user", "content": f"{LONG} the last thread\u0001\nof all"},
        ],
    )
    make.make_interaction(project, "A needle?", "No.")
    return project


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "place", "where", "snippet"),
    [
        ("needle", Place.ANYWHERE, "in the completion", "A NEEDLE is at the end."),
        ("thread", Place.ANYWHERE, "in the prompt", "the last thread\x01 of all"),
        ("pin", Place.PROMPT, "in an earlier turn", "The first pin. and so on"),
        ("STRAW", Place.ANYWHERE, "in an earlier answer", "An early answer of straw."),
        ("50%", Place.EVERYWHERE, "in the system prompt", "You know 50% of hay."),
    ],
)
def test_a_snippet_says_where_it_is_from(
    spoken: Project, text: str, place: Place, where: str, snippet: str
) -> None:
    first = min(spoken.interactions.values_list("id", flat=True))
    ((found,),) = hits(spoken, [first], [Contains(text, place)]).values()
    assert found is not None
    assert found.where == where
    assert snippet in found.text
    assert len(found.text) <= 220


@pytest.mark.django_db
def test_another_projects_texts_are_never_looked_into(
    spoken: Project, charlies_project: Project
) -> None:
    ids = list(spoken.interactions.values_list("id", flat=True))
    assert set(map(tuple, hits(charlies_project, ids, texts("needle")).values())) == {(None,)}


@pytest.mark.django_db
def test_rows_show_snippets_of_what_their_previews_leave_out(
    client: Client, alice: User, spoken: Project
) -> None:
    client.force_login(alice)

    def said(query: str) -> Any:
        return client.get(URL + query)

    answer = said("?text=needle")
    shown, hidden = sorted(answer.context["listing"].rows, key=lambda row: -row.interaction.id.int)
    assert shown.interaction.id not in answer.context["listing"].snippets
    (hit,) = answer.context["listing"].snippets[hidden.interaction.id]
    assert (hit.where, hit.starts, hit.ends) == ("in the completion", False, True)
    assert "A <mark>NEEDLE</mark> is at the end." in answer.text
    assert "A <mark>needle</mark>?" in answer.text
    assert said("").context["listing"].snippets == {}


@pytest.mark.django_db
def test_only_words_a_preview_lacks_have_a_snippet(
    client: Client, alice: User, spoken: Project
) -> None:
    client.force_login(alice)
    listing = client.get(f"{URL}?text=word+straw+needle").context["listing"]
    ((first, second),) = listing.snippets.values()
    assert [first.where, second.where] == ["in an earlier answer", "in the completion"]


@pytest.mark.django_db
def test_the_page_marks_and_counts_hits_in_every_turn_that_may_hold_them(
    client: Client, alice: User, spoken: Project
) -> None:
    client.force_login(alice)
    first = min(spoken.interactions.values_list("id", flat=True))
    page = client.get(f"{URL}{first}/?text=an+a")
    assert [turn.role for turn in page.context["detail"].turns][-1] == "assistant"
    said = page.text.split('<section class="turn')
    assert "<mark>An</mark> e<mark>a</mark>rly" in said[3]
    assert "hits</small>" in said[3]
    only = client.get(f"{URL}{first}/?completion_text=straw").text
    assert "<mark>straw</mark>" not in only
    assert "<mark>" not in client.get(f"{URL}{first}/").text


@pytest.mark.django_db
def test_long_and_folded_turns_are_open_where_they_hold_hits(
    client: Client, alice: User, project: Project
) -> None:
    client.force_login(alice)
    messages = [
        {"role": "system", "content": "Be kind.\n" * 20 + "Find the needle."},
        {"role": "user", "content": "Line\n" * 200 + "a needle"},
    ]
    one = make.make_interaction(project, messages=messages)
    said = client.get(f"{URL}{one.id}/?all_text=needle").text
    assert '<details class="system" open>' in said
    assert '-2-1" checked>' in said
    said = client.get(f"{URL}{one.id}/").text
    assert '<details class="system">' in said
    assert '-2-1">' in said
