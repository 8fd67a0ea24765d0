"""Rules that cannot hold together: each with both ids, so that the author knows which two to compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from isegoria.rulebook.model import Body, RuleBook

YEAR = 12


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two rules that cannot hold together, the code of the sentence that says why, and its numbers."""

    code: str
    first: str
    second: str
    numbers: dict[str, object]


def contradictions(book: RuleBook) -> tuple[Contradiction, ...]:
    """Return the pairs of rules of a well-formed book that cannot both hold, in the order of the book."""
    found = [each for body in book.bodies for each in _of_body(book, body, f"bodies.{body.key}.")]
    return (*found, *_of_roles(book), *_of_deadlines(book), *_of_pay(book))


def _of_body(book: RuleBook, body: Body, path: str) -> Iterator[Contradiction]:
    yield from _of_rotation(body, path)
    yield from _of_return(body, path)
    yield from _of_fixed_seats(book, body, path)
    yield from _of_mixed(body, path)
    yield from _of_entry(book, body, path)
    decision = body.decision
    if decision.threshold == 1 and decision.more_than:
        yield Contradiction(
            "rulebook_more_than_all", f"{path}decision.threshold", f"{path}decision.more_than", {}
        )
    blackout, yearly = book.blackout, body.per_calendar_year
    if yearly and yearly[0] and blackout and blackout.stops(body.key):
        months = blackout.months_before_election
        if months >= YEAR:
            yield Contradiction(
                "rulebook_year_of_blackout", f"{path}per_calendar_year", "blackout.months_before_election",
                {"months": months, "fewest": yearly[0]},
            )  # fmt: skip


def _of_rotation(body: Body, path: str) -> Iterator[Contradiction]:
    rotation, size = body.rotation, body.size_min
    if rotation is None:
        return
    if rotation.kind == "part" and rotation.share is not None:
        quorum = body.decision.quorum
        if quorum is not None and 1 - rotation.share < quorum:
            yield Contradiction(
                "rulebook_no_quorum", f"{path}rotation.share", f"{path}decision.quorum",
                {"staying": 1 - rotation.share, "quorum": quorum},
            )  # fmt: skip
        if rotation.every_months and body.mandate_most:
            served = Fraction(rotation.every_months) / rotation.share
            if served != body.mandate_most:
                yield Contradiction(
                    "rulebook_mandate_and_rotation", f"{path}mandate_months", f"{path}rotation.every_months",
                    {"mandate": body.mandate_most, "served": served},
                )  # fmt: skip
    if rotation.kind == "cohorts" and rotation.every_months and rotation.entering and body.mandate_most:
        sitting = Fraction(rotation.entering * body.mandate_most, rotation.every_months)
        if body.size is not None and not size <= sitting <= body.size_max:
            yield Contradiction(
                "rulebook_cohorts_and_size", f"{path}rotation.entering", f"{path}size",
                {"sitting": sitting, "low": size, "high": body.size_max},
            )  # fmt: skip


def _of_return(body: Body, path: str) -> Iterator[Contradiction]:
    rotation = body.rotation
    if rotation is None or rotation.returning is None:
        return
    rule = f"{path}rotation.returning"
    if body.size is not None and rotation.returning >= body.size_min:
        numbers: dict[str, object] = {"returning": rotation.returning, "size": body.size_min}
        yield Contradiction("rulebook_all_return", rule, f"{path}size", numbers)
    if body.cooling_off is not None:
        months = body.cooling_off.months
        yield Contradiction(
            "rulebook_return_and_cooling_off", rule, f"{path}cooling_off.months", {"months": months}
        )
    if body.most_terms == 1:
        yield Contradiction("rulebook_return_and_one_term", rule, f"{path}most_terms", {})


def _of_fixed_seats(book: RuleBook, body: Body, path: str) -> Iterator[Contradiction]:
    if body.size is not None:
        kept = {each.key: each.needed(body.size_min) for each in body.fixed_seats}
        by_feature: dict[str, list[str]] = {}
        for each in body.fixed_seats:
            by_feature.setdefault(each.feature or each.key, []).append(each.key)
        for keys in by_feature.values():
            total = sum(kept[key] for key in keys)
            if total > body.size_min:
                yield Contradiction(
                    "rulebook_seats_over_size", f"{path}fixed_seats.{keys[-1]}", f"{path}size",
                    {"seats": total, "size": body.size_min},
                )  # fmt: skip
    for each in body.fixed_seats:
        if each.ages and book.draw.age_min is not None and each.ages[1] < book.draw.age_min:
            yield Contradiction(
                "rulebook_seats_too_young", f"{path}fixed_seats.{each.key}.ages", "draw.age_min",
                {"last": each.ages[1], "youngest": book.draw.age_min},
            )  # fmt: skip


def _of_mixed(body: Body, path: str) -> Iterator[Contradiction]:
    for other in body.others:
        if other.citizens_per_seat is None or other.seats is None or body.size is None:
            continue
        low, high = (other.seats, other.seats) if isinstance(other.seats, int) else other.seats
        ratio = other.citizens_per_seat
        if (low * ratio, high * ratio) != (body.size_min, body.size_max):
            yield Contradiction(
                "rulebook_ratio", f"{path}others.{other.key}.citizens_per_seat", f"{path}size",
                {"ratio": ratio, "low": low * ratio, "high": high * ratio},
            )  # fmt: skip


def _of_entry(book: RuleBook, body: Body, path: str) -> Iterator[Contradiction]:
    if body.drawn_from is None:
        return
    source = book.body(body.drawn_from)
    rule = f"{path}drawn_from"
    if source.cooling_off is not None and source.cooling_off.scope == "institution":
        months = f"bodies.{source.key}.cooling_off.scope"
        yield Contradiction("rulebook_entry_and_cooling_off", rule, months, {"body": source.key})
    if source.size is not None and body.size is not None and source.size_max < body.size_min:
        yield Contradiction(
            "rulebook_source_too_small", rule, f"{path}size",
            {"there": source.size_max, "size": body.size_min},
        )  # fmt: skip


def _of_roles(book: RuleBook) -> Iterator[Contradiction]:
    """Between assemblies a body can only decide if it sits then, decides, and has something to decide."""
    agenda = book.agenda
    for rule, key in (("agenda.judges", agenda.judges), ("agenda.adopts_question", agenda.adopts_question)):
        if key is None:
            continue
        body = book.body(key)
        if body.decision.effect == "consultative":
            yield Contradiction(
                "rulebook_body_advises", rule, f"bodies.{key}.decision.effect", {"body": key}
            )
        standing = (
            body.mandate_months is not None or body.rotation is not None or body.drawn_from is not None
        )
        if body.drawn and body.mandate and not standing:
            yield Contradiction("rulebook_body_is_over", rule, f"bodies.{key}.mandate", {"body": key})
    if agenda.judges is not None and not (
        agenda.proposers or agenda.may_propose or agenda.resident_signatures is not None
    ):
        yield Contradiction("rulebook_nothing_to_judge", "agenda.judges", "agenda.proposers", {})


def _of_deadlines(book: RuleBook) -> Iterator[Contradiction]:
    duty, agenda = book.duty, book.agenda
    answer = duty.answer_months or (duty.answer_days or 0) / 31
    name = "duty.answer_months" if duty.answer_months else "duty.answer_days"
    for rule in ("final_months", "review_months"):
        months = getattr(duty, rule)
        if months is not None and answer > months:
            yield Contradiction("rulebook_answer_after", name, f"duty.{rule}", {"months": months})
    signing = agenda.signatory_age_min
    if agenda.resident_signatures is None and signing is not None:
        yield Contradiction(
            "rulebook_signatories", "agenda.signatory_age_min", "agenda.resident_signatures", {}
        )


def _of_pay(book: RuleBook) -> Iterator[Contradiction]:
    if book.pay.allowance is False and any(not each.limit for each in book.pay.amounts):
        paid = next(each.key for each in book.pay.amounts if not each.limit)
        yield Contradiction("rulebook_pay", "pay.allowance", f"pay.amounts.{paid}.eur", {})
