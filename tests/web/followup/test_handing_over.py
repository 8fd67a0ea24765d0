"""Cohort 3 begins: what it is told of cohorts 1 and 2, what stays frozen, who has read it, and who is reminded."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.evidence.models import Question
from isegoria_web.followup import handing_over, jobs
from isegoria_web.followup.enums import CommitmentStatus, HandoverStep, Position
from isegoria_web.followup.errors import LegacyEmpty, NobodyThere, NothingNew, ReplacedByNewer, ReportIsOut
from isegoria_web.followup.handover_content import content_of, hash_of
from isegoria_web.followup.handover_words import sections_of
from isegoria_web.followup.models import Answer, Commitment, Duty, Handover, HandoverReminder, Legacy
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.membership.enums import EndReason, TermStatus
from isegoria_web.membership.models import Member, Seat, Term
from isegoria_web.membership.policies import sitting_member
from isegoria_web.moderation.enums import Ground, Kind, ReviewStatus
from isegoria_web.moderation.models import Review
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import MinorityOpinion
from tests.web import acts, factories
from tests.web.factories import NOW, texts

TODAY = NOW.date()
DAY = dt.timedelta(days=1)
LATE = TODAY - 12 * DAY


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cycles(institution):
    """Cohort 1 waits for an answer that is late, cohort 2 got one with a promise, cohort 3 begins."""
    first = factories.make_cycle(institution, Stage.ANSWERING, 2)
    (author, *_) = leave(factories.make_members(first, extra=0))
    overdue = factories.make_draft(first)
    overdue.status = RecommendationStatus.ADOPTED
    overdue.save()
    Duty.objects.create(recommendation=overdue, due_on=LATE, rule="duty.answer_days")
    opinion = MinorityOpinion.objects.create(
        recommendation=overdue, text=texts("We disagree."), submitted_at=NOW
    )
    opinion.signatories.add(author)
    Question.objects.create(
        cycle=first, asked_by=author, text="Who pays?", language="en", asked_at=NOW, due_on=LATE
    )
    second = factories.make_cycle(institution, Stage.FOLLOW_UP, 2)
    leave(factories.make_members(second, extra=0))
    answered = factories.make_draft(second)
    answered.status = RecommendationStatus.ADOPTED
    answered.save()
    Duty.objects.create(recommendation=answered, due_on=TODAY, rule="duty.answer_days", answered_at=NOW)
    answer = Answer.objects.create(
        recommendation=answered, number=1, position=Position.ACCEPTED, responsible="Minister",
        published_at=NOW, published_by=factories.make_user(),
    )  # fmt: skip
    for text, status, due in (
        ("A plan", CommitmentStatus.UNDER_WAY, LATE),
        ("A law", CommitmentStatus.FULFILLED, TODAY),
    ):
        Commitment.objects.create(answer=answer, text=texts(text), due_on=due, status=status)
    third = factories.make_cycle(institution, Stage.SEATED, 2)
    factories.make_members(third, extra=0)
    return first, second, third


@pytest.fixture
def third(cycles):
    return cycles[2]


@pytest.fixture
def newcomer(third) -> Member:
    return third.members.first()


def leave(members):
    for each in members:
        each.terms.update(status=TermStatus.ENDED, ends_on=TODAY, end_reason=EndReason.TERM)
    return members


def read(content, key) -> str:
    """One section as somebody reads it in English."""
    with translation.override("en"):
        (found,) = [each for each in sections_of(content) if each.key == key]
    return "\n".join("\n".join((each.title, *each.facts, each.text)) for each in found.entries)


def test_the_dossier_lists_what_is_open_of_the_cohorts_before(third):
    content = content_of(third)
    owed, promises, questions = (read(content, key) for key in ("owed", "promises", "questions"))
    assert "Recommendation 1 of cycle 1" in owed
    assert "12 days late" in owed
    assert "duty.answer_days" in owed
    assert "cycle 2" not in owed  # it is answered
    assert "A plan" in promises
    assert "Under way" in promises
    assert "A law" not in promises  # it is kept
    assert "Who pays?" in questions
    fate = read(content, "fate")
    assert "Accepted" in fate
    assert "1 of 2 promises kept" in fate
    assert "We disagree." in read(content, "minority")
    assert "Signed by 1 member" in read(content, "minority")
    assert read(content, "rules").count("\n- ") > 3
    assert "2 seats are taken" in read(content, "people")


def test_the_dossier_names_nobody(secretariat, third):
    for person, name in ((secretariat.user, "Zzecretary"), (third.members.first().user, "Zznewcomer")):
        person.name = name
        person.save()
    assert "Zz" not in json.dumps(content_of(third))


def test_a_dossier_is_frozen_with_its_hash_and_printed_in_every_language(secretariat, institution, third):
    made = handing_over.hand_over(actor=secretariat, cycle=third)
    made.refresh_from_db()
    assert made.sha256 == hash_of(made.content)
    documents = {each.language: each for each in made.documents.all()}
    assert list(documents) == institution.languages
    printed = documents[institution.languages[0]].document.read()
    assert printed.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in printed  # tagged for screen readers
    facts = acts.entry(institution, Action.HANDED_OVER).facts
    assert facts["sha256"] == made.sha256
    assert facts["documents"] == {code: each.sha256 for code, each in documents.items()}
    assert (facts["cycle"], facts["version"], facts["members"]) == (3, 1, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.update(content={})


def test_handing_over_twice_needs_news(secretariat, third):
    first = handing_over.hand_over(actor=secretariat, cycle=third)
    with pytest.raises(NothingNew), clock.at(NOW + DAY):
        handing_over.hand_over(actor=secretariat, cycle=third)
    handing_over.introduce(actor=secretariat, cycle=third, text=texts("Welcome."))
    second = handing_over.hand_over(actor=secretariat, cycle=third)
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert "Welcome." not in read(first.content, "words")
    assert "Welcome." in read(second.content, "words")


def test_only_the_secretariat_hands_over_and_introduces(institution, third, newcomer):
    for act in (
        lambda actor: handing_over.hand_over(actor=actor, cycle=third),
        lambda actor: handing_over.introduce(actor=actor, cycle=third, text=texts("Welcome.")),
    ):
        before = institution.chain.entries.count()
        for actor in (
            None,
            factories.nobody_special(),
            factories.actor_of(newcomer),
            factories.actor(institution, Role.AUTHORITY),
        ):
            with pytest.raises(NotAllowed):
                act(actor)
        assert institution.chain.entries.count() == before


def test_nobody_is_handed_a_dossier_before_the_seats_or_after_the_report(secretariat, institution, cycles):
    with pytest.raises(ReportIsOut):
        handing_over.hand_over(actor=secretariat, cycle=cycles[1])
    Term.objects.filter(member__cycle=cycles[2]).update(status=TermStatus.OFFERED)
    with pytest.raises(NobodyThere):
        handing_over.hand_over(actor=secretariat, cycle=cycles[2])
    assert not Handover.objects.exists()


# -- what members leave behind ---------------------------------------------------------------------------------


def test_a_member_passes_on_a_text_that_names_nobody_and_can_be_rewritten(institution, cycles):
    member = cycles[1].members.first()
    actor = factories.actor_of(member)
    for text in ("Ask early.", "Ask the experts early."):
        handing_over.pass_on(actor=actor, cycle=cycles[1], text={"en": text})
    assert read(content_of(cycles[2]), "words") == "A member of cycle 2\nAsk the experts early."
    entries = acts.entries(institution, Action.LEGACY_WRITTEN)
    assert [each.facts["again"] for each in entries] == [False, True]
    assert Legacy.objects.count() == 1


def test_only_members_pass_on_and_only_from_their_own_cycle(secretariat, cycles, newcomer):
    for actor in (None, secretariat, factories.nobody_special(), factories.actor_of(newcomer)):
        with pytest.raises(NotAllowed):
            handing_over.pass_on(actor=actor, cycle=cycles[1], text=texts("Hello."))
    former = factories.actor_of(cycles[1].members.first())
    with pytest.raises(LegacyEmpty):
        handing_over.pass_on(actor=former, cycle=cycles[1], text={"en": "  "})


def test_the_next_cohort_reads_the_cohort_before_it_and_nothing_that_was_taken_out(secretariat, cycles):
    for cycle in cycles[:2]:
        for member in cycle.members.all():
            handing_over.pass_on(
                actor=factories.actor_of(member), cycle=cycle,
                text={"en": f"From {cycle.number}.{member.number}"},
            )  # fmt: skip
    removed = Legacy.objects.get(member=cycles[1].members.first())
    Review.objects.create(
        cycle=cycles[1], kind=Kind.LEGACY, subject=removed.public_id, status=ReviewStatus.REMOVED,
        ground=Ground.INSULT, reason="An insult.", decided_by=secretariat.user, decided_at=NOW,
    )  # fmt: skip
    assert read(content_of(cycles[2]), "words") == "A member of cycle 2\nFrom 2.2"


# -- reading and confirming ------------------------------------------------------------------------------------


def test_a_member_confirms_once_and_the_office_sees_how_many(secretariat, institution, third, newcomer):
    made = handing_over.hand_over(actor=secretariat, cycle=third)
    for _ in range(2):
        confirmation = handing_over.confirm(actor=factories.actor_of(newcomer), handover=made)
    assert confirmation.confirmed_on == TODAY
    assert handing_over.confirmed_of(made) == (1, 2)
    entry = acts.entry(institution, Action.HANDOVER_CONFIRMED)
    assert entry.facts == {"cycle": 3, "version": 1}
    assert entry.actor == "member"


def test_only_the_members_of_the_cycle_confirm(secretariat, cycles):
    made = handing_over.hand_over(actor=secretariat, cycle=cycles[2])
    former = factories.actor_of(cycles[1].members.first())
    for actor in (None, secretariat, former, factories.nobody_special()):
        with pytest.raises(NotAllowed):
            handing_over.confirm(actor=actor, handover=made)
    assert handing_over.confirmed_of(made) == (0, 2)


def test_a_version_that_was_replaced_is_not_confirmed(secretariat, third, newcomer):
    old = handing_over.hand_over(actor=secretariat, cycle=third)
    handing_over.introduce(actor=secretariat, cycle=third, text=texts("Welcome."))
    handing_over.hand_over(actor=secretariat, cycle=third)
    with pytest.raises(ReplacedByNewer):
        handing_over.confirm(actor=factories.actor_of(newcomer), handover=old)


def test_the_rights_of_the_cohort_before_end_at_midnight_when_the_next_confirms(secretariat, cycles):
    """Who leaves on a day acts until its local midnight; who enters on the next day can read and confirm before."""
    here = ZoneInfo("Europe/Brussels")
    midnight = dt.datetime.combine(TODAY + DAY, dt.time(), here)
    leaving, entering = cycles[1].members.first(), cycles[2].members.first()
    seat = Seat.objects.create(body=cycles[1].body, number=99)
    leaving.terms.update(seat=seat, status=TermStatus.ACTIVE, ends_on=TODAY + DAY, end_reason="")
    entering.terms.update(starts_on=TODAY + DAY)
    made = handing_over.hand_over(actor=secretariat, cycle=cycles[2])
    handing_over.confirm(actor=factories.actor_of(entering), handover=made)
    sits = [
        (member, moment)
        for member in (leaving, entering)
        for moment in (midnight - dt.timedelta(seconds=1), midnight)
        if _sits(member, moment)
    ]
    assert sits == [(leaving, midnight - dt.timedelta(seconds=1)), (entering, midnight)]


def _sits(member, moment) -> bool:
    with clock.at(moment):
        return sitting_member(factories.actor_of(member), member.cycle) is not None


# -- reminders -------------------------------------------------------------------------------------------------


def test_who_has_not_confirmed_is_reminded_before_the_first_meeting(
    secretariat, third, newcomer, mailoutbox
):
    meeting = factories.make_meeting(third)
    meeting.starts_at, meeting.ends_at = NOW + 20 * DAY, NOW + 21 * DAY
    meeting.save()
    made = handing_over.hand_over(actor=secretariat, cycle=third)
    assert jobs.remind_of_handovers() == 2
    assert jobs.remind_of_handovers() == 0
    handing_over.confirm(actor=factories.actor_of(newcomer), handover=made)
    for days, sent in ((14, 1), (19.5, 1), (20, 0), (22, 0)):
        with clock.at(NOW + days * DAY):
            assert jobs.remind_of_handovers() == sent, days
    assert set(HandoverReminder.objects.values_list("step", flat=True)) == set(HandoverStep.values)
    assert newcomer.user.email not in {to for mail in mailoutbox[2:] for to in mail.to}
    assert all(str(newcomer.user.name) not in mail.body for mail in mailoutbox)
