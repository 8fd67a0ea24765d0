"""The letters as data: what each says to whom, to be typeset."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.errors import Conflict
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import letter_languages
from isegoria_web.recruitment.codes import Code
from isegoria_web.recruitment.letter_languages import QUESTION, Reading
from isegoria_web.recruitment.letter_text import PARTS, Parts, blocks_of
from isegoria_web.recruitment.models import Campaign, LetterText, Wave
from isegoria_web.recruitment.staying import seats_to_draw
from isegoria_web.register.models import Resident

EXAMPLES = {
    "nl": ("Marieke Jansen", "Voorbeeldstraat 12", "1234 AB Voorbeeld"),
    "fr": ("Camille Exemple", "12 rue de l’Exemple", "4700 Exemple"),
    "de": ("Anna Muster", "Musterstraße 12", "4700 Musterstadt"),
    "en": ("Alex Sample", "12 Sample Street", "4700 Sampletown"),
}
"""Made-up people, for the preview."""
UNKNOWN = "…"
"""A number that is not known before the draw."""
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
EXAMPLE_CODE = Code("ABCDEF", "GHJKMNPQR")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: its number in its file, to whom, and its code."""

    sequence: str
    name: str
    street: str
    city: str
    code: str


def letter_to(resident: Resident, sequence: str, code: Code) -> Letter:
    """Return the letter to a resident."""
    return Letter(
        sequence=sequence,
        name=f"{resident.given_name} {resident.family_name}",
        street=f"{resident.street} {resident.house_number}",
        city=f"{resident.postcode} {resident.municipality_name}",
        code=str(code),
    )


def example(language: str) -> Letter:
    """Return a letter to a made-up person."""
    name, street, city = EXAMPLES.get(language, EXAMPLES["en"])
    return Letter("1-001-0001", name, street, city, str(EXAMPLE_CODE))


def as_data(
    wave: Wave,
    language: str,
    parts: Parts,
    logo: LetterText | None,
    letters: Sequence[Letter],
    *,
    moment: datetime,
) -> bytes:
    """Return what typesetting needs of some letters in one language, as JSON that is the same every time.

    Parameters
    ----------
    logo
        The text whose picture stands at the head.
    moment
        The date of the letters and of the file.
    """
    return _encoded(
        wave.campaign.cycle, language, parts, logo, letters, fields_of(wave, language, moment), moment,
        one_page=True,
    )  # fmt: skip


def preview_data(
    cycle: Cycle, language: str, parts: Parts, logo: LetterText | None, *, one_page: bool = True
) -> bytes:
    """Return what a letter to a made-up person needs, as the cycle stands now.

    Parameters
    ----------
    one_page
        Whether a text that is too long is refused.
    """
    now = clock.now()
    campaign = Campaign.objects.filter(cycle=cycle).current().select_related("draw__record").first()
    seats = None if campaign else _seats_planned(cycle)
    fields = _fields(cycle, campaign, None, language, now, seats)
    return _encoded(cycle, language, parts, logo, [example(language)], fields, now, one_page=one_page)


def _seats_planned(cycle: Cycle) -> int | None:
    """Return how many people the draw would pick today; None where the day of the rotation is yet to be planned."""
    try:
        return seats_to_draw(cycle)
    except Conflict:
        return None


def fields_of(wave: Wave, language: str, moment: datetime) -> dict[str, str]:
    """Return what the fields of a letter become that are the same for everybody."""
    return _fields(wave.campaign.cycle, wave.campaign, wave, language, moment)


def _fields(
    cycle: Cycle,
    campaign: Campaign | None,
    wave: Wave | None,
    language: str,
    moment: datetime,
    seats: int | None = None,
) -> dict[str, str]:
    institution, read = cycle.institution, letter_languages.reading(cycle, language)
    zone = ZoneInfo(institution.time_zone)
    with translation.override(read.fixed):
        check = reverse(
            "public:draw", args=[institution.slug, cycle.number, campaign.draw.number if campaign else 1]
        )
    with translation.override(language):
        drawn_at = wave.drawn_at if wave else (campaign and campaign.draw.drawn_at) or moment
        reply_by = wave.reply_by if wave else campaign.answers_until if campaign else moment
        letters = _letters_so_far(campaign, wave) if campaign else 0
        fields = {
            "question": read.text(cycle.question, QUESTION)[0],
            "reply_by": date_format(reply_by, "DATE_FORMAT"),
            "link": _bare(_address(cycle, read)),
            "phone": institution.contact_phone,
            "institution": read.text(institution.name)[0],
            "letters": str(letters or UNKNOWN),
            "eligible": str(_eligible(campaign) or UNKNOWN),
            "age": str(campaign.age_min if campaign else 16),
            "seats": str(campaign.seats_drawn if campaign else seats or UNKNOWN),
            "drawn_on": date_format(drawn_at.astimezone(zone), "DATE_FORMAT"),
            "date": date_format(moment.astimezone(zone), "DATE_FORMAT"),
            "check_link": _bare(settings.BASE_URL + check),
        }
    return {name: _apart(value, read) for name, value in fields.items()}


def _apart(words: str, read: Reading) -> str:
    """Return words that keep their own direction among words that run from right to left."""
    return f"{_ISOLATE}{words}{_END_OF_ISOLATE}" if read.direction == "rtl" and words else words


def _letters_so_far(campaign: Campaign, wave: Wave | None) -> int:
    if wave is None:
        return campaign.letters
    return sum(each.letters for each in campaign.waves.all() if each.number <= wave.number)


def _eligible(campaign: Campaign | None) -> int:
    if campaign is None or not hasattr(campaign.draw, "record"):
        return 0
    strata = campaign.draw.record.commitment.get("register", {}).get("strata", [])
    return sum(stratum["eligible"] for stratum in strata)


def _address(cycle: Cycle, read: Reading) -> str:
    with translation.override(read.fixed):
        return settings.BASE_URL + reverse("answer:code", args=[cycle.institution.slug])


def _bare(address: str) -> str:
    return address.split("//", 1)[-1]


def _encoded(
    cycle: Cycle,
    language: str,
    parts: Parts,
    logo: LetterText | None,
    letters: Sequence[Letter],
    fields: dict[str, str],
    moment: datetime,
    *,
    one_page: bool,
) -> bytes:
    read = letter_languages.reading(cycle, language)
    institution = read.text(cycle.institution.name)[0]
    text = {part: blocks_of(parts[part]) for part in PARTS}
    data: dict[str, Any] = {
        "title": institution,
        "author": institution,
        "sender": institution,
        "accent": cycle.institution.accent,
        "language": language,
        "direction": read.direction,
        "moment": moment.replace(microsecond=0).isoformat(),
        "address": _address(cycle, read) + (f"?language={language}" if read.is_further else ""),
        "qr_alt": parts["box_title"],
        "one_page": one_page,
        "logo": {"kind": logo.logo_kind, "content": list(bytes(logo.logo))} if logo and logo.logo else None,
        "text": text,
        "fields": fields,
        "letters": [
            {
                "sequence": each.sequence, "name": each.name, "street": each.street, "city": each.city,
                "code": each.code,
            }
            for each in letters
        ],
    }  # fmt: skip
    return json.dumps(data, sort_keys=True).encode()
