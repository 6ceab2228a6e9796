"""Invitations; archived and deleted projects; keys that are shut out; sign-outs everywhere."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As 0002 has it for keys themselves: servers remember what a key may.
TELL = (
    "CREATE TRIGGER tell_projects_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
    " ON projects_apikey_projects FOR EACH STATEMENT EXECUTE FUNCTION tell_projects_changed()"
)
TELL_NO_MORE = "DROP TRIGGER tell_projects_changed ON projects_apikey_projects"


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_audit")]

    operations = [
        migrations.AddField(
            "apikey",
            "shut_out_of",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                blank=True,
                default=list,
                editable=False,
                help_text="Ids of the projects whose owners let this key in no more.",
                size=None,
            ),
        ),
        migrations.AddField(
            "project",
            "archived_at",
            models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since when nothing is added or changed.",
                null=True,
            ),
        ),
        migrations.AddField(
            "project",
            "deleted_at",
            models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since when nobody sees it; a worker removes what is left of it.",
                null=True,
            ),
        ),
        migrations.AddField(
            "team",
            "of_project",
            models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                help_text="The project whose people of one role these are, if it was made for"
                " them.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="own_teams",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            "user",
            "sign_outs",
            models.PositiveIntegerField(
                default=0,
                editable=False,
                help_text="How often the user was signed out everywhere.",
            ),
        ),
        migrations.CreateModel(
            "Invitation",
            [
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="projects.project",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invited",
                        to="projects.role",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="projects.team",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(TELL, TELL_NO_MORE),
    ]
