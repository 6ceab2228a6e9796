"""A metric of numbers may say from which value on it is good."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0006_models_are_names")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="threshold",
            field=models.FloatField(
                blank=True,
                null=True,
                help_text="Of a number: from which value on it is good; by its direction at least,"
                " or at most, so much. Without one a number is neither good nor bad.",
            ),
        ),
    ]
