"""The calls to those who were drawn: a caller sees her own, the secretariat sees and shares out all."""

from __future__ import annotations

import logging

from django.http import Http404, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership import calls as services
from isegoria_web.membership.calls import Call
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term
from isegoria_web.recruitment.enums import Outcome, Way
from isegoria_web.web.backoffice.forms.seats import CallForm, ShareForm, TimeForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office

log = logging.getLogger("isegoria_web.access")


@for_office(Role.SECRETARIAT, Role.CALLER, methods=("GET", "HEAD"))
def calls(office: Office, cycle: int) -> HttpResponse:
    """Show whom to call, the most urgent first."""
    found = office.cycle(cycle)
    everybody = office.has(Role.SECRETARIAT)
    listed = services.calls_of(found, None if everybody else office.actor.user)
    _note_view(office, found, len(listed))
    return office.page(
        "calls",
        found,
        calls=listed,
        replace=[call for call in listed if call.may_be_replaced],
        unshared=sum(call.term.caller_id is None for call in listed),
        can_share=everybody and bool(listed),
    )


@for_office(Role.SECRETARIAT)
def share(office: Office, cycle: int) -> HttpResponse:
    """Share out the calls that nobody has."""
    found = office.cycle(cycle)

    def shared(count: int) -> HttpResponse:
        office.say(
            ngettext("%(count)d call is given out.", "%(count)d calls are given out.", count)
            % {"count": count}
        )
        return office.to("calls", found.number)

    return act_on(
        office,
        found,
        form=ShareForm(office.data, callers=services.callers_of(found)),
        act=lambda data: services.share_out(actor=office.actor, cycle=found, callers=data["callers"]),
        done=shared,
        heading=_("Share out the calls"),
        lead=_(
            "Every call that nobody has goes to one of those you choose. A caller sees the people given to her, and nobody else."
        ),
        submit=_("Share them out"),
        back=office.url("calls", found.number),
    )


@for_office(Role.SECRETARIAT, Role.CALLER)
def call(office: Office, cycle: int, member: int) -> HttpResponse:
    """Show one person to call, the tries so far, and take down what came of the next one."""
    found = office.cycle(cycle)
    shown = _call_or_404(office, found, member)
    _note_view(office, found, 1)

    def noted(term: Term) -> HttpResponse:
        office.say(_said(term))
        return office.to("calls", found.number)

    return act_on(
        office,
        found,
        form=CallForm(office.data),
        template="call",
        act=lambda data: services.note_call(
            actor=office.actor,
            term=shown.term,
            way=Way(data["way"]),
            outcome=Outcome(data["outcome"]),
            call_back_at=data["call_back_at"],
            note=data["note"],
        ),
        done=noted,
        call=shown,
        person=shown.term.member.respondent,
        back=office.url("calls", found.number),
    )


@for_office(Role.SECRETARIAT)
def time(office: Office, cycle: int, member: int) -> HttpResponse:
    """Give somebody more time to answer."""
    found = office.cycle(cycle)
    shown = _call_or_404(office, found, member)

    def given(term: Term) -> HttpResponse:
        day = date_format(term.answer_by, "DATE_FORMAT") if term.answer_by else ""
        office.say(_("Member %(number)d can answer until %(day)s.") % {"number": member, "day": day})
        return office.to("call", found.number, member)

    return act_on(
        office,
        found,
        form=TimeForm(office.data),
        act=lambda data: services.give_time(actor=office.actor, term=shown.term, until=data["until"]),
        done=given,
        heading=_("More time for member %(number)d") % {"number": member},
        lead=shown.term.member.respondent.name,
        submit=_("Give more time"),
        back=office.url("call", found.number, member),
    )


def _call_or_404(office: Office, cycle: Cycle, member: int) -> Call:
    mine = None if office.has(Role.SECRETARIAT) else office.actor.user
    for each in services.calls_of(cycle, mine):
        if each.term.member.number == member:
            return each
    raise Http404


def _said(term: Term) -> str:
    if term.status == TermStatus.ACTIVE:
        return _("Member %(number)d has taken the seat.") % {"number": term.member.number}
    if term.status == TermStatus.ENDED:
        return _("Member %(number)d declines. The next one in the drawn order is asked.") % {
            "number": term.member.number
        }
    return _("It is written down.")


def _note_view(office: Office, cycle: Cycle, people: int) -> None:
    """Leave a line in the log about who looked at how many people: their number, not their names."""
    log.info(
        "person %s saw %d people to call, institution %s, cycle %d",
        office.actor.user.pk if office.actor.user else "-", people, office.institution.slug, cycle.number,
    )  # fmt: skip
