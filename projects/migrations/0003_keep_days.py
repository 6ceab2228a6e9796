"""How many days a project keeps its interactions; empty is for ever."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_notices")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="keep_days",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Older interactions are deleted for good, with their feedback. "
                "Empty: for ever.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(36500),
                ],
                verbose_name="days to keep interactions",
            ),
        ),
    ]
