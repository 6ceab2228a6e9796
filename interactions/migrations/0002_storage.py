"""How PostgreSQL keeps the hot tables: compression of bodies, and when to vacuum."""

from django.db import migrations

# lz4 decompresses several times faster than pglz; a PostgreSQL built without it keeps pglz.
COMPRESSION = """
DO $$
DECLARE body_column text;
BEGIN
    FOREACH body_column IN ARRAY ARRAY[
        'messages', 'completion', 'completion_parts', 'parameters', 'usage', 'system',
        'user_metadata'
    ] LOOP
        EXECUTE format(
            'ALTER TABLE interaction_body ALTER COLUMN %I SET COMPRESSION lz4', body_column
        );
    END LOOP;
EXCEPTION WHEN feature_not_supported THEN
    RAISE NOTICE 'this PostgreSQL has no lz4; bodies are compressed with pglz';
END $$
"""

# Index-only scans need all-visible pages, and these tables mostly grow: vacuum for inserts
# after 2 % more rows, not after 20 %.
VACUUM = "".join(
    f"ALTER TABLE {table} SET (autovacuum_vacuum_insert_scale_factor = 0.02,"
    " autovacuum_analyze_scale_factor = 0.02);"
    for table in ("interaction", "interaction_label", "feedback", "label_count")
)


class Migration(migrations.Migration):
    dependencies = [("interactions", "0001_initial")]

    operations = [
        migrations.RunSQL(COMPRESSION, migrations.RunSQL.noop),
        migrations.RunSQL(VACUUM, migrations.RunSQL.noop),
    ]
