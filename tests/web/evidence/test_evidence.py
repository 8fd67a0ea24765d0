"""Dossiers, speakers with their interests, members' questions and what experts reply."""

from __future__ import annotations

import datetime as dt

import pytest

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.evidence import services
from isegoria_web.evidence.enums import ChosenBy, SourceKind
from isegoria_web.evidence.errors import AnsweredAlready, ForeignSpeaker, InterestsMissing, QuestionEmpty
from isegoria_web.evidence.models import Dossier, Question, Speaker
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.factories import NOW, texts

DUE = dt.date(2027, 3, 15)


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def member(cycle):
    return factories.make_members(cycle)[0]


@pytest.fixture
def asker(member) -> Actor:
    return factories.actor_of(member)


@pytest.fixture
def expert(institution) -> Actor:
    return factories.actor(institution, Role.EXPERT)


@pytest.fixture
def speaker(secretariat, cycle, expert) -> Speaker:
    return invite(secretariat, cycle, user=expert.user)


@pytest.fixture
def foreign_speaker(elsewhere) -> Speaker:
    return invite(factories.actor(elsewhere, Role.SECRETARIAT), factories.make_cycle(elsewhere))


def invite(actor, cycle, **changes) -> Speaker:
    given = {
        "name": "Dr. Ada Expert",
        "role": texts("Planner"),
        "chosen_by": ChosenBy.MEMBERS,
        "interests": texts("Sits on the board of a housing company."),
    }
    return services.invite_speaker(actor=actor, cycle=cycle, **given | changes)


def publish(actor, cycle, speaker=None) -> Dossier:
    piece = {
        "title": texts("Figures"),
        "text": texts("Rents rise."),
        "kind": SourceKind.FIGURES,
        "source": "Statbel",
        "speaker": speaker,
    }
    return services.publish_dossier(
        actor=actor, cycle=cycle, title=texts("Housing"), introduction=texts("Read this."), evidence=[piece]
    )


def ask(actor, cycle, **changes) -> Question:
    given = {"text": "Why do rents rise?", "language": "de", "due_on": DUE}
    return services.ask_question(actor=actor, cycle=cycle, **given | changes)


def reply(actor, question, text="Because few flats are built.") -> Question:
    return services.reply(actor=actor, question=question, text=text, language="fr")


# -- speakers --------------------------------------------------------------------------------------------
def test_a_speaker_is_invited_with_her_interests(secretariat, cycle):
    speaker = invite(secretariat, cycle)
    assert speaker.interests["en"] == "Sits on the board of a housing company."
    assert speaker.declared_at == NOW


def test_nobody_but_the_secretariat_invites_a_speaker(institution, cycle, asker):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: invite(actor, cycle), also_refused=(asker,))


@pytest.mark.parametrize("interests", [{}, {"de": " "}])
def test_whoever_declares_nothing_does_not_speak(secretariat, cycle, interests):
    with pytest.raises(InterestsMissing):
        invite(secretariat, cycle, interests=interests)
    assert not Speaker.objects.exists()


def test_two_people_of_one_name_can_speak(secretariat, cycle):
    assert invite(secretariat, cycle).public_id != invite(secretariat, cycle).public_id


def test_an_invitation_is_in_the_journal_without_the_name(institution, secretariat, cycle):
    invite(secretariat, cycle)
    entry = acts.entry(institution, Action.SPEAKER_INVITED)
    assert entry.facts == {"cycle": 1, "chosen_by": "members"}


# -- dossiers --------------------------------------------------------------------------------------------
def test_a_dossier_is_published_with_its_evidence(secretariat, cycle, speaker):
    dossier = publish(secretariat, cycle, speaker)
    assert dossier.published_at == NOW
    assert [piece.speaker for piece in dossier.evidence.all()] == [speaker]


def test_nobody_but_the_secretariat_publishes_a_dossier(institution, cycle, asker):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: publish(actor, cycle), also_refused=(asker,))


def test_a_second_dossier_is_the_next_one(secretariat, cycle):
    assert [publish(secretariat, cycle).number for _each in range(2)] == [1, 2]


def test_a_dossier_is_in_the_journal(institution, secretariat, cycle):
    publish(secretariat, cycle)
    assert acts.entry(institution, Action.DOSSIER_PUBLISHED).facts == {
        "cycle": 1,
        "dossier": 1,
        "pieces": 1,
    }


def test_evidence_of_a_foreign_speaker_publishes_nothing(secretariat, cycle, foreign_speaker):
    with pytest.raises(ForeignSpeaker):
        publish(secretariat, cycle, foreign_speaker)
    assert not Dossier.objects.exists()


# -- questions -------------------------------------------------------------------------------------------
def test_a_member_asks_a_speaker(asker, member, cycle, speaker):
    question = ask(asker, cycle, speaker=speaker)
    assert (question.asked_by, question.speaker, question.due_on) == (member, speaker, DUE)


def test_only_sitting_members_ask(institution, cycle, member):
    factories.end_term(member)
    acts.only(institution, act=lambda actor: ask(actor, cycle), also_refused=(factories.actor_of(member),))


def test_the_same_question_can_be_asked_twice(asker, cycle):
    assert ask(asker, cycle).public_id != ask(asker, cycle).public_id


def test_a_question_is_in_the_journal_without_who_asked(institution, asker, cycle):
    question = ask(asker, cycle)
    entry = acts.entry(institution, Action.QUESTION_ASKED)
    assert (entry.actor, entry.subject) == ("member", question.public_id.hex)
    assert entry.facts == {
        "cycle": 1,
        "due_on": "2027-03-15",
        "rules": {"due_on": "silent: ostbelgien 1"},
    }


def test_an_empty_question_is_not_asked(asker, cycle):
    with pytest.raises(QuestionEmpty):
        ask(asker, cycle, text=" \n")


def test_a_question_goes_to_a_speaker_of_the_cycle(asker, cycle, foreign_speaker):
    with pytest.raises(ForeignSpeaker):
        ask(asker, cycle, speaker=foreign_speaker)
    assert not Question.objects.exists()


# -- replies ---------------------------------------------------------------------------------------------
def test_the_expert_replies_herself(asker, expert, cycle, speaker):
    answered = reply(expert, ask(asker, cycle, speaker=speaker))
    assert (answered.status, answered.reply_language, answered.replied_by) == ("answered", "fr", speaker)


def test_the_secretariat_enters_what_the_expert_wrote(secretariat, asker, cycle, speaker):
    assert reply(secretariat, ask(asker, cycle, speaker=speaker)).replied_by == speaker


def test_nobody_replies_in_the_place_of_another_expert(institution, asker, expert, cycle, speaker):
    question = ask(asker, cycle, speaker=speaker)
    acts.only(
        institution, Role.SECRETARIAT, act=lambda actor: reply(actor, question), also_refused=(asker,)
    )
    with pytest.raises(NotAllowed):
        reply(expert, ask(asker, cycle))


def test_a_second_reply_is_refused_and_the_first_one_stays(asker, expert, cycle, speaker):
    question = ask(asker, cycle, speaker=speaker)
    reply(expert, question)
    with pytest.raises(AnsweredAlready):
        reply(expert, question, "Something else.")
    question.refresh_from_db()
    assert question.reply == "Because few flats are built."


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_the_journal_says_whether_a_reply_came_late(institution, asker, expert, cycle, speaker, days, late):
    question = ask(asker, cycle, speaker=speaker)
    with clock.at(dt.datetime(2027, 3, 15, 20, tzinfo=dt.UTC) + dt.timedelta(days=days)):
        reply(expert, question)
    assert acts.entry(institution, Action.QUESTION_ANSWERED).facts == {
        "cycle": 1,
        "late": late,
        "due_on": "2027-03-15",
        "rules": {"due_on": "silent: ostbelgien 1"},
    }


def test_an_empty_reply_is_none(asker, expert, cycle, speaker):
    with pytest.raises(QuestionEmpty):
        reply(expert, ask(asker, cycle, speaker=speaker), " ")
