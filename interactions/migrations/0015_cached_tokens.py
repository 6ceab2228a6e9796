"""How many tokens of a prompt came from the provider's cache, also of what was logged before.

The column is added at once; then one pass over the bodies, some at a time. Providers say 0 with nearly
every answer: such rows stay empty, which costs the same, so that only those with a cache are written.
"""

from typing import Any

from django.db import migrations, models

BATCH = 20_000
_SAID = "usage #> '{prompt_tokens_details,cached_tokens}'"
_FILL = f"""
    WITH batch AS (
        SELECT interaction_id, CASE WHEN jsonb_typeof({_SAID}) = 'number'
            AND ({_SAID})::text ~ '^[0-9]{{1,9}}$' THEN ({_SAID})::int END AS said
        FROM interaction_body
        WHERE interaction_id > %(after)s ORDER BY interaction_id LIMIT %(batch)s
    ), filled AS (
        UPDATE interaction i SET cached_tokens = batch.said FROM batch
        WHERE i.id = batch.interaction_id AND batch.said > 0
    )
    SELECT max(interaction_id::text) FROM batch
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Take the numbers from what providers said, some at a time, so that nobody waits for long."""
    after = "00000000-0000-0000-0000-000000000000"
    with schema_editor.connection.cursor() as cursor:
        while after is not None:
            cursor.execute(_FILL, {"after": after, "batch": BATCH})
            (after,) = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("interactions", "0014_bulk_action")]

    operations = [
        migrations.AddField("interaction", "cached_tokens", models.IntegerField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
