"""What a rule book can say beside sizes and clocks: every optional rule of the schema, in combinations that hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from isegoria.rulebook.model import (
    Agenda,
    Amount,
    Body,
    CoolingOff,
    Decision,
    Draw,
    Duty,
    FixedSeats,
    OtherSeats,
    Pay,
    RuleBook,
    Rules,
    Texts,
)

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T", bound=Rules)

LANGUAGES = ("nl", "fr", "de", "en")
SHARES = (Fraction(1, 2), Fraction(2, 3), Fraction(4, 5), Fraction(3, 5))
QUORUMS = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 4))
STRATA = ("age", "sex", "residence", "education", "language", "nationality")
YES_NO = (True, False)
VALID = date(2027, 1, 1)


def further_rules(book: RuleBook, random: np.random.Generator) -> RuleBook:
    """Return the rule book with rules added, each of them by chance, so that it still holds.

    Bodies, their sizes and clocks stay as they are; bodies that cannot be played may come in addition: one that nobody
    is drawn into, one whose size is not known.
    """
    return _Adder(book, random).book()


class _Adder:
    """Adds rules to the tables of a rule book, one method for each."""

    def __init__(self, book: RuleBook, random: np.random.Generator) -> None:
        self.plain, self.random = book, random
        self.languages = tuple(each for each in LANGUAGES if self.chance(0.5)) or ("en",)

    def book(self) -> RuleBook:
        bodies = [self.body(each) for each in self.plain.bodies] + self.unplayed()
        agenda, duty = self.agenda(bodies), self.duty(bodies)
        rules = self.some(
            {
                "time_zone": self.one_of(("Europe/Brussels", "UTC")),
                "sources": ("https://example.org/statute",),
                "valid_from": VALID,
                "valid_until": date(2099, 12, 31),
                "ended": self.text("It ended."),
                "ends_after_meetings": self.between(6, 60),
                "appointing": self.text("The clerk."),
                "secretariat": self.text("Two people."),
                "governance": self.text("A board."),
                "funding": self.text("The budget."),
            },
            0.3,
        )
        made = _with(
            self.plain, title=self.text("Institution"), languages=self.languages, level=self.one_of(_LEVELS), bodies=tuple(bodies),
            draw=self.draw(), agenda=agenda, duty=duty, pay=self.pay(), **rules,
        )  # fmt: skip
        known = tuple(rule for rule in made.rules() if rule.startswith(("duty.", "agenda.")))
        return _with(made, unconfirmed=known[:2] if self.chance(0.3) else ())

    # -- bodies ----------------------------------------------------------------------------------------
    def body(self, body: Body) -> Body:
        returning = body.rotation is not None and body.rotation.returning is not None
        rules = self.some(
            {
                "task": self.text("It advises."),
                "entry_condition": self.text("It is open."),
                "most_terms": self.between(2 if returning else 1, 3),
                "suspension": self.text("While she is mayor."),
                "exclusion": self.text("Three times absent."),
                "exclusion_hearing": self.one_of(YES_NO),
                "public_names": self.one_of(YES_NO),
                "first_composition": self.text("The founders."),
                "sessions": self.text("In the evening."),
            },
            0.4,
        )
        if body.mandate_months is not None and self.chance(0.3):
            rules["mandate_months"] = (1, body.mandate_most)  # the most is what rotation and term follow
        if body.mandate:
            rules["mandate"] = self.text("One theme.")
        if body.rotation is not None and self.chance(0.5):
            rules["rotation"] = _with(body.rotation, enter=self.text("Those who are drawn."))
        if self.chance(0.4):
            rules["fixed_seats"] = self.kept(body)
        elif body.fixed_seats:
            rules["fixed_seats"] = tuple(_with(each, title=self.text("Few.")) for each in body.fixed_seats)
        if self.chance(0.4):
            rules["others"] = self.others(body)
            if self.chance(0.7):
                rules["together"] = self.one_of(("each", "weighted"))
        rotation = body.rotation
        staying = 1 - (rotation.share if rotation and rotation.share else Fraction(0))
        rules["decision"] = self.decision(staying)
        return _with(body, title=self.text("Body"), **rules)

    def unplayed(self) -> list[Body]:
        """Return bodies that nobody is drawn into, or whose size no source tells."""
        bodies = []
        if self.chance(0.3):
            bodies.append(Body(key="office", title=self.text("Office"), drawn=False))
        if self.chance(0.2):
            bodies.append(
                Body(
                    key="circle",
                    title=self.text("Circle"),
                    cooling_off=CoolingOff(months=self.between(1, 9)),
                )
            )
        return bodies

    def kept(self, body: Body) -> tuple[FixedSeats, ...]:
        """Return seats that are kept by age, or for people whom a feature tells."""
        few = max(1, body.size_min // 8)
        if self.chance(0.4):
            by_age = [("young", (16, 29)), ("old", (60, 99))]
            return tuple(
                FixedSeats(key=key, title=self.text("By age."), seats=few, ages=ages)
                for key, ages in by_age
            )
        amount: dict[str, Any] = {"share": Fraction(1, 8)} if self.chance(0.5) else {"seats": few}
        told: dict[str, Any] = {"feature": "district", "value": "few"} if self.chance(0.5) else {}
        return (
            FixedSeats(key="few", title=self.text("Few."), exact=self.one_of(YES_NO), **amount, **told),
        )

    def others(self, body: Body) -> tuple[OtherSeats, ...]:
        rules: dict[str, Any] = {"seats": self.one_of((3, (2, 4)))} if self.chance(0.5) else {}
        if self.chance(0.4):  # one of them for each citizen: the one ratio that fits every size
            rules = {"seats": body.size, "citizens_per_seat": 1}
        if self.chance(0.5):
            rules |= {"threshold": self.one_of(SHARES), "more_than": self.one_of(YES_NO)}
        rules |= self.some(
            {
                "effect": self.one_of(("binding", "consultative")),
                "secret": self.one_of(YES_NO),
                "of_all": True,
                "abstention": self.one_of(("counted", "excluded")),
                "quorum": self.one_of(QUORUMS),
                "weight": self.between(1, 5),
                "rule": self.text("They vote last."),
            },
            0.4,
        )
        return (OtherSeats(key="members", title=self.text("Members of parliament"), **rules),)

    def decision(self, staying: Fraction) -> Decision:
        rules = self.some(
            {
                "threshold": self.one_of(SHARES),
                "abstention": self.one_of(("counted", "excluded")),
                "quorum": self.one_of(tuple(each for each in QUORUMS if each <= staying) or (staying,)),
                "secret": self.one_of(YES_NO),
                "effect": self.one_of(("binding", "consultative")),
                "minority_days": self.between(2, 30),
            },
            0.5,
        )
        more_than = "threshold" in rules and self.chance(0.5)
        return Decision(consensus_first=self.one_of(YES_NO), more_than=more_than, **rules)

    # -- the other tables --------------------------------------------------------------------------------
    def draw(self) -> Draw:
        rules = self.some(
            {
                "age_min": self.between(16, 18),
                "unit": self.one_of(("person", "household", "address", "place", "telephone")),
                "residence": self.text("In the town."),
                "nationality_required": self.one_of(YES_NO),
                "eligibility": self.text("The right to vote."),
                "exclusions": self.text("The mayor."),
                "letters_by": self.text("By keyed draw."),
                "reserve": self.text("They wait."),
                "witness": self.text("A notary."),
                "disclosure": self.one_of(("open", "sealed")),
                "frame": self.text("All."),
            },
            0.4,
        )
        if self.chance(0.3):
            rules["strata"] = tuple(each for each in STRATA if self.chance(0.4))
        silent: dict[str, Any] = {"age_min": None, "frame": {}}
        return _with(self.plain.draw, **(silent | rules))

    def agenda(self, bodies: Sequence[Body]) -> Agenda:
        keys = [each.key for each in bodies]
        deciding = [
            each.key
            for each in bodies
            if each.decision.effect != "consultative"
            and not (each.drawn and each.mandate and not (each.rotation or each.drawn_from))
        ]
        rules = self.some(
            {
                "decides": self.one_of(keys),
                "chosen_by": self.text("The parliament."),
                "choice": self.one_of(("approval", "ranking")),
                "may_propose": self.text("All residents."),
                "proposers": tuple(each for each in _PROPOSERS if self.chance(0.5)),
                "proposal_form": self.text("A question."),
                "resident_signatures": self.between(1, 500),
                "signatures_kept_days": self.between(1, 90),
                "collect_months": self.between(1, 12),
                "admissibility": self.text("Within its powers."),
                "verdict_months": self.between(1, 6),
                "refusal_needs_reasons": self.one_of(YES_NO),
                "resubmit_months": self.between(1, 12),
            },
            0.4,
        )
        if "resident_signatures" in rules and self.chance(0.5):
            rules["signatory_age_min"] = self.between(12, 18)
        proposed = bool(rules.get("proposers")) or bool({"may_propose", "resident_signatures"} & set(rules))
        if deciding and proposed and self.chance(0.5):
            rules["judges"] = self.one_of(deciding)
        if deciding and self.chance(0.4):
            rules["adopts_question"] = self.one_of(deciding)
        return _with(self.plain.agenda, **rules)

    def duty(self, bodies: Sequence[Body]) -> Duty:
        rules = self.some(
            {
                "final_months": self.between(6, 24),
                "review": self.text("In public."),
                "refusal_needs_reasons": self.one_of(YES_NO),
                "follows_up": self.one_of([each.key for each in bodies]),
                "text": self.text("It answers."),
            },
            0.4,
        )
        return _with(self.plain.duty, **({"text": {}} | rules))

    def pay(self) -> Pay:
        rules = self.some(
            {
                "regime": self.text("The law."),
                "scheme": self.one_of(("volunteer", "fee", "costs")),
                "allowance": self.one_of(YES_NO),
                "travel": self.one_of(YES_NO),
                "car_insurance": self.one_of(YES_NO),
                "childcare": self.one_of(YES_NO),
                "covers": self.text("Meals."),
            },
            0.4,
        )
        unpaid = rules.get("allowance") is False
        amounts = tuple(self.amount(key, unpaid=unpaid) for key in ("first", "second") if self.chance(0.4))
        return Pay(amounts=amounts, **rules)

    def amount(self, key: str, *, unpaid: bool) -> Amount:
        rules = self.some({"gross": self.one_of(YES_NO), "valid_from": VALID}, 0.5)
        per, limit = self.one_of(("half_day", "day", "meeting", "year")), unpaid or self.chance(0.4)
        eur = self.one_of(("217", "217.50") if limit else ("217", "44.02"))  # no amount is above a ceiling
        return Amount(key=key, eur=eur, per=per, limit=limit, **rules)

    # -- chances -----------------------------------------------------------------------------------------
    def text(self, words: str) -> Texts:
        """Return words in the languages of the book; what they say is the same in each."""
        return {language: f"{words} ({language})" for language in self.languages}  # type: ignore[misc]

    def some(self, rules: dict[str, Any], share: float) -> dict[str, Any]:
        return {rule: value for rule, value in rules.items() if self.chance(share)}

    def one_of(self, choices: Sequence[Any]) -> Any:
        return choices[self.between(0, len(choices) - 1)]

    def between(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)


_LEVELS = ("municipality", "province", "region", "state", "union")
_PROPOSERS = ("resident", "association", "member", "authority")


def _with(table: T, **rules: Any) -> T:
    """Return the table with other rules, checked as if it had been read."""
    return type(table)(**(dict(table) | rules))
