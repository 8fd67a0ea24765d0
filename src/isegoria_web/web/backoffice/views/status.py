"""The status of the institution: what it is, what comes next, and the authority's acts; breaking a cycle off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import moving, status
from isegoria_web.institutions.algorithms import PAUSE, rule_book_of
from isegoria_web.institutions.beginning import funding_changed
from isegoria_web.institutions.elections import pause_to_suspend_for, pauses
from isegoria_web.institutions.enums import Stage, Status
from isegoria_web.institutions.life import BEFORE_THE_REPORT, INSTITUTION
from isegoria_web.web.backoffice.forms.status import BreakingOffForm, StatusForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office
from isegoria_web.web.backoffice.steps import steps_of_institution


@for_office(Role.AUTHORITY, Role.SECRETARIAT, methods=("GET", "HEAD"))
def overview(office: Office) -> HttpResponse:
    """Show the status, since when and why, and for each next step what is missing."""
    institution = office.institution
    funding = institution.funding.order_by("-number").first()
    return office.page(
        "status",
        changes=list(institution.status_changes.select_related("rule_book").order_by("-number")),
        steps=steps_of_institution(institution, office.role),
        funding=funding,
        funding_changed=funding is not None and funding_changed(funding),
        pauses=pauses(institution),
        states=[(each, each.value == institution.status) for each in Status],
    )


@for_office(Role.AUTHORITY)
def change(office: Office, verb: str) -> HttpResponse:
    """Suspend, resume, review, renew or abolish, with reasons, after a warning."""
    if verb not in status.ACTIONS:
        raise Http404
    transition = INSTITUTION.verb(verb)
    version = office.institution.rule_books.latest("number")
    pause = pause_to_suspend_for(office.institution) if verb == "suspend" else None

    def done(_made: object) -> HttpResponse:
        office.say(_("The new status and your reasons are public."))
        return office.to("status")

    return act_on(
        office,
        None,
        form=StatusForm(
            office.data, initial={} if pause is None else {"rule": PAUSE, "until": pause.ends + timedelta(days=1)}, languages=office.languages, rules=list(rule_book_of(version).rules()), suspends=verb == "suspend",
        ),
        act=lambda data: status.change(actor=office.actor, institution=office.institution, verb=verb, **data),
        done=done,
        caution=lambda data: _caution(office, verb, str(transition.label), data),
        heading=str(transition.label),
        submit=_("Go on"),
        back=office.url("status"),
    )  # fmt: skip


def _caution(office: Office, verb: str, label: str, data: dict[str, Any]) -> Caution:
    return Caution(
        title=f"{label}?",
        consequences=[
            _("Everybody reads the new status and your reasons on the page of the institution."),
            *_consequences(office, verb),
        ],
        submit=label,
        facts={_("Reasons"): data["reasons"]},
        irreversible=verb == "abolish",
    )


def _consequences(office: Office, verb: str) -> list[str]:
    if verb == "suspend":
        return [
            _("Nothing new begins: no cycle, letters, draw, theme, signature, meeting or ballot."),
            _(
                "What was promised goes on: replies are taken, a draw that is announced falls, answers stay due."
            ),
        ]
    if verb != "abolish":
        return []
    open_ = office.institution.cycles.filter(stage__in=BEFORE_THE_REPORT).order_by("number")
    numbers = ", ".join(str(each) for each in open_.values_list("number", flat=True))
    broken_off = _("These cycles are broken off: %(numbers)s.") % {"numbers": numbers}
    return [
        *([broken_off] if numbers else []),
        _("Every term ends today. No letter is answered any more."),
        _("The authority still owes its answers to every report that was handed over."),
        _("Personal data go on their days. The records and the journal stay public."),
    ]


@for_office(Role.AUTHORITY)
def break_off(office: Office, cycle: int) -> HttpResponse:
    """End a cycle before its report, with reasons, after a warning."""
    found = office.cycle(cycle)

    def done(_made: object) -> HttpResponse:
        office.say(_("The cycle is broken off; your reasons are public."))
        return office.to("cycle", found.number)

    return act_on(
        office,
        found,
        form=BreakingOffForm(office.data, languages=office.languages),
        act=lambda data: moving.break_off(actor=office.actor, cycle=found, **data),
        done=done,
        caution=lambda data: Caution(
            title=_("Break this cycle off?"),
            consequences=[
                _("Everybody reads your reasons on the page of the cycle."),
                _("The terms of its members end today. No letter is answered any more."),
                _("Personal data go on their days. The records and the journal stay public."),
            ],
            submit=_("Break the cycle off"),
            facts={_("Stage"): Stage(found.stage).label, _("Reasons"): data["reasons"]},
        ),
        heading=_("Break the cycle off"),
        submit=_("Go on"),
        back=office.url("stage", found.number),
    )
