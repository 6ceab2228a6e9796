"""A project says which metric's values are on the number keys."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_attempt")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="primary_metric",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                db_index=False,
                to="projects.metric",
                help_text="Whose values are on the keys 1 to 9. Empty: the most used yes or no"
                " metric.",
            ),
        ),
    ]
