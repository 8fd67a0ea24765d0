"""Letters for the mail house: a wave in files of one language, each a PDF and its addresses in the same order.

A printing is planned at once and then goes on file by file in the background. Everything that a file shows follows from
its plan and the key of the printing, so that a worker that is killed over it leaves nothing to repair: whoever goes on
makes the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Max, Sum

from isegoria.textfiles import escape_formula
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import codes, letter_versions, letters, policies, typesetting
from isegoria_web.recruitment.codes import Code
from isegoria_web.recruitment.enums import InvitationStatus, PrintingStatus
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    FilesGone,
    LettersNotDrawn,
    LetterUnwritten,
    NothingToPrint,
    PrintingGoesOn,
    PrintingOver,
)
from isegoria_web.recruitment.letters import Letter
from isegoria_web.recruitment.models import Batch, Campaign, Invitation, Printing, Wave
from isegoria_web.recruitment.services import drop_files, locked, require_counting, sweep, taken_selectors
from isegoria_web.register.errors import ExtractErased
from isegoria_web.translated import LANGUAGES

PER_FILE = 1000
"""Letters a file, if nothing else is said."""
KEY_BYTES = 32
WAITING = (InvitationStatus.CREATED, InvitationStatus.SENT)
COLUMNS = ("sequence", "name", "street", "postcode_and_place", "language")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a printing has come."""

    done: int
    letters: int


@dataclass(slots=True)
class _Work:
    """A batch that is being typeset, and the letters that are in it."""

    batch: Batch
    invitations: list[Invitation]
    letters: list[Letter]
    data: bytes


def start_printing(
    *, actor: Actor, campaign: Campaign, wave: int, per_file: int = PER_FILE, unreached: bool = False
) -> Printing:
    """Plan the files of a wave: all its letters that were not answered, each with a new code; a worker makes them.

    Codes are known only while printing: the database keeps a keyed hash. So a second printing replaces the letters of
    the first, and takes their files away.

    Parameters
    ----------
    per_file
        How many letters a file holds at most.
    unreached
        Only for those whom e-mail was to reach instead of paper and did not; all other letters, their codes and their
        files stay as they are.

    Raises
    ------
    CampaignClosed, LettersAnnulled, LettersNotDrawn, PrintingGoesOn, NothingToPrint
        If it is not the time for it.
    ExtractErased
        If nobody knows any more to whom they would go.
    LetterUnwritten
        If there are letters in a further language, and no text for them.
    """
    require(policies.may_run_campaign(actor, campaign))
    require_cycle_at_work(campaign.cycle)
    if actor.user is None:
        raise NotAllowed
    with transaction.atomic():
        campaign = locked(campaign)
        require_counting(campaign)
        if campaign.closed_at is not None:
            raise CampaignClosed
        found = campaign.waves.filter(number=wave).first() if campaign.draw.is_drawn else None
        if found is None:
            raise LettersNotDrawn
        if campaign.extract.erased_at is not None:
            raise ExtractErased
        if found.printings.filter(ended_at__isnull=True).exists():
            raise PrintingGoesOn
        waiting = _waiting(campaign, wave, unreached=unreached)
        if not waiting:
            raise NothingToPrint
        if not unreached:
            for batch in Batch.objects.filter(printing__wave=found).exclude(pdf=""):
                drop_files(batch)
        printing = Printing.objects.create(
            wave=found, by=actor.user, unreached=unreached, per_file=max(1, per_file), started_at=clock.now().replace(microsecond=0),
            key=secrets.token_hex(KEY_BYTES),
        )  # fmt: skip
        _plan(printing, waiting)
        return printing


def _waiting(campaign: Campaign, wave: int, *, unreached: bool) -> list[Invitation]:
    found = campaign.invitations.filter(wave=wave, status__in=WAITING)
    found = found.owed_paper() if unreached else found.for_paper()
    return list(found.only("position", "language", "campaign_id"))


def _plan(printing: Printing, waiting: Sequence[Invitation]) -> None:
    """Write down which letter goes into which file, and the public half of its code."""
    cycle = printing.wave.campaign.cycle
    selectors = iter(codes.unused_selectors(len(waiting), taken_selectors))
    spoken: defaultdict[str, list[int]] = defaultdict(list)
    for invitation in waiting:
        spoken[invitation.language].append(invitation.position)
    order = sorted(spoken, key=lambda each: (each not in LANGUAGES, each))
    files = [(language, part) for language in order for part in _cut(spoken[language], printing.per_file)]
    texts = {language: letter_versions.current(cycle, language) for language in order}
    unwritten = [each for each in order if texts[each] is None and each not in LANGUAGES]
    if unwritten:
        raise LetterUnwritten(unwritten)
    before = (
        Batch.objects.filter(printing__wave=printing.wave) if printing.unreached else Batch.objects.none()
    )
    last = before.aggregate(last=Max("number"))["last"] or 0  # two letters in the post have two numbers
    Batch.objects.bulk_create(
        Batch(
            printing=printing, number=number, language=language, text=texts[language], letters=len(part),
            planned=[[position, next(selectors)] for position in part],
        )
        for number, (language, part) in enumerate(files, start=last + 1)
    )  # fmt: skip


def _cut(positions: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for begin in range(0, len(positions), size):
        yield positions[begin : begin + size]


def progress_of(printing: Printing) -> Progress:
    """Return how many of its letters are in files."""
    total = printing.batches.aggregate(all=Sum("letters"))["all"] or 0
    done = printing.batches.filter(done_at__isnull=False).aggregate(all=Sum("letters"))["all"] or 0
    return Progress(done, total)


def cancel_printing(*, actor: Actor, printing: Printing) -> Printing:
    """Stop a printing. The files that are made stay, and the codes in them count; other letters keep their codes.

    Raises
    ------
    PrintingOver
        If it is over already.
    """
    require(policies.may_run_campaign(actor, printing.wave.campaign))
    with transaction.atomic():
        printing = _locked(printing)
        if not printing.is_open:
            raise PrintingOver
        _end(printing, PrintingStatus.CANCELLED)
        record(
            actor=actor, institution=printing.wave.campaign.cycle.institution,
            action=Action.PRINTING_STOPPED, subject=printing.wave.campaign.draw,
            facts={"wave": printing.wave.number, "letters": progress_of(printing).done},
        )  # fmt: skip
        return printing


def print_batches(*, actor: Actor, printing: Printing) -> int:
    """Make the files of a printing that are not made yet; going on with what was interrupted gives the same bytes.

    Several files are typeset at once, in processes of their own.

    Returns
    -------
    int
        How many files are made, 0 if it was stopped or is over.

    Raises
    ------
    LetterTooLong
        If a letter does not fit on its page; the files before it stay.
    GlyphsMissing
        If no font here has a character of a letter; the same.
    """
    require(policies.may_run_campaign(actor, printing.wave.campaign))
    if not Printing.objects.filter(pk=printing.pk, ended_at__isnull=True).update(
        status=PrintingStatus.RUNNING
    ):
        return 0
    printing = Printing.objects.select_related(*_RELATED).get(pk=printing.pk)
    try:
        with (
            letter_versions.refusing_what_does_not_fit(),
            ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
        ):
            _print_all(pool, printing)
        return _finish(actor, printing)
    except Exception:
        _fail(printing)
        raise


_RELATED = ("wave__campaign__cycle__institution", "wave__campaign__draw__record", "by")


def _print_all(pool: ThreadPoolExecutor, printing: Printing) -> None:
    """Typeset the batches, a few at once; only this thread speaks with the database."""
    left = list(printing.batches.filter(done_at__isnull=True).select_related("text"))
    running: dict[Future[bytes], _Work] = {}
    try:
        while left or running:
            while left and len(running) <= (os.cpu_count() or 1):
                work = _work_of(printing, left.pop(0))
                running[pool.submit(typesetting.in_a_process, work.data)] = work
            ended, _waiting_on = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                work = running.pop(future)
                kept = _keep(printing, work, future.result())
                if kept is None:
                    return
                if not kept:
                    left.insert(0, work.batch)  # somebody answered meanwhile: without her letter
    finally:
        for future in running:
            future.cancel()


def _work_of(printing: Printing, batch: Batch) -> _Work:
    """Return what a batch holds now; who has answered since it was planned is left out."""
    campaign, wave = printing.wave.campaign, printing.wave
    selectors = dict(batch.planned)
    invitations = _letters_in(campaign, selectors)
    key = bytes.fromhex(printing.key)
    made = []
    for number, invitation in enumerate(invitations, start=1):
        resident = invitation.resident
        if resident is None:
            raise RuntimeError("the resident of a letter that waits to be printed was erased")
        code = Code(selectors[invitation.position], codes.secret_of(key, invitation.position))
        made.append(letters.letter_to(resident, f"{wave.number}-{batch.number:03}-{number:04}", code))
    parts = letter_versions.parts_of(batch.text, batch.language)
    data = letters.as_data(wave, batch.language, parts, batch.text, made, moment=printing.started_at)
    return _Work(batch, invitations, made, data)


def _letters_in(campaign: Campaign, positions: Iterable[int]) -> list[Invitation]:
    found = campaign.invitations.filter(position__in=list(positions), status__in=WAITING).for_paper()
    return list(found.select_related("resident").order_by("position"))


def _keep(printing: Printing, work: _Work, pdf: bytes) -> bool | None:
    """Keep the files of a batch, and let its codes count; both or neither.

    Returns
    -------
    bool or None
        False if the batch must be typeset again, None if the printing was stopped.
    """
    batch, key = work.batch, bytes.fromhex(printing.key)
    addresses = addresses_of(batch.language, work.letters)
    with transaction.atomic():
        campaign = locked(printing.wave.campaign)
        if not _locked(printing).is_open:
            return None
        now_waiting = _letters_in(campaign, [each.position for each in work.invitations])
        if now_waiting != work.invitations:
            return False
        _let_codes_count(batch, work.invitations, key)
        _store(printing, batch, pdf, addresses)
        batch.letters, batch.planned, batch.done_at = len(work.letters), [], clock.now()
        batch.save()
        Campaign.objects.filter(pk=campaign.pk).update(printed_at=batch.done_at)
        return True


def _let_codes_count(batch: Batch, invitations: Sequence[Invitation], key: bytes) -> None:
    selectors = dict(batch.planned)
    rows = [
        (
            selectors[each.position],
            codes.hash_secret(codes.secret_of(key, each.position)),
            InvitationStatus.SENT.value,
            each.pk,
        )
        for each in invitations
    ]
    # One statement a letter, prepared once: the queries that Django builds for so many different values take longer
    # than everything else that is done with a letter here.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE recruitment_invitation SET selector = %s, secret_hash = %s, status = %s WHERE id = %s",
            rows,
        )


def _store(printing: Printing, batch: Batch, pdf: bytes, addresses: bytes) -> None:
    name = f"{printing.public_id}/{printing.wave.number}-{batch.number:03}-{batch.language}"
    batch.pdf_sha256 = hashlib.sha256(pdf).hexdigest()
    batch.addresses_sha256 = hashlib.sha256(addresses).hexdigest()
    for file, content, ending in ((batch.pdf, pdf, "pdf"), (batch.addresses, addresses, "csv")):
        place = file.field.generate_filename(batch, f"{name}.{ending}")
        if file.storage.exists(place):  # of a worker that was killed before it could say so
            file.storage.delete(place)
        file.save(f"{name}.{ending}", ContentFile(content), save=False)


def addresses_of(language: str, listed: Sequence[Letter]) -> bytes:
    """Return the addresses of letters as a table: UTF-8 with its mark, semicolons, in the order of the pages.

    What a table programme would take for a formula is marked as text.
    """
    text = io.StringIO()
    table = csv.writer(text, delimiter=";", lineterminator="\r\n")
    table.writerow(COLUMNS)
    for each in listed:
        table.writerow(
            [escape_formula(cell) for cell in (each.sequence, each.name, each.street, each.city, language)]
        )
    return text.getvalue().encode("utf-8-sig")


def manifest_of(printing: Printing) -> dict[str, Any]:
    """Return what the mail house gets beside the files: which there are, how many letters, and their hashes."""
    wave, cycle = printing.wave, printing.wave.campaign.cycle
    made = printing.batches.filter(done_at__isnull=False).select_related("text")
    return {
        "format": "isegoria-letter-batches/1",
        "institution": cycle.institution.slug,
        "cycle": cycle.number,
        "wave": wave.number,
        "reply_by": wave.reply_by.isoformat(),
        "dated": printing.started_at.isoformat(),
        "letters": sum(batch.letters for batch in made),
        "batches": [_told(printing, batch) for batch in made],
    }


def _told(printing: Printing, batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.number,
        "language": batch.language,
        "letters": batch.letters,
        "text_version": batch.text.version if batch.text else 0,
        "pdf": file_name(printing, batch, "pdf"),
        "pdf_sha256": batch.pdf_sha256,
        "addresses": file_name(printing, batch, "csv"),
        "addresses_sha256": batch.addresses_sha256,
    }


def file_name(printing: Printing, batch: Batch, ending: str) -> str:
    """Return what a file is called for whoever takes it."""
    cycle = printing.wave.campaign.cycle
    return f"{cycle.institution.slug}-{cycle.number}-wave{printing.wave.number}-{batch.number:03}-{batch.language}.{ending}"


def take_file(*, actor: Actor, batch: Batch, ending: str) -> bytes:
    """Give a file of a batch to somebody who sends the letters; that it was taken is public.

    Parameters
    ----------
    ending
        `pdf`, or `csv` for the addresses.

    Raises
    ------
    FilesGone
        If it is deleted.
    """
    require(policies.may_run_campaign(actor, batch.printing.wave.campaign))
    file = batch.pdf if ending == "pdf" else batch.addresses
    if not file:
        raise FilesGone
    content: bytes = file.read()
    file.close()
    with transaction.atomic():
        record(
            actor=actor, institution=batch.printing.wave.campaign.cycle.institution,
            action=Action.LETTERS_TAKEN, subject=batch.printing.wave.campaign.draw,
            facts={
                "wave": batch.printing.wave.number,
                "batch": batch.number,
                "file": "letters" if ending == "pdf" else "addresses",
                "letters": batch.letters,
            },
        )  # fmt: skip
    return content


def delete_files(*, actor: Actor, printing: Printing) -> int:
    """Delete the files of a printing once its letters are in the post: they hold names and codes in clear.

    Raises
    ------
    PrintingGoesOn
        While it is not over.
    FilesGone
        If there are none.
    """
    require(policies.may_run_campaign(actor, printing.wave.campaign))
    with transaction.atomic():
        printing = _locked(printing)
        if printing.is_open:
            raise PrintingGoesOn
        count = sum(drop_files(batch) for batch in printing.batches.exclude(pdf="", addresses=""))
        if not count:
            raise FilesGone
        record(
            actor=actor, institution=printing.wave.campaign.cycle.institution,
            action=Action.LETTERS_DELETED, subject=printing.wave.campaign.draw,
            facts={"wave": printing.wave.number, "files": count},
        )  # fmt: skip
        return count


def print_letters(*, actor: Actor, campaign: Campaign) -> Printing:
    """Print the last wave at once, without a worker."""
    last = campaign.waves.last()
    printing = start_printing(actor=actor, campaign=campaign, wave=last.number if last else 0)
    print_batches(actor=actor, printing=printing)
    return printing


def _finish(actor: Actor, printing: Printing) -> int:
    with transaction.atomic():
        campaign = locked(printing.wave.campaign)
        printing = _locked(printing)
        if not printing.is_open:
            return 0
        now = clock.now()
        made = list(printing.batches.select_related("text"))
        _end(printing, PrintingStatus.DONE)
        if not printing.unreached:
            Wave.objects.filter(pk=printing.wave_id).update(printed_at=now)
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.LETTERS_PRINTED,
            subject=campaign.draw,
            facts={
                "wave": printing.wave.number,
                "after_email": printing.unreached,
                "letters": sum(batch.letters for batch in made),
                "sha256": [batch.pdf_sha256 for batch in made],
                "text_versions": {
                    batch.language: batch.text.version if batch.text else 0 for batch in made
                },
            },
        )  # fmt: skip
        return len(made)


def _fail(printing: Printing) -> None:
    with transaction.atomic():
        printing = _locked(printing)
        if printing.is_open:
            _end(printing, PrintingStatus.FAILED)


def _end(printing: Printing, status: PrintingStatus) -> None:
    """End a printing, and forget the key of its codes and what was planned."""
    printing.status, printing.ended_at, printing.key = status, clock.now(), ""
    printing.save(update_fields=["status", "ended_at", "key"])
    printing.batches.filter(done_at__isnull=True).delete()
    transaction.on_commit(partial(sweep, printing))


def _locked(printing: Printing) -> Printing:
    Printing.objects.select_for_update().get(pk=printing.pk)
    return Printing.objects.select_related(*_RELATED).get(pk=printing.pk)
