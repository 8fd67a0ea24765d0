"""The next panel from the last one, by exchanges that leave every quota as it is: for pools of thousands.

Take two members a and c, and two people b and d outside such that b and d are a and c with some of their values
exchanged. Then a and c may leave for b and d, and no quota notices. Thousands of such exchanges are tried at a
time, and all are made that bring the panel nearer to what is owed and touch no type twice. This takes a few
milliseconds, whatever the number of quotas, and comes nearer than the linear programme, which has to repair
fractions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.seeding import generator

Index = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint64]
SEED = bytes(32)
"""Fixed, so that the same pool gives the same lottery; what is found is checked by other means."""
FEWEST_TYPES = 250
MOST_FAMILIES = 40
TRIES_A_TYPE = 3
"""Exchanges tried at a time, for each type of the pool."""
FEWEST_TRIED, MOST_TRIED = 500, 8_000
LARGEST_TABLE = 4_000_000
"""Combinations of values up to which a table says who has them; beyond, a search."""
WANTED = 100
"""Types that are owed most, from which half of the tries start."""
MOST_CHOICES = 254
"""Ways to choose which values are exchanged: all, up to eight families."""
PASSES = 3
"""Times that disjoint exchanges are picked from those tried."""
FAR = 3.0
"""People by which a type is ahead or behind, beyond which an exchange is looked for around this very type."""
AROUND = 4
"""Types at a time that get this attention."""
PARTNERS = 150
LEFT_BEHIND = 6.0
"""And beyond which exchanges do not reach it, so that the linear programme has to."""


@dataclass(frozen=True, slots=True)
class _Tries:
    """Exchanges, one a row: `out` and `also_out` leave, `into` and `also_into` come."""

    out: Index
    into: Index
    also_out: Index
    also_into: Index

    def where(self, chosen: npt.NDArray[Any]) -> _Tries:
        return _Tries(self.out[chosen], self.into[chosen], self.also_out[chosen], self.also_into[chosen])

    def gain(self, owed: Vector) -> Vector:
        return np.asarray(owed[self.into] + owed[self.also_into] - owed[self.out] - owed[self.also_out])


class Exchanges:
    """Exchanges within one box.

    Parameters
    ----------
    problem
        With the rows as the panels must keep them.
    low, high
        Shape (types,), whole numbers: bounds of each type.
    families
        Shape (families, types): the row of each family of rows that a type counts for. Rows of one family share
        no type.
    """

    def __init__(self, problem: Problem, low: Vector, high: Vector, families: Index) -> None:
        self._low, self._high = low.astype(np.int64), high.astype(np.int64)
        self._box, self._tied = (self._low, self._high), problem.tied
        self._homes, self._households = _home_of(problem), bool(problem.households)
        self._limits = np.append(problem.upper, np.inf)
        self._matrix = problem.matrix
        self._noise = generator(SEED, "exchanges")
        self._values, self._cell = np.unique(families, axis=1, return_inverse=True)
        self._cell = np.asarray(self._cell).ravel()
        self._one_each = self._values.shape[1] == len(low)
        self._tried = int(np.clip(TRIES_A_TYPE * len(low), FEWEST_TRIED, MOST_TRIED))
        sizes = [int(of_type.max()) + 1 for of_type in self._values]
        self._table: Index | None = None
        if math.prod(sizes) <= LARGEST_TABLE:  # the codes count through all combinations of values
            weights = np.cumprod([1, *sizes[:-1]]).astype(np.uint64)
            parts: Codes = self._values.astype(np.uint64) * weights[:, None]
        else:  # random words: two combinations have the same sum with a chance of 2^-63
            words = [self._noise.integers(1, 2**63, size=size, dtype=np.uint64) for size in sizes]
            parts = np.stack([word[values] for word, values in zip(words, self._values, strict=True)])
        self._partial = self._choices(len(parts)) @ parts
        self._codes: Codes = parts.sum(axis=0, dtype=np.uint64)
        self._order = np.argsort(self._codes, kind="stable")
        self._sorted = self._codes[self._order]
        if math.prod(sizes) <= LARGEST_TABLE:
            self._table = np.full(math.prod(sizes), -1)
            self._table[self._codes.astype(np.int64)] = np.arange(len(self._codes))

    @staticmethod
    def suits(low: Vector, high: Vector, families: Index) -> bool:
        """Return whether there are enough types to gain from it."""
        return int(np.count_nonzero(high > low)) > FEWEST_TYPES and 1 < len(families) <= MOST_FAMILIES

    def follow(self, panel: Counts, owed: Vector, target: Vector) -> Counts | None:
        """Return the panel after this one, nearer to what is owed; None if it leaves types far behind.

        Parameters
        ----------
        panel
            That keeps the rows.
        owed
            Shape (types,): how many of each type should have come by now, less those who came.
        target
            Shape (types,): how many are to come with each panel.
        """
        behind = np.abs(owed - target)
        panel = panel.copy()
        low, high = self._box
        if self._tied.any():  # who is drawn with others, or has several rivals, stays in or out
            self._low, self._high = np.where(self._tied, panel, low), np.where(self._tied, panel, high)
        for kind in np.argsort(-behind, kind="stable")[:AROUND]:
            wanted = owed[kind] > 0
            open_ = panel[kind] < self._high[kind] if wanted else panel[kind] > self._low[kind]
            if behind[kind] > FAR and open_:
                self._apply_best(panel, owed, self._around(panel, owed, int(kind)))
        self._apply_many(panel, owed, self._from_wanted(panel, owed))
        self._apply_many(panel, owed, self._from_members(panel, owed))
        self._replace_alike(panel, owed)
        return None if behind[self._unserved(panel, owed)].max(initial=0.0) > LEFT_BEHIND else panel

    def _unserved(self, panel: Counts, owed: Vector) -> npt.NDArray[np.bool_]:
        """Return which types could still come although they are owed, or go although they came too often."""
        low, high = self._box
        return np.where(owed > 0, panel < high, panel > low)

    def _choices(self, families: int) -> Codes:
        """Return which values two people may exchange, shape (choices, families): all ways, or many at random."""
        ways = 2**families - 2
        of_way = (
            np.arange(1, ways + 1)
            if ways <= MOST_CHOICES
            else self._noise.integers(1, ways + 1, size=MOST_CHOICES)
        )
        return np.asarray((of_way[:, None] >> np.arange(families)) & 1, dtype=np.uint64)

    # -- what is tried ---------------------------------------------------------------------------------

    def _from_members(self, panel: Counts, owed: Vector) -> _Tries:
        """Exchange some values of two members, each chosen at random."""
        members = np.flatnonzero(panel > self._low)
        out, also_out = self._pick(members), self._pick(members)
        coming = self._who_comes(panel, owed)
        into, also_into = (self._of(coming, cells) for cells in self._exchanged(out, also_out))
        return self._possible(panel, _Tries(out, into, also_out, also_into))

    def _from_wanted(self, panel: Counts, owed: Vector) -> _Tries:
        """Exchange some values of two people outside, one of them of a type that is owed much."""
        room = np.flatnonzero(panel < self._high)
        wanted = room[np.argpartition(-owed[room], WANTED)[:WANTED]] if len(room) > WANTED else room
        into, also_into = self._pick(wanted), self._pick(room)
        leaving = self._who_leaves(panel, owed)
        out, also_out = (self._of(leaving, cells) for cells in self._exchanged(into, also_into))
        return self._possible(panel, _Tries(out, into, also_out, also_into))

    def _around(self, panel: Counts, owed: Vector, kind: int) -> _Tries:
        """All exchanges that bring this type in, or out if it came too often, with its likeliest partners."""
        members = np.flatnonzero(panel > self._low)
        room = np.flatnonzero(panel < self._high)
        if owed[kind] > 0:
            outs, intos = members[np.argsort(owed[members], kind="stable")[:PARTNERS]], np.array([kind])
        else:
            outs, intos = np.array([kind]), room[np.argsort(-owed[room], kind="stable")[:PARTNERS]]
        out, into = (each.ravel() for each in np.broadcast_arrays(outs, intos))
        # the second member has the values of the one who comes, wherever the first exchange changes something
        alike = np.ones((len(out), len(members)), dtype=bool)
        for values in self._values[:, self._cell]:
            alike &= (values[out] == values[into])[:, None] | (
                values[into][:, None] == values[members][None]
            )
        row, column = np.nonzero(alike)
        out, into, also_out = out[row], into[row], members[column]
        codes = self._codes[self._cell]
        coming = self._who_comes(panel, owed)
        also_into = self._of(coming, self._find(codes[also_out] + codes[out] - codes[into]))
        return self._possible(panel, _Tries(out, into, also_out, also_into))

    def _who_comes(self, panel: Counts, owed: Vector) -> Index:
        """Return of each combination of values the type that is owed most and can come; -1 without any."""
        able = panel < self._high
        if self._households:
            able &= (np.append(self._matrix @ panel, 0.0) < self._limits)[self._homes]
        return self._first_of_cells(able, owed)

    def _who_leaves(self, panel: Counts, owed: Vector) -> Index:
        """Return of each combination of values the type that is owed least and can leave; -1 without any."""
        return self._first_of_cells(panel > self._low, -owed)

    def _first_of_cells(self, able: npt.NDArray[np.bool_], value: Vector) -> Index:
        found = np.full(len(self._codes), -1)
        types = np.flatnonzero(able)
        if not self._one_each:
            types = types[np.argsort(value[types], kind="stable")]  # the last one written stays
        found[self._cell[types]] = types
        return found

    @staticmethod
    def _of(types: Index, cells: Index) -> Index:
        """Return the types that stand for these combinations of values, -1 for none."""
        return np.where(cells >= 0, types[cells], -1)

    def _replace_alike(self, panel: Counts, owed: Vector) -> None:
        """Replace members by people with the same values, but of another household, who are owed more."""
        if self._one_each:
            return
        out, into = self._who_leaves(panel, owed), self._who_comes(panel, owed)
        both = (out >= 0) & (into >= 0)
        out, into = out[both], into[both]
        better = np.flatnonzero((owed[into] > owed[out]) & (out != into))
        if self._households:  # of one class of households only one may come at a time
            _, alone = np.unique(self._touched_homes(into[better]), return_index=True)
            better = better[alone]
        panel[out[better]] -= 1
        panel[into[better]] += 1

    def _pick(self, types: Index) -> Index:
        if not len(types):
            return types
        return types[self._noise.integers(len(types), size=self._tried)]

    def _exchanged(self, first: Index, second: Index) -> tuple[Index, Index]:
        """Return the combinations of values of two people after they exchanged some; -1 where nobody has them."""
        if not len(first) or not len(second):
            return first[:0], second[:0]
        chosen = self._noise.integers(len(self._partial), size=len(first))
        first, second = self._cell[first], self._cell[second]
        change = self._partial[chosen, second] - self._partial[chosen, first]
        return self._find(self._codes[first] + change), self._find(self._codes[second] - change)

    def _find(self, codes: Codes) -> Index:
        """Return the combinations of values with these codes, -1 where nobody has them."""
        if self._table is not None:
            return self._table[codes.astype(np.int64)]
        place = np.minimum(np.searchsorted(self._sorted, codes), len(self._sorted) - 1)
        return np.where(self._sorted[place] == codes, self._order[place], -1)

    # -- what is possible and good -----------------------------------------------------------------------

    def _possible(self, panel: Counts, tries: _Tries) -> _Tries:
        """Return the exchanges of four different types that the box and the households allow."""
        if len(tries.out) != len(tries.into):
            return tries.where(np.zeros(0, dtype=np.int64))
        fits = (np.minimum(tries.into, tries.also_into) >= 0) & (np.minimum(tries.out, tries.also_out) >= 0)
        tries = tries.where(fits)
        fits = (tries.out != tries.also_out) & (tries.into != tries.also_into)
        fits &= (tries.into != tries.out) & (tries.into != tries.also_out)
        fits &= (panel[tries.out] > self._low[tries.out]) & (
            panel[tries.also_out] > self._low[tries.also_out]
        )
        fits &= (panel[tries.into] < self._high[tries.into]) & (
            panel[tries.also_into] < self._high[tries.also_into]
        )
        tries = tries.where(fits)
        if not self._households or not len(tries.out):
            return tries
        taken = np.append(self._matrix @ panel, 0.0)
        first, second = self._homes[tries.into], self._homes[tries.also_into]
        none = len(self._limits) - 1
        fits = (taken[first] < self._limits[first]) & (taken[second] < self._limits[second])
        return tries.where(fits & ((first != second) | (first == none)))

    def _apply_best(self, panel: Counts, owed: Vector, tries: _Tries) -> None:
        gain = tries.gain(owed)
        if len(gain) and gain.max() > 0:
            self._make(panel, tries.where(np.array([int(np.argmax(gain))])))

    def _apply_many(self, panel: Counts, owed: Vector, tries: _Tries) -> None:
        """Make the exchanges that gain most and share no type, and no class of households."""
        gain = tries.gain(owed)
        best = np.flatnonzero(gain > 0)
        tries = tries.where(best[np.argsort(-gain[best], kind="stable")])
        for _ in range(PASSES):
            count = len(tries.out)
            if not count:
                return
            touched = self._touched(tries)
            first = np.full(len(self._low) + len(self._limits), count)
            backwards = np.arange(count)[::-1]
            first[touched[backwards].ravel()] = np.repeat(backwards, touched.shape[1])
            chosen = np.flatnonzero((first[touched] == np.arange(count)[:, None]).all(axis=1))
            self._make(panel, tries.where(chosen))
            used = np.zeros(len(first), dtype=bool)
            used[touched[chosen].ravel()] = True
            tries = tries.where(np.flatnonzero(~used[touched].any(axis=1)))

    def _touched(self, tries: _Tries) -> Index:
        """Return what each exchange touches: types, then classes of households of those who come."""
        columns = [tries.out, tries.into, tries.also_out, tries.also_into]
        if self._households:
            columns += [self._touched_homes(tries.into), self._touched_homes(tries.also_into)]
        return np.stack(columns, axis=1)

    def _touched_homes(self, types: Index) -> Index:
        """Return numbers for the classes of households of types, and for types without their own."""
        homes = self._homes[types]
        return np.where(homes == len(self._limits) - 1, types, len(self._low) + homes)

    def _make(self, panel: Counts, tries: _Tries) -> None:
        panel[tries.out] -= 1
        panel[tries.also_out] -= 1
        panel[tries.into] += 1
        panel[tries.also_into] += 1


def _home_of(problem: Problem) -> Index:
    """Return the row of each type's class of households, the number of rows for types without one."""
    first = problem.first_limit
    found = np.full(len(problem.types), len(problem.rows))
    for number, home in enumerate(problem.households):
        found[list(home.types)] = first + number
    return found
