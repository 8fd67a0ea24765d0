"""Signatures: each person once, a number in public, erased on their date."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import confirming, identity, jobs, signing
from isegoria_web.consultation.enums import Channel, ThemeStatus
from isegoria_web.consultation.errors import (
    LinkNotValid,
    NoSuchSignature,
    NotCollecting,
    PaperListWrong,
    SignatoryIncomplete,
    TooYoung,
)
from isegoria_web.consultation.models import Pending, Proposer, Signatory, Signature, Theme
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from tests.web import acts, factories
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
PAPER = "Anna Müller; 1960-05-17; 4700\nBert Claes\t3/2/1971\t4710\n\nANNA MUELLER; 17.05.1960; 4700\n"


@pytest.fixture
def theme(institution) -> Theme:
    return support.collecting(institution)


# -- signing -----------------------------------------------------------------------------------------------
def test_a_signature_counts_once_its_link_was_opened(theme):
    confirming.ask_to_sign(theme=theme, person=support.person(), language="en", source="192.0.2.1")
    assert not Signature.objects.exists()
    assert confirming.confirm(institution=theme.institution, token=support.token()).signed == 1
    assert Signatory.objects.get().email == "signer1@example.org"


def test_a_second_signature_of_the_same_person_changes_nothing_and_tells_nothing(theme):
    first = support.sign(theme, 1, name="Anna Müller")
    again = support.sign(theme, 1, name="MUELLER, anna", email="another@example.org")
    assert (first.signed, again.signed) == (1, 1)
    assert Signature.objects.count() == 1
    bodies = {
        message.body.replace(message.body.split("/confirm/")[1].split("/")[0], "")
        for message in mail.outbox
    }
    assert len(bodies) == 1  # the mails of both are the same but for the link


def test_a_mail_address_stands_for_two_people_at_most(theme):
    for number in range(1, 4):
        support.sign(theme, number, email="shared@example.org")
    assert Theme.objects.get().signed == signing.PEOPLE_AN_ADDRESS


def test_one_person_signs_several_themes_and_nothing_links_them(institution, theme):
    other = support.collecting(institution)
    support.sign(theme)
    support.sign(other)
    first, second = Signature.objects.order_by("pk")
    assert first.key != second.key


def test_a_signature_is_no_entry_in_the_journal_and_the_reached_number_is(institution, theme):
    before = Entry.objects.count()
    for number in range(1, 3):
        support.sign(theme, number)
    assert Entry.objects.count() == before
    assert support.sign(theme, 3).status == ThemeStatus.SUPPORTED
    assert acts.entry(institution, Action.THEME_SUPPORTED).facts == {
        "theme": 1, "signatures": 3, "needed": 3, "rule": "agenda.resident_signatures", "rule_book": 1,
    }  # fmt: skip
    assert support.sign(theme, 4).signed == 4  # support goes on until the last day
    assert len(acts.entries(institution, Action.THEME_SUPPORTED)) == 1


def test_only_an_admitted_theme_is_signed_and_until_its_last_day(institution, theme):
    with pytest.raises(NotCollecting):
        support.sign(support.waiting(institution))
    confirming.ask_to_sign(theme=theme, person=support.person(), language="en", source="192.0.2.1")
    with clock.at(dt.datetime(2027, 6, 1, 21, 59, tzinfo=dt.UTC)):  # 23:59 where the institution is
        confirming.ask_to_sign(theme=theme, person=support.person(2), language="en", source="192.0.2.1")
        assert confirming.confirm(institution=institution, token=support.token()).signed == 1
        confirming.ask_to_sign(theme=theme, person=support.person(3), language="en", source="192.0.2.1")
    with clock.at(dt.datetime(2027, 6, 1, 22, 0, tzinfo=dt.UTC)), pytest.raises(NotCollecting):
        confirming.confirm(institution=institution, token=support.token())
    assert Theme.objects.get(pk=theme.pk).signed == 1


def test_the_age_of_the_rule_counts_on_the_day_of_the_signature(institution):
    rules(institution, "resident_signatures = 100", "resident_signatures = 100\nsignatory_age_min = 16")
    theme = support.collecting(institution)
    with pytest.raises(TooYoung):
        support.sign(theme, born=dt.date(2011, 3, 2))
    assert support.sign(theme, born=dt.date(2011, 3, 1)).signed == 1


@pytest.mark.parametrize("missing", [{"name": "."}, {"postcode": " "}, {"born": dt.date(2027, 3, 1)}])
def test_who_cannot_be_told_from_others_cannot_sign(theme, missing):
    with pytest.raises(SignatoryIncomplete):
        support.sign(theme, **missing)
    assert mail.outbox == []


def test_a_used_link_does_not_sign_again(theme):
    support.sign(theme)
    with pytest.raises(LinkNotValid):
        confirming.confirm(institution=theme.institution, token=support.token())


def test_the_database_takes_one_signature_a_person(theme):
    support.sign(theme)
    found = Signature.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(theme=theme, key=found.key, channel=Channel.PAPER, signed_on=NOW.date())


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_who_signs_twice_at_the_same_moment_counts_once():
    theme = support.collecting(factories.make_institution(), threshold=2)
    tokens = []
    for number in range(4):
        confirming.ask_to_sign(
            theme=theme, person=support.person(email=f"anna{number}@example.org"), language="en", source="x"
        )
        tokens.append(support.token())
    gate, outcomes = threading.Barrier(4), []

    def go(token: str) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                outcomes.append(confirming.confirm(institution=theme.institution, token=token).signed)
            except Exception as failed:  # noqa: BLE001  # whatever it is, the assertion shows it
                outcomes.append(repr(failed))
        connections.close_all()

    threads = [threading.Thread(target=go, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [1, 1, 1, 1]
    assert (Signature.objects.count(), Theme.objects.get().signed) == (1, 1)


# -- paper -------------------------------------------------------------------------------------------------
def test_a_paper_list_is_entered_at_once_and_nobody_counts_twice(institution, secretariat, theme):
    support.sign(theme, name="Bert CLAES", born=dt.date(1971, 2, 3))
    people = signing.read_paper(theme=theme, text=PAPER)
    assert len(people) == 3
    assert signing.enter_paper(actor=secretariat, theme=theme, people=people) == signing.Entered(1, 2)
    assert Theme.objects.get().signed == 2
    assert Signature.objects.get(channel=Channel.PAPER).entered_by == secretariat.user
    entry = acts.entry(institution, Action.SIGNATURES_ENTERED)
    assert (entry.actor, entry.facts) == ("secretariat", {"theme": 1, "counted": 1, "twice": 2})


def test_the_same_list_entered_twice_counts_once(secretariat, theme):
    people = signing.read_paper(theme=theme, text=PAPER)
    signing.enter_paper(actor=secretariat, theme=theme, people=people)
    assert signing.enter_paper(actor=secretariat, theme=theme, people=people) == signing.Entered(0, 3)
    assert Theme.objects.get().signed == 2


def test_a_list_with_wrong_lines_names_them_and_enters_nothing(institution):
    rules(institution, "resident_signatures = 100", "resident_signatures = 100\nsignatory_age_min = 16")
    theme = support.collecting(institution)
    with pytest.raises(PaperListWrong) as refused:
        signing.read_paper(theme=theme, text=PAPER + "Cara; yesterday; 4700\nDora; 2020-01-01; 4700\nEva")
    assert str(refused.value.problem) == (
        "Nothing was entered: line 5 cannot be read, line 6: too young, line 7 cannot be read."
    )
    with pytest.raises(PaperListWrong):
        signing.read_paper(theme=theme, text=" \n")


def test_only_the_secretariat_enters_paper_and_reads_who_signed(institution, theme):
    people = signing.read_paper(theme=theme, text=PAPER)
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: signing.enter_paper(actor=actor, theme=theme, people=people),
    )


def test_reading_who_signed_is_an_act_and_the_list_tells_no_order(institution, secretariat, theme):
    for number in (2, 1):
        support.sign(theme, number)
    names = [each.name for each in signing.signatories_of(actor=secretariat, theme=theme)]
    assert names == sorted(names)
    assert acts.entry(institution, Action.SIGNATORIES_READ).facts == {"theme": 1, "signatories": 2}
    with pytest.raises(NotAllowed):
        signing.signatories_of(actor=factories.actor(institution, Role.AUTHORITY), theme=theme)


def test_a_signature_is_taken_out_at_the_wish_of_its_person_and_once(institution, secretariat, theme):
    for number in range(1, 4):
        support.sign(theme, number)
    assert Theme.objects.get().status == ThemeStatus.SUPPORTED
    first = support.person(1)
    left = signing.withdraw(actor=secretariat, theme=theme, name=first.name.upper(), born=first.born)
    assert (left.signed, left.status, left.supported_at) == (2, "collecting", None)
    assert not Signatory.objects.filter(name=first.name).exists()
    with pytest.raises(NoSuchSignature):
        signing.withdraw(actor=secretariat, theme=theme, name=first.name, born=first.born)
    assert acts.entry(institution, Action.SIGNATURE_WITHDRAWN).facts == {"theme": 1, "signatures": 2}
    assert support.sign(theme, 1).status == ThemeStatus.SUPPORTED


def test_only_the_secretariat_takes_a_signature_out_and_only_while_it_can_be_given(
    institution, secretariat, theme
):
    support.sign(theme)
    one = support.person()
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: signing.withdraw(actor=actor, theme=theme, name=one.name, born=one.born),
    )  # fmt: skip
    with clock.at(dt.datetime(2027, 6, 2, 12, tzinfo=dt.UTC)), pytest.raises(NotCollecting):
        signing.withdraw(actor=secretariat, theme=theme, name=one.name, born=one.born)


# -- the last day and the erasure --------------------------------------------------------------------------
def test_what_found_too_few_signatures_ends_after_its_last_day_and_once(institution, theme):
    support.sign(theme)
    with clock.at(dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)):
        assert jobs.close_collections_whose_last_day_is_over() == 0
    with clock.at(dt.datetime(2027, 6, 2, 0, 0, tzinfo=dt.UTC)):
        assert jobs.close_collections_whose_last_day_is_over() == 1
        assert jobs.close_collections_whose_last_day_is_over() == 0
    assert acts.entry(institution, Action.THEME_EXPIRED).facts == {
        "theme": 1, "signatures": 1, "needed": 3, "rule": "agenda.resident_signatures", "rule_book": 1,
        "last_day": "2027-06-01", "last_day_rule": "silent: agenda.collect_months, ostbelgien 1",
    }  # fmt: skip
    assert Theme.objects.get().status == ThemeStatus.EXPIRED


def test_who_signed_is_erased_on_the_day_and_the_number_stays_with_a_certificate(institution, theme):
    support.sign(theme, 1)
    support.sign(theme, 2)
    with clock.at(dt.datetime(2027, 8, 29, 12, tzinfo=dt.UTC)):
        assert jobs.erase_signatories_whose_day_has_come() == 0
    with clock.at(dt.datetime(2027, 8, 30, 12, tzinfo=dt.UTC)):
        assert jobs.erase_signatories_whose_day_has_come() == 3  # two who signed, one who proposed
        assert jobs.erase_signatories_whose_day_has_come() == 0
    for model in (Signatory, Signature, Proposer, Pending):
        assert not model.objects.exists()
    assert Theme.objects.get().signed == 2
    assert acts.entry(institution, Action.SIGNATURES_ERASED).facts == {
        "theme": 1, "signatures": 2, "signatories_erased": 2, "proposers_erased": 1, "left": 0,
        "due_on": "2027-08-30", "rule": "setting", "rule_book": 1,
        "rules": {"due_on": "silent: agenda.signatures_kept_days, ostbelgien 1"},
    }  # fmt: skip


def test_nobody_but_the_software_closes_and_erases(secretariat, theme):
    for verb in (signing.close_overdue, signing.erase_due):
        with pytest.raises(NotAllowed):
            verb(actor=secretariat)
    assert Actor.system().is_system


# -- who is one person -------------------------------------------------------------------------------------
@given(
    st.lists(st.text(st.characters(categories=["Lu", "Ll"]), min_size=1), min_size=1, max_size=4),
    st.sampled_from([" ", ", ", "-", "'"]),
)
def test_a_name_is_the_same_in_any_order_case_and_punctuation(parts, between):
    name = identity.same_name(" ".join(parts))
    assert identity.same_name(between.join(reversed(parts))) == name
    assert identity.same_name(name) == name


@given(st.text())
def test_a_clean_text_stays_as_it_is_and_holds_no_hidden_sign(text):
    cleaned = identity.clean(text)
    assert identity.clean(cleaned) == cleaned
    assert not set(cleaned) & {"\u202e", "\u200b", "\x00", "\r", "\u2066"}
