"""Under which name a member stands in public: by her own wish alone, and under none where the rule book says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership import policies
from isegoria_web.membership.algorithms import names_ground, names_withheld
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.errors import (
    NamesWithheld,
    NotAName,
    PublicNameMissing,
    PublicNameTaken,
    PublicNameTooLong,
    PublicNameUnwritable,
)
from isegoria_web.membership.models import Appointee, Member, SeatDecision, Term
from isegoria_web.recruitment.duplicates import name_key

LONGEST = 100
"""Signs in a public name."""
DIGITS = 5
"""So many figures make a number of something, not a name."""
MARKS = 3
"""So many accents on one letter are the most that are written anywhere; more run over the lines of other people."""
_JOINERS = {"\u200c", "\u200d"}
"""Invisible signs that Persian, Hindi and others are written with. What turns the direction of reading is not among them."""
_UNWRITABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_ADDRESS = re.compile(r"@|[\[(]\s*at\s*[\])]|://|\bwww\.|[^\s.]{2,}\.[a-z]{2,}$", re.IGNORECASE)


def show_name(*, actor: Actor, member: Member, name: str) -> Member:
    """Show a member in public under a name that she chooses, from now on; the journal names neither her nor her number.

    The same name once more changes nothing, and another one takes the place of the first.

    Raises
    ------
    NamesWithheld
        If the rule book of her cycle lets nobody be named.
    PublicNameMissing, PublicNameTooLong, PublicNameUnwritable, NotAName
        If it cannot be shown, or is an address or a number and no name.
    PublicNameTaken
        If it is somebody else's: nobody can name another person, or pass for her.
    """
    require(policies.may_show_name(actor, member))
    with transaction.atomic():
        member = _locked(member)
        cycle = member.cycle
        withheld = names_withheld(cycle.rule_book, cycle.body.key)
        if withheld is not None:
            raise NamesWithheld.by(withheld[1])
        name = _written(name)
        if _is_of_another(name, member):
            raise PublicNameTaken
        if name == member.public_name:
            return member
        member.public_name, member.named_at = name, clock.now()
        member.save(update_fields=["public_name", "named_at"])
        _record(actor, member, Action.NAME_SHOWN)
        return member


def withdraw_name(*, actor: Actor, member: Member) -> Member:
    """Make a member a number again, from now on and on every day; the name is deleted. Twice changes nothing."""
    require(policies.may_withdraw_name(actor, member))
    with transaction.atomic():
        member = _locked(member)
        if not member.public_name:
            return member
        member.public_name, member.named_at = "", None
        member.save(update_fields=["public_name", "named_at"])
        _record(actor, member, Action.NAME_WITHDRAWN)
        return member


def names_in_public(members: Iterable[Member]) -> dict[int, str]:
    """Return the names that may be shown, by key of the member; whoever is missing is a number.

    This alone decides it, for every page and file. A name is shown where its bearer agreed to it, the rule book of her
    cycle does not forbid it, and nobody else decided about her seat: the history of the seats says publicly who was
    suspended or excluded, and to that she did not agree. The members need their cycle with body and rule book.
    """
    wished = {
        each.pk: each.public_name
        for each in members
        if each.public_name
        and each.named_at is not None
        and names_withheld(each.cycle.rule_book, each.cycle.body.key) is None
    }
    if not wished:
        return {}
    decided = SeatDecision.objects.by_others().filter(term__member__in=wished)
    for key in set(decided.values_list("term__member", flat=True)):
        del wished[key]
    return wished


def _locked(member: Member) -> Member:
    Member.objects.select_for_update().get(pk=member.pk)
    joined = Member.objects.select_related(
        "cycle__institution", "cycle__body", "cycle__rule_book", "respondent"
    )
    return joined.get(pk=member.pk)


def _record(actor: Actor, member: Member, action: Action) -> None:
    cycle = member.cycle
    record(
        actor=actor, institution=cycle.institution, action=action, subject=cycle,
        facts={"cycle": cycle.number, "rule": names_ground(cycle.rule_book, cycle.body.key)},
    )  # fmt: skip


def _written(name: str) -> str:
    """Return a name as it is kept, in one normal form and without stray blanks; refuse what is none."""
    normal = unicodedata.normalize("NFC", name).strip()
    if not normal:
        raise PublicNameMissing
    unwritable = {each for each in normal if unicodedata.category(each) in _UNWRITABLE} - _JOINERS
    if unwritable:
        raise PublicNameUnwritable.of(unwritable)
    normal = " ".join(normal.split())
    if len(normal) > LONGEST:
        raise PublicNameTooLong.than(LONGEST)
    plain = unicodedata.normalize("NFKC", normal)
    letters = any(each.isalpha() for each in plain)
    figures = sum(each.isdecimal() for each in plain)
    if not letters or figures >= DIGITS or _ADDRESS.search(plain) or _overloaded(normal):
        raise NotAName
    return normal


def _overloaded(name: str) -> bool:
    marks = 0
    for each in name:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks > MARKS:
            return True
    return False


def _is_of_another(name: str, member: Member) -> bool:
    """Whether a name is another one's of the same body, and not by chance her own as well.

    Asked are the names of those whom she meets in the room, and those that are public: a refusal tells her of nobody else.
    """
    key, body = _key(name), member.cycle.body
    if key == _key(member.respondent.name):
        return False
    others = Member.objects.filter(cycle__body=body).exclude(user=member.user_id)
    seats = Term.objects.held().filter(
        Q(member__cycle=member.cycle) | Q(status=TermStatus.ACTIVE), seat__body=body
    )
    taken = [
        *others.filter(pk__in=seats.values("member")).values_list("respondent__name", flat=True),
        *others.values_list("public_name", flat=True),
        *Appointee.objects.filter(cycle__body=body).values_list("name", flat=True),
    ]
    return key in {_key(each) for each in taken if each}


def _key(name: str) -> str:
    return name_key("".join(each for each in name if each not in _JOINERS))
