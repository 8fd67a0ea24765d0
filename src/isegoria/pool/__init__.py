"""Who may be drawn? People with features, quotas on their values, and the reading of both.

Needs nothing but the standard library, so that a verifier can use it too.
"""

from __future__ import annotations

from isegoria.pool.intersections import Intersection, intersect
from isegoria.pool.linking import Link, link, read_links
from isegoria.pool.links import Bonds
from isegoria.pool.people import Entry, Pool
from isegoria.pool.quotas import Quota, Quotas, floor_ceiling_quotas
from isegoria.pool.reading import read_intersections, read_pool, read_quotas
from isegoria.pool.seats import ReservedSeats, intersect_with, read_seats, reserve, sitting_of

__all__ = [
    "Bonds",
    "Entry",
    "Intersection",
    "Link",
    "Pool",
    "Quota",
    "Quotas",
    "ReservedSeats",
    "floor_ceiling_quotas",
    "intersect",
    "intersect_with",
    "link",
    "read_intersections",
    "read_links",
    "read_pool",
    "read_quotas",
    "read_seats",
    "reserve",
    "sitting_of",
]
