"""What a resident gets to check for herself: with the code of her letter, or at the counter."""

import datetime as dt
import json
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from isegoria import register
from isegoria.proof import verify_receipt
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import services as lottery
from isegoria_web.recruitment import answering, codes, receipts, services
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import NotEligible, NotInExtract
from isegoria_web.recruitment.models import Campaign, Invitation
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.services import erase_extract, load_extract
from tests.web import acts, factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db

DUE = NOW + dt.timedelta(hours=2)
AFTER = DUE + dt.timedelta(minutes=1)
PANEL_DUE = NOW + dt.timedelta(days=1)
PANEL_AFTER = PANEL_DUE + dt.timedelta(minutes=1)
CODE = codes.parse("ABCD-EFGH-JKMN-PQR" + codes.check_character("ABCDEFGHJKMNPQR"))


@pytest.fixture
def rows():
    return register.synthesize("receipts", 120)


@pytest.fixture
def cycle(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    factories.amend_rule_book(cycle, "[draw]", '[draw]\ndisclosure = "sealed"')
    lottery.propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


@pytest.fixture
def announced(institution, secretariat, cycle, rows, tmp_path, settings) -> Campaign:
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(rows, path)
    extract = load_extract(
        actor=secretariat, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
    return services.announce_letters(
        actor=secretariat, cycle=cycle, extract=extract, letters=24, age_min=16,
        reply_by=dt.date(2027, 4, 5), source=texts("Dice"), source_due_at=DUE,
    )  # fmt: skip


@pytest.fixture
def drawn(secretariat, announced) -> Campaign:
    with clock.at(AFTER):
        factories.throw(announced.draw, "3-1-4")
        return services.draw_letters(actor=secretariat, campaign=announced)


@pytest.fixture
def letter(drawn) -> Invitation:
    """The first letter, with the code `CODE`; all letters are in the post."""
    drawn.invitations.update(status=InvitationStatus.SENT)
    made = drawn.invitations.first()
    made.selector, made.secret_hash = CODE.selector, codes.hash_secret(CODE.secret)
    made.save()
    return made


@pytest.fixture
def committed(secretariat, letter):
    """Everybody who got a letter said yes, and the lottery is committed, sealed."""
    for number, each in enumerate(letter.campaign.invitations.all()):
        answering.accept(
            actor=Actor.citizen(each.selector), invitation=each, name=f"Anna {number}",
            email=f"anna{number}@example.org", phone="", language="de",
            answers={key: values[number % len(values)] for key, values in factories.FEATURES.items()},
            needs=[], consent=True,
        )  # fmt: skip
    draw = services.close_pool(
        actor=secretariat, campaign=letter.campaign, source=texts("Dice"), source_due_at=PANEL_DUE
    )
    lottery.commit_lottery(actor=secretariat, draw=draw)
    return draw


@pytest.fixture
def panel(secretariat, committed):
    with clock.at(PANEL_AFTER):
        factories.throw(committed, "2-7-1")
        return lottery.draw_panel(actor=secretariat, draw=committed)


def of_letters(letter):
    return receipts.letter_receipt(actor=Actor.citizen(letter.selector), invitation=letter)


def of_pool(letter):
    return receipts.pool_receipt(actor=Actor.citizen(letter.selector), invitation=letter)


# -- the letters ----------------------------------------------------------------------------------------


def test_every_letter_has_a_receipt_that_holds_and_a_place_before_the_last_letter(drawn):
    document = drawn.draw.record.document
    sent = {one["stratum"]: one["letters"] for one in document["register"]["strata"]}
    seen = {}
    for letter in drawn.invitations.all():
        made = of_letters(letter)
        found = verify_receipt(document, made["receipt"])
        assert found.ok
        assert found.steps[-1].detail.endswith("; a letter was drawn")
        seen.setdefault(made["receipt"]["stratum"], []).append(made["place"])
    assert {place: sorted(found) for place, found in seen.items()} == {
        place: list(range(1, count + 1)) for place, count in sent.items() if count
    }


def test_only_who_has_the_letter_gets_its_receipts(letter, secretariat, stranger):
    other = Actor.citizen(letter.campaign.invitations.last().selector)
    for actor in (other, secretariat, stranger, Actor.system(), Actor.citizen(""), None):
        for ask in (receipts.letter_receipt, receipts.pool_receipt):
            with pytest.raises(NotAllowed):
                ask(actor=actor, invitation=letter)


def test_the_receipts_go_with_the_extract(secretariat, letter):
    assert of_letters(letter) is not None
    erase_extract(actor=secretariat, extract=letter.campaign.extract)
    letter.refresh_from_db()
    assert of_letters(letter) is None


def invited(campaign, rows):
    names = {(each.resident.given_name, each.resident.family_name, each.resident.birth_date.isoformat())
             for each in campaign.invitations.select_related("resident")}  # fmt: skip
    return {
        row["id"] for row in rows if (row["given_name"], row["family_name"], row["birth_date"]) in names
    }


def give(actor, campaign, number):
    return receipts.give_letter_receipt(actor=actor, campaign=campaign, number=number)


def adults(rows):
    return [row["id"] for row in rows if row["birth_date"] < "2011-04-05"]


def test_at_the_counter_somebody_without_a_letter_learns_her_place_and_that_none_was_drawn(
    institution, secretariat, drawn, rows
):
    with_letter = invited(drawn, rows)
    number = next(each for each in adults(rows) if each not in with_letter)
    made = give(secretariat, drawn, f" {number} ")
    found = verify_receipt(drawn.draw.record.document, made["receipt"])
    assert found.ok
    assert found.steps[-1].detail.endswith("; no letter was drawn")
    stratum = next(
        one
        for one in drawn.draw.record.document["register"]["strata"]
        if one["stratum"] == made["receipt"]["stratum"]
    )
    assert stratum["letters"] < made["place"] <= made["of"] == stratum["eligible"]
    given = acts.entry(institution, Action.RECEIPT_GIVEN)
    assert (given.facts, number in json.dumps([given.actor, given.subject, given.facts])) == ({}, False)


def test_before_the_draw_nobody_has_a_place(secretariat, announced, rows):
    made = give(secretariat, announced, adults(rows)[0])
    assert made["place"] is None
    assert verify_receipt(announced.draw.record.commitment, made["receipt"]).ok


def test_nobody_but_the_secretariat_makes_a_receipt_at_the_counter(institution, drawn, rows):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: give(actor, drawn, adults(rows)[0]))


def test_a_second_receipt_is_the_same_and_a_second_entry(institution, secretariat, drawn, rows):
    number = adults(rows)[0]
    assert give(secretariat, drawn, number) == give(secretariat, drawn, number)
    assert len(acts.entries(institution, Action.RECEIPT_GIVEN)) == 2


def test_who_is_not_in_the_extract_or_too_young_is_told_so(institution, secretariat, drawn, rows):
    with pytest.raises(NotInExtract):
        give(secretariat, drawn, "nobody")
    child = next(row["id"] for row in rows if row["id"] not in adults(rows))
    with pytest.raises(NotEligible):
        give(secretariat, drawn, child)
    assert acts.entries(institution, Action.RECEIPT_GIVEN) == []


def test_after_the_erasure_nobody_can_be_found(secretariat, drawn, rows):
    erase_extract(actor=secretariat, extract=drawn.extract)
    drawn.refresh_from_db()
    with pytest.raises(ExtractErased):
        give(secretariat, drawn, adults(rows)[0])


# -- the pool -------------------------------------------------------------------------------------------


def test_there_is_no_receipt_of_the_pool_before_the_lottery_is_committed(letter):
    assert of_pool(letter) is None


def test_everybody_in_the_pool_has_a_receipt_that_opens_her_seal_and_her_exact_chance(committed, letter):
    letter.refresh_from_db()
    made = of_pool(letter)
    assert verify_receipt(committed.record.commitment, made.receipt).ok
    kind = next(
        one["type"]
        for one in committed.record.commitment["pool"]["entries"]
        if one["code"] == made.entry.code
    )
    assert made.chance == Fraction(committed.record.commitment["lottery"]["chances"][kind])


def test_who_was_erased_has_no_receipt_of_the_pool(committed, letter):
    of_pool(letter).entry.pool.entries.update(salt="")
    assert of_pool(letter) is None


# -- the pages ------------------------------------------------------------------------------------------


def address_of(name, institution, *more):
    return reverse(f"answer:{name}", args=[institution.slug, *more])


def opened(institution, code=str(CODE)):
    client = Client()
    answer = client.post(address_of("receipt", institution), {"code": code})
    return client, answer


def test_the_code_of_the_letter_opens_the_page_and_stands_in_no_address(institution, panel, letter):
    client, answer = opened(institution)
    assert answer.status_code == 302
    assert answer["Location"] == address_of("receipt", institution)
    shown = client.get(answer["Location"])
    assert shown["Cache-Control"].startswith("max-age=0")
    page = shown.content.decode()
    made = of_pool(letter)
    assert made.entry.code in page
    assert str(made.chance) in page
    assert made.receipt["path"][0]["hash"] in page
    assert "You were in the pool." in page
    assert "early enough for a letter" in page
    assert "opens the seal of your own group" in page


def test_the_receipts_are_files_for_the_command_line(institution, panel, letter):
    client, _answer = opened(institution)
    for which, document in (
        ("pool", panel.record.document),
        ("letter", letter.campaign.draw.record.document),
    ):
        answer = client.get(address_of("receipt_file", institution, which))
        assert answer["Content-Disposition"] == f'attachment; filename="{which}-receipt.json"'
        assert verify_receipt(document, json.loads(answer.content)).ok


def test_without_the_code_nobody_sees_anything(institution, panel):
    page = Client().get(address_of("receipt", institution))
    assert page.status_code == 200
    assert "Type the code of your letter" in page.content.decode()
    for which in ("pool", "letter"):
        answer = Client().get(address_of("receipt_file", institution, which))
        assert (answer.status_code, answer["Location"]) == (302, address_of("receipt", institution))


def test_wrong_codes_are_told_and_slowed_down(institution, letter):
    statuses = [opened(institution, "AAAA-BBBB-CCCC-DDDD")[1].status_code for _try in range(10)]
    assert set(statuses) == {422}
    assert "too many wrong codes" in opened(institution)[1].content.decode(), (
        "the right one has to wait, too"
    )


def test_the_page_forgets_after_an_hour(institution, panel):
    client, _answer = opened(institution)
    with clock.at(NOW + dt.timedelta(minutes=61)):
        assert (
            "Type the code of your letter"
            in client.get(address_of("receipt", institution)).content.decode()
        )


def test_the_code_opens_nothing_at_another_institution(elsewhere, institution, panel):
    client, _answer = opened(institution)
    assert "Type the code of your letter" in client.get(address_of("receipt", elsewhere)).content.decode()


def test_the_counter_gives_a_file_or_says_what_is_wrong(institution, drawn, rows):
    client = Client()
    client.force_login(factories.make_user(institution, Role.SECRETARIAT))
    address = reverse("office:desk_receipt", args=[institution.slug, drawn.cycle.number])
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"number": "nobody"})
    assert (wrong.status_code, "has nobody with this number" in wrong.content.decode()) == (422, True)
    answer = client.post(address, {"number": adults(rows)[0]})
    assert verify_receipt(drawn.draw.record.document, json.loads(answer.content)).ok
