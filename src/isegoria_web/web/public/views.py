"""The public pages. They show no citizen's name unless she wishes it, and no count before its time."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from isegoria_web import clock
from isegoria_web.evidence.models import Dossier
from isegoria_web.institutions import algorithms as institution_rules
from isegoria_web.institutions.models import Institution
from isegoria_web.journal.services import export_lines
from isegoria_web.lottery.algorithms import dump
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Draw, PoolEntry
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import BallotStatus, RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Report
from isegoria_web.web.access import cycle_or_404, institution_or_404
from isegoria_web.web.colours import readable
from isegoria_web.web.public import reading

ENTRIES_A_PAGE = 50


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """List the institutions, and say what this is."""
    found = Institution.objects.select_related("authority").order_by("pk")
    return render(request, "public/start.html", {"institutions": found})


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Explain the lot."""
    return render(request, "public/method.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept, why and until when."""
    return render(request, "public/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say what was done so that everybody can use the site."""
    return render(request, "public/accessibility.html")


@require_safe
@cache_control(max_age=3600, public=True)
def accent(request: HttpRequest, institution: str) -> HttpResponse:  # noqa: ARG001
    """Give the institution's colour, made readable."""
    light, dark = readable(institution_or_404(institution).accent)
    return HttpResponse(f":root{{--accent-light:{light};--accent-dark:{dark}}}", content_type="text/css")


@require_safe
def home(request: HttpRequest, institution: str) -> HttpResponse:
    """Show the institution: its seats, where it stands, what it said and what it was told."""
    found = institution_or_404(institution)
    cycles = list(found.cycles.select_related("body").prefetch_related("milestones").order_by("-number"))
    published = reading.published_recommendations(found)
    seated = next((each for each in cycles if each.members.exists()), None)
    context = {
        "institution": found,
        "cycles": [(each, reading.stage_line(each)) for each in cycles],
        "seated": seated,
        "ring": reading.seats(seated) if seated else None,
        "first": reading.latest_decided(published),
        "late": [each for each in published if each.days_late],
        "panel_draw": Draw.objects.of_panel()
        .valid()
        .filter(cycle__institution=found)
        .order_by("-pk")
        .first(),
        "next_meeting": Meeting.objects.filter(cycle__institution=found, ends_at__gte=clock.now())
        .order_by("starts_at")
        .first(),
    }
    return render(request, "public/institution.html", context)


@require_safe
def rule_book(request: HttpRequest, institution: str) -> HttpResponse:
    """Say the rules in plain words, and where the statute is silent."""
    found = institution_or_404(institution)
    version = found.rule_books.latest("number")
    book = institution_rules.rule_book_of(version)
    context = {
        "institution": found,
        "version": version,
        "book": book,
        "sentences": institution_rules.sentences_of(book, (get_language() or "en")[:2]),
        "silent": book.silent(),
    }
    return render(request, "public/rule_book.html", context)


@require_safe
def cycle(request: HttpRequest, institution: str, number: int) -> HttpResponse:
    """Show a cycle from its mandate to its answers."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    today = clock.today(found.time_zone)
    recommendations = row.recommendations.select_related("duty", "cycle").prefetch_related(
        "versions", "answers"
    )
    context = {
        "institution": found,
        "cycle": row,
        "line": reading.stage_line(row),
        "draws": row.draws.all(),
        "meetings": row.meetings.all(),
        "dossiers": row.dossiers.filter(published_at__isnull=False),
        "statements": row.statements.count(),
        "members": row.members.count(),
        "recommendations": [reading.shown(each, today) for each in recommendations],
        "report": Report.objects.filter(cycle=row).first(),
    }
    return render(request, "public/cycle.html", context)


@require_safe
def members(request: HttpRequest, institution: str, number: int) -> HttpResponse:
    """Show who holds which seat: a number, and a name only where she wishes it."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    terms = (
        Term.objects.filter(member__cycle=row)
        .select_related("seat", "member")
        .order_by("seat__number", "starts_on", "pk")
    )
    context = {"institution": found, "cycle": row, "terms": terms, "ring": reading.seats(row)}
    return render(request, "public/members.html", context)


@require_safe
def statements(request: HttpRequest, institution: str, number: int) -> HttpResponse:
    """Show the statements, and their counts once they are closed."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    listed = row.statements.with_counts().select_related("note__table__plan__meeting")
    listed = listed.prefetch_related("recommendations")
    context = {
        "institution": found,
        "cycle": row,
        "listed": [(each, reading.statement_counts(each)) for each in listed],
    }
    return render(request, "public/statements.html", context)


@require_safe
def report(request: HttpRequest, institution: str, number: int) -> HttpResponseBase:  # noqa: ARG001
    """Give the report as it was handed over."""
    row = cycle_or_404(institution_or_404(institution), number)
    made = get_object_or_404(Report, cycle=row)
    name = f"{row.institution.slug}-{row.number}.pdf"
    return FileResponse(made.document.open("rb"), filename=name, content_type="application/pdf")


@require_safe
def draw(request: HttpRequest, institution: str, number: int, draw: int) -> HttpResponse:
    """Show a draw: who could be drawn, with which chance, what was committed, what came out."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    one = get_object_or_404(row.draws.select_related("record", "pool"), number=draw)
    one.cycle = row
    code = request.GET.get("code", "").strip().upper()
    entry = (
        PoolEntry.objects.filter(pool__draw=one, code=code).select_related("selection").first()
        if code
        else None
    )
    entries = list(PoolEntry.objects.filter(pool__draw=one))
    known = [chance for chance in map(reading.chance_of, entries) if chance is not None]
    context = {
        "institution": found,
        "cycle": row,
        "draw": one,
        "is_panel": one.kind == DrawKind.PANEL,
        "record": getattr(one, "record", None),
        "pool": getattr(one, "pool", None),
        "funnel": reading.funnel(row),
        "tables": reading.feature_tables(one) if one.kind == DrawKind.PANEL else [],
        "chances": reading.pictures.chances([float(chance) for chance in known], "") if known else None,
        "smallest": min(known, default=None),
        "largest": max(known, default=None),
        "selections": one.selections.select_related("entry"),
        "code": code,
        "entry": entry,
        "entry_chance": reading.chance_of(entry) if entry else None,
    }
    return render(request, "public/draw.html", context)


@require_safe
def record(request: HttpRequest, institution: str, number: int, draw: int) -> HttpResponse:  # noqa: ARG001
    """Give the record of a draw as a file that verifies, byte for byte."""
    row = cycle_or_404(institution_or_404(institution), number)
    one = get_object_or_404(row.draws.select_related("record"), number=draw, record__isnull=False)
    response = HttpResponse(
        dump(one.record.document or one.record.commitment), content_type="application/json"
    )
    response["Content-Disposition"] = (
        f'attachment; filename="{row.institution.slug}-{row.number}-{one.number}.json"'
    )
    return response


@require_safe
def meeting(request: HttpRequest, institution: str, number: int, meeting: int) -> HttpResponse:
    """Show a meeting: programme, attendance in numbers, what the tables noted."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    one = get_object_or_404(row.meetings.prefetch_related("items"), number=meeting)
    plan = getattr(one, "plan", None)
    tables = (
        plan.tables.annotate(seated=Count("members")).prefetch_related("notes__statements") if plan else []
    )
    context = {
        "institution": found,
        "cycle": row,
        "meeting": one,
        "plan": plan,
        "tables": tables,
        "present": one.attendances.filter(presence=Presence.PRESENT).count(),
        "recorded": one.attendances.count(),
    }
    return render(request, "public/meeting.html", context)


@require_safe
def dossier(request: HttpRequest, institution: str, number: int, dossier: int) -> HttpResponse:
    """Show what the members were given to read, who speaks, and the members' questions."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    published = Dossier.objects.filter(cycle=row, published_at__isnull=False)
    one = get_object_or_404(published.prefetch_related("evidence__speaker"), number=dossier)
    context = {
        "institution": found,
        "cycle": row,
        "dossier": one,
        "speakers": row.speakers.order_by("pk"),
        "questions": row.questions.select_related("speaker", "replied_by"),
        "today": clock.today(found.time_zone),
    }
    return render(request, "public/dossier.html", context)


@require_safe
def recommendations(request: HttpRequest, institution: str) -> HttpResponse:
    """List what the citizens recommended."""
    found = institution_or_404(institution)
    listed = reading.published_recommendations(found)
    return render(request, "public/recommendations.html", {"institution": found, "listed": listed})


@require_safe
def answers(request: HttpRequest, institution: str) -> HttpResponse:
    """Show the public clock: what is late, what is due, what was answered."""
    found = institution_or_404(institution)
    adopted = [
        each
        for each in reading.published_recommendations(found)
        if each.row.status == RecommendationStatus.ADOPTED and hasattr(each.row, "duty")
    ]
    context = {
        "institution": found,
        "late": [each for each in adopted if each.days_late],
        "waiting": [each for each in adopted if not each.answer and not each.days_late],
        "answered": [each for each in adopted if each.answer],
    }
    return render(request, "public/answers.html", context)


@require_safe
def recommendation(
    request: HttpRequest, institution: str, number: int, recommendation: int
) -> HttpResponse:
    """Show a recommendation with its votes, its dissent, its lineage and its answer."""
    found = institution_or_404(institution)
    row = cycle_or_404(found, number)
    listed = Recommendation.objects.filter(cycle=row).select_related("ballot", "duty", "cycle")
    listed = listed.prefetch_related("versions__amendments", "answers__commitments__progress")
    one = get_object_or_404(listed, number=recommendation)
    ballot = getattr(one, "ballot", None)
    closed = ballot is not None and ballot.status == BallotStatus.CLOSED
    context = {
        "institution": found,
        "cycle": row,
        "shown": reading.shown(one, clock.today(found.time_zone)),
        "recommendation": one,
        "versions": sorted(one.versions.all(), key=lambda each: each.number),
        "changes": reading.changes(one),
        "statements": one.statements.with_counts().select_related("note__table__plan__meeting"),
        "ballot": ballot,
        "closed": closed,
        "votes": reading.vote_picture(ballot) if ballot else None,
        "receipts": sorted(ballot.papers.values_list("receipt", flat=True)) if closed and ballot else [],
        "opinions": one.minority_opinions.annotate(signed=Count("signatories")),
        "answers": [(answer, reading.verdict_counts(answer)) for answer in one.answers.all()],
    }
    return render(request, "public/recommendation.html", context)


@require_safe
def journal(request: HttpRequest, institution: str) -> HttpResponse:
    """Show the public record of every act, newest first."""
    found = institution_or_404(institution)
    pages = Paginator(found.chain.entries.order_by("-sequence"), ENTRIES_A_PAGE)
    context = {"institution": found, "page": pages.get_page(request.GET.get("page")), "chain": found.chain}
    return render(request, "public/journal.html", context)


@require_safe
def journal_export(request: HttpRequest, institution: str) -> StreamingHttpResponse:  # noqa: ARG001
    """Give the whole journal as a file that verifies."""
    found = institution_or_404(institution)
    response = StreamingHttpResponse(export_lines(found.chain), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}-journal.jsonl"'
    return response
