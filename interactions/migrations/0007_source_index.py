"""Interactions by how they came in: a rare source walked every row, 22 s at 5 million."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("interactions", "0006_label_total")]

    operations = [
        AddIndexConcurrently(
            model_name="interaction",
            index=models.Index(fields=["project", "source", "id"], name="interaction_source"),
        ),
    ]
