"""Wrong passwords and keys, counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_metric_threshold")]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("last_at", models.DateTimeField(db_index=True)),
                ("again_at", models.DateTimeField()),
            ],
        ),
    ]
