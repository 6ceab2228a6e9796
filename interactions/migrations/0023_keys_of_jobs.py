"""With which API key a job, a bulk action or an upload was begun."""

import django.db.models.deletion
from django.db import migrations, models


def key(model_name: str) -> migrations.AddField:
    """The column; no constraint, so that work never outlives its key as if it had none."""
    return migrations.AddField(
        model_name=model_name,
        name="key",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            null=True,
            on_delete=django.db.models.deletion.DO_NOTHING,
            related_name="+",
            to="projects.apikey",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0022_erasure"),
        ("projects", "0016_erased_details"),
    ]

    operations = [key("bulkaction"), key("job"), key("upload")]
