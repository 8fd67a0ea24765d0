"""The door to `isegoria.rulebook`: what a member gets, and the ceilings of a day and a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from isegoria.rulebook.model import Amount, Pay
from isegoria_web.allowances.enums import CostKind, Scheme
from isegoria_web.allowances.models import Claim
from isegoria_web.allowances.money import Ceiling, cents_of
from isegoria_web.institutions.algorithms import ground, rule_book_of
from isegoria_web.institutions.models import RuleBookVersion

HALF_DAY = timedelta(hours=4)
"""A meeting up to four hours is half a day; a longer one is two halves."""


@dataclass(frozen=True)
class Rate:
    """An amount with what it is paid for, and its rule."""

    cents: int
    per: str
    rule: str


def scheme_of(version: RuleBookVersion) -> Scheme | None:
    """Return under which scheme members are paid; None where the rule book is silent."""
    scheme = _pay(version).scheme
    return None if scheme is None else Scheme(scheme)


def rate_on(version: RuleBookVersion, day: date) -> Rate | None:
    """Return the amount in force on a day: the one that holds from the latest day; None where there is none."""
    found = [
        each
        for each in _pay(version).amounts
        if not each.limit and each.per != "year" and _holds(each, day)
    ]
    if not found:
        return None
    newest = max(found, key=lambda each: each.valid_from or date.min)
    return Rate(cents_of(newest.eur), newest.per, f"pay.amounts.{newest.key}.eur")


def ceiling_on(version: RuleBookVersion, day: date, per: str) -> Ceiling | None:
    """Return the lowest ceiling in force on a day, of a day or of a year; None where there is none.

    A ceiling without a first day always holds; of the dated ones the newest holds.
    """
    found = [each for each in _pay(version).amounts if each.limit and each.per == per and _holds(each, day)]
    always = [each for each in found if each.valid_from is None]
    dated = sorted(
        (each for each in found if each.valid_from is not None), key=lambda each: each.valid_from or day
    )
    in_force = [
        Ceiling(cents_of(each.eur), f"pay.amounts.{each.key}.eur") for each in (*always, *dated[-1:])
    ]
    return min(in_force, key=lambda each: each.cents, default=None)


def units(per: str, length: timedelta) -> int:
    """Return for how many units a meeting counts: halves of a day by its length, else one."""
    return 2 if per == "half_day" and length > HALF_DAY else 1


def pays_back(version: RuleBookVersion, kind: CostKind) -> str:
    """Return the rule that pays back a kind of cost; empty where none does."""
    pay = _pay(version)
    if kind == CostKind.TRAVEL and pay.travel:
        return "pay.travel"
    if kind == CostKind.CHILDCARE and pay.childcare:
        return "pay.childcare"
    return "pay.scheme" if pay.scheme == "costs" else ""


def kinds_paid_back(version: RuleBookVersion) -> list[CostKind]:
    """Return the kinds of costs that are paid back."""
    return [kind for kind in CostKind if pays_back(version, kind)]


def grounds(claim: Claim) -> dict[str, str]:
    """Return the rules behind the amount of a claim and behind what was cut, as the journal names them."""
    named = {"amount": ground(claim.rule_book, claim.rule or "pay.amounts")}
    return {**named, "cut": ground(claim.rule_book, claim.cut_rule)} if claim.cut_rule else named


def is_taxable(schemes: Iterable[str]) -> bool:
    """Return whether something of it goes onto a fiscal form."""
    return Scheme.FEE in set(schemes)


def _holds(amount: Amount, day: date) -> bool:
    return amount.valid_from is None or amount.valid_from <= day


def _pay(version: RuleBookVersion) -> Pay:
    return rule_book_of(version).pay
