from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Max, QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import FROM_AUTHORITY
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.guards import missing_of
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.moving import advance
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import Fact, record
from isegoria_web.lottery.enums import DrawKind, DrawStatus, SelectionKind
from isegoria_web.lottery.models import Draw, Selection
from isegoria_web.membership import algorithms, policies
from isegoria_web.membership.cutting import cut_off
from isegoria_web.membership.enums import HOLDING, AlternateStatus, EndReason, TermStatus
from isegoria_web.membership.errors import (
    DecisionNeeded,
    NoLongerSeated,
    NotDrawnYet,
    NotFinalYet,
    NotWaiting,
    SeatNotOffered,
    SeatsOffered,
    SeatsStayVacant,
)
from isegoria_web.membership.models import Alternate, Member, Seat, SeatException, Term
from isegoria_web.membership.rotating import release, rotates
from isegoria_web.recruitment.enums import Need
from isegoria_web.recruitment.letter_languages import reading
from isegoria_web.recruitment.models import Respondent

ANSWER_DAYS = 7
"""How long a seat is on offer."""
MORE_DAYS = 14
"""How long for those who need somebody else to answer at all: an interpreter, or large print by post."""
OWN_WILL = frozenset({EndReason.RESIGNATION, EndReason.DECLINED, EndReason.TERM})
"""Why somebody leaves a seat without a decision of others."""
SLOWER = frozenset({Need.SIGN_LANGUAGE, Need.INTERPRETER, Need.LARGE_PRINT})


def offer_seats(*, actor: Actor, draw: Draw) -> list[Term]:
    """Offer a seat to everybody who was drawn, and put the alternates in their drawn order.

    Who withdrew after the pool was frozen counts as having declined: the alternate is asked in the same moment.
    After a replacement draw its alternates also fill the seats that have fallen vacant since it was announced.

    Returns
    -------
    list of Term
        The offers that stand.

    Raises
    ------
    NotDrawnYet
        If nobody was drawn.
    NotFinalYet
        While anybody can object to the draw: a seat that was offered cannot be taken back.
    SeatsOffered
        If it has been done.
    SeatsStayVacant
        If a replacement comes after the meeting up to which the rule book fills seats.
    """
    require(policies.may_offer_seats(actor, draw))
    require_cycle_at_work(draw.cycle)
    with transaction.atomic():
        Draw.objects.select_for_update().get(pk=draw.pk)
        draw = Draw.objects.select_related("cycle__institution", "cycle__body").get(pk=draw.pk)
        if draw.kind == DrawKind.LETTERS or not draw.is_drawn:
            raise NotDrawnYet
        if draw.status != DrawStatus.FINAL:
            raise NotFinalYet
        if Member.objects.filter(selection__draw=draw).exists():
            raise SeatsOffered
        if draw.kind == DrawKind.REPLACEMENT and cut_off(draw.cycle) is not None:
            raise SeatsStayVacant
        if draw.kind == DrawKind.ROTATION:
            release(draw.rotation)
        selections = draw.selections.select_related("entry__respondent", "entry__first__respondent")
        _line_up(draw, selections.filter(kind=SelectionKind.ALTERNATE).order_by("position"))
        drawn = selections.filter(kind=SelectionKind.MEMBER).order_by("position")
        offered = [_offer(draw.cycle, _free_seat(draw.cycle), selection) for selection in drawn]
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.SEATS_OFFERED, subject=draw,
            facts={
                "cycle": draw.cycle.number,
                "seats": len(offered),
                **({} if draw.kind == DrawKind.PANEL else {"kind": draw.kind, "draw": draw.number}),
            },
        )  # fmt: skip
        if draw.kind != DrawKind.PANEL:
            for left in vacated(draw.cycle):
                _move_up(actor, draw.cycle, left)
        today = clock.today(draw.cycle.institution.time_zone)
        for term in [each for each in offered if each.member.respondent.withdrawn_at]:
            leave_seat(actor=actor, term=term, reason=EndReason.DECLINED, on=today)
        return list(
            Term.objects.filter(member__selection__draw=draw, status=TermStatus.OFFERED).order_by(
                "member__number"
            )
        )


def accept_seat(*, actor: Actor, term: Term) -> Term:
    """Seat a member who said yes, and make her account; she sets her password by the reset page.

    Raises
    ------
    SeatNotOffered
        If the seat is not on offer to her.
    """
    require(policies.may_accept_seat(actor, term))
    with transaction.atomic():
        term = locked(term)
        if term.status != TermStatus.OFFERED:
            raise SeatNotOffered
        term.status = TermStatus.ACTIVE
        term.starts_on = max(
            clock.today(term.member.cycle.institution.time_zone), _free_from(term.seat) or date.min
        )
        term.save(update_fields=["status", "starts_on"])
        _make_account(term.member)
        record(
            actor=actor, institution=term.member.cycle.institution, action=Action.SEAT_TAKEN,
            subject=term.member,
            facts={"cycle": term.member.cycle.number, "seat": term.seat.number, "member": term.member.number},
        )  # fmt: skip
        _seated_when_nobody_is_asked(term.member.cycle)
        return term


def leave_seat(*, actor: Actor, term: Term, reason: EndReason, on: date) -> Term | None:
    """End a term; in the same moment the published rule names the alternate to whom the seat is offered.

    Returns
    -------
    Term or None
        The offer to the alternate; None if nobody waits any more, if the rule book fills no seat so late, or if the
        seat passes to who is drawn for the next rotation.

    Raises
    ------
    DecisionNeeded
        If it is not her own will: exclusion, loss of eligibility and death are decided with their rule.
    NoLongerSeated
        If the term has ended.
    """
    require(policies.may_leave_seat(actor, term))
    if reason not in OWN_WILL:
        raise DecisionNeeded
    return vacate(actor=actor, term=term, reason=reason, on=on)


def vacate(
    *, actor: Actor, term: Term, reason: EndReason, on: date, facts: Mapping[str, Fact] | None = None
) -> Term | None:
    """End a term and offer the seat to the alternate; called by the verbs that have checked who may.

    Parameters
    ----------
    facts
        What the journal says beside seat and reason. A death is told in neutral words.

    Raises
    ------
    NoLongerSeated
        If the term has ended.
    """
    with transaction.atomic():
        term = locked(term)
        today = clock.today(term.member.cycle.institution.time_zone)
        if term.status == TermStatus.ENDED or (term.ends_on is not None and term.ends_on <= today):
            raise NoLongerSeated
        only_offered = term.status == TermStatus.OFFERED
        until = term.starts_on if only_offered else max(on, term.starts_on)  # who was only asked never sat
        term.status, term.end_reason = TermStatus.ENDED, reason
        term.ends_on = min(until, term.ends_on or until)
        term.save(update_fields=["status", "end_reason", "ends_on"])
        cycle = term.member.cycle
        cut = cut_off(cycle)
        record(
            actor=actor, institution=cycle.institution, action=Action.SEAT_LEFT, subject=term.member,
            facts={
                "cycle": cycle.number, "seat": term.seat.number, "reason": _told(reason), **(facts or {}),
                **({} if cut is None else {"stays_vacant": cut.rule}),
            },
        )  # fmt: skip
        if reason == EndReason.DECLINED and term.member.selection is not None:
            Alternate.objects.filter(selection=term.member.selection).update(
                status=AlternateStatus.DECLINED
            )
        passes_on = term.leaves_in is not None and term.leaves_in.done_at is None
        offered = None if cut is not None or passes_on else _move_up(actor, cycle, term)
        _seated_when_nobody_is_asked(cycle)
        return offered


def withdraw_alternate(*, actor: Actor, alternate: Alternate) -> Alternate:
    """Take somebody who no longer wants to take part out of the alternates; the others keep their order.

    Raises
    ------
    NotWaiting
        If she does not wait: she has moved up, or has declined.
    """
    require(policies.may_offer_seats(actor, alternate.selection.draw))
    with transaction.atomic():
        Alternate.objects.select_for_update().get(pk=alternate.pk)
        alternate = Alternate.objects.select_related("cycle__institution", "selection__draw").get(
            pk=alternate.pk
        )
        if alternate.status != AlternateStatus.WAITING:
            raise NotWaiting
        alternate.status = AlternateStatus.DECLINED
        alternate.save(update_fields=["status"])
        record(
            actor=actor, institution=alternate.cycle.institution, action=Action.PARTICIPATION_WITHDRAWN,
            subject=alternate.selection.draw, facts={"alternate": alternate.position},
        )  # fmt: skip
        return alternate


def end_broken_off(actor: Actor, cycle: Cycle) -> None:
    """End the terms of a cycle that is broken off; in a body that rotates they last as long as the body.

    Follows the verb that breaks it off, which has checked who may.
    """
    if rotates(cycle):
        return
    held = Term.objects.filter(member__cycle=cycle, status__in=HOLDING)
    ended, today = _end_now(held, cycle.institution, EndReason.BROKEN_OFF)
    record(
        actor=actor, institution=cycle.institution, action=Action.TERMS_ENDED, subject=cycle,
        facts={
            "cycle": cycle.number, "seats": ended, "on": today.isoformat(), "broken_off": True,
            "rules": {"on": FROM_AUTHORITY},
        },
    )  # fmt: skip


def end_abolished(actor: Actor, institution: Institution) -> None:
    """End every term of an institution that is abolished; follows the verb that does it, which has checked who may."""
    held = Term.objects.filter(member__cycle__institution=institution, status__in=HOLDING)
    ended, today = _end_now(held, institution, EndReason.ABOLISHED)
    record(
        actor=actor, institution=institution, action=Action.TERMS_ENDED, subject=institution,
        facts={"seats": ended, "on": today.isoformat(), "abolished": True, "rules": {"on": FROM_AUTHORITY}},
    )  # fmt: skip


def end_terms(*, actor: Actor, cycle: Cycle) -> int:
    """End the terms of everybody who sits in a cycle, when its mandate is fulfilled; returns how many.

    Offers that nobody has answered lapse: who was only asked never sat, and is not counted.
    In a body that rotates none ends: its terms end on the days of the rule book.

    Called by the verb that hands over the report, which has checked who may.
    """
    if rotates(cycle):
        return 0
    with transaction.atomic():
        held = Term.objects.filter(member__cycle=cycle, status__in=HOLDING)
        ended, today = _end_now(held, cycle.institution, EndReason.TERM)
        record(
            actor=actor, institution=cycle.institution, action=Action.TERMS_ENDED, subject=cycle,
            facts={
                "cycle": cycle.number, "seats": ended, "on": today.isoformat(),
                "rules": {"on": algorithms.mandate_ground(cycle)},
            },
        )  # fmt: skip
        return ended


def _end_now(holding: QuerySet[Term], institution: Institution, reason: EndReason) -> tuple[int, date]:
    """End terms today and let open offers lapse; return how many people had taken their seat, and the day."""
    today = clock.today(institution.time_zone)
    offered = holding.filter(status=TermStatus.OFFERED)
    offered.update(status=TermStatus.ENDED, end_reason=EndReason.LAPSED, ends_on=F("starts_on"))
    keys = list(holding.filter(status=TermStatus.ACTIVE).values_list("pk", flat=True))
    Term.objects.filter(pk__in=keys, starts_on__gt=today).update(
        starts_on=today
    )  # who was to sit later never does
    found = Term.objects.filter(pk__in=keys)
    return found.update(status=TermStatus.ENDED, end_reason=reason, ends_on=today), today


# -- the parts of the verbs ----------------------------------------------------------------------------


def _line_up(draw: Draw, selections: Iterable[Selection]) -> None:
    """Put the alternates of a draw behind those who were drawn as such before, in their order."""
    behind = Alternate.objects.filter(cycle=draw.cycle).aggregate(last=Max("position"))["last"] or 0
    for selection in selections:
        respondent = selection.entry.original.respondent
        Alternate.objects.create(
            cycle=draw.cycle, selection=selection, respondent=respondent,
            position=behind + selection.position,
            status=AlternateStatus.DECLINED if respondent.withdrawn_at else AlternateStatus.WAITING,
        )  # fmt: skip


def vacated(cycle: Cycle) -> list[Term]:
    """Return the last term on every seat of a cycle that nobody holds or is offered, in the order of the seats."""
    held = Term.objects.filter(status__in=HOLDING).values("seat")
    terms = Term.objects.filter(status=TermStatus.ENDED).exclude(seat__in=held)
    terms = terms.filter(seat__body=cycle.body) if rotates(cycle) else terms.filter(member__cycle=cycle)
    last = {term.seat_id: term for term in terms.select_related("seat", "member").order_by("ends_on", "pk")}
    return sorted(last.values(), key=lambda term: term.seat.number)


def offer(
    cycle: Cycle,
    seat: Seat,
    person: Respondent,
    features: Mapping[str, str],
    **origin: Selection | SeatException,
) -> Term:
    """Make a member and offer her a seat; called by the verbs that have checked who may.

    Parameters
    ----------
    origin
        What brought her in: her `selection` by lot, or her `exception`.
    """
    others = Member.objects.filter(cycle__body=cycle.body) if rotates(cycle) else cycle.members.all()
    highest = others.aggregate(highest=Max("number"))["highest"] or 0
    member = Member.objects.create(
        cycle=cycle,
        number=highest + 1,
        respondent=person,
        features=dict(features),
        pseudonym=_pseudonym_of(person),
        **origin,
    )
    today = clock.today(cycle.institution.time_zone)
    slower = bool(SLOWER & set(member.respondent.needs))
    return Term.objects.create(
        seat=seat,
        member=member,
        starts_on=today,
        answer_by=today + timedelta(days=MORE_DAYS if slower else ANSWER_DAYS),
    )


def _offer(cycle: Cycle, seat: Seat, selection: Selection) -> Term:
    entry = selection.entry
    return offer(cycle, seat, entry.original.respondent, entry.features, selection=selection)


def _pseudonym_of(respondent: Respondent) -> str:
    resident = respondent.invitation.resident
    return resident.pseudonym if resident is not None else ""


def _free_from(seat: Seat) -> date | None:
    """Return the day on which whoever left a seat no longer sits on it: a seat has one holder on every day."""
    return max(
        (day for day in Term.objects.held().filter(seat=seat).values_list("ends_on", flat=True) if day),
        default=None,
    )


def _told(reason: EndReason) -> str:
    """Return how the journal tells why a seat was left: a death in neutral words, as `Term.left_in_words`."""
    return "vacant" if reason == EndReason.DEATH else reason.value


def _free_seat(cycle: Cycle) -> Seat:
    empty = vacated(cycle)
    if empty:
        return empty[0].seat
    taken = Term.objects.filter(status__in=HOLDING).values("seat")
    free = Seat.objects.filter(body=cycle.body).exclude(pk__in=taken).order_by("number").first()
    if free is not None:
        return free
    return Seat.objects.create(body=cycle.body, number=cycle.body.seats.count() + 1)


def _move_up(actor: Actor, cycle: Cycle, left: Term) -> Term | None:
    chosen = next(
        (found for each in _lines(cycle) if (found := _next_of(each, left.member.features)) is not None),
        None,
    )
    if chosen is None:
        return None
    chosen.status = AlternateStatus.MOVED_UP
    chosen.save(update_fields=["status"])
    offered = _offer(chosen.cycle, left.seat, chosen.selection)
    record(
        actor=actor, institution=cycle.institution, action=Action.ALTERNATE_MOVED_UP, subject=offered.member,
        facts={
            "cycle": cycle.number,
            "seat": left.seat.number,
            "entry": chosen.selection.entry.code,
            "position": chosen.position,
            "rule": algorithms.RULE,
        },
    )  # fmt: skip
    return offered


def _lines(cycle: Cycle) -> list[Cycle]:
    """Return the cycles whose alternates are asked in turn: her own, then in a body that rotates the newest first."""
    if not rotates(cycle):
        return [cycle]
    others = Cycle.objects.filter(body=cycle.body).exclude(pk=cycle.pk).order_by("-number")
    return [cycle, *others.select_related("institution", "body", "rule_book")]


def _next_of(cycle: Cycle, vacated: Mapping[str, str]) -> Alternate | None:
    waiting = Alternate.objects.filter(cycle=cycle, status=AlternateStatus.WAITING)
    related = (
        "cycle__institution",
        "cycle__body",
        "cycle__rule_book",
        "selection__entry__first__respondent",
    )
    return algorithms.who_moves_up(vacated, waiting.select_related(*related).order_by("position"))


def locked(term: Term) -> Term:
    """Return a term as it stands now, which nobody else changes until the transaction ends."""
    Term.objects.select_for_update().get(pk=term.pk)
    related = (
        "seat",
        "leaves_in",
        "member__cycle__institution",
        "member__respondent",
        "member__selection__entry",
    )
    return Term.objects.select_related(*related).get(pk=term.pk)


def _make_account(member: Member) -> None:
    email = member.respondent.email
    if member.user_id is not None or not email:
        return  # without an e-mail address she takes part on paper and at the table
    if Member.objects.filter(cycle=member.cycle, user__email__iexact=email).exists():
        return  # two members share the address: one account is one vote, so the second needs an address of her own
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(
            email=email,
            name=member.respondent.name,
            language=reading(member.cycle, member.respondent.language).fixed,  # one that the pages speak
        )
    member.user = user
    member.save(update_fields=["user"])


def _seated_when_nobody_is_asked(cycle: Cycle) -> None:
    """Reach the next stage, as the software, once every seat that was offered is answered, and somebody sits."""
    cycle = Cycle.objects.select_related("institution", "body", "rule_book").get(pk=cycle.pk)
    if cycle.stage == Stage.DRAWING and not missing_of(cycle, CYCLE.verb("seat")):
        advance(actor=Actor.system(), cycle=cycle, to=Stage.SEATED)
