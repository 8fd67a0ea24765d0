"""Give every draw of letters that was made its first wave. Undoing it loses nothing that the draw does not say."""

from django.db import migrations


def first_waves(apps, schema_editor):
    campaigns = apps.get_model("recruitment", "Campaign").objects.filter(draw__drawn_at__isnull=False)
    waves = apps.get_model("recruitment", "Wave").objects
    for campaign in campaigns.select_related("draw").iterator(chunk_size=500):
        waves.get_or_create(
            campaign=campaign,
            number=1,
            defaults={
                "letters": campaign.letters,
                "reply_by": campaign.reply_by,
                "drawn_at": campaign.draw.drawn_at,
                "printed_at": campaign.printed_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("recruitment", "0007_waves")]
    operations = [migrations.RunPython(first_waves, migrations.RunPython.noop)]
