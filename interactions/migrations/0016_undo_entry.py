"""What a person changed of one interaction on the site has an entry, so that a key undoes it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("interactions", "0015_cached_tokens"),
        ("projects", "0010_prices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UndoEntry',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField()),
                ('interaction_id', models.UUIDField()),
                ('kind', models.CharField(choices=[('label', 'label'), ('feedback', 'feedback')], max_length=8)),
                ('before', models.JSONField()),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'db_table': 'undo_entry',
                'indexes': [models.Index(fields=['created_by', 'project', '-id'], name='undo_entry_newest')],
            },
        ),
    ]
