"""What sets matches apart: lifts by hand, their rank, and the panel that shows them."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some

from adaptive_site.lib.database.time_limits import TookTooLong
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.tree import EVERYTHING, And
from interactions.services.analysis import facets as counting
from interactions.services.analysis import lift, sample_sizes
from interactions.services.analysis.lift import Lift
from interactions.services.recording.log import log_interactions
from projects.models import Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"
BAD = And((HasFeedback("ok", Comparator.EQUAL, 0.0),))


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def planted(project: Project) -> Project:
    """400 interactions, half of them judged: what is bad has mostly the version v7."""
    ok = make.make_metric(project, "ok")
    log_interactions(
        project,
        [
            make.make_draft(
                f"Question {number}",
                created_at=make.NOON + timedelta(minutes=number),
                labels={
                    "version": "v7" if number % 10 == 0 else f"v{number % 3}",
                    "judge": "yes" if number % 2 == 0 else "no",
                    "one": f"{number}",
                }
                | ({"rare": "x"} if number in (0, 20) else {}),
                feedback={ok: number % 10 != 0} if number % 2 == 0 else None,
                llm=make.make_llm(project, f"llm-{number % 2}"),
            )
            for number in range(400)
        ],
    )
    return project


@given(some.integers(1, 10_000), some.data())
def test_the_least_share_is_below_the_share_and_nears_it_with_support(
    of: int, data: some.DataObject
) -> None:
    n = data.draw(some.integers(0, of))
    one, more = Lift(n, of, 1, 2), Lift(100 * n, 100 * of, 1, 2)
    assert 0 <= one.least <= one.share / one.base_share + 1e-9
    assert more.least >= one.least - 1e-9


def test_lifts_are_counted_exactly(planted: Project) -> None:
    found = {(one.key, one.value): one.lift for one in lift.labels(planted, BAD, EVERYTHING).lifts}
    assert found["version", "v7"] == Lift(40, 40, 40, 400)
    assert found["version", "v7"].times == 10
    assert found["judge", "yes"] == Lift(40, 40, 200, 400)
    assert found["rare", "x"] == Lift(2, 40, 2, 400)
    assert not found["rare", "x"].has_support
    rare = {one.value: one.lift for one in lift.labels(planted, BAD, EVERYTHING, key="rare").lifts}
    assert rare == {"x": Lift(2, 40, 2, 400), None: Lift(38, 40, 398, 400)}
    assert ("version", "v1") not in found
    ranked = lift.labels(planted, BAD, EVERYTHING).lifts
    assert (ranked[0].key, ranked[0].value) == ("version", "v7")
    assert ranked[0].lift.stands_out


def test_against_what_is_judged_being_judged_is_nothing_special(planted: Project) -> None:
    judged = And((HasFeedback("ok"),))
    found = {(one.key, one.value): one.lift for one in lift.labels(planted, BAD, judged).lifts}
    assert found["version", "v7"] == Lift(40, 40, 40, 200)
    assert found["judge", "yes"] == Lift(40, 40, 200, 200)
    assert not found["judge", "yes"].stands_out


def test_of_a_base_beyond_its_bound_both_are_counted_over_the_same_time(
    planted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 100)
    judged = And((HasFeedback("ok"),))
    found = lift.labels(planted, BAD, judged, key="version")
    assert (found.newest, found.base_newest) == (0, 100)
    assert found.lifts[0].lift == Lift(20, 20, 20, 100)
    same = lift.of_the_time(planted, BAD, judged, 50)
    assert counting.llms(planted, same, most=5).of == 10


def test_the_panel_says_what_sets_them_apart_and_puts_its_keys_first(
    watching: Client, planted: Project, query_counts: QueryCounts
) -> None:
    query = "?feedback=ok:eq:0&compare=all"
    with query_counts("facets: compared with all"):
        answer = watching.get(f"{URL}facets/{query}", headers={"HX-Request": "true"})
    apart = answer.context["page"].apart
    assert [(one.key, one.name, one.times) for one in apart.shown[:2]] == [
        ("version", "v7", "×10"),
        ("judge", "yes", "×2.0"),
    ]
    assert apart.shown[0].toggle == f"{query}&label=version:v7"
    labels = answer.context["page"].sections[0].groups
    assert [group.key for group in labels[:2]] == ["version", "judge"]
    assert "100 % here, 10 % of all" in answer.text
    assert "These <b>40</b> compared with <b>400</b> in all." in answer.text
    ways = {way.words: way.link for way in answer.context["page"].panel_links}
    assert ways["Counts"] == "?feedback=ok:eq:0"
    assert ways["only those with ok feedback"] == "?feedback=ok:eq:0&compare=judged"
    alone = watching.get(f"{URL}facets/{query}&only=links").text
    assert all(f'{link.replace("&", "&amp;")}"' in alone for link in ways.values())
    assert alone.count("<a ") == len(ways)


@pytest.mark.parametrize(
    ("of", "top", "times"),
    [
        ("label:version", "v7", "×10"),
        ("model", "llm-0", "×2.0"),
        ("source", "Logged", "×1.0"),
    ],
)
def test_groups_are_ranked_by_lift(
    watching: Client, planted: Project, query_counts: QueryCounts, of: str, top: str, times: str
) -> None:
    query = f"?feedback=ok:eq:0&compare=all&of={of}"
    with query_counts(f"facet compared: {of.partition(':')[0]}"):
        answer = watching.get(f"{URL}facet/{query}", headers={"HX-Request": "true"})
    found = {one.name: one.times for one in answer.context["page"].facet.choices}
    assert found[top] == times
    assert answer.context["page"].facet.choices[0].name == top


def test_few_are_grey_and_say_so(watching: Client, planted: Project) -> None:
    answer = watching.get(f"{URL}facet/?feedback=ok:eq:0&compare=all&of=label:rare")
    (not_set, x) = answer.context["page"].facet.choices
    assert (not_set.is_none, x.name, x.lift.has_support) == (True, "x", False)
    assert "too few to tell" in answer.text


def test_with_nothing_chosen_there_is_nothing_to_compare(
    watching: Client, planted: Project
) -> None:
    answer = watching.get(f"{URL}facets/?compare=all", headers={"HX-Request": "true"})
    assert "Nothing is chosen yet" in answer.text
    query = "?compare=all&label=judge:no"
    answer = watching.get(f"{URL}facets/{query}", headers={"HX-Request": "true"})
    assert "No label value and no pair of them is more frequent" in answer.text


def test_comparing_with_something_else_is_refused_at_its_place(
    watching: Client, planted: Project
) -> None:
    answer = watching.get(f"{URL}facets/?compare=none")
    assert "compare: expected all or judged" in answer.text
    assert answer.context["page"].base is None


def test_comparing_that_takes_too_long_says_so(
    watching: Client, planted: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*args: object, **known: object) -> None:
        raise TookTooLong("stopped")

    monkeypatch.setattr(lift, "labels", late)
    answer = watching.get(f"{URL}facets/?feedback=ok:eq:0&compare=all")
    assert "Not compared: it took too long" in answer.text
    answer = watching.get(f"{URL}facet/?feedback=ok:eq:0&compare=all&of=label:version")
    assert "Not counted" in answer.text


@pytest.mark.parametrize("query", ["?", "?label=judge:yes", "?feedback=ok:eq:0&compare=all"])
def test_values_are_looked_for(watching: Client, planted: Project, query: str) -> None:
    found = watching.get(f"{URL}facet/{query}&of=label:one&like=10").context["page"].facet
    assert found.choices
    assert all("10" in one.name and not one.is_none for one in found.choices)
    assert (
        not watching.get(f"{URL}facet/{query}&of=label:one&like=%25").context["page"].facet.choices
    )
    models = watching.get(f"{URL}facet/{query}&of=model&like=LLM-0").context["page"].facet
    assert [one.name for one in models.choices] == ["llm-0"]
    answer = watching.get(f"{URL}facet/{query}&of=label:one&like=nowhere")
    assert "No value holds “nowhere”" in answer.text
    assert watching.get(f"{URL}facet/{query}&of=label:one&like=%00").status_code == 200


def test_a_stranger_compares_nothing(client: Client, charlie: User, planted: Project) -> None:
    client.force_login(charlie)
    for path in ("facets/?compare=all", "facet/?of=label:version&compare=all"):
        assert client.get(f"{URL}{path}").status_code == 404
