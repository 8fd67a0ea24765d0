"""Acts of the demonstration, performed in the order of their days, each at its hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from isegoria_web import clock
from isegoria_web.demo.calendar import day, moment
from isegoria_web.demo.scene import Step


@dataclass(frozen=True)
class Act:
    """Something that happens on a day before the day of playing, at an hour."""

    days_ago: int
    hour: str
    name: str
    do: Callable[[], None]


def acts_of(who: str, steps: Iterable[Step]) -> list[Act]:
    """Return those steps that happen, as acts of somebody."""
    return [
        Act(days_ago, hour, f"{who}: {name}", do)
        for days_ago, hour, name, do in steps
        if days_ago is not None
    ]


def perform(acts: Iterable[Act], today: date, say: Callable[[str], None]) -> None:
    """Do every act at its hour, and say one line for each."""
    for act in sorted(acts, key=lambda act: moment(today, act.days_ago, act.hour)):
        say(f"{day(today, act.days_ago):%d.%m.%Y}  {act.name}")
        with clock.at(moment(today, act.days_ago, act.hour)):
            act.do()
