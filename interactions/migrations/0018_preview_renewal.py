"""Lines of prompts and answers become text: the worker makes those of before anew, newest first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("interactions", "0017_tour_seen")]

    operations = [
        migrations.CreateModel(
            name="PreviewRenewal",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="projects.project",
                    ),
                ),
                ("before", models.UUIDField()),
            ],
            options={"db_table": "preview_renewal"},
        ),
        migrations.RunSQL(
            """
            INSERT INTO preview_renewal (project_id, before)
            SELECT id, 'ffffffff-ffff-ffff-ffff-ffffffffffff' FROM projects_project AS p
            WHERE EXISTS (SELECT FROM interaction AS i WHERE i.project_id = p.id)
            """,
            migrations.RunSQL.noop,
        ),
    ]
