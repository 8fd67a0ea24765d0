"""What would become of it? A rule book played for years against an invented register, with the real lottery."""

from __future__ import annotations

from isegoria.simulation.checking import violations
from isegoria.simulation.picture import picture, tables
from isegoria.simulation.playing import simulate
from isegoria.simulation.record import Answered, Played, Simulation, Sitting
from isegoria.simulation.scenario import Scenario

__all__ = [
    "Answered",
    "Played",
    "Scenario",
    "Simulation",
    "Sitting",
    "picture",
    "simulate",
    "tables",
    "violations",
]
