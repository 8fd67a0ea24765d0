"""Rules that cannot hold together: each with both ids, so that the author knows which two to compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from isegoria.rulebook.model import Body, FixedSeats, RuleBook

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
    return (
        *found,
        *_of_circles(book),
        *_of_letters(book),
        *_of_roles(book),
        *_of_deadlines(book),
        *_of_validity(book),
        *_of_pay(book),
    )


def _of_body(book: RuleBook, body: Body, path: str) -> Iterator[Contradiction]:
    yield from _of_rotation(body, path)
    yield from _of_empty_months(body, path)
    yield from _of_return(body, path)
    yield from _of_fixed_seats(book, body, path)
    yield from _of_mixed(body, path)
    yield from _of_entry(book, body, path)
    if body.replaced_until_meeting and body.meetings and body.replaced_until_meeting > body.meetings:
        yield Contradiction(
            "rulebook_replaced_too_long", f"{path}replaced_until_meeting", f"{path}meetings",
            {"until": body.replaced_until_meeting, "meetings": body.meetings},
        )  # fmt: skip
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


def _of_empty_months(body: Body, path: str) -> Iterator[Contradiction]:
    """All who sit leave together: where their mandates end before the next renewal, the seats stay empty until then."""
    rotation, mandate = body.rotation, body.mandate_most
    if rotation is None or rotation.kind not in {"whole", "return"} or mandate is None:
        return
    yearly = rotation.trigger == "calendar_year"
    months = YEAR if yearly else rotation.every_months
    if months is not None and mandate < months:
        yield Contradiction(
            "rulebook_empty_months", f"{path}mandate_months",
            f"{path}rotation.{'trigger' if yearly else 'every_months'}",
            {"mandate": mandate, "months": months},
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

    yield from _of_exact_seats(body, path)


def _of_exact_seats(body: Body, path: str) -> Iterator[Contradiction]:
    """Of seats for the same people that are kept twice, exact ones leave no room for another number."""
    for number, one in enumerate(body.fixed_seats):
        for other in body.fixed_seats[number + 1 :]:
            if _for_whom(one) != _for_whom(other):
                continue
            these, those = one.needed(body.size_min), other.needed(body.size_min)
            if (one.exact and those > these) or (other.exact and these > those):
                yield Contradiction(
                    "rulebook_exact_seats", f"{path}fixed_seats.{one.key}", f"{path}fixed_seats.{other.key}",
                    {"these": these, "those": those},
                )  # fmt: skip


def _for_whom(kept: FixedSeats) -> tuple[object, ...]:
    """Return what tells who sits there; by its own key where nothing else does, and that is nobody else's."""
    return (kept.feature, kept.value or (None if kept.ages else kept.key), kept.ages)


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


def _of_circles(book: RuleBook) -> Iterator[Contradiction]:
    """Bodies that are drawn among each other's members alone never get a first member, unless a first one is set out."""
    for body in book.bodies:
        passed, source = [body], body.drawn_from
        while source is not None and source not in {each.key for each in passed}:
            passed.append(book.body(source))
            source = passed[-1].drawn_from
        first = passed[0].key == min(each.key for each in passed)  # each circle is told once
        if source == body.key and first and not any(each.first_composition for each in passed):
            yield Contradiction(
                "rulebook_circle",
                f"bodies.{body.key}.drawn_from",
                f"bodies.{passed[-1].key}.drawn_from",
                {},
            )


def _of_letters(book: RuleBook) -> Iterator[Contradiction]:
    draw = book.draw
    if draw.reminder_days and draw.reply_days and draw.reminder_days >= draw.reply_days:
        yield Contradiction(
            "rulebook_reminder_too_late", "draw.reminder_days", "draw.reply_days",
            {"reminder": draw.reminder_days, "reply": draw.reply_days},
        )  # fmt: skip
    for body in book.bodies:
        asked = body.is_filled_by_lot and body.drawn_from is None and draw.letters is not None
        if asked and (draw.letters or 0) < body.size_min:
            yield Contradiction(
                "rulebook_letters_and_size", "draw.letters", f"bodies.{body.key}.size",
                {"letters": draw.letters, "size": body.size_min},
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


def _of_validity(book: RuleBook) -> Iterator[Contradiction]:
    if book.valid_from and book.valid_until and book.valid_until < book.valid_from:
        yield Contradiction(
            "rulebook_never_valid", "valid_from", "valid_until",
            {"from_day": book.valid_from.isoformat(), "last_day": book.valid_until.isoformat()},
        )  # fmt: skip


def _of_pay(book: RuleBook) -> Iterator[Contradiction]:
    if book.pay.allowance is False and any(not each.limit for each in book.pay.amounts):
        paid = next(each.key for each in book.pay.amounts if not each.limit)
        yield Contradiction("rulebook_pay", "pay.allowance", f"pay.amounts.{paid}.eur", {})
    for amount in book.pay.amounts:
        for ceiling in book.pay.amounts:
            always = ceiling.limit and ceiling.valid_from is None and ceiling.per in {amount.per, "year"}
            if always and not amount.limit and Decimal(amount.eur) > Decimal(ceiling.eur):
                yield Contradiction(
                    "rulebook_over_ceiling", f"pay.amounts.{amount.key}.eur", f"pay.amounts.{ceiling.key}.eur",
                    {"amount": amount.eur, "ceiling": ceiling.eur},
                )  # fmt: skip
