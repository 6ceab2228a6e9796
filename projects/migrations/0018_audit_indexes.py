"""The server's audit log by person and by door, where few events of many match."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the indexes of a log that may be large, while it is written

    dependencies = [("projects", "0017_identity")]

    operations = [
        AddIndexConcurrently(
            "event", models.Index(fields=["actor", "-created_at", "-id"], name="event_of_actor")
        ),
        AddIndexConcurrently(
            "event", models.Index(fields=["door", "-created_at", "-id"], name="event_door")
        ),
    ]
