"""Did the play keep the rules? Looked at from outside: only the record and the rule book, nothing of the play."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from isegoria.rulebook import Body, blackouts, months_after, term_end
from isegoria.simulation.record import Simulation, Sitting


def violations(played: Simulation) -> tuple[str, ...]:
    """Return every breach of a rule in what was played, with the rule's id; empty if there is none.

    Notes
    -----
    Looked for: a meeting in a pause; a seat with two holders, or a person on two seats of a body; a sitting longer
    than the mandate; a body above its size, installed below it, or below it while an alternate is waiting; a member
    who returned within the waiting time, or more often than allowed; a member drawn among those of another body who
    had not sat there.
    """
    found = list(_meetings_in_a_pause(played))
    for key in played.bodies:
        body, own = played.book.body(key), [one for one in played.sittings if one.body == key]
        found += _two_holders(body, own)
        found += _too_long(body, own)
        found += _wrong_size(played, body, own)
        found += _not_filled(played, body)
        found += _too_soon(played, body, own)
        found += _too_often(body, own)
        found += _from_elsewhere(played, body, own)
    return tuple(found)


def _meetings_in_a_pause(played: Simulation) -> Iterator[str]:
    for entry in played.calendar:
        if entry.kind != "meeting":
            continue
        for begins, ends in blackouts(played.book, entry.body, played.scenario.elections):
            if begins <= entry.day <= ends:
                yield f"blackout.months_before_election: {entry.body} meets on {entry.day}"


def _two_holders(body: Body, sittings: list[Sitting]) -> Iterator[str]:
    for what in ("seat", "person"):
        by: dict[object, list[Sitting]] = defaultdict(list)
        for one in sittings:
            by[getattr(one, what)].append(one)
        for name, own in by.items():
            own.sort(key=lambda one: one.first)
            for earlier, later in pairwise(own):
                if later.first <= earlier.last:
                    yield f"bodies.{body.key}.size: {what} {name} twice on {later.first}"


def _too_long(body: Body, sittings: list[Sitting]) -> Iterator[str]:
    if body.mandate_most is None:
        return
    for one in sittings:
        if one.last > term_end(one.first, body.mandate_most):
            yield f"bodies.{body.key}.mandate_months: seat {one.seat} from {one.first} to {one.last}"


def _wrong_size(played: Simulation, body: Body, sittings: list[Sitting]) -> Iterator[str]:
    events = sorted({one.first for one in sittings} | {entry.day for entry in played.calendar})
    renewed = {
        entry.day
        for entry in played.calendar
        if entry.body == body.key and entry.kind in {"rotation", "installation"}
    }
    for day in events:
        size = sum(one.first <= day <= one.last for one in sittings)
        # a draw ends the list of alternates of the one before: only its own can fill what it left empty
        waiting = (
            played.waiting[body.key, day] if day in renewed else _waiting_before(played, body.key, day)
        )
        sits = size and _in_session(played, body, day)
        if size > body.size_max:
            yield f"bodies.{body.key}.size: {size} on {day}"
        elif sits and size < body.size_min and waiting and not _stays_empty(body):
            yield f"bodies.{body.key}.size: {size} on {day}, and {waiting} alternates wait"


def _not_filled(played: Simulation, body: Body) -> Iterator[str]:
    for entry in played.calendar:
        if entry.body == body.key and entry.kind == "installation":
            size = len(played.roster(body.key, entry.day))
            if size < body.size_min:
                yield f"bodies.{body.key}.size: only {size} were found by {entry.day}"


def _waiting_before(played: Simulation, body: str, day: date) -> int:
    """Return how many alternates waited at the end of the last day before this one."""
    days = [each for key, each in played.waiting if key == body and each < day]
    return played.waiting[body, max(days)] if days else 0


def _in_session(played: Simulation, body: Body, day: date) -> bool:
    """Return whether a body has members by rule on a day: a standing one always, one for a theme until its report."""
    if body.is_standing:
        return True
    last = [
        entry
        for entry in played.calendar
        if entry.body == body.key
        and entry.day <= day
        and entry.kind in {"installation", "report", "term_end"}
    ]
    return bool(last) and last[-1].kind == "installation"


def _stays_empty(body: Body) -> bool:
    return body.replaced_until_meeting is not None


def _too_soon(played: Simulation, body: Body, sittings: list[Sitting]) -> Iterator[str]:
    rule = body.cooling_off
    if rule is None:
        return
    others = played.sittings if rule.scope == "institution" else sittings
    for one in sittings:
        until = months_after(one.last, rule.months)
        for later in others:
            if later.person == one.person and one.last < later.first <= until:
                yield f"bodies.{body.key}.cooling_off.months: back in {later.body} on {later.first}"


def _too_often(body: Body, sittings: list[Sitting]) -> Iterator[str]:
    counts: dict[str, int] = defaultdict(int)
    for one in sittings:
        counts[one.person] += 1
    if body.most_terms is not None and max(counts.values(), default=0) > body.most_terms:
        yield f"bodies.{body.key}.most_terms: {max(counts.values())} terms"


def _from_elsewhere(played: Simulation, body: Body, sittings: list[Sitting]) -> Iterator[str]:
    """Yield who was drawn into a body without having sat in the one among whose members people are drawn."""
    if body.drawn_from is None:
        return
    there: dict[str, date] = {}
    for one in played.sittings:
        if one.body == body.drawn_from:
            there[one.person] = min(one.first, there.get(one.person, date.max))
    for one in sittings:
        founders = body.is_standing and one.number == 1  # a council can begin before anybody sat elsewhere
        if not founders and there.get(one.person, date.max) >= one.first:
            yield f"bodies.{body.key}.drawn_from: seat {one.seat} from {one.first}"
