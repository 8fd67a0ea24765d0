"""The statute in plain words, from the data; and what it does not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from isegoria.rulebook.model import (
    Amount,
    Body,
    Decision,
    FixedSeats,
    Language,
    OtherSeats,
    Range,
    Rotation,
    RuleBook,
    Rules,
    Texts,
)
from isegoria.rulebook.phrases import KINDS, MONTHS, NAMES, PHRASES

_OF_VOTES = {Fraction(4, 5): "four_fifths", Fraction(2, 3): "two_thirds", Fraction(1, 2): "half"}
_AS_SUBJECT = {Fraction(1, 3): "part_third", Fraction(1, 2): "part_half"}
_OF_SEATS = {Fraction(1, 3): "one_third", Fraction(1, 10): "one_tenth", Fraction(1, 2): "one_half"}

Sentence = tuple[str, str]
"""Id of a rule, and what it says."""


def explain(book: RuleBook, language: Language = "en") -> tuple[Sentence, ...]:
    """Return the rule book in plain sentences, each with the id of its rule.

    Parameters
    ----------
    book
        The rules.
    language
        One of nl, fr, de, en; a text that the rule book lacks in it is given in another.

    Returns
    -------
    tuple of (str, str)
        Rule id and sentence, in the order of the rule book; at the end, with the ids `unconfirmed` and
        `silent`, what is known from accounts alone and what the statute leaves open.

    Notes
    -----
    Guarantee: every rule that is set is said, by itself or together with the rule it belongs to; short sentences,
    and no word that a twelve-year-old would have to look up beyond those of the glossary.
    """
    return tuple(_Speaker(book, language).sentences())


def kind_in(kind: str, language: Language) -> str:
    """Return what happens on a day of the calendar."""
    return KINDS[kind][language]


def name_of(rule: str, language: Language) -> str:
    """Return the name of a rule (its id is a dotted path) or of a feature; the id itself if it has no name."""
    last = rule.rsplit(".", 1)[-1]
    return NAMES[last][language] if last in NAMES else last


def day_in(day: date, language: Language) -> str:
    """Return a day as it is written: `12 April 2019`, `12. April 2019`."""
    dot = "." if language == "de" else ""
    return f"{day.day}{dot} {MONTHS[language][day.month - 1]} {day.year}"


class _Speaker:
    """Says a rule book in one language, part by part."""

    def __init__(self, book: RuleBook, language: Language) -> None:
        self.book = book
        self.language = language

    def sentences(self) -> Iterator[Sentence]:
        yield "legal_basis", f"{self.own(self.book.title)}. {self.book.legal_basis}."
        yield from self.validity()
        yield from self.written("", self.book, "appointing", "secretariat", "governance", "funding")
        for body in self.book.bodies:
            yield from self.body(body)
        yield from self.draw()
        yield from self.agenda()
        yield from self.duty()
        yield from self.pay()
        yield from self.blackout()
        for rule, listed in (("unconfirmed", self.book.unconfirmed), ("silent", self.book.silent())):
            named = [f"{name_of(each, self.language)} ({each})" for each in listed]
            if named:
                yield rule, self.phrase(rule, rules=", ".join(named))

    def validity(self) -> Iterator[Sentence]:
        book = self.book
        for rule in ("valid_from", "valid_until"):
            day = getattr(book, rule)
            if day is not None:
                yield rule, self.phrase(rule, day=day_in(day, self.language))
        yield from self.numbered("", book, ends_after_meetings="ends_after")
        yield from self.written("", book, "ended")
        if book.time_zone is not None:
            yield "time_zone", self.phrase("time_zone", zone=book.time_zone)

    def body(self, body: Body) -> Iterator[Sentence]:
        path, title = f"bodies.{body.key}.", self.own(body.title)
        if body.size is not None:
            yield f"{path}size", f"{title}: {self.between(body.size, 'seats', 'seats_range')}."
        elif body.drawn:
            yield f"{path}title", f"{title}."
        if not body.drawn:
            yield f"{path}drawn", f"{title}: {self.phrase('not_drawn')}"
        yield from self.written(path, body, "task")
        if body.mandate_months is not None:
            yield f"{path}mandate_months", self.between(body.mandate_months, "mandate", "mandate_range")
        yield from self.written(path, body, "mandate")
        yield from self.labelled(path, body, "first_composition", "entry_condition")
        if body.drawn_from is not None:
            source = self.own(self.book.body(body.drawn_from).title)
            yield f"{path}drawn_from", self.phrase("drawn_from", text=source)
        if body.rotation is not None:
            yield from self.rotation(body.rotation, f"{path}rotation.")
        yield from self.seats(body, path)
        yield from self.meetings(body, path)
        yield from self.decision(body.decision, f"{path}decision.")
        if body.together is not None:
            yield f"{path}together", self.phrase(f"together_{body.together}")

    def seats(self, body: Body, path: str) -> Iterator[Sentence]:
        for kept in body.fixed_seats:
            yield from self.fixed_seats(kept, f"{path}fixed_seats.{kept.key}.")
        for other in body.others:
            yield from self.others(other, f"{path}others.{other.key}.")
        if body.alternates == "equal":
            yield f"{path}alternates", self.phrase("alternates_equal")
        elif body.alternates is not None:
            yield f"{path}alternates", self.phrase("alternates", count=body.alternates)
        if body.cooling_off is not None:
            scope, months = body.cooling_off.scope, body.cooling_off.months
            yield f"{path}cooling_off.months", self.phrase(f"cooling_off_{scope}", months=months)
        yield from self.numbered(
            path, body, most_terms="most_terms", replaced_until_meeting="replaced_until"
        )
        yield from self.labelled(path, body, "suspension", "exclusion")
        yield from self.either(path, body, "exclusion_hearing", "heard")
        yield from self.either(path, body, "public_names", "public_names")

    def fixed_seats(self, kept: FixedSeats, path: str) -> Iterator[Sentence]:
        text = self.own(kept.title)
        if kept.share is not None:
            share = self.named(kept.share, _OF_SEATS)
            name = "kept_share_exact" if kept.exact else "kept_share"
            yield f"{path}share", self.phrase(name, share=share, text=text)
        else:
            name = "kept_exact" if kept.exact else "kept_one" if kept.seats == 1 else "kept"
            yield f"{path}seats", self.phrase(name, count=kept.seats, text=text)
        if kept.ages is not None:
            yield f"{path}ages", self.phrase("kept_ages", low=kept.ages[0], high=kept.ages[1])

    def others(self, other: OtherSeats, path: str) -> Iterator[Sentence]:
        yield f"{path}title", self.phrase("others", text=self.own(other.title))
        if other.seats is not None:
            yield f"{path}seats", self.between(other.seats, "others_seats", "others_range")
        yield from self.numbered(path, other, citizens_per_seat="citizens_per_seat")
        if other.effect is not None:
            yield f"{path}effect", self.phrase(f"others_{other.effect}")
        yield from self.either(path, other, "secret", "others_secret")
        yield from self.vote_of_others(other, path)
        yield from self.written(path, other, "rule")

    def vote_of_others(self, other: OtherSeats, path: str) -> Iterator[Sentence]:
        if other.threshold is not None:
            name = "others_more_than" if other.more_than else "others_majority"
            yield f"{path}threshold", self.phrase(name, share=self.named(other.threshold, _OF_VOTES))
        if other.of_all:
            yield f"{path}of_all", self.phrase("others_of_all")
        if other.quorum is not None:
            yield f"{path}quorum", self.phrase("others_quorum", share=self.named(other.quorum, _OF_VOTES))
        if other.abstention is not None:
            yield f"{path}abstention", self.phrase(f"abstention_{other.abstention}")
        yield from self.numbered(path, other, weight="others_weight")

    def meetings(self, body: Body, path: str) -> Iterator[Sentence]:
        yield from self.numbered(path, body, meetings="meetings", meetings_per_year="meetings_per_year")
        yield from self.written(path, body, "sessions")
        if body.per_calendar_year is not None:
            low, high = body.per_calendar_year
            yield f"{path}per_calendar_year", self.phrase("per_calendar_year", low=low, high=high)

    def rotation(self, rotation: Rotation, path: str) -> Iterator[Sentence]:
        by_clock = rotation.trigger is None
        when = self.phrase(
            "when_clock" if by_clock else f"when_{rotation.trigger}", months=rotation.every_months
        )
        share = self.named(rotation.share, _AS_SUBJECT) if rotation.share else ""
        count = rotation.returning or rotation.entering
        sentence = self.phrase(f"rotation_{rotation.kind}", share=share, count=count, when=when)
        yield f"{path}{'every_months' if by_clock else 'trigger'}", sentence
        yield from self.labelled(path, rotation, "enter")

    def decision(self, decision: Decision, path: str) -> Iterator[Sentence]:
        if decision.threshold is not None:
            name = "more_than" if decision.more_than else "majority"
            if decision.consensus_first:
                name = "consensus_more_than" if decision.more_than else "consensus"
            yield f"{path}threshold", self.phrase(name, share=self.named(decision.threshold, _OF_VOTES))
        elif decision.consensus_first:
            yield f"{path}consensus_first", self.phrase("consensus_alone")
        if decision.quorum is not None:
            yield f"{path}quorum", self.phrase("quorum", share=self.named(decision.quorum, _OF_VOTES))
        if decision.abstention is not None:
            yield f"{path}abstention", self.phrase(f"abstention_{decision.abstention}")
        yield from self.either(path, decision, "secret", "secret")
        if decision.effect is not None:
            yield f"{path}effect", self.phrase(decision.effect)
        if decision.minority_days is not None:
            yield f"{path}minority_days", self.phrase("minority_days", count=decision.minority_days)

    def draw(self) -> Iterator[Sentence]:
        draw = self.book.draw
        yield from self.written("draw.", draw, "frame")
        if draw.unit is not None:
            yield "draw.unit", self.phrase(f"unit_{draw.unit}")
        if draw.age_min is not None:
            yield "draw.age_min", self.phrase("age", age=draw.age_min)
        yield from self.labelled("draw.", draw, "residence")
        yield from self.either("draw.", draw, "nationality_required", "nationality")
        yield from self.labelled("draw.", draw, "eligibility", "exclusions")
        if draw.letters is not None:
            yield "draw.letters", self.phrase("letters", letters=draw.letters)
        yield from self.written("draw.", draw, "letters_by")
        if draw.reply_days is not None:
            yield "draw.reply_days", self.phrase("reply_days", days=draw.reply_days)
        if draw.reminder_days is not None:
            yield "draw.reminder_days", self.phrase("reminder_days", days=draw.reminder_days)
        if draw.strata:
            yield "draw.strata", self.phrase("strata", names=self.names(draw.strata))
        yield from self.written("draw.", draw, "reserve", "witness")
        if draw.disclosure is not None:
            yield "draw.disclosure", self.phrase(f"disclosure_{draw.disclosure}")
        if draw.challenge_days is not None:
            yield "draw.challenge_days", self.phrase("challenge_days", days=draw.challenge_days)

    def agenda(self) -> Iterator[Sentence]:
        agenda = self.book.agenda
        yield from self.by_body("agenda.", agenda, "decides")
        yield from self.written("agenda.", agenda, "chosen_by")
        if agenda.choice is not None:
            yield "agenda.choice", self.phrase(f"choice_{agenda.choice}")
        yield from self.written("agenda.", agenda, "may_propose")
        if agenda.proposers:
            names = ", ".join(self.phrase(f"proposer_{each}") for each in agenda.proposers)
            yield "agenda.proposers", self.phrase("proposers", names=names)
        yield from self.numbered("agenda.", agenda, resident_signatures="signatures")
        if agenda.signatory_age_min is not None:
            yield "agenda.signatory_age_min", self.phrase("signatory_age", age=agenda.signatory_age_min)
        yield from self.timed("agenda.", agenda, "collect_months")
        if agenda.signatures_kept_days is not None:
            yield (
                "agenda.signatures_kept_days",
                self.phrase("signatures_kept", days=agenda.signatures_kept_days),
            )
        yield from self.labelled("agenda.", agenda, "proposal_form", "admissibility")
        yield from self.by_body("agenda.", agenda, "judges")
        yield from self.timed("agenda.", agenda, "verdict_months")
        yield from self.either("agenda.", agenda, "refusal_needs_reasons", "refused_reasons")
        yield from self.timed("agenda.", agenda, "resubmit_months")
        if agenda.first_meeting_months is not None:
            low, high = agenda.first_meeting_months
            yield "agenda.first_meeting_months", self.phrase("first_meeting", low=low, high=high)
        yield from self.by_body("agenda.", agenda, "adopts_question")

    def duty(self) -> Iterator[Sentence]:
        duty = self.book.duty
        yield from self.written("duty.", duty, "text")
        if duty.answer_days is not None:
            yield "duty.answer_days", self.phrase("answer_days", days=duty.answer_days)
        yield from self.timed("duty.", duty, "answer_months")
        if duty.refusal_needs_reasons is not None:
            name = "reasons" if duty.refusal_needs_reasons else "reasons_no"
            yield "duty.refusal_needs_reasons", self.phrase(name)
        yield from self.timed("duty.", duty, "final_months", "review_months")
        yield from self.written("duty.", duty, "review")
        yield from self.by_body("duty.", duty, "follows_up")

    def pay(self) -> Iterator[Sentence]:
        pay = self.book.pay
        yield from self.labelled("pay.", pay, "regime")
        if pay.scheme is not None:
            yield "pay.scheme", self.phrase(f"scheme_{pay.scheme}")
        kinds = ("allowance", "travel", "car_insurance", "childcare")
        for rule, name, wanted in (("pay", "pay", True), ("pay.not", "unpaid", False)):
            listed = [kind for kind in kinds if getattr(pay, kind) is wanted]
            if listed:
                yield rule, self.phrase(name, names=self.names(listed))
        yield from self.labelled("pay.", pay, "covers")
        for amount in pay.amounts:
            yield from self.amount(amount, f"pay.amounts.{amount.key}.")

    def amount(self, amount: Amount, path: str) -> Iterator[Sentence]:
        name = "amount_limit" if amount.limit else "amount"
        yield f"{path}eur", self.phrase(name, amount=amount.eur, per=self.phrase(f"per_{amount.per}"))
        if amount.valid_from is not None:
            day = day_in(amount.valid_from, self.language)
            yield f"{path}valid_from", self.phrase("amount_from", day=day)
        yield from self.either(path, amount, "gross", "gross")

    def blackout(self) -> Iterator[Sentence]:
        blackout = self.book.blackout
        if blackout is None:
            return
        months = blackout.months_before_election
        yield "blackout.months_before_election", self.phrase("blackout", months=months)
        if blackout.bodies:
            titles = ", ".join(self.own(self.book.body(key).title) for key in blackout.bodies)
            yield "blackout.bodies", self.phrase("blackout_bodies", names=titles)

    # -- how a rule is said -----------------------------------------------------------------------------
    def written(self, path: str, table: Rules, *rules: str) -> Iterator[Sentence]:
        """Yield the rule book's own words."""
        for rule in rules:
            if getattr(table, rule):
                yield f"{path}{rule}", self.own(getattr(table, rule))

    def labelled(self, path: str, table: Rules, *rules: str) -> Iterator[Sentence]:
        """Yield the rule book's own words after ours."""
        for rule in rules:
            if getattr(table, rule):
                yield f"{path}{rule}", self.phrase(rule, text=self.own(getattr(table, rule)))

    def by_body(self, path: str, table: Rules, rule: str) -> Iterator[Sentence]:
        """Yield what a rule gives to one of the bodies, by its phrase with the body's title."""
        if getattr(table, rule) is not None:
            title = self.own(self.book.body(getattr(table, rule)).title)
            yield f"{path}{rule}", self.phrase(rule, text=title)

    def numbered(self, path: str, table: Rules, **phrases: str) -> Iterator[Sentence]:
        """Yield the rules that are a number, each by its phrase with a `count`."""
        for rule, name in phrases.items():
            if getattr(table, rule) is not None:
                yield f"{path}{rule}", self.phrase(name, count=getattr(table, rule))

    def timed(self, path: str, table: Rules, *rules: str) -> Iterator[Sentence]:
        """Yield the rules that are a number of months."""
        for rule in rules:
            if getattr(table, rule) is not None:
                yield f"{path}{rule}", self.phrase(rule, months=getattr(table, rule))

    def either(self, path: str, table: Rules, rule: str, name: str) -> Iterator[Sentence]:
        """Yield a rule that is yes or no, by one of a pair of phrases."""
        if getattr(table, rule) is not None:
            yield f"{path}{rule}", self.phrase(f"{name}_{'yes' if getattr(table, rule) else 'no'}")

    def between(self, value: Range, one: str, two: str) -> str:
        low, high = (value, value) if isinstance(value, int) else value
        return self.phrase(one if low == high else two, low=low, high=high, months=low)

    def names(self, rules: Iterable[str]) -> str:
        return ", ".join(name_of(rule, self.language) for rule in rules)

    def named(self, share: Fraction, names: dict[Fraction, str]) -> str:
        return self.phrase(names[share]) if share in names else str(share)

    def phrase(self, name: str, **values: object) -> str:
        return PHRASES[name][self.language].format(**values)

    def own(self, texts: Texts) -> str:
        return texts.get(self.language) or next(iter(texts.values()))
