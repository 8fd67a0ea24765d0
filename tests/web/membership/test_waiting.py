"""Former members wait as long as the rule book says: checked when the pool is closed, and forgotten afterwards."""

from __future__ import annotations

import datetime as dt

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.models import Value
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.membership.waiting import barred, forget
from isegoria_web.recruitment import services
from isegoria_web.recruitment.algorithms import kind_of_bar
from isegoria_web.recruitment.models import Invitation, Respondent
from isegoria_web.recruitment.services import close_pool
from isegoria_web.register.models import Resident
from tests.web import acts, factories
from tests.web.factories import NOW, texts

RULE = "bodies.assembly.cooling_off.months"


@pytest.fixture
def former(institution) -> Member:
    """A member of the first cycle whose term ended a month ago."""
    cycle = factories.make_cycle(institution)
    member = factories.make_members(cycle)[0]
    Member.objects.filter(pk=member.pk).update(pseudonym="7" * 64)
    end(member, NOW.date() - dt.timedelta(days=30))
    member.refresh_from_db()
    return member


@pytest.fixture
def next_cycle(institution, former):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    with_rule(cycle, 24)
    return cycle


def with_rule(cycle, months) -> None:
    key = 'key = "assembly"'
    factories.amend_rule_book(cycle, key, f"{key}\ncooling_off = {{ months = {months} }}")
    cycle.refresh_from_db()


def end(member, day, reason=EndReason.TERM) -> None:
    Term.objects.filter(member=member).update(
        status=TermStatus.ENDED, starts_on=day - dt.timedelta(days=200), ends_on=day, end_reason=reason
    )


def test_who_has_just_sat_waits_and_the_rule_is_named(former, next_cycle):
    assert barred(next_cycle, {former.pseudonym, "0" * 64}) == {former.pseudonym: RULE}


def test_who_sat_as_often_as_one_person_may_is_never_drawn_again(institution, former):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    key = 'key = "assembly"'
    factories.amend_rule_book(cycle, key, f"{key}\nmost_terms = 2")
    assert barred(cycle, {former.pseudonym}) == {}
    held = Term.objects.get(member=former)
    Term.objects.create(
        seat=held.seat, member=former, status=held.status, starts_on=held.ends_on,
        ends_on=NOW.date(), end_reason=EndReason.TERM,
    )  # fmt: skip
    assert barred(cycle, {former.pseudonym}) == {former.pseudonym: "bodies.assembly.most_terms"}
    assert kind_of_bar("bodies.assembly.most_terms") == "most_terms"


def test_for_a_body_that_is_drawn_among_members_of_another_all_who_have_not_sat_there_are_left_out(
    institution, former
):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    cycle.body = institution.bodies.get(key="council")
    cycle.save()
    stranger = "0" * 64
    assert barred(cycle, {former.pseudonym, stranger}) == {stranger: "bodies.council.drawn_from"}
    Term.objects.filter(member=former).update(end_reason=EndReason.DECLINED)
    assert set(barred(cycle, {former.pseudonym, stranger})) == {former.pseudonym, stranger}


def test_of_whom_nobody_can_tell_where_she_sat_she_stays_out_by_the_rules_that_ask(institution, former):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    assert barred(cycle, {""}) == {}  # no rule asks
    key = 'key = "assembly"'
    factories.amend_rule_book(cycle, key, f"{key}\nmost_terms = 2")
    assert barred(cycle, {"", former.pseudonym}) == {"": "bodies.assembly.most_terms"}
    cycle.body = institution.bodies.get(key="council")
    assert barred(cycle, {"", former.pseudonym}) == {"": "bodies.council.drawn_from"}


@pytest.mark.parametrize("field", ["most_terms = 2", "cooling_off = { months = 24 }"])
def test_when_the_register_is_erased_nobody_comes_in_unseen(institution, secretariat, former, field):
    """Before the pool is closed nobody is known any more; after an annulment what was found stays found."""
    cycle = factories.make_cycle(institution, Stage.INVITING)
    key = 'key = "assembly"'
    factories.amend_rule_book(cycle, key, f"{key}\n{field}")
    cycle.refresh_from_db()
    factories.make_features(cycle)
    Value.objects.filter(feature__cycle=cycle).update(minimum=0, maximum=cycle.panel_size)
    people = factories.make_respondents(cycle, 20)
    campaign = people[0].invitation.campaign
    letters = Invitation.objects.filter(campaign=campaign)

    def pool() -> set[int]:
        return {each.pk for each in services._eligible(campaign, frozenset(), one_of_each=False)[0]}

    letters.filter(respondent=people[1]).update(resident=None)
    Resident.objects.filter(invitations=people[0].invitation).update(pseudonym=former.pseudonym)
    everybody = {each.pk for each in people}
    unknown = {people[1].pk} if field.startswith("most") else set()
    sat = {people[0].pk} if field.startswith("cooling") else set()
    assert pool() == everybody - unknown - sat
    campaign.closed_at = NOW
    letters.update(resident=None)
    assert pool() == everybody - unknown - sat


def test_who_sat_is_remembered_for_that_as_long_as_everything_else_of_a_member(former):
    assert forget() == 0  # the council is drawn among members of the assembly
    with clock.at(NOW + dt.timedelta(days=600)):
        assert forget() == 1
    former.refresh_from_db()
    assert former.pseudonym == ""


def test_after_the_waiting_time_everybody_can_be_drawn(former, next_cycle):
    with clock.at(NOW + dt.timedelta(days=800)):
        assert barred(next_cycle, {former.pseudonym}) == {}


def test_an_offer_that_was_declined_bars_nobody(former, next_cycle):
    end(former, NOW.date(), EndReason.DECLINED)
    assert barred(next_cycle, {former.pseudonym}) == {}


def test_where_the_statute_is_silent_nobody_waits(institution, former):
    silent = factories.make_cycle(institution, Stage.INVITING)
    assert barred(silent, {former.pseudonym}) == {}


def test_the_pool_is_closed_without_those_who_wait(institution, former, next_cycle):
    factories.make_features(next_cycle)
    Value.objects.filter(feature__cycle=next_cycle).update(minimum=0, maximum=next_cycle.panel_size)
    people = factories.make_respondents(next_cycle, 20)
    resident = people[0].invitation.resident
    type(resident).objects.filter(pk=resident.pk).update(pseudonym=former.pseudonym)
    campaign = people[0].invitation.campaign
    draw = close_pool(
        actor=factories.actor(institution, Role.SECRETARIAT), campaign=campaign, source=texts("Dice"),
        source_due_at=NOW + dt.timedelta(days=2),
    )  # fmt: skip
    assert draw.pool.size == 19
    left_out = Respondent.objects.exclude(barred_by="").get()
    assert (left_out.pk, left_out.barred_by, left_out.pool_entry) == (people[0].pk, RULE, None)
    assert acts.entry(institution, Action.ELIGIBILITY_CHECKED).facts == {
        "left_out": {RULE: 1},
        "rules": {RULE: f"{RULE}, ostbelgien 2"},
    }


def test_what_tells_her_from_others_is_forgotten_when_she_has_waited(former):
    with_rule(former.cycle, 24)
    assert forget() == 0
    with clock.at(NOW + dt.timedelta(days=800)):
        assert forget() == 1
    former.refresh_from_db()
    assert former.pseudonym == ""


def test_a_seat_that_is_offered_keeps_the_pseudonym_of_the_register(institution):
    cycle = factories.make_cycle(institution)
    draw = factories.make_drawn_panel(cycle)
    from isegoria_web.membership.services import offer_seats

    terms = offer_seats(actor=factories.actor(institution, Role.SECRETARIAT), draw=draw)
    kept = {term.member.pseudonym for term in terms}
    assert kept == {term.member.respondent.invitation.resident.pseudonym for term in terms}
