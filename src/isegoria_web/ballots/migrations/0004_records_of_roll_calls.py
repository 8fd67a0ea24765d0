from django.db import migrations


def keep_what_was_entered(apps, schema_editor):
    """Make a record of every open vote that was entered while one person sufficed; it names nobody."""
    RollCall = apps.get_model("ballots", "RollCall")
    Record = apps.get_model("ballots", "RollCallRecord")
    OpenVote = apps.get_model("ballots", "OpenVote")
    for roll_call in RollCall.objects.filter(entered_at__isnull=False):
        record = Record.objects.create(
            roll_call=roll_call, number=1, held_on=roll_call.held_on, reason={},
            entered_at=roll_call.entered_at, confirmed_at=roll_call.entered_at,
        )
        OpenVote.objects.filter(roll_call=roll_call).update(record=record)


def back_to_one_person(apps, schema_editor):
    """Keep of every open vote the record that counts: before, there was no room for more."""
    Record = apps.get_model("ballots", "RollCallRecord")
    OpenVote = apps.get_model("ballots", "OpenVote")
    RollCall = apps.get_model("ballots", "RollCall")
    kept = set()
    for roll_call in RollCall.objects.all():
        record = Record.objects.filter(roll_call=roll_call, confirmed_at__isnull=False).order_by("number").last()
        if record is not None:
            kept.add(record.pk)
            OpenVote.objects.filter(record=record).update(roll_call=roll_call)
            roll_call.held_on, roll_call.entered_at = record.held_on, record.confirmed_at
            roll_call.save()
    OpenVote.objects.exclude(record__in=kept).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('ballots', '0003_roll_calls_by_two_persons'),
    ]

    operations = [
        migrations.RunPython(keep_what_was_entered, back_to_one_person),
    ]
