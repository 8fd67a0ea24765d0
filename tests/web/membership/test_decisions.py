"""Suspension, exclusion, loss of eligibility, death: by whom, by which rule, what becomes of the seat, what is public."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.membership import decisions, erasing
from isegoria_web.membership.decisions import (
    confirm_decision,
    decide_seat,
    end_suspension,
    find_ineligible,
    resign,
    withdraw_decision,
)
from isegoria_web.membership.enums import AlternateStatus, DecisionKind, EndReason, TermStatus
from isegoria_web.membership.errors import (
    AlreadySuspended,
    DecidedByTwo,
    DecisionClosed,
    DecisionOpen,
    HearingMissing,
    NoLongerSeated,
    NotSuspended,
    NotWaiting,
    ReasonMissing,
    RuleUnknown,
    SuspensionEndsTooSoon,
)
from isegoria_web.membership.models import Alternate, Member, SeatDecision, Term
from isegoria_web.membership.policies import sitting_member
from isegoria_web.membership.services import accept_seat
from isegoria_web.recruitment.models import Respondent
from tests.web import acts, factories
from tests.web.backoffice.support import Staff
from tests.web.factories import NOW

TODAY = NOW.date()
DAY = dt.timedelta(days=1)
EXCLUDES = "".join(
    f"[bodies.{rule}]\n" + "".join(f'{code} = "{text}"\n' for code in ("nl", "fr", "de", "en"))
    for rule, text in (("exclusion", "Three meetings missed"), ("suspension", "While a court decides"))
)
BOTH = [DecisionKind.SUSPENSION, DecisionKind.EXCLUSION]


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.DELIBERATING)


@pytest.fixture
def member(cycle) -> Member:
    return factories.make_members(cycle, alternates=2)[0]


@pytest.fixture
def term(member) -> Term:
    return member.terms.get()


@pytest.fixture
def colleague(institution) -> Actor:
    return factories.actor(institution, Role.SECRETARIAT)


def decide(actor, term, kind, **more):
    rule = {DecisionKind.INELIGIBLE: "draw.residence"}.get(kind, "")
    given = {"starts_on": TODAY, "reason": "Shouted at others.", "rule": rule}
    return decide_seat(actor=actor, term=term, kind=kind, **(given | more))


def with_rules(cycle, more=""):
    """The rule book of the cycle says when a member is suspended and excluded."""
    return factories.amend_rule_book(
        cycle,
        '\n[bodies.title]\nde = "Bürgerversammlung"',
        f'{more}\n{EXCLUDES}\n[bodies.title]\nde = "Bürgerversammlung"',
    )


def may_act(member: Member, on: dt.date = TODAY) -> bool:
    with clock.at(dt.datetime.combine(on, dt.time(12), dt.UTC)):
        return sitting_member(factories.actor_of(member), member.cycle) is not None


# -- who decides -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DecisionKind.values)
def test_nobody_but_the_secretariat_decides_about_a_seat(institution, member, kind):
    other = member.cycle.members.last()
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: decide(actor, member.terms.get(), DecisionKind(kind)),
        also_refused=(factories.actor_of(other), Actor.system(), Actor.citizen("ABCDEF")),
    )
    assert not SeatDecision.objects.exists()


@pytest.mark.parametrize("kind", BOTH)
def test_one_person_alone_suspends_and_excludes_nobody(institution, secretariat, member, term, kind):
    proposed = decide(secretariat, term, kind)
    assert proposed.is_open
    assert may_act(member)
    with pytest.raises(DecidedByTwo):
        confirm_decision(actor=secretariat, decision=proposed)
    with pytest.raises(NotAllowed):
        confirm_decision(actor=factories.actor(institution, Role.AUTHORITY), decision=proposed)
    assert may_act(member)
    assert acts.entry(institution, Action.SEAT_DECISION_PROPOSED).facts == {"cycle": 1, "kind": kind.value}
    with pytest.raises(IntegrityError), transaction.atomic():  # whatever code runs
        SeatDecision.objects.update(decided_at=NOW, decided_by=secretariat.user)


def test_nobody_confirms_what_is_decided_about_herself(institution, secretariat, member, term):
    from isegoria_web.accounts.models import Grant

    Grant.objects.create(user=member.user, institution=institution, role=Role.SECRETARIAT, valid_from=NOW)
    proposed = decide(secretariat, term, DecisionKind.EXCLUSION)
    with pytest.raises(DecidedByTwo):
        confirm_decision(actor=factories.actor_of(member), decision=proposed)


# -- suspension --------------------------------------------------------------------------------------------


def test_a_suspended_member_keeps_the_seat_and_cannot_act_until_the_day_comes(
    institution, secretariat, colleague, member, term
):
    proposed = decide(secretariat, term, DecisionKind.SUSPENSION, ends_on=TODAY + 5 * DAY)
    confirm_decision(actor=colleague, decision=proposed)
    assert not may_act(member)
    assert not may_act(member, TODAY + 4 * DAY)
    assert may_act(member, TODAY + 5 * DAY)
    term.refresh_from_db()
    assert (term.status, term.ends_on) == (TermStatus.ACTIVE, None)
    assert Term.objects.sitting_on(TODAY).filter(pk=term.pk).exists()
    assert not Alternate.objects.exclude(status=AlternateStatus.WAITING).exists()
    assert acts.entry(institution, Action.MEMBER_SUSPENDED).facts == {
        "cycle": 1, "seat": 1, "rule": None, "persons": 2, "from": "2027-03-01", "until": "2027-03-06",
    }  # fmt: skip


def test_a_suspension_takes_effect_at_the_earliest_when_the_second_person_confirms(
    secretariat, colleague, term
):
    proposed = decide(secretariat, term, DecisionKind.SUSPENSION, ends_on=TODAY + 5 * DAY)
    with clock.at(NOW + 3 * DAY):
        assert confirm_decision(actor=colleague, decision=proposed).starts_on == TODAY + 3 * DAY
        with pytest.raises(AlreadySuspended):
            decide(secretariat, term, DecisionKind.SUSPENSION, starts_on=TODAY + 4 * DAY)
        with pytest.raises(DecisionClosed):
            confirm_decision(actor=colleague, decision=proposed)


def test_a_suspension_that_would_be_over_is_not_confirmed(secretariat, colleague, member, term):
    proposed = decide(secretariat, term, DecisionKind.SUSPENSION, ends_on=TODAY + DAY)
    with clock.at(NOW + 3 * DAY), pytest.raises(SuspensionEndsTooSoon):
        confirm_decision(actor=colleague, decision=proposed)
    assert may_act(member)


def test_the_secretariat_ends_a_suspension_once(institution, secretariat, colleague, member, term):
    proposed = decide(secretariat, term, DecisionKind.SUSPENSION)
    with pytest.raises(NotSuspended):
        end_suspension(actor=secretariat, decision=proposed)
    confirm_decision(actor=colleague, decision=proposed)
    assert not may_act(member, TODAY + 300 * DAY)
    with clock.at(NOW + 2 * DAY):
        with pytest.raises(NotAllowed):
            end_suspension(actor=factories.actor_of(member), decision=proposed)
        end_suspension(actor=secretariat, decision=proposed)
        with pytest.raises(NotSuspended):
            end_suspension(actor=secretariat, decision=proposed)
    assert may_act(member, TODAY + 2 * DAY)
    assert acts.entry(institution, Action.MEMBER_RESUMED).facts == {
        "cycle": 1,
        "seat": 1,
        "on": "2027-03-03",
    }


def test_a_suspended_member_may_resign(secretariat, colleague, member, term):
    confirm_decision(actor=colleague, decision=decide(secretariat, term, DecisionKind.SUSPENSION))
    resign(actor=factories.actor_of(member), term=term, on=TODAY)
    term.refresh_from_db()
    assert term.end_reason == EndReason.RESIGNATION


# -- the seat falls vacant ---------------------------------------------------------------------------------


def test_an_excluded_member_loses_the_seat_and_the_alternate_is_asked_at_once(
    institution, secretariat, colleague, cycle, member, term
):
    version = with_rules(cycle)
    rule = "bodies.assembly.exclusion"
    proposed = decide(secretariat, Term.objects.get(pk=term.pk), DecisionKind.EXCLUSION, rule=rule)
    confirm_decision(actor=colleague, decision=proposed)
    term.refresh_from_db()
    assert (term.status, term.end_reason, term.ends_on) == (TermStatus.ENDED, EndReason.EXCLUSION, TODAY)
    assert not may_act(member)
    assert acts.entry(institution, Action.SEAT_LEFT).facts == {
        "cycle": 1, "seat": 1, "reason": "exclusion", "rule": f"{rule}, ostbelgien {version.number}",
    }  # fmt: skip
    offered = Term.objects.get(seat=term.seat, status=TermStatus.OFFERED)
    assert offered.member.selection.alternate.status == AlternateStatus.MOVED_UP
    assert may_act(accept_seat(actor=secretariat, term=offered).member)


def test_an_exclusion_needs_a_hearing_where_the_rule_book_asks(secretariat, cycle, term):
    with_rules(cycle, "exclusion_hearing = true")
    given = {"rule": "bodies.assembly.exclusion"}
    term = Term.objects.get(pk=term.pk)
    with pytest.raises(HearingMissing):
        decide(secretariat, term, DecisionKind.EXCLUSION, **given, hearing=" ")
    made = decide(
        secretariat, term, DecisionKind.EXCLUSION, **given, hearing="On 20 February; she regrets it."
    )
    assert made.is_open


def test_a_rule_is_named_where_there_is_one_and_silence_where_there_is_none(secretariat, cycle, term):
    with pytest.raises(RuleUnknown):
        decide(secretariat, term, DecisionKind.INELIGIBLE, rule="")
    with pytest.raises(RuleUnknown):
        decide(secretariat, term, DecisionKind.INELIGIBLE, rule="draw.letters")
    with pytest.raises(RuleUnknown):
        decide(secretariat, term, DecisionKind.EXCLUSION, rule="bodies.assembly.exclusion")
    assert decide(secretariat, term, DecisionKind.EXCLUSION).rule == ""


@pytest.mark.parametrize("kind", [*BOTH, DecisionKind.INELIGIBLE])
def test_what_is_decided_against_a_member_says_why(secretariat, term, kind):
    with pytest.raises(ReasonMissing):
        decide(secretariat, term, kind, reason=" ")


def test_a_member_who_moved_away_leaves_by_the_rule(institution, secretariat, term):
    decide(secretariat, term, DecisionKind.INELIGIBLE, reason="Moved to Aachen.")
    term.refresh_from_db()
    assert term.end_reason == EndReason.INELIGIBLE
    assert acts.entry(institution, Action.SEAT_LEFT).facts["rule"] == "draw.residence, ostbelgien 1"
    assert acts.entry(institution, Action.ALTERNATE_MOVED_UP)
    with pytest.raises(NoLongerSeated):
        decide(secretariat, term, DecisionKind.DEATH)


def test_a_death_is_told_in_neutral_words_everywhere(client, institution, secretariat, member, term):
    decide(secretariat, term, DecisionKind.DEATH, reason="")
    assert acts.entry(institution, Action.SEAT_LEFT).facts["reason"] == "vacant"
    for address in ("members/", "cycles/1/members/", "journal/"):
        page = client.get(f"/en/{institution.slug}/{address}").content.decode()
        assert "eath" not in page
    assert "The seat fell vacant" in client.get(f"/en/{institution.slug}/members/").content.decode()


def test_a_second_proposal_waits_for_the_first(secretariat, term):
    first = decide(secretariat, term, DecisionKind.SUSPENSION)
    with pytest.raises(DecisionOpen):
        decide(secretariat, term, DecisionKind.EXCLUSION)
    withdraw_decision(actor=secretariat, decision=first)
    assert decide(secretariat, term, DecisionKind.EXCLUSION).is_open


# -- what is kept ------------------------------------------------------------------------------------------


def test_a_withdrawn_proposal_keeps_nothing_against_the_member(
    institution, secretariat, colleague, member, term
):
    proposed = decide(secretariat, term, DecisionKind.EXCLUSION, hearing="She denies it.")
    with pytest.raises(NotAllowed):
        withdraw_decision(actor=factories.actor_of(member), decision=proposed)
    withdraw_decision(actor=colleague, decision=proposed)
    kept = SeatDecision.objects.get()
    assert (kept.reason, kept.hearing, kept.erased_at) == ("", "", NOW)
    assert acts.entry(institution, Action.SEAT_DECISION_WITHDRAWN)
    for verb in (withdraw_decision, confirm_decision):
        with pytest.raises(DecisionClosed):
            verb(actor=colleague, decision=proposed)


def test_reasons_are_erased_on_the_day_of_the_member_and_the_decision_stays(secretariat, term):
    decide(secretariat, term, DecisionKind.INELIGIBLE, reason="Moved to Aachen.")
    with clock.at(NOW + 300 * DAY):
        assert erasing.erase_reasons() == 0
    with clock.at(NOW + 800 * DAY):
        assert erasing.erase_reasons() == 1
        assert erasing.erase_reasons() == 0
    kept = SeatDecision.objects.get()
    assert (kept.reason, kept.rule, kept.kind) == ("", "draw.residence", DecisionKind.INELIGIBLE)


def test_a_former_member_who_asks_is_erased_with_the_reasons_and_the_seat_stays(member, term):
    resign(actor=factories.actor_of(member), term=term, on=TODAY, reason="My mother is ill.")
    assert SeatDecision.objects.get().reason == "My mother is ill."
    erasing.erase_members_of(member.user.pk)
    assert SeatDecision.objects.get().reason == ""
    assert Term.objects.get(pk=term.pk).seat.number == 1


# -- alternates --------------------------------------------------------------------------------------------


def test_an_alternate_who_can_no_longer_be_a_member_is_passed_over(institution, secretariat, member, term):
    first, second = Alternate.objects.order_by("position")
    with pytest.raises(RuleUnknown):
        find_ineligible(actor=secretariat, alternate=first)
    with pytest.raises(NotAllowed):
        find_ineligible(actor=factories.actor_of(member), alternate=first, rule="draw.residence")
    find_ineligible(actor=secretariat, alternate=first, rule="draw.residence")
    assert acts.entry(institution, Action.ALTERNATE_INELIGIBLE).facts == {
        "alternate": 1, "rule": "draw.residence, ostbelgien 1",
    }  # fmt: skip
    with pytest.raises(NotWaiting):
        find_ineligible(actor=secretariat, alternate=first, rule="draw.residence")
    offered = resign(actor=secretariat, term=term, on=TODAY)
    assert offered.member.selection.alternate == second


# -- pages -------------------------------------------------------------------------------------------------


def test_two_persons_exclude_on_the_page_and_the_public_sees_day_and_rule_and_no_name(
    client, institution, cycle, member
):
    with_rules(cycle, "exclusion_hearing = true")
    first, second = (two_of(institution) for _each in "ab")
    page = first.get(Role.SECRETARIAT, "seat_decide", 1, 1, "exclusion").content.decode()
    assert "Nobody is suspended or excluded by one person" in page
    sent = {"starts_on": "2027-03-01", "rule": "bodies.assembly.exclusion", "reason": "Three meetings."}
    refused = first.post(Role.SECRETARIAT, "seat_decide", 1, 1, "exclusion", **sent)
    assert refused.status_code == 422
    assert "Three meetings." in refused.content.decode()
    assert not SeatDecision.objects.exists()
    sent["hearing"] = "Heard on 20 February."
    assert first.post(Role.SECRETARIAT, "seat_decide", 1, 1, "exclusion", **sent).status_code == 302
    key = SeatDecision.objects.get().public_id
    mine = first.get(Role.SECRETARIAT, "member", 1, 1).content.decode()
    assert "Confirm it" not in mine
    assert first.act(Role.SECRETARIAT, "decision_confirm", 1, key).status_code == 403
    assert "Heard on 20 February." in second.get(Role.SECRETARIAT, "member", 1, 1).content.decode()
    assert second.act(Role.SECRETARIAT, "decision_confirm", 1, key).status_code == 302
    public = client.get(f"/en/{institution.slug}/members/").content.decode()
    assert "left: Exclusion" in public
    assert "bodies.assembly.exclusion" in public
    assert "Three meetings" not in public
    assert not [name for name in Respondent.objects.values_list("name", flat=True) if name in public]


def test_a_suspension_is_told_to_the_member_and_in_public_and_ended_on_the_page(
    client, institution, secretariat, colleague, member, term
):
    decision = decide(secretariat, term, DecisionKind.SUSPENSION)
    confirm_decision(actor=colleague, decision=decision)
    public = client.get(f"/en/{institution.slug}/members/").content.decode()
    assert "suspended: by two persons; the seat is kept" in public
    assert "the statute is silent" in public
    assert "1 of the members is suspended on this day" in public
    day_before = client.get(f"/en/{institution.slug}/members/", {"on": TODAY - DAY}).content.decode()
    assert "suspended on this day" not in day_before
    client.force_login(member.user)
    own = client.get(reverse("members:seat", args=[institution.slug]))
    assert "You are suspended from" in own.content.decode()
    assert own.context["sits"]
    staff = two_of(institution)
    assert "Suspended, without a last day" in staff.get(Role.SECRETARIAT, "member", 1, 1).content.decode()
    assert (
        staff.get(Role.SECRETARIAT, "seats", 1).content.decode().count("Suspended, without a last day") == 1
    )
    with clock.at(NOW + DAY):
        assert staff.act(Role.SECRETARIAT, "suspension_end", 1, decision.public_id).status_code == 302
        assert "may act again" in client.get(f"/en/{institution.slug}/members/").content.decode()
    assert staff.get(Role.SECRETARIAT, "seat_decide", 1, 1, "promotion").status_code == 404


def test_a_proposal_is_withdrawn_and_an_alternate_taken_off_on_the_page(institution, secretariat, term):
    staff = two_of(institution)
    decision = decide(secretariat, term, DecisionKind.SUSPENSION)
    assert staff.act(Role.SECRETARIAT, "decision_withdraw", 1, decision.public_id).status_code == 302
    assert staff.post(Role.SECRETARIAT, "alternate_ineligible", 1, 1).status_code == 422
    assert (
        staff.act(Role.SECRETARIAT, "alternate_ineligible", 1, 1, rule="draw.residence").status_code == 302
    )
    assert Alternate.objects.get(position=1).status == AlternateStatus.INELIGIBLE


def two_of(institution) -> Staff:
    """A browser of somebody of the secretariat, another person each time."""
    from django.test import Client

    browser = Client()
    browser.force_login(factories.make_user(institution, Role.SECRETARIAT))
    return Staff(institution, {Role.SECRETARIAT: browser})


def test_every_kind_either_ends_the_term_or_suspends():
    assert set(DecisionKind) == {*decisions.ENDS, DecisionKind.SUSPENSION}
