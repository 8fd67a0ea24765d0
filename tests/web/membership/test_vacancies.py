"""Vacant seats once no alternate waits: replacement draws, the cut-off, and exceptions that two persons answer for."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from isegoria.proof import dump
from isegoria.proof.earlier import verify_earlier
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.errors import (
    BodyBeyondQuotas,
    NothingToComplete,
    ReplacementUnderWay,
    SourceInThePast,
)
from isegoria_web.lottery.jobs import draw_what_is_known
from isegoria_web.lottery.models import Draw, Selection, Sitter
from isegoria_web.lottery.services import commit_lottery
from isegoria_web.membership import services, vacancies
from isegoria_web.membership.enums import AlternateStatus, EndReason, TermStatus
from isegoria_web.membership.errors import (
    AlternatesWait,
    ExceptionClosed,
    ExceptionOpen,
    NotOutside,
    SeatsOffered,
    SeatsStayVacant,
    SecondPersonNeeded,
)
from isegoria_web.membership.models import Alternate, Member, SeatException, Term
from isegoria_web.recruitment.erasing import forget_salts_of_erased
from isegoria_web.recruitment.models import Invitation, Respondent
from tests.support import browser_verifier
from tests.web import acts, factories
from tests.web.factories import texts
from tests.web.membership import panels
from tests.web.membership.panels import DAY

LATER = "2-7-1-8-2-8-1-8"


@pytest.fixture(autouse=True)
def _same_lots(monkeypatch):
    """The same codes and salts in every run: which seats can still be filled follows from whom the lot falls on."""
    codes, salts = itertools.count(1), itertools.count(1)

    def fresh(count: int, *_taken: object) -> list[str]:
        return [f"C{next(codes):07d}" for _ in range(count)]

    def salt(count: int) -> str:
        return hashlib.sha512(str(next(salts)).encode()).hexdigest()[: 2 * count]

    monkeypatch.setattr(lottery, "fresh_codes", fresh)
    monkeypatch.setattr(lottery.secrets, "token_hex", salt)


@pytest.fixture
def cycle(institution, secretariat):
    """Six sit, of twenty-four who said yes; no alternate waits; the clock stands at the moment they were seated."""
    cycle = panels.make_pool(institution, secretariat, people=24)
    draw, now = panels.draw_panel(secretariat, cycle)
    with clock.at(now):
        panels.seat(secretariat, draw)
        for alternate in Alternate.objects.filter(cycle=cycle):
            services.withdraw_alternate(actor=secretariat, alternate=alternate)
        cycle.refresh_from_db()
        yield cycle


def sitting(cycle) -> list[Term]:
    return list(Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).order_by("seat__number"))


def leave(actor, term, reason=EndReason.RESIGNATION):
    return services.leave_seat(actor=actor, term=term, reason=reason, on=clock.now().date())


def announce(actor, cycle):
    return vacancies.announce_replacement(actor=actor, cycle=cycle, **panels.source())


def counts(cycle) -> dict[str, int]:
    """How many sit with each value."""
    found: dict[str, int] = {}
    for member in vacancies.sitting_in(cycle):
        for value in member.features.values():
            found[value] = found.get(value, 0) + 1
    return found


def outsider(cycle) -> Respondent:
    """Somebody like the one who left last, who said yes after the pool was frozen."""
    someone = Term.objects.exclude(end_reason="").filter(member__cycle=cycle).last()
    someone = someone.member.respondent if someone else cycle.members.first().respondent
    invitation = someone.invitation
    invitation = Invitation.objects.create(
        campaign=invitation.campaign, position=invitation.campaign.invitations.count() + 1, selector="LATE01",
        secret_hash="unusable", language="de", status="yes", channel="web", answered_at=clock.now(),
    )  # fmt: skip
    return Respondent.objects.create(
        invitation=invitation, name="Late Comer", email="late@example.org", language="de",
        answers=dict(someone.answers), consented_at=clock.now(),
    )  # fmt: skip


# -- the replacement draw ----------------------------------------------------------------------------------
def test_four_seats_are_drawn_again_and_the_whole_body_meets_its_quotas(secretariat, cycle):
    first = vacancies.last_draw(cycle)
    gone = sitting(cycle)[:4]
    for term in gone:
        assert leave(secretariat, term) is None
    draw = announce(secretariat, cycle)
    assert (draw.kind, draw.size, draw.pool.size) == (DrawKind.REPLACEMENT, 4, 16)
    assert draw.sources.get().value == ""
    assert draw.sources.get().name != first.sources.get().name
    draw, now = panels.run(secretariat, draw, LATER)
    with clock.at(now):
        panels.seat(secretariat, draw)
        assert sorted(counts(cycle).items()) == [("16-34", 2), ("35-64", 2), ("65+", 2), ("F", 3), ("M", 3)]
        held = sitting(cycle)
    assert [term.seat.number for term in held] == [1, 2, 3, 4, 5, 6]
    assert not {term.member.respondent_id for term in gone} & {term.member.respondent_id for term in held}
    assert [term.member.number for term in held] == [7, 8, 9, 10, 5, 6]


def test_the_record_names_the_draw_that_it_repairs_and_verifies_beside_it(secretariat, cycle):
    first = vacancies.last_draw(cycle)
    for term in sitting(cycle)[:2]:
        leave(secretariat, term)
    draw, _now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    document = draw.record.document
    assert verify(document).ok
    assert document["specification"]["completes"]["record"] == first.record.sha256
    steps = verify_earlier(document, first.record.document)
    assert [(step.name, step.first_difference) for step in steps] == [
        ("earlier", None),
        ("sitting", None),
        ("candidates", None),
    ]
    assert "4 members stay, 2 left" in steps[1].detail


def test_a_second_replacement_names_the_first_also_where_alternates_moved_up(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    second, now = panels.run(
        secretariat, announce(secretariat, cycle), "1-1-1-1-1-1-1-1"
    )  # leaves a seat that can be filled
    with clock.at(now):
        panels.seat(secretariat, second)
        assert leave(secretariat, sitting(cycle)[1]) is not None  # an alternate of the replacement draw
        for term in Term.objects.filter(status=TermStatus.OFFERED):
            services.accept_seat(actor=secretariat, term=term)
        for alternate in Alternate.objects.filter(cycle=cycle, status=AlternateStatus.WAITING):
            services.withdraw_alternate(actor=secretariat, alternate=alternate)
        leave(secretariat, sitting(cycle)[2])
        third, _now = panels.run(secretariat, announce(secretariat, cycle))
    steps = verify_earlier(third.record.document, second.record.document)
    assert [step.first_difference for step in steps] == [None, None, None]
    assert "1 alternates moved up" in steps[1].detail
    assert third.completion.earlier == second


def in_browser(node, document, earlier) -> list[tuple[str, bool]]:
    return [(step["name"], step["ok"]) for step in node.ask(dump(document), earlier=earlier)["steps"]]


def in_library(document, earlier) -> list[tuple[str, bool]]:
    return [(step.name, step.ok) for step in verify_earlier(document, earlier)]


def bent(document):
    """Yield a record for vacant seats with one thing changed that the comparison must notice."""
    named, pool = document["specification"]["completes"], document["pool"]
    codes, candidate = named["sitting"][0]["codes"], pool["entries"][0]["code"]
    features = named["sitting"][0]["features"]
    kinds = pool["types"]
    for spoiled, key, value in (
        (named, "record", None),
        (named, "size", named["size"] + 1),
        (named, "quotas", named["quotas"][1:]),
        (named["sitting"][0], "codes", [*codes, "ZZZZZZZZ"]),
        (named["sitting"][0], "codes", [*codes, candidate]),
        (named["sitting"][0], "features", {**features, next(iter(features)): "other"}),
        (kinds[0], "features", {**kinds[0]["features"], next(iter(features)): "other"}),
        (pool["entries"][0], "code", codes[0]),
        (pool["entries"][0], "code", "ZZZZZZZZ"),
    ):
        kept, spoiled[key] = spoiled[key], value
        yield document
        spoiled[key] = kept


def test_the_browser_says_the_same_of_a_record_beside_an_earlier_one(secretariat, cycle):
    first = vacancies.last_draw(cycle)
    for term in sitting(cycle)[:2]:
        leave(secretariat, term)
    second, _now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    documents = [first.record.document, second.record.document]
    forged = documents[0] | {"hash": "0" * 64}
    verdicts = []
    with browser_verifier.browser() as node:
        for document in documents:
            for earlier in (*documents, forged, first.record.commitment, {}, []):
                verdicts.append(in_library(document, earlier))
                assert in_browser(node, document, earlier) == verdicts[-1]
        for document in bent(documents[1]):
            verdicts.append(in_library(document, documents[0]))
            assert in_browser(node, document, documents[0]) == verdicts[-1]
    assert verdicts.count([("earlier", True), ("sitting", True), ("candidates", True)]) == 1
    fail = [{name for name, ok in verdict if not ok} for verdict in verdicts[-9:]]
    assert all(fail)
    assert {"earlier"} in fail
    assert {"sitting"} in fail
    assert {"candidates"} in fail


def test_nobody_is_drawn_from_the_home_of_a_sitting_member(secretariat, cycle):
    stays = sitting(cycle)[5].member.respondent
    leave(secretariat, sitting(cycle)[0])
    free = vacancies.remaining(cycle).entries
    neighbour = free[0].original.respondent
    assert stays.home_key
    assert stays.home_key != neighbour.home_key
    Respondent.objects.filter(pk=neighbour.pk).update(home_key=stays.home_key)
    left = vacancies.remaining(cycle)
    assert (len(left.entries), left.left_out[vacancies.SAME_HOME]) == (len(free) - 1, 1)
    draw = announce(secretariat, cycle)
    assert not draw.pool.entries.filter(first__respondent=neighbour).exists()
    entry = acts.entry(cycle.institution, Action.REPLACEMENT_ANNOUNCED)
    assert entry.facts["left_out"] == {vacancies.GONE: 8, vacancies.SAME_HOME: 1}
    assert entry.facts["record"] == draw.completion.earlier.record.sha256


def test_who_withdrew_or_was_erased_is_not_drawn(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    first, second = (each.original.respondent for each in vacancies.remaining(cycle).entries[:2])
    Respondent.objects.filter(pk=first.pk).update(withdrawn_at=clock.now())
    Respondent.objects.filter(pk=second.pk).update(erased_at=clock.now())
    left = vacancies.remaining(cycle)
    assert (left.left_out[vacancies.WITHDRAWN], left.left_out[vacancies.ERASED]) == (1, 1)


def test_a_seat_that_falls_vacant_meanwhile_goes_to_an_alternate_of_the_replacement(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    draw = announce(secretariat, cycle)
    leave(secretariat, sitting(cycle)[0])
    draw, now = panels.run(secretariat, draw, LATER)
    with clock.at(now):
        offered = services.offer_seats(actor=secretariat, draw=draw)
    assert [term.seat.number for term in offered] == [1, 2]
    moved = Alternate.objects.get(status=AlternateStatus.MOVED_UP)
    assert moved.selection.draw == draw
    assert moved.position > 2  # behind those of the first draw


def test_a_body_that_cannot_meet_its_quotas_any_more_is_said_and_nothing_is_frozen(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    Member.objects.filter(terms__status=TermStatus.ACTIVE).update(features={"sex": "F", "age": "65+"})
    before = Draw.objects.count()
    with pytest.raises(BodyBeyondQuotas):
        announce(secretariat, cycle)
    assert Draw.objects.count() == before


def test_the_software_draws_a_replacement_once_its_randomness_is_known(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    draw = announce(secretariat, cycle)
    commit_lottery(actor=secretariat, draw=draw)
    with clock.at(draw.source_due_at + DAY / 24):
        draw.refresh_from_db()
        factories.throw(draw, LATER)
        assert draw_what_is_known() == 1
    draw.refresh_from_db()
    assert draw.status == DrawStatus.DRAWN
    assert acts.entries(cycle.institution, Action.PANEL_DRAWN)[-1].facts["kind"] == "replacement"


def test_a_replacement_is_announced_only_when_it_is_time(secretariat, cycle):
    with pytest.raises(NothingToComplete):
        announce(secretariat, cycle)
    leave(secretariat, sitting(cycle)[0])
    Alternate.objects.filter(pk=Alternate.objects.first().pk).update(status=AlternateStatus.WAITING)
    with pytest.raises(AlternatesWait):
        announce(secretariat, cycle)
    Alternate.objects.update(status=AlternateStatus.DECLINED)
    with pytest.raises(SourceInThePast):
        vacancies.announce_replacement(
            actor=secretariat, cycle=cycle, source=texts("Dice"), source_due_at=clock.now() - DAY
        )
    announce(secretariat, cycle)
    with pytest.raises(ReplacementUnderWay):
        announce(secretariat, cycle)
    assert Draw.objects.filter(kind=DrawKind.REPLACEMENT).count() == 1


def test_the_seats_of_a_replacement_are_offered_once(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    draw, now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    with clock.at(now):
        services.offer_seats(actor=secretariat, draw=draw)
        with pytest.raises(SeatsOffered):
            services.offer_seats(actor=secretariat, draw=draw)
    assert acts.entries(cycle.institution, Action.SEATS_OFFERED)[-1].facts == {
        "cycle": cycle.number, "seats": 1, "kind": "replacement", "draw": draw.number,
    }  # fmt: skip


def test_nobody_but_the_secretariat_announces_a_replacement(institution, secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: announce(actor, cycle),
        also_refused=(Actor.system(),),
    )


def test_the_database_keeps_the_body_of_a_draw_as_it_was_announced(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    draw = announce(secretariat, cycle)
    entry = draw.pool.entries.first()
    attempts = [
        lambda: Sitter.objects.filter(completion__draw=draw).update(code="X"),
        lambda: Sitter.objects.filter(completion__draw=draw).delete(),
        lambda: type(draw.completion).objects.update(size=7),
        lambda: type(entry).objects.filter(pk=entry.pk).update(first=None),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    commit_lottery(actor=secretariat, draw=draw)
    with pytest.raises(DatabaseError), transaction.atomic():
        Sitter.objects.create(completion=draw.completion, code="NEW", features={})


def test_the_salts_of_who_was_frozen_again_go_with_her(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    draw, _now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    entry = draw.pool.entries.filter(selection=None).first()
    person = entry.original.respondent
    Respondent.objects.filter(pk=person.pk).update(erased_at=clock.now())
    type(person.invitation).objects.filter(pk=person.invitation.pk).update(erased_at=clock.now())
    forget_salts_of_erased()
    entry.refresh_from_db()
    assert entry.salt == entry.first.salt == ""
    assert verify(draw.record.document).ok


# -- the cut-off ------------------------------------------------------------------------------------------
@pytest.fixture
def late(cycle):
    """The rule book fills seats until the second meeting, and that is over."""
    factories.amend_rule_book(cycle, 'key = "assembly"', 'key = "assembly"\nreplaced_until_meeting = 2')
    factories.make_meeting(cycle)
    last = factories.make_meeting(cycle)
    with clock.at(last.ends_at):
        yield cycle


def test_after_the_meeting_of_the_rule_book_a_seat_stays_vacant(secretariat, late):
    Alternate.objects.filter(pk=Alternate.objects.first().pk).update(status=AlternateStatus.WAITING)
    assert leave(secretariat, sitting(late)[0]) is None
    assert Term.objects.filter(status=TermStatus.OFFERED).count() == 0
    facts = acts.entry(late.institution, Action.SEAT_LEFT).facts
    assert facts["stays_vacant"] == "bodies.assembly.replaced_until_meeting, ostbelgien 2"
    with pytest.raises(SeatsStayVacant):
        announce(secretariat, late)
    with pytest.raises(SeatsStayVacant):
        vacancies.propose_exception(
            actor=secretariat, cycle=late, respondent=outsider(late), reason=texts("Why")
        )


def test_until_the_end_of_that_meeting_seats_are_filled(secretariat, late):
    last = late.meetings.get(number=2)
    Alternate.objects.update(status=AlternateStatus.WAITING)
    with clock.at(last.ends_at - dt.timedelta(minutes=1)):
        assert leave(secretariat, sitting(late)[0]) is not None


def test_a_replacement_drawn_before_the_cut_off_is_not_seated_after_it(secretariat, cycle):
    factories.amend_rule_book(cycle, 'key = "assembly"', 'key = "assembly"\nreplaced_until_meeting = 1')
    meeting = factories.make_meeting(cycle)
    leave(secretariat, sitting(cycle)[0])
    draw, now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    with clock.at(max(now, meeting.ends_at)), pytest.raises(SeatsStayVacant):
        services.offer_seats(actor=secretariat, draw=draw)


# -- the exception ----------------------------------------------------------------------------------------
@pytest.fixture
def proposed(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    return vacancies.propose_exception(
        actor=secretariat,
        cycle=cycle,
        respondent=outsider(cycle),
        reason=texts("No German speaker is left."),
    )


def test_two_persons_offer_a_seat_to_somebody_outside_the_pool_in_public(institution, proposed):
    second = factories.actor(institution, Role.SECRETARIAT)
    term = vacancies.grant_exception(actor=second, exception=proposed)
    assert (term.seat.number, term.status, term.member.selection) == (1, TermStatus.OFFERED, None)
    assert term.member.exception == proposed
    assert acts.entry(institution, Action.EXCEPTION_PROPOSED).facts["reason"] == proposed.reason
    granted = acts.entry(institution, Action.EXCEPTION_GRANTED)
    assert (granted.facts["persons"], granted.facts["seat"]) == (2, 1)
    with pytest.raises(ExceptionClosed):
        vacancies.grant_exception(actor=factories.actor(institution, Role.SECRETARIAT), exception=proposed)


def test_the_same_person_cannot_grant_what_she_proposed(secretariat, proposed):
    with pytest.raises(SecondPersonNeeded):
        vacancies.grant_exception(actor=secretariat, exception=proposed)
    with pytest.raises(IntegrityError), transaction.atomic():
        SeatException.objects.update(granted_by=secretariat.user, granted_at=clock.now())
    assert Member.objects.filter(selection=None).count() == 0


def test_nobody_but_the_secretariat_proposes_or_grants(institution, secretariat, cycle, proposed):
    for act in (
        lambda actor: vacancies.grant_exception(actor=actor, exception=proposed),
        lambda actor: vacancies.withdraw_exception(actor=actor, exception=proposed),
        lambda actor: vacancies.propose_exception(
            actor=actor, cycle=cycle, respondent=proposed.respondent, reason=texts("Why")
        ),
    ):
        with pytest.raises(NotAllowed):
            act(factories.nobody_special())
        with pytest.raises(NotAllowed):
            act(factories.actor(institution, Role.FACILITATOR))
        with pytest.raises(NotAllowed):
            act(Actor.system())


def test_who_stands_in_the_pool_comes_in_by_lot_only(secretariat, cycle):
    leave(secretariat, sitting(cycle)[0])
    inside = vacancies.remaining(cycle).entries[0].original.respondent
    with pytest.raises(NotOutside):
        vacancies.propose_exception(actor=secretariat, cycle=cycle, respondent=inside, reason=texts("Why"))


def test_one_exception_is_open_at_a_time_and_can_be_withdrawn(secretariat, cycle, proposed):
    def again():
        return vacancies.propose_exception(
            actor=secretariat, cycle=cycle, respondent=proposed.respondent, reason=texts("Why")
        )

    with pytest.raises(ExceptionOpen):
        again()
    vacancies.withdraw_exception(actor=secretariat, exception=proposed)
    with pytest.raises(ExceptionClosed):
        vacancies.withdraw_exception(actor=secretariat, exception=proposed)
    assert again().number == 2
    assert acts.entry(cycle.institution, Action.EXCEPTION_WITHDRAWN).facts["exception"] == 1


def test_no_exception_stands_beside_a_running_replacement_draw(institution, secretariat, cycle, proposed):
    announce(secretariat, cycle)
    with pytest.raises(ReplacementUnderWay):
        vacancies.grant_exception(actor=factories.actor(institution, Role.SECRETARIAT), exception=proposed)


def test_a_later_record_says_that_somebody_sits_who_was_not_drawn(
    institution, secretariat, cycle, proposed
):
    second = factories.actor(institution, Role.SECRETARIAT)
    services.accept_seat(actor=second, term=vacancies.grant_exception(actor=second, exception=proposed))
    first = vacancies.last_draw(cycle)
    leave(secretariat, sitting(cycle)[1])
    draw, _now = panels.run(secretariat, announce(secretariat, cycle), LATER)
    assert verify(draw.record.document).ok
    steps = verify_earlier(draw.record.document, first.record.document)
    assert steps[1].first_difference == f"{proposed.code} was no member"
    assert Selection.objects.filter(draw=draw).count() > 0
