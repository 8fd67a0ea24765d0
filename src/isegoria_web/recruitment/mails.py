"""How an e-mail about a letter looks: its words in the person's language, its links, and the marks by which it is known again.

No code of a letter and nothing personal stands in a link or a header: only the random number of the message with a
keyed check. A mark is useless for opening an answer, and a link for reporting a bounce.
"""

from __future__ import annotations

import hmac
import json
import re
import tomllib
import uuid
from collections.abc import Sequence
from datetime import date
from email.utils import formataddr, parseaddr
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import typst
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.recruitment.enums import Purpose
from isegoria_web.recruitment.letter_languages import reading
from isegoria_web.recruitment.models import Campaign, Invitation, Message, Respondent
from isegoria_web.recruitment.typesetting import qr_square
from isegoria_web.translated import LANGUAGES, in_language

MARK_HEADER = "X-Isegoria-Message"
_DIGITS = 16
_LINK_DIGITS = 40
_MARK = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})([0-9a-f]{16})(?![0-9a-f])")
_UNASKED = frozenset({Purpose.INVITATION, Purpose.REMINDER})
"""What comes without being asked for, and can be stopped with one click."""


# -- marks and links -------------------------------------------------------------------------------------
def address_key(address: str) -> str:
    """Return a keyed hash of an address, the same for every way of writing it in capitals."""
    return hmac.new(
        settings.PSEUDONYM_KEY.encode(), address.strip().casefold().encode(), "sha256"
    ).hexdigest()


def mark_of(message: Message) -> str:
    """Return what a bounce brings back: it tells which message, to nobody but us."""
    number = message.public_id.hex
    return number + _check("mark", number)[:_DIGITS]


def number_in(text: str) -> uuid.UUID | None:
    """Return the number of the message whose mark stands in a text; None where no true mark does."""
    for number, check in _MARK.findall(text.lower()):
        if hmac.compare_digest(check, _check("mark", number)[:_DIGITS]):
            return uuid.UUID(number)
    return None


def message_id_of(message: Message) -> str:
    """Return the Message-ID: the same at every try, so that mail programs show a message once."""
    return f"<{mark_of(message)}@{_domain()}>"


def return_path_of(message: Message) -> str:
    """Return the envelope's sender, which tells which message came back; without a mailbox for that, the site's own."""
    box = settings.BOUNCE_ADDRESS
    if not box:
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    local, _at, domain = box.rpartition("@")
    return f"{local}+{mark_of(message)}@{domain}"


def link_token(message: Message) -> str:
    """Return what opens the letter of a message, for whoever got the message."""
    number = message.public_id.hex
    return number + _check("link", number)[:_LINK_DIGITS]


def linked(token: str) -> Message | None:
    """Return the message whose link was followed, with its letter; None for anything else."""
    number, check = token[:32], token[32:]
    if not re.fullmatch(r"[0-9a-f]{32}", number):
        return None
    if not hmac.compare_digest(check.encode(), _check("link", number)[:_LINK_DIGITS].encode()):
        return None
    found = Message.objects.filter(public_id=uuid.UUID(number))
    return found.select_related("invitation__campaign__cycle__institution", "invitation__resident").first()


def _check(use: str, number: str) -> str:
    salt = f"isegoria_web.recruitment.mails.{use}"
    return salted_hmac(salt, number, secret=settings.PSEUDONYM_KEY, algorithm="sha256").hexdigest()


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


# -- words -----------------------------------------------------------------------------------------------
def written(message: Message) -> EmailMultiAlternatives:
    """Return a message as it is sent: text and simple HTML with the same words, headers and all."""
    purpose, language = Purpose(message.purpose), _language(message.invitation, message.language)
    words, fill = _words()[language], _filled(message, language)
    own = words[purpose.value]
    paragraphs = [line.format(**fill) for line in own["body"].strip().splitlines()]
    button = (own["button"], fill["link"]) if "button" in own else None
    phone = words["phone"].format(**fill) if fill["phone"] else ""
    stop = (words["stop"], fill["stop"], words["stop_button"]) if purpose in _UNASKED else None
    ends = [words["closing"], words["sender"].format(**fill)]
    greeting = words["greeting"].format(**fill).strip()
    mail = EmailMultiAlternatives(
        subject=own["subject"].format(**fill),
        body=_as_text(greeting, paragraphs, button, phone, stop, ends),
        from_email=return_path_of(message),
        to=[message.address],
        headers={
            "From": formataddr((fill["institution"], parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            "Message-ID": message_id_of(message),
            MARK_HEADER: mark_of(message),
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
            **_stop_headers(stop),
        },
        reply_to=[fill["contact"]] if fill["contact"] else None,
    )
    accent = message.invitation.campaign.cycle.institution.accent
    mail.attach_alternative(
        _as_html(
            language, accent, own["subject"].format(**fill), greeting, paragraphs, button, phone, stop, ends
        ),
        "text/html",
    )
    return mail


def reminders_on_paper(campaign: Campaign, letters: Sequence[Invitation]) -> bytes:
    """Return reminders as one PDF, one page each. No code stands in them: that of the first letter goes on working."""
    institution = campaign.cycle.institution
    data = {
        "title": in_language(campaign.cycle.title, "en"),
        "author": in_language(institution.name, "en"),
        "accent": institution.accent,
        "letters": [_on_paper(campaign, each) for each in letters],
    }
    template = files("isegoria_web.recruitment").joinpath("reminder.typ").read_bytes()
    document: bytes = typst.compile(template, sys_inputs={"data": json.dumps(data)}, format="pdf")
    return document


def _on_paper(campaign: Campaign, invitation: Invitation) -> dict[str, Any]:
    resident, language = invitation.resident, _language(invitation, invitation.language)
    if resident is None:
        raise RuntimeError("the resident of a letter that is reminded of was erased")
    institution, words = campaign.cycle.institution, _words()[language]
    own, wave = words["reminder"], campaign.wave_of(invitation)
    with translation.override(language):
        address = settings.BASE_URL + reverse("answer:code", args=[institution.slug])
        fill = {
            "name": f"{resident.given_name} {resident.family_name}",
            "institution": in_language(institution.name, language),
            "question": in_language(campaign.cycle.question, language),
            "reply_by": date_format((wave or campaign).reply_by, "DATE_FORMAT"),
            "phone": institution.contact_phone,
            "url": address.split("//", 1)[-1],
            "number": invitation.position,
        }
        today = date_format(clock.today(institution.time_zone), "DATE_FORMAT")
    fill["call"] = own["call"].format(**fill) if institution.contact_phone else ""
    return {
        "lang": language,
        "institution": fill["institution"],
        "name": fill["name"],
        "street": f"{resident.street} {resident.house_number}",
        "city": f"{resident.postcode} {resident.municipality_name}",
        "date": today,
        "subject": own["subject"].format(**fill),
        "greeting": words["greeting"].format(**fill),
        "body": [line.format(**fill) for line in own["body"].strip().splitlines()],
        "how": own["how"].format(**fill),
        "lost": own["lost"].format(**fill),
        "qr": qr_square(address),
        "closing": words["closing"],
        "sender": words["sender"].format(**fill),
    }


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("isegoria_web.recruitment").joinpath("mail.toml").read_text("utf-8"))


def _language(invitation: Invitation, wanted: str) -> str:
    """Return the language of the fixed sentences for who reads this one."""
    return wanted if wanted in LANGUAGES else reading(invitation.campaign.cycle, wanted).fixed


def _stop_headers(stop: tuple[str, str, str] | None) -> dict[str, str]:
    """Return the headers by which a mail program offers to stop, with one click (RFC 2369, RFC 8058)."""
    if stop is None:
        return {}
    return {"List-Unsubscribe": f"<{stop[1]}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _filled(message: Message, language: str) -> dict[str, Any]:
    invitation = message.invitation
    campaign, institution = invitation.campaign, invitation.campaign.cycle.institution
    with translation.override(language):
        check = reverse("public:draw", args=[institution.slug, campaign.cycle.number, campaign.draw.number])
        return {
            "name": _name(message),
            "institution": in_language(institution.name, language),
            "question": in_language(campaign.cycle.question, language),
            "letters": campaign.letters,
            "eligible": eligible(campaign),
            "age": campaign.age_min,
            "seats": campaign.cycle.panel_size,
            "drawn_on": date_format(campaign.draw.drawn_at or clock.now(), "DATE_FORMAT"),
            "reply_by": date_format(_reply_by(message), "DATE_FORMAT"),
            "phone": institution.contact_phone,
            "contact": institution.contact_email,
            "check_url": settings.BASE_URL + check,
            "link": settings.BASE_URL
            + reverse("answer:link", args=[institution.slug, link_token(message)]),
            "stop": settings.BASE_URL
            + reverse("answer:stop", args=[institution.slug, link_token(message)]),
        }


def _reply_by(message: Message) -> date:
    """Return the last day of her own wave; for who has said yes, the last day of all, for then the lot decides."""
    campaign = message.invitation.campaign
    wave = campaign.wave_of(message.invitation)
    return wave.reply_by if wave and message.purpose in _UNASKED else campaign.answers_until


def _name(message: Message) -> str:
    told = Respondent.objects.filter(invitation=message.invitation, erased_at__isnull=True).first()
    if told is not None and message.purpose not in _UNASKED:
        return told.name
    resident = message.invitation.resident
    return f"{resident.given_name} {resident.family_name}" if resident else ""


def eligible(campaign: Campaign) -> int:
    """Return how many people could be drawn for a letter of a campaign; 0 where no record tells it."""
    made = getattr(campaign.draw, "record", None)
    strata = made.commitment.get("register", {}).get("strata", []) if made else []
    return sum(stratum["eligible"] for stratum in strata)


def _as_text(
    greeting: str,
    paragraphs: list[str],
    button: tuple[str, str] | None,
    phone: str,
    stop: tuple[str, str, str] | None,
    ends: list[str],
) -> str:
    parts = [greeting, *paragraphs]
    if button:
        parts.append(f"{button[0]}:\n{button[1]}")
    if phone:
        parts.append(phone)
    parts.append("\n".join(ends))
    if stop:
        parts.append(f"-- \n{stop[0]}\n{stop[1]}")
    return "\n\n".join(parts) + "\n"


def _as_html(
    language: str,
    accent: str,
    subject: str,
    greeting: str,
    paragraphs: list[str],
    button: tuple[str, str] | None,
    phone: str,
    stop: tuple[str, str, str] | None,
    ends: list[str],
) -> str:
    rows = [f'<h1 style="font-size:24px;line-height:1.25">{escape(subject)}</h1>']
    rows += [f"<p>{escape(each)}</p>" for each in (greeting, *paragraphs)]
    if button:
        look = f"display:inline-block;padding:14px 22px;border-radius:6px;background:{escape(accent)};color:#fff;text-decoration:none;font-weight:600"
        rows.append(f'<p><a href="{escape(button[1])}" style="{look}">{escape(button[0])}</a></p>')
    if phone:
        rows.append(f"<p>{escape(phone)}</p>")
    rows.append(f"<p>{'<br>'.join(escape(each) for each in ends)}</p>")
    if stop:
        rows.append(
            f'<p style="font-size:14px"><a href="{escape(stop[1])}" style="color:#444">{escape(stop[2])}</a></p>'
        )
    look = "max-width:36rem;margin:0 auto;padding:16px;font:18px/1.5 Georgia,serif;color:#1a1a1a;overflow-wrap:anywhere"
    body = "\n".join(rows)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(subject)}</title></head>'
        f'<body><main style="{look}">\n{body}\n</main></body></html>\n'
    )
