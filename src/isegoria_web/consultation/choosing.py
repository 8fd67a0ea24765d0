"""The choice of the agenda by secret ballot of the members whom the rule book entitles, in the one ballot box."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.enums import BallotKind, BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.ballots.services import open_choice
from isegoria_web.consultation import algorithms, policies
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.consultation.errors import ChoiceUnderWay, NotTheirChoice, NotToChoose
from isegoria_web.consultation.models import AgendaChoice, AgendaOption, Theme
from isegoria_web.consultation.services import mark_chosen
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.translated import Texts

QUESTION: Texts = {
    "nl": "Welk thema komt op de agenda?",
    "fr": "Quel thème est mis à l'ordre du jour ?",
    "de": "Welches Thema kommt auf die Tagesordnung?",
    "en": "Which theme comes onto the agenda?",
}


def choosing_cycle(institution: Institution) -> Cycle | None:
    """Return the cycle in which the members of the body that chooses the theme vote now; None where too few sit."""
    body, _rule = algorithms.chooser(institution.rule_books.latest("number"))
    return policies.voting_cycle(institution, body)


def open_ballot(
    *, actor: Actor, cycle: Cycle, themes: Sequence[Theme], closes_at: datetime
) -> AgendaChoice:
    """Put themes to the members of the body that chooses, by the way of voting that the rule book sets.

    Where it sets none, each member approves all themes that she likes. The order of the themes, by their number,
    is published and decides ties.

    Raises
    ------
    NotTheirChoice
        If the rule book gives the choice to another body.
    NotToChoose, ChoiceUnderWay
        If one of the themes cannot be chosen, or is being voted on.
    OptionsWrong, BallotEndsTooSoon, NobodyMayVote, TooFewMayVote
        If the ballot cannot be opened.
    """
    require(policies.may_choose(actor, cycle.institution))
    with transaction.atomic():
        institution = Institution.objects.select_for_update().get(pk=cycle.institution_id)
        version = institution.rule_books.latest("number")
        body, rule = algorithms.chooser(version)
        if cycle.body.key != body:
            raise NotTheirChoice
        chosen = [Theme.objects.locked(key) for key in sorted({theme.pk for theme in themes})]
        if any(
            each.status != ThemeStatus.SUPPORTED or each.institution_id != institution.pk for each in chosen
        ):
            raise NotToChoose
        if AgendaOption.objects.filter(theme__in=chosen, choice__ballot__status=BallotStatus.OPEN).exists():
            raise ChoiceUnderWay
        chosen.sort(key=lambda each: each.number)
        ballot = open_choice(
            actor=actor, cycle=cycle, kind=BallotKind(algorithms.way_of_voting(version)), question=QUESTION,
            options=[{each.language: f"{each.number}. {each.title}"} for each in chosen], places=1,
            closes_at=closes_at,
        )  # fmt: skip
        made = AgendaChoice.objects.create(institution=institution, ballot=ballot, rule=rule)
        AgendaOption.objects.bulk_create(
            AgendaOption(choice=made, theme=theme, key=str(key)) for key, theme in enumerate(chosen, 1)
        )
        return made


def follow_ballot(ballot: Ballot) -> None:
    """Mark the theme that a counted ballot chose, in the same transaction; without a quorum none is chosen."""
    choice = AgendaChoice.objects.filter(ballot=ballot).select_related("institution").first()
    actor = Actor.of(ballot.closed_by)
    if choice is None or actor is None or not ballot.outcome:
        return
    for key in ballot.outcome["chosen"]:
        option = choice.options.select_related("theme").get(key=key)
        facts = {"by": "ballot", "ballot": ballot.number, "cycle": ballot.cycle.number}
        mark_chosen(actor=actor, theme=option.theme, rule=choice.rule, reasons={}, facts=facts)
