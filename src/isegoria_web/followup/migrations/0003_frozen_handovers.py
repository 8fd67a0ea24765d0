"""What was handed over stays as it was read and confirmed: the database refuses to change it, whoever asks."""

from django.db import migrations

FROZEN = ("handover", "handoverdocument", "handoverconfirmation")
SAID = "what was handed over stays as it was"


def freeze(apps, schema_editor):
    for table in FROZEN:
        name = f"followup_{table}_frozen"
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON followup_{table} "
                f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END;",
                params=None,
            )
        else:
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger AS $$ "
                f"BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation'; END "
                f"$$ LANGUAGE plpgsql; "
                f"CREATE TRIGGER {name} BEFORE UPDATE ON followup_{table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}();",
                params=None,
            )


def thaw(apps, schema_editor):
    for table in FROZEN:
        name = f"followup_{table}_frozen"
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name};", params=None)
        else:
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE;", params=None)


class Migration(migrations.Migration):
    dependencies = [("followup", "0002_handovers")]
    operations = [migrations.RunPython(freeze, thaw)]
