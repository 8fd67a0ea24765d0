"""The door to `isegoria.tables` and `isegoria.evaluation`: who sits with whom, and who spoke how much."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from isegoria import evaluation, tables
from isegoria.evaluation.small_cells import LEAST
from isegoria.seeding import seed_from_text
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import UNDISCLOSED
from isegoria_web.meetings.enums import WishKind
from isegoria_web.meetings.models import Meeting, SeatingWish, TablePlan, TableSearch
from isegoria_web.meetings.people import COLLEGE, Person, Sign, features_of, in_order, people_at, sign_of
from isegoria_web.membership.models import Member

FIRST = (COLLEGE,)
"""What is shared out over the tables before everything else: each has its part of those who are appointed."""
Rounds = list[list[list[Sign]]]
Groups = list[list[str]]
MEASURES = ("pairs_met", "pairs_bound", "repeats", "repeats_bound", "misses")
"""What a plan and a search keep of how good it is, in the order in which the library tells it."""


@dataclass(frozen=True)
class Wishes:
    """What always holds at the tables, in the codes of the members who are to be seated."""

    apart: Groups = field(default_factory=list)
    together: Groups = field(default_factory=list)
    pinned: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cycle: Cycle, seated: Collection[Person]) -> Wishes:
        """Read the wishes of a cycle; members who are not seated are left out of them."""
        codes = {one.pk: code_of(one) for one in seated if isinstance(one, Member)}
        found = cls()
        for wish in SeatingWish.objects.filter(cycle=cycle).prefetch_related("members"):
            group = [codes[member.pk] for member in wish.members.all() if member.pk in codes]
            if wish.kind == WishKind.PINNED and wish.table is not None:
                found.pinned.update(dict.fromkeys(group, wish.table - 1))
            elif len(group) > 1:
                (found.apart if wish.kind == WishKind.APART else found.together).append(group)
        return found


def code_of(person: Person) -> str:
    """Return under which name the library knows a person."""
    return f"m{person.number}" if isinstance(person, Member) else str(sign_of(person))


@dataclass(frozen=True)
class Asked:
    """All that a plan follows from: who is seated, in which tables, from which seed, and what is to hold."""

    people: Sequence[Person]
    table_size: int
    rounds: int
    seed_text: str
    wishes: Wishes
    earlier: Sequence[TablePlan]

    @property
    def tables(self) -> int:
        """How many tables a round has."""
        return len(tables.table_sizes(len(self.people), self.table_size))

    @property
    def fingerprint(self) -> str:
        """Return a hash of all of it, by which a search knows whether it still seeks what was asked."""
        people, history = self._people(), _history(self.earlier, {code_of(one) for one in self.people})
        told = [people, self.table_size, self.rounds, self.seed_text, history]
        told += [self.wishes.apart, self.wishes.together, self.wishes.pinned]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def steps(self) -> Iterator[Step]:
        """Return the steps of the search; what contradicts itself is refused at once."""
        by_code = {code_of(one): one for one in self.people}
        found = tables.stepping(
            self._people(),
            self.table_size,
            self.rounds,
            seed_from_text(self.seed_text),
            apart=self.wishes.apart,
            together=self.wishes.together,
            pinned=list(self.wishes.pinned.items()),
            earlier=_history(self.earlier, set(by_code)),
            first=FIRST,
        )
        return (Step.of(one, by_code) for one in found)

    def _people(self) -> list[tuple[str, dict[str, str]]]:
        return [(code_of(one), features_of(one)) for one in self.people]


@dataclass(frozen=True)
class Step:
    """How far a search has come, and the best plan so far: who sits at its tables, and its measures."""

    done: int
    most: int
    seating: Rounds | None = None
    measures: dict[str, int] = field(default_factory=dict)

    @classmethod
    def shown(cls, search: TableSearch) -> Step:
        """Return the best plan that a search has shown."""
        return cls(
            search.step, search.steps, search.seating, {name: getattr(search, name) for name in MEASURES}
        )

    @classmethod
    def of(cls, step: tables.Step, by_code: Mapping[str, Person]) -> Step:
        """Read a step of the library."""
        found = step.plan
        if found is None:
            return cls(step.done, step.most)
        seating = [[_signs(by_code[code] for code in table) for table in each] for each in found.rounds]
        return cls(
            step.done,
            step.most,
            seating,
            dict(
                zip(
                    MEASURES,
                    (
                        found.pairs_met,
                        found.pairs_bound,
                        found.repeats,
                        found.repeats_bound,
                        found.imbalance,
                    ),
                    strict=True,
                )
            ),
        )


def leaders(tables_: int, facilitators: Sequence[int], barred: Collection[tuple[int, int]]) -> list[int]:
    """Return who leads each table of a round: keys of people; `barred` are keys with numbers of tables (from 1)."""
    found = tables.lead(
        tables_, [str(each) for each in facilitators], [(str(who), table - 1) for who, table in barred]
    )
    return [int(each) for each in found]


@dataclass(frozen=True)
class Move:
    """Somebody goes from a table to another; from none, if she came and had no place."""

    who: Sign
    source: int | None
    target: int


@dataclass(frozen=True)
class RoundProposal:
    """How a round would look without the missing and with those who came: people by number of table."""

    number: int
    tables: dict[int, list[Sign]]
    missing: list[Sign]
    arrivals: list[Move]
    moves: list[Move]
    allowed: int

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return bool(self.missing or self.arrivals or self.moves)


@dataclass(frozen=True)
class Proposal:
    """What a re-seating would do, round by round."""

    rounds: list[RoundProposal]

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that would change, so that what is done is what was shown."""
        told = [[one.number, one.tables, one.missing] for one in self.rounds]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return any(one.changes for one in self.rounds)


def propose(
    seating: Mapping[int, Mapping[int, Sequence[Person]]],
    present: Collection[Person],
    *,
    wishes: Wishes,
    held: Mapping[int, Mapping[int, Sequence[Person]]],
    earlier: Sequence[TablePlan],
) -> Proposal:
    """Return the tables of the coming rounds for those who are there, with the fewest moves.

    Parameters
    ----------
    seating, held
        Round to number of the table to people: rounds to come, and those of this meeting that were held.
    present
        Who is there.
    earlier
        The plans of the cycle's earlier meetings.
    """
    everybody = {code_of(one): one for one in present}
    everybody |= {
        code_of(one): one for tables_ in seating.values() for seated in tables_.values() for one in seated
    }
    history = _history(earlier, set(everybody))
    history += [
        [[code_of(one) for one in seated] for seated in tables_.values()] for tables_ in held.values()
    ]
    here = {code_of(one) for one in present}
    found = []
    for number, tables_ in sorted(seating.items()):
        one, after = _propose_round(number, tables_, here, everybody, wishes=wishes, history=history)
        history.append(after)
        found.append(one)
    return Proposal(found)


def _propose_round(
    number: int,
    seating: Mapping[int, Sequence[Person]],
    here: set[str],
    everybody: Mapping[str, Person],
    *,
    wishes: Wishes,
    history: Groups | list[Groups],
) -> tuple[RoundProposal, Groups]:
    """Return the round as it would be, and the same tables in the names of the library."""
    places = sorted(seating)
    before = {code_of(one): place for place in places for one in seating[place]}
    missing = set(before) - here
    arriving = {
        code: places.index(pin + 1)
        if (pin := wishes.pinned.get(code)) is not None and pin + 1 in places
        else None
        for code in sorted(here - set(before))
    }
    after = tables.reseat(
        [[code_of(one) for one in seating[place]] for place in places],
        missing,
        {code: features_of(one) for code, one in everybody.items()},
        apart=wishes.apart,
        together=wishes.together,
        pinned=wishes.pinned,
        earlier=history,
        arriving=arriving,
        first=FIRST,
    )
    of = {code: place for place, seated in zip(places, after, strict=True) for code in seated}
    moves = [
        Move(sign_of(everybody[code]), before.get(code), place)
        for code, place in of.items()
        if before.get(code) != place
    ]
    sizes = [
        sum(code in here and code not in arriving for code in map(code_of, seating[place]))
        for place in places
    ]
    for code, place in of.items():
        sizes[places.index(place)] += code in arriving
    order = _signs(everybody.values())
    moves.sort(key=lambda one: order.index(one.who))
    proposal = RoundProposal(
        number,
        {
            place: _signs(everybody[code] for code in seated)
            for place, seated in zip(places, after, strict=True)
        },
        _signs(everybody[code] for code in missing),
        [one for one in moves if one.source is None],
        [one for one in moves if one.source is not None],
        tables.moves_needed(sizes),
    )
    return proposal, [list(seated) for seated in after]


def _signs(people: Iterable[Person]) -> list[Sign]:
    return [sign_of(one) for one in in_order(people)]


@dataclass(frozen=True)
class Share:
    """How many at a table have a value, and how many an even mix would give it."""

    feature: str
    value: str
    count: int
    least: int
    most: int

    @property
    def even(self) -> bool:
        """Whether the table is as mixed in this value as whole persons allow."""
        return self.least <= self.count <= self.most


def mix(seating: Mapping[int, Sequence[Person]]) -> dict[int, list[Share]]:
    """Return of each table of a round how it is mixed, value by value; for the eyes of the office."""
    everybody = [one for seated in seating.values() for one in seated]
    totals = Counter(value for one in everybody for value in features_of(one).items())
    found: dict[int, list[Share]] = {}
    for number, seated in seating.items():
        here = Counter(value for one in seated for value in features_of(one).items())
        found[number] = []
        for (feature, value), total in sorted(totals.items()):
            least, rest = divmod(total * len(seated), len(everybody))
            found[number].append(Share(feature, value, here[feature, value], least, least + (rest > 0)))
    return found


def _history(earlier: Iterable[TablePlan], known: set[str]) -> list[Groups]:
    history: list[Groups] = []
    for one in earlier:
        by_round: dict[int, Groups] = defaultdict(list)
        for table in one.tables.prefetch_related("members", "appointees"):
            codes = [code_of(each) for each in people_at(table)]
            by_round[table.round].append([code for code in codes if code in known])
        history += by_round.values()
    return history


def plans_before(meeting: Meeting) -> list[TablePlan]:
    """Return the table plans of the cycle's earlier meetings."""
    return list(TablePlan.objects.filter(meeting__cycle=meeting.cycle, meeting__number__lt=meeting.number))


def evenness(seconds: Sequence[int]) -> float | None:
    """Return how unevenly the people of a table spoke, 0 evenly to near 1; None of fewer than five, or if nobody did."""
    if len(seconds) < LEAST or not any(seconds):
        return None
    return round(evaluation.gini(seconds), 4)


def may_be_told(people: int) -> bool:
    """Return whether so many people are enough to tell how long they spoke together."""
    return people >= LEAST


def times_of_groups(
    people: Iterable[tuple[Mapping[str, str], int, int]], features: Sequence[str]
) -> dict[str, list[evaluation.GroupSpoken]]:
    """Return how much each group of each feature spoke: nothing of fewer than five people can be computed from it.

    Parameters
    ----------
    people
        Of each her features, at how many tables she sat, and her seconds.
    features
        Keys, in the order in which they matter; one that cannot be told beside those before it has no groups.
    """
    speakers = [
        evaluation.Speaker({key: told.get(key, UNDISCLOSED) for key in features}, places, seconds)
        for told, places, seconds in people
    ]
    return evaluation.spoken_by_features(speakers, features)
