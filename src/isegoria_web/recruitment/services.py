from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Q

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import MandateNotSigned
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.services import advance, begin_again
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.ceremony import make_test_draw
from isegoria_web.lottery.enums import DrawKind, DrawStatus, Origin
from isegoria_web.lottery.errors import SourceInThePast
from isegoria_web.lottery.models import Draw, Feature, PoolEntry, TestDraw
from isegoria_web.recruitment import algorithms, codes, duplicates, letter_form, letters, policies
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Refusal
from isegoria_web.recruitment.errors import (
    AlreadyAnswered,
    AnswersDiffer,
    AnswersWrong,
    CampaignClosed,
    CodeWrong,
    ConsentMissing,
    DuplicateDecided,
    DuplicatesOpen,
    LetterRevoked,
    LettersAnnulled,
    LettersDrawnAlready,
    LettersNotDrawn,
    NotAnsweredYet,
    PanelDrawStands,
    TooManyTries,
)
from isegoria_web.recruitment.letter_form import Details
from isegoria_web.recruitment.models import (
    Campaign,
    Draft,
    FormField,
    Invitation,
    Respondent,
    SecondAnswer,
    WrongCode,
)
from isegoria_web.register import algorithms as register
from isegoria_web.register.errors import ExtractChanged, ExtractErased
from isegoria_web.register.models import Extract, Resident
from isegoria_web.translated import LANGUAGES, Texts

SECRET_BYTES = 32
TRIES_A_MINUTE = 10
TRIES_AN_HOUR = 30


@dataclass(frozen=True)
class Told:
    """What somebody told when she said yes."""

    name: str
    email: str
    phone: str
    language: str
    answers: Mapping[str, str]
    needs: Sequence[str]
    details: Details
    consents: Sequence[str]


# -- the draw of the letters -----------------------------------------------------------------------------


def announce_letters(
    *,
    actor: Actor,
    cycle: Cycle,
    extract: Extract,
    letters: int,
    age_min: int,
    reply_by: date,
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
) -> Campaign:
    """Announce the draw of the letters and commit to the extract, before the randomness exists.

    Raises
    ------
    MandateNotSigned
        If the authority has not promised an answer.
    SourceInThePast
        If the randomness might be known already.
    ExtractErased
        If there is nothing to draw from.
    LettersDrawnAlready
        If the cycle has its letters. After the annulment of their draw, or of the panel that was drawn from them,
        others can be announced; the first ones stay public.
    PanelDrawStands
        While a draw of the panel counts.
    isegoria.errors.BadInput
        If more letters are asked for than residents are eligible.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    if cycle.mandate_signed_at is None:
        raise MandateNotSigned
    if source_due_at <= clock.now():
        raise SourceInThePast
    with _opened(extract) as found, transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        _require_no_letters(cycle)
        annulled = Draw.objects.filter(cycle=cycle, status=DrawStatus.ANNULLED).last()
        for earlier in Campaign.objects.filter(cycle=cycle).exclude(printed=""):
            _drop_printed(earlier)
            earlier.save(update_fields=["printed"])
        draw = lottery.announce_draw(
            cycle=cycle, kind=DrawKind.LETTERS, size=letters, alternates=0, source=source,
            source_due_at=source_due_at, sources=sources,
        )  # fmt: skip
        campaign = Campaign.objects.create(
            cycle=cycle,
            draw=draw,
            extract=extract,
            letters=letters,
            age_min=age_min,
            reply_by=reply_by,
            secret=secrets.token_hex(SECRET_BYTES),
        )
        made = lottery.publish_commitment(
            draw=draw, document=algorithms.commitment(campaign, found, clock.now())
        )
        record(
            actor=actor, institution=cycle.institution, action=Action.LETTERS_ANNOUNCED, subject=draw,
            facts={
                "letters": letters,
                "commitment": made.commitment_sha256,
                "source_due_at": source_due_at.isoformat(),
                "reply_by": reply_by.isoformat(),
                "sources": [each.name for each in draw.sources.all()],
                "publish_by": f"{draw.publish_by:%Y-%m-%dT%H:%MZ}",
                **lottery.announced_rules(draw),
                **({} if annulled is None else {"after_annulled_draw": annulled.number}),
            },
        )  # fmt: skip
        begin_again(actor=actor, cycle=cycle)
        return campaign


def draw_letters(*, actor: Actor, campaign: Campaign) -> Campaign:
    """Let who gets a letter follow from the public randomness, once all of it is known.

    Raises
    ------
    TooEarly, RandomnessMissing, AlreadyDrawn
        If it is not the time for it.
    ExtractChanged
        If the file is not the one that was committed to.
    """
    require(policies.may_finish_letters(actor, campaign))
    with _opened(campaign.extract) as found, transaction.atomic():
        campaign = _locked(campaign)
        lottery.require_due(campaign.draw)
        made = campaign.draw.record
        if found.sha256 != campaign.extract.sha256:
            raise ExtractChanged
        rows, document = algorithms.draw(made.commitment, campaign, found)
        lottery.publish_record(draw=campaign.draw, document=document)
        proofs = algorithms.receipts(campaign, found, document, [row["id"] for row in rows])
        _invite(campaign, rows, {each.pop("number"): each for each in proofs})
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.LETTERS_DRAWN,
            subject=campaign.draw,
            facts={
                "letters": len(rows),
                "record": document["hash"],
                "source_value": campaign.draw.source_value,
                "challenge_ends_at": f"{campaign.draw.challenge_ends_at:%Y-%m-%dT%H:%MZ}",
                "challenge_rule": campaign.draw.challenge_rule or lottery.DEFAULT,
            },
        )  # fmt: skip
        advance(actor=actor, cycle=campaign.cycle, to=Stage.INVITING)
        return campaign


def print_letters(*, actor: Actor, campaign: Campaign) -> bytes:
    """Typeset all letters that were not answered, each with a fresh code; earlier codes stop working.

    Codes are known only while printing: the database keeps a slow hash. So a second printing replaces the
    letters of the first.

    Returns
    -------
    bytes
        One PDF with one page a letter.

    Raises
    ------
    CampaignClosed, LettersNotDrawn
        If it is not the time for it.
    ExtractErased
        If nobody knows any more to whom they would go.
    """
    require(policies.may_run_campaign(actor, campaign))
    waiting = (InvitationStatus.CREATED, InvitationStatus.SENT)
    with transaction.atomic():
        campaign = _locked(campaign)
        _require_counting(campaign)
        if campaign.closed_at is not None:
            raise CampaignClosed
        if not campaign.draw.is_drawn:
            raise LettersNotDrawn
        if campaign.extract.erased_at is not None:
            raise ExtractErased
        invitations = list(campaign.invitations.filter(status__in=waiting).select_related("resident"))
        printed = [(invitation, _renew_code(invitation)) for invitation in invitations]
        document = letters.typeset(campaign, printed)
        Invitation.objects.bulk_update(invitations, ["selector", "secret_hash", "status"], batch_size=500)
        _drop_printed(campaign)
        campaign.printed.save(f"{campaign.draw.public_id}.pdf", ContentFile(document), save=False)
        campaign.printed_at = clock.now()
        campaign.save(update_fields=["printed", "printed_at"])
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.LETTERS_PRINTED,
            subject=campaign.draw,
            facts={"letters": len(printed), "sha256": hashlib.sha256(document).hexdigest()},
        )  # fmt: skip
        return document


# -- answering ---------------------------------------------------------------------------------------------


def redeem(*, code_text: str, source: str) -> Invitation:
    """Return the letter that a code opens. Wrong codes are slowed down, by where they come from.

    Parameters
    ----------
    code_text
        As typed.
    source
        The network address; only a keyed hash of it is kept, for an hour.

    Raises
    ------
    CodeWrong
        For a code that does not exist, is mistyped or no longer valid: one answer for all.
    TooManyTries
        After ten wrong ones in a minute or thirty in an hour.
    """
    place = hmac.new(settings.SECRET_KEY.encode(), source.encode(), "sha256").hexdigest()
    _slow_down(place)
    code = codes.parse(code_text)
    found = None if code is None else _invitation_with(code)
    if found is None:
        WrongCode.objects.create(source=place, at=clock.now())
        raise CodeWrong
    return found


def known_answers(invitation: Invitation) -> dict[str, str]:
    """Return what the register tells of the person behind a letter: feature to value."""
    return _known_of(invitation, features_of(invitation.campaign.cycle))


def features_of(cycle: Cycle) -> list[Feature]:
    """Return what the quotas of a cycle speak of, with the values."""
    return list(Feature.objects.filter(cycle=cycle).prefetch_related("values"))


def _known_of(invitation: Invitation, features: Iterable[Feature]) -> dict[str, str]:
    resident = invitation.resident
    if resident is None:
        return {}
    told = (
        (feature.key, told_by_register(feature, resident, invitation.campaign.reply_by))
        for feature in features
    )
    return {key: value for key, value in told if value is not None}


def pool_entry_of(invitation: Invitation) -> PoolEntry | None:
    """Return the entry of the frozen pool behind a letter, whose code its person can look up in public."""
    respondent = (
        Respondent.objects.filter(invitation=invitation).select_related("pool_entry__pool__draw").first()
    )
    return None if respondent is None else respondent.pool_entry


def accept(
    *,
    actor: Actor,
    invitation: Invitation,
    name: str,
    email: str,
    phone: str,
    language: str,
    answers: Mapping[str, str],
    needs: Sequence[str],
    consent: bool,
    details: Details | None = None,
    consents: Sequence[str] = (),
) -> Respondent:
    """Take a citizen's yes; until the pool closes she can change it with her code.

    Parameters
    ----------
    answers
        Feature to value.
    details
        What else the form asks: key of a field to what was told.
    consents
        Keys of the features and fields that are sensitive and that she agreed to tell.

    Raises
    ------
    ConsentMissing, AnswersWrong, AnswersDiffer, CampaignClosed
        If it cannot be taken.
    """
    require(policies.may_answer(actor, invitation))
    told = Told(name, email, phone, language, answers, needs, details or {}, consents)
    return _accept(actor, invitation, Channel.WEB, told, consent=consent)


def decline(*, actor: Actor, invitation: Invitation, refusal: Refusal) -> Invitation:
    """Take a citizen's no; what she may have told before is deleted."""
    require(policies.may_answer(actor, invitation))
    return _decline(actor, invitation, Channel.WEB, refusal)


def record_answer(
    *,
    actor: Actor,
    invitation: Invitation,
    channel: Channel,
    says_yes: bool,
    refusal: Refusal = Refusal.OTHER,
    name: str = "",
    email: str = "",
    phone: str = "",
    language: str = "",
    answers: Mapping[str, str] | None = None,
    needs: Sequence[str] = (),
    consent: bool = False,
    details: Details | None = None,
    consents: Sequence[str] = (),
) -> Invitation:
    """Write down an answer that came by telephone, on paper or at the counter; it is marked with who wrote it.

    Raises
    ------
    AlreadyAnswered
        If the citizen has answered herself.
    """
    require(policies.may_record_answer(actor, invitation) and channel != Channel.WEB)
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        if Invitation.objects.answered().filter(pk=invitation.pk).exists():
            raise AlreadyAnswered
        if says_yes:
            spoken = language or invitation.language
            told = Told(name, email, phone, spoken, answers or {}, needs, details or {}, consents)
            return _accept(actor, invitation, channel, told, consent=consent).invitation
        return _decline(actor, invitation, channel, refusal)


def file_second_answer(
    *,
    actor: Actor,
    invitation: Invitation,
    channel: Channel,
    name: str,
    email: str,
    phone: str,
    language: str,
    answers: Mapping[str, str],
    needs: Sequence[str],
    consent: bool,
    details: Details | None = None,
    consents: Sequence[str] = (),
) -> SecondAnswer:
    """Keep a yes to a letter that was answered already, until somebody has decided which of the two counts.

    Raises
    ------
    NotAnsweredYet
        If it is the first.
    ConsentMissing, AnswersWrong, AnswersDiffer, CampaignClosed
        If it cannot be taken.
    """
    require(policies.may_record_answer(actor, invitation) and channel != Channel.WEB)
    if actor.user is None:
        raise NotAllowed
    if not consent:
        raise ConsentMissing
    told = _checked(invitation, Told(name, email, phone, language, answers, needs, details or {}, consents))
    with transaction.atomic():
        invitation = _locked_invitation(invitation)
        if invitation.answered_at is None:
            raise NotAnsweredYet
        made = SecondAnswer.objects.create(
            invitation=invitation, at=clock.now(), channel=channel, by=actor.user, told=asdict(told)
        )
        record(
            actor=actor, institution=invitation.campaign.cycle.institution,
            action=Action.SECOND_ANSWER_FILED, subject=invitation.campaign.draw,
            facts={"channel": channel.value},
        )  # fmt: skip
        return made


def decide_second_answer(*, actor: Actor, second: SecondAnswer, take: bool) -> SecondAnswer:
    """Let the second answer to a letter count, or leave the first; what the other one told is deleted.

    Raises
    ------
    DuplicateDecided
        If somebody has decided.
    CampaignClosed
        If the pool is frozen and the second one is to count.
    """
    require(policies.may_run_campaign(actor, second.invitation.campaign))
    with transaction.atomic():
        SecondAnswer.objects.select_for_update().get(pk=second.pk)
        second = SecondAnswer.objects.select_related("invitation__campaign__cycle__institution").get(
            pk=second.pk
        )
        if second.decided_at is not None:
            raise DuplicateDecided
        if take:
            _accept(actor, second.invitation, Channel(second.channel), Told(**second.told), consent=True)
        second.taken, second.told = take, {}
        second.decided_at, second.decided_by = clock.now(), actor.user
        second.save(update_fields=["taken", "told", "decided_at", "decided_by"])
        record(
            actor=actor, institution=second.invitation.campaign.cycle.institution,
            action=Action.SECOND_ANSWER_DECIDED, subject=second.invitation.campaign.draw,
            facts={"channel": second.channel, "taken": take},
        )  # fmt: skip
        return second


def mark_returned(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Note that the post brought a letter back; a second time changes nothing.

    Raises
    ------
    AlreadyAnswered
        If somebody answered it.
    LetterRevoked
        If it was never sent.
    """
    require(policies.may_record_answer(actor, invitation))
    with transaction.atomic():
        invitation = Invitation.objects.locked(invitation.pk)
        if invitation.status == InvitationStatus.CREATED:
            raise LetterRevoked
        if invitation.answered_at is not None:
            raise AlreadyAnswered
        if invitation.status != InvitationStatus.RETURNED:
            invitation.status = InvitationStatus.RETURNED
            invitation.save(update_fields=["status"])
            record(
                actor=actor, institution=invitation.campaign.cycle.institution,
                action=Action.LETTER_RETURNED, subject=invitation.campaign.draw,
            )  # fmt: skip
        return invitation


def erase_printed(extract: int) -> None:
    """Erase printed letters and the secret of the pseudonyms; part of erasing an extract, which asks who may."""
    Campaign.objects.filter(extract_id=extract).update(secret="")
    Invitation.objects.filter(campaign__extract_id=extract).update(receipt=None)
    for campaign in Campaign.objects.filter(extract_id=extract).exclude(printed=""):
        _drop_printed(campaign)
        campaign.save(update_fields=["printed"])


def close_pool(
    *,
    actor: Actor,
    campaign: Campaign,
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
) -> Draw:
    """Close the answers and freeze everybody who said yes into the pool of the draw.

    After the annulment of a draw the same people are frozen again, under new codes: nobody's answer changes.

    Raises
    ------
    DuplicatesOpen
        While somebody may stand in the pool twice, until the pool was closed once.
    isegoria.errors.Infeasible
        If no panel meets the quotas; nothing is closed or frozen.
    """
    require(policies.may_run_campaign(actor, campaign))
    if campaign.closed_at is None:
        duplicates.look_for_all(campaign)  # what is found stays found, also when the closing is refused
    with transaction.atomic():
        campaign = _locked(campaign)
        _require_counting(campaign)
        if Draw.objects.filter(cycle=campaign.cycle).of_panel().valid().exists():
            raise CampaignClosed
        if campaign.closed_at is None:
            duplicates.look_for_all(campaign)  # and who came in just now
            waits = SecondAnswer.objects.filter(invitation__campaign=campaign, decided_at__isnull=True)
            if duplicates.open_of(campaign) or waits.exists():
                raise DuplicatesOpen
        willing = list(Respondent.objects.willing().filter(invitation__campaign=campaign).order_by("pk"))
        draw, entries = lottery.freeze_pool(
            actor=actor, cycle=campaign.cycle, entries=[each.answers for each in willing], source=source,
            source_due_at=source_due_at, sources=sources,
        )  # fmt: skip
        for respondent, entry in zip(willing, entries, strict=True):
            respondent.pool_entry = entry
        Respondent.objects.bulk_update(willing, ["pool_entry"])
        Draft.objects.filter(invitation__campaign=campaign).delete()
        campaign.closed_at = campaign.closed_at or clock.now()
        _drop_printed(campaign)  # no code opens anything but her own page any more
        campaign.save(update_fields=["closed_at", "printed"])
        advance(actor=actor, cycle=campaign.cycle, to=Stage.DRAWING)
        return draw


def test_draw(*, actor: Actor, campaign: Campaign) -> TestDraw:
    """Make a TEST draw among those who have said yes so far. Nobody's state changes, and no code is anybody's.

    Raises
    ------
    isegoria.errors.Infeasible
        If no panel meets the quotas, with the smallest relaxation.
    """
    require(policies.may_run_campaign(actor, campaign))
    willing = Respondent.objects.willing().filter(invitation__campaign=campaign)
    return make_test_draw(
        actor=actor, cycle=campaign.cycle,
        entries=sorted(willing.values_list("answers", flat=True), key=lambda answers: sorted(answers.items())),
        value=secrets.token_hex(16),
    )  # fmt: skip


test_draw.__test__ = False  # type: ignore[attr-defined]  # no test of pytest


# -- the parts of the verbs ----------------------------------------------------------------------------------


def _require_no_letters(cycle: Cycle) -> None:
    """Refuse letters beside others that count, unless the panel that was drawn from those was annulled."""
    if Draw.objects.filter(cycle=cycle).of_panel().valid().exists():
        raise PanelDrawStands
    counting = Campaign.objects.filter(cycle=cycle).current().select_related("draw").first()
    if counting is None:
        return
    panels = Draw.objects.filter(cycle=cycle, number__gt=counting.draw.number).of_panel()
    if not panels.filter(status=DrawStatus.ANNULLED).exists():
        raise LettersDrawnAlready


def _require_counting(campaign: Campaign) -> None:
    if not Campaign.objects.filter(pk=campaign.pk).current().exists():
        raise LettersAnnulled


def _opened(extract: Extract) -> register.Opened:
    if extract.erased_at is not None or not extract.file:
        raise ExtractErased
    return register.opened(Path(extract.file.path))


def _drop_printed(campaign: Campaign) -> None:
    """Take the file of the letters off the disk, once that is certain: it holds names and codes in clear."""
    storage, name = campaign.printed.storage, campaign.printed.name
    campaign.printed = ""
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _locked(campaign: Campaign) -> Campaign:
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    related = ("cycle__institution", "cycle__body", "cycle__rule_book", "draw__cycle", "extract")
    return Campaign.objects.select_related(*related).get(pk=campaign.pk)


def _invite(
    campaign: Campaign, rows: Sequence[register.Row], receipts: Mapping[str, Mapping[str, Any]]
) -> None:
    residents = [_resident(campaign.extract, row) for row in rows]
    Resident.objects.bulk_create(
        residents, batch_size=500, ignore_conflicts=True
    )  # some got a letter before
    pseudonyms = [resident.pseudonym for resident in residents]
    stored = {
        each.pseudonym: each
        for each in Resident.objects.filter(extract=campaign.extract, pseudonym__in=pseudonyms)
    }
    Invitation.objects.bulk_create(
        [
            Invitation(
                campaign=campaign,
                resident=stored[resident.pseudonym],
                position=position,
                selector=_unused_selector(),
                secret_hash="",
                language=resident.language if resident.language in LANGUAGES else LANGUAGES[0],
                receipt=dict(receipts[row["id"]]),
            )
            for position, (row, resident) in enumerate(zip(rows, residents, strict=True), start=1)
        ],
        batch_size=500,
    )


def _resident(extract: Extract, row: register.Row) -> Resident:
    return Resident(
        extract=extract,
        pseudonym=register.pseudonym(extract.institution_id, row["id"]),
        given_name=row["given_name"],
        family_name=row["family_name"],
        sex=row["sex"],
        birth_date=date.fromisoformat(row["birth_date"]),
        language=row["language"],
        street=row["street"],
        house_number=row["house_number"],
        postcode=row["postcode"],
        municipality=row["municipality"],
        municipality_name=row["municipality_name"],
    )


def _unused_selector() -> str:
    while True:
        selector = codes.new_code().selector
        if not Invitation.objects.filter(selector=selector).exists():
            return selector


def _renew_code(invitation: Invitation) -> codes.Code:
    code = codes.Code(_unused_selector(), codes.new_code().secret)
    invitation.selector, invitation.secret_hash = code.selector, codes.hash_secret(code.secret)
    invitation.status = InvitationStatus.SENT
    return code


def _slow_down(place: str) -> None:
    now = clock.now()
    old = WrongCode.objects.filter(at__lt=now - timedelta(hours=1))
    if old.exists():  # a right code then writes nothing here, and waits for nobody who writes
        old.delete()
    just_now = Q(at__gt=now - timedelta(minutes=1))
    tries = WrongCode.objects.filter(source=place).aggregate(
        hour=Count("pk"), minute=Count("pk", filter=just_now)
    )
    if tries["hour"] >= TRIES_AN_HOUR or tries["minute"] >= TRIES_A_MINUTE:
        raise TooManyTries


def _invitation_with(code: codes.Code) -> Invitation | None:
    found = (
        Invitation.objects.filter(selector=code.selector)
        .select_related("campaign__cycle__institution", "resident")
        .first()
    )
    if found is None or not found.secret_hash or not codes.secret_fits(code.secret, found.secret_hash):
        return None
    return found


def _checked(invitation: Invitation, told: Told) -> Told:
    """Return what was told, if it answers the form and everything sensitive was agreed to."""
    cycle = invitation.campaign.cycle
    features, fields = features_of(cycle), list(FormField.objects.filter(cycle=cycle))
    _check_answers(invitation, features, told.answers)
    details = letter_form.check_details(fields, told.details)
    consents = letter_form.check_consents(features, fields, told.answers, details, told.consents)
    return replace(
        told, answers=dict(told.answers), needs=list(told.needs), details=details, consents=consents
    )


def _accept(
    actor: Actor, invitation: Invitation, channel: Channel, told: Told, *, consent: bool
) -> Respondent:
    if not consent:
        raise ConsentMissing
    told = _checked(invitation, told)
    with transaction.atomic():
        invitation = _locked_invitation(invitation)
        _answered(actor, invitation, channel, InvitationStatus.YES)
        respondent = Respondent.objects.filter(invitation=invitation).first() or Respondent(
            invitation=invitation
        )
        for part, value in asdict(told).items():
            setattr(respondent, part, value)
        respondent.name_key = duplicates.name_key(told.name)
        respondent.consented_at = clock.now()
        respondent.full_clean()
        respondent.save()
        Draft.objects.filter(invitation=invitation).delete()
        duplicates.look_for(respondent)
        return respondent


def _decline(actor: Actor, invitation: Invitation, channel: Channel, refusal: Refusal) -> Invitation:
    with transaction.atomic():
        invitation = _locked_invitation(invitation)
        _answered(actor, invitation, channel, InvitationStatus.NO, refusal)
        Respondent.objects.filter(invitation=invitation).delete()
        Draft.objects.filter(invitation=invitation).delete()
        return invitation


def _locked_invitation(invitation: Invitation) -> Invitation:
    found = Invitation.objects.locked(invitation.pk)
    _require_counting(found.campaign)
    if found.campaign.closed_at is not None:
        raise CampaignClosed
    if found.status in {InvitationStatus.CREATED, InvitationStatus.MERGED}:
        raise LetterRevoked  # nobody holds a letter with a code yet, or her answer stands under another one
    return found


def _answered(
    actor: Actor, invitation: Invitation, channel: Channel, status: InvitationStatus, refusal: str = ""
) -> None:
    first = invitation.answered_at is None
    invitation.status, invitation.refusal, invitation.channel = status, refusal, channel
    invitation.answered_at = clock.now()
    invitation.recorded_by = actor.user
    invitation.save(update_fields=["status", "refusal", "channel", "answered_at", "recorded_by"])
    record(
        actor=actor, institution=invitation.campaign.cycle.institution, action=Action.ANSWER_GIVEN,
        subject=invitation.campaign.draw, facts={"channel": channel.value, "first": first},
    )  # fmt: skip


def _check_answers(invitation: Invitation, features: Iterable[Feature], answers: Mapping[str, str]) -> None:
    offers = {feature.key: {value.key for value in feature.values.all()} for feature in features}
    offered = {key: values for key, values in offers.items() if values}
    if set(answers) != set(offered) or any(answers[key] not in offered[key] for key in offered):
        raise AnswersWrong
    known = _known_of(invitation, features)
    if any(answers[key] != value for key, value in known.items()):
        raise AnswersDiffer


def told_by_register(feature: Feature, resident: Resident, on: date) -> str | None:
    """Return the value of a feature that the register shows; None where it tells nothing of it."""
    if feature.origin == Origin.DECLARED:
        return None
    age = register.age_on(resident.birth_date, on)
    for value in feature.values.all():
        matches = value.matches
        if feature.origin == Origin.AGE and len(matches) == 2 and matches[0] <= age <= matches[1]:  # noqa: PLR2004
            return value.key
        if feature.origin == Origin.SEX and resident.sex in matches:
            return value.key
        if feature.origin == Origin.MUNICIPALITY and resident.municipality in matches:
            return value.key
    return None
