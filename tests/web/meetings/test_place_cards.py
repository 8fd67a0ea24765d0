"""Place cards, lists for the door and the picture of the room."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.services import erase_person
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import algorithms, on_the_day, services
from isegoria_web.meetings.errors import NameMissing, NobodySits, NoTables
from isegoria_web.meetings.models import Meeting, PlaceCard
from isegoria_web.meetings.place_cards import card_of, cards_pdf, change_card, lists_pdf
from isegoria_web.web import pictures
from tests.web import acts, factories


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    factories.make_features(cycle)
    return factories.make_members(cycle)


@pytest.fixture
def meeting(cycle) -> Meeting:
    return factories.make_meeting(cycle)


def change(actor, member, name="Rosi", languages="Deutsch, Français"):
    return change_card(actor=actor, member=member, name=name, languages=languages)


def text_of(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


# -- names -----------------------------------------------------------------------------------------------
def test_until_she_wishes_otherwise_a_card_has_her_first_name_and_language(members):
    card = card_of(members[0])
    assert card.name == members[0].respondent.name.split()[0]
    assert card.languages == "Deutsch"
    members[0].public_name = "Frau R."
    assert card_of(members[0]).name == "Frau R."


def test_a_member_says_how_she_wishes_to_be_called_and_changes_her_mind(institution, members):
    actor = factories.actor_of(members[0])
    change(actor, members[0])
    change(actor, members[0], "Rosa", "")
    card = card_of(members[0])
    assert (card.name, card.languages) == ("Rosa", "")
    assert PlaceCard.objects.count() == 1
    assert [each.facts for each in acts.entries(institution, Action.PLACE_CARD_CHANGED)] == [
        {"cycle": 1}
    ] * 2
    with pytest.raises(NameMissing):
        change(actor, members[0], " ")


def test_nobody_but_herself_and_the_secretariat_changes_her_card(institution, secretariat, members):
    acts.only(
        institution, Role.SECRETARIAT, act=lambda actor: change(actor, members[0]),
        also_refused=(factories.actor_of(members[1]),),
    )  # fmt: skip
    change(secretariat, members[0])
    assert PlaceCard.objects.get().member == members[0]


def test_a_card_goes_with_the_person(secretariat, members):
    change(secretariat, members[0])
    factories.end_term(members[0])
    erase_person(actor=secretariat, institution=members[0].cycle.institution, user=members[0].user)
    assert not PlaceCard.objects.exists()


# -- on paper --------------------------------------------------------------------------------------------
def test_each_member_gets_a_card_with_the_name_she_wishes_on_both_sides(secretariat, meeting, members):
    change(secretariat, members[0])
    document = cards_pdf(meeting)
    assert document.startswith(b"%PDF")
    pages = text_of(document)
    assert len(pages) == 3
    assert pages[0].count("Rosi") == 2
    assert "Français" in pages[0]


def test_markup_in_a_name_is_only_a_name(secretariat, meeting, members):
    change(secretariat, members[0], '#panic("no") *x* $', "\\ #let")
    assert '#panic("no")' in text_of(cards_pdf(meeting))[0]


def test_the_lists_say_of_everybody_where_she_sits(secretariat, meeting, members):
    change(secretariat, members[2], "Zita")
    services.plan_tables(actor=secretariat, meeting=meeting, seed_text="seed", table_size=3, rounds=2)
    pages = text_of(lists_pdf(meeting))
    assert len(pages) == 3
    tables = [members[2].tables.get(round=number).number for number in (1, 2)]
    assert re.search(rf"Zita\s*3\s*{tables[0]}\s*{tables[1]}", pages[0])
    assert all("Zita" in page for page in pages)


def test_without_people_or_tables_nothing_is_printed(meeting):
    with pytest.raises(NobodySits):
        cards_pdf(meeting)
    with pytest.raises(NoTables):
        lists_pdf(meeting)


# -- the room --------------------------------------------------------------------------------------------
def test_the_mix_of_a_table_is_counted_beside_what_an_even_one_would_be(members):
    for member, value in zip(members, "aaabbb", strict=True):
        member.features = {"sex": value}
    found = algorithms.mix({1: members[:3], 2: members[3:]})
    assert [(one.value, one.count, one.least, one.most, one.even) for one in found[1]] == [
        ("a", 3, 1, 2, False),
        ("b", 0, 1, 2, False),
    ]


def test_a_picture_of_a_table_has_a_dot_for_each_seat():
    drawn = pictures.table(3, 2, title="Table 1")
    assert str(drawn.svg).count('class="dot drawn"') == 3
    assert str(drawn.svg).count('class="dot seat"') == 2
    assert "Table 1" in str(drawn.svg)
    assert str(pictures.table(0, 0, title="Table 2").svg).count("dot") == 0


# -- pages -----------------------------------------------------------------------------------------------
def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_office_prints_and_sees_the_room(institution, secretariat, meeting, members):
    desk = browser(factories.make_user(institution, Role.FACILITATOR))
    lists, cards = (
        reverse(f"office:{name}", args=["ostbelgien", 1, 1]) for name in ("table_lists", "place_cards")
    )
    assert desk.get(lists).status_code == 409
    room = reverse("office:room", args=["ostbelgien", 1, 1, 1])
    assert desk.get(room).status_code == 404
    services.plan_tables(actor=secretariat, meeting=meeting, seed_text="seed", table_size=3, rounds=1)
    on_the_day.check_in(actor=secretariat, meeting=meeting, member=members[0])
    for address in (lists, cards):
        answer = desk.get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert "no-store" in answer["Cache-Control"]
    page = desk.get(room).content.decode()
    for kind, count in (("drawn", 1), ("seat", 5)):
        assert len(re.findall(rf'class="dot {kind}" [^>]*r="9.0"', page)) == count
    assert page.count("not here yet") >= 5
    assert "sex: F" in page


def test_a_member_changes_her_card_on_her_page(cycle, meeting, members):
    client, address = browser(members[0].user), reverse("members:check_in", args=["ostbelgien"])
    assert client.post(address, {"name": ""}).status_code == 422
    assert client.post(address, {"name": "x" * 41}).status_code == 422
    page = client.post(address, {"name": "Rosi", "languages": "Deutsch"}, follow=True).content.decode()
    assert 'value="Rosi"' in page
