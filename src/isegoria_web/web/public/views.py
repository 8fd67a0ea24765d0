"""The public pages. They show no citizen's name unless she wishes it, and no count before its time.

No page needs a cookie: visitors who are not signed in get the same bytes, with an ETag over them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, prefetch_related_objects
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from isegoria_web import clock
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.models import Note, Statement
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.standing import phases_of, standing_of
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import export_lines, file_count
from isegoria_web.lottery.algorithms import dump
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Completion, Draw, PoolEntry
from isegoria_web.lottery.services import asks_what_is_sensitive
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.models import Meeting
from isegoria_web.meetings.people import appointed_present
from isegoria_web.membership.cutting import cut_off
from isegoria_web.membership.models import Rotation, Term
from isegoria_web.recommendations.models import Report, ReportDocument
from isegoria_web.recruitment.models import Campaign, EligibilityCheck, Wave
from isegoria_web.recruitment.waves import published
from isegoria_web.web.access import cycle_or_404, institution_or_404
from isegoria_web.web.ceremony import as_data, ceremony_of
from isegoria_web.web.colleges import mixed_of
from isegoria_web.web.colours import readable
from isegoria_web.web.eligibility_words import CheckInWords, check_in_words
from isegoria_web.web.homes import homes_in_words
from isegoria_web.web.naming import named, rules_of_names
from isegoria_web.web.public import draws, lineage, reading
from isegoria_web.web.quota_words import changes_of
from isegoria_web.web.resolutions import line_of

ENTRIES_A_PAGE = 100
CODE_LENGTH = 16
NEWEST = 3
"""How many decisions of bodies the home of an institution tells."""

Rest = ParamSpec("Rest")
InstitutionView = Callable[Concatenate[HttpRequest, Institution, Rest], HttpResponseBase]
CycleView = Callable[Concatenate[HttpRequest, Cycle, Rest], HttpResponseBase]


def of_institution(
    view: InstitutionView[Rest],
) -> Callable[Concatenate[HttpRequest, str, Rest], HttpResponseBase]:
    """Give a view the institution of its address, and the institution's time zone to its dates."""

    @wraps(view)
    def scoped(
        request: HttpRequest, institution: str, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponseBase:
        found = institution_or_404(institution)
        with timezone.override(found.time_zone):
            return view(request, found, *args, **kwargs)

    return scoped  # type: ignore[return-value]  # the stubs of wraps lose the parameters


def of_cycle(
    view: CycleView[Rest],
) -> Callable[Concatenate[HttpRequest, str, int, Rest], HttpResponseBase]:
    """Give a view the cycle of its address, of this institution and no other."""

    @wraps(view)
    def scoped(
        request: HttpRequest, institution: str, number: int, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponseBase:
        found = institution_or_404(institution)
        row = cycle_or_404(found, number)
        row.institution = found  # with its authority and chain: no further query
        with timezone.override(found.time_zone):
            return view(request, row, *args, **kwargs)

    return scoped  # type: ignore[return-value]  # the stubs of wraps lose the parameters


# -- the platform --------------------------------------------------------------------------------------


@require_safe
@conditional_page
def start(request: HttpRequest) -> HttpResponse:
    """List the institutions, and say what this is."""
    found = Institution.objects.select_related("authority").order_by("pk")
    counted = found.annotate(cycle_count=Count("cycles"))
    return render(request, "public/start.html", {"institutions": counted})


@require_safe
@conditional_page
def method(request: HttpRequest) -> HttpResponse:
    """Explain the lot."""
    return render(request, "public/method.html")


@require_safe
@conditional_page
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept, why and until when."""
    return render(request, "public/privacy.html")


@require_safe
@conditional_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say what was done so that everybody can use the site, and what does not work yet."""
    return render(request, "public/accessibility.html")


# -- the institution -----------------------------------------------------------------------------------


@require_safe
@cache_control(max_age=3600, public=True)
@of_institution
def accent(request: HttpRequest, institution: Institution) -> HttpResponse:  # noqa: ARG001
    """Give the institution's colour, made readable."""
    light, dark = readable(institution.accent)
    return HttpResponse(f":root{{--accent-light:{light};--accent-dark:{dark}}}", content_type="text/css")


@require_safe
@conditional_page
@of_institution
def home(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Show the institution: its seats, where it stands, what it said and what it was told."""
    cycles = reading.cycles_of(institution)
    listed = reading.recommendations_of(institution)
    owed = reading.owed_of(listed, clock.today(institution.time_zone))
    seated = next(((each, found) for each in cycles if (found := reading.seats(each))), None)
    drawn = Draw.objects.of_panel().valid().filter(cycle__institution=institution, drawn_at__isnull=False)
    meetings = Meeting.objects.filter(cycle__institution=institution, ends_at__gte=clock.now())
    version = institution.rule_books.order_by("-number").first()
    context = {
        "institution": institution,
        "cycles": cycles,
        "seated": seated[0] if seated else None,
        "seats": seated[1] if seated else None,
        "first": reading.first_on_home(listed),
        "late": sum(1 for each in owed if each.days_late),
        "tally": reading.tally(owed),
        "answered": sum(1 for each in listed if each.answer),
        "adopted": sum(1 for each in listed if each.adopted),
        "panel_draw": drawn.select_related("cycle").order_by("-drawn_at").first(),
        "next_meeting": meetings.select_related("cycle").order_by("starts_at").first(),
        "agenda": [
            sentence
            for chapter in (reading.chapters(version) if version else [])
            if chapter.key == "agenda"
            for _rule, sentence in chapter.sentences
        ],
        "decided": [
            line_of(each)
            for each in institution.resolutions.over().select_related("body", "rule_book")[:NEWEST]
        ],
    }
    return render(request, "public/institution.html", context)


@require_safe
@conditional_page
@of_institution
def recommendations(request: HttpRequest, institution: Institution) -> HttpResponse:
    """List what the citizens recommended."""
    listed = reading.recommendations_of(institution)
    context = {
        "institution": institution,
        "listed": listed,
        "adopted": sum(1 for each in listed if each.adopted),
        "answered": sum(1 for each in listed if each.answer),
        "tally": reading.tally(reading.owed_of(listed, clock.today(institution.time_zone))),
    }
    return render(request, "public/recommendations.html", context)


@require_safe
@conditional_page
@of_institution
def answers(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Show the public clock: what is late, what is due, what was answered."""
    listed = reading.recommendations_of(institution)
    owed = reading.owed_of(listed, clock.today(institution.time_zone))
    late = sorted((each for each in owed if each.days_late), key=lambda each: -each.days_late)
    context = {
        "institution": institution,
        "owed": owed,
        "late": late,
        "tally": reading.tally(owed),
        "waiting": sorted(
            (each for each in owed if not each.answer and not each.days_late),
            key=lambda each: each.duty.due_on,
        ),
        "answered": [each for each in owed if each.answer],
    }
    return render(request, "public/answers.html", context)


@require_safe
@conditional_page
@of_institution
def journal(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Show the public record of every act, newest first, or the acts of one kind."""
    action = request.GET.get("action", "")
    entries = institution.chain.entries.order_by("-sequence")
    if action in Action.values:
        entries = entries.filter(action=action)
    page = Paginator(entries, ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "institution": institution,
        "page": page,
        "acts": reading.acts_of(page),
        "chain": institution.chain,
        "checkpoint": institution.chain.checkpoints.last(),
        "files": (files := file_count(institution.chain)),
        "file_numbers": range(1, files + 1),
        "actions": sorted((str(each.label), each.value) for each in Action),
        "action": action,
    }
    return render(request, "public/journal.html", context)


@require_safe
@of_institution
def journal_export(request: HttpRequest, institution: Institution) -> StreamingHttpResponse:  # noqa: ARG001
    """Give the whole journal as a file that verifies."""
    response = StreamingHttpResponse(export_lines(institution.chain), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="{institution.slug}-journal.jsonl"'
    return response


# -- a cycle -------------------------------------------------------------------------------------------


@require_safe
@conditional_page
@of_cycle
def cycle(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show a cycle from its mandate to its answers."""
    every = reading.draws_of(row)
    context = {
        "institution": row.institution,
        "cycle": row,
        "draws": every,
        "funnel": draws.funnel(row, _panel_draw(every)),
        "seats": reading.seats(row),
        "meetings": row.meetings.all(),
        "dossiers": row.dossiers.filter(published_at__isnull=False),
        "statements": row.statements.visible().count(),
        "maps": row.opinion_maps.done().count(),
        "recommendations": reading.recommendations_of(row.institution, row),
        "secret_choices": Ballot.objects.choices().filter(cycle=row),
        "report": Report.objects.filter(cycle=row).first(),
    }
    return render(request, "public/cycle.html", context)


@require_safe
@conditional_page
@of_cycle
def stations(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show the 24 stations of a cycle: done, in hand, left out or to come, and what the one in hand lacks."""
    prefetch_related_objects([row], "milestones")
    context = {
        "institution": row.institution,
        "cycle": row,
        "phases": phases_of(row),
        "standing": standing_of(row),
    }
    return render(request, "public/stations.html", context)


REDONE = tuple(DrawKind)
"""Kinds of draws that the reader's browser can redo."""
FOLLOWED = (DrawKind.LETTERS, DrawKind.PANEL, DrawKind.ROTATION)
"""Kinds of draws of which one counts in a cycle: a later one takes the place of an earlier one."""

EARLIER_CHECKS = ("earlier", "sitting", "candidates")
"""The steps of comparing a draw for vacant seats with the earlier draw that it names."""
FILLING = (DrawKind.PANEL, DrawKind.ROTATION)
"""Kinds of draws that fill the body of a cycle."""


def _panel_draw(every: list[Draw]) -> Draw | None:
    return next((each for each in every if each.kind in FILLING and each.status != "annulled"), None)


@require_safe
@conditional_page
@of_cycle
def members(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show who holds which seat: a number, and a name only where she wishes it."""
    terms = list(
        Term.objects.of(row)
        .select_related(
            "seat", "member__selection__draw", "member__cycle__body", "member__cycle__rule_book"
        )
        .order_by("seat__number", "starts_on", "pk")
    )
    seated_before = [None, *terms]
    context = {
        "institution": row.institution,
        "cycle": row,
        "terms": [
            (term, name, before if before is not None and before.seat_id == term.seat_id else None)
            for (term, name), before in zip(named(terms), seated_before, strict=False)
        ],
        "name_rules": rules_of_names(terms),
        "seats": reading.seats(row),
        "waiting": row.alternates_drawn.filter(status="waiting").count(),
        "cut": cut_off(row),
        "repairs": [each for each in reading.draws_of(row) if each.kind == DrawKind.REPLACEMENT],
        "exceptions": row.seat_exceptions.filter(withdrawn_at__isnull=True).select_related("member"),
    }
    return render(request, "public/members.html", context)


@require_safe
@conditional_page
@of_cycle
def statements(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show the statements, and their counts once they are closed."""
    listed = row.statements.visible().with_counts().with_note().prefetch_related("recommendations")
    context = {
        "institution": row.institution,
        "cycle": row,
        "listed": [(each, reading.statement_counts(each)) for each in listed],
        "map": row.opinion_maps.of_members().done().last(),
        "computing": row.opinion_maps.of_members().waiting().exists(),
    }
    return render(request, "public/statements.html", context)


@require_safe
@conditional_page
@of_cycle
def report_page(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Show the report as a page: what was recommended, the dissent, and the sentences from which it comes."""
    made = get_object_or_404(Report, cycle=row)
    today = clock.today(row.institution.time_zone)
    found = reading.with_answers(row).order_by("number")
    adopted = [
        (reading.shown(one, today), reading.votes(one.ballot) if one.ballot else None, mixed_of(one.ballot))
        for one in found.adopted()
    ]
    context = {
        "institution": row.institution,
        "cycle": row,
        "report": made,
        "documents": made.documents.all(),
        "adopted": adopted,
        "not_adopted": [reading.shown(one, today) for one in found.not_adopted()],
    }
    return render(request, "public/report.html", context)


@require_safe
@of_cycle
def report_in(request: HttpRequest, row: Cycle, language: str) -> HttpResponseBase:  # noqa: ARG001
    """Give the report as it was printed in one language."""
    made = get_object_or_404(ReportDocument, report__cycle=row, language=language)
    name = f"{row.institution.slug}-{row.number}-{language}.pdf"
    return FileResponse(made.document.open("rb"), filename=name, content_type="application/pdf")


@require_safe
@of_cycle
def report(request: HttpRequest, row: Cycle) -> HttpResponseBase:  # noqa: ARG001
    """Give the report as it was handed over."""
    made = get_object_or_404(Report.objects.exclude(document=""), cycle=row)
    name = f"{row.institution.slug}-{row.number}.pdf"
    return FileResponse(made.document.open("rb"), filename=name, content_type="application/pdf")


def _eligibility(one: Draw) -> CheckInWords | None:
    """Return who could be drawn for a letter, where that was checked; counts of a few are not told."""
    campaign = Campaign.objects.filter(draw=one).first()
    if campaign is None:
        return None
    checks = EligibilityCheck.objects.filter(cycle=campaign.cycle, result=campaign.extract)
    check = checks.filter(asked_at__lte=one.announced_at, eligible__isnull=False).first()
    return None if check is None else check_in_words(check, exact=False)


@csrf_exempt  # looking up a code changes nothing; a token would give every reader of the page a cookie
@require_http_methods(["GET", "HEAD", "POST"])
@conditional_page
@of_cycle
def draw(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:
    """Show a draw: who could be drawn, with which chance, what was committed, what came out.

    A code to look up comes in the body of a POST, so that it stands in no address, history or log.
    """
    every = reading.draws_of(row)
    one = next((each for each in every if each.number == draw), None)
    if one is None:
        raise Http404
    entries = list(PoolEntry.objects.filter(pool__draw=one).select_related("selection"))
    record = getattr(one, "record", None)
    hidden = one.hides_its_lottery
    known = (
        [] if hidden else entries
    )  # by their chances alone people would tell what the vacant seats ask for
    chances = [chance for chance in map(draws.chance_of, known) if chance is not None]
    context = {
        "institution": row.institution,
        "cycle": row,
        "draw": one,
        "is_panel": one.kind != DrawKind.LETTERS,
        "body": (body := Completion.objects.filter(draw=one).select_related("earlier__cycle").first()),
        "sitting": body.sitters.count() if body else 0,
        "rotation": Rotation.objects.filter(draw=one).first(),
        "can_redo": one.kind in REDONE,
        "record": record,
        "pool": getattr(one, "pool", None),
        "funnel": draws.funnel(row, _panel_draw(every)) if body is None else None,
        "tables": draws.feature_tables(one, entries, body),
        "quota_changes": changes_of(row),
        "homes": homes_in_words(len(entries), sum(each.home is not None for each in entries)),
        "eligibility": _eligibility(one),
        "chances": draws.chance_picture(known),
        "hides_its_lottery": hidden,
        "asks_what_is_sensitive": asks_what_is_sensitive(row),
        "smallest": min(chances, default=None),
        "largest": max(chances, default=None),
        "selections": sorted(
            (each.selection for each in entries if hasattr(each, "selection")),
            key=lambda each: (each.kind, each.position),
        ),
        "checks": draws.checks_of(record) if record else [],
        "receipt_checks": draws.receipt_checks(),
        "earlier_checks": draws.receipt_checks(
            *EARLIER_CHECKS, sealed=one.is_sealed or _seals_before(body)
        ),
        "document": (document := (record.document or record.commitment) if record else {}),
        "tickets": _tickets(document),
        "letter_chances": draws.letter_chances(one),
        "waves": Wave.objects.filter(campaign__draw=one, number__gt=1),
        "ceremony": (ceremony := ceremony_of(one)),
        "live": as_data(ceremony),
        "followed_by": next((each for each in every if _follows(each, one)), None),
        "objections": one.objections.all(),
        "time_stamps": one.time_stamps.defer("content"),
        "proposals": one.annulments.filter(confirmed_at__isnull=True, withdrawn_at__isnull=True),
        **_looked_up(request, entries, tells_chances=not hidden),
    }
    return render(request, "public/draw.html", context)


def _seals_before(body: Completion | None) -> bool:
    """Whether those who sit were drawn under seal, so that observers alone can compare their features."""
    return body is not None and body.earlier is not None and body.earlier.is_sealed


def _tickets(document: dict[str, Any]) -> int | None:
    """Return of how many equal tickets one wins; in a sealed draw for vacant seats they are its cells."""
    lottery = document.get("lottery", {})
    found: int | None = lottery.get("tickets", lottery.get("cells"))
    return found


def _follows(later: Draw, draw: Draw) -> bool:
    return later.kind == draw.kind and later.number > draw.number and draw.kind in FOLLOWED


def _looked_up(request: HttpRequest, entries: list[PoolEntry], *, tells_chances: bool) -> dict[str, Any]:
    code = request.POST.get("code", "").strip().upper()[:CODE_LENGTH]
    entry = next((each for each in entries if each.code == code), None)
    chance = draws.chance_of(entry) if entry and tells_chances else None
    return {"code": code, "entry": entry, "entry_chance": chance}


@require_safe
@conditional_page
@of_cycle
def record(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:  # noqa: ARG001
    """Give the record of a draw, with further waves of letters behind it, as a file that verifies, byte for byte."""
    one = get_object_or_404(row.draws.select_related("record"), number=draw, record__isnull=False)
    response = HttpResponse(dump(published(one)), content_type="application/json")
    response["Content-Disposition"] = (
        f'attachment; filename="{row.institution.slug}-{row.number}-{one.number}.json"'
    )
    return response


@require_safe
@conditional_page
@of_cycle
def meetings(request: HttpRequest, row: Cycle) -> HttpResponse:
    """List the meetings, those to come first."""
    found = row.meetings.annotate(
        present=Count("attendances", filter=Q(attendances__presence=Presence.PRESENT)),
        recorded=Count("attendances"),
    )
    ahead = [each for each in found if each.ends_at >= clock.now()]
    context = {
        "institution": row.institution,
        "cycle": row,
        "ahead": ahead,
        "held": [each for each in found if each not in ahead],
    }
    return render(request, "public/meetings.html", context)


@require_safe
@conditional_page
@of_cycle
def meeting(request: HttpRequest, row: Cycle, meeting: int) -> HttpResponse:
    """Show a meeting: programme, attendance in numbers, what the tables noted."""
    one = get_object_or_404(row.meetings.select_related("plan").prefetch_related("items"), number=meeting)
    plan = getattr(one, "plan", None)
    tables = (
        list(
            plan.tables.annotate(
                seated=Count("members", distinct=True), beside=Count("appointees", distinct=True)
            ).prefetch_related(
                Prefetch("notes", Note.objects.visible()),
                Prefetch("notes__statements", Statement.objects.visible().prefetch_related("translations")),
            )
        )
        if plan
        else []
    )
    counted = dict(one.attendances.order_by().values_list("presence").annotate(count=Count("pk")))
    context = {
        "institution": row.institution,
        "cycle": row,
        "meeting": one,
        "plan": plan,
        "tables": tables,
        "present": counted.get(Presence.PRESENT, 0),
        "excused": counted.get(Presence.EXCUSED, 0),
        "recorded": sum(counted.values()),
        "appointed_present": appointed_present(one),
        "appointed_recorded": one.appointee_attendances.count(),
        "is_mixed": any(table.beside for table in tables),
    }
    return render(request, "public/meeting.html", context)


@require_safe
@conditional_page
@of_cycle
def recommendation(request: HttpRequest, row: Cycle, recommendation: int) -> HttpResponse:
    """Show a recommendation with its votes, its dissent, its lineage and its answer."""
    one = get_object_or_404(reading.with_answers(row), number=recommendation)
    ballot = getattr(one, "ballot", None)
    votes = reading.votes(ballot) if ballot else None
    mixed = mixed_of(ballot)
    today = clock.today(row.institution.time_zone)
    shown = reading.shown(one, today)
    context = {
        "institution": row.institution,
        "cycle": row,
        "recommendation": one,
        "shown": shown,
        "to_come": [(each, each.days_late(today)) for each in shown.duties.owed],
        "ballot": ballot,
        "votes": votes,
        "mixed": mixed,
        "receipts": ballot.papers.receipts() if ballot else [],
        "opinions": one.minority_opinions.visible().annotate(signed=Count("signatories")),
        "answers": reading.answers_of(one),
        "lineage": lineage.lineage(
            one, one.statements.all(), Report.objects.filter(cycle=row).first(), mixed
        ),
    }
    return render(request, "public/recommendation.html", context)
