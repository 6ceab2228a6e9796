"""Events by what they are about: a page's history walked the project's whole audit log."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("projects", "0003_keep_days")]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["project", "subject", "id"], name="event_subject"),
        ),
    ]
