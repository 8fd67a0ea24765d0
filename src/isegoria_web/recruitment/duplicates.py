"""Two answers that may come from one person: found, put side by side, and decided by somebody. None is dropped."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import algorithms, policies
from isegoria_web.recruitment.enums import DuplicateStatus, InvitationStatus, Likeness
from isegoria_web.recruitment.errors import CampaignClosed, DuplicateDecided, NotBoth
from isegoria_web.recruitment.models import Campaign, Duplicate, Invitation, Respondent

CHOSEN = ("name", "email", "phone", "language", "answers", "needs")
"""What can be taken from either answer when two become one; what else the form asked goes with the answers."""
PHONE_DIGITS = 8
"""So many last digits of two numbers agree: the code of the country is written in many ways."""


def name_key(name: str) -> str:
    """Return a name without case, accents, punctuation and order of its parts."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", name.casefold())
        if not unicodedata.combining(character)
    )
    return " ".join(sorted(re.findall(r"\w+", plain)))


def likeness(first: Respondent, second: Respondent) -> Likeness | None:
    """Return why two answers may come from one person; None if nothing says so.

    The names must agree, and beside them birth date and home, the telephone number, or the e-mail address. A
    shared e-mail address or home alone says nothing: couples and parents share them.
    """
    if not first.name_key or first.name_key != second.name_key:
        return None
    homes = [_home(each.invitation) for each in (first, second)]
    if homes[0] is not None and homes[0] == homes[1]:
        return Likeness.PERSON
    phones = [re.sub(r"\D", "", each.phone)[-PHONE_DIGITS:] for each in (first, second)]
    if len(phones[0]) == PHONE_DIGITS and phones[0] == phones[1]:
        return Likeness.PHONE
    if first.email and first.email.casefold() == second.email.casefold():
        return Likeness.EMAIL
    return None


def _home(invitation: Invitation) -> tuple[object, ...] | None:
    """Return birth date and address as the register tells them; None where the register is erased."""
    person = invitation.resident
    if person is None:
        return None
    address = (person.street, person.house_number, person.postcode)
    known = algorithms.home_at(*address)
    return (person.birth_date, *([known] if known else map(name_key, address)))


def home_key(invitation: Invitation) -> str:
    """Return a keyed hash of the address that the register tells, the same for everybody who lives there; empty without one.

    However it is spelled: "14 Mill St." is "14 MILL STREET".
    """
    person = invitation.resident
    home = "" if person is None else algorithms.home_at(person.street, person.house_number, person.postcode)
    return home and salted_hmac(
        "isegoria_web.recruitment.home", home, secret=settings.PSEUDONYM_KEY, algorithm="sha256",
    ).hexdigest()  # fmt: skip


def homes_of(keys: Iterable[str]) -> list[list[int]]:
    """Return who lives together, as groups of places: of people with these keys of homes, empty where none is known."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key:
            found[key].append(place)
    return [home for home in found.values() if len(home) > 1]


def behind_the_first(people: Sequence[Respondent]) -> list[Respondent]:
    """Return who of some people lives with somebody among them whose letter was drawn earlier.

    The randomness of the letters, public and older than any answer, put them in that order; before it all who live together
    were equal.
    """
    found = []
    for home in homes_of(each.home_key for each in people):
        ordered = sorted((people[place] for place in home), key=_order_of_letters)
        found += ordered[1:]
    return found


def _order_of_letters(person: Respondent) -> tuple[int, int]:
    return person.invitation.campaign_id, person.invitation.position


def look_for(respondent: Respondent) -> list[Duplicate]:
    """Put an answer that has just come in beside those that are like it; part of taking it."""
    campaign = respondent.invitation.campaign_id
    others = Respondent.objects.willing().filter(
        invitation__campaign=campaign, name_key=respondent.name_key
    )
    found = others.exclude(pk=respondent.pk).select_related("invitation__resident")
    return _put_side_by_side((respondent, other) for other in found)


def look_for_all(campaign: Campaign) -> list[Duplicate]:
    """Put all answers of a campaign that are like each other side by side, also two that came in at one moment."""
    named: dict[str, list[Respondent]] = defaultdict(list)
    willing = Respondent.objects.willing().filter(invitation__campaign=campaign).exclude(name_key="")
    for each in willing.select_related("invitation__resident").order_by("invitation__position"):
        named[each.name_key].append(each)
    return _put_side_by_side(pair for alike in named.values() for pair in combinations(alike, 2))


def _put_side_by_side(pairs: Iterable[tuple[Respondent, Respondent]]) -> list[Duplicate]:
    made = []
    for one, other in pairs:
        reason = likeness(one, other)
        if reason is None:
            continue
        first, second = sorted((one.invitation, other.invitation), key=lambda letter: letter.pk)
        duplicate, is_new = Duplicate.objects.get_or_create(
            first=first,
            second=second,
            defaults={"campaign_id": first.campaign_id, "likeness": reason, "found_at": clock.now()},
        )
        if is_new:
            made.append(duplicate)
    return made


def keep_both(*, actor: Actor, duplicate: Duplicate) -> Duplicate:
    """Decide that two answers come from two people.

    Raises
    ------
    DuplicateDecided
        If somebody has decided.
    """
    require(policies.may_run_campaign(actor, duplicate.campaign))
    with transaction.atomic():
        duplicate = _locked(duplicate)
        return _decide(actor, duplicate, DuplicateStatus.TWO_PEOPLE)


def merge(
    *, actor: Actor, duplicate: Duplicate, keep: Invitation, taken: Mapping[str, Invitation]
) -> Duplicate:
    """Make one answer of two that come from one person, so that she stands in the pool once.

    Parameters
    ----------
    keep
        The letter under which the answer stays; the code of the other one opens nothing any more.
    taken
        For each part of `CHOSEN`, from which of the two letters it is taken; from `keep` where a part is not named.

    Raises
    ------
    DuplicateDecided
        If somebody has decided.
    CampaignClosed
        If the pool is frozen.
    NotBoth
        If one of the two no longer says yes, or a letter is none of the two.
    """
    require(policies.may_run_campaign(actor, duplicate.campaign))
    with transaction.atomic():
        duplicate = _locked(duplicate)
        if duplicate.campaign.closed_at is not None:
            raise CampaignClosed
        letters = {duplicate.first_id, duplicate.second_id}
        people = {
            each.invitation_id: each
            for each in Respondent.objects.willing()
            .filter(invitation__in=letters)
            .select_related("invitation")
        }
        chosen = {part: taken.get(part, keep).pk for part in CHOSEN}
        if set(people) != letters or not {keep.pk, *chosen.values()} <= letters:
            raise NotBoth
        stays, goes = people.pop(keep.pk), people.popitem()[1]
        both = {stays.invitation_id: stays, goes.invitation_id: goes}
        parts = {part: getattr(both[letter], part) for part, letter in chosen.items()}
        for part, value in parts.items():
            setattr(stays, part, value)
        told = both[chosen["answers"]]
        stays.details, stays.consents = told.details, told.consents
        stays.name_key = name_key(stays.name)
        stays.full_clean()
        stays.save()
        other = goes.invitation
        goes.delete()
        other.status, other.answered_at, other.secret_hash = InvitationStatus.MERGED, None, ""
        other.save(update_fields=["status", "answered_at", "secret_hash"])
        return _decide(actor, duplicate, DuplicateStatus.MERGED)


def open_of(campaign: Campaign) -> list[Duplicate]:
    """Return what waits for a decision: pairs of which both still say yes."""
    found = Duplicate.objects.filter(
        campaign=campaign,
        status=DuplicateStatus.OPEN,
        first__status=InvitationStatus.YES,
        second__status=InvitationStatus.YES,
    )
    return list(found.select_related("first__respondent", "second__respondent").order_by("found_at", "pk"))


def _locked(duplicate: Duplicate) -> Duplicate:
    Campaign.objects.select_for_update().get(pk=duplicate.campaign_id)
    Duplicate.objects.select_for_update().get(pk=duplicate.pk)
    found = Duplicate.objects.select_related("campaign__cycle__institution", "campaign__draw").get(
        pk=duplicate.pk
    )
    if found.status != DuplicateStatus.OPEN:
        raise DuplicateDecided
    return found


def _decide(actor: Actor, duplicate: Duplicate, status: DuplicateStatus) -> Duplicate:
    duplicate.status, duplicate.decided_at, duplicate.decided_by = status, clock.now(), actor.user
    duplicate.save(update_fields=["status", "decided_at", "decided_by"])
    record(
        actor=actor, institution=duplicate.campaign.cycle.institution, action=Action.DUPLICATE_DECIDED,
        subject=duplicate.campaign.draw,
        facts={"likeness": duplicate.likeness, "decision": status.value},
    )  # fmt: skip
    return duplicate
