"""From attendance to money: claims, decided by a second person. Payment files are in `paying`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.allowances import algorithms, iban, money, policies, sealing
from isegoria_web.allowances.enums import ClaimStatus, CostKind, Scheme
from isegoria_web.allowances.errors import (
    AmountIsSet,
    BothSchemes,
    CeilingReached,
    CostsNotPaid,
    DayNotServed,
    DeclarationMissing,
    HolderMissing,
    LessThanBefore,
    MoneyWrong,
    NoAmount,
    NoScheme,
    NotClaimed,
    ReasonMissing,
    ReceiptWrong,
    SamePerson,
)
from isegoria_web.allowances.models import Account, Claim, Declaration, Payer
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle, Institution, RuleBookVersion
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Attendance
from isegoria_web.membership.models import Member

LARGEST_RECEIPT = 5 * 1024 * 1024
KINDS_OF_RECEIPTS = {b"%PDF-": ".pdf", b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
NEAR = timedelta(days=1)
"""A cost may fall on the day before or after a meeting: a night train, a child's sleep-over."""


@dataclass
class Computed:
    """What became of the attendances: claims made, of which cut by a ceiling; and who waits, by public number."""

    made: int = 0
    cut: int = 0
    paid_by: set[str] = field(default_factory=set)  # rules with their versions
    cut_by: set[str] = field(default_factory=set)
    stopped: list[int] = field(default_factory=list)
    undeclared: list[int] = field(default_factory=list)


# -- what a member says ------------------------------------------------------------------------------------------


def give_account(*, actor: Actor, member: Member, account: str, holder: str) -> Account:
    """Take the account to which a member is paid; it is sealed, and only a payment file opens it.

    Raises
    ------
    IbanWrong, HolderMissing
        If it cannot be paid to.
    """
    require(policies.is_herself(actor, member))
    number, name = iban.normal(account), " ".join(holder.split())
    if not name:
        raise HolderMissing
    with transaction.atomic():
        made, _created = Account.objects.update_or_create(
            member=member,
            defaults={
                "sealed": sealing.seal(json.dumps({"iban": number, "holder": name})),
                "tail": number[-4:],
                "given_at": clock.now(),
                "erased_at": None,
            },
        )
        record(
            actor=actor, institution=member.cycle.institution, action=Action.ACCOUNT_GIVEN, subject=member,
            facts={"cycle": member.cycle.number},
        )  # fmt: skip
        return made


def declare(*, actor: Actor, member: Member, year: int, elsewhere_cents: int) -> Declaration:
    """Take what a member says she gets from other organisations in a year; it counts under the same ceilings.

    Raises
    ------
    MoneyWrong
        If it is no sum of money.
    LessThanBefore
        If it is lower than what she declared before.
    """
    require(policies.is_herself(actor, member))
    if not 0 <= elsewhere_cents <= money.MOST:
        raise MoneyWrong
    with transaction.atomic():
        _lock(member)
        before = _declared(member, year)
        if before is not None and elsewhere_cents < before:
            raise LessThanBefore
        made = Declaration.objects.create(
            member=member, year=year, elsewhere_cents=elsewhere_cents, declared_at=clock.now()
        )
        record(
            actor=actor, institution=member.cycle.institution, action=Action.INCOME_DECLARED, subject=member,
            facts={"year": year},
        )  # fmt: skip
        return made


def claim_costs(
    *, actor: Actor, member: Member, day: date, kind: CostKind, cents: int, note: str, receipt: bytes
) -> Claim:
    """Claim a cost with its receipt; the rule book says which kinds are paid back.

    Raises
    ------
    CostsNotPaid, BothSchemes, DayNotServed
        If it is not paid back.
    MoneyWrong, ReceiptWrong
        If the sum or the receipt cannot be taken.
    """
    require(policies.is_herself(actor, member))
    version = _rule_book_on(member, day)
    rule = algorithms.pays_back(version, kind)
    if not rule:
        raise CostsNotPaid
    if not 0 < cents <= money.MOST:
        raise MoneyWrong
    ending = _kind_of(receipt)
    with transaction.atomic():
        Institution.objects.select_for_update().get(
            pk=member.cycle.institution_id
        )  # before her: as computing does
        user = _lock(member)
        if kind == CostKind.OTHER and Claim.objects.under_ceilings(user.pk, day.year).exists():
            raise BothSchemes
        if not any(abs(each - day) <= NEAR for each in _served(member)):
            raise DayNotServed
        claim = _claim(
            actor, member, version, scheme=Scheme.COSTS, day=day, due_cents=cents, cents=cents, rule=rule, cost=kind,
            note=" ".join(note.split())[:200],
        )  # fmt: skip
        claim.receipt.save(f"{claim.public_id}{ending}", ContentFile(receipt))
        record(
            actor=actor, institution=claim.institution, action=Action.COSTS_CLAIMED, subject=claim,
            facts={"claim": claim.number, "rule": rule, "rule_book": version.number},
        )  # fmt: skip
        return claim


# -- what the secretariat does -------------------------------------------------------------------------------------


def name_payer(*, actor: Actor, institution: Institution, name: str, account: str, bic: str = "") -> Payer:
    """Enter the account from which the institution pays.

    Raises
    ------
    IbanWrong, HolderMissing
        If it cannot be used.
    """
    require(policies.may_handle_money(actor, institution))
    number, code = iban.normal(account), "".join(bic.split()).upper()
    if not name.strip() or (code and not iban.is_bic(code)):
        raise HolderMissing
    with transaction.atomic():
        made, _created = Payer.objects.update_or_create(
            institution=institution, defaults={"name": " ".join(name.split()), "iban": number, "bic": code}
        )
        record(actor=actor, institution=institution, action=Action.PAYER_NAMED, subject=institution)
        return made


def compute_claims(*, actor: Actor, institution: Institution, own_cents: int | None = None) -> Computed:
    """Make a claim of every attendance that has none, as the rule book pays; a second time finds nothing.

    A member without a declaration waits for it, and one who has reached a ceiling gets nothing more: both are
    named, by number.

    Parameters
    ----------
    own_cents
        The amount of a day, only where the rule book names ceilings and no amount.

    Raises
    ------
    NoScheme, NoAmount, AmountIsSet
        If the rule book does not say enough, or more than was given.
    """
    require(policies.may_handle_money(actor, institution))
    found = Computed()
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        for attendance in _unpaid(institution):
            _compute(actor, attendance, own_cents, found)
        if found.made:
            record(
                actor=actor, institution=institution, action=Action.CLAIMS_COMPUTED, subject=institution,
                facts={
                    "claims": found.made, "cut": found.cut, "own_amount": own_cents is not None,
                    "rules": {"claims": _listed(found.paid_by), **({"cut": _listed(found.cut_by)} if found.cut_by else {})},
                },
            )  # fmt: skip
    return found


def approve(*, actor: Actor, claim: Claim) -> Claim:
    """Approve a claim as the second person; the ceilings are looked at once more, with what was declared since.

    Raises
    ------
    NotClaimed
        If it was decided.
    SamePerson
        If the actor made it.
    CeilingReached
        If more than the ceilings would be paid.
    """
    require(policies.may_handle_money(actor, claim.institution))
    with transaction.atomic():
        claim = _waiting(actor, claim)
        if claim.scheme == Scheme.VOLUNTEER:
            _require_room(claim)
        _decide(claim, actor, ClaimStatus.APPROVED)
        record(
            actor=actor, institution=claim.institution, action=Action.CLAIM_APPROVED, subject=claim,
            facts={
                "claim": claim.number, "rule": claim.rule, "cut_rule": claim.cut_rule,
                "rules": algorithms.grounds(claim),
            },
        )  # fmt: skip
        return claim


def refuse(*, actor: Actor, claim: Claim, reason: str) -> Claim:
    """Refuse a claim, with a reason that the member reads.

    Raises
    ------
    NotClaimed, SamePerson, ReasonMissing
        If it cannot be refused.
    """
    require(policies.may_handle_money(actor, claim.institution))
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        claim = _waiting(actor, claim)
        claim.refusal = " ".join(reason.split())[:300]
        _decide(claim, actor, ClaimStatus.REFUSED)
        record(
            actor=actor, institution=claim.institution, action=Action.CLAIM_REFUSED, subject=claim,
            facts={"claim": claim.number, "rule": claim.rule, "rules": algorithms.grounds(claim)},
        )  # fmt: skip
        return claim


@dataclass(frozen=True)
class Standing:
    """Where a person stands under the ceilings of a year."""

    year: int
    declared_cents: int | None
    here_cents: int
    day: money.Ceiling | None
    whole: money.Ceiling | None

    @property
    def left_cents(self) -> int | None:
        """What may still be paid this year; None where there is no ceiling."""
        if self.whole is None:
            return None
        return max(0, self.whole.cents - self.here_cents - (self.declared_cents or 0))


def standing_of(member: Member, cycle: Cycle, year: int, day: date) -> Standing:
    """Return where a member stands in a year, by the ceilings of a day in the rule book of a cycle of hers."""
    version = cycle.rule_book
    return Standing(
        year=year,
        declared_cents=_declared(member, year),
        here_cents=Claim.objects.under_ceilings(member.user_id, year).cents() if member.user_id else 0,
        day=algorithms.ceiling_on(version, day, "day"),
        whole=algorithms.ceiling_on(version, day, "year"),
    )


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _unpaid(institution: Institution) -> Iterator[Attendance]:
    """Yield the attendances at meetings that are over and for which there is no claim, in the order of the meetings."""
    present = Attendance.objects.filter(
        meeting__cycle__institution=institution, meeting__ends_at__lte=clock.now(), presence=Presence.PRESENT,
        member__user__isnull=False,
    )  # fmt: skip
    paid = Claim.objects.filter(institution=institution, meeting__isnull=False).values("meeting", "member")
    done = {(row["meeting"], row["member"]) for row in paid}
    ordered = present.select_related("meeting__cycle__rule_book", "member__cycle__institution")
    for each in ordered.order_by("meeting__starts_at", "meeting__pk", "member__number"):
        if (each.meeting_id, each.member_id) not in done:
            yield each


def _compute(actor: Actor, attendance: Attendance, own_cents: int | None, found: Computed) -> None:
    member, meeting = attendance.member, attendance.meeting
    version = meeting.cycle.rule_book  # who stays in a body that rotates was drawn under an older one
    scheme = algorithms.scheme_of(version)
    if scheme is None:
        raise NoScheme
    if scheme == Scheme.COSTS:
        return
    day = clock.day_of(meeting.starts_at, member.cycle.institution.time_zone)
    rate = _rate(version, day, own_cents)
    if rate.per == "day" and Claim.objects.filter(member=member, day=day, per="day").exists():
        return
    due = rate.cents * algorithms.units(rate.per, meeting.ends_at - meeting.starts_at)
    given = money.Granted(due, "")
    if scheme == Scheme.VOLUNTEER:
        _lock(member)
        declared = _declared(member, day.year)
        if declared is None:
            found.undeclared.append(member.number)
            return
        given = _granted(member, version, day, due, declared)
    if given.cents == 0:
        found.stopped.append(member.number)
        return
    claim = _claim(
        actor, member, version, scheme=scheme, day=day, meeting=meeting, per=rate.per, due_cents=due, cents=given.cents,
        rule=rate.rule, cut_rule=given.cut_rule,
    )  # fmt: skip
    named = algorithms.grounds(claim)
    found.paid_by.add(named["amount"])
    if "cut" in named:
        found.cut_by.add(named["cut"])
    found.made += 1
    found.cut += bool(given.cut_rule)


def _rate(version: RuleBookVersion, day: date, own_cents: int | None) -> algorithms.Rate:
    rate = algorithms.rate_on(version, day)
    if rate is not None:
        if own_cents is not None:
            raise AmountIsSet
        return rate
    if own_cents is None or not 0 < own_cents <= money.MOST:
        raise NoAmount
    return algorithms.Rate(own_cents, "day", "")


def _granted(member: Member, version: RuleBookVersion, day: date, due: int, declared: int) -> money.Granted:
    so_far = Claim.objects.under_ceilings(member.user_id or 0, day.year)
    return money.granted(
        due,
        day_so_far=so_far.cents_on(day),
        year_so_far=so_far.cents() + declared,
        day=algorithms.ceiling_on(version, day, "day"),
        year=algorithms.ceiling_on(version, day, "year"),
    )


def _require_room(claim: Claim) -> None:
    member, day = claim.member, claim.day
    _lock(member)
    declared = _declared(member, day.year)
    if declared is None:
        raise DeclarationMissing
    others = Claim.objects.under_ceilings(member.user_id or 0, day.year).exclude(pk=claim.pk)
    allowed = money.granted(
        claim.cents,
        day_so_far=others.cents_on(day),
        year_so_far=others.cents() + declared,
        day=algorithms.ceiling_on(claim.rule_book, day, "day"),
        year=algorithms.ceiling_on(claim.rule_book, day, "year"),
    )
    if allowed.cents < claim.cents:
        raise CeilingReached


def _claim(actor: Actor, member: Member, version: RuleBookVersion, **facts: Any) -> Claim:
    institution = member.cycle.institution
    Institution.objects.select_for_update().get(pk=institution.pk)
    claim = Claim(
        institution=institution, number=institution.claims.count() + 1, member=member, rule_book=version,
        made_at=clock.now(), made_by=required(actor.user), **facts,
    )  # fmt: skip
    claim.full_clean()
    claim.save()
    return claim


def _listed(rules: set[str]) -> str:
    return "; ".join(sorted(rules))


def _waiting(actor: Actor, claim: Claim) -> Claim:
    claim = Claim.objects.locked(claim.pk)
    if claim.status != ClaimStatus.CLAIMED:
        raise NotClaimed
    if claim.made_by_id == required(actor.user).pk:
        raise SamePerson
    return claim


def _decide(claim: Claim, actor: Actor, status: ClaimStatus) -> None:
    claim.status, claim.decided_at, claim.decided_by = status, clock.now(), actor.user
    claim.save(update_fields=["status", "decided_at", "decided_by", "refusal"])


def _lock(member: Member) -> User:
    """Let one act at a time look at what a person gets, in whatever institution."""
    return User.objects.select_for_update().get(pk=member.user_id or 0)


def _declared(member: Member, year: int) -> int | None:
    """Return the newest sum that the person declared for a year, in whatever institution she did it."""
    found = Declaration.objects.filter(member__user=member.user_id, year=year).order_by("-pk").first()
    return None if found is None else found.elsewhere_cents


def _rule_book_on(member: Member, day: date) -> RuleBookVersion:
    """Return the rule book of the cycle whose meeting she was at nearest to a day; of hers where she was at none."""
    zone = member.cycle.institution.time_zone
    present = Attendance.objects.filter(member=member, presence=Presence.PRESENT)
    nearest = min(
        (each.meeting for each in present.select_related("meeting__cycle__rule_book")),
        key=lambda meeting: abs(clock.day_of(meeting.starts_at, zone) - day),
        default=None,
    )
    return (nearest or member).cycle.rule_book


def _served(member: Member) -> Iterator[date]:
    """Yield the days of the meetings at which a member was."""
    zone = member.cycle.institution.time_zone
    present = Attendance.objects.filter(member=member, presence=Presence.PRESENT).select_related("meeting")
    for each in present:
        yield clock.day_of(each.meeting.starts_at, zone)


def _kind_of(receipt: bytes) -> str:
    if 0 < len(receipt) <= LARGEST_RECEIPT:
        for beginning, ending in KINDS_OF_RECEIPTS.items():
            if receipt.startswith(beginning):
                return ending
    raise ReceiptWrong
