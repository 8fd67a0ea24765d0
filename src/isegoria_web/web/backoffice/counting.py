"""Opening a ballot box: one person proposes it, a second one confirms, and only then is counted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.office import Caution, Office, decide_on

COUNTERS = (Role.SECRETARIAT, Role.FACILITATOR, Role.OBSERVER)
"""Who may be one of the two; one of them belongs to the secretariat."""


def page_of(office: Office, cycle: Cycle, number: int) -> str:
    """Return where whoever counts is led back to: an observer has no page of drafts, she reads the public one."""
    if office.has(Role.SECRETARIAT, Role.FACILITATOR):
        return office.url("recommendation", cycle.number, number)
    return reverse("public:recommendation", args=[office.institution.slug, cycle.number, number])


def count_together(office: Office, cycle: Cycle, ballot: Ballot, title: str, back: str) -> HttpResponse:
    """Show the page of the first or of the second person, and act on it; afterwards lead to the address `back`."""
    first = ballot.closing_proposed_by
    second = first is not None and first != office.actor.user

    def done(_made: object) -> HttpResponse:
        if second:
            office.say(_("The box is closed and counted."))
        else:
            office.say(
                _("Proposed. A second person now confirms on this page; then the papers are counted.")
            )
        return redirect(back)

    consequences = [
        _(
            "Two persons open the box: one proposes, another confirms. One of them belongs to the secretariat."
        ),
        _("The papers are counted once, and the sums are published."),
        _("Every voter can find her receipt on the public list."),
    ]
    act = ballots.close_ballot if second else ballots.propose_closing
    return decide_on(
        office,
        cycle,
        caution=Caution(
            title=title,
            consequences=consequences,
            submit=_("Confirm and count") if second else _("Propose to count"),
            facts={_("The ballot closes"): ballot.closes_at, **_who(first)},
        ),
        act=lambda: act(actor=office.actor, ballot=ballot),
        done=done,
        back=back,
    )


def _who(first: Any) -> dict[str, Any]:
    return {} if first is None else {_("Proposed by"): str(first)}
