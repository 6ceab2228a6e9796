"""The page of one interaction: what it shows, to whom, and in how many queries."""

import json
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from adaptive_site.lib.errors import NotFound
from interactions.models import Interaction
from interactions.services.importing.lines import Directory, LineReader
from interactions.services.judging.comparisons import NewComparison, compare
from interactions.services.recording.drafts import Draft
from interactions.web.interaction.page import Detail, detail_of
from projects.models import Project, User
from projects.services.access import Caller
from tests import make

EVIL = '<script>alert("x")</script>'


def page(interaction: Interaction, query: str = "") -> str:
    return f"/projects/{interaction.project.key}/interactions/{interaction.id}/{query}"


def detail(user: User, project: Project, id: UUID, query: str = "") -> Detail:
    return detail_of(Caller(user), project, id, query=QueryDict(query))


@pytest.fixture
def interaction(project: Project) -> Interaction:
    return make.make_interaction(project, llm=make.make_llm(project), labels={"env": "prod"})


def test_a_member_sees_what_was_said(client: Client, bob: User, interaction: Interaction) -> None:
    client.force_login(bob)
    text = client.get(page(interaction)).text
    assert "What is a maple?" in text
    assert "A tree." in text
    assert "gpt-4o" in text
    assert str(interaction.id) in text


def test_a_stranger_finds_nothing(client: Client, charlie: User, interaction: Interaction) -> None:
    client.force_login(charlie)
    for address in (page(interaction), page(interaction) + "raw/"):
        assert client.get(address).status_code == 404


def test_nobody_is_sent_to_the_login(client: Client, interaction: Interaction) -> None:
    for address in (page(interaction), page(interaction) + "raw/"):
        assert client.get(address).headers["Location"].startswith("/login/?next=/projects/maple/")


def test_an_interaction_of_another_project_is_not_there(
    client: Client, alice: User, project: Project, charlies_project: Project
) -> None:
    theirs = make.make_interaction(charlies_project)
    client.force_login(alice)
    address = f"/projects/{project.key}/interactions/{theirs.id}/"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}raw/").status_code == 404


def test_markup_in_any_text_is_text(client: Client, alice: User, project: Project) -> None:
    interaction = make.make_interaction(
        project,
        EVIL,
        EVIL,
        llm=make.make_llm(project, EVIL),
        labels={EVIL: EVIL},
        user_metadata={EVIL: EVIL},
        parameters={"stop": EVIL},
        external_id=EVIL,
        messages=[
            {"role": EVIL, "name": EVIL, "content": EVIL},
            {"role": "user", "content": [{"type": "text", "text": EVIL}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": f"http://{EVIL}"}]},
            {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": EVIL}}]},
        ],
    )
    client.force_login(alice)
    for query in ("", "?raw=1", f"?label={EVIL}", f"?text={EVIL}"):
        text = client.get(page(interaction, query)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_nothing_in_the_page_is_inline(client: Client, alice: User, project: Project) -> None:
    interaction = make.make_interaction(
        project, completion="| a |\n|--:|\n| 1 |\n\n```c\nint x;\n```"
    )
    client.force_login(alice)
    text = client.get(page(interaction)).text
    assert "style=" not in text
    assert "<style" not in text
    assert "onclick" not in text


def test_a_remote_image_is_a_link_and_never_loaded(
    client: Client, alice: User, project: Project
) -> None:
    messages = [make.image_message("https://tracker.example/p.png")]
    client.force_login(alice)
    text = client.get(page(make.make_interaction(project, messages=messages))).text
    assert 'src="https://tracker.example' not in text
    assert 'href="https://tracker.example/p.png" rel="noreferrer noopener"' in text


def test_our_images_have_their_size_so_that_nothing_jumps(
    client: Client, alice: User, project: Project
) -> None:
    small, large = (make.data_uri(make.make_image(size=size)) for size in ((30, 20), (1440, 90)))
    messages = [make.image_message(small, large)]
    client.force_login(alice)
    text = client.get(page(make.make_interaction(project, messages=messages))).text
    assert 'width="30" height="20" loading="lazy"' in text
    assert 'width="720" height="45" loading="lazy"' in text
    assert "PNG · 1440 × 90" in text
    assert "base64" not in text


def test_raw_is_a_state_of_the_address(client: Client, alice: User, project: Project) -> None:
    interaction = make.make_interaction(project, completion="**bold**")
    client.force_login(alice)
    assert "<strong>bold</strong>" in client.get(page(interaction)).text
    assert "**bold**</pre>" in client.get(page(interaction, "?raw=1")).text


def test_long_text_is_folded_and_whole(client: Client, alice: User, project: Project) -> None:
    completion = "\n".join(f"{number} maple trees" for number in range(25_000))
    interaction = make.make_interaction(project, completion=completion)
    client.force_login(alice)
    text = client.get(page(interaction)).text
    assert f"Show all {len(completion):,} characters" in text
    assert "0 maple trees" in text
    assert "24999 maple trees" in text


def test_the_neighbours_are_those_within_the_filter(alice: User, project: Project) -> None:
    ids = [
        make.make_interaction(
            project,
            labels={"env": env},
            created_at=make.NOON + timedelta(minutes=minute),
        ).id
        for minute, env in enumerate(("prod", "dev", "prod", "dev", "prod"))
    ]
    query = "label=env%3Aprod"
    middle = detail(alice, project, ids[2], query)
    assert middle.older == f"/projects/maple/interactions/{ids[0]}/?label=env:prod"
    assert middle.newer == f"/projects/maple/interactions/{ids[4]}/?label=env:prod"
    assert middle.filter_words == "env is prod"
    assert (detail(alice, project, ids[0], query).older) == ""
    assert (detail(alice, project, ids[4], query).newer) == ""


def test_beside_the_list_the_neighbours_open_there(alice: User, project: Project) -> None:
    older, newer = make.make_interactions(project, 2)
    one = detail(alice, project, newer, f"open={newer}")
    assert one.is_beside_list
    assert one.older == f"/projects/maple/interactions/?open={older}"


def test_a_filter_that_cannot_be_read_leads_nowhere(alice: User, project: Project) -> None:
    _, middle, _ = make.make_interactions(project, 3)
    one = detail(alice, project, middle, "session=nonsense")
    assert (one.older, one.newer, one.filter_words) == ("", "", "")


def test_the_turns_of_a_session_lead_to_each_other(alice: User, project: Project) -> None:
    ids = make.make_interactions(project, 3, session_id=uuid4())
    one = detail(alice, project, ids[1])
    assert one.turn == "turn 2 of 3"
    assert str(ids[0]) in one.turn_before
    assert str(ids[2]) in one.turn_after
    assert detail(alice, project, ids[0]).turn_before == ""
    assert detail(alice, project, ids[2]).turn_after == ""


def test_a_comparison_is_seen_from_either_side(alice: User, project: Project) -> None:
    better, worse = make.make_interactions(project, 2)
    metric = make.make_metric(project)
    compare(
        project,
        [
            NewComparison(
                metric=metric,
                preferred_id=better,
                other_id=worse,
                tied=tied,
                created_at=make.NOON,
            )
            for tied in (None, "bad")
        ],
        by=alice,
    )
    for id, words in ((better, "better than"), (worse, "worse than")):
        seen = detail(alice, project, id).comparisons
        assert {one.words for one in seen} == {words, "both bad, like"}


def test_other_answers_to_the_prompt_are_listed(alice: User, project: Project) -> None:
    first, second = (make.make_interaction(project, completion=text) for text in "ab")
    make.make_interaction(project, "Another prompt")
    assert [one.interaction.id for one in detail(alice, project, first.id).siblings] == [second.id]


def test_what_is_not_there_is_not_found(alice: User, project: Project) -> None:
    with pytest.raises(NotFound):
        detail(alice, project, uuid4())


def test_the_page_takes_a_fixed_number_of_queries(
    client: Client,
    bob: User,
    project: Project,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    metrics = [make.make_metric(project, f"metric-{number}") for number in range(10)]
    picture = make.data_uri(make.make_image())
    ids = make.make_interactions(
        project,
        5,
        messages=[make.image_message(picture, picture)],
        session_id=uuid4(),
        llm=make.make_llm(project),
        labels={"env": "prod", "version": "v7"},
        feedback=dict.fromkeys(metrics, True),
        created_by=bob,
    )
    given = [
        NewComparison(metric=metrics[0], preferred_id=a, other_id=b, created_at=make.NOON)
        for a, b in zip(ids, ids[1:], strict=False)
    ]
    compare(project, given, by=bob)
    client.force_login(bob)
    address = f"/projects/maple/interactions/{ids[2]}/"
    # Who asks: session, user, project, permissions. The interaction, labels, feedback, its metrics
    # and people, images, the ids beside it, comparisons, siblings; metrics; prices of the
    # model; datasets that have it; legal holds; both neighbours, within a limit (savepoint, set,
    # set back, release).
    with django_assert_num_queries(23):
        assert client.get(address).status_code == 200
    with django_assert_num_queries(25):  # the label's id, for each neighbour
        assert client.get(f"{address}?label=env:prod").status_code == 200


def test_the_raw_line_is_read_back_as_it_was(
    client: Client, alice: User, alice_key: str, project: Project
) -> None:
    interaction = make.make_interaction(
        project,
        messages=[
            {"role": "system", "content": "Be kind."},
            make.image_message(make.data_uri(make.make_image()), "https://a.example/p.png"),
        ],
        llm=make.make_llm(project),
        labels={"env": "prod"},
        session_id=uuid4(),
        parameters={"temperature": 0.5},
        usage={"prompt_tokens": 3},
        latency_ms=12,
        user_metadata={"ticket": "T-1"},
        feedback={make.make_metric(project): True, make.make_metric(project, "csat", "SCALAR"): 4},
    )
    headers = {"Authorization": f"Bearer {alice_key}"}
    answer = client.get(page(interaction) + "raw/?images=inline", headers=headers)
    assert answer.headers["Content-Type"] == "application/json"
    line = json.loads(answer.content)
    assert line.pop("id") == str(interaction.id)
    assert [one["value"] for one in line["feedbacks"]] == [True, 4.0]
    read = LineReader(Directory(project, dict), by=alice, kept=Counter()).read(
        json.dumps(line).encode()
    )
    assert isinstance(read, Draft)
    assert read.messages == interaction.body.messages
    assert read.labels == {"env": "prod"}
    assert read.session_id == interaction.session_id
    assert read.created_at == interaction.created_at
    assert read.user_metadata == {"ticket": "T-1"}
    assert len(read.images) == 1
    assert [given.value for given in read.feedback] == [1.0, 4.0]


def test_the_raw_line_names_our_images_by_address(
    client: Client, alice: User, project: Project
) -> None:
    messages = [make.image_message(make.data_uri(make.make_image()))]
    interaction = make.make_interaction(project, messages=messages)
    client.force_login(alice)
    line = client.get(page(interaction) + "raw/").json()
    address = line["messages"][0]["content"][1]["image_url"]["url"]
    assert address.startswith("http://testserver/api/v1/images/")
    assert client.get(address.removeprefix("http://testserver")).status_code == 200
