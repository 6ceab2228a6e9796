"""Details of an event may be erased for good, once an event has said so; all else of it stays."""

from django.db import migrations

WAS = """
CREATE OR REPLACE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was projects_event;
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'projects_event' THEN
        was := OLD;
        was.noun := NEW.noun;
        was.seal := NEW.seal;
        IF OLD.seal IS NULL AND NEW.seal IS NOT NULL AND was::text = NEW::text THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log keeps what it has: % of % is refused', TG_OP, TG_TABLE_NAME;
END $$
"""
# `was` is now the event but for its seal; then but for its details.
NOW = WAS.replace(
    """            RETURN NEW;
        END IF;
""",
    """            RETURN NEW;
        END IF;
        was := OLD;
        was.noun := NEW.noun;
        was.details := NEW.details;
        IF was::text = NEW::text AND NEW.details = '{"erased": true}' AND EXISTS (
            SELECT FROM projects_event said WHERE said.project_id = OLD.project_id
            AND said.verb = 'audit.erased' AND said.details -> 'events' ? OLD.id::text
        ) THEN
            RETURN NEW;
        END IF;
""",
)


class Migration(migrations.Migration):
    dependencies = [("projects", "0015_second_factor")]

    operations = [migrations.RunSQL(NOW, WAS)]
