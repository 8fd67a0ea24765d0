"""Who is drawn? Exact fair lotteries over panels that meet the quotas, with the proof that they are the fairest."""

from __future__ import annotations

from isegoria.lottery.drawing import draw
from isegoria.lottery.feasibility import Change, Feasibility, Side, check, relaxed
from isegoria.lottery.measures import Measures, measures
from isegoria.lottery.model import Composition, Lottery, Type
from isegoria.lottery.solving import OBJECTIVES, Cancelled, solve

__all__ = [
    "OBJECTIVES",
    "Cancelled",
    "Change",
    "Composition",
    "Feasibility",
    "Lottery",
    "Measures",
    "Side",
    "Type",
    "check",
    "draw",
    "measures",
    "relaxed",
    "solve",
]
