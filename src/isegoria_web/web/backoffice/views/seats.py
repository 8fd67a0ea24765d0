"""Seats offered, confirmed, left; the roster with names, which only the secretariat sees."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Draw
from isegoria_web.membership import services
from isegoria_web.membership.cutting import cut_off
from isegoria_web.membership.enums import HOLDING, AlternateStatus, EndReason, TermStatus
from isegoria_web.membership.models import Alternate, SeatDecision, Term
from isegoria_web.web.backoffice.forms.seats import DeclineForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


def _to_offer(cycle: Cycle) -> Draw | None:
    """Return the first draw of people whose seats have not been offered yet."""
    found = Draw.objects.filter(cycle=cycle).drawn().of_people().exclude(selections__member__isnull=False)
    return found.select_related("cycle__institution", "cycle__body").order_by("number").first()


def _drawn_or_404(cycle: Cycle) -> Draw:
    every = Draw.objects.filter(cycle=cycle).drawn().of_people().order_by("-number")
    draw = _to_offer(cycle) or every.select_related("cycle__institution", "cycle__body").first()
    if draw is None:
        raise Http404
    return draw


def _term_or_404(cycle: Cycle, number: int) -> Term:
    found = Term.objects.of(cycle).filter(member__number=number, status__in=HOLDING)
    term = found.select_related("seat__body", "member__cycle__institution", "member__respondent").first()
    if term is None:
        raise Http404
    return term


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def seats(office: Office, cycle: int) -> HttpResponse:
    """Show who sits where, who was offered a seat, and who waits as an alternate."""
    found = office.cycle(cycle)
    terms = Term.objects.of(found).select_related("seat", "member__respondent", "member__user")
    suspended = Prefetch(
        "decisions", SeatDecision.objects.suspending_on(office.today()), to_attr="suspensions_today"
    )
    listed = list(terms.prefetch_related(suspended).order_by("member__number", "pk"))
    alternates = Alternate.objects.filter(cycle=found).select_related("respondent", "selection__entry")
    return office.page(
        "seats",
        found,
        offered=[term for term in listed if term.status == TermStatus.OFFERED],
        active=[term for term in listed if term.status == TermStatus.ACTIVE],
        ended=[term for term in listed if term.status == TermStatus.ENDED],
        alternates=alternates.order_by("position"),
        draw=_to_offer(found),
        vacant=services.vacated(found),
        waiting=alternates.filter(status=AlternateStatus.WAITING).exists(),
        cut=cut_off(found),
        replacement=Draw.objects.filter(cycle=found, kind=DrawKind.REPLACEMENT).under_way().first(),
        exceptions=found.seat_exceptions.filter(withdrawn_at__isnull=True).select_related("member"),
    )


@for_office(Role.SECRETARIAT)
def offer(office: Office, cycle: int) -> HttpResponse:
    """Offer a seat to everybody who was drawn."""
    found = office.cycle(cycle)
    draw = _drawn_or_404(found)

    def offered(terms: list[Term]) -> HttpResponse:
        office.say(_("%(count)d seats are offered. Write down each yes here.") % {"count": len(terms)})
        return office.to("seats", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Offer %(count)d seats") % {"count": draw.size},
            consequences=[
                _("Everybody who was drawn gets a member number, and you see the names."),
                _("The alternates keep the order in which they were drawn."),
            ],
            submit=_("Offer the seats"),
        ),
        act=lambda: services.offer_seats(actor=office.actor, draw=draw),
        done=offered,
        back=office.url("seats", found.number),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def accept(office: Office, cycle: int, member: int) -> HttpResponse:
    """Write down that somebody takes the seat."""
    found = office.cycle(cycle)
    services.accept_seat(actor=office.actor, term=_term_or_404(found, member))
    office.say(_("Member %(number)d has taken the seat.") % {"number": member})
    return office.to("seats", found.number)


@for_office(Role.SECRETARIAT)
def leave(office: Office, cycle: int, member: int) -> HttpResponse:
    """Record that somebody declines the seat; an alternate moves up at once. Who sits leaves by a decision."""
    found = office.cycle(cycle)
    term = _term_or_404(found, member)
    if term.status != TermStatus.OFFERED:
        return office.to("member", found.number, member)

    def left(moved_up: Term | None) -> HttpResponse:
        office.say(next_in_words(moved_up))
        return office.to("seats", found.number)

    return act_on(
        office,
        found,
        form=DeclineForm(office.data, initial={"on": office.today()}),
        act=lambda data: services.leave_seat(
            actor=office.actor, term=term, reason=EndReason(data["reason"]), on=data["on"]
        ),
        done=left,
        caution=lambda data: Caution(
            title=_("Free the seat of member %(number)d?") % {"number": member},
            consequences=[
                _("The term ends and cannot be taken up again."),
                _("In the same moment the published rule names the alternate who moves up."),
                _("The journal shows seat, day and reason, and no name."),
            ],
            submit=_("Free the seat"),
            facts={_("Reason"): EndReason(data["reason"]).label, _("From"): data["on"]},
        ),
        heading=_("Member %(number)d declines the seat") % {"number": member},
        lead=term.member.respondent.name,
        submit=_("Go on"),
        back=office.url("seats", found.number),
    )


def next_in_words(moved_up: Term | None) -> str:
    """Say what becomes of a seat that somebody left."""
    if moved_up is None:
        return _("The seat is free. No alternate waits any more.")
    number = {"number": moved_up.member.number}
    return _("The seat is offered to the alternate, now member %(number)d.") % number


@for_office(Role.SECRETARIAT)
def withdraw_alternate(office: Office, cycle: int, position: int) -> HttpResponse:
    """Record that somebody no longer waits as an alternate."""
    found = office.cycle(cycle)
    alternate = get_object_or_404(
        Alternate.objects.select_related("selection__draw__cycle__institution", "respondent"),
        cycle=found,
        position=position,
    )

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Does the alternate at place %(place)d no longer want to take part?")
            % {"place": position},
            lead=alternate.respondent.name,
            consequences=[_("The others keep the order in which they were drawn.")],
            submit=_("Yes, take the name off"),
        ),
        act=lambda: services.withdraw_alternate(actor=office.actor, alternate=alternate),
        done=office.then(
            _("The alternate at place %(place)d no longer waits.") % {"place": position},
            "seats",
            found.number,
        ),
        back=office.url("seats", found.number),
    )
