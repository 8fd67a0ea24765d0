"""What is kept about members' money, and until when: accounts go first, sums and rules stay for the books."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.allowances import policies
from isegoria_web.allowances.errors import StillOwed
from isegoria_web.allowances.models import Account, Claim, Declaration, PaymentFile
from isegoria_web.errors import require
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Term

KEPT = timedelta(days=90)
"""After the last payment, once the term is over: a bank returns a transfer within weeks."""


def erase_due_accounts(*, actor: Actor) -> int:
    """Erase the accounts that are no longer needed, and the contents of paid files; returns how many of both.

    The entry in the journal is the certificate: how many, and none of whom.
    """
    require(policies.may_erase_accounts(actor))
    return sum(_erase_in(actor, institution) for institution in Institution.objects.all())


def erase_money_of(user: int) -> None:
    """Erase account, receipts, notes and declarations of a person; her claims stay as sums under a number.

    Called by the verb that erases a person.

    Raises
    ------
    StillOwed
        While a claim of hers is open.
    """
    claims = Claim.objects.filter(member__user=user)
    if claims.open().exists():
        raise StillOwed
    for claim in claims.exclude(receipt=""):
        claim.receipt.delete(save=False)
    claims.update(note="", receipt="", refusal="")
    Declaration.objects.filter(member__user=user).delete()
    Account.objects.filter(member__user=user, erased_at__isnull=True).update(
        sealed="", tail="", erased_at=clock.now()
    )


def _erase_in(actor: Actor, institution: Institution) -> int:
    with transaction.atomic():
        accounts = [account.pk for account in _idle_accounts(institution)]
        Account.objects.filter(pk__in=accounts).update(sealed="", tail="", erased_at=clock.now())
        files = PaymentFile.objects.filter(
            institution=institution, erased_at__isnull=True, paid_at__lte=clock.now() - KEPT
        ).update(sealed="", erased_at=clock.now())
        if accounts or files:
            record(
                actor=actor, institution=institution, action=Action.BANK_DATA_ERASED, subject=institution,
                facts={"accounts": len(accounts), "files": files},
            )  # fmt: skip
        return len(accounts) + files


def _idle_accounts(institution: Institution) -> list[Account]:
    """Return the accounts of members whose terms are over, to whom nothing is owed, and who were paid long ago."""
    found = Account.objects.select_for_update().filter(
        member__cycle__institution=institution, erased_at__isnull=True
    )
    sitting = Term.objects.exclude(status=TermStatus.ENDED).values("member")
    owed = Claim.objects.open().values("member")
    idle = list(found.exclude(member__in=sitting).exclude(member__in=owed))
    return [account for account in idle if _rests(account, institution)]


def _rests(account: Account, institution: Institution) -> bool:
    member = account.member
    paid = member.claims.aggregate(last=Max("transfers__file__paid_at"))["last"]
    ended = member.terms.aggregate(last=Max("ends_on"))["last"]
    last = max(account.given_at, paid or account.given_at)
    today = clock.today(institution.time_zone)
    return last <= clock.now() - KEPT and (ended is None or ended <= today - KEPT)
