"""The console's lists of keys, models and work: what they show, and what their buttons do."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from django.test import Client
from django.utils import timezone

from interactions.models import BulkAction, Job
from interactions.services import selections
from interactions.services.bulk import actions as bulk_actions
from interactions.services.jobs import begin
from projects.models import ApiKey, ApiKeyUse, Project, Registration, RegistrationUse, User
from projects.services import llms, people
from projects.services.access import Caller
from tests import make
from tests.asking import ask
from tests.auditing import verbs_told
from tests.projects.services.test_taking_names import MODELS as ALL_MODELS
from tests.projects.services.test_taking_names import chat, registered
from tests.upstream import KEY, upstream, whole

KEYS, WORK, MODELS = "/console/keys/", "/console/jobs/", "/console/models/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(make.make_user("root", is_superuser=True))
    return client


def in_place(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, data, headers={"HX-Request": "true"})


def test_keys_of_everybody_are_found_and_revoked(
    root: Client, project: Project, alice: User, bob: User
) -> None:
    for user, name in ((alice, "laptop"), (alice, "old"), (bob, "nightly"), (bob, "gone")):
        people.issue_key(user, name=name)
    ids = dict(ApiKey.objects.values_list("name", "id"))
    now = timezone.now()
    ApiKey.objects.filter(name="old").update(created_at=now - timedelta(days=90))
    ApiKey.objects.filter(name="gone").update(expires_at=now - timedelta(days=1))
    ApiKeyUse.objects.create(key_id=ids["laptop"], used_at=now, address="203.0.113.9")

    def shown(query: str) -> set[str]:
        page = root.get(f"{KEYS}{query}").text
        return {name for name in ids if f"<b>{name}</b>" in page}

    assert shown("") == set(ids)
    assert shown("?unused=60") == {"old"}
    assert shown("?state=expired") == {"gone"}
    assert shown("?person=bob") == {"nightly", "gone"}
    assert shown("?project=maple&state=in-use") == {"laptop", "old", "nightly"}
    assert shown("?project=nothing") == set()
    assert "203.0.113.9" in root.get(KEYS).text
    for wrong in ("?unused=soon", "?state=x", "?before=x", "?unused=0"):
        assert root.get(KEYS + wrong).status_code == 400
    # One by its button, in place; two that are ticked, without scripts.
    said = in_place(root, f"{KEYS}revoke/?person=alice", {"one": f"revoke {ids['old']}"})
    assert "of Alice is revoked." in said.text and "<b>nightly</b>" not in said.text
    both = {"do": "revoke", "of": [ids["nightly"], ids["gone"], ids["old"]]}
    answer = root.post(f"{KEYS}revoke/?state=in-use", both)
    assert answer.headers["Location"] == f"{KEYS}?state=in-use"
    assert "2 keys are revoked." in root.get(KEYS).text
    assert shown("") == {"laptop"}
    assert shown("?state=revoked") == {"old", "nightly", "gone"}
    assert root.post(f"{KEYS}revoke/", {"do": "revoke"}).status_code == 400
    assert root.post(f"{KEYS}revoke/", {"do": "revoke", "of": "x"}).status_code == 400
    assert verbs_told("key.revoked")


def failed_job(project: Project, by: User, **more: Any) -> Job:
    job = begin.begin(project, Job.Kind.ERASE, {}, caller=Caller(by))
    known = {"state": Job.State.FAILED, "error": "the disk is <full>", "attempts": 5} | more
    Job.objects.in_project(project).filter(id=job.id).update(**known)
    return job


def test_work_of_all_projects_is_retried_and_cancelled_at_once(
    root: Client, project: Project, charlies_project: Project, alice: User, charlie: User
) -> None:
    failed, waiting = (
        failed_job(project, alice),
        begin.begin(charlies_project, Job.Kind.ERASE, {}, caller=Caller(charlie)),
    )
    refused = failed_job(project, alice, attempts=1)
    made = make.make_interaction(project)
    selection = selections.tick(project, [made.id], by=alice)
    action = bulk_actions.begin(
        selection, "label", {"key": "a", "value": "b"}, caller=Caller(alice)
    )
    page = root.get(WORK).text
    assert "the disk is &lt;full&gt;" in page and "Cherry" in page
    assert f"retry job:{failed.uuid}" in page and f"cancel bulk:{action.uuid}" in page
    assert f"retry job:{refused.uuid}" not in page  # what it was told stays wrong
    assert str(waiting.uuid) not in root.get(f"{WORK}?state=failed").text
    assert str(failed.uuid) not in root.get(f"{WORK}?project=cherry").text
    assert str(action.uuid) in root.get(f"{WORK}?kind=bulk&person=alice").text
    assert str(action.uuid) not in root.get(f"{WORK}?kind=erase").text
    assert "No job or bulk action matches" in root.get(f"{WORK}?project=x").text
    names = [f"job:{waiting.uuid}", f"bulk:{action.uuid}", f"job:{failed.uuid}"]
    said = in_place(root, f"{WORK}act/", {"do": "cancel", "of": names})
    assert "2 are cancelled; 1 not: it has ended by itself." in said.text
    waiting.refresh_from_db()
    action.refresh_from_db()
    assert waiting.cancelled_by is not None
    assert action.state == BulkAction.State.UNDOING
    answer = root.post(f"{WORK}act/?state=failed", {"one": f"retry job:{failed.uuid}"})
    assert answer.headers["Location"] == f"{WORK}?state=failed"
    failed.refresh_from_db()
    assert failed.state == Job.State.WAITING
    moved = root.get(f"{WORK}progress/?of=job:{failed.uuid}&of=job:{refused.uuid}").text
    assert moved.count("hx-swap-oob") == 4 and f"of=job:{failed.uuid}" in moved
    assert f"of=job:{refused.uuid}" not in moved  # ended: asked no more
    for wrong in ({"do": "retry"}, {"do": "x", "of": names}, {"one": "retry job:x"}):
        assert root.post(f"{WORK}act/", wrong).status_code == 400


def test_pages_of_work_leave_nothing_out(root: Client, project: Project, alice: User) -> None:
    made = make.make_interaction(project)
    selection = selections.tick(project, [made.id], by=alice)
    for n in range(33):
        begin.begin(project, Job.Kind.ERASE, {}, caller=Caller(alice))
        given = {"key": "a", "value": str(n)}
        bulk_actions.begin(selection, "label", given, caller=Caller(alice))
    first = root.get(WORK)
    second = root.get(WORK + first.context["page"].older)
    rows = [row.name for answer in (first, second) for row in answer.context["page"].rows]
    assert len(rows) == len(set(rows)) == 66
    assert second.context["page"].older == ""
    assert root.get(f"{WORK}?before=x").status_code == 400


def test_models_of_everybody_say_how_they_answer(
    root: Client, project: Project, alice: User, alice_key: str
) -> None:
    with upstream() as hers:
        llms.attach(project, registered(alice, "big", hers.url))
        assert chat(alice_key, "maple/big").status_code == 200

        async def broken(request: web.Request) -> web.StreamResponse:
            return web.json_response({"error": f"out of tokens, {KEY}"}, status=429)

        hers.answer = broken
        assert chat(alice_key, "maple/big").status_code == 429
        big = Registration.objects.get(llm__key="big")
        page = root.get(f"{MODELS}?project=maple&state=used&name=big").text
        assert "1 of 2" in page and "50.0 %" in page and "out of tokens" in page
        assert KEY not in page
        assert "No model matches" in root.get(f"{MODELS}?state=disabled").text
        # Tried: the error in words, then an answer; nothing is logged.
        said = in_place(root, f"{MODELS}{big.uuid}/try/", {}).text
        assert "It does not answer" in said and "out of tokens" in said and KEY not in said
        hers.answer = whole("Hello <you>.")
        page = root.post(f"{MODELS}{big.uuid}/try/").text
        assert "Hello &lt;you&gt;." in page and "Change how it is asked" in page
        assert RegistrationUse.objects.get(registration=big).asked == 4
        # Disabled: asked by nobody, but tried by who looks after it; then enabled again.
        url = f"{MODELS}{big.uuid}/disable/"
        assert "big is asked in no project now." in in_place(root, url, {"is_disabled": "1"}).text
        refused = chat(alice_key, "maple/big")
        assert refused.status_code == 400 and "is disabled on this site" in refused.text
        shown = {one["key"]: one["online"] for one in ask(alice_key, ALL_MODELS)}
        assert shown["big"] == "OFFLINE"
        assert "It answers" in in_place(root, f"{MODELS}{big.uuid}/try/", {}).text
        root.post(url, {"is_disabled": "0"})
        assert chat(alice_key, "maple/big").status_code == 200
    assert verbs_told("model.disabled") and verbs_told("model.enabled")


def test_a_model_is_changed_and_its_key_goes_to_no_other_address(
    root: Client, project: Project, alice: User
) -> None:
    llms.attach(project, registered(alice, "big", "https://models.example.com/v1"))
    big = Registration.objects.get(llm__key="big")
    sealed = bytes(big.encrypted_api_key)
    url = f"{MODELS}{big.uuid}/"
    form = {
        "name": "Big one",
        "provider": "OPEN_AI",
        "base_url": "https://models.example.com/v1",
        "external_id": "big-2",
        "extra_params": '{"temperature": 0}',
    }
    assert root.post(url, form).status_code == 302
    big.refresh_from_db()
    assert (big.name, big.external_id, big.extra_params) == ("Big one", "big-2", {"temperature": 0})
    assert bytes(big.encrypted_api_key) == sealed
    moved = root.post(url, form | {"base_url": "https://elsewhere.example.com/v1"})
    assert moved.status_code == 422 and "expected the API key again" in moved.text
    assert root.post(url, form | {"extra_params": "[1]"}).status_code == 422
    assert root.post(url, form | {"provider": "ECHO"}).status_code == 422
    big.refresh_from_db()
    assert big.base_url == "https://models.example.com/v1"
    assert KEY not in root.get(url).text
    assert root.get(f"{MODELS}{project.uuid}/").status_code == 404
    assert verbs_told("model.changed")
