"""Legal holds, retention by number, and what is recorded of erasures and backups."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0023_keys_of_jobs"),
        ("projects", "0016_erased_details"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Retention",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="projects.project",
                    ),
                ),
                ("keep_newest", models.BigIntegerField(help_text="Null keeps all.", null=True)),
                (
                    "ran_at",
                    models.DateTimeField(help_text="When the worker last looked.", null=True),
                ),
                (
                    "removed_at",
                    models.DateTimeField(help_text="When it last removed some.", null=True),
                ),
                (
                    "removed",
                    models.BigIntegerField(
                        db_default=0, default=0, help_text="On the day of `removed_at`, in UTC."
                    ),
                ),
            ],
            options={
                "db_table": "retention",
            },
        ),
        migrations.CreateModel(
            name="TakenBackup",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(unique=True)),
                ("taken_at", models.DateTimeField()),
                ("place", models.TextField(help_text="The machine and the file.")),
                ("size", models.BigIntegerField()),
            ],
            options={
                "db_table": "taken_backup",
            },
        ),
        migrations.CreateModel(
            name="ErasureRecord",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(help_text="That of the job.", unique=True)),
                ("erased_at", models.DateTimeField()),
                ("is_masked", models.BooleanField(db_default=False, default=False)),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("salt", models.CharField(max_length=64)),
                (
                    "word_digests",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), size=None
                    ),
                ),
                (
                    "is_due",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Words have to be said again after a restore.",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "db_table": "erasure_record",
                "indexes": [
                    models.Index(fields=["project", "-erased_at"], name="erasure_record_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.AutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="interactions.label",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "db_table": "legal_hold",
                "constraints": [
                    models.UniqueConstraint(fields=("project", "label"), name="legal_hold_once")
                ],
            },
        ),
    ]
