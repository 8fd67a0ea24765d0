from django.db import migrations

SQLITE = [
    f"""
    CREATE TRIGGER journal_entry_no_{verb} BEFORE {verb.upper()} ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    """
    for verb in ("update", "delete")
]
POSTGRESQL = [
    """
    CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$;
    """,
    """
    CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
    """,
]
UNDO = {
    "sqlite": [f"DROP TRIGGER journal_entry_no_{verb};" for verb in ("update", "delete")],
    "postgresql": [
        "DROP TRIGGER journal_entry_append_only ON journal_entry;",
        "DROP FUNCTION journal_is_append_only;",
    ],
}
DO = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def forwards(apps, schema_editor):
    for statement in DO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
