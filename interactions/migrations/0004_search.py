"""The index of texts."""

import django.db.models.deletion
from django.db import migrations, models

# Lists of numbers and random ids do not compress. A segment's rows come and go all at once, so
# what a merge left behind is worth taking up early.
STORAGE = """
ALTER TABLE search_segment ALTER COLUMN starts SET STORAGE EXTERNAL;
ALTER TABLE search_ids ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE search_posting ALTER COLUMN terms SET STORAGE EXTERNAL,
    ALTER COLUMN sizes SET STORAGE EXTERNAL, ALTER COLUMN numbers SET STORAGE EXTERNAL;
ALTER TABLE search_words ALTER COLUMN words SET STORAGE EXTERNAL;
ALTER TABLE search_ids SET (autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE search_posting SET (autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_insert_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05);
"""


def of_a_project():
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="projects.project",
    )


def key(*columns):
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0003_rollups"),
        ("projects", "0002_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchSegment",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("project", of_a_project()),
                ("size", models.IntegerField()),
                ("least_id", models.UUIDField()),
                ("greatest_id", models.UUIDField()),
                (
                    "starts",
                    models.BinaryField(help_text="The first id of each block of ids."),
                ),
                ("replaced_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "search_segment",
                "indexes": [models.Index(fields=["project"], name="search_segment_project")],
            },
        ),
        migrations.CreateModel(
            name="SearchIds",
            fields=[
                ("pk", key("project_id", "segment_id", "block")),
                ("project", of_a_project()),
                ("segment_id", models.IntegerField()),
                ("block", models.IntegerField()),
                ("ids", models.BinaryField()),
            ],
            options={"db_table": "search_ids"},
        ),
        migrations.CreateModel(
            name="SearchPosting",
            fields=[
                ("pk", key("project_id", "segment_id", "first_term")),
                ("project", of_a_project()),
                ("segment_id", models.IntegerField()),
                ("first_term", models.TextField(db_collation="C")),
                ("terms", models.TextField()),
                ("sizes", models.BinaryField()),
                ("numbers", models.BinaryField()),
            ],
            options={"db_table": "search_posting"},
        ),
        migrations.CreateModel(
            name="SearchWords",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project", of_a_project()),
                ("words", models.TextField()),
            ],
            options={
                "db_table": "search_words",
                "indexes": [models.Index(fields=["project"], name="search_words_project")],
            },
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
