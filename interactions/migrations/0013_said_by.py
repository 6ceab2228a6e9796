"""Whom a row is said to be from, beside who sent it; rows that have it in their metadata get it.

Adding a column without a default rewrites nothing. Earlier rows whose author was named by the
sender keep that author: nothing tells them from the author's own.
"""

from typing import Any

from django.db import migrations, models

BATCH = 20_000
_FILL = """
    WITH batch AS (
        SELECT interaction_id, user_metadata ->> 'user' AS said FROM interaction_body
        WHERE interaction_id > %(after)s ORDER BY interaction_id LIMIT %(batch)s
    ), filled AS (
        UPDATE interaction i SET said_by = left(batch.said, 512) FROM batch
        WHERE i.id = batch.interaction_id AND batch.said <> ''
        AND NOT EXISTS (
            SELECT FROM projects_user u WHERE u.id = i.created_by_id
            AND lower(batch.said) IN (u.uuid::text, lower(u.email))
        )
    )
    SELECT max(interaction_id::text) FROM batch
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Take the names from the metadata, some at a time, so that nobody waits for long."""
    after = "00000000-0000-0000-0000-000000000000"
    with schema_editor.connection.cursor() as cursor:
        while after is not None:
            cursor.execute(_FILL, {"after": after, "batch": BATCH})
            (after,) = cursor.fetchone()


def column() -> models.TextField:
    """The same on all three tables."""
    return models.TextField("said to be from", null=True, blank=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("interactions", "0012_previews"), ("projects", "0006_models_are_names")]

    operations = [
        migrations.AddField("interaction", "said_by", column()),
        migrations.AddField("feedback", "said_by", column()),
        migrations.AddField("comparison", "said_by", column()),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
