"""What the members know: who speaks on which side, how hard the dossiers are to read, and what changed in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from isegoria_web import clock
from isegoria_web.evidence import algorithms
from isegoria_web.evidence.enums import SourceKind, Stance
from isegoria_web.evidence.models import Appearance, Dossier, DossierVersion, Question
from isegoria_web.institutions.models import Cycle
from isegoria_web.translated import language_of
from isegoria_web.web.differences import difference
from isegoria_web.web.public.views import of_cycle


@dataclass(frozen=True)
class Balance:
    """Who speaks on which side in which meeting: the sides as rows, the meetings as columns."""

    meetings: list[Any]
    rows: list[tuple[str, list[list[Appearance]], int]]


def balance_of(cycle: Cycle) -> Balance | None:
    """Return the balance of the programme; None before anybody is on it."""
    found = list(
        Appearance.objects.filter(meeting__cycle=cycle)
        .select_related("speaker", "meeting")
        .order_by("meeting__number", "pk")
    )
    if not found:
        return None
    meetings = {each.meeting_id: each.meeting for each in found}
    rows = [
        (
            str(stance.label),
            [[one for one in found if (one.meeting_id, one.stance) == (key, stance)] for key in meetings],
            sum(one.stance == stance for one in found),
        )
        for stance in Stance
    ]
    return Balance(list(meetings.values()), rows)


@dataclass(frozen=True)
class Level:
    """How hard a dossier is to read in one language."""

    language: str
    score: int
    words: int
    formula: str
    source: str
    said: str


def levels_of(texts: Iterable[Mapping[str, str]]) -> list[Level]:
    """Return the reading level in each language in which there is enough text."""
    written = list(texts)
    languages = sorted({code for each in written for code, text in each.items() if text.strip()})
    said = {
        "very_easy": _("very easy to read"),
        "easy": _("easy to read"),
        "usual": _("like a newspaper"),
        "hard": _("hard to read"),
        "very_hard": _("very hard to read"),
    }
    return [
        Level(
            code, round(found.score), found.words, found.formula, algorithms.source_of(found.formula),
            said[found.level],
        )
        for code in languages
        if (found := algorithms.reading_ease(written, code)) is not None
    ]  # fmt: skip


@require_safe
@conditional_page
@of_cycle
def evidence(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show dossiers, speakers with their interests and sides, questions with their replies, and wishes for speakers."""
    visible = Question.objects.visible()
    context = {
        "institution": row.institution,
        "cycle": row,
        "dossiers": row.dossiers.filter(published_at__isnull=False).annotate(pieces=Count("evidence")),
        "speakers": row.speakers.prefetch_related("appearances__meeting", "declarations").order_by("pk"),
        "balance": balance_of(row),
        "questions": row.questions.visible()
        .leading()
        .select_related("speaker", "replied_by")
        .prefetch_related(Prefetch("merged", visible))
        .annotate(others=Count("merged")),
        "requests": row.speaker_requests.visible()
        .select_related("speaker")
        .annotate(shared=Count("supporters")),
        "today": clock.today(row.institution.time_zone),
    }
    return render(request, "public/evidence.html", context)


@require_safe
@conditional_page
@of_cycle
def dossier(request: HttpRequest, row: Cycle, dossier: int) -> HttpResponse:
    """Show what the members were given to read, piece by piece, each with its source."""
    published = Dossier.objects.filter(cycle=row, published_at__isnull=False)
    one = get_object_or_404(published.prefetch_related("evidence__speaker", "versions"), number=dossier)
    pieces = list(one.evidence.all())
    kinds = {kind: sum(piece.kind == kind for piece in pieces) for kind in SourceKind}
    context: dict[str, Any] = {
        "institution": row.institution,
        "cycle": row,
        "dossier": one,
        "levels": levels_of([one.introduction, *(piece.text for piece in pieces)]),
        "kinds": [(kind.label, count) for kind, count in kinds.items() if count],
        "earlier": [each for each in one.versions.all() if each.number < one.version],
        "changes": next((each.changes for each in one.versions.all() if each.number == one.version), {}),
    }
    return render(request, "public/dossier.html", context)


@require_safe
@conditional_page
@of_cycle
def dossier_version(request: HttpRequest, row: Cycle, dossier: int, version: int) -> HttpResponse:
    """Show a dossier as it was published once, and what the next version changed in it."""
    found = DossierVersion.objects.filter(dossier__cycle=row, dossier__number=dossier)
    one = get_object_or_404(found.select_related("dossier"), number=version)
    after = found.filter(number=version + 1).first()
    labels = dict(SourceKind.choices)
    context = {
        "institution": row.institution,
        "cycle": row,
        "version": one,
        "pieces": [{**piece, "kind": labels.get(piece["kind"], piece["kind"])} for piece in one.pieces],
        "after": after,
        "difference": _difference(one, after) if after else None,
    }
    return render(request, "public/dossier_version.html", context)


def _difference(before: DossierVersion, after: DossierVersion) -> SafeString:
    language = language_of(before.introduction) or (get_language() or "en")[:2]
    return difference(_whole(before, language), _whole(after, language))


def _whole(version: DossierVersion, language: str) -> str:
    parts = [version.title, version.introduction]
    parts += [piece[key] for piece in version.pieces for key in ("title", "text")]
    return "\n\n".join(part.get(language, "") for part in parts)
