from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

one_way = import_module("isegoria_web.lottery.migrations.0004_one_way")
guards = import_module("isegoria_web.lottery.migrations.0007_changed_quotas")

RULES = [
    (
        "quotachange_repairs", "UPDATE", "quotachange", one_way.changed("repairs_id"),
        "a change of the quotas cannot be changed",
    ),
]  # fmt: skip


def guard(apps, schema_editor):
    guards.make(schema_editor, RULES)


def unguard(apps, schema_editor):
    guards.drop(schema_editor, RULES)


class Migration(migrations.Migration):

    dependencies = [
        ('lottery', '0009_rotations'),
    ]

    operations = [
        # A column that may be empty: SQLite adds it without rebuilding the table, so its guards stay.
        migrations.AddField(
            model_name='quotachange',
            name='repairs',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='widened_quotas', to='lottery.draw'),
        ),
        migrations.RunPython(guard, unguard),
    ]
