"""The database tells of every change of what decides who may do what.

Servers remember keys, projects, models and metrics between requests; `projects.services.passes`
listens to this channel.
"""

from django.db import migrations

TABLES = (
    "apikey", "llm", "membership", "metric", "project", "projectllm", "projectshare", "role",
    "team", "user",
)  # fmt: skip

TELL = """
CREATE FUNCTION tell_projects_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('projects_changed', '');
    RETURN NULL;
END $$
"""


def on(table: str) -> migrations.RunSQL:
    """A notice for each statement, whatever the number of rows; one for each transaction."""
    return migrations.RunSQL(
        f"CREATE TRIGGER tell_projects_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        f" ON projects_{table} FOR EACH STATEMENT EXECUTE FUNCTION tell_projects_changed()",
        f"DROP TRIGGER tell_projects_changed ON projects_{table}",
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(TELL, "DROP FUNCTION tell_projects_changed()"),
        *(on(table) for table in TABLES),
    ]
