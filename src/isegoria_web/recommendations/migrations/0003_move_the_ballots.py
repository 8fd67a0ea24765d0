"""Move the ballots, who voted and the papers into the app of the ballots, in orders that tell nothing."""

from django.db import migrations

BATCH = 1000
KEPT = (
    "public_id", "opened_at", "closes_at", "closed_at", "status", "eligible", "quorum", "quorum_rule",
    "threshold", "more_than", "abstention", "threshold_rule", "yes", "no", "abstain", "wiped_at",
)


def move(apps, schema_editor):
    """Copy row by row; the ids of papers are random, so their order says nothing about who voted when."""
    old, new = apps.get_model("recommendations", "Ballot"), apps.get_model("ballots", "Ballot")
    version = apps.get_model("recommendations", "Version")
    recommendation = apps.get_model("recommendations", "Recommendation")
    for ballot in old.objects.order_by("recommendation_id").iterator(BATCH):
        about = recommendation.objects.get(pk=ballot.recommendation_id)
        made = new.objects.create(
            cycle_id=about.cycle_id,
            number=about.number,
            kind="yes_no",
            question=version.objects.get(pk=ballot.version_id).title,
            **{name: getattr(ballot, name) for name in KEPT},
        )
        recommendation.objects.filter(pk=about.pk).update(ballot_id=made.pk)
        _copy(old.roll.through, new.roll.through, ballot, made, "member_id")
        for name, fields in (("Participation", ["member_id"]), ("Paper", ["choice", "receipt"])):
            _copy(apps.get_model("recommendations", name), apps.get_model("ballots", name), ballot, made, *fields)


def _copy(old, new, ballot, made, *fields):
    rows = old._base_manager.filter(ballot_id=ballot.pk).order_by("pk").values(*fields)
    new._base_manager.bulk_create((new(ballot_id=made.pk, **row) for row in rows), batch_size=BATCH)


def move_back(apps, schema_editor):
    """Copy back what the former tables can hold: ballots of yes or no on a recommendation."""
    old, new = apps.get_model("recommendations", "Ballot"), apps.get_model("ballots", "Ballot")
    recommendation = apps.get_model("recommendations", "Recommendation")
    version = apps.get_model("recommendations", "Version")
    for about in recommendation.objects.filter(ballot_id__isnull=False).iterator(BATCH):
        ballot = new.objects.get(pk=about.ballot_id)
        made = old.objects.create(
            recommendation_id=about.pk,
            version_id=version.objects.filter(recommendation_id=about.pk).latest("number").pk,
            **{name: getattr(ballot, name) for name in KEPT},
        )
        _copy(new.roll.through, old.roll.through, ballot, made, "member_id")
        for name, fields in (("Participation", ["member_id"]), ("Paper", ["choice", "receipt"])):
            _copy(apps.get_model("ballots", name), apps.get_model("recommendations", name), ballot, made, *fields)


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0002_ballot_of_a_recommendation'),
    ]

    operations = [
        migrations.RunPython(move, move_back),
    ]
