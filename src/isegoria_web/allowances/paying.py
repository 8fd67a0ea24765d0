"""Payment files: approved claims become transfers, each in one file; then they are marked as paid, or as returned."""

from __future__ import annotations

import csv
import hashlib
import json
import uuid
from collections.abc import Collection
from datetime import date
from io import StringIO

from django.db import transaction

from isegoria.textfiles import escape_formula
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.allowances import policies, sealing, sepa
from isegoria_web.allowances.enums import ClaimStatus, TransferStatus
from isegoria_web.allowances.errors import (
    ExecutionPast,
    FileErased,
    NothingToPay,
    NotInFile,
    PaidAlready,
    PayerMissing,
)
from isegoria_web.allowances.models import Account, Claim, Payer, PaymentFile, Transfer
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.translated import in_language


def make_file(*, actor: Actor, institution: Institution, execute_on: date) -> PaymentFile:
    """Put every approved claim whose member gave an account into one payment file; none is ever in two.

    Raises
    ------
    PayerMissing, NothingToPay, ExecutionPast
        If there is nothing to write.
    """
    require(policies.may_handle_money(actor, institution))
    if execute_on < clock.today(institution.time_zone):
        raise ExecutionPast
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        payer = Payer.objects.filter(institution=institution).first()
        if payer is None:
            raise PayerMissing
        claims = payable(institution)
        if not claims:
            raise NothingToPay
        made = PaymentFile(
            institution=institution, number=institution.payment_files.count() + 1, made_at=clock.now(),
            made_by=required(actor.user), execute_on=execute_on, transfers_count=len(claims),
            total_cents=sum(claim.cents for claim in claims),
        )  # fmt: skip
        credit_lines = [_credit(claim) for claim in claims]
        content = sepa.write(
            sepa.Order(
                made.public_id.hex,
                made.made_at,
                execute_on,
                payer.name,
                payer.iban,
                payer.bic,
                credit_lines,
            )
        )
        made.sha256, made.sealed = hashlib.sha256(content).hexdigest(), sealing.seal(content.decode())
        made.save()
        Transfer.objects.bulk_create(
            Transfer(claim=claim, file=made, end_to_end=credit.end_to_end, cents=claim.cents)
            for claim, credit in zip(claims, credit_lines, strict=True)
        )
        Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(status=ClaimStatus.SENT)
        record(
            actor=actor, institution=institution, action=Action.PAYMENTS_EXPORTED, subject=made,
            facts={
                "file": made.number,
                "transfers": made.transfers_count,
                "total_cents": made.total_cents,
                "execute_on": execute_on.isoformat(),
                "sha256": made.sha256,
            },
        )  # fmt: skip
        return made


def payable(institution: Institution) -> list[Claim]:
    """Return the approved claims that can be paid now, in their order."""
    found = Claim.objects.filter(
        institution=institution, status=ClaimStatus.APPROVED, member__account__erased_at__isnull=True,
        member__account__isnull=False,
    )  # fmt: skip
    return list(found.select_related("member__account", "member__cycle", "meeting").order_by("number"))


def content_of(*, actor: Actor, file: PaymentFile) -> bytes:
    """Return a payment file as it was made, for the bank; that somebody took it stands in the journal.

    Raises
    ------
    FileErased
        After its date.
    """
    require(policies.may_handle_money(actor, file.institution))
    if file.erased_at is not None:
        raise FileErased
    with transaction.atomic():
        record(
            actor=actor, institution=file.institution, action=Action.PAYMENT_FILE_TAKEN, subject=file,
            facts={"file": file.number, "sha256": file.sha256},
        )  # fmt: skip
        return sealing.unseal(file.sealed).encode()


def mark_paid(*, actor: Actor, file: PaymentFile, returned: Collection[int] = ()) -> PaymentFile:
    """Mark a file as paid by the bank; what came back can be paid in another file, under a new id.

    Parameters
    ----------
    returned
        Numbers of the claims whose transfers the bank returned.

    Raises
    ------
    PaidAlready
        A second time.
    NotInFile
        If a returned claim is not in it.
    """
    require(policies.may_handle_money(actor, file.institution))
    with transaction.atomic():
        PaymentFile.objects.select_for_update().get(pk=file.pk)
        file = PaymentFile.objects.select_related("institution").get(pk=file.pk)
        if file.paid_at is not None:
            raise PaidAlready
        transfers = file.transfers.select_related("claim")
        back = [each for each in transfers if each.claim.number in returned]
        if len(back) != len(set(returned)):
            raise NotInFile
        keys = [each.pk for each in back]
        file.transfers.filter(pk__in=keys).update(status=TransferStatus.RETURNED)
        file.transfers.exclude(pk__in=keys).update(status=TransferStatus.PAID)
        Claim.objects.filter(transfers__in=keys).update(status=ClaimStatus.APPROVED)
        Claim.objects.filter(transfers__file=file).exclude(transfers__in=keys).update(
            status=ClaimStatus.PAID
        )
        file.paid_at = clock.now()
        file.save(update_fields=["paid_at"])
        record(
            actor=actor, institution=file.institution, action=Action.PAYMENTS_MADE, subject=file,
            facts={"file": file.number, "paid": file.transfers_count - len(back), "returned": len(back)},
        )  # fmt: skip
        return file


def year_table(*, actor: Actor, institution: Institution, year: int) -> str:
    """Return what each person was paid in a year, day by day, for the fiscal forms and the list that the law asks for.

    A table with one line a claim: member, name, scheme, day, cents as euros, rule, day of payment. Whoever was
    erased since stands under her number alone.
    """
    require(policies.may_handle_money(actor, institution))
    with transaction.atomic():
        paid = (
            Claim.objects.filter(
                institution=institution, status=ClaimStatus.PAID, transfers__file__paid_at__year=year
            )
            .filter(transfers__status=TransferStatus.PAID)
            .select_related("member__cycle", "member__respondent")
            .order_by("member__cycle__number", "member__number", "day", "number")
            .distinct()
        )
        lines = StringIO()
        table = csv.writer(lines)
        table.writerow(["cycle", "member", "name", "scheme", "taxable", "day", "euros", "rule", "claim"])
        people = set()
        for claim in paid:
            people.add(claim.member_id)
            table.writerow(
                [
                    claim.member.cycle.number, claim.member.number, escape_formula(claim.member.respondent.name), claim.scheme,
                    "yes" if claim.scheme == "fee" else "no", claim.day.isoformat(), sepa.euros(claim.cents), claim.rule,
                    claim.number,
                ]
            )  # fmt: skip
        record(
            actor=actor, institution=institution, action=Action.YEAR_EXPORTED, subject=institution,
            facts={"year": year, "people": len(people), "claims": len(paid), "total_cents": sum(c.cents for c in paid)},
        )  # fmt: skip
        return lines.getvalue()


def _credit(claim: Claim) -> sepa.Credit:
    account: Account = claim.member.account
    opened = json.loads(sealing.unseal(account.sealed))
    what = in_language(claim.meeting.title, "en") if claim.meeting else str(claim.get_cost_display())
    text = f"Claim {claim.number}: {what}, {claim.day.isoformat()}"
    return sepa.Credit(uuid.uuid4().hex, claim.cents, opened["holder"], opened["iban"], text)
