"""A choice between options as everybody sees it: the question while it is open, the count afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web.ballots.algorithms import without_a_choice
from isegoria_web.ballots.enums import BallotKind
from isegoria_web.ballots.models import Ballot
from isegoria_web.institutions.models import Cycle
from isegoria_web.translated import Texts, in_language
from isegoria_web.web import pictures
from isegoria_web.web.public.views import of_cycle


@dataclass(frozen=True)
class Option:
    """An option after the count: whether it was chosen, whether the published order alone decided against it."""

    text: Texts
    chosen: bool
    tied: bool
    rank: int | None
    picture: pictures.Picture | None


def options_of(ballot: Ballot) -> list[Option]:
    """Return the options of a counted choice, the chosen first, then as the count has put them; nothing before."""
    outcome = ballot.outcome
    if outcome is None:
        return []
    ranks = {key: place for place, level in enumerate(outcome.get("ranks", []), 1) for key in level}
    approvals = outcome.get("approvals", {})

    def place(option: dict[str, object]) -> tuple[int, int]:
        key = option["key"]
        chosen = outcome["chosen"].index(key) if key in outcome["chosen"] else len(outcome["chosen"])
        return chosen, ranks.get(key, 0) - approvals.get(key, 0)

    return [
        Option(
            text=option["text"],
            chosen=option["key"] in outcome["chosen"],
            tied=option["key"] in outcome["tied"],
            rank=ranks.get(option["key"]),
            picture=_dots(approvals.get(option["key"]), outcome["cast"]),
        )
        for option in sorted(ballot.options, key=place)
    ]


def _dots(marked: int | None, cast: int) -> pictures.Picture | None:
    if marked is None or cast == 0:
        return None
    title = ngettext(
        "%(marked)d of %(cast)d voter marked it", "%(marked)d of %(cast)d voters marked it", cast
    )
    return pictures.marks(marked, cast - marked, title=title % {"marked": marked, "cast": cast})


@require_safe
@conditional_page
@of_cycle
def choice(request: HttpRequest, row: Cycle, ballot: int) -> HttpResponse:
    """Show the question and the options; after the count, what was chosen and every receipt."""
    one = get_object_or_404(Ballot.objects.choices(), cycle=row, number=ballot)
    found = options_of(one)
    chosen = [in_language(option.text) for option in found if option.chosen]
    context = {
        "institution": row.institution,
        "cycle": row,
        "ballot": one,
        "options": found,
        "headline": _("Chosen: %(chosen)s") % {"chosen": "; ".join(chosen)} if chosen else "",
        "ranked": one.kind == BallotKind.RANKING,
        "receipts": one.papers.receipts(),
        "without_choice": without_a_choice(row),
    }
    return render(request, "public/choice.html", context)
