"""Wider quotas for vacant seats that nobody who is left can fill: the smallest that help, in public, by two persons."""

from __future__ import annotations

import copy

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from isegoria.errors import Infeasible
from isegoria.proof import dump, verify, verify_earlier
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import changing
from isegoria_web.lottery.errors import (
    NotSearched,
    NoWayOut,
    PoolFrozen,
    QuotaChangeClosed,
    QuotaChangeOpen,
    QuotaChangeOvertaken,
    QuotasWouldTell,
    SeatsCanBeFilled,
    TwoPersonsForQuotas,
)
from isegoria_web.membership import jobs, vacancies, widening
from isegoria_web.membership.errors import AlternatesWait
from isegoria_web.membership.models import Alternate, SeatSearch
from isegoria_web.recruitment.models import Respondent
from tests.support import browser_verifier
from tests.web import acts, factories
from tests.web.factories import texts
from tests.web.membership import panels
from tests.web.membership.test_sealed_seats import seated
from tests.web.membership.test_vacancies import (  # noqa: F401  # fixtures
    LATER,
    _same_lots,
    announce,
    cycle,
    leave,
    sitting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stuck(secretariat, cycle):  # noqa: F811
    """One seat is vacant, and nobody of the sex of whoever left is left to fill it."""
    term = sitting(cycle)[0]
    leave(secretariat, term)
    for entry in vacancies.remaining(cycle).entries:
        if entry.features["sex"] == term.member.features["sex"]:
            Respondent.objects.filter(pk=entry.original.respondent.pk).update(withdrawn_at=clock.now())
    return cycle


@pytest.fixture
def colleague(institution):
    return factories.actor(institution, Role.SECRETARIAT)


def look(actor, stuck):
    """Ask, and have it looked for, as a worker does: in tests at once."""
    return jobs.look_for_ways_later(actor=actor, cycle=stuck)


def propose(actor, stuck, way=0):
    return widening.propose_wider_quotas(actor=actor, cycle=stuck, way=way, reason=texts("Nobody is left."))


def test_two_persons_widen_the_quotas_by_no_more_than_helps_and_the_lot_decides(
    institution, secretariat, colleague, stuck, client
):
    with pytest.raises(Infeasible):
        announce(secretariat, stuck)
    assert widening.advise_on_seats(actor=secretariat, cycle=stuck) is None
    with pytest.raises(NotSearched):
        propose(secretariat, stuck)
    look(secretariat, stuck)
    advice = widening.advise_on_seats(actor=secretariat, cycle=stuck)
    assert advice.ways[0].rows in (
        {("sex", "F"): (2, 3), ("sex", "M"): (3, 4)}, {("sex", "F"): (3, 4), ("sex", "M"): (2, 3)},
    )  # fmt: skip
    change = propose(secretariat, stuck)
    facts = acts.entry(institution, Action.QUOTAS_PROPOSED).facts
    assert (facts["repairs"], facts["reason"]) == (
        vacancies.last_draw(stuck).number,
        texts("Nobody is left."),
    )
    with pytest.raises(Infeasible):
        announce(secretariat, stuck)  # proposed is not made
    widening.widen_quotas(actor=colleague, change=change)
    assert acts.entry(institution, Action.QUOTAS_CHANGED).facts["persons"] == 2
    first = vacancies.last_draw(stuck)
    second, _now = panels.run(secretariat, announce(secretariat, stuck), LATER)
    document = second.record.document
    assert verify(document).ok
    beside = verify_earlier(document, first.record.document)
    assert [(step.name, step.ok, bool(step.unchecked)) for step in beside] == [
        ("earlier", True, False), ("sitting", True, True), ("candidates", True, False),
    ]  # fmt: skip
    narrower = copy.deepcopy(document)
    narrower["specification"]["completes"]["quotas"][0]["maximum"] -= 2
    assert [step.ok for step in verify_earlier(narrower, first.record.document)] == [True, False, True]
    with browser_verifier.browser() as node:
        for one in (document, narrower):
            said = node.ask(dump(one), earlier=first.record.document)["steps"]
            assert [(each["name"], each["ok"], bool(each["unchecked"])) for each in said] == [
                (step.name, step.ok, bool(step.unchecked))
                for step in verify_earlier(one, first.record.document)
            ]
    shown = client.get(reverse("public:draw", args=[institution.slug, stuck.number, second.number]))
    assert "2–3" in shown.content.decode()
    assert "Nobody is left." in shown.content.decode()
    of_the_first = client.get(reverse("public:draw", args=[institution.slug, stuck.number, first.number]))
    assert '<td class="number">2–3</td>' not in of_the_first.content.decode()


def test_who_may_and_when(institution, secretariat, colleague, stuck, stranger):
    for actor in (stranger, None):
        for act in (propose, look, lambda one, of: widening.advise_on_seats(actor=one, cycle=of)):
            with pytest.raises(NotAllowed):
                act(actor, stuck)
    look(secretariat, stuck)
    with pytest.raises(NoWayOut):
        propose(secretariat, stuck, way=9)
    change = propose(secretariat, stuck)
    with pytest.raises(QuotaChangeOpen):
        propose(colleague, stuck)
    with pytest.raises(TwoPersonsForQuotas):
        widening.widen_quotas(actor=secretariat, change=change)
    with pytest.raises(PoolFrozen):
        changing.confirm_quotas_change(actor=colleague, change=change)  # those of the panel are fixed
    with pytest.raises(NotAllowed):
        widening.widen_quotas(actor=stranger, change=change)
    changing.withdraw_quotas_change(actor=secretariat, change=change)
    with pytest.raises(QuotaChangeClosed):
        widening.widen_quotas(actor=colleague, change=change)
    other = propose(secretariat, stuck)
    Respondent.objects.filter(withdrawn_at__isnull=False).update(withdrawn_at=None)
    with pytest.raises(NotSearched):  # others are left than those for whom it was found
        widening.widen_quotas(actor=colleague, change=other)
    look(colleague, stuck)
    with pytest.raises(SeatsCanBeFilled):
        widening.widen_quotas(actor=colleague, change=other)
    with pytest.raises(SeatsCanBeFilled):
        propose(secretariat, changing.withdraw_quotas_change(actor=secretariat, change=other).cycle)


def test_a_proposal_is_overtaken_where_another_change_would_help(secretariat, colleague, stuck):
    look(secretariat, stuck)
    change = propose(secretariat, stuck)
    Respondent.objects.update(withdrawn_at=None)
    kind = sitting(stuck)[0].member.features["age"]
    leave(secretariat, sitting(stuck)[0])
    for entry in vacancies.remaining(stuck).entries:
        if entry.features["age"] == kind:
            Respondent.objects.filter(pk=entry.original.respondent.pk).update(withdrawn_at=clock.now())
    look(secretariat, stuck)
    with pytest.raises(QuotaChangeOvertaken):
        widening.widen_quotas(actor=colleague, change=change)


def test_a_sealed_body_tells_nothing_by_wider_quotas_and_waiting_alternates_come_first(secretariat, stuck):
    Alternate.objects.filter(cycle=stuck).update(status="waiting")
    with pytest.raises(AlternatesWait):
        propose(secretariat, stuck)


def test_a_sealed_body_tells_nothing_by_wider_quotas(institution, secretariat):
    closed, _draw, now = seated(institution, secretariat)
    with clock.at(now):
        leave(secretariat, sitting(closed)[0])
        for ask in (
            lambda: widening.advise_on_seats(actor=secretariat, cycle=closed),
            lambda: propose(secretariat, closed),
        ):
            with pytest.raises(QuotasWouldTell):
                ask()
        office = Client()
        office.force_login(secretariat.user)
        shown = office.get(reverse("office:wider_quotas", args=[institution.slug, closed.number]))
        assert "would tell who sits" in shown.content.decode()


def test_the_database_keeps_for_whose_seats_a_change_was_made(secretariat, stuck):
    look(secretariat, stuck)
    change = propose(secretariat, stuck)
    for act in (
        lambda: type(change).objects.filter(pk=change.pk).update(repairs=None),
        lambda: type(change).objects.filter(pk=change.pk).update(rows=[]),
        lambda: type(change).objects.filter(pk=change.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_office_proposes_it_on_its_page_and_the_exception_points_there_first(
    institution, secretariat, colleague, stuck
):
    office = Client()
    office.force_login(secretariat.user)
    where = reverse("office:wider_quotas", args=[institution.slug, stuck.number])
    exception = office.get(reverse("office:exception_new", args=[institution.slug, stuck.number]))
    assert "Nobody has looked yet whether a change of the quotas" in exception.content.decode()
    assert "Look for it" in office.get(where).content.decode()
    assert office.post(where)["Location"] == where
    shown = office.get(where).content.decode()
    assert "Nobody who is left lets the whole body meet its quotas" in shown
    exception = office.get(reverse("office:exception_new", args=[institution.slug, stuck.number]))
    assert "First: a change of the quotas lets the lot decide" in exception.content.decode()
    answer = office.post(
        where, {"way": "0", **{f"reason_{code}": "Niemand." for code in institution.languages}}
    )
    assert answer.status_code == 302
    change = changing.open_change(stuck)
    other = Client()
    other.force_login(colleague.user)
    confirm = reverse("office:quotas_change_confirm", args=[institution.slug, stuck.number, change.number])
    assert "The vacant seats are drawn under the new quotas." in other.get(confirm).content.decode()
    assert other.post(confirm, {"confirmed": "yes"}).status_code == 302
    change.refresh_from_db()
    assert change.confirmed_by == colleague.user


def test_a_page_only_asks_and_a_worker_that_is_killed_leaves_nothing_to_repair(
    institution, secretariat, stuck, monkeypatch
):
    asked = []
    monkeypatch.setattr(type(jobs.look_for_ways), "enqueue", lambda _task, *given: asked.append(given))
    office = Client()
    office.force_login(secretariat.user)
    where = reverse("office:wider_quotas", args=[institution.slug, stuck.number])
    for _twice in range(2):
        assert office.post(where).status_code == 302
    (given,) = asked  # asked twice, sought once
    shown = office.get(where).content.decode()
    assert "Looking for the smallest change of the quotas" in shown
    assert "data-open" in shown
    with pytest.raises(NotSearched):
        propose(secretariat, stuck)

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(widening.algorithms, "advice_on_seats", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.look_for_ways.func(*given)
    search = SeatSearch.objects.get()
    assert search.goes_on
    assert jobs.look_for_ways.func(*given)
    search.refresh_from_db()
    first = search.found
    assert not jobs.look_for_ways.func(*given)  # it is found once
    SeatSearch.objects.update(found=None, done_at=None)
    assert jobs.look_for_ways.func(*given)
    search.refresh_from_db()
    assert search.found == first


def test_what_was_asked_of_others_is_dropped_and_what_failed_is_told_and_sought_again(
    institution, secretariat, stuck, monkeypatch
):
    asked = []
    with monkeypatch.context() as patch:
        patch.setattr(type(jobs.look_for_ways), "enqueue", lambda _task, *given: asked.append(given))
        look(secretariat, stuck)
    withdrawn = Respondent.objects.filter(withdrawn_at__isnull=False).first()
    Respondent.objects.filter(pk=withdrawn.pk).update(withdrawn_at=None)
    assert not jobs.look_for_ways.func(*asked[0])
    assert not SeatSearch.objects.exists()

    def fail(*_given: object) -> None:
        raise Infeasible("quotas_conflict", size=6, conflict="age", relaxation="")

    with monkeypatch.context() as patch:
        patch.setattr(widening.algorithms, "advice_on_seats", fail)
        look(secretariat, stuck)
    office = Client()
    office.force_login(secretariat.user)
    where = reverse("office:wider_quotas", args=[institution.slug, stuck.number])
    assert "message error" in office.get(where).content.decode()
    assert office.post(where).status_code == 302
    assert widening.advise_on_seats(actor=secretariat, cycle=stuck) is not None


def test_the_page_of_an_exception_hides_no_fault_that_it_does_not_expect(
    institution, secretariat, stuck, monkeypatch
):
    def fail(**_given: object) -> None:
        raise Infeasible("quotas_conflict", size=6, conflict="", relaxation="")

    monkeypatch.setattr(widening, "advise_on_seats", fail)
    office = Client()
    office.force_login(secretariat.user)
    address = reverse("office:exception_new", args=[institution.slug, stuck.number])
    assert office.get(address).status_code >= 400
