"""Which model answers: as it is named, and when none is."""

import pytest
from pytest_django import Settings

from projects.models import Llm, Project, ProjectLlm
from projects.services import llms, projects
from tests import make
from tests.interactions.asking import ask, make_external
from tests.upstream import Upstream

pytestmark = pytest.mark.django_db


def test_a_model_is_named_by_key_or_id_and_may_have_a_slash(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    llm = make_external(project, provider)
    Llm.objects.filter(id=llm.id).update(key="vendor/big")
    for name in ("maple/vendor/big", f"{project.uuid}/{llm.uuid}", f"maple/{llm.uuid}"):
        assert ask(alice_key, model=name).status_code == 200, name
    llms.detach(project, llm)
    assert ask(alice_key, model="maple/vendor/big").status_code == 404


def test_a_project_alone_means_its_default_model(
    alice_key: str, project: Project, provider: Upstream
) -> None:
    llm = make_external(project, provider)
    assert ask(alice_key, model="maple").json()["model"] == "maple/echo"
    llms.set_default(project, llm)
    assert ask(alice_key, model="maple").json()["model"] == "maple/big"
    ProjectLlm.objects.update(is_default=False)
    answer = ask(alice_key, model="maple")
    assert answer.status_code == 400
    assert "several models and no default" in answer.json()["error"]
    llms.detach(project, llm)
    assert ask(alice_key, model="maple").json()["model"] == "maple/echo"


def test_without_the_echo_a_project_begins_without_a_model(
    alice_key: str, project: Project, provider: Upstream, settings: Settings
) -> None:
    settings.DEMO_MODEL = False
    fresh = projects.create(key="birch", name="Birch")
    assert not ProjectLlm.objects.filter(project=fresh).exists()
    llms.offer_echo(is_offered=False)
    assert ask(alice_key, model="maple/echo").status_code == 404
    assert "no model that can answer" in ask(alice_key, model="maple").json()["error"]
    llms.offer_echo(is_offered=True)
    assert ProjectLlm.objects.filter(is_default=True).count() == 2


def test_a_name_in_logged_interactions_cannot_be_asked(alice_key: str, project: Project) -> None:
    make.make_llm(project, "gpt-2")
    answer = ask(alice_key, model="maple/gpt-2")
    assert answer.status_code == 400
    assert "only a name" in answer.json()["error"]
