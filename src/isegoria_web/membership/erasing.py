"""What is kept about members, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Max, Q

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import Grant, User
from isegoria_web.accounts.services import erase_person
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.lottery.models import PoolEntry
from isegoria_web.membership import algorithms
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.errors import StillSeated
from isegoria_web.membership.models import Member, Term
from isegoria_web.recruitment.models import Contact, Invitation, Respondent


def was_member_in(user: int, institution: int) -> bool:
    """Return whether an account was a member's in an institution."""
    return Member.objects.filter(user=user, cycle__institution=institution).exists()


def erase_members_of(user: int) -> None:
    """Erase what is kept about a member: name, address, answers, needs, code, and the salt of her pool entry.

    Number, seat and term stay: they tell nothing of a person any more. Called by the verb that erases a person.

    Raises
    ------
    StillSeated
        While she holds a seat or is offered one.
    """
    members = Member.objects.filter(user=user)
    if Term.objects.filter(member__in=members).exclude(status=TermStatus.ENDED).exists():
        raise StillSeated
    respondents = Respondent.objects.filter(member__in=members, erased_at__isnull=True)
    PoolEntry.objects.filter(respondent__in=respondents).update(salt="")
    Invitation.objects.filter(respondent__in=respondents).update(secret_hash="")
    Contact.objects.filter(invitation__respondent__in=respondents).update(note="")
    respondents.update(
        name="",
        name_key="",
        email="",
        phone="",
        answers={},
        details={},
        consents=[],
        needs=[],
        erased_at=clock.now(),
    )
    members.update(public_name="")


def erase_due_people() -> list[User]:
    """Erase everybody whose last role and last seat ended so long ago as the rules keep people; returns them.

    Who is still needed, for a draw that is not final, is erased on a later day.
    """
    erased = []
    for user, institution in _due():
        try:
            erased.append(erase_person(actor=Actor.system(), institution=institution, user=user))
        except ServiceError:  # still needed; the job comes again
            continue
    return erased


def _due() -> Iterator[tuple[User, Institution]]:
    """Yield who holds nothing any more, with the institution in which she held something last."""
    idle = User.objects.filter(erased_at__isnull=True).exclude(
        pk__in=Grant.objects.valid_now().values("user")
    )
    seated = Term.objects.exclude(status=TermStatus.ENDED).filter(member__user__isnull=False)
    held = Q(grants__isnull=False) | Q(members__isnull=False)
    for user in idle.exclude(pk__in=seated.values("member__user")).filter(held).distinct():
        ends = list(_ends(user))
        if all(clock.today(where.time_zone) >= until for until, where in ends):
            yield user, max(ends, key=lambda each: each[0])[1]


def _ends(user: User) -> Iterator[tuple[date, Institution]]:
    """Yield the day until which the person is kept, and where, for each thing that she was."""
    for grant in user.grants.filter(valid_until__isnull=False).select_related("institution"):
        if grant.valid_until is not None:
            yield algorithms.kept_until(grant.valid_until.date(), None), grant.institution
    members = Member.objects.filter(user=user).select_related("cycle__institution", "cycle__rule_book")
    for member in members.annotate(ended=Max("terms__ends_on")):
        if member.ended is not None:
            yield algorithms.kept_until(member.ended, member.cycle.rule_book), member.cycle.institution
