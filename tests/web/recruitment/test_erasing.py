"""Erasure on its date and on request: certificates, nothing left of a person, and draws that verify as before."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.forms.models import model_to_dict

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.accounts.services import erase_person
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Pool, PoolEntry
from isegoria_web.recruitment import batches, desk, erasing
from isegoria_web.recruitment.enums import Channel, Delivery, InvitationStatus, Outcome, Purpose, Way
from isegoria_web.recruitment.errors import LetterErased, SeatOffered
from isegoria_web.recruitment.jobs import erase_who_is_in_no_draw
from isegoria_web.recruitment.models import (
    Campaign,
    Contact,
    Draft,
    Invitation,
    Message,
    Respondent,
    SecondAnswer,
)
from isegoria_web.register import certifying
from isegoria_web.register.enums import Erased, Rule
from isegoria_web.register.jobs import erasures_listed
from isegoria_web.register.models import Erasure, Resident
from isegoria_web.register.services import erase_extract
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lists(settings, tmp_path):
    settings.ERASURES = tmp_path / "erasures"
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.ERASURES / certifying.FILE


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.INVITING)


@pytest.fixture
def letters(cycle, secretariat) -> list[Invitation]:
    """Six letters: three yes, a no, one silent, one that came back; about each something is kept everywhere."""
    made = [each.invitation for each in factories.make_respondents(cycle, 6)]
    for each, status in zip(made[3:], ("no", "sent", "returned"), strict=True):
        Respondent.objects.filter(invitation=each).delete()
        each.status, each.answered_at = status, NOW if status == "no" else None
        each.save()
    for each in made:
        Invitation.objects.filter(pk=each.pk).update(receipt={"receipt": each.position})
        Contact.objects.create(
            invitation=each,
            at=NOW,
            way=Way.PHONE,
            outcome=Outcome.NO_ANSWER,
            note="Her dog barked",
            by=secretariat.user,
        )
        Draft.objects.create(invitation=each, typed={"name": ["Anna"]}, saved_at=NOW)
        SecondAnswer.objects.create(
            invitation=each, at=NOW, channel=Channel.PAPER, by=secretariat.user, told={"name": "Anna"}
        )
        Message.objects.create(
            invitation=each, purpose=Purpose.INVITATION, language="de", address_key="1" * 64,
            status=Delivery.SENT, queued_at=NOW, try_after=NOW, sent_at=NOW,
        )  # fmt: skip
    return list(Invitation.objects.order_by("position"))


def draw_panel(cycle, letters, *, final=True):
    """A pool of those who said yes, and a draw that is final or not committed yet."""
    draw = factories.make_draw(cycle, DrawKind.PANEL, drawn=False)
    willing = Respondent.objects.willing().filter(invitation__in=letters)
    pool = Pool.objects.create(draw=draw, frozen_at=NOW, root="0" * 64, size=willing.count())
    for number, each in enumerate(willing):
        each.pool_entry = PoolEntry.objects.create(
            pool=pool, code=f"C{number}", features=each.answers, salt="5a" * 16
        )
        each.save()
    Campaign.objects.update(closed_at=NOW)
    if final:
        factories.fall(draw)
        factories.finish(draw)
    return draw


def kept_of(letter) -> str:
    """Everything that the tables hold about the person of a letter."""
    letter.refresh_from_db()
    rows = [*letter.contacts.all(), *letter.messages.all(), *letter.second_answers.all(),
            *Draft.objects.filter(invitation=letter), *Respondent.objects.filter(invitation=letter),
            *Resident.objects.filter(invitations=letter)]  # fmt: skip
    return json.dumps([model_to_dict(each) for each in rows], default=str, ensure_ascii=False)


def words(letter) -> list[str]:
    resident = letter.resident
    return ["Her dog barked", "Anna", "1" * 64, resident.given_name, resident.family_name, "Gospertstraße"]


# -- on its date -----------------------------------------------------------------------------------------
def test_who_is_in_no_draw_is_erased_once_the_draw_is_final(institution, cycle, letters, lists):
    told = {each.pk: words(each) for each in letters}
    assert erase_who_is_in_no_draw() == 0
    draw = draw_panel(cycle, letters, final=False)
    assert erase_who_is_in_no_draw() == 0
    factories.fall(draw)
    assert erase_who_is_in_no_draw() == 0
    factories.finish(draw)
    assert erase_who_is_in_no_draw() == 3
    for each in letters[3:]:
        kept = kept_of(each)
        assert [word for word in told[each.pk] if word in kept] == []
        assert (each.secret_hash, each.receipt, each.resident, each.erased_at) == ("", None, None, NOW)
    assert [each.status for each in Invitation.objects.order_by("position")] == ["yes"] * 3 + [
        "no",
        "sent",
        "returned",
    ]
    assert Resident.objects.count() == 3
    for each in letters[:3]:
        assert words(each)[-1] in kept_of(each)
    made = Erasure.objects.get()
    assert (made.kind, made.rule, made.due_on, made.cycle) == (
        Erased.LETTER,
        Rule.SILENT,
        NOW.date(),
        cycle,
    )
    assert made.counts == {
        "letters": 3, "emails": 3, "drafts": 3, "notes": 3, "second_answers": 3, "residents": 3,
    }  # fmt: skip
    entry = acts.entry(institution, Action.DATA_ERASED)
    assert entry.actor == "system"
    assert entry.facts == {
        "kind": "letter", "rule": "silent_erased", "due_on": "2027-03-01", "cycle": 1,
        "counts": made.counts, "list": made.list_sha256, "rules": {"due_on": "silent: ostbelgien 1"},
    }  # fmt: skip
    assert (made.entry, certifying.hash_of(made.keys)) == (entry.sequence, made.list_sha256)
    assert erase_who_is_in_no_draw() == 0
    assert Erasure.objects.count() == 1


def test_in_a_cycle_that_was_closed_without_a_panel_they_are_erased_as_well(cycle, letters):
    type(cycle).objects.update(closed_at=NOW - dt.timedelta(days=1))
    assert erase_who_is_in_no_draw() == 3
    assert Erasure.objects.get().due_on == (NOW - dt.timedelta(days=1)).date()


def test_who_withdrew_from_the_frozen_pool_goes_with_the_salt_of_her_entry(secretariat, cycle, letters):
    draw = draw_panel(cycle, letters, final=False)
    desk.withdraw(actor=secretariat, invitation=letters[0], channel=Channel.PHONE, refusal="")
    factories.fall(draw)
    factories.finish(draw)
    assert erase_who_is_in_no_draw() == 4
    told = Respondent.objects.get(invitation=letters[0])
    assert (told.name, told.pool_entry.salt) == ("", "")
    assert told.pool_entry.features
    assert Respondent.objects.get(invitation=letters[1]).pool_entry.salt


def test_an_extract_gets_its_certificate_and_takes_the_mail_to_its_addresses_along(
    institution, secretariat, letters
):
    extract = letters[0].campaign.extract
    erase_extract(actor=secretariat, extract=extract)
    made = Erasure.objects.get()
    assert (made.kind, made.rule, made.counts["residents_drawn"]) == (Erased.EXTRACT, Rule.EARLY, 6)
    assert not Message.objects.exists()
    assert acts.entry(institution, Action.DATA_ERASED).subject == made.public_id.hex


# -- on request ------------------------------------------------------------------------------------------
def ask(actor, letter):
    return erasing.erase_on_request(actor=actor, invitation=letter)


@pytest.mark.parametrize("index", [0, 3, 4, 5])
def test_who_asks_is_erased_at_once(institution, secretariat, letters, index):
    told = words(letters[index])
    made = ask(secretariat, letters[index])
    kept = kept_of(letters[index])
    assert [word for word in told if word in kept] == []
    assert made.rule == Rule.ASKED
    assert made.counts["letters"] == 1
    assert not Respondent.objects.filter(invitation=letters[index]).exists()
    assert letters[index].quiet_since == NOW
    assert letters[index].status == ["no", "", "", "no", "sent", "returned"][index]
    assert acts.entry(institution, Action.DATA_ERASED).facts["rule"] == "asked"
    with pytest.raises(LetterErased):
        ask(secretariat, letters[index])
    campaign = letters[index].campaign
    assert letters[index] not in campaign.invitations.for_paper()


def test_who_was_erased_is_not_printed_any_more(secretariat, letters):
    Invitation.objects.update(status=InvitationStatus.SENT, answered_at=None)
    ask(secretariat, letters[4])
    printing = batches.start_printing(actor=secretariat, campaign=Campaign.objects.get(), wave=1)
    planned = [position for batch in printing.batches.all() for position, _selector in batch.planned]
    assert sorted(planned) == [1, 2, 3, 4, 6]


def test_who_asks_while_the_pool_is_committed_leaves_her_entry_until_the_draw_is_final(
    secretariat, cycle, letters
):
    draw = draw_panel(cycle, letters, final=False)
    assert erasing.stays_until(letters[0]) == (True, letters[0].campaign.extract.erase_on)
    ask(secretariat, letters[0])
    told = Respondent.objects.get(invitation=letters[0])
    assert (told.name, told.email, told.answers, told.withdrawn_at) == ("", "", {}, NOW)
    assert (told.pool_entry.salt, bool(told.pool_entry.features)) == ("5a" * 16, True)
    factories.fall(draw)
    erase_who_is_in_no_draw()
    assert PoolEntry.objects.get(pk=told.pool_entry_id).salt
    factories.finish(draw)
    erase_who_is_in_no_draw()
    assert PoolEntry.objects.get(pk=told.pool_entry_id).salt == ""
    assert erasing.stays_until(letters[0])[0] is False


def test_who_holds_a_seat_or_waits_for_one_leaves_it_first(institution, secretariat):
    members = factories.make_members(factories.make_cycle(institution), 2, alternates=1)
    waiting = Respondent.objects.get(alternate__isnull=False)
    for told in (members[0].respondent, waiting):
        with pytest.raises(SeatOffered):
            ask(secretariat, told.invitation)
    assert not Erasure.objects.exists()


def test_nobody_but_the_secretariat_erases_on_request(institution, letters):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: ask(actor, letters[4]),
        also_refused=(Actor.system(), Actor.citizen(letters[4].selector)),
    )  # fmt: skip
    assert not Erasure.objects.exists()


# -- the list and a restored backup ----------------------------------------------------------------------
def snapshot() -> list:
    """What a backup holds of the people."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Resident, Invitation, Respondent, Message, Contact, Draft, Erasure)
    ]


def restore(backup: list) -> None:
    models = (Resident, Invitation, Respondent, Message, Contact, Draft, Erasure)
    Erasure.objects.all().delete()
    for model, rows in zip(models, backup, strict=True):
        for row in rows:
            model.objects.update_or_create(
                pk=row["id"], defaults={k: v for k, v in row.items() if k != "id"}
            )


def test_what_a_restored_backup_brings_back_is_erased_again(
    secretariat, cycle, letters, lists, capsys, django_capture_on_commit_callbacks
):
    backup = snapshot()
    told = words(letters[4])
    with django_capture_on_commit_callbacks(execute=True):
        ask(secretariat, letters[4])
        ask(secretariat, letters[0])
    assert lists.stat().st_mode & 0o777 == 0o600
    assert [word for word in told if word in lists.read_text()] == []
    restore(backup)
    assert told[-2] in kept_of(letters[4])
    call_command("erase_again")
    assert "letter: 2 erased again, 0 still needed" in capsys.readouterr().out
    assert [word for word in told if word in kept_of(letters[4])] == []
    assert not Respondent.objects.filter(invitation=letters[0]).exists()
    assert Invitation.objects.get(pk=letters[0].pk).status == InvitationStatus.NO
    assert Erasure.objects.get().rule == Rule.RESTORED
    assert words(letters[1])[-2] in kept_of(letters[1])
    call_command("erase_again")
    assert "letter: 0 erased again" in capsys.readouterr().out


def test_the_list_grows_by_each_certificate_once_also_after_a_crash(secretariat, letters, lists):
    ask(secretariat, letters[4])
    assert certifying.write_list() == 1
    assert certifying.write_list() == 0
    Erasure.objects.update(listed_at=None)
    certifying.write_list()
    ask(secretariat, letters[3])
    certifying.write_list()
    assert len(list(certifying.read_list(lists))) == 2
    with lists.open("ab") as opened:
        opened.write(b'{"erasure":"half a l')
    assert len(list(certifying.read_list(lists))) == 2
    ask(secretariat, letters[5])
    certifying.write_list()
    assert len(list(certifying.read_list(lists))) == 3


@pytest.mark.parametrize(
    "harm", [lambda text: text.replace('"keys":["', '"keys":["0'), lambda text: "x\n" + text]
)
def test_a_list_that_was_changed_is_refused(secretariat, letters, lists, harm):
    ask(secretariat, letters[4])
    certifying.write_list()
    lists.write_text(harm(lists.read_text()))
    with pytest.raises(CommandError):
        call_command("erase_again")


def test_without_a_list_the_command_says_so(lists):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("erase_again")


def test_an_extract_that_came_back_is_erased_again(secretariat, letters, lists):
    extract = letters[0].campaign.extract
    erase_extract(actor=secretariat, extract=extract)
    certifying.write_list()
    type(extract).objects.filter(pk=extract.pk).update(erased_at=None, file="register/back.csv")
    with clock.at(NOW + dt.timedelta(hours=1)):
        call_command("erase_again")
    extract.refresh_from_db()
    assert extract.erased_at == NOW + dt.timedelta(hours=1)
    assert not extract.file


def test_an_account_that_came_back_is_erased_again_unless_its_role_came_back_too(
    institution, secretariat, lists, capsys
):
    observer, other = (factories.make_user(institution, Role.OBSERVER) for _each in range(2))
    names = [observer.name, other.name]
    for each in (observer, other):
        each.grants.update(valid_until=NOW - dt.timedelta(minutes=1))
        erase_person(actor=secretariat, institution=institution, user=each)
    certifying.write_list()
    User.objects.filter(pk__in=[observer.pk, other.pk]).update(name="Back", erased_at=None, is_active=True)
    other.grants.update(valid_until=None)
    with pytest.raises(CommandError, match="still needed"):
        call_command("erase_again")
    assert "person: 1 erased again, 1 still needed" in capsys.readouterr().out
    assert list(User.objects.filter(name="Back")) == [other]
    other.grants.update(valid_until=NOW - dt.timedelta(minutes=1))
    call_command("erase_again")
    assert not User.objects.filter(name="Back").exists()
    assert [name for name in names if name in lists.read_text()] == []


def test_the_doctor_names_a_list_that_is_behind(secretariat, letters):
    ask(secretariat, letters[4])
    assert erasures_listed() is None
    with clock.at(NOW + dt.timedelta(hours=1, seconds=1)):
        assert erasures_listed().code == "erasures_listed"
        certifying.write_list()
        assert erasures_listed() is None
