"""Place cards and lists of tables on paper: large type, names as members wish to be called, their languages."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst
from django.conf.locale import LANG_INFO
from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import policies
from isegoria_web.meetings.errors import NameMissing, NobodySits, NoTables
from isegoria_web.meetings.models import Meeting, PlaceCard, TablePlan
from isegoria_web.meetings.on_the_day import expected_at
from isegoria_web.meetings.people import Person, Sign, appointees_at, people_at, sign_of
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.translated import in_language


def change_card(*, actor: Actor, member: Member, name: str, languages: str) -> PlaceCard:
    """Write down how a member wishes to be called in the room, and the languages that stand below.

    Raises
    ------
    NameMissing
        If there is no name.
    """
    require(policies.may_change_card(actor, member))
    if not name.strip():
        raise NameMissing
    with transaction.atomic():
        card, _created = PlaceCard.objects.update_or_create(
            member=member, defaults={"name": name.strip(), "languages": languages.strip()}
        )
        record(
            actor=actor, institution=member.cycle.institution, action=Action.PLACE_CARD_CHANGED,
            subject=member.cycle, facts={"cycle": member.cycle.number},
        )  # fmt: skip
        return card


def called(member: Member) -> str:
    """Return how she is called in the room: as she wishes, else her public name, else her first one; empty once erased.

    The list of members that asks for many of them joins `respondent` and `place_card`.
    """
    card = getattr(member, "place_card", None)
    if (
        card is not None and card.pk is not None
    ):  # Django remembers one that was made for showing alone, too
        return str(card.name)
    family, comma, given = member.respondent.name.partition(",")
    words = (given if comma else family).split()
    return member.public_name or (words[0] if words else "")


def card_of(member: Member) -> PlaceCard:
    """Return her card; until she wishes otherwise the name by which she is called, and the language of her letters."""
    kept = PlaceCard.objects.filter(member=member).first()
    if kept is not None:
        return kept
    name = called(member) or _("Member %(number)d") % {"number": member.number}
    spoken = str(LANG_INFO.get(member.respondent.language, {}).get("name_local", ""))
    return PlaceCard(member=member, name=name[:40], languages=spoken.capitalize())


def name_in_room(person: Person) -> str:
    """Return what stands on the card of somebody: a citizen's as she wishes, an appointee's public name."""
    return person.name if isinstance(person, Appointee) else card_of(person).name


def cards_pdf(meeting: Meeting) -> bytes:
    """Return place cards to fold, two a page; under the name of an appointee stands her party.

    Raises
    ------
    NobodySits
        If nobody holds a seat on that day.
    """
    members = expected_at(meeting)
    if not members:
        raise NobodySits
    cards = [
        {"name": card.name, "languages": card.languages, "number": str(card.member.number)}
        for card in map(card_of, members)
    ]
    cards += [{"name": one.name, "languages": one.group, "number": ""} for one in appointees_at(meeting)]
    return _typeset("cards.typ", _head(meeting) | {"cards": cards, "title": _("Place cards")})


def lists_pdf(meeting: Meeting) -> bytes:
    """Return the lists for the door: everybody by name with her tables, then each round table by table.

    Raises
    ------
    NoTables
        If none are planned.
    """
    plan = TablePlan.objects.filter(meeting=meeting).first()
    if plan is None:
        raise NoTables
    rounds: list[dict[str, Any]] = []
    where: dict[Sign, dict[int, int]] = {}
    names: dict[Sign, str] = {}
    tables = plan.tables.select_related("facilitator", "item").prefetch_related(
        "members__respondent", "appointees"
    )
    for table in tables.order_by("round", "number"):
        seated = people_at(table)
        for one in seated:
            if sign_of(one) not in names:
                names[sign_of(one)] = name_in_room(one)
            where.setdefault(sign_of(one), {})[table.round] = table.number
        if not rounds or rounds[-1]["number"] != table.round:
            rounds.append(
                {
                    "number": table.round,
                    "name": _("Round %(number)d") % {"number": table.round},
                    "tables": [],
                }
            )
        rounds[-1]["tables"].append({
            "name": _("Table %(number)d") % {"number": table.number},
            "facilitator": table.facilitator.name if table.facilitator else "",
            "item": in_language(table.item.title) if table.item else "",
            "members": [[_number(sign_of(one)), names[sign_of(one)]] for one in seated],
        })  # fmt: skip
    numbers = [each["number"] for each in rounds]
    people = [
        [names[who], _number(who), *(str(where[who].get(each, "–")) for each in numbers)]
        for who in sorted(names, key=lambda who: (names[who].casefold(), _number(who), str(who)))
    ]
    words = {
        "title": _("Where do I sit?"),
        "head": [_("Name"), _("Number"), *(each["name"] for each in rounds)],
        "people": people,
        "rounds": rounds,
    }
    return _typeset("lists.typ", _head(meeting) | words)


def _number(who: Sign) -> str:
    """Return the number of a citizen; an appointee has none, and is known by her name."""
    return str(who) if isinstance(who, int) else ""


def _head(meeting: Meeting) -> dict[str, Any]:
    institution = meeting.cycle.institution
    return {
        "lang": (get_language() or "en")[:2],
        "institution": in_language(institution.name),
        "accent": institution.accent,
        "meeting": in_language(meeting.title),
        "when": date_format(localtime(meeting.starts_at), "DATETIME_FORMAT"),
    }


def _typeset(template: str, data: dict[str, Any]) -> bytes:
    source = files("isegoria_web.meetings").joinpath(template).read_bytes()
    document: bytes = typst.compile(source, sys_inputs={"data": json.dumps(data)}, format="pdf")
    return document


def erase_cards_of(user: int) -> None:
    """Erase the card of a person whose account is erased."""
    PlaceCard.objects.filter(member__user=user).delete()
