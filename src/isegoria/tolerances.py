"""Every tolerance: what it compares, and why it has this size."""

from __future__ import annotations

from typing import Final

CHANCE: Final = 1e-9
"""Two chances closer than this are the same level. Solvers give about 1e-12; levels differ by 1e-6 or more."""

INTEGRAL: Final = 1e-6
"""A solver's number this near to an integer is that integer. The solvers' own default is the same."""

CERTIFICATE_GAP: Final = 1e-7
"""The largest gap between a lottery's value and its proved upper bound that still counts as optimal."""
