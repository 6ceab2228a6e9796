"""Verdicts given on the site, by person: under a grader's million values they were not found."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("interactions", "0009_saved_view")]

    operations = [
        AddIndexConcurrently(
            model_name="feedback",
            index=models.Index(
                fields=["metric", "created_by", "id"],
                include=["interaction", "value"],
                condition=models.Q(source="REVIEW"),
                name="feedback_review",
            ),
        ),
    ]
