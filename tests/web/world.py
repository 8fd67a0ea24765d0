"""An institution with one of everything, so that every address has something to show; and the people who knock."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.allowances.models import Claim, PaymentFile
from isegoria_web.ballots.enums import BallotKind, Matter, ResolutionStatus
from isegoria_web.ballots.models import Ballot, Resolution, RollCall, RollCallRecord
from isegoria_web.consultation import identity
from isegoria_web.consultation.enums import PendingKind, ThemeStatus
from isegoria_web.consultation.models import Pending, Theme
from isegoria_web.deliberation.algorithms import make_map, votes_of
from isegoria_web.deliberation.enums import MapOrigin, MapStatus
from isegoria_web.deliberation.models import Note, OpinionMap, Statement
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.evidence.enums import ChosenBy, SourceKind
from isegoria_web.evidence.enums import Stance as Side
from isegoria_web.evidence.models import Appearance, Dossier, Evidence, Question, Speaker, SpeakerRequest
from isegoria_web.followup.enums import AnswerKind, Position
from isegoria_web.followup.handover_content import content_of
from isegoria_web.followup.models import Answer, Commitment, Duty, Handover, HandoverDocument
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Election, Institution, RuleBookProposal
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Checkpoint
from isegoria_web.journal.services import record
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.enums import SourceKind as Kind
from isegoria_web.lottery.models import (
    Annulment,
    Draw,
    DrawRecord,
    Objection,
    QuotaChange,
    RandomSource,
    TimeStamp,
)
from isegoria_web.meetings.enums import SearchStatus
from isegoria_web.meetings.models import Meeting, Table, TablePlace, TablePlan, TableSearch
from isegoria_web.membership.enums import DecisionKind
from isegoria_web.membership.models import Member, SeatDecision, SeatException
from isegoria_web.moderation.enums import Ground, ReviewStatus
from isegoria_web.moderation.enums import Kind as Contributed
from isegoria_web.moderation.models import Appeal, Review
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Amendment, Recommendation, Report, ReportDocument, Version
from isegoria_web.recruitment.enums import Channel, Delivery, FieldKind, Likeness, Purpose, WorkKind
from isegoria_web.recruitment.mails import link_token
from isegoria_web.recruitment.models import (
    Batch,
    Duplicate,
    FixedSentences,
    FormField,
    Invitation,
    LetterLanguage,
    LetterWork,
    Message,
    Printing,
    Respondent,
    SecondAnswer,
)
from isegoria_web.register.enums import Erased, Rule
from isegoria_web.register.models import Erasure, RegisterProfile, Upload
from tests.web import factories
from tests.web.factories import NOW, texts

DAY = dt.timedelta(days=1)
ROLES = tuple(role.value for role in Role)
OF_GROUP = (
    "office:appoint",
    "office:roll_call",
    *(f"office:roll_call_{verb}" for verb in ("open", "close", "confirm", "withdraw")),
)
"""Addresses that name a group of a mixed body, as every rule book may call one."""
MIXED: dict[str, object] = {"college": "members-of-parliament"}
WHO = ("anonymous", "citizen", "member", *ROLES)
"""Who may knock: nobody signed in, somebody without a role, a member, and each role."""


@dataclass
class World:
    """One institution with its people, and the values that fill its addresses."""

    institution: Institution
    people: dict[str, User | None]
    values: dict[str, Any]
    special: dict[str, dict[str, Any]] = field(default_factory=dict)

    def kwargs(self, name: str, parameters: set[str]) -> dict[str, Any]:
        """Fill the parameters of an address; every thing that is numbered has the number 1."""
        given = self.values | self.special.get(name, {})
        return {parameter: given.get(parameter, 1) for parameter in parameters}


def _printed(cycle: Cycle, secretary: User | None) -> dict[str, dict[str, Any]]:
    """Letters of a wave in one file, and the addresses that lead to it."""
    printing = Printing.objects.create(
        wave=cycle.campaigns.get().waves.get(), by=secretary, per_file=500, started_at=NOW, ended_at=NOW
    )
    Batch.objects.create(printing=printing, number=1, language="de", letters=1, done_at=NOW)
    LetterLanguage.objects.create(cycle=cycle, language="ar", fixed="de", saved_at=NOW, by=secretary)
    work = LetterWork.objects.create(
        cycle=cycle, extract=cycle.campaigns.get().extract, campaign=cycle.campaigns.get(), by=secretary,
        kind=WorkKind.WAVE, asked_at=NOW,
    )  # fmt: skip
    FixedSentences.objects.create(
        institution=cycle.institution, language="ar", version=1, texts={"Go on": ["متابعة"]}, saved_at=NOW,
        by=secretary,
    )  # fmt: skip
    whole = {"cycle": 1, "printing": printing.public_id}
    names = ("printing", "printing_cancel", "printing_delete", "printing_manifest")
    file = whole | {"batch": 1, "ending": "pdf"}
    return {
        **{f"office:{name}": whole for name in names},
        "office:printing_take": file,
        "office:letters_work": {"cycle": 1, "work": work.public_id},
        "office:letters_work_cancel": {"cycle": 1, "work": work.public_id},
        "office:letter_text": {"cycle": 1, "language": "de"},
        "office:letter_text_preview": {"cycle": 1, "language": "de"},
        "office:letter_language": {"cycle": 1, "language": "ar"},
        "office:letter_language_drop": {"cycle": 1, "language": "ar"},
        "office:letter_sentences": {"cycle": 1, "language": "ar"},
        "office:letter_sentences_file": {"cycle": 1, "language": "ar"},
        "office:letter_sentences_start": {"cycle": 1, "language": "ar"},
        "office:letter_sentences_confirm": {"cycle": 1, "language": "ar", "version": 1},
    }


def _change_quotas(cycle: Cycle, by: User | None) -> dict[str, dict[str, object]]:
    """A change of the quotas that waits for a second person."""
    QuotaChange.objects.create(
        cycle=cycle, number=1, reason=factories.texts("Too few men."), proposed_by=by, proposed_at=NOW,
        rows=[{"feature": "sex", "value": "M", "before": [3, 3], "after": [2, 3]}],
    )  # fmt: skip
    return {f"office:quotas_change_{verb}": {"cycle": 1, "number": 1} for verb in ("confirm", "withdraw")}


def _vacate(cycle: Cycle, draw: Draw, by: User | None) -> dict[str, dict[str, object]]:
    """A replacement draw that is announced, and a seat outside the lot that waits for a second person."""
    SeatException.objects.create(
        cycle=cycle, respondent=Respondent.objects.filter(member__isnull=True)[0], number=1, code="EXCEPT01",
        reason=factories.texts("Nobody is left."), proposed_by=by, proposed_at=NOW,
    )  # fmt: skip
    numbered = {"cycle": 1, "number": draw.number}
    return {f"office:{name}": numbered for name in ("draw_commit", "draw_fall")} | {
        f"office:exception_{verb}": {"cycle": 1, "number": 1} for verb in ("grant", "withdraw")
    }


def _elect(institution: Institution) -> dict[str, dict[str, object]]:
    """An election far away, whose day can be withdrawn."""
    Election.objects.create(
        institution=institution, number=1, kind="regional", held_on=NOW.date() + 900 * DAY, source="Decree",
        entered_at=NOW,
    )  # fmt: skip
    return {"office:election_withdraw": {"number": 1}}


def _keep_profile(institution: Institution, by: User | None) -> uuid.UUID:
    """What a register holder calls its columns."""
    made = RegisterProfile.objects.create(
        institution=institution, name="town", text='delimiter = ";"\n', changed_by=by, changed_at=NOW
    )
    return made.public_id


def _propose_exclusion(member: Member, by: User | None) -> dict[str, dict[str, object]]:
    """A proposal about a seat that waits for a second person."""
    made = SeatDecision.objects.create(
        term=member.terms.get(), kind=DecisionKind.EXCLUSION, starts_on=NOW.date(), reason="Shouted.",
        proposed_by=by, proposed_at=NOW,
    )  # fmt: skip
    names = ("decision_confirm", "decision_withdraw", "suspension_end")
    return {
        **{f"office:{name}": {"cycle": 1, "decision": made.public_id} for name in names},
        "office:status_change": {"verb": "suspend"},
        "office:seat_decide": {"cycle": 1, "member": member.number, "kind": "resignation"},
        "office:member": {"cycle": 1, "member": member.number},
    }


def build(slug: str = "ostbelgien") -> World:
    institution = factories.make_institution(slug)
    people: dict[str, User | None] = {role: factories.make_user(institution, Role(role)) for role in ROLES}
    cycle = factories.make_cycle(institution, stage=Stage.DECIDING)
    factories.make_features(cycle)
    members = factories.make_members(cycle, alternates=1)
    people |= {"anonymous": None, "citizen": factories.make_user(), "member": members[0].user}
    asked = factories.offer_again(members[-1], people["caller"])
    alike, second = _to_decide(cycle, people["secretariat"])
    _publish_record(cycle)
    note = _gather(cycle, members, people["facilitator"])
    question = _inform(cycle, members[0], people["expert"])
    _propose(institution)
    _amend(institution, people["secretariat"])
    claim = _pay(members[0], people["secretariat"])
    amendment, commitment = _decide(cycle, members[0], people["authority"])
    Statement.objects.create(cycle=cycle, number=1, text="Trams.", language="de", note=note, made_at=NOW)
    _publish(cycle)
    record(actor=Actor.system(), institution=institution, action=Action.CYCLE_OPENED, subject=cycle)
    _sign_and_ask(cycle)
    grant = Grant.objects.get(user=people["observer"], institution=institution)
    upload = Upload.objects.create(
        institution=institution, by=people["secretariat"], file_name="register.csv", sent_at=NOW,
        reference_date=NOW.date(), erase_on=NOW.date() + DAY,
    )  # fmt: skip
    certificate = Erasure.objects.create(
        institution=institution, kind=Erased.EXTRACT, rule=Rule.DATE, erased_at=NOW, counts={"extracts": 1},
        list_sha256="0" * 64,
    )  # fmt: skip
    statement, review = _review(cycle, members[0], people["facilitator"])
    values = {
        **_mix(cycle),
        "draft": uuid.uuid4(),  # of a founding, which belongs to no institution
        "erasure": certificate.public_id,
        "profile": _keep_profile(institution, people["secretariat"]),
        "speaker": question.speaker.public_id,
        "wish": SpeakerRequest.objects.get(cycle=cycle).public_id,
        "subject": statement.public_id,
        "review": review.public_id,
        "appeal": review.appeal.pk,
        "upload": upload.public_id,
        "token": f"token-{slug}",
        "claim": claim.public_id,
        "institution": slug,
        "slug": slug,
        "note": note.public_id,
        "question": question.public_id,
        "amendment": amendment.public_id,
        "commitment": commitment.pk,
        "grant": grant.pk,
        "person": people["observer"].public_id,
        "extract": cycle.campaigns.get().extract.public_id,
    }
    panel = cycle.draws.get(kind="panel").number
    of_panel = {"number": 1, "draw": panel}
    of_draw = (
        "public:draw",
        "public:record",
        "api:get_draw_record",
        "public:live",
        "public:projector",
        "public:objection",
    )
    special = dict.fromkeys(of_draw, of_panel) | dict.fromkeys(OF_GROUP, MIXED)
    running = _draw_under_way(cycle)
    for name in (
        "draw_annul",
        "annul_confirm",
        "annul_withdraw",
        "randomness",
        "source",
        "stamp",
        "objection",
    ):
        special[f"office:{name}"] = {"cycle": 1, "number": running.number}
    special["public:choice"] = {"number": 1, "ballot": 2}
    special["members:choice"] = {"number": 2}
    for name in ("choice", "choice_close"):
        special[f"office:{name}"] = {"cycle": 1, "number": 2}
    special["office:pair"] = {"cycle": 1, "number": alike.pk}
    special["office:second_answer"] = {"cycle": 1, "number": second.pk}
    for name in ("field", "field_move", "field_remove"):
        special[f"office:{name}"] = {"cycle": 1, "key": "field-1"}
    special["office:feature_sensitive"] = {"cycle": 1, "key": "sex"}
    special |= _printed(cycle, people["secretariat"]) | _change_quotas(cycle, people["secretariat"])
    special |= _let_judge(members[0]) | _vacate(cycle, running, people["secretariat"]) | _elect(institution)
    special |= _propose_exclusion(members[0], people["secretariat"]) | _search_tables(cycle)
    for name in ("call", "call_time"):
        special[f"office:{name}"] = {"cycle": 1, "member": asked.member.number}
    for name in ("reveal", "stamped", "time_stamp"):
        special[f"public:{name}"] = {"number": 1, "draw": running.number}
    for name in ("public:report_in", "members:handover_document", "office:handover_document"):
        special[name] = {"language": "de"}
    special["public:map_file"] = {"which": "votes"}
    special["office:review"] = {"kind": "statement"}
    special["account_confirm_email"] = {"key": "unknown"}
    special["account_reset_password_from_key"] = {"key": "set-password", "uidb36": "1"}
    token = link_token(_write_to(cycle))
    special["answer:link"] = special["answer:stop"] = {"token": token}
    special["office:mail_again"] = {"cycle": 1, "message": _write_to(cycle, Purpose.LINK).public_id}
    return World(institution, people, values, special)


def _mix(cycle: Cycle) -> dict[str, object]:
    """Seats that are not drawn, and the open vote of those who hold them beside the first ballot."""
    deputies = factories.mix(cycle)
    ballot = Ballot.objects.get(recommendation__cycle=cycle, recommendation__number=1)
    call = RollCall.objects.create(
        ballot=ballot, college=deputies[0].college, title=texts("members of parliament"), binding=True,
        threshold="1/2", more_than=True, of_all=True, abstention="excluded", rule="threshold, 2",
    )  # fmt: skip
    RollCallRecord.objects.create(
        roll_call=call, number=1, held_on=NOW.date(), entered_at=NOW,
        entered_by=factories.make_user(cycle.institution, Role.SECRETARIAT),
    )  # fmt: skip
    return {"appointee": deputies[0].pk}


def _search_tables(cycle: Cycle) -> dict[str, dict[str, object]]:
    """A plan of the tables that was given up."""
    search = TableSearch.objects.create(
        meeting=cycle.meetings.get(number=1), seed="seed", table_size=3, rounds=1, started_at=NOW, ended_at=NOW,
        status=SearchStatus.DISCARDED,
    )  # fmt: skip
    names = ("table_search", *(f"table_search_{verb}" for verb in ("stop", "take", "give_up")))
    return {f"office:{name}": {"cycle": 1, "meeting": 1, "search": search.public_id} for name in names}


def _write_to(cycle: Cycle, purpose: Purpose = Purpose.INVITATION) -> Message:
    """An e-mail that is in doubt, to the person behind a letter, who asked for silence before."""
    letter = Invitation.objects.filter(campaign__cycle=cycle).order_by("-pk")[0]
    Invitation.objects.filter(pk=letter.pk).update(quiet_since=NOW)
    return Message.objects.create(
        invitation=letter, purpose=purpose, language="de", address="anna@example.org", address_key="0" * 64,
        status=Delivery.IN_DOUBT, queued_at=NOW, try_after=NOW,
    )  # fmt: skip


def _review(cycle: Cycle, member: Member, facilitator: User | None) -> tuple[Statement, Review]:
    """A statement of a member that was taken out, against which she has appealed."""
    statement = Statement.objects.create(
        cycle=cycle, number=2, text="Herr Schmitz lies.", language="de", made_by=member, made_at=NOW
    )
    review = Review.objects.create(
        cycle=cycle, kind=Contributed.STATEMENT, subject=statement.public_id, number=2, author=member.user,
        status=ReviewStatus.REMOVED, ground=Ground.PERSONAL, reason="It names somebody.", decided_by=facilitator,
        decided_at=NOW,
    )  # fmt: skip
    Appeal.objects.create(review=review, text="Everybody knows it.", raised_at=NOW)
    return statement, review


def _publish(cycle: Cycle) -> None:
    """The report, in one language, and an opinion map."""
    report = Report.objects.create(
        cycle=cycle, handed_over_at=NOW, document="reports/1.pdf", sha256="0" * 64
    )
    ReportDocument.objects.create(report=report, language="de", document="reports/1.pdf", sha256="0" * 64)
    handover = Handover.objects.create(
        cycle=cycle, number=1, content=content_of(cycle), sha256="0" * 64, made_at=NOW
    )
    HandoverDocument.objects.create(
        handover=handover, language="de", document="reports/1.pdf", sha256="0" * 64
    )
    _map_opinions(cycle)


def _map_opinions(cycle: Cycle) -> OpinionMap:
    """A map of a conversation held elsewhere, with its files."""
    rows = [(person, number, "agree") for person in range(1, 9) for number in (1, 2)]
    made = make_map(votes_of(rows), {"1": "Trams.", "2": "Buses."}, "seed")
    row = OpinionMap(
        cycle=cycle, number=1, origin=MapOrigin.IMPORTED, status=MapStatus.DONE, title=texts("What about trams?"),
        seed="seed", asked_at=NOW, made_at=NOW, document=made.document,
    )  # fmt: skip
    row.votes.save("votes.csv", ContentFile(made.votes.encode()), save=False)
    row.statements.save("statements.csv", ContentFile(made.statements.encode()), save=False)
    row.save()
    return row


def _sign_and_ask(cycle: Cycle) -> None:
    """A signed journal, and a questionnaire that is open."""
    Checkpoint.objects.create(
        chain=cycle.institution.chain, length=1, head="0" * 64, time=NOW, key="0" * 64, signature="0" * 128
    )
    Questionnaire.objects.create(
        cycle=cycle, opened_at=NOW, secret="0" * 64, sentences=[{"key": "1", "text": texts("Trams.")}]
    )
    FormField.objects.create(
        cycle=cycle, key="field-1", position=1, label=texts("Pets?"), kind=FieldKind.YES_NO
    )


def _to_decide(cycle: Cycle, secretariat: User | None) -> tuple[Duplicate, SecondAnswer]:
    """Two answers that may come from one person, and two answers to one letter."""
    first, second = Invitation.objects.filter(campaign__cycle=cycle).order_by("-pk")[:2]
    pair = Duplicate.objects.create(
        campaign=cycle.campaigns.get(), first=second, second=first, likeness=Likeness.PHONE, found_at=NOW
    )
    told = {"name": "Anna", "language": "de", "answers": {"sex": "F"}, "needs": []}
    again = SecondAnswer.objects.create(
        invitation=first, at=NOW, channel=Channel.PAPER, by=secretariat, told=told
    )
    return pair, again


def _draw_under_way(cycle: Cycle) -> Draw:
    """A draw whose dice are awaited, with an objection and a proposal to annul it."""
    draw = factories.make_draw(cycle, DrawKind.REPLACEMENT, drawn=False)
    RandomSource.objects.create(
        draw=draw, position=2, name="reveal:test", kind=Kind.REVEAL, due_at=NOW + DAY,
        parties=[{"party": name, "commitment": "0" * 64} for name in ("council", "press")],
    )  # fmt: skip
    factories.commit(draw)
    TimeStamp.objects.create(
        draw=draw, position=1, kind="rfc3161", content=b"receipt", sha256="0" * 64, attached_at=NOW
    )
    content = b'{"commitments":{},"committed_at":"","format":""}'
    DrawRecord.objects.create(
        draw=draw, commitment=json.loads(content), commitment_sha256=hashlib.sha256(content).hexdigest(),
        software="isegoria 0.1.0",
    )  # fmt: skip
    Objection.objects.create(draw=draw, number=1, text="The film is missing.", language="en", raised_at=NOW)
    Annulment.objects.create(
        draw=draw,
        reason=texts("The camera failed"),
        proposed_by=factories.make_user(cycle.institution, Role.SECRETARIAT),
        proposed_at=NOW,
    )
    return draw


def _publish_record(cycle: Cycle) -> None:
    for draw in cycle.draws.drawn():
        made = DrawRecord.objects.create(
            draw=draw,
            commitment={"version": 1},
            commitment_sha256="0" * 64,
            software="isegoria 0.1.0",
        )
        made.document, made.sha256 = {"version": 1, "hash": "0" * 64}, "0" * 64
        made.save()


def _gather(cycle: Cycle, members: list[Member], facilitator: User | None) -> Note:
    meeting = Meeting.objects.create(
        cycle=cycle,
        number=1,
        title=texts("First meeting"),
        place="Eupen",
        starts_at=NOW + DAY,
        ends_at=NOW + DAY + dt.timedelta(hours=6),
        takeovers_allowed=True,
    )
    plan = TablePlan.objects.create(meeting=meeting, seed="seed", rounds=1, planned_at=NOW)
    table = Table.objects.create(plan=plan, round=1, number=1, facilitator=facilitator)
    for member in members:
        TablePlace.objects.create(table=table, member=member)
    return Note.objects.create(
        table=table, text="A tram.", language="de", written_by=facilitator, written_at=NOW
    )


def _inform(cycle: Cycle, member: Member, expert: User | None) -> Question:
    speaker = Speaker.objects.create(
        cycle=cycle,
        user=expert,
        name="Dr. Expert",
        role=texts("Planner"),
        chosen_by=ChosenBy.SECRETARIAT,
        interests=texts("None"),
        declared_at=NOW,
    )
    dossier = Dossier.objects.create(
        cycle=cycle, number=1, title=texts("Housing"), introduction=texts("Read this."), published_at=NOW
    )
    Evidence.objects.create(
        dossier=dossier,
        position=1,
        title=texts("Figures"),
        text=texts("Rents rise."),
        kind=SourceKind.FIGURES,
        source="Statbel",
        speaker=speaker,
    )
    dossier.versions.create(
        number=1, title=texts("Housing"), introduction=texts("Read this."), published_at=NOW,
        pieces=[{"title": texts("Figures"), "text": texts("Rents rise."), "kind": "figures", "source": "Statbel", "speaker": ""}],
    )  # fmt: skip
    Appearance.objects.create(
        speaker=speaker, meeting=cycle.meetings.get(), stance=Side.EXPLAINS, announced_at=NOW
    )
    wish = SpeakerRequest.objects.create(
        cycle=cycle, asked_by=member, text="A tenant.", language="de", asked_at=NOW
    )
    wish.supporters.add(member)
    return Question.objects.create(
        cycle=cycle,
        asked_by=member,
        speaker=speaker,
        text="Why?",
        language="de",
        asked_at=NOW,
        due_on=NOW.date() + DAY,
    )


def _decide(cycle: Cycle, member: Member, authority: User | None) -> tuple[Amendment, Commitment]:
    recommendation = Recommendation.objects.create(
        cycle=cycle, number=1, status=RecommendationStatus.ADOPTED
    )
    version = Version.objects.create(
        recommendation=recommendation,
        number=1,
        title=texts("Trams"),
        text=texts("Build a tram."),
        reasons=texts("It is quiet."),
        written_at=NOW,
    )
    amendment = Amendment.objects.create(
        version=version,
        proposed_by=member,
        text=texts("Build two."),
        reasons="Better.",
        language="de",
        proposed_at=NOW,
    )
    recommendation.ballot = Ballot.objects.create(
        cycle=recommendation.cycle,
        number=1,
        question=texts("Build?"),
        opened_at=NOW - DAY,
        closes_at=NOW + DAY,
        eligible=6,
        threshold="4/5",
        abstention="not_cast",
        threshold_rule="vote.threshold",
    )
    recommendation.save()
    choice = Ballot.objects.create(
        cycle=recommendation.cycle,
        number=2,
        kind=BallotKind.APPROVAL,
        question=texts("What first?"),
        options=[{"key": "1", "text": texts("Trams")}, {"key": "2", "text": texts("Trees")}],
        places=1,
        opened_at=NOW - DAY,
        closes_at=NOW + DAY,
        eligible=6,
    )
    choice.roll.set(recommendation.cycle.members.all())
    for kind, days in ((AnswerKind.FIRST, 90), (AnswerKind.FINAL, 365)):
        Duty.objects.create(
            recommendation=recommendation, kind=kind, due_on=NOW.date() + days * DAY, rule="answer"
        )
    answer = Answer.objects.create(
        recommendation=recommendation,
        number=1,
        position=Position.ACCEPTED,
        reasons=texts("Yes."),
        responsible="Minister",
        published_at=NOW,
        published_by=authority,
    )
    return amendment, Commitment.objects.create(
        answer=answer, text=texts("A line."), due_on=NOW.date() + 200 * DAY
    )


def _amend(institution: Institution, secretary: User | None) -> RuleBookProposal:
    """A version of the rule book that waits for the authority, and one that was adopted for a day to come."""
    version = institution.rule_books.get()
    later = version.text.replace('version = "2024"', 'version = "2029"\nvalid_from = 2029-01-01')
    RuleBookProposal.objects.create(
        institution=institution, number=2, before=version, reasons=texts("Later"), proposed_by=secretary, text=later,
        proposed_at=NOW, status="awaited", decided_at=NOW,
    )  # fmt: skip
    return RuleBookProposal.objects.create(
        institution=institution, number=1, before=version, reasons=texts("Younger people"), proposed_by=secretary,
        text=version.text.replace("age_min = 16", "age_min = 14"), proposed_at=NOW,
    )  # fmt: skip


def _propose(institution: Institution) -> None:
    """A theme that can be signed, and a proposal whose link waits."""
    Theme.objects.create(
        institution=institution, rule_book=institution.rule_books.get(), number=1, kind="resident", channel="web",
        title="Night buses", explanation="How do we come home?", reason="All travel.", language="en",
        status=ThemeStatus.COLLECTING, proposed_at=NOW, judged_at=NOW, threshold=100,
        collects_until=NOW.date() + 90 * DAY, erase_on=NOW.date() + 180 * DAY,
    )  # fmt: skip
    Pending.objects.create(
        institution=institution, kind=PendingKind.PROPOSAL, address_key="0" * 64,
        token_hash=identity.token_hash(f"token-{institution.slug}"), told={"title": "Trees", "language": "en"}, at=NOW,
    )  # fmt: skip


def _let_judge(member: Member) -> dict[str, dict[str, object]]:
    """The member's body judges themes: one waits, and it has decided something before."""
    institution, body = member.cycle.institution, member.cycle.body
    book = institution.rule_books.latest("number")
    without_end = re.sub(r"\[bodies\.mandate\]\n(?:\w+ = .*\n)+", "", book.text)
    book.text = without_end.replace('judges = "council"', 'judges = "assembly"').replace(
        'effect = "consultative"', 'effect = "binding"'
    )
    book.save()
    Theme.objects.create(
        institution=institution, rule_book=book, number=2, kind="resident", channel="web", title="Trees",
        explanation="Where?", reason="All breathe.", language="en", status=ThemeStatus.WAITING, proposed_at=NOW,
    )  # fmt: skip
    made = Resolution.objects.create(
        institution=institution, body=body, number=1, matter=Matter.ADMIT, about="theme 1", rule="agenda.judges",
        rule_book=book, eligible=1, threshold="1/2", more_than=True, abstention="excluded", proposed_at=NOW,
        closes_at=NOW + 15 * DAY, status=ResolutionStatus.CARRIED, yes=1, decided_at=NOW, terms={"reasons": {}},
    )  # fmt: skip
    made.roll.add(member)
    theme: dict[str, object] = {"body": body.key, "theme": 2}
    names = ("body", "body_theme", "body_admit", "body_refuse")
    choice: dict[str, object] = {"body": body.key, "number": 2}
    return {f"members:{name}": theme for name in names} | {"members:body_choice": choice}


def _pay(member: Member, secretariat: User | None) -> Claim:
    """A cost with its receipt, and a payment file that was erased."""
    institution = member.cycle.institution
    claim = Claim.objects.create(
        institution=institution, number=1, member=member, rule_book=member.cycle.rule_book, scheme="costs",
        cost="travel", day=NOW.date(), due_cents=100, cents=100, made_at=NOW, made_by=member.user,
        receipt="receipts/1.pdf",
    )  # fmt: skip
    PaymentFile.objects.create(
        institution=institution, number=1, made_at=NOW, made_by=secretariat, execute_on=NOW.date(),
        transfers_count=0, total_cents=0, sha256="0" * 64,
    )  # fmt: skip
    return claim
