"""Datasets with versions that never change, jobs that people watch, files that come in parts."""

import adaptive_site.lib.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('interactions', '0018_preview_renewal'),
        ('projects', '0010_prices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dataset',
            fields=[
                ('id', models.UUIDField(default=adaptive_site.lib.ids.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('kind', models.CharField(choices=[('PROMPT', 'Prompts'), ('PROMPT_COMPLETION', 'Prompts and completions'), ('PROMPT_COMPLETION_FEEDBACK', 'Prompts, completions and feedback'), ('PREFERENCE', 'Preferences')], max_length=30)),
                ('state', models.CharField(choices=[('pending', 'being made'), ('ready', 'ready'), ('failed', 'failed')], default='pending', max_length=10)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('head', models.IntegerField(default=0)),
                ('records', models.IntegerField(default=0, help_text='Of the draft.')),
                ('original', models.CharField(blank=True, help_text='Uploaded file, as it came.', max_length=255)),
                ('original_name', models.CharField(blank=True, max_length=255)),
                ('growth', models.JSONField(null=True)),
                ('grows_next_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='datasets', to='projects.project')),
            ],
            options={
                'db_table': 'dataset',
            },
        ),
        migrations.CreateModel(
            name='DatasetBatch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('origin', models.CharField(choices=[('builder', 'the builder'), ('selection', 'a selection'), ('growth', "the dataset's own filter"), ('upload', 'a file')], max_length=10)),
                ('created_at', models.DateTimeField()),
                ('recipe', models.JSONField(default=dict)),
                ('steps', models.JSONField(default=list)),
                ('records', models.IntegerField(default=0)),
                ('version', models.IntegerField(help_text='The draft it came into.')),
                ('undone_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='interactions.dataset')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'dataset_batch',
            },
        ),
        migrations.CreateModel(
            name='DatasetImage',
            fields=[
                ('pk', models.CompositePrimaryKey('dataset_id', 'image_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('dataset', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='interactions.dataset')),
                ('image', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='interactions.image')),
            ],
            options={
                'db_table': 'dataset_image',
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('build', 'Make a dataset'), ('export', 'Make a file'), ('import', 'Import a file'), ('upload', 'Read an uploaded dataset'), ('log', "Log a dataset's records as interactions")], max_length=10)),
                ('arguments', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='waiting', max_length=10)),
                ('stage', models.CharField(blank=True, help_text='What is being done now.', max_length=100)),
                ('total', models.BigIntegerField(help_text='Of the stage; null: not known yet.', null=True)),
                ('done', models.BigIntegerField(default=0, help_text='Of the stage, in the unit of `total`.')),
                ('cursor', models.JSONField(default=dict)),
                ('result', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True)),
                ('attempts', models.IntegerField(default=0, help_text='Of the present step.')),
                ('next_at', models.DateTimeField(help_text='When a worker may take the next step.')),
                ('started_at', models.DateTimeField(help_text='When the stage began.', null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('cancelled_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'db_table': 'job',
            },
        ),
        migrations.AddField(
            model_name='dataset',
            name='job',
            field=models.ForeignKey(db_index=False, help_text='That makes the first version.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='interactions.job'),
        ),
        migrations.CreateModel(
            name='PlannedRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('job_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('interaction_id', models.UUIDField()),
                ('other_id', models.UUIDField(null=True)),
                ('metric_id', models.IntegerField(null=True)),
                ('tied', models.CharField(blank=True, max_length=10)),
                ('split', models.CharField(choices=[('train', 'train'), ('validation', 'validation'), ('test', 'test')], max_length=10)),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='interactions.job')),
            ],
            options={
                'db_table': 'planned_record',
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=adaptive_site.lib.ids.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('name', models.CharField(blank=True, help_text="The file's own.", max_length=255)),
                ('content_type', models.CharField(blank=True, max_length=255)),
                ('metadata', models.JSONField(null=True)),
                ('total_parts', models.IntegerField()),
                ('size', models.BigIntegerField(help_text='Bytes of all parts, where told before.', null=True)),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, help_text='Numbers of those here.', size=None)),
                ('received', models.BigIntegerField(default=0, help_text='Bytes of the parts that are here.')),
                ('taken_at', models.DateTimeField(help_text='When a job or a dataset took the file.', null=True)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'db_table': 'upload',
            },
        ),
        migrations.CreateModel(
            name='DatasetItem',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('item', models.UUIDField(help_text='The same through all edits of one record.')),
                ('position', models.BigIntegerField()),
                ('since', models.IntegerField()),
                ('until', models.IntegerField(null=True)),
                ('interaction_id', models.UUIDField(null=True)),
                ('other_id', models.UUIDField(help_text='Of a preference, the other interaction.', null=True)),
                ('split', models.CharField(choices=[('train', 'train'), ('validation', 'validation'), ('test', 'test')], default='train', max_length=10)),
                ('review', models.CharField(blank=True, choices=[('', 'not reviewed'), ('waiting', 'waiting for review'), ('approved', 'approved'), ('rejected', 'rejected')], default='', max_length=10)),
                ('prompt_hash', models.UUIDField()),
                ('model', models.TextField(blank=True)),
                ('tokens', models.IntegerField(help_text='About how many, of the whole record.')),
                ('content', models.JSONField()),
                ('correction', models.TextField(null=True)),
                ('changed_at', models.DateTimeField(null=True)),
                ('batch', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='interactions.datasetbatch')),
                ('changed_by', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='interactions.dataset')),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='projects.project')),
            ],
            options={
                'db_table': 'dataset_item',
                'indexes': [models.Index(fields=['dataset', 'position', 'id'], name='dataset_item_order'), models.Index(fields=['dataset', 'item'], name='dataset_item_history'), models.Index(fields=['batch'], name='dataset_item_batch'), models.Index(condition=models.Q(('interaction_id__isnull', False)), fields=['project', 'interaction_id'], name='dataset_item_interaction'), models.Index(condition=models.Q(('other_id__isnull', False)), fields=['project', 'other_id'], name='dataset_item_other'), models.Index(fields=['dataset', 'prompt_hash'], name='dataset_item_prompt')],
            },
        ),
        migrations.CreateModel(
            name='DatasetVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('created_at', models.DateTimeField()),
                ('note', models.TextField(blank=True)),
                ('records', models.IntegerField()),
                ('digest', models.CharField(help_text='SHA-256 of all records in their order.', max_length=64)),
                ('figures', models.JSONField(default=dict)),
                ('created_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='interactions.dataset')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'db_table': 'dataset_version',
                'constraints': [models.UniqueConstraint(fields=('dataset', 'number'), name='dataset_version_number')],
            },
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(fields=['project', '-id'], name='job_newest'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['next_at'], name='job_queue'),
        ),
        migrations.AddIndex(
            model_name='dataset',
            index=models.Index(condition=models.Q(('grows_next_at__isnull', False)), fields=['grows_next_at'], name='dataset_growing'),
        ),
        migrations.AddConstraint(
            model_name='dataset',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('project', 'key'), name='dataset_key'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['created_by', 'created_at'], name='upload_of_user'),
        ),
    ]
