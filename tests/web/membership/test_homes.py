"""People of one home: at most one of them is drawn, the record proves it, and the pages say how many live together."""

from __future__ import annotations

import itertools

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from isegoria import proof
from isegoria.proof import dump, verify, verify_earlier, verify_receipt
from isegoria.proof.record import codes_by_type, links_of
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import disclosing
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.enums import Disclosure, DrawKind, DrawStatus
from isegoria_web.lottery.errors import HomesConflict
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.membership import services, vacancies
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Alternate, Term
from isegoria_web.recruitment import receipts
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.duplicates import home_key
from isegoria_web.recruitment.erasing import erase_on_request
from isegoria_web.recruitment.models import Respondent
from tests.support import browser_verifier
from tests.web import acts, factories
from tests.web.membership import panels
from tests.web.membership.test_rotating import open_cycle
from tests.web.membership.test_sealed_seats import make_sensitive

pytestmark = pytest.mark.django_db

SPELLINGS = ("Mill St.", "MILL STREET", "mill street", " Mill  Street ")


def live_together(cycle, *sizes) -> list[list[Respondent]]:
    """Move the first who said yes into homes of so many people, each spelling the address in another way."""
    people = iter(Respondent.objects.filter(invitation__campaign__cycle=cycle).order_by("pk"))
    homes = [list(itertools.islice(people, size)) for size in sizes]
    for number, home in enumerate(homes, start=1):
        for person, street in zip(home, itertools.cycle(SPELLINGS)):
            resident = person.invitation.resident
            resident.street, resident.house_number = street, f"{number}"
            resident.save()
    return homes


def pool_of(institution, secretariat, *homes, people=24, **more):
    cycle = panels.make_pool(institution, secretariat, people=people, **more)
    return cycle, live_together(cycle, *homes)


def close(secretariat, cycle):
    return recruitment.close_pool(actor=secretariat, campaign=cycle.campaigns.get(), **panels.source())


def homes_in(draw) -> list[set[str]]:
    """The codes of each home of which several are in a pool."""
    found: dict[int, set[str]] = {}
    for entry in draw.pool.entries.exclude(home=None):
        found.setdefault(entry.home, set()).add(entry.code)
    return list(found.values())


def outcomes(commitment, alternates=24, seeds=60):
    """What the committed lottery comes to for many values of the randomness."""
    pool, compositions = commitment["pool"], commitment["lottery"]["compositions"]
    odds = [(one["tickets"], one["counts"]) for one in compositions]
    for number in range(seeds):
        yield proof.draw(bytes([number]) * 32, odds, codes_by_type(pool), alternates, links_of(pool))


def share_no_home(codes, homes) -> bool:
    return all(len(home & {*codes}) <= 1 for home in homes)


def public_page(client, institution, cycle, draw) -> str:
    return client.get(
        reverse("public:draw", args=[institution.slug, cycle.number, draw.number])
    ).content.decode()


def test_of_a_home_at_most_one_is_drawn_whatever_the_randomness_and_all_of_it_can_be_checked(
    institution, secretariat, client, office_page
):
    cycle, together = pool_of(institution, secretariat, 3, 3, 2, 2)
    assert len({home_key(person.invitation) for person in together[0]}) == 1
    assert "Of 24 people in the pool, 10 live with somebody else who is in it. Of a home at most one person is drawn." in (
        office_page(cycle)
    )  # fmt: skip
    draw = close(secretariat, cycle)
    homes = homes_in(draw)
    assert sorted(map(len, homes)) == [2, 2, 3, 3]
    assert draw.pool.entries.exclude(home=None).count() == 10
    frozen = acts.entry(institution, Action.POOL_FROZEN).facts
    assert frozen["share_a_home"] == 10
    assert frozen["home_rule"].startswith("silent")
    draw, end = panels.run(secretariat, draw)
    document = draw.record.document
    assert document["pool"]["links"]["apart"]
    for outcome in outcomes(draw.record.commitment):
        assert share_no_home((*outcome.members, *outcome.alternates), homes)
    chosen = draw.selections.values_list("entry__code", flat=True)
    assert share_no_home(chosen, homes)
    assert verify(document, published=draw.record.commitment_sha256).ok
    with browser_verifier.browser() as node:
        assert node.verdict(dump(document)) == (True, None)
    assert "Of 24 people in the pool, 10 live with somebody else" in public_page(
        client, institution, cycle, draw
    )
    with clock.at(end):
        entry = draw.pool.entries.exclude(home=None).filter(selection=None).first()
        letters = [person.invitation for home in together for person in home]
        made = [receipts.pool_receipt(actor=Actor.citizen(one.selector), invitation=one) for one in letters]
        assert all(verify_receipt(document, one.receipt).ok for one in made)
        gone = entry.respondent.invitation
        erase_on_request(actor=secretariat, invitation=gone)
        draw.refresh_from_db()
        assert verify(draw.record.document).ok
        assert all(
            verify_receipt(document, receipts.pool_receipt(actor=Actor.citizen(one.selector), invitation=one).receipt).ok
            for one in letters
            if one != gone
        )  # fmt: skip
    with (
        pytest.raises(DatabaseError, match="an entry of a frozen pool cannot be changed"),
        transaction.atomic(),
    ):
        PoolEntry.objects.filter(pk=entry.pk).update(home=99)


@pytest.fixture
def office_page(institution, secretariat, client):
    """The office's page that closes the pool, as the secretariat reads it."""

    def page(cycle) -> str:
        client.force_login(secretariat.user)
        return client.get(reverse("office:pool", args=[institution.slug, cycle.number])).content.decode()

    return page


def test_under_seal_too_and_few_who_live_together_are_not_counted(
    institution, secretariat, client, office_page
):
    cycle, _together = pool_of(institution, secretariat, 2, 2)
    make_sensitive(cycle)
    few = "Fewer than five people of the pool live with somebody else who is in it. Of a home at most one person is drawn."
    assert few in office_page(cycle)
    draw, end = panels.run(secretariat, close(secretariat, cycle))
    assert draw.disclosure == Disclosure.SEALED
    assert acts.entry(institution, Action.POOL_FROZEN).facts["share_a_home"] == "fewer than 5"
    assert few in public_page(client, institution, cycle, draw)
    document = draw.record.document
    for outcome in outcomes(draw.record.commitment):
        assert share_no_home((*outcome.members, *outcome.alternates), homes_in(draw))
    with clock.at(end):
        opening = disclosing.give_observers_file(
            actor=factories.actor(institution, Role.OBSERVER), draw=draw
        )
        found = verify(document, observers=opening)
        assert found.ok
        assert not [step.name for step in found.steps if step.unchecked]
        with browser_verifier.browser() as node:
            assert node.verdict(dump(document)) == (True, None)
        for entry in draw.pool.entries.select_related("respondent__invitation"):
            letter = entry.respondent.invitation
            made = receipts.pool_receipt(actor=Actor.citizen(letter.selector), invitation=letter)
            assert verify_receipt(document, made.receipt).ok


def test_too_few_homes_are_refused_with_the_numbers_and_nothing_is_frozen(institution, secretariat, client):
    cycle, _together = pool_of(institution, secretariat, 4, 4, 4, people=12)
    with pytest.raises(HomesConflict) as refused:
        close(secretariat, cycle)
    assert "no panel of 6 meets the quotas: of 12 people 12 live together in 3 homes" in f"{refused.value}"
    with pytest.raises(HomesConflict):
        recruitment.test_draw(actor=secretariat, campaign=cycle.campaigns.get())
    assert not Draw.objects.filter(cycle=cycle).of_panel().exists()
    assert cycle.campaigns.get().closed_at is None
    advised = recruitment.advise_on_quotas(actor=secretariat, campaign=cycle.campaigns.get())
    assert not advised.feasible
    client.force_login(secretariat.user)
    page = client.get(reverse("office:quotas_advice", args=[institution.slug, cycle.number]))
    assert page.status_code == 200
    assert "Of a home at most one person is drawn." in page.content.decode()


def test_a_test_draw_keeps_people_of_one_home_apart_as_well(institution, secretariat):
    cycle, _together = pool_of(institution, secretariat, 4, 4, people=13)
    campaign = cycle.campaigns.get()
    willing = sorted(
        Respondent.objects.select_related("invitation__resident").order_by("pk"),
        key=lambda each: sorted(each.answers.items()),
    )
    home = {f"TEST{number:06}": home_key(each.invitation) for number, each in enumerate(willing, start=1)}
    for _ in range(5):
        made = recruitment.test_draw(actor=secretariat, campaign=campaign).document
        drawn = [home[code] for code in (*made["members"], *made["alternates"])]
        assert len(drawn) == len({*drawn})


# -- vacant seats -------------------------------------------------------------------------------------------


def seated(secretariat, cycle):
    """Draw the panel and seat it; two leave, and no alternate waits. Returns the draw and the moment."""
    draw, now = panels.run(secretariat, close(secretariat, cycle))
    with clock.at(now):
        panels.seat(secretariat, draw)
        for alternate in Alternate.objects.filter(cycle=cycle):
            services.withdraw_alternate(actor=secretariat, alternate=alternate)
        for term in Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).order_by(
            "seat__number"
        )[:2]:
            services.leave_seat(
                actor=secretariat, term=term, reason=EndReason.RESIGNATION, on=clock.now().date()
            )
    return draw, now


def move_the_rest_together(cycle, *, alike=False) -> list[list[Respondent]]:
    """All who are left of the pool live in homes of two, by the order of their letters; alike, with equals."""
    left = [entry.original.respondent for entry in vacancies.remaining(cycle).entries]
    left.sort(key=lambda each: (sorted(each.answers.items()) if alike else [], each.invitation.position))
    homes = []
    for _features, found in itertools.groupby(
        left, key=lambda each: alike and sorted(each.answers.items())
    ):
        people = list(found)
        homes += [people[place : place + 2] for place in range(0, len(people), 2)]
    for number, home in enumerate(homes):
        Respondent.objects.filter(pk__in=[person.pk for person in home]).update(home_key=f"{number:064x}")
    return homes


def replace(secretariat, cycle):
    return vacancies.announce_replacement(actor=secretariat, cycle=cycle, **panels.source())


def test_an_open_draw_for_two_vacant_seats_takes_no_two_of_one_home(institution, secretariat):
    cycle, _together = pool_of(institution, secretariat, people=36)
    first, now = seated(secretariat, cycle)
    with clock.at(now):
        move_the_rest_together(cycle)
        draw = replace(secretariat, cycle)
        assert draw.pool.size == 28
        homes = homes_in(draw)
        assert [len(home) for home in homes] == [2] * 14
        assert acts.entry(institution, Action.REPLACEMENT_ANNOUNCED).facts["share_a_home"] == 28
        draw, _end = panels.run(secretariat, draw, "2-7-1-8-2-8-1-8")
    for outcome in outcomes(draw.record.commitment):
        assert share_no_home((*outcome.members, *outcome.alternates), homes)
    document = draw.record.document
    assert verify(document).ok
    assert all(step.ok for step in verify_earlier(document, first.record.document))
    with browser_verifier.browser() as node:
        assert node.verdict(dump(document)) == (True, None)


def test_under_seal_one_of_each_home_is_left_for_vacant_seats_whose_letter_was_drawn_first(
    institution, secretariat
):
    cycle, _together = pool_of(institution, secretariat, people=32)
    make_sensitive(cycle)
    _first, now = seated(secretariat, cycle)
    with clock.at(now):
        homes = move_the_rest_together(cycle, alike=True)
        draw = replace(secretariat, cycle)
        kept = {
            entry.original.respondent for entry in draw.pool.entries.select_related("first__respondent")
        }
        assert kept == {home[0] for home in homes}
        assert homes_in(draw) == []
        facts = acts.entry(institution, Action.REPLACEMENT_ANNOUNCED).facts
        assert facts["left_out"][vacancies.SHARED_HOME] == sum(len(home) == 2 for home in homes)
        draw, _end = panels.run(secretariat, draw, "2-7-1-8-2-8-1-8")
    assert draw.status == DrawStatus.FINAL
    assert draw.record.document["format"] == "isegoria-draw-record/2"
    assert verify(draw.record.document, observers=draw.record.observers_file).ok


def test_a_sealed_draw_for_vacant_seats_is_given_no_homes(institution, secretariat):
    cycle, _together = pool_of(institution, secretariat, people=32)
    make_sensitive(cycle)
    first, now = seated(secretariat, cycle)
    assert not lottery.takes_homes(cycle, vacant=True, promised=first.is_sealed)
    assert lottery.takes_homes(cycle, vacant=False)
    with clock.at(now):
        left = vacancies.remaining(cycle)
        with pytest.raises(ValueError, match="one of each home only"), transaction.atomic():
            vacancies.freeze_remaining(
                actor=secretariat, earlier=first, candidates=left.entries, left_out={}, homes=[[0, 1]],
                sitting=[(each.code, each.features) for each in vacancies.sitting_in(cycle)], **panels.source(),
            )  # fmt: skip
        assert Draw.objects.filter(cycle=cycle, kind="replacement").count() == 0


@pytest.mark.parametrize("sealed", [False, True])
def test_a_rotation_keeps_homes_apart_by_itself_and_under_seal_by_the_order_of_the_letters(
    town, secretariat, office_page, sealed
):
    cycle = open_cycle(town, secretariat)
    first, end = panels.run(secretariat, close(secretariat, cycle))
    with clock.at(end):
        panels.seat(secretariat, first)
    with clock.at(end + 140 * panels.DAY):
        cycle = open_cycle(town, secretariat)
        homes = live_together(cycle, 3, 2)
        if sealed:
            make_sensitive(cycle)
        assert ("whose letter was drawn first" in office_page(cycle)) == sealed
        draw = close(secretariat, cycle)
        assert draw.kind == DrawKind.ROTATION
        if sealed:
            left_out = {person for home in homes for person in home[1:]}
            assert {*Respondent.objects.filter(barred_by=recruitment.SHARED_HOME)} == left_out
            checked = acts.entries(town, Action.ELIGIBILITY_CHECKED)[-1].facts["left_out"]
            assert checked[recruitment.SHARED_HOME] == len(left_out) == 3
            assert homes_in(draw) == []
            return
        assert sorted(map(len, homes_in(draw))) == [2, 3]
