"""Who is drawn? Exact fair lotteries over panels that meet the quotas, with the proof that they are the fairest."""

from __future__ import annotations

from isegoria.lottery.alternates import Alternates, called_up, choose_alternates
from isegoria.lottery.body import Body, Excess, Sitting, Tightened
from isegoria.lottery.conflicts import Side
from isegoria.lottery.cumulative import with_earlier
from isegoria.lottery.curve import fairness_curve
from isegoria.lottery.diversimax import diversimax, unevenness
from isegoria.lottery.drawing import draw
from isegoria.lottery.dropout import DropOut, learnt, read_history, same_for_everybody
from isegoria.lottery.entropy import (
    Spread,
    count_panels,
    entropy_bits,
    most_random,
    uniform_chances,
)
from isegoria.lottery.explain import (
    Explained,
    Full,
    ShadowPrice,
    explained_types,
    full_quotas,
    pool_of,
    shadow_prices,
)
from isegoria.lottery.feasibility import Change, Feasibility, check, relaxed
from isegoria.lottery.forced import Forced
from isegoria.lottery.goldilocks import Corner
from isegoria.lottery.legacy import Estimated, legacy
from isegoria.lottery.measures import LinkedPeople, Measures, linked_people, measures
from isegoria.lottery.model import Composition, HouseholdClass, Lottery, TogetherClass, Type
from isegoria.lottery.over_time import Group, OverTime, by_value, gini_after_each, over_time
from isegoria.lottery.panel_graph import GraphTooLarge
from isegoria.lottery.recording import (
    Recorded,
    body_of_record,
    codes_of,
    commit,
    committed,
    draw_recorded,
)
from isegoria.lottery.replacing import replacement
from isegoria.lottery.report import curve_picture, report, types_table
from isegoria.lottery.rotating import Rotation, Term, When, rotation
from isegoria.lottery.rounding import Rounded, equal_tickets
from isegoria.lottery.seats import Vacancy, residual_quotas, solve_vacant, vacancy
from isegoria.lottery.solving import OBJECTIVES, Cancelled, solve
from isegoria.lottery.temporal import temporal_quotas

__all__ = [
    "OBJECTIVES",
    "Alternates",
    "Body",
    "Cancelled",
    "Change",
    "Composition",
    "Corner",
    "DropOut",
    "Estimated",
    "Excess",
    "Explained",
    "Feasibility",
    "Forced",
    "Full",
    "GraphTooLarge",
    "Group",
    "HouseholdClass",
    "LinkedPeople",
    "Lottery",
    "Measures",
    "OverTime",
    "Recorded",
    "Rotation",
    "Rounded",
    "ShadowPrice",
    "Side",
    "Sitting",
    "Spread",
    "Term",
    "Tightened",
    "TogetherClass",
    "Type",
    "Vacancy",
    "When",
    "body_of_record",
    "by_value",
    "called_up",
    "check",
    "choose_alternates",
    "codes_of",
    "commit",
    "committed",
    "count_panels",
    "curve_picture",
    "diversimax",
    "draw",
    "draw_recorded",
    "entropy_bits",
    "equal_tickets",
    "explained_types",
    "fairness_curve",
    "full_quotas",
    "gini_after_each",
    "learnt",
    "legacy",
    "linked_people",
    "measures",
    "most_random",
    "over_time",
    "pool_of",
    "read_history",
    "relaxed",
    "replacement",
    "report",
    "residual_quotas",
    "rotation",
    "same_for_everybody",
    "shadow_prices",
    "solve",
    "solve_vacant",
    "temporal_quotas",
    "types_table",
    "unevenness",
    "uniform_chances",
    "vacancy",
    "with_earlier",
]
