"""The audit log keeps where events come from, names as text, and seals; nothing of it is changed."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


# What there was is given the names of today. `interactions` once renamed verbs, which must be done.
NAME = """
    UPDATE projects_event e SET
        project_key = coalesce((SELECT p.key FROM projects_project p WHERE p.id = e.project_id), ''),
        actor_name = coalesce((SELECT u.name FROM projects_user u WHERE u.id = e.actor_id), ''),
        actor_email = coalesce((SELECT u.email FROM projects_user u WHERE u.id = e.actor_id), '')
"""

# A sealed event differs from itself in the number of its seal alone; `noun` is not computed yet.
KEEP = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was projects_event;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'projects_event' THEN
        was := OLD;
        was.noun := NEW.noun;
        was.seal := NEW.seal;
        IF OLD.seal IS NULL AND NEW.seal IS NOT NULL AND was::text = NEW::text THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log keeps what it has: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$
"""


def keep(table: str) -> migrations.RunSQL:
    """Refuse changes, row by row, and TRUNCATE, which tests drop: they empty tables by it."""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION keep_audit();
        CREATE TRIGGER keep_all BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
        """,
        f"DROP TRIGGER IF EXISTS keep_rows ON {table}; DROP TRIGGER IF EXISTS keep_all ON {table};",
    )


class Migration(migrations.Migration):
    atomic = False  # for the indexes
    dependencies = [
        ("projects", "0012_masking"),
        ("interactions", "0014_bulk_action"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("previous", models.BinaryField(max_length=32)),
                ("digest", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField()),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "event_digests",
                    models.BinaryField(help_text="32 bytes for each event, in the same order."),
                ),
            ],
        ),
        RemoveIndexConcurrently(
            model_name="event",
            name="event_newest_first",
        ),
        migrations.AddField(
            model_name="event",
            name="acting_for",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Whose name the actor, a service account, used: an e-mail address.",
                max_length=254,
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="actor_email",
            field=models.CharField(blank=True, db_default="", max_length=254),
        ),
        migrations.AddField(
            model_name="event",
            name="actor_name",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="event",
            name="address",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="event",
            name="door",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="event",
            name="key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.apikey",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="key_name",
            field=models.CharField(blank=True, db_default="", max_length=220),
        ),
        migrations.AddField(
            model_name="event",
            name="project_key",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
        migrations.AddField(
            model_name="event",
            name="seal",
            field=models.BigIntegerField(
                help_text="The number of the seal that holds it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="subjects",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(),
                help_text="The interactions, where several were read at once.",
                null=True,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="noun",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("verb"), models.Value("."), models.Value(1), function="split_part"
                ),
                output_field=models.CharField(max_length=100),
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE projects_event ALTER COLUMN noun SET NOT NULL", migrations.RunSQL.noop
        ),
        migrations.RunSQL(NAME, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["project", "-created_at", "-id"], name="event_in_project"),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["project", "actor", "-created_at", "-id"], name="event_actor"
            ),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["project", "noun", "-created_at", "-id"], name="event_noun"),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["-created_at", "-id"], name="event_newest"),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["seal", "id"], name="event_seal"),
        ),
        AddIndexConcurrently(
            model_name="event",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("subjects__isnull", False)),
                fields=["subjects"],
                name="event_subjects",
            ),
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION keep_audit()"),
        keep("projects_event"),
        keep("projects_seal"),
    ]
