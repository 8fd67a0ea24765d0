"""What somebody typed without an account, and the link in her mail that makes it count."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.consultation import identity, signing
from isegoria_web.consultation.enums import Channel, PendingKind, ProposerKind
from isegoria_web.consultation.errors import LinkNotValid, MailNotSent, TooManyRequests
from isegoria_web.consultation.models import Knock, Pending, Theme
from isegoria_web.consultation.services import Proposal, require_entitled, take
from isegoria_web.institutions.models import Institution

KEPT = timedelta(days=7)
"""How long a link works."""
KNOCKS_AN_HOUR = 20
"""Forms from one network address: a library or a family sends several, a program sends thousands."""
MAILS_A_DAY = 3
"""Links to one mail address: nobody is flooded through us."""


def ask_to_propose(
    *, institution: Institution, kind: ProposerKind, proposal: Proposal, source: str
) -> Pending:
    """Take a proposal from anybody, and send the link that confirms it; without the link it counts for nothing.

    Parameters
    ----------
    source
        The network address; only a keyed hash of it is kept, for an hour.

    Raises
    ------
    NotEntitled, TextMissing, TextTooLong
        If it could not be taken.
    TooManyRequests, MailNotSent
        If the link was not sent; nothing is kept.
    """
    require_entitled(institution, kind)
    told = proposal.cleaned()
    with transaction.atomic():
        return _send_link(
            institution, None, PendingKind.PROPOSAL, told.email, told.language, source,
            {**asdict(told), "kind": kind.value},
        )  # fmt: skip


def ask_to_sign(*, theme: Theme, person: signing.Person, language: str, source: str) -> Pending:
    """Take a signature from anybody, and send the link that makes it count.

    Whether she has signed before is not looked up here: nobody can learn it by asking in her name.

    Raises
    ------
    NotCollecting, TooYoung, SignatoryIncomplete
        If she could not sign.
    TooManyRequests, MailNotSent
        If the link was not sent; nothing is kept.
    """
    person = person.cleaned()
    signing.require_to_sign(theme)
    signing.require_age(theme, person)
    told = {
        "name": person.name,
        "born": person.born.isoformat(),
        "postcode": person.postcode,
        "email": person.email,
    }
    with transaction.atomic():
        return _send_link(
            theme.institution, theme, PendingKind.SIGNATURE, person.email, language, source, told
        )


def pending_of(*, institution: Institution, token: str) -> Pending:
    """Return what a link confirms.

    Raises
    ------
    LinkNotValid
        If it was used, is older than seven days, or never existed.
    """
    found = (
        Pending.objects.filter(
            institution=institution, token_hash=identity.token_hash(token), at__gt=clock.now() - KEPT
        )
        .select_related("theme__institution", "institution")
        .first()
    )
    if found is None:
        raise LinkNotValid
    return found


def confirm(*, institution: Institution, token: str) -> Theme:
    """Make a proposal or a signature count, once; the answer is the same whether she signed before or not.

    Raises
    ------
    LinkNotValid
        If the link was used, is too old, or never existed.
    NotEntitled, NotCollecting, TooYoung
        If it can no longer count.
    """
    with transaction.atomic():
        key = pending_of(institution=institution, token=token).pk
        found = Pending.objects.select_for_update().filter(pk=key).first()
        if found is None:
            raise LinkNotValid
        told = dict(found.told)
        theme = found.theme
        if theme is None:
            kind = ProposerKind(told.pop("kind"))
            made = take(
                actor=Actor.citizen(""), institution=institution, kind=kind, proposal=Proposal(**told),
                channel=Channel.WEB,
            )  # fmt: skip
        else:
            person = signing.Person(
                name=told["name"], born=date.fromisoformat(told["born"]), postcode=told["postcode"],
                email=told["email"],
            )  # fmt: skip
            made = signing.count(theme=theme, person=person)
        found.delete()
        return made


def forget_unconfirmed() -> int:
    """Delete what nobody confirmed within seven days, and where forms came from an hour ago; returns how many links."""
    Knock.objects.filter(at__lt=clock.now() - timedelta(hours=1)).delete()
    deleted, _per_model = Pending.objects.filter(at__lte=clock.now() - KEPT).delete()
    return deleted


def _send_link(
    institution: Institution,
    theme: Theme | None,
    kind: PendingKind,
    email: str,
    language: str,
    source: str,
    told: dict[str, Any],
) -> Pending:
    place, address = identity.source_key(source), identity.address_key(email)
    _slow_down(place, address)
    token = secrets.token_urlsafe(32)
    made = Pending.objects.create(
        institution=institution, theme=theme, kind=kind, token_hash=identity.token_hash(token),
        address_key=address, told=told, at=clock.now(),
    )  # fmt: skip
    Knock.objects.create(source=place, at=clock.now())
    _mail(institution, theme, email, language, token)
    return made


def _slow_down(place: str, address: str) -> None:
    now = clock.now()
    if Knock.objects.filter(source=place, at__gt=now - timedelta(hours=1)).count() >= KNOCKS_AN_HOUR:
        raise TooManyRequests
    if Pending.objects.filter(address_key=address, at__gt=now - timedelta(days=1)).count() >= MAILS_A_DAY:
        raise TooManyRequests


def _mail(institution: Institution, theme: Theme | None, email: str, language: str, token: str) -> None:
    with translation.override(language):
        link = f"{settings.BASE_URL}/{language}/{institution.slug}/themes/confirm/{token}/"
        if theme is None:
            subject = _("Confirm your proposal")
            first = _("Somebody, probably you, proposed a theme with this mail address.")
        else:
            subject = _("Confirm your signature")
            first = _("Somebody, probably you, signed theme %(number)d with this mail address.") % {
                "number": theme.number
            }
        second = _("It counts once you have opened this page and pressed its button:")
        last = _(
            "If it was not you, do nothing: after seven days it is deleted. This address is used for nothing else."
        )
        try:
            send_mail(subject, f"{first}\n\n{second}\n{link}\n\n{last}\n", None, [email])
        except OSError:  # what every kind of mail server trouble is
            raise MailNotSent from None
