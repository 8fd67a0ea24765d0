"""How an e-mail about a letter looks: its words in the person's language, its links, and the marks by which it is known again.

No code of a letter and nothing personal stands in a link or a header: only the random number of the message with a
keyed check. A mark is useless for opening an answer, and a link for reporting a bounce.
"""

from __future__ import annotations

import hmac
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import formataddr, parseaddr
from html import escape
from importlib.resources import as_file, files
from typing import Any

import typst
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment.enums import Purpose
from isegoria_web.recruitment.errors import GlyphsMissing
from isegoria_web.recruitment.letter_languages import QUESTION, Reading, direction_of, reading
from isegoria_web.recruitment.models import Campaign, Invitation, Message, Respondent
from isegoria_web.recruitment.sentence_versions import confirmed
from isegoria_web.recruitment.sentences import Translations, isolated, mail_lines, mail_sentences
from isegoria_web.recruitment.typesetting import FONTS, missing_of, qr_square
from isegoria_web.translated import LANGUAGES, in_language

MARK_HEADER = "X-Isegoria-Message"
_DIGITS = 16
_LINK_DIGITS = 40
_MARK = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})([0-9a-f]{16})(?![0-9a-f])")
_OTHER_COMMA = ("ar", "ckb", "fa", "ps", "sd", "ug", "ur")
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
Said = tuple[str, str]
"""A sentence with the language that it stands in."""


@dataclass(frozen=True)
class _Voice:
    """How a message speaks: in which language, in which other one what is not translated, and what is filled in."""

    read: Reading
    texts: Translations
    filled: Mapping[str, dict[str, Any]]

    def say(self, place: str) -> Said:
        """Return a sentence of `mail.toml`, translated if it is."""
        own = self.texts.get(mail_sentences()[place].key)
        language = self.read.language if own or not self.read.is_further else self.read.fixed
        return self.fill(own[0] if own else mail_lines(language)[place], language), language

    def fill(self, text: str, language: str) -> str:
        """Return a sentence with everything filled in."""
        return isolated(text, language).format(**self.filled[language])

    def body(self, purpose: Purpose) -> list[Said]:
        """Return the paragraphs of a message."""
        beginning = f"{purpose}.body."
        return [self.say(place) for place in mail_lines(self.read.fixed) if place.startswith(beginning)]


def _voice(cycle: Cycle, language: str, fill: Callable[[str, Reading], dict[str, Any]]) -> _Voice:
    """Return how is spoken to whoever reads a language; `fill` is asked for each language in which something stands."""
    read = Reading(language, language) if language in LANGUAGES else reading(cycle, language)
    texts = confirmed(cycle.institution, read.language) if read.is_further else {}
    return _Voice(
        read, texts, {each: fill(each, read) for each in dict.fromkeys([read.language, read.fixed])}
    )


def written(message: Message) -> EmailMultiAlternatives:
    """Return a message as it is sent: text and simple HTML with the same words, headers and all."""
    purpose = Purpose(message.purpose)
    cycle = message.invitation.campaign.cycle
    voice = _voice(cycle, message.language, lambda language, read: _filled(message, language, read))
    language, fill = voice.read.language, voice.filled[voice.read.language]
    has_button = f"{purpose}.button" in mail_lines(voice.read.fixed)
    button = (voice.say(f"{purpose}.button"), fill["link"]) if has_button else None
    stop = (voice.say("stop"), fill["stop"], voice.say("stop_button")) if purpose in _UNASKED else None
    parts = _Parts(
        subject=voice.say(f"{purpose}.subject"),
        paragraphs=[_stripped(voice.say("greeting")), *voice.body(purpose)],
        button=button,
        phone=voice.say("phone") if fill["phone"] else None,
        ends=[voice.say("closing"), voice.say("sender")],
        stop=stop,
    )
    mail = EmailMultiAlternatives(
        subject=parts.subject[0],
        body=_as_text(parts),
        from_email=return_path_of(message),
        to=[message.address],
        headers={
            "From": formataddr((fill["institution"], parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
            "Message-ID": message_id_of(message),
            MARK_HEADER: mark_of(message),
            "Auto-Submitted": "auto-generated",
            "Content-Language": ", ".join(parts.languages(first=language)),
            **_stop_headers(stop),
        },
        reply_to=[fill["contact"]] if fill["contact"] else None,
    )
    mail.attach_alternative(_as_html(language, cycle.institution.accent, parts), "text/html")
    return mail


def reminders_on_paper(campaign: Campaign, letters: Sequence[Invitation]) -> bytes:
    """Return reminders as one PDF, one page each. No code stands in them: that of the first letter goes on working.

    Raises
    ------
    GlyphsMissing
        If no font has a character of a further language.
    """
    institution = campaign.cycle.institution
    pages = [_on_paper(campaign, each) for each in letters]
    words = "".join(
        said["words"] for page in pages for said in page["said"] if said["lang"] not in LANGUAGES
    )
    if words and (missing := missing_of(words)):
        raise GlyphsMissing(missing)
    data = {
        "title": in_language(campaign.cycle.title, "en"),
        "author": in_language(institution.name, "en"),
        "accent": institution.accent,
        "fonts": FONTS,
        "letters": pages,
    }
    template = files("isegoria_web.recruitment").joinpath("reminder.typ").read_bytes()
    with as_file(files("isegoria_web.recruitment").joinpath("fonts")) as fonts:
        document: bytes = typst.compile(
            template,
            sys_inputs={"data": json.dumps(data)},
            format="pdf",
            font_paths=typst.Fonts(font_paths=[fonts]),
        )
    return document


def _on_paper(campaign: Campaign, invitation: Invitation) -> dict[str, Any]:
    resident, cycle = invitation.resident, campaign.cycle
    if resident is None:
        raise RuntimeError("the resident of a letter that is reminded of was erased")
    institution, wave = cycle.institution, campaign.wave_of(invitation)
    name = f"{resident.given_name} {resident.family_name}"

    def fill(language: str, read: Reading) -> dict[str, Any]:
        address = _address(read, "answer:code", institution.slug)
        with translation.override(language):
            return {
                "name": name,
                "institution": read.text(institution.name)[0],
                "question": read.text(cycle.question, QUESTION)[0],
                "reply_by": date_format((wave or campaign).reply_by, "DATE_FORMAT"),
                "phone": institution.contact_phone,
                "address": address,
                "url": address.split("//", 1)[-1].partition("?")[0],
                "number": invitation.position,
                "date": date_format(clock.today(institution.time_zone), "DATE_FORMAT"),
                "call": "",
            }

    voice = _voice(cycle, invitation.language, fill)
    if institution.contact_phone:
        read = voice.read
        voice.filled[read.fixed]["call"] = (
            voice.fill(mail_lines(read.fixed)["reminder.call"], read.fixed) + " "
        )
        voice.filled[read.language]["call"] = voice.say("reminder.call")[0] + " "
    own = voice.filled[voice.read.language]
    said = {
        "subject": [voice.say("reminder.subject")],
        "greeting": [voice.say("greeting")],
        "body": voice.body(Purpose.REMINDER),
        "how": [voice.say("reminder.how")],
        "lost": [voice.say("reminder.lost")],
        "ends": [voice.say("closing"), voice.say("sender")],
    }
    return {
        "lang": voice.read.language,
        "dir": voice.read.direction,
        "institution": own["institution"],
        "name": name,
        "street": f"{resident.street} {resident.house_number}",
        "city": f"{resident.postcode} {resident.municipality_name}",
        "date": own["date"],
        "qr": qr_square(own["address"]),
        "comma": "،" if said["greeting"][0][1] in _OTHER_COMMA else ",",
        "said": [
            {"part": part, "words": words, "lang": language, "dir": direction_of(language)}
            for part, sentences in said.items()
            for words, language in sentences
        ],
    }


def _address(read: Reading, name: str, *args: object) -> str:
    """Return the address of a page for who reads so: in a language of the interface, which says the further one."""
    with translation.override(read.fixed):
        address = settings.BASE_URL + reverse(name, args=args)
    return address + (f"?language={read.language}" if read.is_further else "")


def _stripped(said: Said) -> Said:
    return said[0].strip(), said[1]


def _stop_headers(stop: tuple[Said, str, Said] | None) -> dict[str, str]:
    """Return the headers by which a mail program offers to stop, with one click (RFC 2369, RFC 8058)."""
    if stop is None:
        return {}
    return {"List-Unsubscribe": f"<{stop[1]}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _filled(message: Message, language: str, read: Reading) -> dict[str, Any]:
    invitation = message.invitation
    campaign, institution = invitation.campaign, invitation.campaign.cycle.institution
    with translation.override(read.fixed):
        check = reverse("public:draw", args=[institution.slug, campaign.cycle.number, campaign.draw.number])
    with translation.override(language):
        return {
            "name": _name(message),
            "institution": read.text(institution.name)[0],
            "question": read.text(campaign.cycle.question, QUESTION)[0],
            "letters": campaign.letters,
            "eligible": eligible(campaign),
            "age": campaign.age_min,
            "seats": campaign.seats_drawn,
            "drawn_on": date_format(campaign.draw.drawn_at or clock.now(), "DATE_FORMAT"),
            "reply_by": date_format(_reply_by(message), "DATE_FORMAT"),
            "phone": institution.contact_phone,
            "contact": institution.contact_email,
            "check_url": settings.BASE_URL + check,
            "link": _address(read, "answer:link", institution.slug, link_token(message)),
            "stop": _address(read, "answer:stop", institution.slug, link_token(message)),
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


@dataclass(frozen=True)
class _Parts:
    """What a message says, each sentence with its language."""

    subject: Said
    paragraphs: list[Said]
    button: tuple[Said, str] | None
    phone: Said | None
    ends: list[Said]
    stop: tuple[Said, str, Said] | None

    def languages(self, *, first: str) -> list[str]:
        """Return every language that something stands in."""
        said = [*self.paragraphs, *self.ends, *([self.phone] if self.phone else [])]
        return list(dict.fromkeys([first, *(language for _words, language in said)]))


def _as_text(parts: _Parts) -> str:
    pieces = [words for words, _language in parts.paragraphs]
    if parts.button:
        pieces.append(f"{parts.button[0][0]}:\n{parts.button[1]}")
    if parts.phone:
        pieces.append(parts.phone[0])
    pieces.append("\n".join(words for words, _language in parts.ends))
    if parts.stop:
        pieces.append(f"-- \n{parts.stop[0][0]}\n{parts.stop[1]}")
    return "\n\n".join(pieces) + "\n"


def _as_html(language: str, accent: str, parts: _Parts) -> str:
    def said(sentence: Said) -> str:
        words, own = escape(sentence[0]), sentence[1]
        return words if own == language else f'<span lang="{own}" dir="{direction_of(own)}">{words}</span>'

    rows = [f'<h1 style="font-size:24px;line-height:1.25">{said(parts.subject)}</h1>']
    rows += [f"<p>{said(each)}</p>" for each in parts.paragraphs]
    if parts.button:
        look = f"display:inline-block;padding:14px 22px;border-radius:6px;background:{escape(accent)};color:#fff;text-decoration:none;font-weight:600"
        rows.append(
            f'<p><a href="{escape(parts.button[1])}" style="{look}">{said(parts.button[0])}</a></p>'
        )
    if parts.phone:
        rows.append(f"<p>{said(parts.phone)}</p>")
    rows.append(f"<p>{'<br>'.join(said(each) for each in parts.ends)}</p>")
    if parts.stop:
        rows.append(
            f'<p style="font-size:14px"><a href="{escape(parts.stop[1])}" style="color:#444">{said(parts.stop[2])}</a></p>'
        )
    look = "max-width:36rem;margin:0 auto;padding:16px;font:18px/1.5 Georgia,serif;color:#1a1a1a;overflow-wrap:anywhere"
    body = "\n".join(rows)
    turned = ' dir="rtl"' if direction_of(language) == "rtl" else ""
    return (
        f'<!DOCTYPE html><html lang="{language}"{turned}><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(parts.subject[0])}</title></head>'
        f'<body><main style="{look}">\n{body}\n</main></body></html>\n'
    )
