"""The letters as one PDF: typeset, in each person's language, with the code and its QR square."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.recruitment.codes import Code
from isegoria_web.recruitment.models import Campaign, Invitation
from isegoria_web.translated import in_language

QR_MASK = 3
"""Fixed, because choosing the best of eight masks takes three times as long and reads no better."""


def typeset(campaign: Campaign, printed: Sequence[tuple[Invitation, Code]]) -> bytes:
    """Return the letters as one PDF, one page each, in the order in which they were drawn.

    The codes are in it in clear and nowhere else.
    """
    languages = {invitation.language for invitation, _code in printed}
    shared = {language: _shared(campaign, language) for language in languages}
    data = {
        "title": in_language(campaign.cycle.title, "en"),
        "author": in_language(campaign.cycle.institution.name, "en"),
        "accent": campaign.cycle.institution.accent,
        "letters": [
            _letter(campaign, invitation, code, shared[invitation.language]) for invitation, code in printed
        ],
    }
    template = files("isegoria_web.recruitment").joinpath("letters.typ").read_bytes()
    document: bytes = typst.compile(template, sys_inputs={"data": json.dumps(data)}, format="pdf")
    return document


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("isegoria_web.recruitment").joinpath("letters.toml").read_text("utf-8"))


def _letter(
    campaign: Campaign, invitation: Invitation, code: Code, shared: dict[str, Any]
) -> dict[str, Any]:
    resident, language = invitation.resident, invitation.language
    if resident is None:
        raise RuntimeError("the resident of a letter that waits to be printed was erased")
    name = f"{resident.given_name} {resident.family_name}"
    words = {key: text.format(name=name, **shared) for key, text in _words()[language].items()}
    return {
        **words,
        "lang": language,
        "institution": shared["institution"],
        "return_address": shared["institution"],
        "name": name,
        "street": f"{resident.street} {resident.house_number}",
        "city": f"{resident.postcode} {resident.municipality_name}",
        "date": shared["today"],
        "question": in_language(campaign.cycle.question, language),
        "code": str(code),
        "qr": qr_square(f"{shared['address']}#{code}"),
        "qr_alt": words["how"],
        "how_phone": words["how_phone"] if shared["phone"] else "",
    }


def _shared(campaign: Campaign, language: str) -> dict[str, Any]:
    cycle = campaign.cycle
    with translation.override(language):
        address = settings.BASE_URL + reverse("answer:code", args=[cycle.institution.slug])
        check = settings.BASE_URL + reverse(
            "public:draw", args=[cycle.institution.slug, cycle.number, campaign.draw.number]
        )
        return {
            "institution": in_language(cycle.institution.name, language),
            "letters": campaign.letters,
            "eligible": _eligible(campaign),
            "age": campaign.age_min,
            "seats": cycle.panel_size,
            "drawn_on": date_format(campaign.draw.drawn_at or clock.now(), "DATE_FORMAT"),
            "today": date_format(clock.today(cycle.institution.time_zone), "DATE_FORMAT"),
            "reply_by": date_format(campaign.reply_by, "DATE_FORMAT"),
            "phone": cycle.institution.contact_phone,
            "address": address,
            "url": address.split("//", 1)[-1],
            "check_url": check.split("//", 1)[-1],
        }


def _eligible(campaign: Campaign) -> int:
    strata = campaign.draw.record.commitment["register"]["strata"]
    return sum(stratum["eligible"] for stratum in strata)


def qr_square(address: str) -> str:
    """Return an address as a QR square, drawn in SVG."""
    buffer = io.BytesIO()
    segno.make(address, error="m", mask=QR_MASK, micro=False).save(
        buffer, kind="svg", border=2, xmldecl=False
    )
    return buffer.getvalue().decode()
