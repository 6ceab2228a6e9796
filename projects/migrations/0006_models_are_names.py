"""What the registrations took over leaves the models; and changes of registrations are told.

A migration of its own: PostgreSQL alters no table that has foreign keys to check still.
"""

from django.db import migrations

TABLES = ("projects_registration", "projects_registration_teams")
GONE = ("base_url", "encrypted_api_key", "external_id", "extra_params", "provider")


def tell_of(table: str) -> migrations.RunSQL:
    """A notice for each statement, as `0002_notices` has it for the other tables."""
    return migrations.RunSQL(
        f"CREATE TRIGGER tell_projects_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION tell_projects_changed()",
        f"DROP TRIGGER tell_projects_changed ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_registration")]

    operations = [
        *(migrations.RemoveField(model_name="llm", name=name) for name in GONE),
        *(tell_of(table) for table in TABLES),
    ]
