"""What is erased for good, and what versions of datasets say of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0021_dataset_sessions"),
        ("projects", "0012_masking"),
    ]

    operations = [
        migrations.AddField(
            model_name="datasetversion",
            name="erased",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("build", "Make a dataset"),
                    ("export", "Make a file"),
                    ("import", "Import a file"),
                    ("upload", "Read an uploaded dataset"),
                    ("log", "Log a dataset's records as interactions"),
                    ("change", "Change a dataset's records"),
                    ("version", "Make a version of a dataset"),
                    ("erase", "Erase for good"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ErasureTarget",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id",
                        "interaction_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("interaction_id", models.UUIDField()),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="interactions.job",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "db_table": "erasure_target",
            },
        ),
    ]
