"""Themes: who may bring one, the verdict by a rule with its reasons, the choice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import algorithms, confirming, services
from isegoria_web.consultation.enums import Channel, ProposerKind, ThemeStatus
from isegoria_web.consultation.errors import (
    CycleOpenedAlready,
    LastDayPast,
    LinkNotValid,
    MailNotSent,
    NoLastDay,
    NotEntitled,
    NotToChoose,
    NotWaiting,
    ReasonsMissing,
    RuleUnknown,
    TextMissing,
    TextTooLong,
    TooManyRequests,
    TooSoonAgain,
)
from isegoria_web.consultation.models import Pending, Proposer, Theme
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.membership.models import Term
from tests.web import acts, factories
from tests.web.consultation import support
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db


def rules(institution: Institution, old: str, new: str) -> None:
    version = institution.rule_books.latest("number")
    changed = version.text.replace(old, new, 1)
    assert changed != version.text
    version.text = changed
    version.save()


def ask(institution: Institution, source: str = "192.0.2.1", **changes: object) -> Pending:
    return confirming.ask_to_propose(
        institution=institution,
        kind=ProposerKind.RESIDENT,
        proposal=support.proposal(**changes),
        source=source,
    )


# -- proposing ---------------------------------------------------------------------------------------------
def test_a_proposal_of_a_resident_counts_once_its_link_was_opened(institution):
    ask(institution)
    assert not Theme.objects.exists()
    theme = confirming.confirm(institution=institution, token=support.token())
    assert (theme.number, theme.status, theme.kind, theme.channel) == (1, "waiting", "resident", "web")
    assert theme.proposer.email == "anna.proposer@example.org"
    assert not Pending.objects.exists()


def test_the_same_link_works_once(institution):
    ask(institution)
    confirming.confirm(institution=institution, token=support.token())
    with pytest.raises(LinkNotValid):
        confirming.confirm(institution=institution, token=support.token())
    assert Theme.objects.count() == 1


def test_a_link_works_for_seven_days_and_in_its_institution_only(institution, elsewhere):
    ask(institution)
    for where, moment in ((elsewhere, NOW), (institution, NOW + dt.timedelta(days=7))):
        with clock.at(moment), pytest.raises(LinkNotValid):
            confirming.confirm(institution=where, token=support.token())
    with clock.at(NOW + dt.timedelta(days=7)):
        assert confirming.forget_unconfirmed() == 1


def test_the_link_itself_is_not_kept(institution):
    made = ask(institution)
    assert support.token() not in str(Pending.objects.filter(pk=made.pk).values().get())


def test_a_proposal_is_in_the_journal_without_its_words(institution):
    ask(institution)
    theme = confirming.confirm(institution=institution, token=support.token())
    entry = acts.entry(institution, Action.THEME_PROPOSED)
    assert entry.actor == "citizen"
    assert entry.subject == theme.public_id.hex
    assert entry.facts == {
        "theme": 1, "proposer": "resident", "channel": "web", "rule": "agenda.proposers", "rule_book": 1,
    }  # fmt: skip


def test_whom_the_rule_book_gives_no_right_proposes_nothing(institution):
    with pytest.raises(NotEntitled):
        confirming.ask_to_propose(
            institution=institution, kind=ProposerKind.ASSOCIATION, proposal=support.proposal(), source="x"
        )
    assert mail.outbox == []


def test_where_the_book_names_no_proposers_the_number_of_signatures_gives_residents_the_right(institution):
    rules(institution, 'proposers = ["resident", "member", "authority"]\n', "")
    version = institution.rule_books.latest("number")
    assert algorithms.proposers(version) == ({ProposerKind.RESIDENT}, "agenda.resident_signatures")
    rules(institution, "resident_signatures = 100\n", "")
    assert algorithms.proposers(institution.rule_books.latest("number")) == (frozenset(), "")
    with pytest.raises(NotEntitled):
        ask(institution)


@pytest.mark.parametrize("part", ["title", "explanation", "reason"])
def test_a_proposal_needs_its_three_parts(institution, part):
    with pytest.raises(TextMissing):
        ask(institution, **{part: " \u200b\n"})
    with pytest.raises(TextTooLong):
        ask(institution, **{part: "x" * 5001})


def test_signs_that_turn_the_direction_of_reading_are_taken_out(institution):
    theme = support.waiting(institution, title="Night\u202e buses\x00", explanation="e\u0301\r\nx")
    assert (theme.title, theme.explanation) == ("Night buses", "é\nx")


def test_the_authority_a_member_and_the_secretariat_propose_without_a_mail(
    institution, secretariat, authority
):
    member = factories.actor_of(factories.make_members(factories.make_cycle(institution), 1)[0])
    for actor, kind, channel in (
        (authority, ProposerKind.AUTHORITY, Channel.WEB),
        (member, ProposerKind.MEMBER, Channel.WEB),
        (secretariat, ProposerKind.RESIDENT, Channel.PAPER),
    ):
        theme = services.propose(
            actor=actor,
            institution=institution,
            kind=kind,
            proposal=support.proposal(email=""),
            channel=channel,
        )
        assert theme.kind == kind
    assert mail.outbox == []


def test_nobody_proposes_for_others(institution, authority, elsewhere):
    member = factories.make_members(factories.make_cycle(institution), 1)[0]
    factories.end_term(member)
    of_elsewhere = factories.actor_of(factories.make_members(factories.make_cycle(elsewhere), 1)[0])
    refused = [
        (None, ProposerKind.MEMBER),
        (authority, ProposerKind.MEMBER),
        (factories.actor_of(member), ProposerKind.MEMBER),
        (of_elsewhere, ProposerKind.MEMBER),
        (of_elsewhere, ProposerKind.AUTHORITY),
        (factories.actor(institution, Role.FACILITATOR), ProposerKind.RESIDENT),
    ]
    assert Term.objects.exists()
    for actor, kind in refused:
        with pytest.raises(NotAllowed):
            services.propose(
                actor=actor,
                institution=institution,
                kind=kind,
                proposal=support.proposal(),
                channel=Channel.WEB,
            )
    assert not Theme.objects.exists()


def test_floods_from_one_place_and_to_one_address_are_slowed(institution):
    for number in range(confirming.MAILS_A_DAY):
        ask(institution, source=f"192.0.2.{number}", email=f"anna.proposer+{number}@example.org")
    with pytest.raises(TooManyRequests):
        ask(institution, source="192.0.2.9", email="Anna.Proposer@example.org")
    for number in range(confirming.KNOCKS_AN_HOUR):
        ask(institution, source="198.51.100.1", email=f"other{number}@example.org")
    with pytest.raises(TooManyRequests):
        ask(institution, source="198.51.100.1", email="last@example.org")
    with clock.at(NOW + dt.timedelta(hours=1, seconds=1)):
        assert ask(institution, source="198.51.100.1", email="last@example.org")


def test_a_mail_that_cannot_be_sent_leaves_nothing(institution, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(MailNotSent):
        ask(institution)
    assert not Pending.objects.exists()


# -- the verdict -------------------------------------------------------------------------------------------
def test_an_admitted_theme_collects_the_signatures_that_the_rule_asks_for(institution, secretariat):
    theme = services.admit(actor=secretariat, theme=support.waiting(institution), last_day=support.LAST_DAY)
    assert (theme.status, theme.threshold, theme.threshold_rule) == (
        "collecting", 100, "agenda.resident_signatures",
    )  # fmt: skip
    assert (theme.collects_until, theme.collects_rule) == (support.LAST_DAY, "")
    assert (theme.erase_on, theme.erase_rule) == (support.LAST_DAY + dt.timedelta(days=90), "")
    assert acts.entry(institution, Action.THEME_ADMITTED).facts == {
        "theme": 1, "rule": "agenda.admissibility", "signatures_needed": 100,
        "signatures_rule": "agenda.resident_signatures", "last_day": "2027-06-01", "last_day_rule": "silent: agenda.collect_months, ostbelgien 1",
        "rule_book": 1,
    }  # fmt: skip


def test_days_follow_from_the_rules_where_the_book_sets_them(institution, secretariat):
    rules(
        institution,
        "resident_signatures = 100",
        "resident_signatures = 100\ncollect_months = 6\nverdict_months = 2\nsignatures_kept_days = 30",
    )
    theme = services.admit(actor=secretariat, theme=support.waiting(institution))
    assert theme.verdict_due_on == dt.date(2027, 5, 1)
    assert (theme.collects_until, theme.collects_rule) == (dt.date(2027, 9, 1), "agenda.collect_months")
    assert (theme.erase_on, theme.erase_rule) == (dt.date(2027, 10, 1), "agenda.signatures_kept_days")


def test_where_the_statute_is_silent_somebody_names_the_last_day(institution, secretariat):
    theme = support.waiting(institution)
    with pytest.raises(NoLastDay):
        services.admit(actor=secretariat, theme=theme)
    with pytest.raises(LastDayPast):
        services.admit(actor=secretariat, theme=theme, last_day=NOW.date())


def test_who_needs_no_signatures_can_be_chosen_at_once(institution):
    theme = support.supported(institution)
    assert (theme.status, theme.threshold, theme.collects_until) == ("supported", 0, None)


def test_a_refusal_names_its_rule_and_its_reasons(institution, secretariat):
    theme = services.refuse(
        actor=secretariat,
        theme=support.waiting(institution),
        rule="agenda.admissibility",
        reasons=support.REASONS,
    )
    assert (theme.status, theme.verdict_rule) == ("refused", "agenda.admissibility")
    assert acts.entry(institution, Action.THEME_REFUSED).facts == {
        "theme": 1, "rule": "agenda.admissibility", "rule_book": 1, "text_withheld": False,
    }  # fmt: skip


def test_a_theme_is_judged_once(institution, secretariat):
    theme = support.waiting(institution)
    services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with pytest.raises(NotWaiting):
        services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with pytest.raises(NotWaiting):
        services.admit(actor=secretariat, theme=theme, last_day=support.LAST_DAY)
    assert len(acts.entries(institution, Action.THEME_REFUSED)) == 1


def test_a_refusal_without_reasons_or_by_a_rule_that_is_not_set_is_refused(institution, secretariat):
    theme = support.waiting(institution)
    with pytest.raises(ReasonsMissing):
        services.refuse(actor=secretariat, theme=theme, rule="", reasons={"en": " "})
    with pytest.raises(RuleUnknown):
        services.refuse(
            actor=secretariat, theme=theme, rule="agenda.resubmit_months", reasons=support.REASONS
        )
    with pytest.raises(RuleUnknown):
        services.refuse(actor=secretariat, theme=theme, rule="duty.text", reasons=support.REASONS)
    assert Theme.objects.get().status == ThemeStatus.WAITING


def test_the_database_takes_no_refusal_without_reasons(institution):
    theme = support.waiting(institution)
    with pytest.raises(IntegrityError), transaction.atomic():
        Theme.objects.filter(pk=theme.pk).update(status=ThemeStatus.REFUSED, judged_at=NOW)


@pytest.mark.parametrize("verb", ["admit", "refuse", "choose"])
def test_only_the_secretariat_judges_and_writes_down_the_choice(institution, verb):
    theme = support.supported(institution) if verb == "choose" else support.waiting(institution)
    acting = {
        "admit": lambda actor: services.admit(actor=actor, theme=theme, last_day=support.LAST_DAY),
        "refuse": lambda actor: services.refuse(actor=actor, theme=theme, rule="", reasons=support.REASONS),
        "choose": lambda actor: services.choose(actor=actor, theme=theme, reasons=support.REASONS),
    }
    acts.only(institution, Role.SECRETARIAT, act=acting[verb])


def test_a_refused_theme_can_be_handed_in_again_as_long_as_the_rule_says(institution, secretariat):
    rules(institution, "resident_signatures = 100", "resident_signatures = 100\nresubmit_months = 12")
    first = support.waiting(institution)
    with pytest.raises(TooSoonAgain):
        support.waiting(institution, again=first.number)
    services.refuse(actor=secretariat, theme=first, rule="", reasons=support.REASONS)
    assert support.waiting(institution, again=first.number).again == first
    with clock.at(NOW + dt.timedelta(days=367)), pytest.raises(TooSoonAgain):
        support.waiting(institution, again=first.number)


# -- the choice --------------------------------------------------------------------------------------------
def test_a_chosen_theme_becomes_the_question_of_the_next_cycle(institution, secretariat):
    theme = services.choose(
        actor=secretariat, theme=support.supported(institution), reasons=texts("Most urgent")
    )
    assert acts.entry(institution, Action.THEME_CHOSEN).facts == {
        "theme": 1, "rule": "agenda.decides", "rule_book": 1, "by": "decision",
    }  # fmt: skip
    mandate = {
        "body": institution.bodies.get(key="assembly"), "title": texts("Night buses"), "question": texts("How?"),
        "scope": texts("What the Community may decide."), "panel_size": 30, "alternates": 4,
    }  # fmt: skip
    cycle = services.open_cycle_on(actor=secretariat, theme=theme, **mandate)
    assert cycle.theme == theme
    with pytest.raises(CycleOpenedAlready):
        services.open_cycle_on(actor=secretariat, theme=theme, **mandate)
    assert institution.cycles.count() == 1


def test_only_a_supported_theme_is_chosen_and_once(institution, secretariat):
    with pytest.raises(NotToChoose):
        services.choose(actor=secretariat, theme=support.collecting(institution), reasons=support.REASONS)
    theme = support.supported(institution)
    services.choose(actor=secretariat, theme=theme, reasons=support.REASONS)
    with pytest.raises(NotToChoose):
        services.choose(actor=secretariat, theme=theme, reasons=support.REASONS)
    with pytest.raises(ReasonsMissing):
        services.choose(actor=secretariat, theme=support.supported(institution), reasons={})
    with pytest.raises(NotToChoose):
        services.open_cycle_on(actor=secretariat, theme=support.supported(institution))
    assert len(acts.entries(institution, Action.THEME_CHOSEN)) == 1


def test_the_proposer_is_kept_apart_and_only_where_she_gave_something(institution):
    services.take(
        actor=Actor.citizen(""), institution=institution, kind=ProposerKind.RESIDENT,
        proposal=support.proposal(name="", email=""), channel=Channel.PAPER,
    )  # fmt: skip
    assert not Proposer.objects.exists()
