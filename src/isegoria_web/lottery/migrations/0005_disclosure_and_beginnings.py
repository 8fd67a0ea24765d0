"""What is disclosed, and the rules behind it; and what the database refuses of rows that begin in the middle."""

from importlib import import_module

from django.db import migrations, models

one_way = import_module("isegoria_web.lottery.migrations.0004_one_way")

RULES = [
    (
        "draw_begins", "INSERT", "draw",
        "NEW.status <> 'announced' OR NEW.committed_at IS NOT NULL OR NEW.drawn_at IS NOT NULL "
        "OR NEW.source_value <> '' OR NEW.challenge_ends_at IS NOT NULL OR NEW.final_at IS NOT NULL "
        "OR NEW.annulled_at IS NOT NULL",
        "a draw begins with its announcement",
    ),
    (
        "draw_letters_once", "INSERT", "draw",
        "NEW.kind = 'letters' AND (EXISTS (SELECT 1 FROM lottery_draw d WHERE d.cycle_id = NEW.cycle_id "
        "AND d.kind = 'letters' AND d.status <> 'annulled' AND NOT EXISTS (SELECT 1 FROM lottery_draw p "
        "WHERE p.cycle_id = d.cycle_id AND p.kind = 'panel' AND p.status = 'annulled' AND p.number > d.number)) "
        "OR EXISTS (SELECT 1 FROM lottery_draw v WHERE v.cycle_id = NEW.cycle_id AND v.kind = 'panel' "
        "AND v.status <> 'annulled'))",
        "letters are drawn again only after an annulment",
    ),
    (
        "draw_announced", "UPDATE", "draw",
        one_way.changed("disclosure", "disclosure_rule", "challenge_days", "challenge_rule"),
        "what was announced cannot be changed",
    ),
    (
        "draw_ended", "UPDATE", "draw",
        "(OLD.final_at IS NOT NULL AND " + one_way.changed("final_at")
        + ") OR (OLD.annulled_at IS NOT NULL AND " + one_way.changed("annulled_at", "annulled_reason") + ")",
        "the end of a draw cannot be changed",
    ),
    (
        "record_begins", "INSERT", "drawrecord", "NEW.document IS NOT NULL OR NEW.sha256 <> ''",
        "a record begins with its commitment",
    ),
    (
        "record_seals", "UPDATE", "drawrecord",
        one_way.changed("observers_file") + " AND NEW.observers_file IS NOT NULL",
        "what opens a sealed record can only be destroyed",
    ),
    (
        "pool_begins", "INSERT", "pool", f"NOT EXISTS ({one_way.FREE.format('NEW.draw_id')})",
        "a pool is frozen before its draw is committed",
    ),
    (
        "pool_seals", "UPDATE", "pool",
        one_way.changed("seal_key") + " AND NEW.seal_key <> '' AND (OLD.seal_key <> '' OR "
        f"NOT EXISTS ({one_way.FREE.format('NEW.draw_id')}))",
        "the key of the seals is made once and can only be destroyed",
    ),
    ("source_begins", "INSERT", "randomsource", "NEW.value <> ''", "a source has no value when it is announced"),
    (
        "annulment_begins", "INSERT", "annulment", "NEW.confirmed_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL",
        "an annulment begins as a proposal",
    ),
]  # fmt: skip


def lift(apps, schema_editor):
    """Take the old guards off: a table that SQLite rebuilds would lose them without a word."""
    one_way.backwards(apps, schema_editor)


def lower(apps, schema_editor):
    one_way.forwards(apps, schema_editor)


def guard(apps, schema_editor):
    one_way.forwards(apps, schema_editor)
    make = one_way._sqlite if schema_editor.connection.vendor == "sqlite" else one_way._postgresql
    for rule in RULES:
        for statement in make(*rule):
            schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    for name, *_rest in RULES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER lottery_{name};", params=None)
        else:
            schema_editor.execute(f"DROP FUNCTION lottery_{name}() CASCADE;", params=None)
    one_way.backwards(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("lottery", "0004_one_way")]
    operations = [
        migrations.RunPython(lift, lower),
        migrations.AddField("draw", "challenge_rule", models.CharField(blank=True, max_length=200)),
        migrations.AddField(
            "draw",
            "disclosure",
            models.CharField(
                choices=[("open", "Open"), ("sealed", "Sealed")], default="open", max_length=10
            ),
        ),
        migrations.AddField("draw", "disclosure_rule", models.CharField(blank=True, max_length=200)),
        migrations.AddField("pool", "seal_key", models.CharField(blank=True, max_length=64)),
        migrations.AddField("drawrecord", "observers_file", models.JSONField(blank=True, null=True)),
        # Letters may be drawn again after the annulment of a panel: a trigger below says when.
        migrations.RemoveConstraint("draw", "one_valid_draw_of_a_kind"),
        migrations.AddConstraint(
            "draw",
            models.UniqueConstraint(
                fields=["cycle", "kind"],
                condition=models.Q(kind="panel") & ~models.Q(status="annulled"),
                name="one_valid_draw_of_the_panel",
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
