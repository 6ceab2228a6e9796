"""What a model's tokens cost, said by who manages the project."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from adaptive_site.lib.errors import NotFound
from projects.models import Event, Llm, Project, ProjectLlm, TokenPrices, User
from projects.services import llms, project_llms
from projects.services.access import Caller
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/models/"


@pytest.fixture
def llm(project: Project) -> Llm:
    """A model that the project logs under."""
    return make.make_llm(project)


def say(client: Client, llm: Llm, prompt: str = "", completion: str = "", cached: str = "") -> Any:
    given = {"prompt_price": prompt, "completion_price": completion, "cached_price": cached}
    return client.post(f"{URL}{llm.uuid}/prices/", given)


def stored(project: Project) -> TokenPrices | None:
    return ProjectLlm.objects.in_project(project).get(llm__key="gpt-4o").prices


def test_an_owner_says_prices_changes_them_and_takes_them_back(
    client: Client, alice: User, project: Project, llm: Llm
) -> None:
    client.force_login(alice)
    assert "set prices" in client.get(URL).text
    assert say(client, llm, "2.50", "10", "1.25").status_code == 302
    assert stored(project) == TokenPrices(Decimal("2.5"), Decimal(10), Decimal("1.25"))
    assert "2.5 in · 1.25 cached · 10 out" in client.get(URL).text
    event = Event.objects.get(verb="model.priced")
    assert (event.actor, event.subject) == (alice, llm.key)
    text = client.get(f"{URL}{llm.uuid}/prices/").text
    assert 'value="2.5"' in text and 'value="1.25"' in text
    say(client, llm, "0", "0.000001")
    assert stored(project) == TokenPrices(Decimal(0), Decimal("0.000001"))
    say(client, llm)
    assert stored(project) is None
    assert Event.objects.filter(verb="model.priced").count() == 3
    written = [one.details for one in Event.objects.filter(verb="model.priced").order_by("id")]
    assert written == [
        {"prompt": "2.50", "cached": "1.25", "completion": "10"},
        {"prompt": "0", "completion": "0.000001"},
        {},
    ]


def test_a_model_detached_meanwhile_takes_no_prices(
    alice: User, project: Project, llm: Llm
) -> None:
    llms.detach(project, llm)
    with pytest.raises(NotFound):
        project_llms.set_prices(Caller(alice), project, llm, TokenPrices(Decimal(1), Decimal(2)))
    assert not Event.objects.filter(verb="model.priced").exists()


def test_who_detaches_a_model_learns_that_its_prices_go(
    client: Client, alice: User, bob: User, project: Project, llm: Llm
) -> None:
    said = "Detaching a model removes its prices"
    client.force_login(bob)
    assert said not in client.get(URL).text
    client.force_login(alice)
    assert said in client.get(URL).text
    say(client, llm, "1", "2")
    text = client.post(f"{URL}{llm.uuid}/detach/", follow=True).content.decode()
    assert "without a cost until" in text
    llms.attach(project, llm)
    text = client.post(f"{URL}{llm.uuid}/detach/", follow=True).content.decode()
    assert "what it answered stays." in text


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (("2.5", ""), ["completion_price"]),
        (("", "10"), ["prompt_price"]),
        (("", "", "1"), ["prompt_price", "completion_price"]),
        (("-1", "10"), ["prompt_price"]),
        (("2.5", "ten"), ["completion_price"]),
        (("NaN", "1"), ["prompt_price"]),
        (("0.0000001", "1"), ["prompt_price"]),
        (("1e9", "1"), ["prompt_price"]),
    ],
)
def test_what_is_no_price_is_said_at_its_field(
    client: Client,
    alice: User,
    project: Project,
    llm: Llm,
    given: tuple[str, ...],
    names: list[str],
) -> None:
    client.force_login(alice)
    answer = say(client, llm, *given)
    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == names
    assert stored(project) is None


def test_who_does_not_manage_sees_prices_and_changes_none(
    client: Client, alice: User, bob: User, charlie: User, project: Project, llm: Llm
) -> None:
    client.force_login(alice)
    say(client, llm, "1", "2")
    client.force_login(bob)
    assert "1 in · 2 out" in client.get(URL).text
    assert f"{URL}{llm.uuid}/prices/" not in client.get(URL).text
    assert client.get(f"{URL}{llm.uuid}/prices/").status_code == 403
    assert say(client, llm, "3", "4").status_code == 403
    client.force_login(charlie)
    assert client.get(f"{URL}{llm.uuid}/prices/").status_code == 404
    assert say(client, llm, "3", "4").status_code == 404
    assert stored(project) == TokenPrices(Decimal(1), Decimal(2))


def test_a_model_of_another_project_has_no_prices_here(
    client: Client, alice: User, project: Project
) -> None:
    other = make.make_llm(make.make_project("oak"), "other")
    client.force_login(alice)
    assert client.get(f"{URL}{other.uuid}/prices/").status_code == 404


@pytest.mark.parametrize("half", ["prompt_price", "completion_price", "cached_price"])
def test_the_database_takes_no_half_of_the_prices(project: Project, llm: Llm, half: str) -> None:
    with pytest.raises(IntegrityError, match="prices_together"), transaction.atomic():
        ProjectLlm.objects.in_project(project).update(**{half: 1})
