"""Who answers for a model is a row of its own, with an owner; the model is a name.

Until now the two were one row for the whole server: who registered a name answered for it in
every project that had the name, and who imported a name could ask it with the registrant's key.
"""

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def split(apps: Any, schema_editor: Any) -> None:
    """Make the registrations of the models that have a provider.

    The owner is who registered it by the audit log; without an entry, the first owner of the
    first project it stands in; without either, the operator. It stays answered where somebody
    attached it by the audit log or its owner may use the project, and everywhere when nobody is
    known to have registered it; where it only came with imported lines it is a name.
    """
    Llm, Registration = apps.get_model("projects.Llm"), apps.get_model("projects.Registration")
    for llm in Llm.objects.exclude(provider="").order_by("id"):
        links = list(llm.attachments.order_by("id"))
        registrant = _registrant(apps, llm.key)
        is_echo = llm.provider == "ECHO"
        owner = None if is_echo else registrant or _owner_of(apps, links)
        made = Registration.objects.create(
            uuid=llm.uuid,
            llm=llm,
            owner=owner,
            is_for_all=is_echo,
            name=llm.name,
            provider=llm.provider,
            base_url=llm.base_url,
            # By no entry it was an administrator, in the console or by a command.
            may_be_private=registrant is None or registrant.is_superuser,
            external_id=llm.external_id,
            encrypted_api_key=llm.encrypted_api_key,
            extra_params=llm.extra_params,
        )
        Registration.objects.filter(id=made.id).update(created_at=llm.created_at)
        for link in links:
            if registrant is None or _was_attached(apps, link, llm.key, registrant):
                link.registration = made
                link.save(update_fields=["registration"])


def _registrant(apps: Any, key: str) -> Any:
    events = apps.get_model("projects.Event").objects.select_related("actor")
    found = events.filter(verb="model.registered", subject=key).exclude(actor=None)
    last = found.order_by("-id").first()
    return last and last.actor


def _owner_of(apps: Any, links: list[Any]) -> Any:
    Membership = apps.get_model("projects.Membership")
    for link in links:
        teams = link.project.shares.filter(is_owner=True).values("team")
        found = Membership.objects.filter(
            team__in=teams, role__permissions__contains=["project:write"], user__is_active=True
        )
        if (first := found.select_related("user").order_by("id").first()) is not None:
            return first.user
    return None


def _was_attached(apps: Any, link: Any, key: str, registrant: Any) -> bool:
    verbs = ("model.registered", "model.attached")
    events = apps.get_model("projects.Event").objects
    if events.filter(project=link.project_id, verb__in=verbs, subject=key).exists():
        return True
    teams = link.project.shares.values("team")
    is_member = apps.get_model("projects.Membership").objects.filter(
        user=registrant, team__in=teams
    )
    return bool(registrant.is_superuser or is_member.exists())


def let_managers_delete(apps: Any, schema_editor: Any) -> None:
    """Deleting was a part of `project:write`, and is a permission of its own now."""
    for role in apps.get_model("projects.Role").objects.filter(
        permissions__contains=["project:write"]
    ):
        role.permissions = [*role.permissions, "interaction:delete"]
        role.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_event_subject")]

    operations = [
        migrations.CreateModel(
            name="Registration",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "is_for_all",
                    models.BooleanField(
                        default=False,
                        help_text="Any project may attach it.",
                        verbose_name="shared with everybody",
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("", "nobody: a name in imported interactions"),
                            ("ECHO", "this server's echo, to try things with"),
                            ("OPEN_AI", "an OpenAI-compatible server"),
                            ("GOOGLE", "Google's OpenAI-compatible address"),
                            ("ANTHROPIC", "Anthropic's OpenAI-compatible address"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "base_url",
                    models.CharField(
                        blank=True,
                        help_text=(
                            "Such as https://api.openai.com/v1; empty for the provider's own."
                        ),
                        max_length=200,
                    ),
                ),
                (
                    "may_be_private",
                    models.BooleanField(
                        default=False,
                        help_text="Loopback and private addresses are asked of this one.",
                        verbose_name="may be in a private network",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True, help_text="What the provider calls the model.", max_length=200
                    ),
                ),
                ("encrypted_api_key", models.BinaryField(default=b"")),
                (
                    "extra_params",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Sent with every request to the provider.",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "llm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="projects.llm",
                        verbose_name="model",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who may attach and share it; empty: administrators alone.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="registrations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "teams",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Their members may attach it to projects they manage.",
                        related_name="registrations",
                        to="projects.team",
                        verbose_name="shared with",
                    ),
                ),
            ],
            options={
                "verbose_name": "registered model",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "llm"),
                        name="registered_once_by_an_owner",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="projectllm",
            name="registration",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty: nobody, it is a name in interactions.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="attachments",
                to="projects.registration",
                verbose_name="answered by",
            ),
        ),
        migrations.RunPython(split, migrations.RunPython.noop),
        migrations.RunPython(let_managers_delete, migrations.RunPython.noop),
    ]
