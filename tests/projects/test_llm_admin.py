"""Models in the admin console: a key goes in and never comes out."""

import pytest
from django.test import Client

from projects.models import Llm, Registration
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


def test_a_key_is_kept_encrypted_and_goes_to_no_other_address() -> None:
    client = console()
    client.post("/admin/projects/registration/add/", fields(api_key=SECRET))
    llm = Registration.objects.get(llm__key="big")
    assert llm.base_url == "http://vllm:8000/v1"
    assert encryption.unseal(llm.encrypted_api_key) == SECRET
    page = f"/admin/projects/registration/{llm.id}/change/"
    assert SECRET not in client.get(page).content.decode()
    # There only whose it is can be changed: where it is asked stands in the console.
    dora = make.make_user("dora")
    sent = fields(
        name="Bigger", api_key="sk-2", base_url="http://elsewhere:8000", owner=str(dora.pk)
    )
    assert client.post(page, sent).status_code == 302
    llm.refresh_from_db()
    assert (llm.name, llm.owner, llm.base_url) == ("Big", dora, "http://vllm:8000/v1")
    assert encryption.unseal(llm.encrypted_api_key) == SECRET


def test_what_cannot_be_used_is_refused_at_its_field() -> None:
    client = console()
    for wrong in ({"base_url": "ftp://a.example"}, {"api_key": "two words"}):
        page = client.post("/admin/projects/registration/add/", fields(**wrong)).content.decode()
        assert "errorlist" in page
    assert not Registration.objects.filter(llm__key="big").exists()
