"""That an institution was suspended, renewed or abolished, and why, stays as it was published, whoever asks."""

from django.db import migrations

TABLE, NAME = "institutions_statuschange", "institutions_statuschange_append_only"
SAID = "changes of the status of an institution are append-only"


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER {NAME}_{verb.lower()} BEFORE {verb} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END;",
                params=None,
            )
        return
    schema_editor.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger AS $$ "
        f"BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'integrity_constraint_violation'; END "
        f"$$ LANGUAGE plpgsql; "
        f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {NAME}(); "
        f"CREATE TRIGGER {NAME}_all BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {NAME}();",
        params=None,
    )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {NAME}_{verb};", params=None)
        return
    schema_editor.execute(f"DROP FUNCTION {NAME}() CASCADE;", params=None)


class Migration(migrations.Migration):
    dependencies = [("institutions", "0006_rules_for_a_later_day")]
    operations = [migrations.RunPython(protect, release)]
