"""The door to `isegoria.rulebook`: who may propose a theme, what it needs, and how long who signed is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from isegoria.rulebook import Language, explain, months_after
from isegoria.rulebook.model import Agenda
from isegoria_web.consultation.enums import ProposerKind
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle, RuleBookVersion

REFUSING = (
    "admissibility",
    "proposal_form",
    "may_propose",
    "proposers",
    "resident_signatures",
    "resubmit_months",
)
"""Rules of the agenda by which a theme can be refused, where the rule book sets them."""
COLLECTORS = frozenset({ProposerKind.RESIDENT, ProposerKind.ASSOCIATION})
"""Who needs signatures; members and the authority are entitled by what they are."""


@dataclass(frozen=True)
class Due:
    """A day, and the rule that sets it; an empty rule where the statute is silent."""

    day: date
    rule: str


def proposers(version: RuleBookVersion) -> tuple[frozenset[ProposerKind], str]:
    """Return who may propose a theme, and the rule that says so; nobody where the statute gives no such right.

    Where the book does not name kinds of proposers, the number of signatures gives residents the right.
    """
    agenda = _agenda(version)
    if agenda.proposers:
        return frozenset(ProposerKind(each) for each in agenda.proposers), "agenda.proposers"
    if agenda.resident_signatures is not None:
        return frozenset({ProposerKind.RESIDENT}), "agenda.resident_signatures"
    return frozenset(), ""


def signatures_needed(version: RuleBookVersion, kind: ProposerKind) -> tuple[int, str]:
    """Return how many signatures a theme needs, and the rule; 0 where the rule book asks for none."""
    needed = _agenda(version).resident_signatures
    if kind not in COLLECTORS or needed is None:
        return 0, proposers(version)[1]
    return needed, "agenda.resident_signatures"


def verdict_due(version: RuleBookVersion, proposed: date) -> date | None:
    """Return the day by which a proposal is accepted or refused; None where the statute is silent."""
    months = _agenda(version).verdict_months
    return None if months is None else months_after(proposed, months)


def last_day_to_sign(version: RuleBookVersion, admitted: date) -> Due | None:
    """Return the last day to sign a theme that is admitted today; None where the statute is silent."""
    months = _agenda(version).collect_months
    return None if months is None else Due(months_after(admitted, months), "agenda.collect_months")


def again_until(version: RuleBookVersion, refused: date) -> date | None:
    """Return until when a refused theme can be handed in again; None where the statute sets no end."""
    months = _agenda(version).resubmit_months
    return None if months is None else months_after(refused, months)


def age_to_sign(version: RuleBookVersion) -> int | None:
    """Return the youngest age of those who sign; None where the statute is silent."""
    return _agenda(version).signatory_age_min


def erase_on(version: RuleBookVersion, last: date) -> Due:
    """Return when those who signed are erased, after the last day: by the rule book, else by the site's setting."""
    days = _agenda(version).signatures_kept_days
    if days is not None:
        return Due(last + timedelta(days=days), "agenda.signatures_kept_days")
    return Due(last + timedelta(days=settings.SIGNATURE_DAYS), "")


def refusing_rules(version: RuleBookVersion, language: str) -> list[tuple[str, str]]:
    """Return the rules by which a theme can be refused, each with its sentence."""
    wanted = {f"agenda.{rule}" for rule in REFUSING}
    return [(rule, sentence) for rule, sentence in _explained(version, language) if rule in wanted]


def sentences(version: RuleBookVersion, language: str) -> list[tuple[str, str]]:
    """Return what the rule book says of the agenda, in plain words, each sentence with its rule."""
    told = [each for each in _explained(version, language) if each[0].startswith("agenda.")]
    in_words = any(rule == "agenda.may_propose" for rule, _sentence in told)
    return [each for each in told if not (in_words and each[0] == "agenda.proposers")]  # not twice


def chooser(version: RuleBookVersion) -> tuple[str, str]:
    """Return the key of the body that chooses the theme, and the rule; an empty key where no body does."""
    agenda = _agenda(version)
    if agenda.decides is not None:
        return agenda.decides, "agenda.decides"
    return "", "agenda.chosen_by" if agenda.chosen_by else ""


def judge(version: RuleBookVersion) -> tuple[str, str]:
    """Return the key of the body that judges whether a theme is admissible, and the rule; both empty where the statute is silent."""
    key = _agenda(version).judges
    return (key, "agenda.judges") if key is not None else ("", "")


def adopter(version: RuleBookVersion) -> tuple[str, str]:
    """Return the key of the body that adopts the mandate's question, and the rule; both empty where the statute is silent."""
    key = _agenda(version).adopts_question
    return (key, "agenda.adopts_question") if key is not None else ("", "")


def adopter_of(cycle: Cycle) -> tuple[str, str]:
    """Return who adopts the question of this cycle, and the rule; nobody where the cycle renews that body itself."""
    key, rule = adopter(cycle.rule_book)
    return ("", "") if key == cycle.body.key else (key, rule)


def way_of_voting(version: RuleBookVersion) -> str:
    """Return how the body votes on the themes; where the statute is silent, each member approves what she likes."""
    return _agenda(version).choice or "approval"


def age_on(born: date, day: date) -> int:
    """Return the completed years of somebody on a day; who is born on 29 February has her birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _agenda(version: RuleBookVersion) -> Agenda:
    return rule_book_of(version).agenda


def _explained(version: RuleBookVersion, language: str) -> list[tuple[str, str]]:
    known: Language = language if language in {"nl", "fr", "de", "en"} else "en"  # type: ignore[assignment]
    return list(explain(rule_book_of(version), known))
