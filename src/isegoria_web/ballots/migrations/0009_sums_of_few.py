from django.db import migrations
from django.db.models import F

FEWEST = 5


def delete_sums_of_few(apps, schema_editor):
    """Delete the sums of resolutions on which fewer than five spoke: a release before kept them where five sat."""
    resolutions = apps.get_model("ballots", "Resolution").objects.exclude(status="open")
    few = resolutions.annotate(voices_in_all=F("yes") + F("no") + F("abstain")).filter(
        voices_in_all__gt=0, voices_in_all__lt=FEWEST
    )
    few.update(yes=0, no=0, abstain=0)


class Migration(migrations.Migration):
    dependencies = [("ballots", "0008_votes_by_name_in_the_site")]

    operations = [
        # Not reversible in data: what is deleted is gone. Backwards nothing has to change.
        migrations.RunPython(delete_sums_of_few, migrations.RunPython.noop),
    ]
