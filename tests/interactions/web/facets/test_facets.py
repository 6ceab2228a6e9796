"""The panel to narrow by: its groups, and the counts of each under the other conditions."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from interactions.services.analysis import facets as counting
from interactions.services.analysis import sample_sizes
from interactions.services.recording.log import log_interactions
from interactions.web.facets import panel
from interactions.web.facets.choices import FacetChoice
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def asleep(*args: object, **known: object) -> None:
    """A query of a database under load."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def facet(client: Client, of: str, query: str = "?") -> Any:
    """One group under the filter in `query`."""
    answer = client.get(f"{URL}facet/{query}&of={of}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.context["page"].facet


def named(client: Client, of: str, query: str = "?") -> dict[str, FacetChoice]:
    """Its choices by name."""
    return {choice.name: choice for choice in facet(client, of, query).choices}


@pytest.mark.parametrize("of", ["label:env", "label:city", "model", "source", "metric:ok"])
@pytest.mark.parametrize(
    "query",
    [
        "?",
        "?label=env:prod",
        "?label=env:prod&label=env:staging&not_label=city:c1",
        "?not_label=env:staging&model=llm-1&model=llm-2",
        "?feedback=ok:eq:1&label=env:prod",
        "?since=2024-02-21T12:00&until=2024-02-21T12:07",
        "?text=varied",
    ],
)
def test_a_choice_counts_what_choosing_it_alone_shows(
    watching: Client, varied: Project, of: str, query: str
) -> None:
    parameter = {"label": "label", "model": "model", "source": "source", "metric": "feedback"}
    kind, _, key = of.partition(":")
    own = [
        pair
        for pair in query.strip("?").split("&")
        if not pair.removeprefix("not_").startswith(f"{parameter[kind]}={key}")
    ]
    without = f"?{'&'.join(own)}"
    shown = facet(watching, of, query)
    for choice in facet(watching, of, without).choices:
        count = watching.get(f"{URL}count/{choice.toggle}").context["page"].found
        assert choice.n == count.n, choice
        assert [one.n for one in shown.choices if one.name == choice.name] == [choice.n]


@pytest.mark.parametrize("of", ["label:env", "label:city", "model", "source", "metric:ok"])
@pytest.mark.parametrize(
    "query",
    [
        "?not_feedback=ok:eq:1",
        "?not_feedback=ok:eq:0&text=varied",
        "?not_feedback=ok&text=varied&source=OFFLINE",
        "?not_feedback=ok:eq:1&not_feedback=ok:eq:0",
        "?feedback=ok:eq:0&not_feedback=ok:eq:1",
        "?not_label=env:prod&not_label=city:c1",
    ],
)
def test_a_link_shows_what_its_count_promised(
    watching: Client, varied: Project, of: str, query: str
) -> None:
    for choice in facet(watching, of, query).choices:
        if not choice.is_on:
            count = watching.get(f"{URL}count/{choice.toggle}").context["page"].found
            assert choice.n == count.n, choice


def test_a_groups_own_condition_leaves_its_alternatives_to_see(
    watching: Client, filled: Project
) -> None:
    chosen = named(watching, "label:env", "?label=env:prod&feedback=ok:eq:1")
    assert [(name, one.n, one.percent, one.is_on) for name, one in chosen.items()] == [
        ("prod", 10, "67 %", True),
        ("staging", 5, "33 %", False),
    ]
    assert chosen["prod"].toggle == "?feedback=ok:eq:1"
    assert chosen["staging"].toggle == "?label=env:prod&label=env:staging&feedback=ok:eq:1"
    excluded = named(watching, "label:env", "?not_label=env:prod")
    assert excluded["prod"].is_off
    assert (excluded["prod"].n, excluded["prod"].exclude) == (80, "?")
    assert excluded["prod"].toggle == "?label=env:prod"


def test_having_none_of_a_key_can_be_chosen(watching: Client, varied: Project) -> None:
    for query in ("?", "?source=OFFLINE"):
        choice = named(watching, "label:city", query)["not set"]
        assert (choice.n, choice.is_on) == (123, False)
        chosen = named(watching, "label:city", choice.toggle)["not set"]
        assert (chosen.n, chosen.is_on, chosen.toggle) == (123, True, query)
        assert watching.get(f"{URL}count/{choice.exclude}").context["page"].found.n == 9


def test_a_chosen_value_is_shown_however_rare(watching: Client, project: Project) -> None:
    drafts = [make.make_draft(labels={"city": f"c{n // 2}"}) for n in range(40)]
    log_interactions(project, [*drafts, make.make_draft(labels={"city": "rare"})])
    for query in ("?", "?source=OFFLINE"):
        found = facet(watching, "label:city", query)
        assert (len(found.choices), found.others) == (panel.VALUES_SHOWN, 13)
        found = facet(watching, "label:city", f"{query}&label=city:rare")
        assert [one.n for one in found.choices if one.name == "rare" and one.is_on] == [1]
        assert found.others == 12
        assert len(facet(watching, "label:city", f"{query}&more=1").choices) == 21


def test_beyond_its_bound_a_group_counts_the_newest_and_says_so(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 20)
    monkeypatch.setattr(sample_sizes, "LEAST_COUNTED", 10)
    monkeypatch.setattr(sample_sizes, "FEWER_COUNTED", ())
    for query, of in (("?label=env", "model"), ("?since=2024-01-01", "label:env")):
        answer = watching.get(f"{URL}facet/{query}&of={of}")
        assert sum(one.n for one in answer.context["page"].facet.choices) == 20
        assert "of the newest 20" in answer.text
    assert facet(watching, "label:env").newest == 0  # the roll-up knows all
    assert facet(watching, "metric:ok", "?label=env").newest == 20
    assert facet(watching, "metric:ok").newest == 0  # the feedback itself is read
    monkeypatch.setattr(sample_sizes, "MOST_ENTRIES_PASSED", 20)
    narrow = "?not_label=env:staging"  # on the way to 10 of these more than 10 are passed
    assert facet(watching, "model", narrow).newest == 10


def test_a_group_that_takes_too_long_says_so_and_offers_to_try_again(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "GROUP_LIMIT_MS", 10)
    monkeypatch.setattr(counting, "labels", asleep)
    answer = watching.get(f"{URL}facet/?label=env:prod&of=label:env")
    assert "Not counted" in answer.text
    assert f'href="{URL}facet/?label=env:prod&amp;of=label:env"' in answer.text


def test_the_panel_has_the_most_used_keys_first_and_folds_the_others(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"key-{number:02}" for number in range(60)]
    make.make_interaction(filled, labels=dict.fromkeys(keys, "x"))
    make.make_metric(filled, "never-given")
    monkeypatch.setattr(panel, "MOST_LABEL_GROUPS", 40)
    answer = watching.get(f"{URL}facets/", headers={"HX-Request": "true"})
    labels, single, feedback, source = answer.context["page"].sections
    assert [section.title for section in answer.context["page"].sections] == [
        "Labels",
        "",
        "Feedback",
        "",
    ]
    assert [group.key for group in labels.groups] == ["env", *keys[:11]]
    assert [group.key for group in labels.folded] == keys[11:39]
    assert labels.left == 21
    assert [group.is_open for group in labels.groups] == [True] * 3 + [False] * 9
    assert [group.key for group in feedback.groups] == ["ok"]
    assert [(group.heading, group.is_open) for group in single.groups] == [
        ("Model", True),
        ("User", False),
    ]
    assert [group.is_open for group in source.groups] == [False]
    answer = watching.get(f"{URL}facets/?label=key-59:x&source=OFFLINE&user=alice@example.com")
    labels, single, _, source = answer.context["page"].sections
    assert (labels.groups[0].name, labels.groups[0].is_open) == ("key-59", True)
    assert [group.is_open for group in (*single.groups, *source.groups)] == [True] * 3


def test_label_keys_are_ordered_by_what_the_filter_leaves(
    watching: Client, project: Project
) -> None:
    drafts = [make.make_draft(labels={"env": "prod", "a": "1"}) for _ in range(8)]
    drafts += [make.make_draft("Rare", labels={"z": "1", "y": "1"}) for _ in range(2)]
    drafts += [make.make_draft("Rare", labels={"z": "1"})]
    log_interactions(project, drafts)

    def keys(query: str) -> list[str]:
        answer = watching.get(f"{URL}facets/{query}", headers={"HX-Request": "true"})
        return [group.key for group in answer.context["page"].sections[0].groups]

    assert keys("?")[2:] == ["z", "y"]
    assert keys("?text=rare")[:2] == ["z", "y"]
    assert keys("?text=rare&not_label=y")[0] == "y"  # the filter speaks of it


def test_metrics_are_ordered_by_how_much_was_given_and_the_rest_is_folded(
    watching: Client, filled: Project
) -> None:
    metrics = [make.make_metric(filled, f"m{number:02}") for number in range(10)]
    for number, metric in enumerate(metrics):
        for _ in range(number + 1):
            make.make_interaction(filled, feedback={metric: True})
    answer = watching.get(f"{URL}facets/", headers={"HX-Request": "true"})
    feedback = answer.context["page"].sections[2]
    names = ["ok", "m09", "m08", "m07", "m06", "m05", "m04", "m03"]
    assert [group.key for group in feedback.groups] == names
    assert [group.is_open for group in feedback.groups] == [True] * 3 + [False] * 5
    assert [group.key for group in feedback.folded] == ["m02", "m01", "m00"]
    assert "3 more" in answer.text
    answer = watching.get(f"{URL}facets/?feedback=m00", headers={"HX-Request": "true"})
    feedback = answer.context["page"].sections[2]
    assert (feedback.groups[0].key, feedback.groups[0].is_open) == ("m00", True)


def test_that_nothing_matches_or_can_be_read_is_said_once(
    watching: Client, filled: Project
) -> None:
    for wrong in ("?since=yesterday", "?typed=(", "?nonsense=1"):
        answer = watching.get(f"{URL}facets/{wrong}")
        assert answer.text.count("This filter cannot be read.") == 1
        answer = watching.get(f"{URL}facets/{wrong}", headers={"HX-Request": "true"})
        assert answer.text.count("This filter cannot be read.") == 1
        assert (answer.context["page"].sections, "<details" in answer.text) == ([], False)
    answer = watching.get(f"{URL}facets/?label=env:nowhere")
    assert answer.text.count("Nothing matches") == 1
    assert "None here" not in answer.text
    assert "prod" in answer.text  # what to choose instead
    assert "Nothing matches" not in watching.get(f"{URL}facets/?label=env:prod").text


def test_conditions_in_one_q_are_facets_and_chips_of_their_own(
    watching: Client, filled: Project
) -> None:
    query = "?q=env:prod+feedback.ok:1"
    assert {name: one.n for name, one in named(watching, "label:env", query).items()} == {
        "prod": 10,
        "staging": 5,
    }
    assert named(watching, "label:env", query)["prod"].is_on
    chips = watching.get(f"{URL}{query}").context["listing"].chips
    assert [(one.subject, one.remove) for one in chips] == [
        ("env", "?feedback=ok:eq:1"),
        ("ok:", "?label=env:prod"),
    ]


def test_without_scripts_the_panel_has_its_counts_and_links_to_the_others(
    watching: Client, filled: Project
) -> None:
    answer = watching.get(f"{URL}facets/?label=env:prod")
    assert "80" in answer.text
    assert f'href="{URL}?"' in answer.text  # prod is on: its link takes it away
    assert f'href="{URL}facet/?label=env:prod&amp;of=source"' in answer.text


@pytest.mark.parametrize("of", ["", "label", "label:", "model:x", "user:x", "elsewhere", "metric"])
def test_an_unknown_group_is_not_found(watching: Client, filled: Project, of: str) -> None:
    assert watching.get(f"{URL}facet/?of={of}").status_code == 404


@pytest.mark.parametrize("of", ["label:nowhere", "metric:nowhere", "model", "label:a%26b%3Ac"])
def test_a_group_of_nothing_says_so(watching: Client, project: Project, of: str) -> None:
    assert "None here" in watching.get(f"{URL}facet/?of={of}").text


def test_a_wrong_filter_is_not_counted(watching: Client, filled: Project) -> None:
    answer = watching.get(f"{URL}facet/?time=soon&of=model")
    assert answer.context["page"].facet is None
    assert "cannot be read" in answer.text
