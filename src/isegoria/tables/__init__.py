"""Who sits with whom? Mixed tables over several rounds, so that as many as possible meet."""

from __future__ import annotations

from isegoria.tables.leading import lead
from isegoria.tables.measures import fewest_repeats, imbalance, most_pairs, pairs_met, repeats, table_sizes
from isegoria.tables.planning import SWEEPS, Plan, Step, improving, plan, stepping
from isegoria.tables.reseating import moves_needed, reseat

__all__ = [
    "SWEEPS",
    "Plan",
    "Step",
    "fewest_repeats",
    "imbalance",
    "improving",
    "lead",
    "most_pairs",
    "moves_needed",
    "pairs_met",
    "plan",
    "repeats",
    "reseat",
    "stepping",
    "table_sizes",
]
