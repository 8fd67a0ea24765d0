"""What the agenda asks of the secretariat this morning."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from isegoria_web.consultation import choosing
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.consultation.models import AgendaOption
from isegoria_web.institutions.models import Institution
from isegoria_web.web.backoffice.morning import SECRETARIAT, Task

MANY = 2


def agenda_tasks(institution: Institution) -> Iterator[Task]:
    """Yield the verdicts that are due, the choice that can be made, and chosen themes that wait for their cycle."""
    for theme in institution.themes.waiting():
        words = {"number": theme.number, "title": theme.title}
        yield Task(
            _("Give the verdict on theme %(number)d: %(title)s") % words, "theme", (theme.number,), SECRETARIAT,
            when=theme.verdict_due_on,
        )  # fmt: skip
    chosen = institution.themes.filter(status=ThemeStatus.CHOSEN, cycle__isnull=True).order_by("number")
    for theme in chosen:
        words = {"number": theme.number, "title": theme.title}
        text = _("Open a cycle on theme %(number)d: %(title)s") % words
        yield Task(text, "theme_cycle", (theme.number,), SECRETARIAT)
    voted = AgendaOption.objects.filter(
        choice__institution=institution, choice__ballot__closed_at__isnull=True
    )
    free = institution.themes.to_choose().exclude(pk__in=voted.values("theme"))
    if free.count() >= MANY and choosing.choosing_cycle(institution) is not None:
        yield Task(_("Let the members choose a theme"), "agenda_ballot", (), SECRETARIAT)
