"""The choices of a group of the panel: what each adds to the filter, and which are not shown."""

import pytest
from django.test import Client

from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.web.facets.test_facets import URL, facet, named

pytestmark = pytest.mark.django_db


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def test_another_value_of_a_metric_takes_the_place_of_the_first(
    watching: Client, filled: Project
) -> None:
    chosen = named(watching, "metric:ok", "?feedback=ok:eq:yes&label=env:prod")
    assert chosen["▲ yes"].is_on
    assert chosen["▼ no"].toggle == "?feedback=ok:eq:0&label=env:prod"
    assert chosen["no feedback"].toggle == "?label=env:prod&not_feedback=ok"
    assert chosen["no feedback"].exclude == "?feedback=ok&label=env:prod"
    having = named(watching, "metric:ok", "?feedback=ok")["no feedback"]
    assert (having.is_off, having.exclude) == (True, "?")


def test_values_of_a_scalar_metric_are_choices_while_they_are_few(
    watching: Client, varied: Project
) -> None:
    found = facet(watching, "metric:stars", "?source=OFFLINE")
    assert found.note == "mean 2.83 of 6 values"
    assert [one.name for one in found.choices] == ["1", "2", "3", "4", "5", "no feedback"]
    stars = Metric.objects.in_project(varied).get(key="stars")
    many = [FeedbackDraft(metric=stars, value=n / 4) for n in range(20)]
    draft = make.make_draft()
    draft.feedback = many
    log_interactions(varied, [draft])
    low, high, without = facet(watching, "metric:stars").choices
    assert (low.name[0], high.name[0]) == ("≤", "≥")
    count = watching.get(f"{URL}count/?").context["page"].found
    assert without.n == count.n - 7  # interactions, of 26 values


def test_what_the_filter_leaves_nothing_of_is_not_shown(watching: Client, filled: Project) -> None:
    every = ["▲ yes", "▼ no", "no feedback"]
    assert list(named(watching, "metric:ok", "?feedback=ok:eq:1")) == every
    minute = "?since=2024-02-21T12:08&until=2024-02-21T12:09"  # one interaction, and it has a yes
    assert list(named(watching, "metric:ok", minute)) == ["▲ yes"]
    # The value in the filter stays, to be taken away.
    assert list(named(watching, "metric:ok", f"{minute}&feedback=ok:eq:0")) == ["▲ yes", "▼ no"]
    assert named(watching, "label:env", "?text=nowhere") == {}


@pytest.mark.parametrize(
    ("of", "name", "refused"),
    [
        ("model", "llm-1", "?q=-model:llm-1"),
        ("source", "Logged", "?q=-via:offline"),
        ("user", "alice@example.org", "?q=-user:alice%40example.org"),
    ],
)
def test_a_value_of_any_group_can_be_refused(
    watching: Client, varied: Project, alice: User, of: str, name: str, refused: str
) -> None:
    make.make_interaction(varied, created_by=alice)
    choice = named(watching, of)[name]
    assert choice.exclude == refused
    off = named(watching, of, choice.exclude)[name]
    assert (off.is_off, off.exclude, off.n) == (True, "?", choice.n)
    asked = f"?{of}={'OFFLINE' if of == 'source' else name}".replace("@", "%40")
    assert off.toggle == asked
    on = named(watching, of, asked)[name]
    assert (on.is_on, on.exclude) == (True, choice.exclude)


def test_one_of_several_refused_values_is_taken_back_alone(
    watching: Client, varied: Project
) -> None:
    choices = named(watching, "model", "?q=-model:(llm-1+OR+llm-2)")
    assert [choices[name].is_off for name in ("llm-1", "llm-2")] == [True, True]
    assert choices["llm-1"].exclude == "?q=-model:llm-2"


def test_users_are_counted_as_the_filter_finds_them(
    watching: Client, project: Project, alice: User
) -> None:
    make.make_interaction(project, created_by=alice, said_by="c42")
    make.make_interaction(project, created_by=alice)
    make.make_interaction(project, said_by="c43")
    found = named(watching, "user")
    assert {name: one.n for name, one in found.items()} == {
        "alice@example.org": 2,
        "c42": 1,
        "c43": 1,
    }
    for choice in found.values():
        assert watching.get(f"{URL}count/{choice.toggle}").context["page"].found.n == choice.n
    assert list(named(watching, "user", "?like=c4")) == ["c42", "c43"]
