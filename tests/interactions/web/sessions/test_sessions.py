"""Sessions: which the filter's matches belong to, and one of them as a transcript."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.test import Client

from interactions.filters.address.form import InteractionFilter
from interactions.models import Interaction
from interactions.services.browsing import sessions, transcripts
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

SYSTEM = {"role": "system", "content": "Be kind."}


def make_session(
    project: Project, *asked: str, answers: Sequence[str] = (), start: int = 0, **known: Any
) -> UUID:
    """Turns a minute apart, each repeating what was said before."""
    session, said = uuid4(), [SYSTEM]
    for number, text in enumerate(asked):
        said = [*said, {"role": "user", "content": text}]
        answer = answers[number] if answers else f"Answer to {text}"
        make.make_interaction(
            project,
            messages=said,
            completion=answer,
            session_id=session,
            created_at=make.NOON + timedelta(minutes=start + number),
            **known,
        )
        said = [*said, {"role": "assistant", "content": answer}]
    return session


def listed(
    project: Project, query: str = "", *, limit: int = 2
) -> list[list[sessions.SessionSummary]]:
    """All pages."""
    form = InteractionFilter(QueryDict(query))
    assert form.is_valid()
    pages, before = [], None
    while True:
        found = sessions.page(project, form.tree(), limit=limit, before=before)
        pages.append(found.sessions)
        if found.older is None:
            return pages
        before = found.older


def test_every_session_is_listed_once_newest_first(project: Project) -> None:
    made = [make_session(project, "a", "b", start=10 * number) for number in range(5)]
    # One that goes on after all the others: it stands where its newest turn does.
    again = make_session(project, "x", start=2)
    make.make_interaction(project, session_id=again, created_at=make.NOON + timedelta(hours=2))
    pages = listed(project)
    assert [one.id for page in pages for one in page] == [again, *reversed(made)]
    assert [len(page) for page in pages] == [2, 2, 2]


def test_matched_turns_are_told_from_all(project: Project) -> None:
    metric = make.make_metric(project)
    session = make_session(project, "a", "refund", "c", feedback={metric: True})
    make_session(project, "nothing", start=20)
    ((one,),) = listed(project, "text=refund")
    assert (one.id, one.matched, one.turns, one.opening) == (session, 2, 3, "a")
    assert one.ended_at is not None
    assert one.began_at is not None
    assert one.ended_at - one.began_at == timedelta(minutes=2)
    (mark,) = one.marks
    assert (mark.metric, mark.count, mark.ones) == (metric, 3, 3)


def test_a_walk_that_finds_no_session_ends_and_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(project, "old")
    make.make_interactions(project, 9, labels={"env": "prod"})
    monkeypatch.setattr(sessions, "MATCHES_READ_AT_ONCE", 3)
    monkeypatch.setattr(sessions, "MATCHES_WALKED", 6)
    form = InteractionFilter(QueryDict(""))
    assert form.is_valid()
    Interaction.objects.in_project(project).exclude(session_id=session).update(session_id=None)
    found = sessions.page(project, form.tree(), limit=5)
    assert (found.walked, found.alone, found.is_bounded) == (6, 6, True)
    rest = sessions.page(project, form.tree(), limit=5, before=found.older)
    assert ([one.id for one in rest.sessions], rest.older) == ([session], None)


def test_the_page_shows_them(client: Client, bob: User, project: Project) -> None:
    session = make_session(project, "How do I pay?", "And later?")
    client.force_login(bob)
    text = client.get("/projects/maple/sessions/?text=later").text
    assert "How do I pay?" in text
    assert f"/projects/maple/sessions/{session}/?text=later" in text
    assert re.search(r"<b>1</b> of 2<span class=\"unit\"> turns", text)
    assert text.count('scope="col"') == 4
    assert "Answer to And later?" in text


def test_feedback_of_a_session_is_a_mark_and_its_words(
    client: Client, bob: User, project: Project
) -> None:
    helpful = make.make_metric(project)
    session = make_session(project, "a", feedback={helpful: True})
    make.make_interaction(project, session_id=session, feedback={helpful: False})
    make_session(project, "b", start=9, feedback={helpful: False})
    make_session(project, "c", start=19)
    client.force_login(bob)
    answer = client.get("/projects/maple/sessions/")
    rows = answer.context["page"].rows
    assert [row.tones for row in rows] == [[], ["bad"], ["none"]]
    assert rows[2].feedback_words == "helpful: 1 yes 1 no"
    assert 'title="helpful: no"' in answer.text


def test_a_session_is_called_what_the_user_said_first(project: Project) -> None:
    """Though its first turn was logged with all that went before it; without a user, its last."""
    said = [
        SYSTEM,
        {"role": "user", "content": f"# Where is\n my **parcel**? {'x' * 500}"},
        {"role": "assistant", "content": "On its way."},
        {"role": "user", "content": "Since when?"},
    ]
    picture = make.image_message(make.data_uri(make.make_image()), text="What is this?")
    for messages in (said, [picture], [SYSTEM]):
        make.make_interaction(project, messages=messages, completion="Hm.", session_id=uuid4())
    ((none, image, parcel),) = listed(project, limit=3)
    assert parcel.opening.startswith("Where is my parcel? xxx")
    assert len(parcel.opening) <= sessions.OPENING_LENGTH
    assert [one.opening for one in (image, none)] == ["What is this?", "Be kind."]
    assert {one.answer for one in (none, image, parcel)} == {"Hm."}
    assert [one.messages for one in (none, image, parcel)] == [2, 2, 5]


@pytest.mark.parametrize("query", ["?before=x", "?label=:", "?nonsense=1"])
def test_a_wrong_filter_is_marked_and_shows_nothing(
    client: Client, bob: User, project: Project, query: str
) -> None:
    make_session(project, "How do I pay?")
    client.force_login(bob)
    text = client.get(f"/projects/maple/sessions/{query}").text
    assert "cannot be answered" in text
    assert "How do I pay?" not in text


def test_strangers_find_nothing(client: Client, charlie: User, project: Project) -> None:
    session = make_session(project, "How do I pay?")
    client.force_login(charlie)
    assert client.get("/projects/maple/sessions/").status_code == 404
    assert client.get(f"/projects/maple/sessions/{session}/").status_code == 404


def test_a_session_of_another_project_is_not_there(
    client: Client, alice: User, project: Project, charlies_project: Project
) -> None:
    client.force_login(alice)
    theirs = make_session(charlies_project, "secret")
    assert client.get(f"/projects/{project.key}/sessions/{theirs}/").status_code == 404


def test_a_transcript_says_everything_once(client: Client, bob: User, project: Project) -> None:
    session = make_session(project, "First?", "Second?", "Third?")
    client.force_login(bob)
    text = client.get(f"/projects/maple/sessions/{session}/").text
    for said in ("Be kind.", "<p>First?</p>", "<p>Second?</p>", "Answer to Second?</p>"):
        assert text.count(said) == 1, said
    assert "repeats 3 messages" in text
    assert "repeats 5 messages" in text


def test_what_repeats_an_earlier_turn_is_found_in_branches_and_second_tries(
    project: Project,
) -> None:
    session = make_session(project, "a", "b")
    first = {"role": "user", "content": "a"}
    for messages in ([SYSTEM, first], [SYSTEM, {"role": "user", "content": "z"}]):
        make.make_interaction(
            project,
            messages=messages,
            session_id=session,
            created_at=make.NOON + timedelta(hours=len(str(messages))),
        )
    found = transcripts.transcript(project, session)
    assert sorted(one.repeated for one in found.exchanges) == [0, 1, 2, 3]
    assert [one.is_again for one in found.exchanges].count(True) == 1


def test_turns_that_repeat_nothing_are_shown_whole(project: Project) -> None:
    session = uuid4()
    make.make_interactions(project, 3, session_id=session)
    found = transcripts.transcript(project, session)
    assert [one.repeated for one in found.exchanges] == [0, 0, 0]


def test_a_long_session_has_pages_and_a_turn_is_found_on_its_own(
    client: Client, bob: User, project: Project
) -> None:
    session = make_session(
        project, *(f"question {n}" for n in range(transcripts.TURNS_PER_PAGE + 5))
    )
    client.force_login(bob)
    first = transcripts.transcript(project, session)
    assert [one.number for one in first.exchanges] == list(range(1, transcripts.TURNS_PER_PAGE + 1))
    last = Interaction.objects.in_project(project).order_by("-id").first()
    assert last is not None
    text = client.get(f"/projects/maple/sessions/{session}/?at={last.id}").text
    assert f"Turn {transcripts.TURNS_PER_PAGE + 5}</a>" in text
    assert f'id="turn-{last.id}" tabindex="-1" aria-current="true"' in text
    # Its first turn repeats what the page before it ends with.
    assert "question 0" not in text
    assert client.get(f"/projects/maple/sessions/{session}/?at=x").status_code == 400


def test_the_number_of_queries_is_fixed(
    client: Client, bob: User, project: Project, query_counts: QueryCounts
) -> None:
    metric = make.make_metric(project)
    picture = make.image_message(make.data_uri(make.make_image()))
    client.force_login(bob)
    for _ in range(3):
        session = make_session(project, "a", "b", feedback={metric: True}, created_by=bob)
        make.make_interaction(project, messages=[picture], session_id=session)
    with query_counts("sessions: page"):
        client.get("/projects/maple/sessions/")
    with query_counts("session: page"):
        client.get(f"/projects/maple/sessions/{session}/")


HTMX = {"HX-Request": "true"}


def test_a_turn_shows_what_was_given_and_no_form(
    client: Client, bob: User, project: Project
) -> None:
    metric = make.make_metric(project, "ok")
    session = make_session(project, "First?", feedback={metric: False}, created_by=bob)
    make_session(project, "Other?", start=9)
    one = Interaction.objects.in_project(project).in_session(session).get()
    client.force_login(bob)
    text = client.get(f"/projects/maple/sessions/{session}/").text
    assert "▼ ok: no" in text
    assert "<textarea" not in text and "give-feedback" not in text
    path = f"/projects/maple/interactions/{one.id}/"
    assert f'href="{path}#feedback-{one.id}"' in text
    assert f'hx-get="{path}feedback/section/"' in text


def test_the_form_of_a_turn_opens_and_closes(client: Client, bob: User, project: Project) -> None:
    metric = make.make_metric(project, "ok")
    one = make.make_interaction(project, feedback={metric: True}, created_by=bob)
    client.force_login(bob)
    path = f"/projects/maple/interactions/{one.id}/"
    form = client.get(f"{path}feedback/section/", headers=HTMX).text
    assert "<textarea" in form and f'id="feedback-{one.id}"' in form
    read = client.get(f"{path}feedback/turn/", headers=HTMX).text
    assert "▲ ok: yes" in read and "<textarea" not in read and f'id="feedback-{one.id}"' in read
    assert client.get(f"{path}feedback/turn/")["Location"] == path


def test_what_a_turn_was_given_is_no_strangers(
    client: Client, charlie: User, bob: User, project: Project
) -> None:
    one = make.make_interaction(project)
    client.force_login(charlie)
    path = f"/projects/maple/interactions/{one.id}/feedback/turn/"
    assert client.get(path, headers=HTMX).status_code == 404
    client.force_login(bob)
    missing = f"/projects/maple/interactions/{uuid4()}/feedback/turn/"
    assert client.get(missing, headers=HTMX).status_code == 404
