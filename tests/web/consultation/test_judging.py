"""The verdict of a body: proposed by one, carried by most, and nobody's name or single voice in it."""

from __future__ import annotations

import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import algorithms, resolutions
from isegoria_web.ballots.enums import Choice
from isegoria_web.ballots.errors import ResolutionOver, ResolutionUnderWay, SpokenAlready, TooFewSit
from isegoria_web.ballots.models import FEWEST_SHOWN, Resolution, Voice
from isegoria_web.consultation import judging, services
from isegoria_web.consultation.errors import (
    BodyJudges,
    LastDayPast,
    NoLastDay,
    NotWaiting,
    ReasonsMissing,
    RuleUnknown,
)
from isegoria_web.consultation.models import Theme
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.status import change
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
RULE = "agenda.admissibility"
OVER = NOW + dt.timedelta(days=16)


@pytest.fixture
def council(institution):
    return support.sitting_council(institution)


@pytest.fixture
def theme(institution) -> Theme:
    return support.waiting(institution)


@pytest.fixture
def refusal(council, theme) -> Resolution:
    return judging.propose_refusal(
        actor=factories.actor_of(council[0]), theme=theme, rule=RULE, reasons=support.REASONS
    )


def speak(resolution: Resolution, members, choice: Choice = Choice.YES) -> None:
    for member in members:
        resolutions.speak(actor=factories.actor_of(member), resolution=resolution, choice=choice)
    resolutions.close_due(actor=Actor.system())  # what the job does every ten minutes


def test_a_theme_is_refused_when_more_than_half_of_the_votes_are_sure(institution, council, theme, refusal):
    speak(refusal, council[:3])
    theme.refresh_from_db()
    assert theme.status == "waiting"  # three of six could still be three against three
    speak(refusal, council[3:5])
    theme.refresh_from_db()
    refusal.refresh_from_db()
    assert (theme.status, theme.verdict_rule, theme.resolution) == ("refused", RULE, refusal)
    assert (refusal.status, refusal.yes, refusal.no, refusal.eligible) == ("carried", 5, 0, 6)
    assert not Voice.objects.exists()  # who spoke was needed only while it was open
    told = acts.entry(institution, Action.THEME_REFUSED)
    assert told.actor == "system"  # neither her role nor her moment tells who spoke last
    assert told.facts == {
        "theme": 1, "rule": RULE, "rule_book": 1, "text_withheld": False,
        "body": "council", "judge_rule": "agenda.judges", "resolution": 1,
    }  # fmt: skip
    assert acts.entry(institution, Action.RESOLUTION_DECIDED).facts == {
        "resolution": 1, "body": "council", "matter": "refuse", "about": "theme 1", "rule": "agenda.judges",
        "rule_book": 1, "status": "carried", "yes": 5, "no": 0, "abstain": 0, "eligible": 6,
    }  # fmt: skip


def test_a_theme_is_admitted_and_can_be_signed_until_the_day_on_which_the_members_agreed(council, theme):
    actor = factories.actor_of(council[0])
    with pytest.raises(NoLastDay):
        judging.propose_admission(actor=actor, theme=theme)
    with pytest.raises(LastDayPast):  # they can still be deciding then
        judging.propose_admission(actor=actor, theme=theme, last_day=NOW.date() + dt.timedelta(days=14))
    made = judging.propose_admission(actor=actor, theme=theme, last_day=support.LAST_DAY)
    speak(made, council[:4])
    theme.refresh_from_db()
    assert (theme.status, theme.collects_until, theme.resolution) == ("collecting", support.LAST_DAY, made)


def test_what_is_counted_late_is_signed_no_shorter_and_what_fails_holds_up_nothing_behind_it(
    institution, council, theme
):
    actor, other = factories.actor_of(council[0]), support.waiting(institution)
    broken = judging.propose_refusal(actor=actor, theme=other, rule="", reasons=support.REASONS)
    soonest = judging.first_last_day(theme)
    made = judging.propose_admission(actor=actor, theme=theme, last_day=soonest)
    for each in (broken, made):
        for member in council[:4]:
            resolutions.speak(actor=factories.actor_of(member), resolution=each, choice=Choice.YES)
    Theme.objects.filter(pk=other.pk).update(status="supported")  # judged behind its back
    with clock.at(OVER + dt.timedelta(days=30)), pytest.raises(ExceptionGroup) as failed:
        resolutions.close_due(actor=Actor.system())
    assert [type(each) for each in failed.value.exceptions] == [NotWaiting]
    theme.refresh_from_db()
    late = clock.day_of(OVER, institution.time_zone) + dt.timedelta(days=30)
    assert (theme.status, theme.collects_until) == (
        "collecting",
        late + (soonest - clock.day_of(made.closes_at, institution.time_zone)),
    )
    broken.refresh_from_db()
    assert (broken.status, broken.spoken) == ("open", 4)  # as before, and tried again


def test_where_the_majority_says_no_the_theme_waits_and_something_else_can_be_proposed(
    council, theme, refusal
):
    with pytest.raises(ResolutionUnderWay):
        judging.propose_admission(
            actor=factories.actor_of(council[1]), theme=theme, last_day=support.LAST_DAY
        )
    speak(refusal, council[:3], Choice.NO)  # three of six: yes can no longer have more than half
    refusal.refresh_from_db()
    theme.refresh_from_db()
    assert (refusal.status, theme.status) == ("failed", "waiting")
    assert judging.propose_admission(
        actor=factories.actor_of(council[1]), theme=theme, last_day=support.LAST_DAY
    )


def test_after_the_last_day_those_count_who_have_spoken(institution, council, theme, refusal):
    speak(refusal, council[:2])
    speak(refusal, council[2:3], Choice.ABSTAIN)
    with pytest.raises(NotAllowed):
        resolutions.close_due(actor=factories.actor(institution, Role.SECRETARIAT))
    assert resolutions.close_due(actor=Actor.system()) == 0
    with clock.at(OVER):
        with pytest.raises(ResolutionOver):
            speak(refusal, council[3:4])
        assert resolutions.close_due(actor=Actor.system()) == 1
        assert resolutions.close_due(actor=Actor.system()) == 0
    theme.refresh_from_db()
    assert theme.status == "refused"
    assert acts.entry(institution, Action.THEME_REFUSED).actor == "system"


def test_where_the_statute_sets_no_majority_more_than_half_of_those_who_sit_must_agree(
    institution, council, theme
):
    rules(institution, '"bodies.council.decision.threshold", ', "")
    rules(institution, 'threshold = "1/2"\nmore_than = true\n', "")
    theme = Theme.objects.select_related("institution", "rule_book").get(pk=theme.pk)
    made = judging.propose_refusal(
        actor=factories.actor_of(council[0]), theme=theme, rule="", reasons=support.REASONS
    )
    assert (made.of_all, made.threshold_rule) == (True, "")
    speak(made, council[:3])
    with clock.at(OVER):
        resolutions.close_due(actor=Actor.system())
    made.refresh_from_db()
    assert made.status == "failed"


def test_without_the_quorum_of_the_rule_book_nothing_is_decided(institution, council, theme):
    rules(institution, "more_than = true\n", 'more_than = true\nquorum = "2/3"\n')
    theme = Theme.objects.select_related("institution", "rule_book").get(pk=theme.pk)
    made = judging.propose_refusal(
        actor=factories.actor_of(council[0]), theme=theme, rule="", reasons=support.REASONS
    )
    speak(made, council[:3])
    with clock.at(OVER):
        resolutions.close_due(actor=Actor.system())
    made.refresh_from_db()
    assert (made.status, made.quorum_rule) == ("failed", "bodies.council.decision.quorum")


def test_the_secretariat_no_longer_judges_alone_and_the_refusal_names_the_rule(secretariat, council, theme):
    with pytest.raises(BodyJudges, match=r"agenda\.judges"):
        services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with pytest.raises(BodyJudges, match=r"agenda\.judges"):
        services.admit(actor=secretariat, theme=theme, last_day=support.LAST_DAY)
    made = judging.propose_refusal(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    assert made.by_office
    with pytest.raises(NotAllowed):  # it brings the proposal, and has no voice
        resolutions.speak(actor=secretariat, resolution=made, choice=Choice.YES)


def test_where_nobody_sits_or_the_statute_is_silent_the_secretariat_judges(institution, secretariat, theme):
    with pytest.raises(TooFewSit):
        judging.propose_refusal(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    rules(institution, '"agenda.judges", ', "")
    rules(institution, 'judges = "council"\n', "")
    support.sitting_council(institution)
    other = support.waiting(institution)
    assert (
        services.refuse(actor=secretariat, theme=other, rule="", reasons=support.REASONS).resolution is None
    )


def test_the_voice_of_a_member_begins_and_ends_with_her_seat_at_midnight(
    institution, council, theme, refusal
):
    leaving, coming = council[0], council[1]
    leaving.terms.update(ends_on=NOW.date() + dt.timedelta(days=1))
    with clock.at(NOW + dt.timedelta(days=1)), pytest.raises(NotAllowed):
        speak(refusal, [leaving])
    speak(refusal, [leaving])
    coming.terms.update(starts_on=NOW.date() + dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        speak(refusal, [coming])


def test_while_the_last_members_leave_the_secretariat_waits_for_the_end_of_what_they_decide(
    secretariat, council, theme, refusal
):
    for member in council:
        member.terms.update(ends_on=NOW.date())
    with pytest.raises(ResolutionUnderWay):
        services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with clock.at(OVER):
        resolutions.close_due(actor=Actor.system())
        services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)


def test_nobody_speaks_twice_and_no_row_says_how_she_spoke(council, refusal):
    speak(refusal, council[:1], Choice.NO)
    with pytest.raises(SpokenAlready):
        speak(refusal, council[:1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Voice.objects.create(resolution=refusal, member=council[0])
    assert {field.name for field in Voice._meta.fields} == {"id", "resolution", "member"}


def test_what_happens_while_somebody_waits_for_her_turn_to_judge_is_seen(
    institution, secretariat, theme, monkeypatch
):
    def meanwhile(change):
        monkeypatch.setattr(services, "hold", lambda _institution: change())

    meanwhile(lambda: support.sitting_council(institution))
    with pytest.raises(BodyJudges):
        services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with pytest.raises(BodyJudges):
        services.admit(actor=secretariat, theme=theme, last_day=support.LAST_DAY)
    support.sitting_council(institution)
    meanwhile(
        lambda: services.mark_refused(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    )
    with pytest.raises(NotWaiting):
        judging.propose_refusal(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    assert not Resolution.objects.exists()


def test_a_refusal_needs_reasons_and_a_rule_that_is_set(council, theme):
    actor = factories.actor_of(council[0])
    with pytest.raises(ReasonsMissing):
        judging.propose_refusal(actor=actor, theme=theme, rule=RULE, reasons={"en": " "})
    with pytest.raises(RuleUnknown):
        judging.propose_refusal(actor=actor, theme=theme, rule="duty.text", reasons=support.REASONS)
    assert not Resolution.objects.exists()


def test_only_members_of_the_body_and_the_secretariat_propose(institution, council, theme):
    assembly = factories.make_members(factories.make_cycle(institution), 1, extra=0)
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: judging.propose_refusal(
            actor=actor, theme=theme, rule="", reasons=support.REASONS
        ),
        also_refused=(factories.actor_of(assembly[0]),),
    )  # fmt: skip


def test_a_theme_that_was_judged_is_not_proposed_again(council, theme, refusal):
    speak(refusal, council[:4])
    theme.refresh_from_db()
    with pytest.raises(NotWaiting):
        judging.propose_refusal(
            actor=factories.actor_of(council[0]), theme=theme, rule="", reasons=support.REASONS
        )
    with pytest.raises(ResolutionOver):
        speak(refusal, council[4:5])


def test_with_an_abolished_institution_what_was_being_decided_lapses(institution, authority, refusal):
    change(actor=authority, institution=institution, verb="abolish", reasons=support.REASONS)
    refusal.refresh_from_db()
    assert refusal.status == "lapsed"


def test_what_lapses_tells_nobody_what_was_said_until_then(institution, authority, council, refusal):
    speak(refusal, council[:1])
    change(actor=authority, institution=institution, verb="abolish", reasons=support.REASONS)
    refusal.refresh_from_db()
    assert (refusal.status, refusal.spoken, refusal.shows_sums) == ("lapsed", 0, False)
    assert not {"yes", "no", "abstain"} & set(acts.entry(institution, Action.RESOLUTION_DECIDED).facts)


@pytest.mark.parametrize(("sit", "speaking"), [(3, 2), (4, 3), (6, 1), (6, 4)])
def test_if_fewer_than_five_spoke_only_the_outcome_is_public_and_kept(
    client, institution, theme, sit, speaking
):
    assert FEWEST_SHOWN == algorithms.FEWEST_SECRET  # as beside every other secret vote
    council = support.sitting_council(institution, sit)
    made = judging.propose_refusal(
        actor=factories.actor_of(council[0]), theme=theme, rule=RULE, reasons=support.REASONS
    )
    speak(made, council[:speaking])
    with clock.at(OVER):
        resolutions.close_due(actor=Actor.system())
    made.refresh_from_db()
    assert (made.status, made.spoken) == ("carried", 0)
    assert not {"yes", "no", "abstain"} & set(acts.entry(institution, Action.RESOLUTION_DECIDED).facts)
    for name, more in (
        ("public:resolutions", []), ("public:institution", []), ("public:theme", [theme.number]),
        ("members:body", ["council"]), ("members:resolution", [made.number]),
    ):  # fmt: skip
        client.force_login(council[0].user)
        page = client.get(reverse(name, args=[institution.slug, *more])).content.decode()
        assert "Decided" in page, name
        assert "abstained" not in page, name


@pytest.mark.parametrize("sit", [1, 2])
def test_in_a_body_of_one_or_two_nobody_is_asked_and_the_secretariat_judges_as_where_nobody_sits(
    client, institution, secretariat, theme, sit
):
    council = support.sitting_council(institution, sit)
    with pytest.raises(TooFewSit):
        judging.propose_refusal(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    with pytest.raises(NotAllowed):
        judging.propose_refusal(
            actor=factories.actor_of(council[0]), theme=theme, rule="", reasons=support.REASONS
        )
    client.force_login(council[0].user)
    room = reverse("members:body", args=[institution.slug, "council"])
    assert "Judge theme" not in client.get(room).content.decode()
    services.refuse(actor=secretariat, theme=theme, rule="", reasons=support.REASONS)
    page = client.get(reverse("public:theme", args=[institution.slug, theme.number])).content.decode()
    assert "It did not decide on this theme; the secretariat gave the verdict." in page
    assert "Nobody sat" not in page  # somebody did


def test_sums_of_fewer_than_five_that_were_kept_before_are_deleted(council, refusal):
    deletion = importlib.import_module("isegoria_web.ballots.migrations.0009_sums_of_few")
    ended = {"status": "carried", "decided_at": NOW}
    Resolution.objects.filter(pk=refusal.pk).update(yes=1, no=3, **ended)
    deletion.delete_sums_of_few(apps, None)
    refusal.refresh_from_db()
    assert refusal.spoken == 0
    Resolution.objects.filter(pk=refusal.pk).update(yes=4, no=1)
    deletion.delete_sums_of_few(apps, None)
    refusal.refresh_from_db()
    assert refusal.spoken == FEWEST_SHOWN


def test_the_voice_that_tips_it_leaves_no_moment_and_no_role(institution, council, theme, refusal):
    for member in council[:4]:
        resolutions.speak(actor=factories.actor_of(member), resolution=refusal, choice=Choice.YES)
    refusal.refresh_from_db()
    assert refusal.status == "open"
    with clock.at(NOW + dt.timedelta(minutes=10)):
        assert resolutions.close_due(actor=Actor.system()) == 1
    told = acts.entry(institution, Action.RESOLUTION_DECIDED)
    assert (told.actor, told.time) == ("system", NOW + dt.timedelta(minutes=10))
