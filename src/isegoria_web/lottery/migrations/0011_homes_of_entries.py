from importlib import import_module

from django.db import migrations, models

one_way = import_module("isegoria_web.lottery.migrations.0004_one_way")
guards = import_module("isegoria_web.lottery.migrations.0007_changed_quotas")

RULES = [
    (
        "entry_home", "UPDATE", "poolentry", one_way.changed("home"),
        "an entry of a frozen pool cannot be changed",
    ),
]  # fmt: skip


def guard(apps, schema_editor):
    guards.make(schema_editor, RULES)


def unguard(apps, schema_editor):
    guards.drop(schema_editor, RULES)


class Migration(migrations.Migration):

    dependencies = [
        ('lottery', '0010_wider_quotas_for_vacant_seats'),
    ]

    operations = [
        # A column that may be empty: SQLite adds it without rebuilding the table, so its guards stay.
        migrations.AddField(
            model_name='poolentry',
            name='home',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunPython(guard, unguard),
    ]
