"""No rewriting of chains and checkpoints, no TRUNCATE, and a head that only moves to an entry that exists."""

from django.db import migrations

REFUSAL = "the journal is append-only"


def _sqlite(name, when, table, condition=""):
    return f"""
    CREATE TRIGGER {name} BEFORE {when} ON {table} {condition}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END;
    """


STEP = (
    "NEW.id IS NOT OLD.id OR NEW.public_id IS NOT OLD.public_id OR NEW.length <> OLD.length + 1 "
    "OR NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.chain_id = OLD.id "
    "AND e.sequence = NEW.length AND e.hash = NEW.head AND e.previous = OLD.head)"
)
SQLITE = [
    _sqlite("journal_checkpoint_no_update", "UPDATE", "journal_checkpoint"),
    _sqlite("journal_checkpoint_no_delete", "DELETE", "journal_checkpoint"),
    _sqlite("journal_chain_no_delete", "DELETE", "journal_chain", "WHEN OLD.length > 0"),
    _sqlite("journal_chain_grows", "UPDATE OF id, public_id, length, head", "journal_chain", f"WHEN {STEP}"),
]
PG_STEP = STEP.replace("IS NOT OLD", "IS DISTINCT FROM OLD")
POSTGRESQL = [
    """
    CREATE TRIGGER journal_checkpoint_append_only BEFORE UPDATE OR DELETE ON journal_checkpoint
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
    """,
    """
    CREATE TRIGGER journal_chain_no_delete BEFORE DELETE ON journal_chain
    FOR EACH ROW WHEN (OLD.length > 0) EXECUTE FUNCTION journal_is_append_only();
    """,
    f"""
    CREATE FUNCTION journal_chain_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF {PG_STEP} THEN RAISE EXCEPTION '{REFUSAL}'; END IF;
      RETURN NEW;
    END $$;
    """,
    """
    CREATE TRIGGER journal_chain_grows BEFORE UPDATE OF id, public_id, length, head ON journal_chain
    FOR EACH ROW EXECUTE FUNCTION journal_chain_grows();
    """,
    *(
        f"""
        CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
        """
        for table in ("journal_entry", "journal_checkpoint", "journal_chain")
    ),
]
UNDO = {
    "sqlite": [
        f"DROP TRIGGER {name};"
        for name in (
            "journal_checkpoint_no_update", "journal_checkpoint_no_delete", "journal_chain_no_delete",
            "journal_chain_grows",
        )
    ],
    "postgresql": [
        *(f"DROP TRIGGER {table}_no_truncate ON {table};" for table in ("journal_entry", "journal_checkpoint", "journal_chain")),
        "DROP TRIGGER journal_chain_grows ON journal_chain;",
        "DROP FUNCTION journal_chain_grows;",
        "DROP TRIGGER journal_chain_no_delete ON journal_chain;",
        "DROP TRIGGER journal_checkpoint_append_only ON journal_checkpoint;",
    ],
}  # fmt: skip
DO = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def forwards(apps, schema_editor):
    for statement in DO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_checkpoints")]
    operations = [migrations.RunPython(forwards, backwards)]
