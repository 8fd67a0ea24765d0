"""Quotas over time: what one draw cannot give a small group, every few draws together can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isegoria.lottery.seats import residual_quotas
from isegoria.pool import Quotas, floor_ceiling_quotas


def temporal_quotas(
    shares: Mapping[str, Mapping[str, float]], earlier: Iterable[Mapping[str, str]], size: int
) -> Quotas:
    """Return quotas of one draw with which all draws up to it together follow the population.

    With share s_v of the population and K seats in all draws up to this one, value v shall have ⌊s_v K⌋ to ⌈s_v K⌉ of
    them; of these it has had A_v. So a group of 3 per cent, which quotas of a single draw of 8 never need to seat, gets
    its seat about every fourth draw.

    Parameters
    ----------
    shares
        As of `floor_ceiling_quotas`.
    earlier
        The features of everybody who was drawn so far.
    size
        Number of members of this draw, 1 or more.

    Raises
    ------
    BadInput
        As `floor_ceiling_quotas`.

    Notes
    -----
    Guarantee: where a draw meets them, no value of any feature has had a whole seat more or less than its share of all
    seats so far. Not guaranteed: that they can be met, above all with several features or after draws that did not; so they
    are wishes, and `check` names the smallest relaxation.

    References
    ----------
    Tijdeman: The chairman assignment problem, Discrete Mathematics 32 (1980), for one feature and one seat at a time.

    Examples
    --------
    >>> so_far = [{"origin": "most"}] * 24
    >>> [(q.value, q.minimum, q.maximum) for q in temporal_quotas({"origin": {"few": 0.03, "most": 0.97}}, so_far, 10)]
    [('few', 1, 2), ('most', 8, 9)]
    """
    before = list(earlier)
    return residual_quotas(floor_ceiling_quotas(shares, len(before) + size), before)
