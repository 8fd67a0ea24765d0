"""Bodies that outlive their cycles: a council of 24 over several rotations, drawn through the whole ceremony each time."""

from __future__ import annotations

import datetime as dt
import hmac
from collections import Counter

from isegoria.proof.verify import verify
from isegoria.rulebook import next_term
from isegoria_web import clock
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.membership import rotating, services, vacancies
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.jobs import rotate_bodies
from isegoria_web.membership.models import Member, Rotation, Term
from isegoria_web.recruitment.models import Respondent
from isegoria_web.recruitment.services import close_pool
from tests.web import acts, factories
from tests.web.membership import panels

SIZE = 24
TARGETS = {("sex", "F"): 12, ("sex", "M"): 12, ("age", "16-34"): 8, ("age", "35-64"): 8, ("age", "65+"): 8}


def open_cycle(town, secretariat, people: int = 72) -> Cycle:
    """A cycle of the council whose letters were answered by so many people."""
    cycle = factories.make_cycle(town, Stage.INVITING, panel_size=SIZE)
    cycle.body = town.bodies.get(key="council")
    cycle.save()
    factories.make_features(cycle)
    lottery.propose_quotas(actor=secretariat, cycle=cycle)
    letters = factories.make_draw(cycle, DrawKind.LETTERS, due=factories.NOW)
    factories.make_respondents(cycle, people, draw=letters)
    return cycle


def fill(town, secretariat, throw: str, people: int = 72) -> tuple[Cycle, dt.datetime]:
    """Open a cycle, draw for the seats that are or will be free, and seat who was drawn; returns the moment after it."""
    cycle = open_cycle(town, secretariat, people)
    draw = close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())
    draw, end = panels.run(secretariat, draw, throw)
    assert verify(draw.record.document).ok
    with clock.at(end):
        panels.seat(secretariat, draw)
    return cycle, end


def sat_on(town, day: dt.date) -> list[Term]:
    return list(
        Term.objects.sitting_on(day).filter(seat__body__key="council", seat__body__institution=town)
    )


def composition(terms: list[Term]) -> dict[tuple[str, str], int]:
    return Counter(pair for term in terms for pair in term.member.features.items())


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


# -- scenario 15 -------------------------------------------------------------------------------------------
def test_a_council_of_24_rotates_8_every_6_months_and_all_24_meet_the_targets(town, secretariat):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    founded = end.date()
    days = [next_term(founded, 6 * number) for number in (1, 2, 3, 4)]
    entered = {founded: {term.member_id for term in sat_on(town, founded)}}
    for number, day in enumerate(days, start=1):
        before = noon(day - dt.timedelta(days=40))
        with clock.at(before):
            cycle, _end = fill(town, secretariat, f"{number}-1-4-1-5-9-2-6")
            rotation = Rotation.objects.get(cycle=cycle)
            assert (rotation.on, rotation.draw.kind, rotation.draw.size) == (day, DrawKind.ROTATION, 8)
        with clock.at(noon(day)):
            assert rotate_bodies() == 1
            assert rotate_bodies() == 0
        eve, morning = sat_on(town, day - dt.timedelta(days=1)), sat_on(town, day)
        assert len(eve) == len(morning) == SIZE
        assert composition(morning) == composition(eve) == TARGETS
        assert sorted(term.seat.number for term in morning) == list(range(1, SIZE + 1))
        left = {term.member_id for term in eve} - {term.member_id for term in morning}
        entered[day] = {term.member_id for term in morning} - {term.member_id for term in eve}
        assert (len(left), len(entered[day])) == (8, 8)
        if number <= 3:
            assert left <= entered[founded]
        else:
            assert left == entered[days[0]]  # the longest serving
        in_cycle = Term.objects.of(cycle).filter(status=TermStatus.ACTIVE)
        assert {term.member_id for term in in_cycle} == {term.member_id for term in morning}
        assert len({term.member.number for term in in_cycle}) == SIZE
        with clock.at(noon(day)):
            sitting = set(Member.objects.sitting_in(cycle).values_list("pk", flat=True))
        assert sitting == {term.member_id for term in morning}
    for term in Term.objects.filter(status=TermStatus.ENDED):
        assert term.end_reason == EndReason.TERM
        assert term.ends_on <= next_term(term.starts_on, 18)
    facts = acts.entries(town, Action.BODY_ROTATED)[0].facts
    assert (facts["left"], facts["entered"], facts["on"]) == (8, 8, days[0].isoformat())
    assert facts["rule"] == "bodies.council.rotation, municipal-starter 2"


def test_who_came_together_leaves_by_the_lot_of_that_draw_not_by_features(town, secretariat):
    cycle, _end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    terms = list(rotating.terms_now(cycle.body))
    ordered = rotating.by_seniority(terms)
    record = cycle.draws.get(kind=DrawKind.PANEL).record.document
    codes = [term.member.selection.entry.code for term in ordered]
    by_hand = sorted(
        record["result"]["members"],
        key=lambda code: hmac.digest(
            bytes.fromhex(record["seed"]), (8).to_bytes(8, "big") + b"rotation" + code.encode(), "sha256"
        ),
    )
    assert codes == by_hand != record["result"]["members"]
    assert len({term.member.features["age"] for term in ordered[:8]}) > 1
    assert rotating.by_seniority(terms[::-1]) == ordered
    assert [term for term in ordered if term != ordered[3]] == rotating.by_seniority(
        [term for term in terms if term != ordered[3]]
    )


def test_former_members_wait_and_nobody_who_sits_is_drawn_again(town, secretariat):
    first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - dt.timedelta(days=40))):
        second, _end = fill(town, secretariat, "1-1-4-1-5-9-2-6")
    with clock.at(noon(day)):
        rotate_bodies()
    former = Member.objects.filter(cycle=first, terms__status=TermStatus.ENDED).first()
    stays = Member.objects.filter(cycle=second, terms__status=TermStatus.ACTIVE).first()
    with clock.at(noon(day + dt.timedelta(days=60))):
        cycle = open_cycle(town, secretariat)
        again = [
            each.invitation.resident
            for each in Respondent.objects.filter(invitation__campaign__cycle=cycle)[:3]
        ]
        for resident, member in zip(again, (former, stays), strict=False):
            type(resident).objects.filter(pk=resident.pk).update(pseudonym=member.pseudonym)
        neighbour = stays.respondent.invitation.resident
        type(again[2]).objects.filter(pk=again[2].pk).update(
            street=neighbour.street, house_number=neighbour.house_number, postcode=neighbour.postcode
        )
        close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())
        barred = dict(
            Respondent.objects.filter(invitation__resident__in=again).values_list(
                "invitation__resident", "barred_by"
            )
        )
    # Waiting would not help her: here nobody sits twice.
    assert barred[again[0].pk] == "bodies.council.most_terms"
    assert barred[again[1].pk] != ""
    assert barred[again[2].pk] == "home of a sitting member"


def test_terms_end_on_the_day_of_the_rule_book_also_where_nobody_was_drawn(town, secretariat):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - panels.DAY)):
        assert rotate_bodies() == 0
        assert len(sat_on(town, clock.now().date())) == SIZE
    with clock.at(noon(day + 3 * panels.DAY)):
        assert rotate_bodies() == 1
        assert len(sat_on(town, day)) == 16
        cycle, _end = fill(town, secretariat, "1-1-4-1-5-9-2-6")  # late: the seats are taken at once
        assert Rotation.objects.get().cycle == cycle
    with clock.at(noon(day + 40 * panels.DAY)):
        now = sat_on(town, clock.now().date())
        assert (len(now), composition(now)) == (SIZE, TARGETS)


def test_the_report_of_a_cycle_ends_no_term_of_a_body_that_rotates(town, secretariat):
    first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    with clock.at(end):
        assert services.end_terms(actor=secretariat, cycle=first) == 0
    assert Term.objects.filter(status=TermStatus.ACTIVE).count() == SIZE
    assert acts.entries(town, Action.TERMS_ENDED) == []


def test_a_seat_whose_successor_is_drawn_waits_for_the_rotation(town, secretariat):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - dt.timedelta(days=40))):
        cycle = open_cycle(town, secretariat)
        close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())
        leaving = Term.objects.filter(leaves_in__on=day).first()
        assert (
            services.leave_seat(
                actor=secretariat, term=leaving, reason=EndReason.RESIGNATION, on=clock.now().date()
            )
            is None
        )


def test_an_annulled_rotation_is_announced_again_with_the_leavers_of_then(town, secretariat):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - dt.timedelta(days=40))):
        cycle = open_cycle(town, secretariat)
        campaign = cycle.campaigns.get()
        draw = close_pool(actor=secretariat, campaign=campaign, **panels.source())
        factories.annul(draw)
        again = close_pool(actor=secretariat, campaign=campaign, **panels.source())
        rotation = Rotation.objects.get()
    assert (rotation.draw, rotation.on, again.status) == (again, day, DrawStatus.ANNOUNCED)
    assert Term.objects.filter(leaves_in=rotation).count() == 8


def test_a_vacant_seat_of_a_rotating_body_is_filled_with_the_whole_body_in_view(town, secretariat):
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    day = next_term(end.date(), 6)
    with clock.at(noon(day - dt.timedelta(days=40))):
        cycle, _end = fill(town, secretariat, "1-1-4-1-5-9-2-6")
    with clock.at(noon(day)):
        rotate_bodies()
        assert vacancies.sitting_in(cycle).count() == SIZE
        stayer = rotating.terms_now(cycle.body).exclude(member__cycle=cycle).first()
        moved = services.leave_seat(
            actor=secretariat, term=stayer, reason=EndReason.RESIGNATION, on=clock.now().date()
        )
        assert moved is not None
        assert moved.seat == stayer.seat
