"""Two answers that may come from one person: found, never dropped unseen, decided by somebody, once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment import answering, codes, duplicates, services
from isegoria_web.recruitment.duplicates import name_key
from isegoria_web.recruitment.enums import Channel, DuplicateStatus, InvitationStatus, Likeness, Refusal
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    CodeWrong,
    DuplicateDecided,
    NotAnsweredYet,
    NotBoth,
)
from isegoria_web.recruitment.models import Campaign, Duplicate, Respondent, SecondAnswer
from tests.web import acts, factories
from tests.web.factories import NOW, texts


@pytest.fixture
def people(institution) -> list[Respondent]:
    """Three people who said yes."""
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    return factories.make_respondents(cycle, 3)


@pytest.fixture
def campaign(people) -> Campaign:
    return people[0].invitation.campaign


def become(person: Respondent, name: str = "Anna Müller", **told: str) -> Respondent:
    """Tell something else, as the form would."""
    person.name, person.name_key = name, name_key(name)
    for part, value in told.items():
        setattr(person, part, value)
    person.save()
    return person


def move_in(person: Respondent, other: Respondent) -> None:
    """Register a person with the birth date and the address of another."""
    mine, theirs = person.invitation.resident, other.invitation.resident
    mine.birth_date, mine.house_number = theirs.birth_date, "  14 a"
    theirs.house_number = "14 A"
    mine.save()
    theirs.save()


@pytest.fixture
def pair(people, campaign) -> Duplicate:
    """The first two have one name and one telephone number, written in two ways."""
    become(people[0], phone="+32 87 12 34 56", email="anna@example.org")
    become(people[1], "MULLER, Anna", phone="087/123456", email="", needs=["childcare"])
    (found,) = duplicates.look_for_all(campaign)
    return found


# -- what is alike ---------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["Anna", "Jean-Luc", "Müller", "d'Hondt", "Weiß"]), min_size=1, max_size=4))
def test_a_name_is_the_same_in_any_case_and_order(parts):
    assert name_key(" ".join(parts)) == name_key(",  ".join(reversed(parts)).upper())


@pytest.mark.parametrize("other", ["Anne Muller", "Anna", "Müller Maria"])
def test_other_names_stay_others(other):
    assert name_key(other) != name_key("Anna Müller")


def test_same_name_birth_date_and_home_is_alike(people, campaign):
    become(people[0])
    become(people[1], "müller anna")
    move_in(people[1], people[0])
    (found,) = duplicates.look_for_all(campaign)
    assert found.likeness == Likeness.PERSON


def test_a_shared_address_of_mail_or_home_alone_is_not(people, campaign):
    become(people[0], email="family@example.org", phone="087123456")
    become(people[1], "Karl Müller", email="family@example.org", phone="087123456")
    move_in(people[1], people[0])
    assert duplicates.look_for_all(campaign) == []


def test_the_same_name_alone_is_not(people, campaign):
    become(people[0], email="a@example.org")
    become(people[1], email="b@example.org")
    assert duplicates.look_for_all(campaign) == []


def test_looking_again_finds_nothing_new(pair, campaign):
    assert duplicates.look_for_all(campaign) == []
    assert duplicates.open_of(campaign) == [pair]


def test_an_answer_that_comes_in_is_put_beside_the_one_it_is_like(people, campaign):
    become(people[0], phone="087 12 34 56")
    letter = people[2].invitation
    answering.accept(
        actor=Actor.citizen(letter.selector), invitation=letter, seen=factories.seen(letter), name="Müller Anna", email="",
        phone="+3287123456", language="de", answers=people[2].answers, needs=[], consent=True,
    )  # fmt: skip
    (found,) = duplicates.open_of(campaign)
    assert {found.first, found.second} == {people[0].invitation, letter}


# -- deciding --------------------------------------------------------------------------------------------


def test_only_the_secretariat_decides(institution, pair):
    acts.only(
        institution, Role.SECRETARIAT, act=lambda actor: duplicates.keep_both(actor=actor, duplicate=pair)
    )
    pair.refresh_from_db()
    assert pair.status == DuplicateStatus.OPEN


def test_two_people_stay_two(institution, secretariat, people, pair):
    duplicates.keep_both(actor=secretariat, duplicate=pair)
    assert Respondent.objects.willing().count() == 3
    assert acts.entry(institution, Action.DUPLICATE_DECIDED).facts == {
        "likeness": "phone",
        "decision": "two_people",
    }
    with pytest.raises(DuplicateDecided):
        duplicates.keep_both(actor=secretariat, duplicate=pair)


def test_one_person_keeps_one_answer_with_the_parts_that_were_chosen(
    institution, secretariat, people, pair
):
    first, second = people[0].invitation, people[1].invitation
    duplicates.merge(
        actor=secretariat, duplicate=pair, keep=first, taken={"needs": second, "phone": second}
    )
    (kept, _third) = Respondent.objects.willing().order_by("pk")
    assert (kept.invitation, kept.email) == (first, "anna@example.org")
    assert (kept.needs, kept.phone) == (["childcare"], "087/123456")
    second.refresh_from_db()
    assert second.status == InvitationStatus.MERGED
    assert acts.entry(institution, Action.DUPLICATE_DECIDED).facts["decision"] == "merged"
    with pytest.raises(DuplicateDecided):
        duplicates.merge(actor=secretariat, duplicate=pair, keep=second, taken={})


def test_the_code_of_the_letter_that_went_opens_nothing(secretariat, people, pair):
    code = codes.Code("ABCDEF", "GHJKMNPQR")
    second = people[1].invitation
    second.selector, second.secret_hash = code.selector, codes.hash_secret(code.secret)
    second.save()
    pair.refresh_from_db()
    duplicates.merge(actor=secretariat, duplicate=pair, keep=people[0].invitation, taken={})
    with pytest.raises(CodeWrong):
        answering.redeem(code_text=str(code), source="192.0.2.7")


def test_who_has_said_no_meanwhile_is_no_longer_alike(secretariat, people, pair):
    answering.decline(
        actor=Actor.citizen(people[1].invitation.selector), invitation=people[1].invitation, seen=factories.seen(people[1].invitation),
        refusal=Refusal.CARE,
    )  # fmt: skip
    assert duplicates.open_of(pair.campaign) == []
    with pytest.raises(NotBoth):
        duplicates.merge(actor=secretariat, duplicate=pair, keep=people[0].invitation, taken={})


def test_a_letter_of_somebody_else_cannot_be_merged_in(secretariat, people, pair):
    for keep, taken in ((people[2], {}), (people[0], {"phone": people[2].invitation})):
        with pytest.raises(NotBoth):
            duplicates.merge(actor=secretariat, duplicate=pair, keep=keep.invitation, taken=taken)
    assert Respondent.objects.willing().count() == 3


def test_a_closed_pool_is_not_merged(secretariat, people, pair):
    Campaign.objects.update(closed_at=NOW)
    with pytest.raises(CampaignClosed):
        duplicates.merge(actor=secretariat, duplicate=pair, keep=people[0].invitation, taken={})


def test_the_pool_does_not_close_on_an_undecided_pair_also_one_found_in_that_moment(
    secretariat, people, campaign
):
    become(people[0], phone="087123456")
    become(people[1], phone="087123456")  # both came in at one moment: neither saw the other
    assert not Duplicate.objects.exists()
    with acts.lacking("quotas.set", "duplicates.decided"):
        close(secretariat, campaign)
    assert len(duplicates.open_of(campaign)) == 1
    assert not Draw.objects.of_panel().exists()


def close(actor, campaign):
    return services.close_pool(
        actor=actor, campaign=campaign, source=texts("Dice"), source_due_at=NOW + dt.timedelta(days=1)
    )


# -- one letter, answered twice ----------------------------------------------------------------------------


def file(actor, letter, **more):
    told = {
        "name": "Anna M.", "email": "", "phone": "087 99 99 99", "language": "fr",
        "answers": letter.respondent.answers, "needs": [], "consent": True,
    }  # fmt: skip
    return answering.file_second_answer(
        actor=actor, invitation=letter, channel=Channel.PAPER, **{**told, **more}
    )


def test_a_second_answer_is_kept_beside_the_first_until_somebody_decides(
    institution, secretariat, people, campaign
):
    letter = people[0].invitation
    filed = file(secretariat, letter)
    assert acts.entry(institution, Action.SECOND_ANSWER_FILED).facts == {"channel": "paper"}
    assert Respondent.objects.get(invitation=letter).phone == ""
    with acts.lacking("quotas.set", "duplicates.decided"):
        close(secretariat, campaign)
    answering.decide_second_answer(actor=secretariat, second=filed, take=True)
    assert Respondent.objects.get(invitation=letter).phone == "087 99 99 99"
    assert SecondAnswer.objects.get().told == {}
    assert acts.entry(institution, Action.SECOND_ANSWER_DECIDED).facts == {
        "channel": "paper",
        "taken": True,
    }
    with pytest.raises(DuplicateDecided):
        answering.decide_second_answer(actor=secretariat, second=filed, take=False)


def test_the_first_answer_can_stay_and_the_second_is_deleted(secretariat, people):
    filed = file(secretariat, people[0].invitation)
    answering.decide_second_answer(actor=secretariat, second=filed, take=False)
    assert SecondAnswer.objects.get().told == {}
    assert Respondent.objects.get(pk=people[0].pk).name == people[0].name


def refuse(actor, letter):
    return answering.file_second_refusal(
        actor=actor, invitation=letter, channel=Channel.PHONE, refusal=Refusal.NO_TIME
    )


def test_a_no_that_comes_second_waits_and_then_counts_or_not(institution, secretariat, people, campaign):
    letter, other = people[0].invitation, people[1].invitation
    filed, left = refuse(secretariat, letter), refuse(secretariat, other)
    filings = acts.entries(institution, Action.SECOND_ANSWER_FILED)
    assert [each.facts for each in filings] == [{"channel": "phone"}] * 2
    assert Respondent.objects.filter(invitation__in=[letter, other]).count() == 2
    with acts.lacking("quotas.set", "duplicates.decided"):
        close(secretariat, campaign)
    answering.decide_second_answer(actor=secretariat, second=filed, take=True)
    answering.decide_second_answer(actor=secretariat, second=left, take=False)
    letter.refresh_from_db()
    assert (letter.status, letter.refusal) == (InvitationStatus.NO, Refusal.NO_TIME)
    assert not Respondent.objects.filter(invitation=letter).exists()
    assert Respondent.objects.filter(invitation=other).exists()
    with pytest.raises(DuplicateDecided):
        answering.decide_second_answer(actor=secretariat, second=filed, take=True)


def test_only_the_desk_files_a_second_no(institution, secretariat, people):
    letter = people[0].invitation
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: refuse(actor, letter))


def test_a_first_answer_is_no_second_one(secretariat, institution):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    (letter,) = factories.make_letters(cycle)
    told = {"name": "A", "email": "", "phone": "1", "language": "de", "needs": [], "consent": True}
    with pytest.raises(NotAnsweredYet):
        answering.file_second_answer(
            actor=secretariat, invitation=letter, channel=Channel.PAPER,
            answers={"sex": "F", "age": "35-64"}, **told,
        )  # fmt: skip


def test_only_the_desk_files_and_decides(institution, secretariat, people):
    letter = people[0].invitation
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: file(actor, letter))
    filed = file(secretariat, letter)
    with pytest.raises(NotAllowed):
        answering.decide_second_answer(
            actor=factories.actor(institution, Role.CALLER), second=filed, take=True
        )


# -- the pages ---------------------------------------------------------------------------------------------


class TestPages:
    @pytest.fixture
    def desk(self, institution, secretariat, client: Client, people) -> tuple[Client, str]:
        client.force_login(secretariat.user)
        number = people[0].invitation.campaign.cycle.number
        return client, f"/en/{institution.slug}/office/cycles/{number}/desk/"

    def test_two_letters_are_merged_on_their_page(self, desk, pair):
        client, address = desk
        assert "1 decision" in client.get(address).content.decode()
        page = f"{address}alike/{pair.pk}/"
        assert page in client.get(f"{address}alike/").content.decode()
        shown = client.get(page).content.decode()
        assert "Same name and telephone number" in shown
        assert client.post(page, {"people": "one"}).status_code == 422  # which letter stays?
        answer = client.post(page, {"people": "one", "name": "second", "email": "first"})
        assert answer.status_code == 302
        kept = Respondent.objects.willing().get(name_key=name_key("Anna Müller"))
        assert (kept.invitation, kept.email) == (pair.second, "anna@example.org")
        assert client.get(page).status_code == 404

    def test_a_second_yes_is_written_down_and_decided(self, desk, people):
        client, address = desk
        letter = people[2].invitation
        assert "Another yes came" in client.get(f"{address}{letter.position}/").content.decode()
        sent = {
            "channel": "paper", "name": "Anna", "phone": "087 11 22 33", "language": "de", "consent": "on",
            **{f"feature_{key}": value for key, value in people[2].answers.items()},
        }  # fmt: skip
        assert client.post(f"{address}{letter.position}/yes/", sent).status_code == 302
        (filed,) = SecondAnswer.objects.all()
        page = f"{address}second/{filed.pk}/"
        assert "087 11 22 33" in client.get(page).content.decode()
        assert client.post(page, {"counts": "second"}).status_code == 302
        assert Respondent.objects.get(invitation=letter).name == "Anna"

    def test_a_second_no_is_written_down_and_decided(self, desk, people):
        client, address = desk
        letter = people[2].invitation
        assert "A no came" in client.get(f"{address}{letter.position}/").content.decode()
        page = f"{address}{letter.position}/no/"
        assert client.post(page, {"channel": "phone", "refusal": "no_time"}).status_code == 302
        (filed,) = SecondAnswer.objects.all()
        page = f"{address}second/{filed.pk}/"
        assert "the second one no" in client.get(page).content.decode()
        assert client.post(page, {"counts": "second"}).status_code == 302
        letter.refresh_from_db()
        assert letter.status == InvitationStatus.NO
