"""What the database itself refuses, whoever writes to it: steps back, and changes of what was committed."""

from django.db import migrations

CHANGED = "NEW.{0} IS DISTINCT FROM OLD.{0}"
FREE = "SELECT 1 FROM lottery_draw d WHERE d.id = {0} AND d.status = 'announced'"
FROZEN_CYCLE = (
    "EXISTS (SELECT 1 FROM lottery_draw d JOIN lottery_pool p ON p.draw_id = d.id "
    "WHERE d.cycle_id = {0} AND d.status <> 'annulled')"
)
FEATURE_CYCLE = "(SELECT f.cycle_id FROM lottery_feature f WHERE f.id = {0}.feature_id)"
POOL_DRAW = "(SELECT p.draw_id FROM lottery_pool p WHERE p.id = NEW.pool_id)"


def changed(*columns):
    return "(" + " OR ".join(CHANGED.format(column) for column in columns) + ")"


STEPS = " OR ".join(
    f"(OLD.status = '{old}' AND NEW.status = '{new}')"
    for old, new in (
        ("announced", "committed"),
        ("announced", "annulled"),
        ("committed", "drawn"),
        ("committed", "annulled"),
        ("drawn", "final"),
        ("drawn", "annulled"),
    )
)
RULES = [
    # name, event, table, condition under which it is refused, what is said
    ("draw_one_way", "UPDATE", "draw", f"NEW.status <> OLD.status AND NOT ({STEPS})", "a draw goes one way only"),
    ("draw_identity", "UPDATE", "draw", changed("cycle_id", "kind", "number", "public_id"), "a draw stays what it is"),
    (
        "draw_committed", "UPDATE", "draw",
        "OLD.status <> 'announced' AND "
        + changed(
            "size", "alternates", "source", "source_due_at", "publish_by", "challenge_days", "announced_at",
            "committed_at",
        ),
        "what was committed cannot be changed",
    ),
    (
        "draw_result", "UPDATE", "draw",
        "OLD.drawn_at IS NOT NULL AND " + changed("drawn_at", "source_value", "challenge_ends_at"),
        "a result cannot be changed",
    ),
    (
        "draw_random", "UPDATE", "draw",
        "NEW.status = 'drawn' AND OLD.status = 'committed' AND (EXISTS "
        "(SELECT 1 FROM lottery_randomsource s WHERE s.draw_id = NEW.id AND s.value = '') "
        "OR NEW.drawn_at < NEW.source_due_at)",
        "the randomness is not known yet",
    ),
    (
        "draw_annulled", "UPDATE", "draw",
        "NEW.status = 'annulled' AND OLD.status <> 'annulled' AND NOT EXISTS "
        "(SELECT 1 FROM lottery_annulment a WHERE a.draw_id = NEW.id AND a.confirmed_at IS NOT NULL "
        "AND a.withdrawn_at IS NULL)",
        "an annulment needs two persons",
    ),
    ("draw_kept", "DELETE", "draw", "OLD.status <> 'announced'", "a draw is never deleted"),
    (
        "record_fixed", "UPDATE", "drawrecord",
        changed("draw_id", "commitment", "commitment_sha256")
        + " OR (OLD.document IS NOT NULL AND " + changed("document", "sha256") + ")",
        "a record cannot be changed",
    ),
    ("record_kept", "DELETE", "drawrecord", "1 = 1", "a record is never deleted"),
    (
        "pool_fixed", "UPDATE", "pool",
        changed("draw_id", "frozen_at", "size") + " OR (OLD.root <> '' AND " + changed("root") + ")",
        "a frozen pool cannot be changed",
    ),
    ("pool_kept", "DELETE", "pool", "1 = 1", "a frozen pool is never deleted"),
    (
        "entry_closed", "INSERT", "poolentry", f"NOT EXISTS ({FREE.format(POOL_DRAW)})",
        "a committed pool takes nobody in",
    ),
    (
        "entry_fixed", "UPDATE", "poolentry",
        changed("pool_id", "code", "features")
        + " OR (OLD.chance_numerator IS NOT NULL AND " + changed("chance_numerator", "chance_denominator")
        + ") OR (" + changed("salt") + " AND NEW.salt <> '')",
        "an entry of a frozen pool cannot be changed",
    ),
    ("entry_kept", "DELETE", "poolentry", "1 = 1", "nobody leaves a frozen pool"),
    (
        "selection_drawn", "INSERT", "selection",
        "NOT EXISTS (SELECT 1 FROM lottery_draw d WHERE d.id = NEW.draw_id AND d.status = 'drawn')",
        "nobody is selected but by the draw",
    ),
    ("selection_fixed", "UPDATE", "selection", "1 = 1", "a selection cannot be changed"),
    ("selection_kept", "DELETE", "selection", "1 = 1", "a selection is never deleted"),
    ("value_new", "INSERT", "value", FROZEN_CYCLE.format(FEATURE_CYCLE.format("NEW")), "the quotas are frozen"),
    (
        "value_fixed", "UPDATE", "value",
        changed("feature_id", "key", "minimum", "maximum") + " AND "
        + FROZEN_CYCLE.format(FEATURE_CYCLE.format("OLD")),
        "the quotas are frozen",
    ),
    ("value_kept", "DELETE", "value", FROZEN_CYCLE.format(FEATURE_CYCLE.format("OLD")), "the quotas are frozen"),
    ("feature_new", "INSERT", "feature", FROZEN_CYCLE.format("NEW.cycle_id"), "the quotas are frozen"),
    (
        "feature_fixed", "UPDATE", "feature",
        changed("cycle_id", "key") + " AND " + FROZEN_CYCLE.format("OLD.cycle_id"), "the quotas are frozen",
    ),
    ("feature_kept", "DELETE", "feature", FROZEN_CYCLE.format("OLD.cycle_id"), "the quotas are frozen"),
    (
        "source_new", "INSERT", "randomsource", f"NOT EXISTS ({FREE.format('NEW.draw_id')})",
        "the sources of a committed draw are fixed",
    ),
    (
        "source_fixed", "UPDATE", "randomsource",
        changed("draw_id", "position", "name", "kind", "due_at", "parties")
        + " OR (OLD.value <> '' AND " + changed("value", "proof", "evidence", "obtained_at") + ")",
        "a source and its value cannot be changed",
    ),
    ("source_kept", "DELETE", "randomsource", "1 = 1", "a source is never deleted"),
    (
        "reading_fixed", "UPDATE", "reading",
        changed("source_id", "person_id", "role", "value", "film", "notary", "read_at")
        + " OR (OLD.replaced_at IS NOT NULL AND " + changed("replaced_at") + ")",
        "a reading cannot be changed",
    ),
    ("reading_kept", "DELETE", "reading", "1 = 1", "a reading is never deleted"),
    ("reveal_fixed", "UPDATE", "reveal", "1 = 1", "a reveal cannot be changed"),
    ("reveal_kept", "DELETE", "reveal", "1 = 1", "a reveal is never deleted"),
    (
        "annulment_fixed", "UPDATE", "annulment",
        changed("draw_id", "reason", "proposed_by_id", "proposed_at")
        + " OR ((OLD.confirmed_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL) AND "
        + changed("confirmed_by_id", "confirmed_at", "withdrawn_at") + ")",
        "an annulment cannot be changed",
    ),
    ("annulment_kept", "DELETE", "annulment", "1 = 1", "an annulment is never deleted"),
    ("objection_kept", "DELETE", "objection", "1 = 1", "an objection is never deleted"),
]  # fmt: skip
KEPT = sorted({f"lottery_{table}" for _name, event, table, _refused, _said in RULES if event == "DELETE"})


def _sqlite(name, event, table, refused, said):
    return [
        f"CREATE TRIGGER lottery_{name} BEFORE {event} ON lottery_{table} WHEN {refused} "
        f"BEGIN SELECT RAISE(ABORT, '{said}'); END;"
    ]


def _postgresql(name, event, table, refused, said):
    row = "OLD" if event == "DELETE" else "NEW"
    return [
        f"CREATE FUNCTION lottery_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {refused} THEN RAISE EXCEPTION '{said}'; END IF; RETURN {row}; END $$;",
        f"CREATE TRIGGER lottery_{name} BEFORE {event} ON lottery_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION lottery_{name}();",
    ]


def _truncations():
    yield (
        "CREATE FUNCTION lottery_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'what belongs to a draw is never deleted'; END $$;"
    )
    for table in KEPT:
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lottery_is_kept();"
        )


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = [each for rule in RULES for each in _sqlite(*rule)]
    else:
        statements = [*(each for rule in RULES for each in _postgresql(*rule)), *_truncations()]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = [f"DROP TRIGGER lottery_{rule[0]};" for rule in RULES]
    else:
        statements = [
            *(f"DROP FUNCTION lottery_{rule[0]}() CASCADE;" for rule in RULES),
            "DROP FUNCTION lottery_is_kept() CASCADE;",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("lottery", "0003_sources_of_earlier_draws")]
    operations = [migrations.RunPython(forwards, backwards)]
