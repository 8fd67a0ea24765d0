"""A machine of states: which verb leads from where to where, who may, and what must hold before. Knows no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State")


@dataclass(frozen=True)
class Guard:
    """Something that must hold before a verb.

    Attributes
    ----------
    id
        Names it for ever, like `mandate.signed`.
    lacks
        What is missing, in a sentence; translated when it is read.
    page
        The page of the office on which it is repaired; empty where only a day or somebody else repairs it.
    rules
        Ids of the rules that may ask for it, `{body}` standing for the key of the body; the first that the rule book
        sets is named.
    by_act
        The act that takes the verb brings it about, like the draw of the letters: nobody has to do it before.
    """

    id: str
    lacks: object
    page: str = ""
    rules: tuple[str, ...] = ()
    by_act: bool = False


@dataclass(frozen=True)
class Transition(Generic[State]):
    """A verb: from which states it leads where, who may, and what must hold before.

    `who` are roles, and `system` for the software at its hour. With `reasons`, whoever does it must publish why.
    """

    verb: str
    label: object
    sources: frozenset[State]
    target: State
    who: frozenset[str]
    guards: tuple[Guard, ...] = ()
    reasons: bool = False


class NotFromHere(Exception):
    """The verb does not begin in this state."""


class Lacking(Exception):
    """Guards that do not hold: all of them, in their order."""

    def __init__(self, guards: tuple[Guard, ...]) -> None:
        self.guards = guards
        super().__init__(", ".join(guard.id for guard in guards))


@dataclass(frozen=True)
class Machine(Generic[State]):
    """States in their order, the one in which everything begins, and the verbs between them."""

    states: tuple[State, ...]
    start: State
    transitions: tuple[Transition[State], ...]
    _by_verb: dict[str, Transition[State]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_verb", {each.verb: each for each in self.transitions})

    def verb(self, name: str) -> Transition[State]:
        """Return a verb by its name.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self._by_verb[name]

    def leaving(self, state: State) -> tuple[Transition[State], ...]:
        """Return the verbs that begin in a state, in their order; none where it is the end."""
        return tuple(each for each in self.transitions if state in each.sources)

    def between(self, source: State, target: State) -> Transition[State] | None:
        """Return the verb that leads from one state to the other without published reasons, if there is one."""
        found = (each for each in self.leaving(source) if each.target == target and not each.reasons)
        return next(found, None)

    def take(self, name: str, state: State, holds: Callable[[Guard], bool]) -> State:
        """Return the state to which a verb leads.

        Raises
        ------
        NotFromHere
            If the verb does not begin in this state.
        Lacking
            If guards do not hold; it names them all, not the first.
        """
        found = self.verb(name)
        if state not in found.sources:
            raise NotFromHere(name)
        if lacking := lacking_of(found, holds):
            raise Lacking(lacking)
        return found.target


def lacking_of(transition: Transition[State], holds: Callable[[Guard], bool]) -> tuple[Guard, ...]:
    """Return the guards of a verb that do not hold, in their order."""
    return lacking(transition.guards, holds)


def lacking(guards: tuple[Guard, ...], holds: Callable[[Guard], bool]) -> tuple[Guard, ...]:
    """Return those that do not hold, in their order."""
    return tuple(guard for guard in guards if not holds(guard))
