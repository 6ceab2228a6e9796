"""What is asked for once an interaction's page is there: history, system prompt, metrics."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.models import Interaction
from interactions.services.browsing import system_prompts
from interactions.services.editing import labels
from interactions.services.judging import feedback
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Event, Project, User
from tests import make
from tests.query_counts import QueryCounts

HTMX = {"HX-Request": "true"}
SYSTEM = {"role": "system", "content": "Be kind to everyone."}
ASKED = {"role": "user", "content": "Hello"}


def page(one: Interaction, part: str) -> str:
    return f"/projects/{one.project.key}/interactions/{one.id}/{part}/"


def words(text: str) -> str:
    """Without tags and runs of blanks."""
    parts = [part.rpartition(">")[2] for part in text.split("<")]
    return " ".join(" ".join(parts).split())


@pytest.fixture
def interaction(project: Project, alice: User) -> Interaction:
    return make.make_interaction(project, messages=[SYSTEM, ASKED], created_by=alice)


def test_history_has_who_did_what_newest_first(
    client: Client, alice: User, bob: User, project: Project, interaction: Interaction
) -> None:
    metric = make.make_metric(project)
    given = FeedbackDraft(metric=metric, value=0.0, reason="too short")
    feedback.give_own(project, interaction.id, given=given, by=bob, is_toggle=False)
    again = FeedbackDraft(metric=metric, value=1.0, reason="")
    feedback.give_own(project, interaction.id, given=again, by=bob, is_toggle=False)
    labels.set_label(project, interaction.id, key="env", value="prod", by=alice)
    labels.set_label(project, interaction.id, key="env", value="staging", by=alice)
    labels.remove_label(project, interaction.id, key="env", by=alice)
    other = make.make_interaction(project, completion="Another", llm=make.make_llm(project))
    now = datetime.now(UTC)
    better = NewComparison(
        metric=metric, preferred_id=interaction.id, other_id=other.id, created_at=now
    )
    compare(project, [better], by=bob)
    client.force_login(bob)
    with_page = client.get(page(interaction, "history"))
    said = words(with_page.text)
    told = [
        "Bob found it better than gpt-4o",
        "Alice removed the label env: staging",
        "Alice changed the label env: prod → staging",
        "Alice added the label env: prod",
        "Bob gave ▲ helpful: yes",
        "Bob withdrew helpful: no",
        "too short",
        "Alice sent it in, logged",
    ]
    places = [said.find(one) for one in told]
    assert -1 not in places, (said, places)
    assert [places[1], *places[2:4], places[-1]] == sorted([places[1], *places[2:4], places[-1]])
    fragment = client.get(page(interaction, "history"), headers=HTMX).text
    assert "<html" not in fragment
    assert "Bob" in fragment


def test_history_finds_events_by_an_index(project: Project, interaction: Interaction) -> None:
    Event.objects.bulk_create(
        Event(project=project, verb="label.set", subject=str(n)) for n in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_event")
        cursor.execute(
            "EXPLAIN SELECT * FROM projects_event WHERE project_id = %s AND subject = %s"
            " ORDER BY id DESC LIMIT 200",
            [project.id, str(interaction.id)],
        )
        assert "event_subject" in "\n".join(row[0] for row in cursor.fetchall())


def test_others_with_the_system_prompt_are_counted(
    client: Client, bob: User, project: Project, interaction: Interaction
) -> None:
    for text in "ab":
        make.make_interaction(project, messages=[SYSTEM, {**ASKED, "content": text}])
    longer = {"role": "system", "content": "Be kind to everyone. Always."}
    make.make_interaction(project, messages=[longer, ASKED])
    client.force_login(bob)
    assert page(interaction, "system") in client.get(page(interaction, "system")[:-7]).text
    text = client.get(page(interaction, "system"), headers=HTMX).text
    assert "same as 2 others" in text
    link = text.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    listed = client.get(link)
    assert listed.status_code == 200
    assert listed.text.count('<tr id="row-') == 4  # those that hold its text


def test_nobody_else_and_no_system_prompt_are_said(
    client: Client, bob: User, project: Project, interaction: Interaction
) -> None:
    client.force_login(bob)
    assert "no other has it" in client.get(page(interaction, "system"), headers=HTMX).text
    plain = make.make_interaction(project)
    assert "has no system prompt" in client.get(page(plain, "system")).text
    assert "/system/" not in client.get(page(plain, "system")[:-7]).text


def test_a_count_that_takes_too_long_says_so(
    client: Client, bob: User, interaction: Interaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise TookTooLong("stopped")

    monkeypatch.setattr(system_prompts, "others", late)
    client.force_login(bob)
    text = client.get(page(interaction, "system"), headers=HTMX).text
    assert "not counted: stopped after 1.5 s" in text


def test_all_metrics_are_given_when_asked_for(
    client: Client, bob: User, project: Project, interaction: Interaction
) -> None:
    for number in range(8):
        make.make_metric(project, f"metric-{number}")
    client.force_login(bob)
    text = client.get(page(interaction, "feedback/section"), headers=HTMX).text
    assert text.count('name="metric"') == 8
    assert '<details class="others" open>' in text
    response = client.get(page(interaction, "feedback/section"))
    assert response.headers["Location"] == page(interaction, "x")[:-2]


@pytest.mark.parametrize("part", ["history", "system", "feedback/section"])
def test_strangers_find_nothing(
    client: Client, charlie: User, alice: User, charlies_project: Project,
    interaction: Interaction, part: str,
) -> None:  # fmt: skip
    client.force_login(charlie)
    assert client.get(page(interaction, part), headers=HTMX).status_code == 404
    client.force_login(alice)
    theirs = make.make_interaction(charlies_project)
    theirs.project = interaction.project
    assert client.get(page(theirs, part), headers=HTMX).status_code == 404


def test_the_number_of_queries_is_fixed(
    client: Client, bob: User, interaction: Interaction, query_counts: QueryCounts
) -> None:
    client.force_login(bob)
    with query_counts("detail: history"):
        client.get(page(interaction, "history"), headers=HTMX)
    with query_counts("detail: system prompt"):
        client.get(page(interaction, "system"), headers=HTMX)
    with query_counts("detail: all metrics"):
        client.get(page(interaction, "feedback/section"), headers=HTMX)
