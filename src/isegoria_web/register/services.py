from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from isegoria_web import clock, erasure
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.register import algorithms, certifying, policies
from isegoria_web.register.enums import Erased, Rule
from isegoria_web.register.errors import ExtractAlreadyLoaded, ExtractErased
from isegoria_web.register.models import INCOMING, Extract, RegisterProfile, Resident


def load_extract(
    *,
    actor: Actor,
    institution: Institution,
    path: Path,
    file_name: str,
    reference_date: date,
    erase_on: date,
    profile: RegisterProfile | None = None,
) -> Extract:
    """Check a register file and keep it, unreadable to others, until its erasure date.

    Parameters
    ----------
    profile
        How it is written; it is kept in our own columns. None where it has these already.

    Raises
    ------
    isegoria.errors.BadInput
        With file, row and column; nothing is kept.
    ExtractAlreadyLoaded
        If the same file is there.
    """
    require(policies.may_load_extract(actor, institution))
    require(profile is None or profile.institution_id == institution.pk)
    with in_our_columns(path, profile) as ours:
        found = algorithms.check(ours)
        delivered = "" if profile is None else algorithms.sha256_of(path)
        with stored(ours) as extract, transaction.atomic():
            return keep_checked(
                actor, institution, extract, found, file_name, reference_date, erase_on, delivered=delivered
            )


@contextmanager
def in_our_columns(
    path: Path, profile: RegisterProfile | None, progress: Callable[[int], None] | None = None
) -> Iterator[Path]:
    """Give a file in our own columns, for as long as it is needed; the file itself where it needs no profile."""
    if profile is None:
        yield path
        return
    with private_file() as out:
        algorithms.convert(path, out, profile.text, progress)
        yield out


@contextmanager
def private_file() -> Iterator[Path]:
    """Give the place of a file of residents that is gone afterwards; where a killed process leaves it, it is swept."""
    folder = Path(default_storage.path(INCOMING))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"working-{uuid.uuid4()}.csv"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def keep_checked(
    actor: Actor,
    institution: Institution,
    extract: Extract,
    found: algorithms.Checked,
    file_name: str,
    reference_date: date,
    erase_on: date,
    delivered: str = "",
) -> Extract:
    """Keep a file that was looked through and `stored`, in a transaction; part of the verbs that have asked who may.

    Raises
    ------
    ExtractAlreadyLoaded
        If the same file is there.
    """
    Institution.objects.select_for_update().get(pk=institution.pk)
    if Extract.objects.filter(institution=institution, sha256=found.sha256).exists():
        raise ExtractAlreadyLoaded
    extract.institution = institution
    extract.file_name = file_name
    extract.sha256, extract.delivered_sha256 = found.sha256, delivered
    extract.residents = len(found)
    extract.reference_date, extract.erase_on = reference_date, erase_on
    extract.loaded_at = clock.now()
    extract.save()
    record(
        actor=actor, institution=institution, action=Action.EXTRACT_LOADED, subject=extract,
        facts={
            "residents": extract.residents,
            "sha256": extract.sha256,
            **({"delivered_sha256": delivered} if delivered else {}),
            "reference_date": reference_date.isoformat(),
            "erase_on": erase_on.isoformat(),
            "rules": {"erase_on": ground(institution.rule_books.latest("number"))},
        },
    )  # fmt: skip
    return extract


@contextmanager
def stored(path: Path) -> Iterator[Extract]:
    """Copy a file to where extracts lie and give its row, which is yet to be filled and saved.

    Taken off the disk again where it is not saved in the end, or what is inside fails. The copy comes before the
    transaction inside: a register of millions takes seconds to copy, and nobody else may wait for them.
    """
    extract = Extract()
    with path.open("rb") as content:
        extract.file.save(f"{extract.public_id}{path.suffix or '.csv'}", File(content), save=False)
    certain = False
    try:
        yield extract
        certain = extract.pk is not None
    finally:
        if not certain and (name := extract.file.name):
            extract.file.storage.delete(name)


def erase_extract(*, actor: Actor, extract: Extract, rule: Rule | None = None) -> Extract:
    """Erase the file, the people drawn from it and the letters printed for them; counts and hashes stay, and the draw still verifies.

    Raises
    ------
    ExtractErased
        If it is erased already.
    """
    require(policies.may_erase_extract(actor, extract) or (actor.is_system and rule == Rule.RESTORED))
    with transaction.atomic():
        extract = Extract.objects.select_for_update().get(pk=extract.pk)
        if extract.erased_at is not None:
            raise ExtractErased
        for sifted in Extract.objects.filter(sifted_from=extract, erased_at__isnull=True):
            erase_extract(actor=actor, extract=sifted, rule=rule)
        erased, _details = Resident.objects.filter(extract=extract).delete()
        erasure.erase_all_of(extract.pk)
        storage, name = extract.file.storage, extract.file.name
        extract.file = ""
        extract.erased_at = clock.now()
        extract.save(update_fields=["file", "erased_at"])
        due = extract.erase_on <= clock.today(extract.institution.time_zone)
        certifying.certify(
            actor=actor, institution=extract.institution, kind=Erased.EXTRACT,
            rule=rule or (Rule.DATE if due else Rule.EARLY), due_on=extract.erase_on,
            counts={"extracts": 1, "residents": extract.residents, "residents_drawn": erased},
            keys=[erasure.key_of(Erased.EXTRACT, extract.public_id)],
        )  # fmt: skip
        record(
            actor=actor, institution=extract.institution, action=Action.EXTRACT_ERASED, subject=extract,
            facts={"drawn_residents": erased, "sha256": extract.sha256},
        )  # fmt: skip
        if name:
            transaction.on_commit(lambda: storage.delete(name))
        return extract


def erase_extracts_again(keys: Collection[str]) -> erasure.Again:
    """Erase extracts that were erased before and came back with a backup; the software does it, by their keyed hashes."""
    found = Extract.objects.filter(erased_at__isnull=True).select_related("institution")
    back = [each for each in found if erasure.key_of(Erased.EXTRACT, each.public_id) in keys]
    for extract in back:
        erase_extract(actor=Actor.system(), extract=extract, rule=Rule.RESTORED)
    return len(back), 0
