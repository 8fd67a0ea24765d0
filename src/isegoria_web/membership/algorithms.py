"""The door to the library for the rule by which an alternate moves up, and for how long members are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count
from math import ceil

from isegoria.proof.derivation import next_alternate
from isegoria.rulebook import months_after, next_term
from isegoria.rulebook.cycles import MEMBERS_KEPT_MONTHS, members_kept_months, pool_erasure
from isegoria_web.institutions.algorithms import dated, ground, rule_book_of
from isegoria_web.institutions.models import Cycle, RuleBookVersion
from isegoria_web.membership.enums import DecisionKind
from isegoria_web.membership.models import Alternate

RULE = "isegoria-alternates/1"


def who_moves_up(vacated: Mapping[str, str], waiting: Iterable[Alternate]) -> Alternate | None:
    """Return the alternate whom the published rule names for a vacated seat; None if nobody waits."""
    by_code = {each.selection.entry.code: each for each in waiting}
    if not by_code:
        return None
    candidates = [(code, each.selection.entry.features) for code, each in by_code.items()]
    return by_code[next_alternate(vacated, candidates)]


def waiting_time(rules: RuleBookVersion, body: str) -> tuple[int, bool, str] | None:
    """Return how many months a former member of a body waits, whether for every body, and the rule; None without one."""
    found = rule_book_of(rules).body(body).cooling_off
    if found is None:
        return None
    return found.months, found.scope == "institution", f"bodies.{body}.cooling_off.months"


def most_terms(rules: RuleBookVersion, body: str) -> tuple[int, str] | None:
    """Return how many terms one person may sit in a body, and the rule; None where the statute is silent."""
    found = rule_book_of(rules).body(body).most_terms
    return None if found is None else (found, f"bodies.{body}.most_terms")


def names_withheld(rules: RuleBookVersion, body: str) -> tuple[str, str] | None:
    """Return the rule by which no member's name stands in public, bare and with its version; None where her wish counts."""
    rule = f"bodies.{body}.public_names"
    return (rule, dated(rule, rules)) if rule_book_of(rules).body(body).public_names is False else None


def names_ground(rules: RuleBookVersion, body: str) -> str:
    """Return the rule by which a name may stand in public, with its version, or that the statute is silent on it."""
    return ground(rules, f"bodies.{body}.public_names")


def is_remembered(rules: RuleBookVersion, body: str) -> bool:
    """Whether a rule asks later who sat in a body: how many terms she sat, or that another body is drawn among its members."""
    book = rule_book_of(rules)
    return book.body(body).most_terms is not None or any(each.drawn_from == body for each in book.bodies)


def replaced_until(rules: RuleBookVersion, body: str) -> tuple[int, str] | None:
    """Return the meeting after which an empty seat stays empty, and the rule with its version; None without one."""
    last = rule_book_of(rules).body(body).replaced_until_meeting
    if last is None:
        return None
    return last, dated(f"bodies.{body}.replaced_until_meeting", rules)


@dataclass(frozen=True)
class College:
    """A group of a mixed body that is not drawn: its key and title, its seats, and the rule with its version.

    `most` is None where the statute does not say how many seats it has.
    """

    key: str
    title: dict[str, str]
    fewest: int
    most: int | None
    rule: str


def colleges_of(cycle: Cycle) -> list[College]:
    """Return the groups of a cycle's body that are appointed by name; none in a body of citizens alone."""
    found = []
    for other in rule_book_of(cycle.rule_book).body(cycle.body.key).others:
        low, high = other.seats if isinstance(other.seats, tuple) else (other.seats or 0, other.seats)
        title = {str(code): text for code, text in other.title.items()}
        rule = dated(f"bodies.{cycle.body.key}.others.{other.key}.seats", cycle.rule_book)
        found.append(College(other.key, title, low, high, rule))
    return found


ELIGIBILITY = ("residence", "age_min", "nationality_required", "eligibility", "exclusions")
"""The rules of a draw that say who can be a member; where the statute is silent on one, nobody loses a seat by it."""


def rules_for(rules: RuleBookVersion, body: str, kind: DecisionKind) -> tuple[str, ...]:
    """Return the ids of the rules by which something can be decided about a seat; none where the statute is silent."""
    book = rule_book_of(rules)
    if kind == DecisionKind.INELIGIBLE:
        return tuple(f"draw.{name}" for name in ELIGIBILITY if getattr(book.draw, name))
    if kind in {DecisionKind.EXCLUSION, DecisionKind.SUSPENSION} and getattr(book.body(body), kind.value):
        return (f"bodies.{body}.{kind.value}",)
    return ()


def hearing_rule(rules: RuleBookVersion, body: str) -> str | None:
    """Return the rule that asks to hear a member before she is excluded; None where the statute does not."""
    asks = rule_book_of(rules).body(body).exclusion_hearing
    return f"bodies.{body}.exclusion_hearing" if asks else None


def dated_or_silent(rule: str, rules: RuleBookVersion) -> str | None:
    """Return a rule with the version of the rule book that holds it; None where the statute is silent."""
    return dated(rule, rules) if rule else None


def mandate_ground(cycle: Cycle) -> str:
    """Return the rule that says how long a member of a cycle sits, as the journal names it."""
    path = f"bodies.{cycle.body.key}"
    return ground(cycle.rule_book, f"{path}.mandate", f"{path}.mandate_months", f"{path}.rotation")


def waits_until(last: date, months: int) -> date:
    """Return the first day on which somebody can be drawn again who sat until the day before `last`."""
    return months_after(last, months)


def kept_until(last: date, rules: RuleBookVersion | None) -> date:
    """Return the day on which a person is erased who held something until `last`.

    As in the calendar of a cycle: after 18 months, or once the authority owes nothing more if that is later. Who works
    for an institution is kept by no rules of a cycle: 18 months.
    """
    months = MEMBERS_KEPT_MONTHS if rules is None else members_kept_months(rule_book_of(rules))
    return months_after(last, months)


def pool_kept_until(installed: date, reported: date | None, rules: RuleBookVersion) -> date | None:
    """Return the day on which those are erased who said yes and were not drawn, as in the calendar of a cycle.

    Where the rule book keeps them as a reserve that is after the report; None while there is none.
    """
    book = rule_book_of(rules)
    if book.draw.reserve and reported is None:
        return None
    (entry,) = pool_erasure(book, installed, reported or installed, "", 1)
    return entry.day


@dataclass(frozen=True)
class Renewal:
    """How the terms of a body end by its rule book, whatever becomes of its cycles.

    `every` is the months between two rotations where the clock starts them; `years`, that it is the first of January;
    neither, that an event does. `longest` is the longest mandate in months; `rule` names rule and version.
    """

    kind: str
    share: Fraction | None
    entering: int | None
    returning: int | None
    every: int | None
    years: bool
    longest: int | None
    rule: str

    @property
    def by_clock(self) -> bool:
        """Whether its days are known in advance."""
        return self.every is not None or self.years

    def leaving(self, size: int, sitting: int) -> int:
        """Return how many of those who sit leave with a rotation."""
        if self.kind == "part" and self.share is not None:
            return min(sitting, ceil(self.share * size))
        if self.kind == "cohorts" and self.entering is not None:
            return min(sitting, self.entering)
        if self.kind == "return" and self.returning is not None:
            return max(0, sitting - self.returning)
        return sitting

    def days(self, founded: date) -> Iterator[date]:
        """Yield the days of the rotations from the founding on, without end."""
        if self.years:
            yield from (date(year, 1, 1) for year in count(founded.year + 1))
        elif self.every is not None:
            yield from (next_term(founded, self.every * number) for number in count(1))


def renewal_of(rules: RuleBookVersion, body: str) -> Renewal | None:
    """Return how a body rotates; None where its terms end with the report of its cycle."""
    found = rule_book_of(rules).body(body)
    rotation, longest = found.rotation, found.mandate_most
    if rotation is None:
        if longest is None:
            return None
        rule = dated(f"bodies.{body}.mandate_months", rules)
        return Renewal("whole", None, None, None, longest, years=False, longest=longest, rule=rule)
    if rotation.kind == "whole" and rotation.trigger == "cycle_closed":
        return None
    every = longest if rotation.trigger == "mandate_ended" else rotation.every_months
    return Renewal(
        rotation.kind,
        rotation.share,
        rotation.entering,
        rotation.returning,
        every,
        years=rotation.trigger == "calendar_year",
        longest=longest,
        rule=dated(f"bodies.{body}.rotation", rules),
    )


def must_leave(renewal: Renewal, begun: date, founded: date, on: date) -> bool:
    """Return whether somebody would sit longer than the longest mandate before the rotation after this one."""
    if renewal.longest is None:
        return False
    following = next((day for day in renewal.days(founded) if day > on), None)
    ends = next_term(begun, renewal.longest)
    return ends <= on if following is None else ends < following
