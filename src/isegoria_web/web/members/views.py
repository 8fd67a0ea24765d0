"""What a member sees and does. Every page is her own: a person without a seat here finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.algorithms import without_a_choice
from isegoria_web.ballots.enums import BallotKind, BallotStatus, Choice
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation import services as deliberation
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import Reaction, Statement
from isegoria_web.errors import required
from isegoria_web.evidence import services as evidence
from isegoria_web.followup import services as followup
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.followup.owing import Duties, duties_of
from isegoria_web.followup.policies import following_body
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.meetings.models import GroupTime
from isegoria_web.membership.decisions import resign
from isegoria_web.membership.models import Member, SeatDecision, Term
from isegoria_web.membership.naming import names_in_public
from isegoria_web.moderation import services as moderation
from isegoria_web.moderation.models import Review
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.algorithms import in_order
from isegoria_web.recommendations.enums import Purpose, RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Unfinished
from isegoria_web.translated import in_language
from isegoria_web.web import contributions as written
from isegoria_web.web.access import actor_of, institution_or_404
from isegoria_web.web.differences import differences
from isegoria_web.web.members import forms
from isegoria_web.web.members.waiting import count_waiting, waiting_for
from isegoria_web.web.opinions import page_of
from isegoria_web.web.places import Own, nothing_waits, own_or_404, switch_of
from isegoria_web.web.rooms import rooms_of

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Institution, Own, Rest], HttpResponse]

ON_THE_TABLE = (RecommendationStatus.DRAFT, RecommendationStatus.BALLOT)
QUESTION_DAYS = 14
"""How long an expert has for a member's question."""


def for_members(view: View[Rest]) -> Callable[Concatenate[HttpRequest, str, Rest], HttpResponse]:
    """Give a view the institution and the signed-in member; to anybody else the page does not exist."""

    @wraps(view)
    @login_required
    @never_cache
    def scoped(
        request: HttpRequest, institution: str, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        found = institution_or_404(institution)
        own = own_or_404(request, found)
        with timezone.override(found.time_zone):
            return view(request, found, own, *args, **kwargs)

    return scoped  # type: ignore[return-value]  # the stubs of login_required lose the parameters


@for_members
@require_http_methods(["GET", "HEAD"])
def home(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show what is next, what to read, what to decide, and where her sentences went."""
    cycle, actor = own.cycle, acting(request)
    own_rooms = rooms_of(actor, institution)
    meetings = list(cycle.meetings.filter(ends_at__gte=clock.now())[:1])
    return own_page(
        request,
        "home",
        institution,
        own,
        waiting_elsewhere=True,
        own_rooms=own_rooms,
        in_rooms=any(room.waiting for room in own_rooms),
        waits=waiting_for(actor, own.place),
        next_meeting=meetings[0] if meetings else None,
        my_table=_next_table(own.member, meetings),
        dossiers=cycle.dossiers.filter(published_at__isnull=False),
        unanswered=own.member.questions.filter(cycle=cycle, status="open").count(),
        awaited=_answers_awaited(cycle),
        drafts=cycle.recommendations.filter(status__in=ON_THE_TABLE).prefetch_related("versions"),
        lineage=_lineage_of(own),
        spoke=GroupTime.objects.filter(meeting__cycle=cycle).exists(),
    )


@for_members
@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Ask a question to an expert, and read the replies."""
    form = forms.QuestionForm(request.POST or None, cycle=own.cycle)
    if request.method == "POST" and form.is_valid():
        evidence.ask_question(
            actor=acting(request),
            cycle=own.cycle,
            text=form.cleaned_data["text"],
            language=form.cleaned_data["language"],
            speaker=form.cleaned_data["speaker"],
            due_on=clock.today(institution.time_zone) + timedelta(days=QUESTION_DAYS),
        )
        messages.success(request, _after_writing(own, _("Your question is public now, without your name.")))
        return redirect(own.address("members:questions", institution.slug))
    asked = own.cycle.questions.seen_by(own.member).select_related("speaker", "replied_by", "merged_into")
    return own_page(request, "questions", institution, own, form=form, asked=asked)


@for_members
@require_http_methods(["GET", "POST"])
def speakers(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Ask for further speakers, share the wishes of others, and read what came of them."""
    form = forms.SpeakerRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        evidence.ask_for_speaker(
            actor=acting(request),
            cycle=own.cycle,
            text=form.cleaned_data["text"],
            language=form.cleaned_data["language"],
        )
        messages.success(request, _after_writing(own, _("Your wish is public now, without your name.")))
        return redirect(own.address("members:speakers", institution.slug))
    wishes = own.cycle.speaker_requests.seen_by(own.member).select_related("speaker")
    return own_page(
        request, "speakers", institution, own, form=form,
        wishes=wishes.annotate(shared=Count("supporters")),
        mine=set(own.member.supported_requests.values_list("pk", flat=True)),
    )  # fmt: skip


@for_members
@require_POST
def support(request: HttpRequest, institution: Institution, own: Own, wish: UUID) -> HttpResponse:
    """Share a wish for a speaker, or share it no more."""
    found = get_object_or_404(own.cycle.speaker_requests.visible(), public_id=wish)
    evidence.support_request(
        actor=acting(request), request=found, support=request.POST.get("support") == "yes"
    )
    return redirect(own.address("members:speakers", institution.slug))


@for_members
@require_http_methods(["GET", "POST"])
def statements(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """React to the statements one by one, and make one."""
    form = forms.StatementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        deliberation.make_statement(
            actor=acting(request),
            cycle=own.cycle,
            text=form.cleaned_data["text"],
            language=form.cleaned_data["language"],
        )
        messages.success(
            request, _after_writing(own, _("Your statement is there for everybody to react to."))
        )
        return redirect(own.address("members:statements", institution.slug))
    mine = dict(
        Reaction.objects.filter(member=own.member, statement__cycle=own.cycle).values_list(
            "statement_id", "stance"
        )
    )
    seen = own.cycle.statements.visible().prefetch_related("translations")
    return own_page(
        request, "statements", institution, own, form=form, stances=Stance.choices,
        listed=[(statement, mine.get(statement.pk, "")) for statement in seen],
        hidden=own.member.statements.filter(cycle=own.cycle).exclude(pk__in=seen.values("pk")),
        map=own.cycle.opinion_maps.of_members().done().last(),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "HEAD"])
def opinion_map(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show the map of the members' reactions: the same as the public sees, from the day on which they are closed."""
    found = own.cycle.opinion_maps.of_members().done().select_related("cycle").last()
    return own_page(
        request, "map", institution, own, page=page_of(found) if found else None,
        computing=own.cycle.opinion_maps.of_members().waiting().exists(),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "HEAD"])
def contributions(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """List what she wrote: what others see, what waits, what was taken out and why."""
    return own_page(
        request, "contributions", institution, own, listed=written.written_by(own.member.user, own.cycle),
        strict=hasattr(own.cycle, "strictness"),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, institution: Institution, own: Own, review: UUID) -> HttpResponse:
    """Say why a decision about her contribution is wrong."""
    found = get_object_or_404(
        Review.objects.select_related("cycle__institution"), cycle=own.cycle, author=own.member.user,
        public_id=review,
    )  # fmt: skip
    form = forms.AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moderation.appeal(actor=acting(request), review=found, text=form.cleaned_data["text"])
        messages.success(request, _("Your appeal is in. Somebody else than who decided looks at it."))
        return redirect(own.address("members:contributions", institution.slug))
    return own_page(
        request, "appeal", institution, own, form=form, review=found,
        contribution=written.contribution_or_404(own.cycle, found.kind, found.subject),
    )  # fmt: skip


@for_members
@require_POST
def react(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Take a reaction to one statement."""
    statement = get_object_or_404(own.cycle.statements.visible(), number=number)
    form = forms.ReactionForm(request.POST)
    if form.is_valid():
        deliberation.react(
            actor=acting(request), statement=statement, stance=Stance(form.cleaned_data["stance"])
        )
    else:
        messages.error(request, _("Choose one of the three answers."))
    target = redirect(own.address("members:statements", institution.slug))
    target["Location"] += f"#statement-{number}"
    return target


@for_members
@require_http_methods(["GET", "POST"])
def recommendation(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Propose a change to a draft's text."""
    found = _recommendation_or_404(own, number)
    version = found.versions.latest("number")
    kept = Unfinished.objects.filter(
        recommendation=found, author=own.member.user, purpose=Purpose.AMENDMENT, seen=version.number
    ).first()
    start = {"text": in_language(version.text), **(kept.fields if kept else {})}
    form = forms.AmendmentForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data["language"]
        recommendations.propose_amendment(
            actor=acting(request),
            version=version,
            text={language: form.cleaned_data["text"]},
            reasons=form.cleaned_data["reasons"],
            language=language,
        )
        messages.success(request, _after_writing(own, _("Your amendment is on the list.")))
        return redirect(own.address("members:recommendation", institution.slug, number))
    return own_page(
        request,
        "recommendation",
        institution,
        own,
        form=form,
        recommendation=found,
        version=version,
        amendments=in_order(version.amendments.seen_by(own.member).select_related("version")),
        differences=differences(found),
        amendable=own.works and found.status == RecommendationStatus.DRAFT,
    )


@for_members
@require_POST
def unfinished(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:  # noqa: ARG001
    """Keep the amendment that she is writing, for her alone; says when it was kept."""
    found = _recommendation_or_404(own, number, status=RecommendationStatus.DRAFT)
    newest = found.versions.latest("number").number
    fields = {
        name: request.POST.get(name, "")[: forms.LONGEST_TEXT] for name in ("text", "reasons", "language")
    }
    seen = request.POST.get("seen", "")
    kept = recommendations.keep_unfinished(
        actor=acting(request), recommendation=found, purpose=Purpose.AMENDMENT,
        seen=int(seen) if seen.isascii() and seen.isdecimal() else newest, fields=fields,
    )  # fmt: skip
    moment = date_format(localtime(kept.saved_at), "TIME_FORMAT")
    return JsonResponse({"kept": moment, "behind": newest > kept.seen})


@for_members
@require_http_methods(["GET", "POST"])
def ballot(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Vote in secret; the receipt is shown once, on the page that answers the vote."""
    found = get_object_or_404(
        Recommendation.objects.select_related("ballot__cycle__institution"),
        ballot__cycle=own.cycle, number=number,
    )  # fmt: skip
    box = required(found.ballot)
    form = forms.BallotForm(request.POST or None)
    receipt = ""
    if request.method == "POST" and form.is_valid():
        receipt = ballots.cast(
            actor=acting(request), ballot=box, choice=Choice(form.cleaned_data["choice"])
        )
    return own_page(
        request,
        "ballot",
        institution,
        own,
        form=form,
        receipt=receipt,
        recommendation=found,
        version=found.versions.latest("number"),
        ballot=box,
        voted=bool(receipt) or box.participations.filter(member=own.member).exists(),
        is_open=box.status == BallotStatus.OPEN and clock.now() < box.closes_at,
    )


@for_members
@require_http_methods(["GET", "POST"])
def choice(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Choose in secret between options."""
    return choice_page(request, institution, own, number)


def choice_page(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Take a choice of a member; the receipt is shown once, on the page that answers the vote."""
    box = get_object_or_404(Ballot.objects.choices(), cycle=own.cycle, number=number)
    box.cycle = own.cycle  # known, with its institution: a thousand may vote within half a minute
    form_of = forms.OrderForm if box.kind == BallotKind.RANKING else forms.MarksForm
    form = form_of(request.POST or None, ballot=box)
    receipt, blank = "", request.method == "POST" and "blank" in request.POST
    if request.method == "POST" and (blank or form.is_valid()):
        marks = [] if blank else form.marked
        if marks or blank:
            receipt = ballots.cast(actor=acting(request), ballot=box, marks=marks)
        else:
            form.add_error(
                None, _("Nothing is marked yet. Choose something, or abstain with the button below.")
            )
    return own_page(
        request,
        "choice",
        institution,
        own,
        form=form,
        receipt=receipt,
        ballot=box,
        voted=bool(receipt) or box.participations.filter(member=own.member).exists(),
        is_open=box.status == BallotStatus.OPEN and clock.now() < box.closes_at,
        may_vote=bool(receipt) or box.roll.filter(pk=own.member.pk).exists(),
        without_choice=without_a_choice(box.cycle) if request.method != "POST" else [],
    )


@for_members
@require_http_methods(["GET", "POST"])
def minority_opinion(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Hand in an opinion that is printed under the recommendation."""
    found = _recommendation_or_404(own, number, status=RecommendationStatus.ADOPTED)
    form = forms.MinorityOpinionForm(request.POST or None, member=own.member, cycle=own.cycle)
    if request.method == "POST" and form.is_valid():
        recommendations.submit_minority_opinion(
            actor=acting(request),
            recommendation=found,
            text={form.cleaned_data["language"]: form.cleaned_data["text"]},
            signatories=[own.member.number, *(other.number for other in form.cleaned_data["signatories"])],
        )
        messages.success(
            request,
            _after_writing(own, _("Your opinion stands under the recommendation, everywhere it appears.")),
        )
        return redirect(own.address("members:home", institution.slug))
    return own_page(
        request, "minority_opinion", institution, own, form=form, recommendation=found,
        version=found.versions.latest("number"),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def verdict(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Say what she thinks of the authority's answer."""
    found = _recommendation_or_404(own, number, answers__isnull=False)
    answer = found.answers.latest("number")
    given = answer.verdicts.filter(member=own.member).first()
    form = forms.VerdictForm(
        request.POST or None, initial={"satisfaction": given.satisfaction} if given else None
    )
    if request.method == "POST" and form.is_valid():
        followup.give_verdict(
            actor=acting(request),
            answer=answer,
            satisfaction=Satisfaction(form.cleaned_data["satisfaction"]),
        )
        messages.success(request, _("Thank you. Your verdict is counted; you can change it."))
        return redirect(own.address("members:home", institution.slug))
    return own_page(
        request, "verdict", institution, own, form=form, recommendation=found, answer=answer,
        version=found.versions.latest("number"), judge=following_body(own.cycle),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def seat(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show her seat and what is stored about her, and let her give the seat up."""
    term = (
        Term.objects.filter(member=own.member).select_related("seat", "seat__body").order_by("-pk").first()
    )
    form = forms.LeaveSeatForm(request.POST or None)
    today = clock.today(institution.time_zone)
    if request.method == "POST" and term is not None and form.is_valid():
        resign(
            actor=acting(request), term=term, on=today,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        messages.success(request, _("You have left your seat. Thank you for your work."))
        return redirect(own.address("members:seat", institution.slug))
    return own_page(
        request, "seat", institution, own, form=form, term=term,
        sits=Term.objects.sitting_on(today).filter(member=own.member).exists(),
        suspended=SeatDecision.objects.suspending_on(today).filter(term__member=own.member).first(),
        public_name=names_in_public([own.member]).get(own.member.pk, ""),
    )  # fmt: skip


def own_page(
    request: HttpRequest,
    name: str,
    institution: Institution,
    own: Own,
    *,
    status: int | None = None,
    waiting_elsewhere: bool = False,
    **context: Any,
) -> HttpResponse:
    """Show a page of a member; one that answers a form with faults says so in its status.

    Parameters
    ----------
    status
        What it answers where that is not 200, or 422 to a form.
    waiting_elsewhere
        Whether the switch between her seats says what waits in the others: her home does.
    """
    usual = 422 if request.method == "POST" and not context.get("receipt") else 200
    elsewhere = partial(count_waiting, acting(request), own.member) if waiting_elsewhere else nothing_waits
    common = {
        "institution": institution, "own": own, "member": own.member, "cycle": own.cycle,
        "switch": switch_of(own.places, own.appointed, own.place, elsewhere),
    }  # fmt: skip
    return render(request, f"members/{name}.html", {**common, **context}, status=status or usual)


def _after_writing(own: Own, otherwise: str) -> str:
    """Say what becomes of something that she wrote: others see it at once, or when it was reviewed."""
    if hasattr(own.cycle, "strictness"):
        return _(
            "Thank you. Others see it when it was reviewed; how that stands is under “What you wrote”."
        )
    return otherwise


def acting(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if actor is None:  # login_required has let nobody else through
        raise RuntimeError("a member's page without a signed-in person")
    return actor


def _recommendation_or_404(own: Own, number: int, **conditions: Any) -> Recommendation:
    found = Recommendation.objects.filter(cycle=own.cycle, **conditions).distinct()
    return get_object_or_404(found, number=number)


def _next_table(member: Member, meetings: list[Any]) -> Any:
    return member.tables.filter(plan__meeting__in=meetings).order_by("round").first()


def _answers_awaited(cycle: Cycle) -> list[tuple[Recommendation, Duties]]:
    """Return the recommendations of a cycle to which the authority still owes an answer, with their clocks."""
    found = cycle.recommendations.filter(duties__answered_at=None, duties__isnull=False).distinct()
    listed = found.order_by("number").prefetch_related("versions", "duties")
    return [(each, duties_of(each)) for each in listed]


def _lineage_of(own: Own) -> list[Statement]:
    """Return the statements of a cycle that she made, or that came from a table at which she sat, with their fate."""
    at_her_tables = Statement.objects.visible().filter(note__table__members=own.member)
    return list(
        own.cycle.statements.filter(Q(made_by=own.member) | Q(pk__in=at_her_tables.values("pk")))
        .order_by("number")
        .prefetch_related("translations", "recommendations__versions", "recommendations__answers")
    )
