"""One cohort to the next: what the outgoing want it to know, the dossier that is handed over, and who has read it."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.followup import policies
from isegoria_web.followup.errors import LegacyEmpty, NobodyThere, NothingNew, ReplacedByNewer, ReportIsOut
from isegoria_web.followup.handover_content import content_of, hash_of, is_news
from isegoria_web.followup.handover_words import typeset
from isegoria_web.followup.models import Handover, HandoverConfirmation, HandoverDocument, Legacy
from isegoria_web.followup.querysets import WORK_IS_OVER
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.models import Member
from isegoria_web.moderation.services import outdate
from isegoria_web.translated import Texts


def pass_on(*, actor: Actor, cycle: Cycle, text: Texts) -> Legacy:
    """Write, as a member of a cycle, what the next cohort should know; a second time replaces the first.

    What was handed over before keeps the wording that it had.

    Raises
    ------
    LegacyEmpty
        If there is no text.
    """
    member = required(policies.passing_on(actor, cycle))
    return _write(actor, cycle, member, text)


def introduce(*, actor: Actor, cycle: Cycle, text: Texts) -> Legacy:
    """Write, as the secretariat, what the members of a cycle that begins should know; a second time replaces the first.

    Raises
    ------
    LegacyEmpty
        If there is no text.
    """
    require(policies.may_hand_over(actor, cycle))
    return _write(actor, cycle, None, text)


def hand_over(*, actor: Actor, cycle: Cycle) -> Handover:
    """Freeze the dossier as it stands, print it in every language, and owe it to every member who has a seat.

    Raises
    ------
    NobodyThere
        If nobody has a seat yet.
    ReportIsOut
        If the members of the cycle have done their work.
    NothingNew
        If the newest version says the same.
    """
    require(policies.may_hand_over(actor, cycle))
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        expected = Member.objects.entering(cycle).count()
        if cycle.stage in WORK_IS_OVER:
            raise ReportIsOut
        if not expected:
            raise NobodyThere
        content = content_of(cycle)
        before = Handover.objects.newest_of(cycle)
        if before is not None and not is_news(content, before.content):
            raise NothingNew
        made = Handover.objects.create(
            cycle=cycle, number=before.number + 1 if before else 1, content=content,
            sha256=hash_of(content), made_at=clock.now(),
        )  # fmt: skip
        printed = _print_in_every_language(made)
        record(
            actor=actor, institution=cycle.institution, action=Action.HANDED_OVER, subject=made,
            facts={
                "cycle": cycle.number,
                "version": made.number,
                "sha256": made.sha256,
                "documents": printed,
                "members": expected,
            },
        )  # fmt: skip
        return made


def confirm(*, actor: Actor, handover: Handover) -> HandoverConfirmation:
    """Confirm, as a member of the cycle, to have got and read the dossier; a second time changes nothing.

    Raises
    ------
    ReplacedByNewer
        If there is a newer version to read.
    """
    member = required(policies.receiving(actor, handover))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=handover.cycle_id)
        if Handover.objects.newest_of(handover.cycle) != handover:
            raise ReplacedByNewer
        institution = handover.cycle.institution
        made, first = HandoverConfirmation.objects.get_or_create(
            handover=handover, member=member, defaults={"confirmed_on": clock.today(institution.time_zone)}
        )
        if first:
            record(
                actor=actor, institution=institution, action=Action.HANDOVER_CONFIRMED, subject=handover,
                facts={"cycle": handover.cycle.number, "version": handover.number},
            )  # fmt: skip
        return made


def confirmed_of(handover: Handover) -> tuple[int, int]:
    """Return how many of those who have a seat confirmed this version, and how many have one."""
    seated = Member.objects.entering(handover.cycle)
    return seated.filter(handover_confirmations__handover=handover).count(), seated.count()


def _write(actor: Actor, cycle: Cycle, member: Member | None, text: Texts) -> Legacy:
    given = {language: words.strip() for language, words in text.items() if words.strip()}
    if not given:
        raise LegacyEmpty
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        made, first = Legacy.objects.update_or_create(
            cycle=cycle, member=member, defaults={"text": given, "written_at": clock.now()}
        )
        if not first:
            outdate(made.public_id)
        record(
            actor=actor, institution=cycle.institution, action=Action.LEGACY_WRITTEN, subject=made,
            facts={"cycle": cycle.number, "by": "member" if member else "secretariat", "again": not first},
        )  # fmt: skip
        return made


def _print_in_every_language(made: Handover) -> dict[str, str]:
    """Return the hash of each document, by its language."""
    hashes = {}
    for language in made.cycle.institution.languages:
        document = typeset(made.content, language, int(made.made_at.timestamp()))
        hashes[language] = hashlib.sha256(document).hexdigest()
        printed = HandoverDocument(handover=made, language=language, sha256=hashes[language])
        name = f"{made.public_id}-{language}.pdf"
        printed.document.save(name, ContentFile(document), save=False)
        printed.save()
    return hashes
