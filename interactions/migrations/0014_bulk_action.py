"""What was an act is a bulk action, in the database and the audit log too.

Names change, which is instant; the verbs of the audit log are rewritten, in one pass over it. In SQL:
Django cannot rename a column of a composite key.
"""

import django.db.models.deletion
from django.contrib.contenttypes.management import RenameContentType
from django.db import migrations, models


def _pk(other):
    return models.CompositePrimaryKey(
        "action_id", other, blank=True, editable=False, primary_key=True, serialize=False
    )


def _action():
    return models.ForeignKey(
        "interactions.bulkaction",
        django.db.models.deletion.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0013_said_by"),
        ("projects", "0008_attempt"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """
                    ALTER TABLE act RENAME TO bulk_action;
                    ALTER INDEX act_newest RENAME TO bulk_action_newest;
                    ALTER INDEX act_queue RENAME TO bulk_action_queue;
                    ALTER TABLE act_change RENAME TO bulk_action_change;
                    ALTER TABLE bulk_action_change RENAME act_id TO action_id;
                    ALTER TABLE act_image RENAME TO bulk_action_image;
                    ALTER TABLE bulk_action_image RENAME act_id TO action_id;
                    ALTER TABLE selection RENAME touched_by_id TO changed_by_id;
                    UPDATE projects_event SET verb = 'bulk_action.' || substr(verb, 5)
                    WHERE verb LIKE 'act.%'
                    """,
                    """
                    ALTER TABLE bulk_action RENAME TO act;
                    ALTER INDEX bulk_action_newest RENAME TO act_newest;
                    ALTER INDEX bulk_action_queue RENAME TO act_queue;
                    ALTER TABLE bulk_action_change RENAME action_id TO act_id;
                    ALTER TABLE bulk_action_change RENAME TO act_change;
                    ALTER TABLE bulk_action_image RENAME action_id TO act_id;
                    ALTER TABLE bulk_action_image RENAME TO act_image;
                    ALTER TABLE selection RENAME changed_by_id TO touched_by_id;
                    UPDATE projects_event SET verb = 'act.' || substr(verb, 13)
                    WHERE verb LIKE 'bulk_action.%'
                    """,
                )
            ],
            state_operations=[
                migrations.RenameModel("Act", "BulkAction"),
                migrations.AlterModelTable("BulkAction", "bulk_action"),
                migrations.RenameIndex(
                    "BulkAction", new_name="bulk_action_newest", old_name="act_newest"
                ),
                migrations.RenameIndex(
                    "BulkAction", new_name="bulk_action_queue", old_name="act_queue"
                ),
                migrations.AlterField(
                    "BulkAction",
                    "selection",
                    models.ForeignKey(
                        "interactions.selection",
                        django.db.models.deletion.RESTRICT,
                        related_name="bulk_actions",
                    ),
                ),
                migrations.RenameField("Selection", "touched_by", "changed_by"),
                migrations.DeleteModel("ActChange"),
                migrations.CreateModel(
                    "BulkActionChange",
                    [
                        ("pk", _pk("interaction_id")),
                        ("interaction_id", models.UUIDField()),
                        ("before", models.JSONField()),
                        ("action", _action()),
                    ],
                    {"db_table": "bulk_action_change"},
                ),
                migrations.DeleteModel("ActImage"),
                migrations.CreateModel(
                    "BulkActionImage",
                    [
                        ("pk", _pk("image_id")),
                        ("action", _action()),
                        (
                            "image",
                            models.ForeignKey(
                                "interactions.image",
                                django.db.models.deletion.DO_NOTHING,
                                db_constraint=False,
                                related_name="+",
                            ),
                        ),
                    ],
                    {"db_table": "bulk_action_image"},
                ),
            ],
        ),
        # Django adds these only beside a RenameModel that stands by itself.
        RenameContentType("interactions", "act", "bulkaction"),
        RenameContentType("interactions", "actchange", "bulkactionchange"),
        RenameContentType("interactions", "actimage", "bulkactionimage"),
    ]
