"""What a million tokens of a model cost in a project, in US dollars."""

from django.db import migrations, models


def _price():
    return models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True)


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_primary_metric")]

    operations = [
        migrations.AddField("projectllm", "prompt_price", _price()),
        migrations.AddField("projectllm", "cached_price", _price()),
        migrations.AddField("projectllm", "completion_price", _price()),
        migrations.AddConstraint(
            "projectllm",
            models.CheckConstraint(
                condition=models.Q(prompt_price=None, completion_price=None, cached_price=None)
                | models.Q(prompt_price__isnull=False, completion_price__isnull=False)
                & models.Q(prompt_price__gte=0, completion_price__gte=0)
                & (models.Q(cached_price=None) | models.Q(cached_price__gte=0)),
                name="prices_together",
            ),
        ),
    ]
