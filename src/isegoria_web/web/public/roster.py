"""Who sat on any day: seats and numbers, and a name only where its bearer wishes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from isegoria_web import clock
from isegoria_web.institutions.models import Body, Institution
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.membership.enums import AlternateStatus, DecisionKind
from isegoria_web.membership.models import Appointee, Rotation, SeatDecision, Term
from isegoria_web.web.access import institution_or_404
from isegoria_web.web.naming import NameRule, named, rules_of_names

BY_RULE = frozenset({DecisionKind.SUSPENSION, DecisionKind.EXCLUSION, DecisionKind.INELIGIBLE})
"""Decisions that the history shows with their rule."""
DRAWN = {
    DrawKind.PANEL.value: gettext_lazy("drawn by lot"),
    DrawKind.REPLACEMENT.value: gettext_lazy("drawn by lot for a vacant seat"),
    DrawKind.ROTATION.value: gettext_lazy("drawn by lot at a rotation"),
}


class DayForm(forms.Form):
    """A day to look at."""

    on = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Give a day as year, month, day: 2027-03-01.")},
    )


@dataclass(frozen=True)
class Sitting:
    """A body on a day."""

    body: Body
    named: list[tuple[Term, str]]
    """Each seat that is held, with the name that its member wishes to be shown; empty where she is a number."""
    rotation: Rotation | None
    """The next one that is announced."""
    suspended: int
    """How many of them keep their seat and may not act on this day."""
    appointees: list[Appointee]
    """Who holds a seat that is not drawn, by name."""
    name_rules: list[NameRule]
    """The rules by which members stand here by name or by number."""

    @property
    def terms(self) -> list[Term]:
        """The seats that are held."""
        return [term for term, _name in self.named]


@dataclass(frozen=True)
class Change:
    """A seat taken or left."""

    on: date
    term: Term
    taken: bool
    decision: SeatDecision | None = None
    resumed: bool = False

    @property
    def headline(self) -> str:
        """What kind of change it is."""
        if self.decision is not None and self.decision.kind == DecisionKind.SUSPENSION:
            return _("may act again") if self.resumed else _("suspended")
        return pgettext("a seat", "taken") if self.taken else pgettext("a seat", "left")

    @property
    def rule(self) -> str:
        """By which rule it was decided; empty where none was asked for."""
        asked = self.decision is not None and not self.resumed and self.decision.kind in BY_RULE
        return (self.decision.rule or _("the statute is silent")) if asked and self.decision else ""

    @property
    def words(self) -> str:
        """What happened, without a name and without why."""
        if self.decision is not None and self.decision.kind == DecisionKind.SUSPENSION:
            return "" if self.resumed else _("by two persons; the seat is kept")
        if not self.taken:
            return self.term.left_in_words
        alternate = getattr(self.term.member.respondent, "alternate", None)
        if alternate is not None and alternate.status == AlternateStatus.MOVED_UP:
            return _("alternate at place %(place)d moved up by the published rule") % {
                "place": alternate.position
            }
        if self.term.member.exception_id is not None:
            return _("offered by two persons, with a public reason: no lot fell on this person")
        selection = self.term.member.selection
        kind = DrawKind.PANEL.value if selection is None else selection.draw.kind
        return str(DRAWN.get(kind, DRAWN[DrawKind.PANEL.value]))


@require_safe
def roster(request: HttpRequest, institution: str) -> HttpResponse:
    """Show who sat on a day, body by body, and every change of a seat up to it."""
    found = institution_or_404(institution)
    today = clock.today(found.time_zone)
    form = DayForm(request.GET if "on" in request.GET else {"on": today.isoformat()})
    day = form.cleaned_data["on"] if form.is_valid() else None
    context = {
        "institution": found,
        "form": form,
        "day": day,
        "bodies": [] if day is None else _sitting_on(found, day),
        "changes": [] if day is None else sorted(_changes(found, day), key=_order, reverse=True),
    }
    return render(request, "public/roster.html", context, status=422 if day is None else 200)


def _sitting_on(institution: Institution, day: date) -> list[Sitting]:
    terms = Term.objects.sitting_on(day).filter(seat__body__institution=institution)
    listed = list(
        terms.select_related("seat__body", "member__cycle__body", "member__cycle__rule_book").order_by(
            "seat__number", "starts_on"
        )
    )
    suspended = set(
        SeatDecision.objects.suspending_on(day).filter(term__in=terms).values_list("term", flat=True)
    )
    appointed = list(
        Appointee.objects.sitting_on(day)
        .filter(cycle__institution=institution)
        .select_related("cycle")
        .order_by("cycle__number", "college", "seat")
    )
    return [
        Sitting(
            body,
            named([term for term in listed if term.seat.body_id == body.pk]),
            body.rotations.filter(on__gt=day, draw__isnull=False).select_related("draw__cycle").first(),
            sum(term.seat.body_id == body.pk and term.pk in suspended for term in listed),
            [each for each in appointed if each.cycle.body_id == body.pk],
            rules_of_names(term for term in listed if term.seat.body_id == body.pk),
        )
        for body in institution.bodies.order_by("pk")
    ]


def _changes(institution: Institution, day: date) -> Iterator[Change]:
    """Yield every seat that was taken or left up to a day; who declined an offer never held it."""
    terms = Term.objects.held().filter(seat__body__institution=institution, starts_on__lte=day)
    for term in terms.select_related(
        "seat__body", "member__cycle", "member__respondent__alternate", "member__selection__draw"
    ).prefetch_related("decisions"):
        yield Change(term.starts_on, term, taken=True)
        made = [each for each in term.decisions.all() if each.decided_at is not None]
        if term.ends_on is not None and term.ends_on <= day:
            ended = [each for each in made if each.kind != DecisionKind.SUSPENSION]
            yield Change(term.ends_on, term, taken=False, decision=ended[-1] if ended else None)
        for each in made:
            if each.kind == DecisionKind.SUSPENSION:
                yield from _suspension(each, term, day)


def _suspension(decision: SeatDecision, term: Term, day: date) -> Iterator[Change]:
    """Yield the beginning and the end of a suspension up to a day; what never began is not told."""
    over = [each for each in (decision.ends_on, term.ends_on) if each is not None]
    if decision.starts_on > day or decision.starts_on in over:
        return
    yield Change(decision.starts_on, term, taken=False, decision=decision)
    if decision.ends_on is not None and decision.ends_on <= min([day, *over]):
        yield Change(decision.ends_on, term, taken=True, decision=decision, resumed=True)


def _order(change: Change) -> tuple[date, bool, int]:
    return change.on, change.taken, change.term.seat.number
