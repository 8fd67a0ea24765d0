"""The play: the calendar's days one after the other, with letters, lots, drop-outs, rotations and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from math import ceil

from isegoria.pool import Entry
from isegoria.proof.derivation import next_alternate
from isegoria.register.draw import draw_letters
from isegoria.rulebook import Body, CalendarEntry, RuleBook, calendar, months_after, term_end
from isegoria.rulebook.cycles import answer_due
from isegoria.rulebook.dates import DAY
from isegoria.seeding import Stream, keyed_order, seed_from_text
from isegoria.simulation.drawing import Drawn, chances_by_group, draw, quotas_of
from isegoria.simulation.record import Answered, Played, Simulation, Sitting
from isegoria.simulation.scenario import People, Scenario, assumptions, people_of, planned_size

WILLING_PERCENT = 60
"""Of the members of another body, who would like to be drawn from it."""
LATEST_DAYS = 120
"""How late a late answer can be."""
PER_MILLION = 10**6
ORDER = (
    "election",
    "members_erased",
    "pool_erased",
    "letters",
    "panel",
    "rotation",
    "installation",
    "meeting",
)
"""What happens first on a day; the rest follows."""


def simulate(book: RuleBook, scenario: Scenario | None = None) -> Simulation:
    """Play a rule book for years, and return who sat, with which chances, and what was answered.

    Parameters
    ----------
    book
        A rule book that holds.
    scenario
        What is assumed beside it.

    Notes
    -----
    Guarantee: the same book and scenario give the same play. Letters, lotteries, alternates and rotations are those
    of the library, not imitations; people, their answers, drop-outs and the authority's answers are invented. Terms
    are kept by seat: whoever moves up serves the rest of the seat's term.
    """
    scenario = scenario or Scenario()
    days = calendar(
        book,
        scenario.start,
        years=scenario.years,
        elections=scenario.elections,
        promised_answer_days=scenario.promised_answer_days,
    )
    return _Play(book, scenario, days).run()


@dataclass(slots=True)
class _Seat:
    """A seat while it is played: who sits on it, since when, and when the seat's term began and ends."""

    number: int
    member: Entry | None = None
    last: Entry | None = None
    draw: int = 0
    since: date = date.min
    term: date = date.min
    ends: date | None = None


@dataclass
class _Chamber:
    """A body while it is played."""

    body: Body
    seats: list[_Seat]
    alternates: list[Entry] = field(default_factory=list)
    pool: list[Entry] = field(default_factory=list)
    pending: tuple[Drawn, list[Entry]] | None = None
    number: int = 0
    meetings: int = 0
    returning: list[_Seat] = field(default_factory=list)
    closed: list[Entry] = field(default_factory=list)

    @property
    def sitting(self) -> list[_Seat]:
        return [seat for seat in self.seats if seat.member is not None]

    @property
    def empty(self) -> list[_Seat]:
        return [seat for seat in self.seats if seat.member is None]


class _Play:
    """One run: chambers, the record that grows, and a method for each kind of day."""

    def __init__(self, book: RuleBook, scenario: Scenario, days: Sequence[CalendarEntry]) -> None:
        self.book, self.scenario, self.days = book, scenario, days
        self.people: People = people_of(book, scenario)
        self.rows = {row["id"]: row for row in self.people.register.rows}
        self.chambers = {
            body.key: _Chamber(body, [_Seat(number) for number in range(planned_size(body))])
            for body in book.bodies
            if body.is_filled_by_lot
        }
        self.respondents: dict[tuple[str, int], tuple[int, int, list[Entry]]] = {}
        self.sittings: list[Sitting] = []
        self.draws: list[Played] = []
        self.answers: list[Answered] = []
        self.waiting: dict[tuple[str, date], int] = {}
        self.renewals = {
            (each.body, each.day) for each in days if each.kind in {"rotation", "installation"}
        }
        self.left_on: dict[tuple[str, str], date] = {}
        self.terms_sat: dict[tuple[str, str], int] = {}

    # -- the days --------------------------------------------------------------------------------------
    def run(self) -> Simulation:
        rank = {kind: place for place, kind in enumerate(ORDER)}
        ordered = sorted(self.days, key=lambda each: (each.day, rank.get(each.kind, len(ORDER))))
        for day, entries in groupby(ordered, key=lambda each: each.day):
            self.expire(day)
            for entry in entries:
                act = getattr(self, f"on_{entry.kind}", None)
                if act is not None:
                    act(entry)
            for key, chamber in self.chambers.items():
                self.top_up(chamber, day + DAY)
                self.waiting[key, day] = len(self.may_sit_now(chamber, day + DAY))
        end = months_after(self.scenario.start, 12 * self.scenario.years) - DAY
        self.expire(end + DAY)
        for chamber in self.chambers.values():
            for seat in chamber.sitting:
                self.leave(chamber, seat, end, "sitting")
        shares = {
            key: self.people.shares(chamber.body, self.scenario.start)
            for key, chamber in self.chambers.items()
        }
        return Simulation(
            self.book, self.scenario, tuple(self.days), tuple(self.sittings), tuple(self.draws),
            tuple(self.answers), self.waiting, shares, assumptions(self.book, self.people),
        )  # fmt: skip

    def on_letters(self, entry: CalendarEntry) -> None:
        body = self.chambers[entry.body].body
        eligible = len(self.people.register.eligible(age_min=self.people.age_min, on=entry.day))
        usual = planned_size(body) * self.scenario.letters_per_seat
        count = min(self.book.draw.letters or usual, usual, eligible)
        drawn = draw_letters(
            self.people.register, self.seed(entry), count, on=entry.day, age_min=self.people.age_min
        )
        yes = [row for row in drawn.rows if self.people.reaction(row, entry.day).answer == "yes"]
        entries = [self.people.entry(body, row, entry.day) for row in yes]
        self.respondents[entry.body, entry.number] = len(drawn.rows), eligible, entries

    def on_panel(self, entry: CalendarEntry) -> None:
        chamber = self.chambers[entry.body]
        chamber.returning = self.who_returns(chamber, entry)
        installs = self.next_day(entry)
        staying = [
            seat.member for seat in self.staying(chamber, entry, installs) if seat.member is not None
        ]
        letters, eligible, respondents = self.respondents.pop((entry.body, entry.number), (0, 0, []))
        able = respondents or self.among_members(chamber, entry)
        kind = "rotation" if staying else "panel"
        pool = self.may_sit(chamber, able, installs)
        drawn = self.lot(chamber, pool, staying, entry, kind, letters, eligible)
        chamber.pending = None if drawn is None else (drawn, pool)

    def on_installation(self, entry: CalendarEntry) -> None:
        chamber = self.chambers[entry.body]
        for seat in chamber.sitting:
            self.leave(chamber, seat, entry.day - DAY, "term")
        for seat in chamber.returning:
            if seat.member is not None:
                self.sit(chamber, chamber.seats[seat.number], seat.member, entry.day, seat.draw)
        chamber.meetings = 0
        self.seat_pending(chamber, entry)
        self.stagger(chamber, entry)

    def on_rotation(self, entry: CalendarEntry) -> None:
        chamber = self.chambers[entry.body]
        for seat in self.leaving(chamber, entry.day):
            if seat.member is not None:
                self.leave(chamber, seat, entry.day - DAY, "rotation")
        chamber.meetings = 0
        self.seat_pending(chamber, entry)

    def on_meeting(self, entry: CalendarEntry) -> None:
        chamber = self.chambers[entry.body]
        chamber.meetings += 1
        stream = Stream(self.seed(entry), "drop-out")
        limit = int(self.scenario.drop_out * PER_MILLION)
        for seat in chamber.sitting:
            if stream.below(PER_MILLION) < limit:
                self.leave(chamber, seat, entry.day, "dropped_out")
        self.top_up(chamber, entry.day + DAY)
        self.replace(chamber, entry)

    def on_report(self, entry: CalendarEntry) -> None:
        due = answer_due(self.book, entry.day, self.scenario.promised_answer_days)
        self.answers.append(self.answered(entry, due[0] if due else None))
        self.close(entry)

    def on_term_end(self, entry: CalendarEntry) -> None:
        self.close(entry)

    def on_pool_erased(self, entry: CalendarEntry) -> None:
        chamber = self.chambers[entry.body]
        if chamber.number == entry.number:
            chamber.pool = []

    def on_ended(self, entry: CalendarEntry) -> None:
        for chamber in self.chambers.values():
            chamber.alternates, chamber.pool = [], []
            for seat in chamber.sitting:
                self.leave(chamber, seat, entry.day, "abolished")

    # -- who may, who leaves, who returns ---------------------------------------------------------------
    def may_sit(self, chamber: _Chamber, entries: Iterable[Entry], day: date) -> list[Entry]:
        """Return those who sit nowhere, are not kept away by the waiting time, and have terms left."""
        body = chamber.body
        busy = self.busy(apart_from=body.drawn_from)
        if chamber.body.drawn_from is None:
            leaving = self.leaving(chamber, day) if body.is_standing else []
            busy |= {seat.member.id for seat in leaving if seat.member is not None}
        busy |= {seat.member.id for seat in chamber.returning if seat.member is not None}
        return [
            one
            for one in entries
            if one.id not in busy
            and not self.waits(body, one.id, day)
            and self.has_terms_left(body, one.id)
        ]

    def has_terms_left(self, body: Body, person: str) -> bool:
        return body.most_terms is None or self.terms_sat.get((body.key, person), 0) < body.most_terms

    def source_of(self, chamber: _Chamber) -> list[_Seat]:
        source = self.chambers.get(chamber.body.drawn_from or "")
        return source.seats if source else []

    def waits(self, body: Body, person: str, day: date) -> bool:
        for key, each in self.chambers.items():
            rule = each.body.cooling_off
            last = self.left_on.get((key, person))
            if rule is None or last is None or (key != body.key and rule.scope == "body"):
                continue
            if day <= months_after(last, rule.months):
                return True
        return False

    def among_members(self, chamber: _Chamber, entry: CalendarEntry) -> list[Entry]:
        """Return the members of the other body who would like to be drawn, as they sat in it last."""
        source = self.chambers.get(chamber.body.drawn_from or "")
        if source is None:
            return []
        there = {seat.member.id: seat.member for seat in source.sitting if seat.member is not None}
        there = {one.id: one for one in source.closed} | there
        stream = seed_from_text(f"{self.scenario.seed}/volunteers")
        willing = [
            one for one in there.values() if Stream(stream, one.id).below(100) < WILLING_PERCENT
        ] or list(there.values())
        return [self.people.entry(chamber.body, self.rows[one.id], entry.day) for one in willing]

    def who_returns(self, chamber: _Chamber, entry: CalendarEntry) -> list[_Seat]:
        """Return the seats of the last cycle whose members return: those who sat the fewest terms, by lot."""
        rotation = chamber.body.rotation
        if rotation is None or rotation.returning is None:
            return []
        body = chamber.body
        before = {
            one.seat: one
            for one in self.sittings
            if one.body == body.key and one.number <= entry.number - 1 and one.left == "term"
        }
        latest = max((one.last for one in before.values()), default=None)
        busy, first = self.busy(), self.next_day(entry)
        members = {
            one.person: one
            for one in before.values()
            if one.last == latest
            and one.person not in busy
            and not self.waits(body, one.person, first)
            and self.has_terms_left(body, one.person)
        }
        order = keyed_order(self.seed(entry), "returning", members)
        order.sort(key=lambda person: self.terms_sat.get((body.key, person), 0))
        chosen = [members[person] for person in order[: rotation.returning]]
        return [
            _Seat(one.seat, self.people.entry(body, self.rows[one.person], entry.day), draw=one.number)
            for one in chosen
        ]

    def leaving(self, chamber: _Chamber, day: date) -> list[_Seat]:
        """Return the seats that are renewed on a day: those whose terms began first, by lot among equals."""
        rotation, seats = chamber.body.rotation, chamber.seats
        if rotation is None or rotation.kind == "whole":
            return list(seats)
        count = rotation.entering or ceil(len(seats) * (rotation.share or 1))
        over = [seat for seat in seats if seat.ends is not None and seat.ends < day]
        oldest = sorted(seats, key=lambda seat: (seat.term, seat.number))
        return (over + [seat for seat in oldest if seat not in over])[: max(count, len(over))]

    def staying(self, chamber: _Chamber, entry: CalendarEntry, installs: date) -> list[_Seat]:
        if chamber.returning:
            return chamber.returning
        if not chamber.body.is_standing or entry.number == 1:
            return []
        leaving = {seat.number for seat in self.leaving(chamber, installs)}
        return [
            seat
            for seat in chamber.sitting
            if seat.number not in leaving and not (seat.ends is not None and seat.ends < installs)
        ]

    # -- lots and seats -----------------------------------------------------------------------------------
    def lot(
        self, chamber: _Chamber, pool: list[Entry], staying: list[Entry], entry: CalendarEntry, kind: str,
        letters: int = 0, eligible: int = 0,
    ) -> Drawn | None:  # fmt: skip
        size = len(chamber.seats)
        seats = min(size - len(staying), len(pool))
        if seats < 1:
            return None
        quotas = quotas_of(self.people, chamber.body, size, entry.day)
        wanted = chamber.body.alternates_for(size)
        if chamber.body.alternates is None:
            wanted = ceil(size * self.scenario.alternates)
        drawn = draw(
            pool, quotas, staying, seats, wanted, f"{self.scenario.seed}/{kind}/{self.name(entry)}"
        )
        chances = sorted(drawn.chances.values())
        self.draws.append(
            Played(
                entry.day,
                chamber.body.key,
                entry.number,
                kind,
                letters,
                eligible,
                len(pool),
                seats,
                drawn.relaxed,
                chances[0],
                sum(chances) / len(chances),
                chances[-1],
                chances_by_group(pool, drawn.chances),
            )
        )
        return drawn

    def seat_pending(self, chamber: _Chamber, entry: CalendarEntry) -> None:
        chamber.number = entry.number
        pending, chamber.pending, chamber.alternates, chamber.pool = chamber.pending, None, [], []
        if pending is None:
            return
        drawn, chamber.pool = pending
        by_id = {one.id: one for one in chamber.pool}
        # first the seats that nobody held yet: an alternate can only follow somebody
        vacant = sorted(chamber.empty, key=lambda seat: seat.last is not None)
        for seat, person in zip(vacant, drawn.members, strict=False):
            self.sit(chamber, seat, by_id[person], entry.day, entry.number)
        taken = {seat.member.id for seat in chamber.sitting if seat.member is not None}
        chamber.alternates = [by_id[person] for person in drawn.alternates if person not in taken]
        for seat in chamber.empty:  # left between the draw and today
            if seat.last is not None:
                over = seat.ends is None or seat.ends < entry.day
                self.fill(chamber, seat, seat.last, entry.day, rest=not over)

    def sit(
        self, chamber: _Chamber, seat: _Seat, member: Entry, day: date, number: int, *, rest: bool = False
    ) -> None:
        seat.member, seat.since, seat.draw = member, day, number
        key = chamber.body.key, member.id
        self.terms_sat[key] = self.terms_sat.get(key, 0) + 1
        if not rest:
            months = chamber.body.mandate_most
            seat.term, seat.ends = day, None if months is None else term_end(day, months)

    def stagger(self, chamber: _Chamber, entry: CalendarEntry) -> None:
        """Share the first members of a body that is renewed in parts out among terms of different length, by lot."""
        rotation, body = chamber.body.rotation, chamber.body
        if not body.is_standing or rotation is None or rotation.kind not in {"part", "cohorts"}:
            return
        group = rotation.entering or ceil(len(chamber.seats) * (rotation.share or 1))
        order = keyed_order(self.seed(entry), "first terms", [str(seat.number) for seat in chamber.seats])
        for place, number in enumerate(order):
            # Days before the founding stand for the order in which the first groups leave.
            chamber.seats[int(number)].term = entry.day - DAY * (len(order) // group + 1 - place // group)

    def leave(self, chamber: _Chamber, seat: _Seat, last: date, why: str) -> None:
        member, key = seat.member, chamber.body.key
        if member is None:
            return
        if last >= seat.since:
            self.sittings.append(
                Sitting(key, seat.number, member.id, member.features, seat.draw, seat.since, last, why)
            )
            self.left_on[key, member.id] = last
        seat.member, seat.last = None, member

    def top_up(self, chamber: _Chamber, day: date) -> None:
        """Let alternates move up into seats that somebody left, as soon as there is one who may sit."""
        until = chamber.body.replaced_until_meeting
        if not chamber.alternates or (until is not None and chamber.meetings > until):
            return
        for seat in chamber.empty:
            renewed = (chamber.body.key, day) in self.renewals
            if seat.last is not None and not renewed:
                over = seat.ends is not None and seat.ends < day
                self.fill(chamber, seat, seat.last, day, rest=not over)

    def fill(self, chamber: _Chamber, seat: _Seat, gone: Entry, day: date, *, rest: bool) -> None:
        """Let the alternate move up whom the published rule names, for the rest of a term or a new one."""
        waiting = self.may_sit_now(chamber, day)
        if not waiting:
            return
        code = next_alternate(gone.features, [(one.id, one.features) for one in waiting])
        member = next(one for one in waiting if one.id == code)
        chamber.alternates.remove(member)
        self.sit(chamber, seat, member, day, chamber.number, rest=rest)

    def may_sit_now(self, chamber: _Chamber, day: date) -> list[Entry]:
        """Return the alternates who may still sit: some sit elsewhere by now, or were drawn again."""
        busy = self.busy()
        return [
            one
            for one in chamber.alternates
            if one.id not in busy
            and not self.waits(chamber.body, one.id, day)
            and self.has_terms_left(chamber.body, one.id)
        ]

    def replace(self, chamber: _Chamber, entry: CalendarEntry) -> None:
        """Draw again from the same pool, with fresh randomness, when the alternates have run out."""
        until, body = chamber.body.replaced_until_meeting, chamber.body
        if chamber.alternates or not chamber.empty or (until is not None and chamber.meetings > until):
            return
        day = entry.day + DAY
        gone = {
            one.person for one in self.sittings if one.body == body.key and one.number == chamber.number
        }
        busy = self.busy()
        left = [
            one
            for one in chamber.pool
            if one.id not in gone
            and one.id not in busy
            and not self.waits(body, one.id, day)
            and self.has_terms_left(body, one.id)
        ]
        staying = [seat.member for seat in chamber.sitting if seat.member is not None]
        drawn = self.lot(chamber, left, staying, entry, "replacement") if left else None
        if drawn is None:
            return
        by_id = {one.id: one for one in left}
        for seat, person in zip(chamber.empty, drawn.members, strict=False):
            expired = seat.ends is not None and seat.ends < day
            self.sit(chamber, seat, by_id[person], day, chamber.number, rest=not expired)
        chamber.alternates = [by_id[person] for person in drawn.alternates]

    def expire(self, day: date) -> None:
        """End the terms whose last day is over, day by day; alternates move up unless the seat is drawn anew that day.

        All terms of a day end before anybody moves up: who leaves one body may wait for a seat in another.
        """
        while ended := [
            (chamber, seat, seat.ends)
            for chamber in self.chambers.values()
            for seat in chamber.sitting
            if seat.ends is not None and seat.ends < day
        ]:
            last = min(ends for _, _, ends in ended)
            for chamber, seat, ends in ended:
                if ends == last:
                    self.leave(chamber, seat, last, "term")
            for key, chamber in self.chambers.items():
                self.top_up(chamber, last + DAY)
                self.waiting[key, last] = len(self.may_sit_now(chamber, last + DAY))

    def close(self, entry: CalendarEntry) -> None:
        """End the terms of a body that was convened for a theme."""
        chamber = self.chambers[entry.body]
        if chamber.body.is_standing:
            return
        chamber.closed = [seat.member for seat in chamber.sitting if seat.member is not None]
        for seat in chamber.sitting:
            self.leave(chamber, seat, entry.day, "term")
        chamber.alternates = []

    def answered(self, entry: CalendarEntry, due: date | None) -> Answered:
        stream = Stream(self.seed(entry), "answer")
        if due is None:
            return Answered(entry.body, entry.number, entry.day, None, None)
        if stream.below(PER_MILLION) < self.scenario.late * PER_MILLION:
            given = due + timedelta(days=1 + stream.below(LATEST_DAYS))
        else:
            given = entry.day + timedelta(days=1 + stream.below((due - entry.day).days))
        return Answered(entry.body, entry.number, entry.day, due, given)

    def busy(self, *, apart_from: str | None = None) -> set[str]:
        """Return who sits in a body apart from one, or was drawn for any and waits for the first day."""
        chambers = self.chambers
        sitting = {
            seat.member.id
            for key, each in chambers.items()
            if key != apart_from
            for seat in each.sitting
            if seat.member is not None
        }
        return sitting | {
            one for each in chambers.values() if each.pending for one in each.pending[0].members
        }

    # -- small things ---------------------------------------------------------------------------------------
    def next_day(self, entry: CalendarEntry) -> date:
        """Return the first day of those who are drawn: the installation or rotation that follows."""
        for each in self.days:
            same = each.body == entry.body and each.number == entry.number and each.day >= entry.day
            if same and each.kind in {"installation", "rotation"}:
                return each.day
        return entry.day

    def name(self, entry: CalendarEntry) -> str:
        return f"{entry.body}/{entry.number}/{entry.kind}/{entry.day.isoformat()}"

    def seed(self, entry: CalendarEntry) -> bytes:
        return seed_from_text(f"{self.scenario.seed}/{self.name(entry)}")
