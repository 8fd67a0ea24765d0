"""Versions of dossiers, the programme of speakers, equal questions, wishes for speakers."""

from __future__ import annotations

import datetime as dt

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.evidence import services
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus, RequestStatus, SourceKind, Stance
from isegoria_web.evidence.errors import (
    AnsweredAlready,
    AnswerMissing,
    DossierEmpty,
    ForeignMeeting,
    ForeignSpeaker,
    InterestsMissing,
    MeetingBegun,
    NothingToMerge,
    RequestAnswered,
    RequestEmpty,
    SpeaksAlready,
)
from isegoria_web.evidence.models import Question
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.factories import NOW, texts

LONG = {"en": "The tram is new. It runs at night. You pay one euro. The bus is old. It is slow. " * 3}


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def speaker(secretariat, cycle):
    return services.invite_speaker(
        actor=secretariat, cycle=cycle, name="Dr. Expert", role=texts("Planner"), chosen_by=ChosenBy.SECRETARIAT,
        interests=texts("None"),
    )  # fmt: skip


def piece(text="Rents rise."):
    return {
        "title": texts("Figures"), "text": {"en": text} if isinstance(text, str) else text,
        "kind": SourceKind.FIGURES, "source": "Statbel", "speaker": None,
    }  # fmt: skip


@pytest.fixture
def dossier(secretariat, cycle):
    return services.publish_dossier(
        actor=secretariat,
        cycle=cycle,
        title=texts("Housing"),
        introduction=texts("Read this."),
        evidence=[piece()],
    )


def revise(actor, dossier, evidence=None):
    return services.revise_dossier(
        actor=actor, dossier=dossier, title=texts("Housing"), introduction=texts("Read this."),
        evidence=[piece("Rents rise fast.")] if evidence is None else evidence, changes=texts("New figures."),
    )  # fmt: skip


# -- versions of a dossier -----------------------------------------------------------------------------------
def test_a_new_version_is_read_and_the_earlier_one_stays_word_for_word(client, secretariat, dossier):
    assert revise(secretariat, dossier).version == 2
    page = client.get("/en/ostbelgien/cycles/1/dossiers/1/").content.decode()
    assert "Rents rise fast." in page
    assert "New figures." in page
    old = client.get("/en/ostbelgien/cycles/1/dossiers/1/versions/1/").content.decode()
    assert "<p>Rents rise.</p>" in old
    assert (
        '<ins><span class="visually-hidden">put in: </span>fast.</ins>' in old or "rise fast.</ins>" in old
    )
    assert client.get("/en/ostbelgien/cycles/1/dossiers/1/versions/3/").status_code == 404


def test_nobody_but_the_secretariat_revises_a_dossier(institution, dossier):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: revise(actor, dossier))


def test_a_version_has_evidence_and_revising_twice_gives_two_versions(institution, secretariat, dossier):
    with pytest.raises(DossierEmpty):
        revise(secretariat, dossier, evidence=[])
    revise(secretariat, dossier)
    revise(secretariat, dossier)
    assert [each.number for each in dossier.versions.all()] == [1, 2, 3]
    assert acts.entries(institution, Action.DOSSIER_REVISED)[-1].facts == {
        "cycle": 1, "dossier": 1, "version": 3, "pieces": 1,
    }  # fmt: skip


def test_a_dossier_says_how_hard_it_is_to_read_and_by_which_formula(client, secretariat, dossier):
    revise(secretariat, dossier, evidence=[piece(LONG)])
    page = client.get("/en/ostbelgien/cycles/1/dossiers/1/").content.decode()
    assert "very easy to read" in page
    assert "by Flesch" in page
    assert "1 × Official figures" in page


# -- the programme -------------------------------------------------------------------------------------------
def announce(actor, speaker, meeting, stance=Stance.FOR):
    return services.announce_speaker(actor=actor, speaker=speaker, meeting=meeting, stance=stance)


def test_a_speaker_is_announced_with_her_side_before_she_speaks_and_the_balance_shows_it(
    client, secretariat, cycle, speaker
):
    announce(secretariat, speaker, factories.make_meeting(cycle))
    page = client.get("/en/ostbelgien/cycles/1/evidence/").content.decode()
    assert "Wants a change" in page
    row = page.split('<th scope="row">Wants things to stay</th>')[1].split("</tr>")[0]
    assert "–" in row
    assert '<td class="number">0</td>' in row
    assert "speaks in meeting 1" in page


def test_nobody_but_the_secretariat_announces_a_speaker(institution, cycle, speaker):
    meeting = factories.make_meeting(cycle)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: announce(actor, speaker, meeting))


def test_interests_are_shown_before_and_not_after(institution, secretariat, elsewhere, cycle, speaker):
    meeting = factories.make_meeting(cycle)
    with clock.at(meeting.starts_at), pytest.raises(MeetingBegun):
        announce(secretariat, speaker, meeting)
    with pytest.raises(ForeignMeeting):
        announce(secretariat, speaker, factories.make_meeting(factories.make_cycle(elsewhere)))
    announce(secretariat, speaker, meeting)
    with pytest.raises(SpeaksAlready):
        announce(secretariat, speaker, meeting)
    assert acts.entry(institution, Action.SPEAKER_ANNOUNCED).facts == {"meeting": 1, "stance": "for"}


def test_a_later_declaration_does_not_wipe_out_the_earlier_one(client, institution, secretariat, speaker):
    with clock.at(NOW + dt.timedelta(days=1)):
        services.declare_interests(actor=secretariat, speaker=speaker, interests=texts("Owns flats"))
    page = client.get("/en/ostbelgien/cycles/1/evidence/").content.decode()
    assert "Owns flats" in page
    assert "1 March 2027: None" in page
    assert acts.entry(institution, Action.INTERESTS_DECLARED).facts == {"cycle": 1}
    with pytest.raises(InterestsMissing):
        services.declare_interests(actor=secretariat, speaker=speaker, interests={"en": " "})


def test_nobody_but_the_speaker_herself_and_the_secretariat_declares(institution, speaker):
    speaker.user = factories.make_user(institution, Role.EXPERT)
    speaker.save()
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: services.declare_interests(actor=actor, speaker=speaker, interests=texts("None")),
    )
    from isegoria_web.accounts.actors import Actor

    services.declare_interests(actor=Actor.of(speaker.user), speaker=speaker, interests=texts("Flats"))


# -- equal questions ------------------------------------------------------------------------------------------
def ask(member, text, due=15):
    return services.ask_question(
        actor=factories.actor_of(member),
        cycle=member.cycle,
        text=text,
        language="en",
        due_on=dt.date(2027, 3, due),
    )


def test_equal_questions_keep_all_their_authors_and_the_earliest_day(client, secretariat, members):
    first, second = ask(members[0], "Why do rents rise?"), ask(members[1], "What drives rents?", due=10)
    merged = services.merge_questions(actor=secretariat, question=first, others=[second])
    assert merged.due_on == dt.date(2027, 3, 10)
    assert {first.asked_by, *(each.asked_by for each in merged.merged.all())} == {members[0], members[1]}
    page = client.get("/en/ostbelgien/cycles/1/evidence/").content.decode()
    assert "One more member asked the same." in page
    assert page.count("What drives rents?") == 1
    services.reply(actor=secretariat, question=merged, text="Interest rates.", language="en")
    client.force_login(members[1].user)
    mine = client.get("/en/ostbelgien/my/questions/").content.decode()
    assert "Put together with the same question of somebody else" in mine
    assert "Interest rates." in mine


def test_nobody_but_the_secretariat_puts_questions_together(institution, members):
    first, second = ask(members[0], "Why?"), ask(members[1], "Why so?")
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: services.merge_questions(actor=actor, question=first, others=[second]),
    )


def test_answered_merged_and_foreign_questions_are_not_put_together(
    institution, secretariat, elsewhere, members
):
    first, second, third = (ask(members[0], f"Why {each}?") for each in range(3))
    services.merge_questions(actor=secretariat, question=first, others=[second])
    with pytest.raises(NothingToMerge):
        services.merge_questions(actor=secretariat, question=third, others=[second])
    with pytest.raises(NothingToMerge):
        services.merge_questions(actor=secretariat, question=first, others=[])
    with pytest.raises(AnsweredAlready):
        services.reply(actor=secretariat, question=second, text="So.", language="en")
    Question.objects.filter(pk=third.pk).update(status=QuestionStatus.ANSWERED, reply="x", replied_at=NOW)
    with pytest.raises(NothingToMerge):
        services.merge_questions(actor=secretariat, question=first, others=[third])
    assert acts.entry(institution, Action.QUESTIONS_MERGED).facts == {"cycle": 1, "questions": 2}


def test_what_was_put_together_can_be_put_together_with_more(secretariat, members):
    first, second, third = (ask(members[each], f"Why {each}?") for each in range(3))
    services.merge_questions(actor=secretariat, question=second, others=[third])
    services.merge_questions(actor=secretariat, question=first, others=[second])
    assert set(first.merged.values_list("pk", flat=True)) == {second.pk, third.pk}


def test_a_question_without_an_answer_is_marked_in_public_after_its_day(client, members):
    ask(members[0], "Why?", due=2)
    with clock.at(NOW + dt.timedelta(days=5)):
        page = client.get("/en/ostbelgien/cycles/1/evidence/").content.decode()
    assert "Not answered, though it was due on 2 March 2027" in page


# -- wishes for speakers ----------------------------------------------------------------------------------------
def wish(member, text="A tenant."):
    return services.ask_for_speaker(
        actor=factories.actor_of(member), cycle=member.cycle, text=text, language="en"
    )


def test_members_share_a_wish_and_the_public_reads_the_answer(client, secretariat, members, speaker):
    made = wish(members[0])
    client.force_login(members[1].user)
    client.post(f"/en/ostbelgien/my/speakers/{made.public_id}/", {"support": "yes"})
    client.post(f"/en/ostbelgien/my/speakers/{made.public_id}/", {"support": "yes"})
    assert made.supporters.count() == 2
    services.answer_request(actor=secretariat, request=made, speaker=speaker, answer={})
    made.refresh_from_db()
    assert made.status == RequestStatus.INVITED
    client.logout()
    page = client.get("/en/ostbelgien/cycles/1/evidence/").content.decode()
    assert "2 members want it" in page
    assert "Invited" in page
    with pytest.raises(RequestAnswered):
        services.support_request(actor=factories.actor_of(members[2]), request=made, support=True)


def test_a_wish_says_something_and_a_refusal_has_a_reason(
    institution, secretariat, elsewhere, members, speaker
):
    with pytest.raises(RequestEmpty):
        wish(members[0], " ")
    made = wish(members[0])
    with pytest.raises(AnswerMissing):
        services.answer_request(actor=secretariat, request=made, speaker=None, answer={})
    other = services.invite_speaker(
        actor=factories.actor(elsewhere, Role.SECRETARIAT), cycle=factories.make_cycle(elsewhere), name="X",
        role=texts("x"), chosen_by=ChosenBy.MEMBERS, interests=texts("None"),
    )  # fmt: skip
    with pytest.raises(ForeignSpeaker):
        services.answer_request(actor=secretariat, request=made, speaker=other, answer={})
    services.answer_request(actor=secretariat, request=made, speaker=None, answer=texts("She was ill."))
    with pytest.raises(RequestAnswered):
        services.answer_request(actor=secretariat, request=made, speaker=speaker, answer={})
    assert acts.entry(institution, Action.SPEAKER_REQUEST_ANSWERED).facts == {"cycle": 1, "invited": False}
    assert acts.entry(institution, Action.SPEAKER_REQUESTED).facts == {"cycle": 1}


def test_nobody_but_sitting_members_asks_and_shares_and_nobody_but_the_secretariat_answers(
    institution, cycle, members, speaker
):
    made = wish(members[0])
    factories.end_term(members[1])
    former = factories.actor_of(members[1])
    acts.only(
        institution,
        act=lambda actor: services.ask_for_speaker(actor=actor, cycle=cycle, text="x", language="en"),
        also_refused=(former,),
    )
    from isegoria_web.errors import NotAllowed

    with pytest.raises(NotAllowed):
        services.support_request(actor=former, request=made, support=True)
    for role in set(Role) - {Role.SECRETARIAT}:
        with pytest.raises(NotAllowed):
            services.answer_request(
                actor=factories.actor(institution, role), request=made, speaker=speaker, answer={}
            )
