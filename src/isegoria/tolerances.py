"""Every tolerance: what it compares, and why it has this size."""

from __future__ import annotations

from typing import Final

CHANCE: Final = 1e-9
"""Two chances closer than this are the same level. Solvers give about 1e-12; levels differ by 1e-6 or more."""

INTEGRAL: Final = 1e-6
"""A solver's number this near to an integer is that integer. The solvers' own default is the same."""

CERTIFICATE_GAP: Final = 1e-7
"""The largest gap between a lottery's value and its proved upper bound that still counts as optimal."""

SPAN: Final = 1e-9
"""How near an eigenvalue of a part of a projection must be to 1 to be 1. Groups are zeros and ones and at most some
dozens, so that rounding leaves about 1e-13; where nothing can be computed the largest is 1e-4 or more below."""
