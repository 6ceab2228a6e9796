"""Models in the admin console: a key goes in and never comes out."""

import pytest
from django.test import Client

from projects.models import Llm, Project, Registration
from projects.services import encryption
from tests import make

pytestmark = pytest.mark.django_db

SECRET = "sk-a-secret-of-the-tests"


def console() -> Client:
    """An administrator's browser."""
    client = Client()
    client.force_login(make.make_user("root", is_staff=True, is_superuser=True))
    return client


def fields(**more: str) -> dict[str, str]:
    """A filled form."""
    llm, _ = Llm.objects.get_or_create(key="big", defaults={"name": "big"})
    known = {"llm": str(llm.id), "name": "Big", "provider": "OPEN_AI", "external_id": "big-1"}
    known["may_be_private"] = "on"
    return {**known, "base_url": "http://vllm:8000/v1/", "extra_params": "{}", **more}


def test_a_key_is_kept_encrypted_until_another_is_given() -> None:
    client = console()
    client.post("/admin/projects/registration/add/", fields(api_key=SECRET))
    llm = Registration.objects.get(llm__key="big")
    assert llm.base_url == "http://vllm:8000/v1"
    assert encryption.unseal(llm.encrypted_api_key) == SECRET
    page = f"/admin/projects/registration/{llm.id}/change/"
    assert SECRET not in client.get(page).content.decode()
    client.post(page, fields(name="Bigger"))
    llm.refresh_from_db()
    assert (llm.name, encryption.unseal(llm.encrypted_api_key)) == ("Bigger", SECRET)
    client.post(page, fields(api_key="sk-2"))
    llm.refresh_from_db()
    assert encryption.unseal(llm.encrypted_api_key) == "sk-2"


def test_what_cannot_be_used_is_refused_at_its_field() -> None:
    client = console()
    for wrong in ({"base_url": "ftp://a.example"}, {"api_key": "two words"}):
        page = client.post("/admin/projects/registration/add/", fields(**wrong)).content.decode()
        assert "errorlist" in page
    assert not Registration.objects.filter(llm__key="big").exists()


def test_a_project_made_in_the_console_has_the_echo() -> None:
    nothing = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    form = {"key": "birch", "name": "Birch"}
    for inline in ("shares", "metrics"):
        form |= {f"{inline}-{name}": value for name, value in nothing.items()}
    console().post("/admin/projects/project/add/", form)
    links = Project.objects.get(key="birch").llm_links
    assert [link.llm.key for link in links.all()] == ["echo"]
