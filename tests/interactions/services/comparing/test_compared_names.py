"""Which two groups an address names: however each is spelled, and nobody else's rows with them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client

from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/groups/compare/"


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def compared(client: Client, by: str, *groups: str) -> Any:
    """The page of two groups."""
    answer = client.get(f"{URL}?{urlencode({'by': by, 'group': groups}, doseq=True)}")
    assert answer.status_code == 200
    return answer.context["page"]


@pytest.fixture
def sender(project: Project, alice: User, bob: User) -> User:
    """An account that sent more in the names of Alice and Bob than they sent themselves."""
    account = make.make_user("robot")
    make.share(project, account)
    ok, noise = make.make_metric(project, "ok"), make.make_metric(project, "noise")
    for author, n in ((alice, 2), (bob, 1)):
        make.make_interactions(project, n, created_by=author, feedback={ok: True})
        make.make_interactions(
            project, 4, created_by=account, said_by=author.email, feedback={noise: True}
        )
    return account


def test_a_users_group_is_what_came_with_the_account(
    watching: Client, alice: User, bob: User, sender: User
) -> None:
    page = compared(watching, "user", bob.email, alice.email)
    assert [(row.group_name, row.group.n) for row in page.rows] == [
        (bob.email, 1),
        (alice.email, 2),
    ]
    assert page.found.of == 3
    assert [row.metric.key for row in page.differences] == ["ok"]


def test_no_answer_stands_on_both_sides(watching: Client, alice: User, sender: User) -> None:
    page = compared(watching, "user", alice.email, sender.email)
    assert [row.group.n for row in page.rows] == [2, 8]
    assert len(page.prompt_rows) == 2
    for row in page.prompt_rows:
        first, second = row.answers
        assert first.interaction.created_by == alice
        assert second.interaction.created_by == sender


def test_other_spellings_name_the_same_group(
    watching: Client, project: Project, alice: User, bob: User, sender: User
) -> None:
    page = compared(watching, "user", str(bob.uuid).upper(), alice.email.upper())
    assert [row.group_name for row in page.rows] == [bob.email, alice.email]
    sessions = [uuid4() for _ in range(2)]
    for n, session in enumerate(sessions):
        make.make_interaction(
            project,
            f"Alone {n}",
            session_id=session,
            llm=make.make_llm(project, f"llm-{n}"),
            created_at=make.NOON + timedelta(days=n),
        )
    days = [f"{make.NOON + timedelta(days=n):%Y-%m-%d}" for n in range(2)]
    models = [make.make_llm(project, f"llm-{n}") for n in range(2)]
    look = watching.get("/projects/maple/groups/?by=prompt").context["page"]
    prompts = [row.term for row in look.rows][:2]
    for by, spelled, names in (
        ("session", [str(one).upper() for one in sessions], [str(one) for one in sessions]),
        ("prompt", [one.upper() for one in prompts], prompts),
        ("day", [day.replace("-", "") for day in days], days),
        ("model", [str(one.uuid) for one in models], ["llm-0", "llm-1"]),
    ):
        page = compared(watching, by, *spelled)
        assert not page.faults
        assert [row.group_name for row in page.rows] == names


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("user", ("ALICE@example.org", "alice@example.org")),
        ("model", ("gpt-4o", "gpt-4o")),
        ("model", ("(none)", "(none)")),
        ("label:version", ("version", "version")),
        ("session", ("0" * 31 + "a", "0" * 31 + "A")),
        ("day", ("2024-02-21", "20240221")),
    ],
)
def test_a_group_is_not_compared_with_itself(
    watching: Client, project: Project, by: str, groups: tuple[str, ...]
) -> None:
    make.make_interaction(project, labels={"version": "v1"})
    (fault,) = compared(watching, by, *groups).faults
    assert fault.name == "group"
    assert fault.message == "expected two different groups to compare, not 1"


def test_a_month_is_no_group_of_days(watching: Client, sender: User) -> None:
    (fault,) = compared(watching, "day", "2024-02", "2024-03").faults
    assert "expected a day such as 2024-02-21" in fault.message


def test_a_name_nobody_has_is_a_group_without_a_match(watching: Client, sender: User) -> None:
    page = compared(watching, "user", "nobody@example.org", sender.email)
    assert page.missing == ["nobody@example.org"]
