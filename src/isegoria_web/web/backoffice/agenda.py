"""What the agenda asks of the secretariat this morning."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.consultation import choosing, policies
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.consultation.models import AgendaOption
from isegoria_web.institutions.models import Institution
from isegoria_web.web.backoffice.morning import SECRETARIAT, Task

MANY = 2


def agenda_tasks(institution: Institution) -> Iterator[Task]:
    """Yield the verdicts that are due, the choice that can be made, and chosen themes that wait for their cycle."""
    asking = institution.themes.filter(
        status__in=[ThemeStatus.WAITING, ThemeStatus.SUPPORTED, ThemeStatus.CHOSEN], cycle__isnull=True
    )
    supported = []
    for theme in asking.select_related("institution", "rule_book").order_by("proposed_at", "pk"):
        words = {"number": theme.number, "title": theme.title}
        if theme.status == ThemeStatus.WAITING:
            text = (
                _("Give the verdict on theme %(number)d: %(title)s")
                if policies.judging_body(theme) is None
                else _(
                    "The members of the body that judges have given no verdict on theme %(number)d: %(title)s"
                )
            ) % words
            yield Task(text, "theme", (theme.number,), SECRETARIAT, when=theme.verdict_due_on)
        elif theme.status == ThemeStatus.CHOSEN:
            text = _("Open a cycle on theme %(number)d: %(title)s") % words
            yield Task(text, "theme_cycle", (theme.number,), SECRETARIAT)
        else:
            supported.append(theme.pk)
    if len(supported) >= MANY and _can_be_put(institution, supported):
        yield Task(_("Let the members choose a theme"), "agenda_ballot", (), SECRETARIAT)


def _can_be_put(institution: Institution, supported: list[int]) -> bool:
    """Return whether members sit who choose, and two themes are not being voted on."""
    voted = AgendaOption.objects.filter(theme__in=supported, choice__ballot__status=BallotStatus.OPEN)
    free = set(supported) - set(voted.values_list("theme", flat=True))
    return len(free) >= MANY and choosing.choosing_cycle(institution) is not None
