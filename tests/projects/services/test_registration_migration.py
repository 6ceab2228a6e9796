"""Models of before: whose they become, and where they go on answering."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import DjangoDbBlocker

from projects.models import Llm, ProjectLlm, Registration, Role
from projects.services import encryption
from tests.running.another_database import another_database

BEFORE = [("projects", "0004_event_subject"), ("interactions", "0012_previews")]


def migrated(targets: list[tuple[str, str]]) -> Any:
    """The models as they are then."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def elsewhere(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database without tables: back and forth from the newest takes three times as long."""
    with django_db_blocker.unblock(), another_database("of_before"):
        yield


@pytest.mark.usefixtures("elsewhere")
def test_models_of_before_get_owners_and_stay_where_they_were_attached() -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    fill(migrated(BEFORE))
    migrated(latest)
    by_key = {one.llm.key: one for one in Registration.objects.select_related("llm", "owner")}
    assert set(by_key) == {"alices", "console", "echo", "roots"}  # names are none
    alices, console = by_key["alices"], by_key["console"]
    # By the audit log; it answers where she attached it or may be, not where a name was imported.
    assert alices.owner is not None and alices.owner.email == "alice@example.org"
    assert answered(alices) == ["birch", "maple"]
    assert Llm.objects.get(key="alices").attachments.count() == 3
    assert encryption.unseal(alices.encrypted_api_key) == "sk-1"
    assert (alices.base_url, alices.extra_params) == ("https://a.example", {"seed": 1})
    assert not alices.may_be_private
    # Nobody is known to have registered it: the owner of its project has it, and it goes on.
    assert console.owner is not None and console.owner.email == "bob@example.org"
    assert (answered(console), console.may_be_private) == (["cherry"], True)
    assert by_key["roots"].may_be_private
    assert (by_key["echo"].owner, by_key["echo"].is_for_all) == (None, True)
    assert answered(by_key["echo"]) == ["maple"]
    assert Llm.objects.get(key="name").uuid != Llm.objects.get(key="alices").uuid
    assert alices.uuid == Llm.objects.get(key="alices").uuid  # clients know it by that
    permissions = {role.key: role.permissions for role in Role.objects.all()}
    assert permissions["owner"] == ["project:manage", "interaction:delete"]
    assert permissions["editor"] == ["interaction:create", "interaction:label", "dataset:create"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_id, said_by FROM interaction ORDER BY id")
        assert dict(cursor.fetchall()) == {"said": "user-1", "own": None, "none": None}
    for row in ProjectLlm.objects.filter(llm__key="name"):
        assert row.registration is None


def answered(registration: Registration) -> list[str]:
    keys = registration.attachments.values_list("project__key", flat=True)
    return sorted(keys)


def fill(apps: Any) -> None:
    """Projects, people and models as the previous release kept them."""
    made = {name: apps.get_model(f"projects.{name}") for name in (
        "User", "Team", "Role", "Membership", "Project", "ProjectShare", "Llm", "ProjectLlm",
        "Event",
    )}  # fmt: skip
    owner = made["Role"].objects.create(key="owner", name="O", permissions=["project:write"])
    made["Role"].objects.create(key="member", name="M", permissions=["interaction:write"])
    people = {
        name: made["User"].objects.create(
            email=f"{name}@example.org", password="!", is_superuser=name == "root"
        )
        for name in ("alice", "bob", "root")
    }
    projects = {}
    for key, name in (("maple", "alice"), ("birch", "alice"), ("cherry", "bob")):
        projects[key] = made["Project"].objects.create(key=key, name=key)
        team = made["Team"].objects.create(key=f"{key}-owners", name=key)
        made["Membership"].objects.create(user=people[name], team=team, role=owner)
        made["ProjectShare"].objects.create(
            project=projects[key], team=team, role=owner, is_owner=True
        )
    known = {"base_url": "https://a.example", "extra_params": {"seed": 1}}
    sealed = encryption.seal("sk-1")
    for key, provider, where in (
        ("alices", "OPEN_AI", ("maple", "birch", "cherry")),
        ("console", "OPEN_AI", ("cherry",)),
        ("roots", "OPEN_AI", ()),
        ("echo", "ECHO", ("maple",)),
        ("name", "", ("maple", "cherry")),
    ):
        more = {**known, "encrypted_api_key": sealed} if provider else {}
        llm = made["Llm"].objects.create(key=key, name=key, provider=provider, **more)
        for place in where:
            made["ProjectLlm"].objects.create(project=projects[place], llm=llm)
    for key, name, at in (("alices", "alice", "maple"), ("roots", "root", "")):
        made["Event"].objects.create(
            project=projects.get(at), actor=people[name], verb="model.registered", subject=key
        )
    rows = (("said", "user-1"), ("own", str(people["alice"].uuid)), ("none", None))
    for number, (external_id, user) in enumerate(rows):
        one = apps.get_model("interactions.Interaction").objects.create(
            id=f"018dcb89-7600-7000-8000-00000000000{number}", project=projects["maple"],
            created_at="2024-02-21T12:00:00Z", created_by=people["alice"], source="LIVE",
            prompt_hash="018dcb89-7600-7000-8000-000000000000", label_ids=[], prompt_preview="",
            completion_preview="", image_count=0, external_id=external_id,
        )  # fmt: skip
        apps.get_model("interactions.InteractionBody").objects.create(
            interaction=one, project=projects["maple"], messages=[], completion="",
            user_metadata={"user": user} if user else None,
        )  # fmt: skip
