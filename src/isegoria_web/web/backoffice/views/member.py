"""One member for the secretariat: her seat, and what is decided about it, with rule, second person and day."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.algorithms import name_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership import decisions
from isegoria_web.membership.algorithms import hearing_rule, rules_for
from isegoria_web.membership.enums import DecisionKind, TermStatus
from isegoria_web.membership.models import Alternate, Member, SeatDecision, Term
from isegoria_web.membership.policies import may_confirm_decision
from isegoria_web.web.backoffice.forms.seats import DecisionForm, RuleForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


def _member_or_404(cycle: Cycle, number: int) -> Member:
    found = cycle.members.select_related("respondent", "user", "cycle__institution")
    return get_object_or_404(found, number=number)


def _decision_or_404(cycle: Cycle, decision: UUID) -> SeatDecision:
    related = ("term__seat", "term__member__respondent", "term__member__cycle__institution")
    return get_object_or_404(
        SeatDecision.objects.select_related(*related), public_id=decision, term__member__cycle=cycle
    )


def _rules(cycle: Cycle, kind: DecisionKind) -> list[tuple[str, str]]:
    """Return the rules to choose from, by id and name."""
    language = get_language() or "en"
    found = rules_for(cycle.rule_book, cycle.body.key, kind)
    return [(rule, f"{name_of(rule, language)} ({rule})") for rule in found]


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def member(office: Office, cycle: int, member: int) -> HttpResponse:
    """Show one member, her terms, what was decided, and what can be."""
    found = office.cycle(cycle)
    one = _member_or_404(found, member)
    terms = one.terms.select_related("seat__body").prefetch_related(
        "decisions__proposed_by", "decisions__decided_by"
    )
    held = [term for term in terms if term.status == TermStatus.ACTIVE]
    waiting = SeatDecision.objects.waiting().filter(term__member=one).first()
    return office.page(
        "member",
        found,
        member=one,
        terms=terms,
        held=held[0] if held else None,
        waiting=waiting,
        mine=waiting is not None and not may_confirm_decision(office.actor, waiting),
        suspended=SeatDecision.objects.suspending_on(office.today()).filter(term__in=held).first(),
        kinds=DecisionKind,
    )


@for_office(Role.SECRETARIAT)
def decide(office: Office, cycle: int, member: int, kind: str) -> HttpResponse:
    """Decide about a seat that is held, or propose it to a second person."""
    found = office.cycle(cycle)
    if kind not in DecisionKind.values:
        raise Http404
    chosen = DecisionKind(kind)
    one = _member_or_404(found, member)
    term = (
        one.terms.filter(status=TermStatus.ACTIVE)
        .select_related("seat", "member__cycle__institution")
        .first()
    )
    if term is None:
        raise Http404
    rules = _rules(found, chosen)
    by_two = chosen in decisions.BY_TWO

    def decided(_made: object) -> HttpResponse:
        if by_two:
            office.say(_("It is proposed. A colleague of the secretariat confirms it."))
        else:
            office.say(_next_on(term))
        return office.to("member", found.number, member)

    return act_on(
        office,
        found,
        form=DecisionForm(
            office.data,
            kind=chosen,
            rules=rules,
            hearing_asked=hearing_rule(found.rule_book, found.body.key) is not None,
            initial={"starts_on": office.today()},
        ),
        act=lambda data: (
            decisions.resign(actor=office.actor, term=term, on=data["starts_on"], reason=data["reason"])
            if chosen == DecisionKind.RESIGNATION
            else decisions.decide_seat(actor=office.actor, term=term, kind=chosen, **data)
        ),
        done=decided,
        caution=None if by_two else lambda data: _caution(chosen, member, data),
        template="seat_decision",
        heading=_heading(chosen, member),
        lead=one.respondent.name,
        silent=chosen in decisions.WITH_REASON and not rules,
        by_two=by_two,
        submit=_("Propose it to a second person") if by_two else _("Go on"),
        back=office.url("member", found.number, member),
    )


def _heading(kind: DecisionKind, member: int) -> str:
    sentences = {
        DecisionKind.RESIGNATION: _("Member %(number)d resigns"),
        DecisionKind.INELIGIBLE: _("Member %(number)d can no longer be a member"),
        DecisionKind.SUSPENSION: _("Suspend member %(number)d"),
        DecisionKind.EXCLUSION: _("Exclude member %(number)d"),
        DecisionKind.DEATH: _("Member %(number)d has died"),
    }
    return sentences[kind] % {"number": member}


def _caution(kind: DecisionKind, member: int, data: dict[str, object]) -> Caution:
    public = _("In public stand seat, day and rule, and no name.")
    if kind == DecisionKind.DEATH:
        public = _("In public stands only that the seat fell vacant.")
    return Caution(
        title=_("Free the seat of member %(number)d?") % {"number": member},
        consequences=[
            _("The term ends and cannot be taken up again."),
            _("In the same moment the published rule names the alternate who moves up."),
            public,
        ],
        submit=_("Free the seat"),
        facts={_("Reason"): kind.label, _("From"): data["starts_on"]},
    )


def _next_on(term: Term) -> str:
    """Say what became of the seat."""
    offer = Term.objects.filter(seat=term.seat, status=TermStatus.OFFERED).select_related("member").first()
    if offer is None:
        return _("The seat is free. No alternate waits any more.")
    number = {"number": offer.member.number}
    return _("The seat is offered to the alternate, now member %(number)d.") % number


@for_office(Role.SECRETARIAT)
def confirm(office: Office, cycle: int, decision: UUID) -> HttpResponse:
    """Confirm, as the second person, a suspension or an exclusion."""
    found = office.cycle(cycle)
    one = _decision_or_404(found, decision)
    number = one.term.member.number

    def confirmed(made: SeatDecision) -> HttpResponse:
        office.say(
            _("The member is suspended and keeps the seat.")
            if made.kind == DecisionKind.SUSPENSION
            else _next_on(made.term)
        )
        return office.to("member", found.number, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_heading(DecisionKind(one.kind), number),
            lead=one.term.member.respondent.name,
            consequences=[
                _("From this moment the member cannot vote, write or sign, and keeps the seat.")
                if one.kind == DecisionKind.SUSPENSION
                else _("The term ends, and the published rule names the alternate who moves up."),
                _("In public stand seat, day and rule, and no name."),
            ],
            submit=_("Confirm it, as the second person"),
            facts={_("From"): max(one.starts_on, office.today()), _("Proposed by"): one.proposed_by.name},
        ),
        act=lambda: decisions.confirm_decision(actor=office.actor, decision=one),
        done=confirmed,
        back=office.url("member", found.number, number),
    )


@for_office(Role.SECRETARIAT)
def withdraw(office: Office, cycle: int, decision: UUID) -> HttpResponse:
    """Withdraw the proposal of a suspension or an exclusion."""
    found = office.cycle(cycle)
    one = _decision_or_404(found, decision)
    number = one.term.member.number

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Withdraw the proposal?"),
            consequences=[
                _("Its reason is erased at once. That there was a proposal stays in the journal.")
            ],
            submit=_("Withdraw it"),
        ),
        act=lambda: decisions.withdraw_decision(actor=office.actor, decision=one),
        done=office.then(
            _("The proposal is withdrawn, and what was held against the member is erased."),
            "member",
            found.number,
            number,
        ),
        back=office.url("member", found.number, number),
    )


@for_office(Role.SECRETARIAT)
def resume(office: Office, cycle: int, decision: UUID) -> HttpResponse:
    """End a suspension today."""
    found = office.cycle(cycle)
    one = _decision_or_404(found, decision)
    number = one.term.member.number

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("End the suspension of member %(number)d today?") % {"number": number},
            consequences=[_("From this moment the member may act again.")],
            submit=_("End the suspension"),
            irreversible=False,
        ),
        act=lambda: decisions.end_suspension(actor=office.actor, decision=one),
        done=office.then(_("The suspension has ended."), "member", found.number, number),
        back=office.url("member", found.number, number),
    )


@for_office(Role.SECRETARIAT)
def alternate_ineligible(office: Office, cycle: int, position: int) -> HttpResponse:
    """Record that an alternate can no longer be a member."""
    found = office.cycle(cycle)
    one = get_object_or_404(
        Alternate.objects.select_related("respondent", "selection__draw__cycle__institution"),
        cycle=found, position=position,
    )  # fmt: skip

    rules = _rules(found, DecisionKind.INELIGIBLE)
    return act_on(
        office,
        found,
        form=RuleForm(office.data, rules=rules),
        act=lambda data: decisions.find_ineligible(actor=office.actor, alternate=one, **data),
        done=office.then(
            _("The alternate at place %(place)d no longer waits.") % {"place": position},
            "seats",
            found.number,
        ),
        template="seat_decision",
        heading=_("The alternate at place %(place)d can no longer be a member") % {"place": position},
        lead=one.respondent.name,
        silent=not rules,
        submit=_("Take the name off"),
        back=office.url("seats", found.number),
    )
