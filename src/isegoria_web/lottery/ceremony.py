"""The ceremony between the commitment and the final result: who may do what, once, in public.

These are services like those in `services.py`, which holds the quotas, the pool, the lottery and the draw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import actor_word, record
from isegoria_web.lottery import algorithms, policies
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.bodies import Standing
from isegoria_web.lottery.enums import TYPED, DrawStatus, ObjectionStatus, SourceKind
from isegoria_web.lottery.errors import (
    AlreadyDrawn,
    AnnulmentClosed,
    AnnulmentOpen,
    DrawIsFinal,
    FilmMissing,
    NoObjectionsNow,
    NotCommitted,
    ObjectionAnswered,
    ObjectionEmpty,
    PartyExcluded,
    PartyUnknown,
    RevealTooLate,
    SourceKnown,
    TooEarly,
    TooManyObjections,
    TwoPersonsNeeded,
    WitnessNeeded,
    WrongKindOfSource,
)
from isegoria_web.lottery.models import (
    Annulment,
    Draw,
    Objection,
    RandomSource,
    Reading,
    Reveal,
    TestDraw,
)
from isegoria_web.translated import Texts

OBJECTIONS_AN_HOUR = 20
OBJECTION_LENGTH = 2000


# -- the randomness -----------------------------------------------------------------------------------


def announce_sources(*, draw: Draw, plans: Sequence[SourcePlan]) -> list[RandomSource]:
    """Name the sources of a draw; called by the verbs that announce one and have checked who may.

    Raises
    ------
    isegoria.errors.BadInput
        `source_wrong`, `committed_too_late`: a past moment, too few outcomes, or a last mover who could choose.
    PartyExcluded
        If a party withheld its secret at the institution's last commit–reveal.
    """
    made = [
        RandomSource(
            draw=draw,
            position=position,
            name=algorithms.name_of_source(plan, draw),
            kind=plan.kind,
            due_at=plan.due_at,
            parties=[{"party": party, "commitment": commitment} for party, commitment in plan.parties],
        )
        for position, plan in enumerate(plans, start=1)
    ]
    algorithms.check_sources([algorithms.source_of(each) for each in made], clock.now())
    for source in made:
        if source.parties:
            _bind_parties(source)
    return RandomSource.objects.bulk_create(made)


def excluded_parties(institution: Institution) -> list[str]:
    """Return who may not be a party to the institution's next commit–reveal: who withheld a secret at the last one."""
    settled = RandomSource.objects.filter(kind=SourceKind.REVEAL, draw__cycle__institution=institution)
    last = settled.exclude(value="").order_by("obtained_at", "pk").last()
    reveals = (last.proof or {}).get("reveals", []) if last is not None else []
    return [each["party"] for each in reveals if each["secret"] is None]


def _bind_parties(source: RandomSource) -> None:
    institution = source.draw.cycle.institution
    excluded = {party.casefold() for party in excluded_parties(institution)}
    if excluded & {each["party"].casefold() for each in source.parties}:
        raise PartyExcluded
    record(
        actor=Actor.system(), institution=institution, action=Action.PARTIES_BOUND, subject=source.draw,
        facts={
            "source": source.name,
            "promises": [f"{each['party']}: {each['commitment']}" for each in source.parties],
        },
    )  # fmt: skip


def enter_reading(
    *, actor: Actor, source: RandomSource, value: str, film: str, notary: str = ""
) -> RandomSource:
    """Write down what was thrown or drawn in public. It counts once a second person wrote the same.

    Who differs from the other may look at the film and write it down again; every reading is kept.

    Parameters
    ----------
    value
        Exactly as everybody saw it: `3-5-2-6`.
    film
        Where the film or photo is kept.
    notary
        Who witnessed it.

    Returns
    -------
    RandomSource
        With its value, if two persons agree now.

    Raises
    ------
    NotCommitted, TooEarly, SourceKnown, WrongKindOfSource, FilmMissing
        If it is not the time or the way for it.
    isegoria.errors.BadInput
        `randomness_wrong`, if the announced dice or balls cannot show this.
    """
    require(policies.may_read_source(actor, source.draw))
    person, value, film = required(actor.user), value.strip(), film.strip()
    with transaction.atomic():
        source = _open_source(source, *TYPED)
        if not film:
            raise FilmMissing
        algorithms.check_typed(source, value, clock.now())
        institution = source.draw.cycle.institution
        mine = Reading.objects.filter(source=source, person=person, replaced_at__isnull=True)
        mine.update(replaced_at=clock.now())
        Reading.objects.create(
            source=source, person=person, role=actor_word(actor, institution), value=value, film=film,
            notary=notary.strip(), read_at=clock.now(),
        )  # fmt: skip
        found = list(Reading.objects.filter(source=source, replaced_at__isnull=True))
        agreeing = [each for each in found if each.value == value]
        record(
            actor=actor, institution=institution, action=Action.READING_ENTERED, subject=source.draw,
            facts={
                "source": source.name, "persons": len(found), "agree": len(found) == len(agreeing) > 1,
            },
            sealed={"person": person.pk, "value": value},
        )  # fmt: skip
        if len(agreeing) > 1:
            _settle(actor, source, algorithms.typed(source, agreeing[0], agreeing[1], clock.now()))
        return source


def enter_beacon(*, actor: Actor, source: RandomSource, signature: str, previous: str = "") -> RandomSource:
    """Bring the signature of a beacon's round, from a file or by hand. It proves itself, so one person is enough.

    Raises
    ------
    NotCommitted, TooEarly, SourceKnown, WrongKindOfSource
        If it is not the time or the way for it.
    isegoria.errors.BadInput
        `randomness_wrong`, if it is not the signature of the announced round.
    SignatureNotChecked
        If this server cannot tell.
    """
    require(policies.may_bring_proof(actor, source.draw))
    with transaction.atomic():
        source = _open_source(source, SourceKind.BEACON)
        value = algorithms.beacon(source, signature.strip().lower(), previous.strip().lower(), clock.now())
        _settle(actor, source, value)
        return source


def reveal_secret(*, source: RandomSource, party: str, secret: str) -> Reveal:
    """Take the secret number of a party from whoever brings it: it proves itself, so nobody can stand in its way.

    Raises
    ------
    NotCommitted, RevealTooLate, SourceKnown, WrongKindOfSource, PartyUnknown, isegoria.errors.BadInput
        As for `enter_reveal`.
    """
    return _take_reveal(Actor.citizen(""), source, party, secret)


def enter_reveal(*, actor: Actor, source: RandomSource, party: str, secret: str) -> Reveal:
    """Take the secret number of a party, between the commitment of the lottery and the announced moment.

    Raises
    ------
    NotCommitted, RevealTooLate, SourceKnown, WrongKindOfSource, PartyUnknown
        If it is not the time or the way for it.
    isegoria.errors.BadInput
        `randomness_wrong`, if it is not the secret to which the party is bound.
    """
    require(policies.may_read_source(actor, source.draw))
    return _take_reveal(actor, source, party, secret)


def _take_reveal(actor: Actor, source: RandomSource, party: str, secret: str) -> Reveal:
    with transaction.atomic():
        source = _locked_source(source)
        if source.kind != SourceKind.REVEAL:
            raise WrongKindOfSource
        _require_committed(source.draw)
        if clock.now() >= source.due_at:
            raise RevealTooLate
        if party not in {each["party"] for each in source.parties}:
            raise PartyUnknown
        if Reveal.objects.filter(source=source, party=party).exists():
            raise SourceKnown
        secret = secret.strip().lower()
        algorithms.revealed(source, {party: secret}, clock.now())
        made = Reveal.objects.create(source=source, party=party, secret=secret, revealed_at=clock.now())
        record(
            actor=actor, institution=source.draw.cycle.institution, action=Action.PARTY_REVEALED,
            subject=source.draw, facts={"source": source.name, "party": party, "secret": secret},
        )  # fmt: skip
        return made


def close_reveals(*, actor: Actor, source: RandomSource) -> RandomSource:
    """Take what was revealed in time as the value; who withheld a secret is named, and the draw goes on.

    Raises
    ------
    NotCommitted, TooEarly, SourceKnown, WrongKindOfSource
        If it is not the time or the way for it.
    """
    require(policies.may_bring_proof(actor, source.draw))
    with transaction.atomic():
        source = _open_source(source, SourceKind.REVEAL)
        secrets = {each.party: each.secret for each in source.reveals.all()}
        withheld = [each["party"] for each in source.parties if each["party"] not in secrets]
        _settle(actor, source, algorithms.revealed(source, secrets, clock.now()), withheld=withheld)
        return source


def _locked_source(source: RandomSource) -> RandomSource:
    Draw.objects.select_for_update().get(pk=source.draw_id)
    return RandomSource.objects.select_related("draw__cycle__institution").get(pk=source.pk)


def _open_source(source: RandomSource, *kinds: SourceKind) -> RandomSource:
    """Lock a source whose moment has come and whose value is not known."""
    source = _locked_source(source)
    if source.kind not in kinds:
        raise WrongKindOfSource
    _require_committed(source.draw)
    if source.value:
        raise SourceKnown
    if clock.now() < source.due_at:
        raise TooEarly
    return source


def _require_committed(draw: Draw) -> None:
    if draw.status == DrawStatus.ANNOUNCED:
        raise NotCommitted
    if draw.status != DrawStatus.COMMITTED:
        raise AlreadyDrawn


def _settle(actor: Actor, source: RandomSource, value: Any, **facts: Any) -> None:
    source.value, source.proof, source.evidence = value.value, value.proof, value.evidence or ""
    source.obtained_at = value.obtained_at
    source.save(update_fields=["value", "proof", "evidence", "obtained_at"])
    record(
        actor=actor, institution=source.draw.cycle.institution, action=Action.RANDOMNESS_KNOWN,
        subject=source.draw, facts={"source": source.name, "value": source.value, **facts},
    )  # fmt: skip


def refuse_to_forget_witnesses(user: int) -> None:
    """Refuse to erase a person behind a draw that can still be objected to.

    Raises
    ------
    WitnessNeeded
        If she wrote down its randomness, or proposed to annul it.
    """
    running = Draw.objects.exclude(status__in=[DrawStatus.FINAL, DrawStatus.ANNULLED])
    if running.filter(Q(sources__readings__person=user) | Q(annulments__proposed_by=user)).exists():
        raise WitnessNeeded


# -- annulment ------------------------------------------------------------------------------------------


def propose_annulment(*, actor: Actor, draw: Draw, reason: Texts) -> Annulment:
    """Propose to annul a draw, with a reason that everybody reads; a second person decides.

    Raises
    ------
    AlreadyDrawn
        If it is annulled.
    DrawIsFinal
        Once its challenge period has ended.
    AnnulmentOpen
        If that is proposed already.
    """
    require(policies.may_run_draw(actor, draw))
    person = required(actor.user)
    with transaction.atomic():
        draw = _annullable(draw)
        if Annulment.objects.filter(draw=draw, withdrawn_at__isnull=True).exists():
            raise AnnulmentOpen
        made = Annulment(draw=draw, reason=dict(reason), proposed_by=person, proposed_at=clock.now())
        made.full_clean(validate_constraints=False)
        made.save()
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.ANNULMENT_PROPOSED, subject=draw,
            facts={"kind": draw.kind, "number": draw.number, "reason": dict(reason)},
            sealed={"person": person.pk},
        )  # fmt: skip
        return made


def withdraw_annulment(*, actor: Actor, annulment: Annulment) -> Annulment:
    """Withdraw a proposal that nobody confirmed; it stays to be read.

    Raises
    ------
    AnnulmentClosed
        If it was confirmed or withdrawn.
    """
    require(policies.may_run_draw(actor, annulment.draw))
    with transaction.atomic():
        annulment = _open_annulment(annulment)
        annulment.withdrawn_at = clock.now()
        annulment.save(update_fields=["withdrawn_at"])
        record(
            actor=actor, institution=annulment.draw.cycle.institution,
            action=Action.ANNULMENT_WITHDRAWN, subject=annulment.draw,
            facts={"kind": annulment.draw.kind, "number": annulment.draw.number},
        )  # fmt: skip
        return annulment


def confirm_annulment(*, actor: Actor, annulment: Annulment) -> Draw:
    """Annul a draw that somebody else proposed to annul. Its record stays public, with the reason.

    Raises
    ------
    TwoPersonsNeeded
        If the same person proposed it.
    AnnulmentClosed, AlreadyDrawn, DrawIsFinal
        If it is not the time for it.
    """
    require(policies.may_run_draw(actor, annulment.draw))
    if not policies.may_confirm_annulment(actor, annulment):
        raise TwoPersonsNeeded
    person = required(actor.user)
    with transaction.atomic():
        annulment = _open_annulment(annulment)
        draw = _annullable(annulment.draw)
        annulment.confirmed_by, annulment.confirmed_at = person, clock.now()
        annulment.save(update_fields=["confirmed_by", "confirmed_at"])
        draw.status, draw.annulled_at = DrawStatus.ANNULLED, clock.now()
        draw.annulled_reason = dict(annulment.reason)
        draw.save(update_fields=["status", "annulled_at", "annulled_reason"])
        record(
            actor=actor, institution=draw.cycle.institution, action=Action.DRAW_ANNULLED, subject=draw,
            facts={"kind": draw.kind, "number": draw.number, "persons": 2, "reason": dict(annulment.reason)},
            sealed={"person": person.pk},
        )  # fmt: skip
        return draw


def _annullable(draw: Draw) -> Draw:
    Draw.objects.select_for_update().get(pk=draw.pk)
    draw = Draw.objects.select_related("cycle__institution").get(pk=draw.pk)
    if draw.status == DrawStatus.ANNULLED:
        raise AlreadyDrawn
    if draw.status == DrawStatus.FINAL:
        raise DrawIsFinal
    return draw


def _open_annulment(annulment: Annulment) -> Annulment:
    Draw.objects.select_for_update().get(pk=annulment.draw_id)
    found = Annulment.objects.select_related("draw__cycle__institution").get(pk=annulment.pk)
    if found.confirmed_at is not None or found.withdrawn_at is not None:
        raise AnnulmentClosed
    return found


# -- the challenge period --------------------------------------------------------------------------------


def raise_objection(*, draw: Draw, text: str, language: str) -> Objection:
    """Take an objection from anybody. Its number is public at once; its text once somebody has read it.

    No name is asked for. The journal holds a salted commitment to the text, so that nobody can drop or
    change it afterwards.

    Raises
    ------
    NoObjectionsNow
        Outside the challenge period.
    ObjectionEmpty
        If it says nothing, or more than 2,000 characters.
    TooManyObjections
        If very many came in within an hour.
    """
    text = text.strip()
    if not 0 < len(text) <= OBJECTION_LENGTH:
        raise ObjectionEmpty
    with transaction.atomic():
        Draw.objects.select_for_update().get(pk=draw.pk)
        draw = Draw.objects.select_related("cycle__institution").get(pk=draw.pk)
        ends_at = draw.challenge_ends_at
        if draw.status != DrawStatus.DRAWN or ends_at is None or clock.now() >= ends_at:
            raise NoObjectionsNow
        lately = draw.objections.filter(raised_at__gt=clock.now() - timedelta(hours=1))
        if lately.count() >= OBJECTIONS_AN_HOUR:
            raise TooManyObjections
        made = Objection.objects.create(
            draw=draw, number=draw.objections.count() + 1, text=text, language=language,
            raised_at=clock.now(),
        )  # fmt: skip
        record(
            actor=Actor.citizen(""), institution=draw.cycle.institution, action=Action.OBJECTION_RAISED,
            subject=draw, facts={"number": made.number}, sealed={"text": text},
        )  # fmt: skip
        return made


def answer_objection(*, actor: Actor, objection: Objection, answer: Texts, show_text: bool) -> Objection:
    """Answer an objection in public, and show its text, unless it names or insults somebody.

    Raises
    ------
    ObjectionAnswered
        If that was done before.
    """
    require(policies.may_run_draw(actor, objection.draw))
    with transaction.atomic():
        Draw.objects.select_for_update().get(pk=objection.draw_id)
        objection = Objection.objects.select_related("draw__cycle__institution").get(pk=objection.pk)
        if objection.answered_at is not None:
            raise ObjectionAnswered
        objection.answer, objection.answered_at = dict(answer), clock.now()
        objection.status = ObjectionStatus.PUBLISHED if show_text else ObjectionStatus.WITHHELD
        objection.full_clean(validate_constraints=False)
        objection.save(update_fields=["answer", "answered_at", "status"])
        record(
            actor=actor, institution=objection.draw.cycle.institution,
            action=Action.OBJECTION_ANSWERED, subject=objection.draw,
            facts={"number": objection.number, "shown": show_text, "answer": dict(answer)},
        )  # fmt: skip
        return objection


def finish_challenges() -> list[Draw]:
    """Make every draw final whose challenge period is over, unless an objection or an annulment is undecided."""
    over = Draw.objects.filter(status=DrawStatus.DRAWN, challenge_ends_at__lte=clock.now())
    undisputed = over.exclude(objections__in=Objection.objects.filter(answered_at__isnull=True))
    free = undisputed.exclude(annulments__in=Annulment.objects.filter(withdrawn_at__isnull=True))
    return [_finish(draw) for draw in free]


def _finish(draw: Draw) -> Draw:
    with transaction.atomic():
        Draw.objects.select_for_update().get(pk=draw.pk)
        draw = Draw.objects.select_related("cycle__institution").get(pk=draw.pk)
        if draw.status == DrawStatus.DRAWN:
            draw.status, draw.final_at = DrawStatus.FINAL, clock.now()
            draw.save(update_fields=["status", "final_at"])
            record(
                actor=Actor.system(), institution=draw.cycle.institution, action=Action.DRAW_FINAL,
                subject=draw, facts={"kind": draw.kind, "objections": draw.objections.count()},
            )  # fmt: skip
        return draw


def note_overdue() -> list[Draw]:
    """Write into the journal, once, that a result or a commitment was not published by its deadline."""
    now = clock.now()
    late = Q(status=DrawStatus.ANNOUNCED, source_due_at__lte=now) | Q(
        status=DrawStatus.COMMITTED, publish_by__lt=now
    )
    found = []
    for draw in Draw.objects.filter(late, overdue_noted_at__isnull=True).select_related(
        "cycle__institution", "cycle__rule_book"
    ):
        with transaction.atomic():
            if not Draw.objects.filter(pk=draw.pk, overdue_noted_at__isnull=True).update(
                overdue_noted_at=now
            ):
                continue
            due = draw.source_due_at if draw.status == DrawStatus.ANNOUNCED else draw.publish_by
            record(
                actor=Actor.system(), institution=draw.cycle.institution, action=Action.RESULT_OVERDUE,
                subject=draw,
                facts={
                    "kind": draw.kind, "status": draw.status, "due": f"{due:%Y-%m-%dT%H:%MZ}",
                    "rules": {"due": ground(draw.cycle.rule_book)},
                },
            )  # fmt: skip
            found.append(draw)
    return found


# -- tests ------------------------------------------------------------------------------------------------


def make_test_draw(
    *,
    actor: Actor,
    cycle: Cycle,
    entries: Sequence[Mapping[str, str]],
    value: str,
    homes: Sequence[Collection[int]] = (),
    body: Standing | None = None,
) -> TestDraw:
    """Try out a draw: the same arithmetic over made-up codes. It counts for nothing, and everybody sees that it was.

    Parameters
    ----------
    entries
        The features of those who would be in the pool; nobody's state changes.
    value
        Any text: it decides nothing.
    homes
        Groups of places among the entries: who lives together.
    body
        Who stays, where only the other seats are drawn.

    Raises
    ------
    isegoria.errors.Infeasible
        If no panel meets the quotas, with the smallest relaxation.
    """
    require(policies.may_set_quotas(actor, cycle))
    staying = () if body is None else body.staying
    document = algorithms.test_record(cycle, entries, value, clock.now(), homes, staying)
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        made = TestDraw.objects.create(
            cycle=cycle, number=cycle.test_draws.count() + 1, made_at=clock.now(), document=document
        )
        record(
            actor=actor, institution=cycle.institution, action=Action.DRAW_TESTED, subject=made,
            facts={"TEST": made.number, "people": document["people"]},
        )  # fmt: skip
        return made
