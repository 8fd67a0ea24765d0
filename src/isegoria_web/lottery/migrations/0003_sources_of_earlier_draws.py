"""Give draws of earlier versions the one source that they announced; their objections are over."""

from datetime import datetime, timedelta

from django.db import migrations


def forwards(apps, schema_editor):
    Draw = apps.get_model("lottery", "Draw")
    Source = apps.get_model("lottery", "RandomSource")
    for draw in Draw.objects.filter(sources__isnull=True).iterator():
        draw.publish_by = draw.source_due_at + timedelta(days=1)
        if draw.status == "drawn":
            draw.challenge_ends_at = draw.drawn_at
        draw.save(update_fields=["publish_by", "challenge_ends_at"])
        record = getattr(draw, "record", None)
        announced = (record.commitment if record else {}).get("specification", {}).get("randomness", [])
        for position, each in enumerate(announced, start=1):
            known = draw.status == "drawn"
            Source.objects.create(
                draw=draw, position=position, name=each["source"], kind="public",
                due_at=datetime.fromisoformat(each["moment"]),
                value=draw.source_value if known else "",
                obtained_at=max(draw.drawn_at, draw.source_due_at) if known else None,
            )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("lottery", "0002_ceremony")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
