"""Anybody's chance to sit in a body over the years: by the rules, and by the draws that took place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.institutions.algorithms import entering_of, source_of
from isegoria_web.institutions.models import Body, Institution, RuleBookVersion
from isegoria_web.lottery.algorithms import at_least_once
from isegoria_web.lottery.enums import Disclosure, DrawKind
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.translated import in_language
from isegoria_web.web import pictures
from isegoria_web.web.public import draws
from isegoria_web.web.public.views import of_institution

HORIZONS = (1, 5, 10, 20)
UNKNOWN = 10_000
"""How many people are assumed where no draw has told yet how many can be drawn."""
FEW = 5
"""The smallest number of dots that the picture should have to show."""


class ResidentsForm(forms.Form):
    """How many people can be drawn."""

    residents = forms.IntegerField(
        label=gettext_lazy("How many people can be drawn?"),
        min_value=100,
        max_value=1_000_000_000,
        required=False,
    )


@dataclass(frozen=True)
class Horizon:
    """What the rules make of so many years: seats taken anew, the chance to sit at least once, and of a ready person."""

    years: int
    seats: int
    chance: Fraction
    ready: Fraction | None

    @property
    def one_in(self) -> int:
        """One in how many people sits."""
        return round(1 / self.chance) if self.chance else 0

    @property
    def ready_one_in(self) -> int:
        """One in how many of those who say yes to every letter sits."""
        return round(1 / self.ready) if self.ready else 0


@dataclass(frozen=True)
class Held:
    """A draw that took place: who could be drawn, who was asked and said yes, and what their chances were."""

    draw: Draw
    eligible: int
    letters: int
    yes: int
    least: Fraction | None
    most: Fraction | None

    @property
    def chance(self) -> Fraction:
        """The mean chance of everybody who could be drawn."""
        return Fraction(self.draw.size, self.eligible)


@dataclass(frozen=True)
class Chances:
    """A body with what the rules and the draws say."""

    body: Body
    horizons: list[Horizon]
    held: list[Held]
    so_far: Fraction
    picture: pictures.Picture | None
    base: int
    chained: str

    @property
    def so_far_one_in(self) -> int:
        """One in how many people was drawn so far."""
        return round(1 / self.so_far) if self.so_far else 0


@require_safe
@conditional_page
@of_institution
def chances(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Show the chances for each body, with their assumptions."""
    held = _held(institution)
    known = max((each.eligible for each in held), default=0)
    form = ResidentsForm(request.GET or None)
    given = form.cleaned_data["residents"] if form.is_bound and form.is_valid() else None
    residents = given or known or UNKNOWN
    letters, yes = sum(each.letters for each in held), sum(each.yes for each in held)
    rate = Fraction(yes, letters) if yes else None
    version = institution.rule_books.latest("number")
    context = {
        "institution": institution,
        "form": form if form.is_bound else ResidentsForm(initial={"residents": residents}),
        "residents": residents,
        "known": known,
        "given": given,
        "letters": letters,
        "yes": yes,
        "version": version,
        "bodies": [
            _of_body(institution, version, body, residents, rate, held) for body in institution.bodies.all()
        ],
    }
    return render(request, "public/chances.html", context, status=200 if not form.errors else 422)


def _of_body(
    institution: Institution,
    version: RuleBookVersion,
    body: Body,
    residents: int,
    rate: Fraction | None,
    held: list[Held],
) -> Chances:
    start = institution.founded_on
    taken = entering_of(version, body.key, start, years=HORIZONS[-1])
    horizons = []
    for years in HORIZONS:
        own = [each.middle for each in taken if each.day < _after(start, years)]
        mean = [min(Fraction(1), seats / residents) for seats in own]
        ready = [min(Fraction(1), seats / (residents * rate)) for seats in own] if rate else None
        horizons.append(
            Horizon(
                years, round(sum(own)), at_least_once(mean), None if ready is None else at_least_once(ready)
            )
        )
    here = [each for each in held if each.draw.cycle.body_id == body.pk]
    base = next((base for base in (1000, 10_000, 100_000) if base * horizons[-1].chance >= FEW), 1_000_000)
    title = _("Of %(base)d people who can be drawn: who sits at least once") % {"base": base}
    counts = [(each.years, round(base * each.chance)) for each in horizons]
    return Chances(
        body=body,
        horizons=horizons,
        held=here,
        so_far=at_least_once([each.chance for each in here]),
        picture=pictures.within_years(counts, base, title=title) if taken else None,
        base=base,
        chained=_source_of(version, body),
    )


def _after(start: date, years: int) -> date:
    """Return the same day so many years later; the day after a leap day that is not there."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def _source_of(version: RuleBookVersion, body: Body) -> str:
    found = source_of(version, body.key)
    return in_language(found) if found else ""


def _held(institution: Institution) -> list[Held]:
    """Return the panels that were drawn from letters, oldest first."""
    rows = Draw.objects.drawn().filter(cycle__institution=institution, kind=DrawKind.PANEL)
    found = []
    for draw in rows.select_related("cycle__body").order_by("drawn_at"):
        counts = draws.funnel_counts(draw.cycle, draw)
        if counts is None:
            continue
        least, most = (None, None) if draw.disclosure == Disclosure.SEALED else _ends(draw)
        found.append(Held(draw, counts.eligible, counts.letters, counts.yes, least, most))
    return found


def _ends(draw: Draw) -> tuple[Fraction | None, Fraction | None]:
    pairs = (
        PoolEntry.objects.filter(pool__draw=draw, chance_denominator__isnull=False)
        .order_by()
        .values_list("chance_numerator", "chance_denominator")
        .distinct()
    )
    known = [Fraction(one, other) for one, other in pairs if one is not None and other]
    return (min(known), max(known)) if known else (None, None)
