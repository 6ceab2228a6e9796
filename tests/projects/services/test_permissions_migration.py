"""Roles of before: what they permit under the names of now."""

from importlib import import_module

from django.apps import apps

from projects.models import Role
from projects.services import people

migration = import_module("projects.migrations.0011_permissions")


def test_roles_of_before_permit_what_they_permitted(db: None) -> None:
    own = {
        "reader": ["interaction:read"],
        "logger": ["interaction:write", "feedback:write"],
        "steward": ["project:read", "project:write", "interaction:read", "user:act_for"],
    }
    for key, permissions in (migration.BEFORE | own).items():
        Role.objects.create(key=key, name=key.capitalize(), permissions=permissions)
    migration.rename(apps, None)
    now = {role.key: role.permissions for role in Role.objects.all()}
    for key in ("owner", "editor", "viewer"):
        assert set(now.pop(key)) == set(people.ROLES[key][1]), key
    assert now == {
        "reader": ["interaction:read", "dataset:export"],
        "logger": ["interaction:create", "interaction:label", "dataset:create", "feedback:create"],
        "steward": [
            "project:read", "project:manage", "interaction:read", "dataset:export", "user:act_for",
        ],
    }  # fmt: skip
    assert Role.objects.get(key="editor").name == "Editor"
    assert people.role_named("member").key == "editor"


def test_a_built_in_role_that_was_changed_keeps_what_it_permitted(db: None) -> None:
    changed = ["interaction:read", "interaction:write"]
    Role.objects.create(key="viewer", name="Viewer", permissions=changed)
    Role.objects.create(key="editor", name="Ours", permissions=[])
    Role.objects.create(key="member", name="Member", permissions=changed)
    migration.rename(apps, None)
    roles = {role.key: role.permissions for role in Role.objects.all()}
    assert roles["viewer"] == roles["member"] == [
        "interaction:read", "dataset:export", "interaction:create", "interaction:label",
        "dataset:create",
    ]  # fmt: skip
    assert roles["editor"] == []
