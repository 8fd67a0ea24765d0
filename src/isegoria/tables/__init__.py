"""Who sits with whom? Mixed tables over several rounds, so that as many as possible meet."""

from __future__ import annotations

from isegoria.tables.measures import imbalance, most_pairs, pairs_met, table_sizes
from isegoria.tables.planning import Plan, plan

__all__ = ["Plan", "imbalance", "most_pairs", "pairs_met", "plan", "table_sizes"]
