"""An index of the sessions of a dataset's records, made while people go on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("interactions", "0020_dataset_changes")]

    operations = [
        AddIndexConcurrently(
            model_name="datasetitem",
            index=models.Index(
                condition=models.Q(("session_id__isnull", False)),
                fields=["dataset", "session_id"],
                name="dataset_item_session",
            ),
        ),
    ]
