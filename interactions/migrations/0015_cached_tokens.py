"""How many tokens of a prompt came from the provider's cache, also of what was logged before.

The column is added at once; then one pass over the bodies, in which only rows whose provider said so
are written.
"""

from django.db import migrations, models

SAID = "b.usage #> '{prompt_tokens_details,cached_tokens}'"


class Migration(migrations.Migration):
    dependencies = [("interactions", "0014_bulk_action")]

    operations = [
        migrations.AddField("interaction", "cached_tokens", models.IntegerField(null=True)),
        migrations.RunSQL(
            f"""
            UPDATE interaction i SET cached_tokens = ({SAID})::int FROM interaction_body b
            WHERE b.interaction_id = i.id
            AND jsonb_typeof({SAID}) = 'number' AND ({SAID})::text ~ '^[0-9]{{1,9}}$'
            """,
            migrations.RunSQL.noop,
        ),
    ]
