"""Vacant seats of a body whose draw was sealed: replacement and rotation under seal, and what the public learns of it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from isegoria.proof import dump, verify, verify_earlier, verify_receipt
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.lottery import disclosing
from isegoria_web.lottery.enums import Disclosure, DrawKind
from isegoria_web.lottery.models import UNDISCLOSED, Value
from isegoria_web.membership import services, vacancies
from isegoria_web.membership.enums import AlternateStatus, EndReason, TermStatus
from isegoria_web.membership.models import Alternate, Term
from isegoria_web.recruitment import receipts
from isegoria_web.recruitment.services import close_pool
from tests.web import acts, factories
from tests.web.membership import panels
from tests.web.membership.test_rotating import SIZE, open_cycle

pytestmark = pytest.mark.django_db


def make_sensitive(cycle):
    """Ask for something that nobody has to tell: then every draw is sealed, whatever the rule book says."""
    Value.objects.create(
        feature=cycle.features.first(), key=UNDISCLOSED, name={"en": "Not said"}, position=9, minimum=0,
        maximum=cycle.panel_size,
    )  # fmt: skip


def seated(institution, secretariat):
    """A body of six of forty-eight, drawn under seal; no alternate waits; and the moment after."""
    cycle = panels.make_pool(institution, secretariat, people=48)
    make_sensitive(cycle)
    draw, now = panels.draw_panel(secretariat, cycle)
    with clock.at(now):
        panels.seat(secretariat, draw)
        for alternate in Alternate.objects.filter(cycle=cycle):
            services.withdraw_alternate(actor=secretariat, alternate=alternate)
    return cycle, draw, now


def leave(secretariat, cycle, place=0):
    """One member leaves."""
    held = Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).order_by("seat__number")
    services.leave_seat(
        actor=secretariat, term=held[place], reason=EndReason.RESIGNATION, on=clock.now().date()
    )


def replace(secretariat, cycle):
    return vacancies.announce_replacement(actor=secretariat, cycle=cycle, **panels.source())


@pytest.fixture
def replaced(institution, secretariat):
    """The first draw and its sealed replacement of one seat, final; the clock stands at its end."""
    cycle, first, now = seated(institution, secretariat)
    with clock.at(now):
        leave(secretariat, cycle)
        second, end = panels.run(secretariat, replace(secretariat, cycle))
    with clock.at(end):
        yield cycle, first, second


def file_of(institution, draw):
    return disclosing.give_observers_file(actor=factories.actor(institution, Role.OBSERVER), draw=draw)


def test_a_seat_of_a_sealed_draw_is_drawn_again_under_seal_and_observers_check_all_of_it(
    institution, secretariat, replaced
):
    cycle, first, second = replaced
    assert (second.kind, second.size, second.disclosure) == (DrawKind.REPLACEMENT, 1, Disclosure.SEALED)
    document, opening = second.record.document, file_of(institution, second)
    assert document["format"] == "isegoria-draw-record/2"
    stranger = verify(document, published=second.record.commitment_sha256)
    assert stranger.ok
    assert {step.name for step in stranger.steps if step.unchecked} == {"quotas", "chances", "certificate"}
    observer = verify(document, observers=opening)
    assert observer.ok
    assert not [step.name for step in observer.steps if step.unchecked]
    beside = verify_earlier(
        document, first.record.document, observers=opening, earlier_observers=file_of(institution, first)
    )
    assert [(step.name, step.ok, step.unchecked) for step in beside] == [
        ("earlier", True, None), ("sitting", True, None), ("candidates", True, None),
    ]  # fmt: skip
    panels.seat(secretariat, second)
    assert Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).count() == 6


def test_a_second_replacement_under_seal_fits_the_first_one(institution, secretariat, replaced):
    cycle, _first, second = replaced
    panels.seat(secretariat, second)
    for alternate in Alternate.objects.filter(cycle=cycle, status=AlternateStatus.WAITING):
        services.withdraw_alternate(actor=secretariat, alternate=alternate)
    leave(secretariat, cycle, 1)
    third, _end = panels.run(secretariat, replace(secretariat, cycle), "2-7-1-8-2-8-1-8")
    beside = verify_earlier(
        third.record.document, second.record.document, observers=file_of(institution, third),
        earlier_observers=file_of(institution, second),
    )  # fmt: skip
    assert [(step.name, step.first_difference, step.unchecked) for step in beside] == [
        ("earlier", None, None), ("sitting", None, None), ("candidates", None, None),
    ]  # fmt: skip


def test_neither_record_nor_journal_nor_page_tells_who_sits_or_what_is_looked_for(
    institution, replaced, client
):
    cycle, first, second = replaced
    codes = {*first.pool.entries.values_list("code", flat=True)}
    fresh = {*second.pool.entries.values_list("code", flat=True)}
    assert not codes & fresh
    written = dump(second.record.document).decode()
    facts = json.dumps([each.facts for each in Entry.objects.all()])
    page = client.get(reverse("public:draw", args=[institution.slug, cycle.number, second.number]))
    shown = page.content.decode()
    assert not [code for code in codes if code in written or code in facts or code in shown]
    assert "5 sit already, 1 of 6 seats are drawn" in shown
    assert "A sealed draw for vacant seats" in shown
    assert "Chances up to" not in shown
    assert 'class="chances' not in shown
    announced = acts.entry(institution, Action.REPLACEMENT_ANNOUNCED).facts
    assert "over_maximum" not in announced
    committed = acts.entries(institution, Action.LOTTERY_COMMITTED)[-1].facts
    assert not {"types", "compositions"} & {*committed}
    code = min(fresh)
    asked = client.post(page.request["PATH_INFO"], {"code": code}).content.decode()
    assert f"Yes: {code} is in the pool. Its chance stands in the receipt of the person alone." in asked


def test_everybody_in_the_pool_has_a_receipt_that_tells_her_chance_to_her_alone(
    institution, replaced, stranger
):
    cycle, _first, second = replaced
    entry = second.selections.get(kind="member").entry
    invitation = entry.original.respondent.invitation
    citizen = Actor.citizen(invitation.selector)
    [found] = receipts.further_receipts(actor=citizen, invitation=invitation)
    assert found.entry == entry
    checked = verify_receipt(second.record.document, found.receipt)
    assert checked.ok
    assert checked.steps[-1].detail == f"the chance to be drawn was {found.chance}; drawn as a member"
    assert receipts.pool_receipt(actor=citizen, invitation=invitation).entry.code != entry.code
    with pytest.raises(NotAllowed):
        receipts.further_receipts(actor=stranger, invitation=invitation)
    member = cycle.members.first().respondent.invitation
    assert receipts.further_receipts(actor=Actor.citizen(member.selector), invitation=member) == []


def test_once_the_seals_are_destroyed_the_record_still_verifies_and_no_receipt_is_made(
    institution, replaced
):
    _cycle, _first, second = replaced
    assert disclosing.destroy_seals(second)
    second.refresh_from_db()
    assert second.record.observers_file is None
    assert verify(second.record.document).ok
    invitation = second.pool.entries.first().original.respondent.invitation
    citizen = Actor.citizen(invitation.selector)
    assert receipts.further_receipts(actor=citizen, invitation=invitation) == []


def test_a_body_of_whom_some_were_drawn_under_seal_rotates_under_seal(town, secretariat, client):
    """Also where nothing sensitive is asked any more: an open record would tell the features of those who stay."""
    cycle = open_cycle(town, secretariat)
    make_sensitive(cycle)
    first = close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())
    first, end = panels.run(secretariat, first)
    with clock.at(end):
        panels.seat(secretariat, first)
    with clock.at(end + 140 * panels.DAY):
        cycle = open_cycle(town, secretariat)
        draw = close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())
        assert (draw.kind, draw.size, draw.disclosure) == (DrawKind.ROTATION, 8, Disclosure.SEALED)
        facts = acts.entries(town, Action.POOL_FROZEN)[-1].facts
        assert facts["disclosure_rule"] == "drawn under seal before"
        draw, end = panels.run(secretariat, draw)
    document, opening = draw.record.document, draw.record.observers_file
    assert document["specification"]["completes"] == {"record": None, "size": SIZE}
    assert verify(document).ok
    observer = verify(document, observers=opening)
    assert observer.ok
    assert not [step.name for step in observer.steps if step.unchecked]
    assert len(opening["sitting"]) > 1
    assert opening["origins"] == []
    page = client.get(reverse("public:draw", args=[town.slug, cycle.number, draw.number]))
    assert "Some of those who sit were drawn under seal" in page.content.decode()
    with clock.at(end):
        panels.seat(secretariat, draw)
        assert Term.objects.filter(member__cycle=cycle).count() == 8
