"""Signatures: counted in public as a number alone, each person once, and erased on their date with a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.consultation import algorithms, identity, policies
from isegoria_web.consultation.enums import Channel, ThemeStatus
from isegoria_web.consultation.errors import (
    NoSuchSignature,
    NotCollecting,
    PaperListWrong,
    SignatoryIncomplete,
    TooYoung,
)
from isegoria_web.consultation.models import Pending, Proposer, Signatory, Signature, Theme
from isegoria_web.errors import require
from isegoria_web.institutions.algorithms import ground
from isegoria_web.institutions.status import require_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record

LONGEST_NAME, LONGEST_POSTCODE = 150, 12
PEOPLE_AN_ADDRESS = 2
"""How many people can confirm with one mail address: couples share one; a program could invent names for ever."""
PARTS_OF_A_LINE = 3


@dataclass(frozen=True)
class Person:
    """Who signs."""

    name: str
    born: date
    postcode: str
    email: str = ""

    def cleaned(self) -> Person:
        """Return her without stray blanks.

        Raises
        ------
        SignatoryIncomplete
            If a part is missing or too long, or the name has fewer than two letters.
        """
        name = " ".join(identity.clean(self.name).split())
        postcode = " ".join(identity.clean(self.postcode).split()).upper()
        fits = len(name) <= LONGEST_NAME and 0 < len(postcode) <= LONGEST_POSTCODE
        if len(identity.same_name(name)) < 2 or not fits or self.born >= clock.now().date():  # noqa: PLR2004
            raise SignatoryIncomplete
        return Person(name, self.born, postcode, self.email.strip())


def require_open(theme: Theme) -> None:
    """Refuse a theme that cannot be signed today.

    Raises
    ------
    NotCollecting
        If it is not admitted, was decided, or its last day is over.
    """
    today = clock.today(theme.institution.time_zone)
    if not Theme.objects.open_to_sign(today).filter(pk=theme.pk).exists():
        raise NotCollecting


def require_to_sign(theme: Theme) -> None:
    """Refuse a signature where none can be added; one can be taken out also while the institution is suspended.

    Raises
    ------
    NotAtWork, NotCollecting
        If the institution begins nothing, or the theme is not open.
    """
    require_at_work(theme.institution)
    require_open(theme)


def require_age(theme: Theme, person: Person) -> None:
    """Refuse whoever is younger than the rule book asks; where it is silent, everybody signs.

    Raises
    ------
    TooYoung
        If she is.
    """
    least = algorithms.age_to_sign(theme.rule_book)
    if (
        least is not None
        and algorithms.age_on(person.born, clock.today(theme.institution.time_zone)) < least
    ):
        raise TooYoung


def count(*, theme: Theme, person: Person) -> Theme:
    """Count a signature that was confirmed by mail; a second one of the same person changes nothing.

    No entry in the journal: its time would tell who signed. The number is written there when it reaches what is
    needed, on the last day, and at the erasure.

    Raises
    ------
    NotCollecting, TooYoung
        If it can no longer count.
    """
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        require_to_sign(theme)
        require_age(theme, person)
        address = identity.address_key(person.email)
        shared = theme.signatures.filter(address_key=address).count()
        if shared < PEOPLE_AN_ADDRESS and _add(theme, person, Channel.WEB, address):
            _number_changed(theme, Actor.citizen(""))
        return theme


def read_paper(*, theme: Theme, text: str) -> list[Person]:
    """Return the people of a typed list: one a line, name; date of birth (2001-12-31 or 31/12/2001); postcode.

    Raises
    ------
    PaperListWrong
        With every line that cannot be read.
    """
    people, wrong = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            person = _person_of(line).cleaned()
            require_age(theme, person)
            people.append(person)
        except (ValueError, SignatoryIncomplete):
            wrong.append(_("line %(number)d cannot be read") % {"number": number})
        except TooYoung:
            wrong.append(_("line %(number)d: too young") % {"number": number})
    if wrong or not people:
        listed = ", ".join(str(each) for each in wrong[:20]) or str(_("the list is empty"))
        raise PaperListWrong(_("Nothing was entered: %(lines)s.") % {"lines": listed})
    return people


@dataclass(frozen=True)
class Entered:
    """What became of a paper list."""

    counted: int
    twice: int


def enter_paper(*, actor: Actor, theme: Theme, people: Sequence[Person]) -> Entered:
    """Count the signatures of a paper list; who stands on it twice, or signed before, counts once.

    Raises
    ------
    NotCollecting
        If the last day is over; nothing is entered.
    """
    require(policies.may_enter_paper(actor, theme.institution))
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        require_to_sign(theme)
        counted = sum(_add(theme, person, Channel.PAPER, "", actor) for person in people)
        record(
            actor=actor, institution=theme.institution, action=Action.SIGNATURES_ENTERED, subject=theme,
            facts={"theme": theme.number, "counted": counted, "twice": len(people) - counted},
        )  # fmt: skip
        _number_changed(theme, actor)
        return Entered(counted, len(people) - counted)


def withdraw(*, actor: Actor, theme: Theme, name: str, born: date) -> Theme:
    """Take out the signature of somebody who asks for it, or who never gave it; what is known of her goes with it.

    A theme that had found enough signatures, and now has too few while they can still be given, collects again.

    Raises
    ------
    NotCollecting
        Once the theme was decided or its last day is over: the list was handed on.
    NoSuchSignature
        If she did not sign.
    """
    require(policies.may_enter_paper(actor, theme.institution))
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        require_open(theme)
        found = theme.signatures.filter(key=identity.person_key(theme, name, born))
        if not found.exists():
            raise NoSuchSignature
        found.delete()  # and with it who she is
        theme.signed = theme.signatures.count()
        if theme.status == ThemeStatus.SUPPORTED and theme.signed < theme.threshold:
            theme.status, theme.supported_at = ThemeStatus.COLLECTING, None
        theme.save(update_fields=["signed", "status", "supported_at"])
        record(
            actor=actor, institution=theme.institution, action=Action.SIGNATURE_WITHDRAWN, subject=theme,
            facts={"theme": theme.number, "signatures": theme.signed},
        )  # fmt: skip
        return theme


def signatories_of(*, actor: Actor, theme: Theme) -> list[Signatory]:
    """Return who signed, for the authority that checks the list; that somebody read it stands in the journal.

    In the order of their names: not in the order in which they signed.
    """
    require(policies.may_read_signatories(actor, theme.institution))
    with transaction.atomic():
        found = list(
            Signatory.objects.filter(signature__theme=theme)
            .select_related("signature")
            .order_by("name", "birth_date")
        )
        record(
            actor=actor, institution=theme.institution, action=Action.SIGNATORIES_READ, subject=theme,
            facts={"theme": theme.number, "signatories": len(found)},
        )  # fmt: skip
        return found


def close_overdue(*, actor: Actor) -> int:
    """End the collection of every theme whose last day is over without enough signatures; returns how many."""
    require(policies.may_tend_signatures(actor))
    ended = 0
    for theme in Theme.objects.filter(status=ThemeStatus.COLLECTING).select_related("institution"):
        ended += _close(actor, theme)
    return ended


def erase_due(*, actor: Actor) -> int:
    """Erase who signed and who proposed, on the day that the rules say; the count stays. Returns how many people.

    The entry in the journal is the certificate: how many were erased, how many are left (none), and by which rule.
    """
    require(policies.may_tend_signatures(actor))
    erased = 0
    for theme in Theme.objects.filter(erased_at__isnull=True, erase_on__isnull=False).select_related(
        "institution"
    ):
        if theme.erase_on is not None and theme.erase_on <= clock.today(theme.institution.time_zone):
            erased += _erase(actor, theme)
    return erased


# -- the parts of the verbs ------------------------------------------------------------------------------------


def _person_of(line: str) -> Person:
    parts = [part.strip() for part in line.replace("\t", ";").split(";")]
    if len(parts) != PARTS_OF_A_LINE:
        raise ValueError(line)
    return Person(parts[0], _day(parts[1]), parts[2])


def _day(text: str) -> date:
    for sign in "/.":
        if text.count(sign) == 2:  # noqa: PLR2004
            day, month, year = text.split(sign)
            return date(int(year), int(month), int(day))
    return date.fromisoformat(text)


def _add(theme: Theme, person: Person, channel: Channel, address: str, actor: Actor | None = None) -> bool:
    """Add a signature unless she has signed; the row of the theme is locked."""
    key = identity.person_key(theme, person.name, person.born)
    if theme.signatures.filter(key=key).exists():
        return False
    signature = Signature.objects.create(
        theme=theme, key=key, address_key=address, channel=channel,
        signed_on=clock.today(theme.institution.time_zone), entered_by=actor.user if actor else None,
    )  # fmt: skip
    Signatory.objects.create(
        signature=signature, name=person.name, birth_date=person.born, postcode=person.postcode,
        email=person.email,
    )  # fmt: skip
    return True


def _number_changed(theme: Theme, actor: Actor) -> None:
    theme.signed = theme.signatures.count()
    reached = theme.status == ThemeStatus.COLLECTING and theme.signed >= theme.threshold
    if reached:
        theme.status, theme.supported_at = ThemeStatus.SUPPORTED, clock.now()
    theme.save(update_fields=["signed", "status", "supported_at"])
    if reached:
        record(
            actor=actor, institution=theme.institution, action=Action.THEME_SUPPORTED, subject=theme,
            facts={
                "theme": theme.number,
                "signatures": theme.signed,
                "needed": theme.threshold,
                "rule": theme.threshold_rule,
                "rule_book": theme.rule_book.number,
            },
        )  # fmt: skip


def _close(actor: Actor, theme: Theme) -> bool:
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        today = clock.today(theme.institution.time_zone)
        if (
            theme.status != ThemeStatus.COLLECTING
            or theme.collects_until is None
            or theme.collects_until >= today
        ):
            return False
        theme.status = ThemeStatus.EXPIRED
        theme.save(update_fields=["status"])
        record(
            actor=actor, institution=theme.institution, action=Action.THEME_EXPIRED, subject=theme,
            facts={
                "theme": theme.number,
                "signatures": theme.signed,
                "needed": theme.threshold,
                "rule": theme.threshold_rule,
                "last_day": theme.collects_until.isoformat(),
                "last_day_rule": theme.collects_rule
                or ground(theme.rule_book, "agenda.collect_months"),
                "rule_book": theme.rule_book.number,
            },
        )  # fmt: skip
        return True


def _erase(actor: Actor, theme: Theme) -> int:
    with transaction.atomic():
        theme = Theme.objects.locked(theme.pk)
        if theme.erased_at is not None:
            return 0
        signatories = Signatory.objects.filter(signature__theme=theme)
        people = signatories.count()
        signatories.delete()
        Signature.objects.filter(theme=theme).delete()
        Pending.objects.filter(theme=theme).delete()
        proposers, _per_model = Proposer.objects.filter(theme=theme).delete()
        theme.erased_at = clock.now()
        theme.save(update_fields=["erased_at"])
        record(
            actor=actor, institution=theme.institution, action=Action.SIGNATURES_ERASED, subject=theme,
            facts={
                "theme": theme.number,
                "signatures": theme.signed,
                "signatories_erased": people,
                "proposers_erased": proposers,
                "left": Signature.objects.filter(theme=theme).count(),
                "due_on": theme.erase_on.isoformat() if theme.erase_on else None,
                "rule": theme.erase_rule or "setting",
                "rule_book": theme.rule_book.number,
                **({} if theme.erase_rule else {"rules": {"due_on": ground(theme.rule_book, "agenda.signatures_kept_days")}}),
            },
        )  # fmt: skip
        return people + proposers
