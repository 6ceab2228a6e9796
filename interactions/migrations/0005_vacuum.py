"""When PostgreSQL vacuums and analyses the tables that are written all the time."""

from django.db import migrations

# Interactions also go, by retention: 2 % of a table is cleared away and used again before it has
# cost much room, where the default of 20 % would be a fifth of it.
KEPT = {
    "autovacuum_vacuum_scale_factor": 0.02,
    "autovacuum_vacuum_insert_scale_factor": 0.02,
    "autovacuum_analyze_scale_factor": 0.02,
}
# Rows stay for seconds. Their number says nothing about how many were there since the last time.
QUEUE = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 1000,
    "autovacuum_vacuum_insert_scale_factor": 0,
    "autovacuum_vacuum_insert_threshold": 10000,
    "autovacuum_analyze_scale_factor": 0,
    "autovacuum_analyze_threshold": 10000,
    "autovacuum_vacuum_cost_delay": 0,
    "toast.autovacuum_vacuum_scale_factor": 0,
    "toast.autovacuum_vacuum_threshold": 1000,
}
# Folding adds to the same rows again and again: with room on the page the new version stays
# beside the old one (HOT), and no index is written.
COUNTS = {
    "fillfactor": 80,
    "autovacuum_vacuum_scale_factor": 0.05,
    "autovacuum_analyze_scale_factor": 0.05,
}
TABLES = {
    "interaction": KEPT,
    "interaction_label": KEPT,
    "interaction_body": {**KEPT, "toast.autovacuum_vacuum_scale_factor": 0.02},
    "interaction_image": KEPT,
    "feedback": KEPT,
    "label_delta": QUEUE,
    "feedback_delta": {name: value for name, value in QUEUE.items() if name[:5] != "toast"},
    "arrival": QUEUE,
    "label_count": COUNTS,
    "feedback_count": COUNTS,
}
# ANALYZE cannot see from a sample how many labels there are: of 98,000 in 45 M postings it took
# 1,856, so a label with 18 postings was expected to have 1,800. A larger sample would read the
# table again and again; to say "one in a thousand postings has a label of its own" costs nothing.
LABELS = "ALTER TABLE interaction_label ALTER COLUMN label_id SET (n_distinct = -0.001)"


def settings(table, wanted):
    said = ", ".join(f"{name} = {value}" for name, value in wanted.items())
    return migrations.RunSQL(f"ALTER TABLE {table} SET ({said})", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("interactions", "0004_search")]

    operations = [
        *(settings(table, wanted) for table, wanted in TABLES.items()),
        migrations.RunSQL(LABELS, migrations.RunSQL.noop),
    ]
