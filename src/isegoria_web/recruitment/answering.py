"""Answering: codes of letters, a yes, a no, and what the desk writes down for somebody."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, prefetch_related_objects

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.enums import Origin
from isegoria_web.lottery.models import Feature, PoolEntry
from isegoria_web.recruitment import codes, duplicates, letter_form, mailing, policies
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Refusal
from isegoria_web.recruitment.errors import (
    AlreadyAnswered,
    AnsweredMeanwhile,
    AnswersDiffer,
    AnswersWrong,
    CampaignClosed,
    CodeWrong,
    ConsentMissing,
    DuplicateDecided,
    LetterRevoked,
    NotAnsweredYet,
    TooManyTries,
)
from isegoria_web.recruitment.letter_form import Details
from isegoria_web.recruitment.models import (
    Draft,
    FormField,
    Invitation,
    Respondent,
    SecondAnswer,
    WrongCode,
)
from isegoria_web.recruitment.services import require_counting
from isegoria_web.register import algorithms as register
from isegoria_web.register.models import Resident

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
    """Return what the quotas of a cycle speak of, with the values; asked of the database once for each `cycle`."""
    prefetch_related_objects([cycle], "features__values")
    return list(cycle.features.all())


def fields_of(cycle: Cycle) -> list[FormField]:
    """Return what the form of the letter asks beside; asked of the database once for each `cycle`."""
    prefetch_related_objects([cycle], "form_fields")
    return list(cycle.form_fields.all())


def place_of(invitation: Invitation) -> tuple[PoolEntry | None, str]:
    """Return the entry of the frozen pool behind a letter, and the rule by which its person is not in the pool."""
    if invitation.campaign.closed_at is None:
        return None, ""
    respondent = (
        Respondent.objects.filter(invitation=invitation).select_related("pool_entry__pool__draw").first()
    )
    return (None, "") if respondent is None else (respondent.pool_entry, respondent.barred_by)


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
    seen: datetime | None = None,
) -> Respondent:
    """Take a citizen's yes; until the pool closes she can change it.

    The first answer takes the letter: who gave the same code and has not seen that answer changes nothing. What she
    told is kept for the desk, which decides which of the two counts.

    Parameters
    ----------
    seen
        The moment of the answer that she saw when she began, and now changes; None if there was none.
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
    AnsweredMeanwhile
        If somebody else has answered since.
    """
    require(policies.may_answer(actor, invitation))
    told = Told(name, email, phone, language, answers, needs, details or {}, consents)
    try:
        return _accept(actor, invitation, Channel.WEB, told, consent=consent, seen=seen)
    except AnsweredMeanwhile:
        _file_second(actor, invitation, Channel.WEB, told=_checked(invitation, told))
        raise


def decline(
    *, actor: Actor, invitation: Invitation, refusal: Refusal, seen: datetime | None = None
) -> Invitation:
    """Take a citizen's no; what she may have told before is deleted.

    As with a yes, the first answer takes the letter; a no that comes second is kept for the desk.

    Parameters
    ----------
    seen
        As in `accept`.

    Raises
    ------
    AnsweredMeanwhile
        If somebody else has answered since.
    """
    require(policies.may_answer(actor, invitation))
    try:
        return _decline(actor, invitation, Channel.WEB, refusal, seen=seen)
    except AnsweredMeanwhile:
        _file_second(actor, invitation, Channel.WEB, refusal=refusal)
        raise


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
    return _file_second(actor, invitation, channel, told=told)


def file_second_refusal(
    *, actor: Actor, invitation: Invitation, channel: Channel, refusal: Refusal
) -> SecondAnswer:
    """Keep a no to a letter that was answered already, until somebody has decided which of the two counts.

    Raises
    ------
    NotAnsweredYet
        If it is the first.
    CampaignClosed
        If the pool is frozen.
    """
    require(policies.may_record_answer(actor, invitation) and channel != Channel.WEB)
    if actor.user is None:
        raise NotAllowed
    return _file_second(actor, invitation, channel, refusal=refusal)


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
        channel, seen = Channel(second.channel), second.invitation.answered_at
        if take and second.says_yes:
            _accept(actor, second.invitation, channel, Told(**second.told), consent=True, seen=seen)
        elif take:
            _decline(actor, second.invitation, channel, Refusal(second.refusal), seen=seen)
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


# -- the parts of the verbs ----------------------------------------------------------------------------------


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


def _known_of(invitation: Invitation, features: Iterable[Feature]) -> dict[str, str]:
    resident = invitation.resident
    if resident is None:
        return {}
    told = (
        (feature.key, told_by_register(feature, resident, invitation.campaign.reply_by))
        for feature in features
    )
    return {key: value for key, value in told if value is not None}


def _slow_down(place: str) -> None:
    now = clock.now()
    old, here = Q(at__lt=now - timedelta(hours=1)), Q(source=place, at__gte=now - timedelta(hours=1))
    tries = WrongCode.objects.filter(old | Q(source=place)).aggregate(
        old=Count("pk", filter=old),
        hour=Count("pk", filter=here),
        minute=Count("pk", filter=here & Q(at__gt=now - timedelta(minutes=1))),
    )
    if tries["old"]:  # a right code then writes nothing here, and waits for nobody who writes
        WrongCode.objects.filter(old).delete()
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
    features, fields = features_of(cycle), fields_of(cycle)
    _check_answers(invitation, features, told.answers)
    details = letter_form.check_details(fields, told.details)
    consents = letter_form.check_consents(features, fields, told.answers, details, told.consents)
    return replace(
        told, answers=dict(told.answers), needs=list(told.needs), details=details, consents=consents
    )


def _file_second(
    actor: Actor,
    invitation: Invitation,
    channel: Channel,
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> SecondAnswer:
    """Keep a yes (what was told) or a no (why)."""
    with transaction.atomic():
        invitation = _locked_invitation(invitation)
        if invitation.answered_at is None:
            raise NotAnsweredYet
        made = SecondAnswer.objects.create(
            invitation=invitation, at=clock.now(), channel=channel, by=actor.user, says_yes=told is not None,
            told={} if told is None else asdict(told), refusal=refusal or "",
        )  # fmt: skip
        record(
            actor=actor, institution=invitation.campaign.cycle.institution,
            action=Action.SECOND_ANSWER_FILED, subject=invitation.campaign.draw,
            facts={"channel": channel.value},
        )  # fmt: skip
        return made


def _accept(
    actor: Actor,
    invitation: Invitation,
    channel: Channel,
    told: Told,
    *,
    consent: bool,
    seen: datetime | None = None,
) -> Respondent:
    if not consent:
        raise ConsentMissing
    told = _checked(invitation, told)
    with transaction.atomic():
        invitation = _unchanged(_locked_invitation(invitation), seen)
        first = _answered(actor, invitation, channel, InvitationStatus.YES)
        known = None if first else Respondent.objects.filter(invitation=invitation).first()
        respondent = known or Respondent(invitation=invitation)
        for part, value in asdict(told).items():
            setattr(respondent, part, value)
        respondent.name_key = duplicates.name_key(told.name)
        respondent.consented_at = clock.now()
        respondent.full_clean(
            exclude={"invitation"}, validate_unique=False
        )  # the letter is locked: it is there
        respondent.save()
        Draft.objects.filter(invitation=invitation).delete()
        duplicates.look_for(respondent)
        mailing.confirm_answer(respondent)
        _note_answer(actor, invitation, first=first)
        return respondent


def _decline(
    actor: Actor,
    invitation: Invitation,
    channel: Channel,
    refusal: Refusal,
    *,
    seen: datetime | None = None,
) -> Invitation:
    with transaction.atomic():
        invitation = _unchanged(_locked_invitation(invitation), seen)
        first = _answered(actor, invitation, channel, InvitationStatus.NO, refusal)
        for respondent in Respondent.objects.filter(invitation=invitation):
            mailing.confirm_withdrawal(respondent)
            respondent.delete()
        Draft.objects.filter(invitation=invitation).delete()
        _note_answer(actor, invitation, first=first)
        return invitation


def _locked_invitation(invitation: Invitation) -> Invitation:
    found = Invitation.objects.locked(invitation.pk)
    require_counting(found.campaign)
    if found.campaign.closed_at is not None:
        raise CampaignClosed
    if found.status in {InvitationStatus.CREATED, InvitationStatus.MERGED}:
        raise LetterRevoked  # nobody holds a letter with a code yet, or her answer stands under another one
    return found


def _unchanged(invitation: Invitation, seen: datetime | None) -> Invitation:
    """Return a locked letter whose answer is the one that was seen: of two that answer at once one comes first."""
    if invitation.answered_at != seen:
        raise AnsweredMeanwhile
    return invitation


def _answered(
    actor: Actor, invitation: Invitation, channel: Channel, status: InvitationStatus, refusal: str = ""
) -> bool:
    """Write at the letter how it was answered, and return whether that was the first time."""
    first = invitation.answered_at is None
    invitation.status, invitation.refusal, invitation.channel = status, refusal, channel
    invitation.answered_at = clock.now()
    invitation.recorded_by = actor.user
    invitation.save(update_fields=["status", "refusal", "channel", "answered_at", "recorded_by"])
    return first


def _note_answer(actor: Actor, invitation: Invitation, *, first: bool) -> None:
    """Write an answer into the journal, last of all: until the transaction ends, everybody else waits for the chain."""
    record(
        actor=actor, institution=invitation.campaign.cycle.institution, action=Action.ANSWER_GIVEN,
        subject=invitation.campaign.draw, facts={"channel": invitation.channel, "first": first},
    )  # fmt: skip


def _check_answers(invitation: Invitation, features: Iterable[Feature], answers: Mapping[str, str]) -> None:
    offers = {feature.key: {value.key for value in feature.values.all()} for feature in features}
    offered = {key: values for key, values in offers.items() if values}
    if set(answers) != set(offered) or any(answers[key] not in offered[key] for key in offered):
        raise AnswersWrong
    known = _known_of(invitation, features)
    if any(answers[key] != value for key, value in known.items()):
        raise AnswersDiffer
