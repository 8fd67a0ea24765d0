import django.db.models.deletion
from django.db import migrations, models


def name_versions(apps, _schema_editor):
    """A cycle keeps the version of the rule book under which it began, so every duty is under the one of its cycle."""
    duties = apps.get_model("followup", "Duty")
    for duty in duties.objects.select_related("recommendation__cycle").iterator():
        duty.rule_book_id = duty.recommendation.cycle.rule_book_id
        duty.save(update_fields=["rule_book"])


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0003_frozen_handovers"),
        ("institutions", "0006_rules_for_a_later_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="duty",
            name="rule_book",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="institutions.rulebookversion",
            ),  # fmt: skip
        ),
        migrations.RunPython(name_versions, migrations.RunPython.noop),
    ]
