"""Make a batch of every file of letters that was printed before, so that it is deleted on its day.

It cannot be undone: the field that held the name of the file goes with the next migration.
"""

from django.db import migrations


def printed_files(apps, schema_editor):
    campaigns = apps.get_model("recruitment", "Campaign").objects.exclude(printed="")
    waves = apps.get_model("recruitment", "Wave").objects
    printings = apps.get_model("recruitment", "Printing").objects
    batches = apps.get_model("recruitment", "Batch").objects
    for campaign in campaigns.iterator(chunk_size=500):
        printing = printings.create(
            wave=waves.get(campaign=campaign, number=1),
            per_file=campaign.letters,
            started_at=campaign.printed_at,
            ended_at=campaign.printed_at,
            status="done",
        )
        batches.create(
            printing=printing,
            number=1,
            language="",
            letters=campaign.letters,
            pdf=campaign.printed,
            done_at=campaign.printed_at,
        )


class Migration(migrations.Migration):
    dependencies = [("recruitment", "0014_printings")]
    operations = [migrations.RunPython(printed_files)]
