"""Themes in every state, and the link in the last mail."""

from __future__ import annotations

import datetime as dt
import re

from django.core import mail

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import confirming, services, signing
from isegoria_web.consultation.enums import Channel, ProposerKind
from isegoria_web.consultation.models import Theme
from isegoria_web.consultation.services import Proposal
from isegoria_web.institutions.models import Institution
from isegoria_web.membership.models import Member
from tests.web import factories

BORN = dt.date(1960, 5, 17)
LAST_DAY = dt.date(2027, 6, 1)
REASONS = factories.texts("It is for the federal state to decide.")


def proposal(**changes: object) -> Proposal:
    told = {
        "title": "Night buses",
        "explanation": "How do we come home at night?",
        "reason": "It concerns everybody.",
        "language": "en",
        "name": "Anna Proposer",
        "email": "anna.proposer@example.org",
    }
    return Proposal(**(told | changes))


def person(number: int = 1, **changes: object) -> signing.Person:
    told = {
        "name": f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]}nna Signer{'x' * (number // 26)}",
        "born": BORN,
        "postcode": "4700",
        "email": f"signer{number}@example.org",
    }
    return signing.Person(**(told | changes))


def waiting(institution: Institution, **changes: object) -> Theme:
    return services.take(
        actor=Actor.citizen(""), institution=institution, kind=ProposerKind.RESIDENT,
        proposal=proposal(**changes), channel=Channel.WEB,
    )  # fmt: skip


def collecting(institution: Institution, threshold: int = 3, **changes: object) -> Theme:
    """A theme that can be signed; with few signatures needed, so that tests stay short."""
    theme = services.mark_admitted(
        actor=factories.actor(institution, Role.SECRETARIAT),
        theme=waiting(institution, **changes),
        last_day=LAST_DAY,
    )
    Theme.objects.filter(pk=theme.pk).update(threshold=threshold)
    return Theme.objects.select_related("institution", "rule_book").get(pk=theme.pk)


def supported(institution: Institution, **changes: object) -> Theme:
    """A theme that the authority brought: it needs no signature."""
    theme = services.propose(
        actor=factories.actor(institution, Role.AUTHORITY), institution=institution, kind=ProposerKind.AUTHORITY,
        proposal=proposal(**changes), channel=Channel.WEB,
    )  # fmt: skip
    return services.mark_admitted(actor=factories.actor(institution, Role.SECRETARIAT), theme=theme)


def sitting_council(institution: Institution, count: int = 6) -> list[Member]:
    """Members of the council, to which the rule book gives the verdict."""
    cycle = factories.make_cycle(institution)
    cycle.body = institution.bodies.get(key="council")
    cycle.save()
    return factories.make_members(cycle, count, extra=0)


def token() -> str:
    """What the link in the newest mail ends with."""
    return re.search(r"/themes/confirm/([\w-]+)/", mail.outbox[-1].body)[1]


def sign(theme: Theme, number: int = 1, **changes: object) -> Theme:
    confirming.ask_to_sign(
        theme=theme, person=person(number, **changes), language="en", source=f"192.0.2.{number}"
    )
    return confirming.confirm(institution=theme.institution, token=token())
