"""The rooms of bodies among the members' pages: who finds one, and what waits in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language

from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import algorithms as agenda
from isegoria_web.consultation.models import Theme
from isegoria_web.institutions.algorithms import roles_of, rule_book_of, sentences_of
from isegoria_web.institutions.models import Body, Institution
from isegoria_web.membership.models import Member
from isegoria_web.membership.policies import sitting_in_body


@dataclass(frozen=True)
class Room:
    """A body with a role between assemblies, the member as she sits in it today, and what waits for her."""

    body: Body
    member: Member
    roles: list[str]  # what the rule book gives it, in sentences
    to_say: list[Resolution]
    themes: list[Theme]

    @property
    def waiting(self) -> int:
        """How much waits for her."""
        return len(self.to_say) + len(self.themes)


def rooms_of(actor: Actor | None, institution: Institution) -> list[Room]:
    """Return the rooms that a person may enter today: she sits in the body, and the rule book gives it a role."""
    version = institution.rule_books.order_by("-number").first()
    if actor is None or version is None:
        return []
    given = roles_of(version)
    found = []
    for body in institution.bodies.filter(key__in=given):
        member = sitting_in_body(actor, body)
        if member is not None:
            found.append(_room(body, member, given[body.key]))
    return found


def _room(body: Body, member: Member, rules: list[str]) -> Room:
    version = body.institution.rule_books.latest("number")
    said = dict(sentences_of(rule_book_of(version), get_language() or "en"))
    to_say = list(Resolution.objects.awaiting(member).filter(body=body).select_related("rule_book"))
    return Room(body, member, [said[rule] for rule in rules], to_say, themes_to_judge(body))


def themes_to_judge(body: Body) -> list[Theme]:
    """Return the themes that wait for a verdict of this body and on which nothing is proposed yet."""
    proposed = set(body.institution.resolutions.open().values_list("about", flat=True))
    waiting = body.institution.themes.waiting().select_related("institution", "rule_book")
    return [
        theme
        for theme in waiting
        if agenda.judge(theme.rule_book)[0] == body.key and f"theme {theme.number}" not in proposed
    ]
