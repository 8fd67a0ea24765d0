"""No page ever asked a member for a public name: one that stands there was entered past her, and goes."""

from django.db import migrations


def take_out(apps, schema_editor):
    member = apps.get_model("membership", "Member")
    member.objects.filter(named_at__isnull=True).exclude(public_name="").update(public_name="")


class Migration(migrations.Migration):
    dependencies = [
        ("membership", "0011_names_agreed_to"),
    ]

    # Nothing to bring back: whose wish it was, nobody wrote down.
    operations = [migrations.RunPython(take_out, migrations.RunPython.noop)]
