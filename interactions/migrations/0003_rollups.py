"""Roll-ups that a worker folds, and what waits to be indexed; with what was there before."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# What was counted and stored before becomes deltas and arrivals, which the worker takes from here.
BEFORE = """
INSERT INTO label_delta (project_id, start, label_ids, counts)
SELECT project_id, start, array_agg(label_id), array_agg(n) FROM (
    SELECT project_id, start, label_id, sum(n)::int AS n FROM label_count
    GROUP BY project_id, start, label_id HAVING sum(n) <> 0
) c GROUP BY project_id, start;

DELETE FROM label_count;

INSERT INTO feedback_delta (project_id, metric_id, day, n, total, squares)
SELECT project_id, metric_id, day, count(*), sum(value), sum(value * value) FROM (
    SELECT project_id, metric_id, greatest(least(value, 1e100), -1e100) AS value, (to_timestamp(
        ('x' || left(replace(interaction_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0
    ) AT TIME ZONE 'UTC')::date AS day FROM feedback
) f GROUP BY project_id, metric_id, day;

INSERT INTO arrival (project_id, interaction_ids)
SELECT project_id, array_agg(id ORDER BY id) FROM (
    SELECT project_id, id, (row_number() OVER (PARTITION BY project_id ORDER BY id)) / 1000 AS batch
    FROM interaction
) i GROUP BY project_id, batch ORDER BY project_id, batch;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0002_storage"),
        ("projects", "0002_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "interaction_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "arrival",
            },
        ),
        migrations.CreateModel(
            name="FeedbackCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("n", models.IntegerField()),
                ("total", models.FloatField()),
                ("squares", models.FloatField()),
            ],
            options={
                "db_table": "feedback_count",
            },
        ),
        migrations.CreateModel(
            name="FeedbackDelta",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("n", models.IntegerField()),
                ("total", models.FloatField()),
                ("squares", models.FloatField()),
            ],
            options={
                "db_table": "feedback_delta",
            },
        ),
        migrations.CreateModel(
            name="LabelDelta",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("start", models.DateTimeField()),
                (
                    "label_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
            ],
            options={
                "db_table": "label_delta",
            },
        ),
        migrations.RemoveIndex(
            model_name="labelcount",
            name="label_count_span",
        ),
        migrations.AlterField(
            model_name="labelcount",
            name="grain",
            field=models.CharField(
                choices=[("h", "hour"), ("d", "day"), ("t", "all time")], max_length=1
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            model_name="feedbackcount",
            name="metric",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="projects.metric",
            ),
        ),
        migrations.AddField(
            model_name="feedbackcount",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            model_name="feedbackdelta",
            name="metric",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.metric",
            ),
        ),
        migrations.AddField(
            model_name="feedbackdelta",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.AddField(
            model_name="labeldelta",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="projects.project",
            ),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="labelcount",
            constraint=models.UniqueConstraint(
                fields=("project", "label_id", "grain", "start"), name="label_count_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="feedbackcount",
            constraint=models.UniqueConstraint(
                fields=("project", "metric", "day"), name="feedback_count_once"
            ),
        ),
    ]
