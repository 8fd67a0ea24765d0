import calendar
import tomllib
from zoneinfo import ZoneInfo

from django.db import migrations


def owe_final_answers(apps, _schema_editor):
    """Owe the final answers that the statute asked for all along, in every cycle that is not closed.

    A closed one was closed when nobody was told of them, and stays as it is.
    """
    duties = apps.get_model("followup", "Duty")
    reports = apps.get_model("recommendations", "Report").objects.exclude(cycle__stage="closed")
    for report in reports.select_related("cycle__institution", "cycle__rule_book").iterator():
        cycle = report.cycle
        months = tomllib.loads(cycle.rule_book.text).get("duty", {}).get("final_months")
        if months is None:
            continue
        handed_over = report.handed_over_at.astimezone(ZoneInfo(cycle.institution.time_zone)).date()
        first = duties.objects.filter(recommendation__cycle=cycle, kind="first")
        duties.objects.bulk_create(
            duties(
                recommendation_id=each.recommendation_id, kind="final", due_on=_months_after(handed_over, months),
                rule="duty.final_months", rule_book_id=cycle.rule_book_id,
            )
            for each in first
        )  # fmt: skip


def forget_final_answers(apps, _schema_editor):
    """The answers that were given stay, as versions like any other."""
    apps.get_model("followup", "Duty").objects.filter(kind="final").delete()


def _months_after(day, count):
    """As `isegoria.rulebook.months_after` counted when this was written: a short month ends the deadline with its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day.replace(
        year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1])
    )


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0008_final_answers"),
        ("recommendations", "0008_never_decided"),
    ]

    operations = [migrations.RunPython(owe_final_answers, forget_final_answers)]
