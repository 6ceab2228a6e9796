"""Permissions by name for what people do, roles for kinds of people, and keys that permit less."""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

BEFORE = {
    "owner": [
        "project:read", "project:write", "interaction:read", "interaction:write",
        "interaction:delete", "feedback:write",
    ],
    "member": ["project:read", "interaction:read", "interaction:write", "feedback:write"],
    "viewer": ["project:read", "interaction:read"],
}  # fmt: skip
NOW = {
    "owner": [
        "project:read", "interaction:read", "interaction:create", "interaction:label",
        "feedback:create", "dataset:create", "dataset:export", "interaction:delete",
        "project:manage", "audit:read",
    ],
    "member": [
        "project:read", "interaction:read", "interaction:create", "interaction:label",
        "feedback:create", "dataset:create", "dataset:export",
    ],
    "viewer": ["project:read", "interaction:read"],
}  # fmt: skip
# What each permission let its holder do, in the names of now: readers could download.
MEANT = {
    "interaction:read": ["interaction:read", "dataset:export"],
    "interaction:write": ["interaction:create", "interaction:label", "dataset:create"],
    "feedback:write": ["feedback:create"],
    "project:write": ["project:manage"],
}


def rename(apps: Any, schema_editor: Any) -> None:
    """Give each role what it permitted; a built-in one that nobody changed is as it is now."""
    roles = apps.get_model("projects.Role").objects
    for role in roles.select_for_update():
        if role.key in BEFORE and set(role.permissions) == set(BEFORE[role.key]):
            role.permissions = NOW[role.key]
        else:
            meant = [now for one in role.permissions for now in MEANT.get(one, [one])]
            role.permissions = list(dict.fromkeys(meant))
        if role.key == "member" and not roles.filter(key="editor").exists():
            role.key = "editor"
            role.name = "Editor" if role.name == "Member" else role.name
        role.save()


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_prices")]

    operations = [
        migrations.RunPython(rename, migrations.RunPython.noop),
        migrations.AddField(
            "apikey",
            "permissions",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100),
                blank=True,
                help_text="The most it may do of what its user may. Empty: all of that.",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            "apikey",
            "is_for_every_project",
            models.BooleanField(default=True, verbose_name="works in every project of its user"),
        ),
        migrations.AddField(
            "apikey",
            "projects",
            models.ManyToManyField(blank=True, related_name="+", to="projects.project"),
        ),
        migrations.AddField(
            "apikey", "requests_a_minute", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AddField("apikey", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            "ApiKeyUse",
            [
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("used_at", models.DateTimeField()),
                ("address", models.CharField(blank=True, max_length=45)),
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="use",
                        to="projects.apikey",
                    ),
                ),
            ],
        ),
    ]
