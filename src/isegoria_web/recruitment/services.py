from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max, QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.moving import advance, begin_again, require_ready
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import Advice, SourcePlan, advice
from isegoria_web.lottery.bodies import Standing
from isegoria_web.lottery.ceremony import make_test_draw
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.models import Draw, TestDraw
from isegoria_web.recruitment import algorithms, codes, duplicates, policies
from isegoria_web.recruitment.announceable import require_age, require_announceable
from isegoria_web.recruitment.course import Course
from isegoria_web.recruitment.enums import OnePer, PrintingStatus, WorkStatus
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    LettersAnnulled,
)
from isegoria_web.recruitment.models import (
    Batch,
    Campaign,
    Draft,
    Invitation,
    LetterWork,
    Printing,
    Respondent,
    Wave,
)
from isegoria_web.recruitment.staying import seats_to_draw, staying_in
from isegoria_web.register import algorithms as register
from isegoria_web.register.errors import ExtractChanged, ExtractErased
from isegoria_web.register.models import Extract, Resident
from isegoria_web.translated import LANGUAGES, Texts

WHOLE = ("cycle__institution", "cycle__body", "cycle__rule_book", "draw__cycle", "draw__record", "extract")
"""What the verbs of a campaign look at beside it."""
MOST_AT_ONCE = 500
"""Values in one query; some databases take a thousand at most."""


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
    one_per: OnePer = OnePer.PERSON,
    stratified_by: str = register.STRATUM,
    chosen: Mapping[str, int] | None = None,
    course: Course | None = None,
) -> Campaign:
    """Announce the draw of the letters and commit to the extract, before the randomness exists.

    A large register takes its time: that is spent before the transaction, so that nobody waits for it who writes.

    Parameters
    ----------
    one_per
        For whom there is at most one letter.
    stratified_by
        The column of the register whose values are the strata; empty for one stratum.
    chosen
        The letters of each stratum, which add up to `letters`; None to share them out in proportion.
    course
        How the work goes on; None to do it while somebody waits.

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
    ChosenLettersWrong
        If the chosen letters do not add up, or there are no strata to choose them for.
    SiftedForAnother
        If the extract holds those who can be drawn for another cycle.
    SomethingMissing
        If several things are missing: it says all of them.
    AgeAgainstRule
        If the rule book sets another youngest age.
    isegoria_web.membership.errors.RotationUndated
        If nobody planned the day of the rotation on which hangs how many people are drawn: every letter says it.
    isegoria.errors.BadInput
        If more letters are asked for than residents are eligible, or the strata do not fit the register.
    """
    require(policies.may_invite(actor, cycle) and extract.institution_id == cycle.institution_id)
    require_announceable(cycle, extract, source_due_at, letters, stratified_by, chosen)
    require_age(cycle, age_min)
    course = course or Course()
    campaign = Campaign(
        cycle=cycle,
        extract=extract,
        letters=letters,
        age_min=age_min,
        reply_by=reply_by,
        one_per=one_per,
        stratified_by=stratified_by,
        chosen=None if chosen is None else dict(chosen),
        seats=seats_to_draw(cycle),
        secret=course.secret,
    )
    with opened_extract(extract) as found:
        fixed = algorithms.fixed(campaign, found, course)
    with transaction.atomic():
        # Meanwhile others may have announced, the extract may be erased, and the randomness may exist.
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        check = require_announceable(cycle, extract, source_due_at, letters, stratified_by, chosen)
        annulled = Draw.objects.filter(cycle=cycle, status=DrawStatus.ANNULLED).last()
        drop_printed(Campaign.objects.filter(cycle=cycle))
        draw = lottery.announce_draw(
            cycle=cycle, kind=DrawKind.LETTERS, size=letters, alternates=0, source=source,
            source_due_at=source_due_at, sources=sources,
        )  # fmt: skip
        campaign.draw = draw
        campaign.save()
        made = lottery.publish_commitment(
            draw=draw, document=algorithms.commitment(campaign, fixed, clock.now(), check)
        )
        record(
            actor=actor, institution=cycle.institution, action=Action.LETTERS_ANNOUNCED, subject=draw,
            facts={
                "letters": letters,
                "commitment": made.commitment_sha256,
                "source_due_at": source_due_at.isoformat(),
                "reply_by": reply_by.isoformat(),
                "age_min": age_min,
                "rules": algorithms.grounds(cycle),
                "one_per": str(one_per),
                "stratified_by": stratified_by,
                "allocation": "proportional" if chosen is None else "chosen",
                "sources": [each.name for each in draw.sources.all()],
                "publish_by": f"{draw.publish_by:%Y-%m-%dT%H:%MZ}",
                **lottery.announced_rules(draw),
                **({} if annulled is None else {"after_annulled_draw": annulled.number}),
            },
        )  # fmt: skip
        begin_again(actor=actor, cycle=cycle)
        course.end(campaign)
        return campaign


def draw_letters(*, actor: Actor, campaign: Campaign, course: Course | None = None) -> Campaign:
    """Let who gets a letter follow from the public randomness, once all of it is known.

    A large register takes its time: that is spent before the transaction, so that nobody waits for it who writes.

    Parameters
    ----------
    course
        How the work goes on; None to do it while somebody waits.

    Raises
    ------
    TooEarly, RandomnessMissing, AlreadyDrawn
        If it is not the time for it.
    ExtractChanged
        If the file is not the one that was committed to.
    """
    require(policies.may_finish_letters(actor, campaign))
    course = course or Course()
    campaign = Campaign.objects.select_related(*WHOLE).get(pk=campaign.pk)
    lottery.require_due(campaign.draw)
    with opened_extract(campaign.extract) as found:
        if found.sha256 != campaign.extract.sha256:
            raise ExtractChanged
        rows, document = algorithms.draw(campaign.draw.record.commitment, campaign, found)
        proofs = algorithms.receipts(campaign, found, document, [row["id"] for row in rows], course)
    with transaction.atomic():
        # What was computed from cannot have changed: commitment, random values and the secret are written once,
        # which the database holds to. Only another worker may have drawn meanwhile.
        campaign = locked(campaign)
        lottery.require_due(campaign.draw)
        lottery.publish_record(draw=campaign.draw, document=document)
        invite(
            Wave.objects.create(
                campaign=campaign,
                number=1,
                letters=len(rows),
                reply_by=campaign.reply_by,
                drawn_at=clock.now(),
            ),
            rows,
            {each.pop("number"): each for each in proofs},
        )
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
        advance(actor=actor, cycle=campaign.cycle, to=Stage.INVITING, announced=True)
        course.end(campaign)
        return campaign


def erase_printed(extract: int) -> None:
    """Erase printed letters and the secret of the pseudonyms; part of erasing an extract, which asks who may."""
    Campaign.objects.filter(extract_id=extract).update(secret="")
    Invitation.objects.filter(campaign__extract_id=extract).update(receipt=None)
    end_work(LetterWork.objects.filter(extract_id=extract))
    drop_printed(Campaign.objects.filter(extract_id=extract))


_BARS: list[Callable[[Cycle, Collection[str]], dict[str, str]]] = []


def barred_by(bar: Callable[[Cycle, Collection[str]], dict[str, str]]) -> None:
    """Register what else keeps a resident from a pool: pseudonyms to the rule that says so."""
    if bar not in _BARS:
        _BARS.append(bar)


def barred(cycle: Cycle, pseudonyms: Collection[str]) -> dict[str, str]:
    """Return which of some residents cannot be drawn for a cycle, each with the rule that says so; also of `UNKNOWN`."""
    found: dict[str, str] = {}
    asked = sorted(pseudonyms)
    for begin in range(0, len(asked), MOST_AT_ONCE):
        for bar in _BARS:
            found |= bar(cycle, asked[begin : begin + MOST_AT_ONCE])
    return found


SAME_HOME = "home of a sitting member"
SHARED_HOME = "home of somebody else in the pool"
UNKNOWN = ""
"""In place of a pseudonym: the entry of the register is erased, and nobody can tell any more where somebody sat."""


def close_pool(
    *,
    actor: Actor,
    campaign: Campaign,
    source: Texts,
    source_due_at: datetime,
    sources: Sequence[SourcePlan] = (),
) -> Draw:
    """Close the answers and freeze everybody who said yes into the pool of the draw.

    In a body in which some stay, as at a rotation, only the other seats are drawn, and nobody from the homes of those who
    stay. Of a home at most one person is drawn. Where the draw is a sealed one for vacant seats, whose record cannot show that,
    of each home the one stays in the pool whose letter was drawn first: public randomness put the letters in that order, and
    it favours nobody. After the annulment of a draw the same people are frozen again, under new codes: nobody's answer changes.

    Raises
    ------
    SomethingMissing
        While quotas are missing or their change waits for a second person, or, until the pool was closed once, while
        somebody may stand in it twice; it says everything that is missing.
    isegoria.errors.Infeasible
        If no panel meets the quotas; nothing is closed or frozen.
    isegoria_web.lottery.errors.HomesConflict
        If one did, were it not that of a home at most one is drawn.
    """
    require(policies.may_run_campaign(actor, campaign))
    if campaign.closed_at is None:
        duplicates.look_for_all(campaign)  # what is found stays found, also when the closing is refused
    with transaction.atomic():
        campaign = locked(campaign)
        require_counting(campaign)
        if lottery.holds_a_draw(campaign.cycle):
            raise CampaignClosed
        if campaign.closed_at is None:
            duplicates.look_for_all(campaign)  # and who came in just now
        require_ready(campaign.cycle, "draw")
        body = staying_in(actor, campaign.cycle)
        together = lottery.takes_homes(
            campaign.cycle, vacant=body is not None, promised=body is not None and body.sealed
        )
        willing, bars = _eligible(
            campaign, frozenset() if body is None else body.homes, one_of_each=not together
        )
        draw, entries = lottery.freeze_pool(
            actor=actor, cycle=campaign.cycle, entries=[each.answers for each in willing], source=source,
            source_due_at=source_due_at, sources=sources, body=body,
            homes=duplicates.homes_of(each.home_key for each in willing) if together else (),
        )  # fmt: skip
        for respondent, entry in zip(willing, entries, strict=True):
            respondent.pool_entry = entry
        Respondent.objects.bulk_update(willing, ["pool_entry"])
        Draft.objects.filter(invitation__campaign=campaign).delete()
        if bars:
            record(
                actor=actor, institution=campaign.cycle.institution, action=Action.ELIGIBILITY_CHECKED,
                subject=draw,
                facts={"left_out": dict(bars), "rules": algorithms.grounds_of_bars(campaign.cycle, bars)},
            )  # fmt: skip
        campaign.closed_at = campaign.closed_at or clock.now()
        drop_printed([campaign])  # no code opens anything but her own page any more
        campaign.save(update_fields=["closed_at"])
        advance(actor=actor, cycle=campaign.cycle, to=Stage.DRAWING)
        return draw


def close_broken_off(_actor: Actor, cycle: Cycle) -> None:
    """Take no more answers to the letters of a cycle that is broken off; follows the verb that breaks it off."""
    open_ = list(Campaign.objects.filter(cycle=cycle, closed_at__isnull=True))
    Draft.objects.filter(invitation__campaign__in=open_).delete()
    end_work(LetterWork.objects.filter(cycle=cycle))
    drop_printed(open_)
    Campaign.objects.filter(pk__in=[each.pk for each in open_]).update(closed_at=clock.now())


def _eligible(
    campaign: Campaign, homes: frozenset[str], *, one_of_each: bool
) -> tuple[list[Respondent], Counter[str]]:
    """Check who said yes once more, note who is left out by which rule, and return the others and the counts.

    Whose entry of the register is erased since an earlier check keeps what that found; who was never checked stays out by
    every rule that asks who sat where.
    """
    willing = list(
        Respondent.objects.willing()
        .filter(invitation__campaign=campaign)
        .select_related("invitation__resident")
        .order_by("pk")
    )
    named = {each.pk: each.invitation.resident.pseudonym for each in willing if each.invitation.resident}
    unknown = set() if campaign.closed_at else {each.pk for each in willing} - set(named)
    rules = barred(campaign.cycle, set(named.values()) | ({UNKNOWN} if unknown else set()))
    for each in willing:
        if each.pk in named or each.pk in unknown:
            each.barred_by = rules.get(named.get(each.pk, UNKNOWN), "")
        elif each.barred_by in {SAME_HOME, SHARED_HOME}:
            each.barred_by = ""  # who lives with whom is asked anew below
        each.home_key = duplicates.home_key(each.invitation)
        if each.home_key in homes:
            each.barred_by = each.barred_by or SAME_HOME
    if one_of_each:
        free = [each for each in willing if not each.barred_by]
        for each in duplicates.behind_the_first(free):
            each.barred_by = SHARED_HOME
    Respondent.objects.bulk_update(willing, ["barred_by", "home_key"], batch_size=500)
    return [each for each in willing if not each.barred_by], Counter(
        each.barred_by for each in willing if each.barred_by
    )


def test_draw(*, actor: Actor, campaign: Campaign) -> TestDraw:
    """Make a TEST draw among those who have said yes so far. Nobody's state changes, and no code is anybody's.

    Raises
    ------
    isegoria.errors.Infeasible
        If no panel meets the quotas, with the smallest relaxation.
    """
    require(policies.may_run_campaign(actor, campaign))
    body = staying_in(actor, campaign.cycle)
    willing = sorted(_drawable(campaign, body), key=lambda each: sorted(each.answers.items()))
    return make_test_draw(
        actor=actor, cycle=campaign.cycle, entries=[each.answers for each in willing],
        value=secrets.token_hex(16), homes=_homes_now(willing), body=body,
    )  # fmt: skip


def advise_on_quotas(*, actor: Actor, campaign: Campaign) -> Advice:
    """Return whether those who said yes so far hold a panel that meets the quotas, and what could give way if not.

    At a rotation they are measured by the seats that are drawn, together with those who stay.

    Raises
    ------
    isegoria.errors.BadInput
        If fewer said yes than there are seats, or those who stay leave more to the others than there are.
    """
    require(policies.may_run_campaign(actor, campaign))
    body = staying_in(actor, campaign.cycle)
    willing = _drawable(campaign, body)
    answers, homes = [each.answers for each in willing], _homes_now(willing)
    if body is None:
        return advice(campaign.cycle, answers, homes)
    return advice(campaign.cycle, answers, homes, body.staying, body.leaving_next)


def count_sharing(campaign: Campaign) -> int:
    """Return how many of those who said yes live with somebody else who did."""
    return sum(map(len, _homes_now(_willing(campaign))))


def _willing(campaign: Campaign) -> list[Respondent]:
    found = Respondent.objects.willing().filter(invitation__campaign=campaign)
    return list(found.select_related("invitation__resident").order_by("pk"))


def _drawable(campaign: Campaign, body: Standing | None) -> list[Respondent]:
    """Return who said yes and does not live with somebody who stays in the body."""
    homes = frozenset() if body is None else body.homes
    return [
        each
        for each in _willing(campaign)
        if not homes or duplicates.home_key(each.invitation) not in homes
    ]


def _homes_now(people: Iterable[Respondent]) -> list[list[int]]:
    """Return who of some people lives together, as groups of places, by the register as it is."""
    return duplicates.homes_of(duplicates.home_key(each.invitation) for each in people)


test_draw.__test__ = False  # type: ignore[attr-defined]  # no test of pytest


# -- the parts of the verbs ----------------------------------------------------------------------------------


def end_work(found: QuerySet[LetterWork]) -> None:
    """Stop long work on letters whose ground has gone; whoever is at it notices, and nothing of it counts."""
    found.filter(ended_at__isnull=True).update(status=WorkStatus.CANCELLED, ended_at=clock.now(), secret="")


def require_counting(campaign: Campaign) -> None:
    """Refuse what is done with letters that no longer count, because their draw was annulled."""
    if not Campaign.objects.filter(pk=campaign.pk).current().exists():
        raise LettersAnnulled


def opened_extract(extract: Extract) -> register.Opened:
    """Open the file of an extract; a context, which closes it.

    Raises
    ------
    ExtractErased
        If it is gone.
    """
    if extract.erased_at is not None or not extract.file:
        raise ExtractErased
    return register.opened(Path(extract.file.path))


def drop_printed(campaigns: Iterable[Campaign]) -> int:
    """Take the files of letters off the disk, once that is certain: they hold names and codes in clear.

    What is being printed is stopped. Returns how many files there were.
    """
    printings = Printing.objects.filter(wave__campaign__in=campaigns)
    printings.filter(ended_at__isnull=True).update(
        status=PrintingStatus.CANCELLED, ended_at=clock.now(), key=""
    )
    for printing in printings:
        transaction.on_commit(partial(sweep, printing))
    batches = Batch.objects.filter(printing__wave__campaign__in=campaigns)
    return sum(drop_files(batch) for batch in batches.exclude(pdf="", addresses="", planned=[]))


def sweep(printing: Printing) -> None:
    """Delete what stands in the folder of a printing and belongs to no batch: a worker was killed over it."""
    storage, folder = Batch().pdf.storage, f"letters/{printing.public_id}"
    if not storage.exists(folder):
        return
    kept = set(printing.batches.values_list("pdf", flat=True)) | set(
        printing.batches.values_list("addresses", flat=True)
    )
    for name in storage.listdir(folder)[1]:
        if f"{folder}/{name}" not in kept:
            storage.delete(f"{folder}/{name}")


def drop_files(batch: Batch) -> int:
    """Take the two files of a batch off the disk, once that is certain; returns how many there were."""
    found = [(file.storage, file.name) for file in (batch.pdf, batch.addresses) if file.name]
    batch.pdf, batch.addresses, batch.planned = "", "", []
    batch.save(update_fields=["pdf", "addresses", "planned"])
    for storage, name in found:
        transaction.on_commit(partial(storage.delete, name))
    return len(found)


def locked(campaign: Campaign) -> Campaign:
    """Return the letters as they stand now, which nobody else changes until the transaction ends."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    return Campaign.objects.select_related(*WHOLE).get(pk=campaign.pk)


def invite(wave: Wave, rows: Sequence[register.Row], receipts: Mapping[str, Mapping[str, Any]]) -> None:
    """Make the letters of a wave, in the order of the draw, behind those of the waves before it."""
    campaign = wave.campaign
    spoken = {*LANGUAGES, *(each.language for each in campaign.cycle.letter_languages.all())}
    first = campaign.cycle.institution.languages[
        0
    ]  # for whom the register names a language that nobody writes
    before = campaign.invitations.aggregate(last=Max("position"))["last"] or 0
    residents = [_resident(campaign.extract, row) for row in rows]
    Resident.objects.bulk_create(
        residents, batch_size=500, ignore_conflicts=True
    )  # some got a letter before
    pseudonyms = [resident.pseudonym for resident in residents]
    stored = {
        each.pseudonym: each
        for each in Resident.objects.filter(extract=campaign.extract, pseudonym__in=pseudonyms)
    }
    selectors = codes.unused_selectors(len(rows), taken_selectors)
    Invitation.objects.bulk_create(
        [
            Invitation(
                campaign=campaign,
                resident=stored[resident.pseudonym],
                position=position,
                wave=wave.number,
                selector=selector,
                secret_hash="",
                language=resident.language if resident.language in spoken else first,
                receipt=dict(receipts[row["id"]]),
            )
            for position, (row, resident, selector) in enumerate(
                zip(rows, residents, selectors, strict=True), start=before + 1
            )
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
        email=_email(row.get("email", "")),
    )


def _email(written: str) -> str:
    """Return an address of the register if it is one; a letter on paper reaches everybody else."""
    try:
        validate_email(written)
    except ValidationError:
        return ""
    return written


def taken_selectors(wanted: list[str]) -> list[str]:
    """Return which of some selectors belong to a letter."""
    found: list[str] = []
    for begin in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[begin : begin + MOST_AT_ONCE]
        found += Invitation.objects.filter(selector__in=part).values_list("selector", flat=True)
    return found
