"""How many people answer yes: published rates, and what they say about a panel that has sent no letter yet."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from statistics import mean, pvariance

from isegoria.errors import BadInput


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """A reply rate that somebody published.

    Attributes
    ----------
    key
        Its name in commands.
    place, year
        Whose it is, and of when, if the source says so.
    unit
        `person`, where letters went to persons, or `household`.
    letters, yes
        Sent, and answered yes. `about` says that the source rounds.
    seats
        Of the panel.
    source
        Where it is published.
    """

    key: str
    place: str
    unit: str
    letters: int
    yes: int
    seats: int
    source: str
    year: int | None = None
    about: bool = False

    @property
    def rate(self) -> Fraction:
        """The share of the letters that were answered yes."""
        return Fraction(self.yes, self.letters)


@cache
def published_rates() -> tuple[PublishedRate, ...]:
    """Return the rates that come with the library, each with its source."""
    data = tomllib.loads(files(__package__).joinpath("rates.toml").read_text("utf-8"))
    return tuple(PublishedRate(**one) for one in data["rate"])


def rate_like(key: str) -> PublishedRate:
    """Return a published rate by its key.

    Raises
    ------
    BadInput
        `invalid_choice`.
    """
    found = {one.key: one for one in published_rates()}
    if key not in found:
        raise BadInput("invalid_choice", value=key, choices=", ".join(found))
    return found[key]


@cache
def letters_of_the_prior() -> float:
    """Return how many letters' worth of knowledge an expected rate is.

    Notes
    -----
    Panels differ more from each other than chance alone would make them: the variance of the published rates is that of
    a beta distribution with ``a + b = m (1 - m) / v - 1``, about 53 letters. So before the first wave an expected rate
    of 4 % means "in nine cases of ten between 0.8 and 9.2 %", and after a few hundred letters the own answers count.
    """
    rates = [float(one.rate) for one in published_rates()]
    center, variance = mean(rates), pvariance(rates)
    return center * (1 - center) / variance - 1
