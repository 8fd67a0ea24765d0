"""The authority's answers, with their clocks, and the progress on what it promised."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.followup import services
from isegoria_web.followup.enums import CommitmentStatus, Position
from isegoria_web.followup.models import Answer, Commitment
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.web.backoffice.forms.deciding import AnswerForm, ProgressForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office


@for_office(Role.SECRETARIAT, Role.AUTHORITY, methods=("GET", "HEAD"))
def answers(office: Office, cycle: int) -> HttpResponse:
    """List the recommendations with their answers or their clocks, and what was promised."""
    found = office.cycle(cycle)
    listed = (
        found.recommendations.filter(status=RecommendationStatus.ADOPTED)
        .select_related("duty")
        .prefetch_related(
            Prefetch("versions", Version.objects.order_by("number")),
            Prefetch("answers", Answer.objects.order_by("number").prefetch_related("commitments")),
        )
    )
    today = office.today()
    rows = []
    for each in listed.order_by("number"):
        duty = getattr(each, "duty", None)
        rows.append(
            {
                "recommendation": each,
                "version": list(each.versions.all())[-1],
                "duty": duty,
                "days": (duty.due_on - today).days if duty else 0,
                "late": max(0, (today - duty.due_on).days) if duty else 0,
            }
        )
    return office.page("answers", found, rows=rows, report=getattr(found, "report", None))


@for_office(Role.AUTHORITY)
def answer(office: Office, cycle: int, number: int) -> HttpResponse:
    """Answer one recommendation; a changed answer is a new version, and both stay public."""
    found = office.cycle(cycle)
    one = get_object_or_404(
        Recommendation.objects.select_related("duty", "cycle__institution"),
        cycle=found,
        number=number,
        status=RecommendationStatus.ADOPTED,
        duty__isnull=False,
    )
    form = AnswerForm(office.data, languages=office.languages)

    return act_on(
        office,
        found,
        form=form,
        template="answer",
        act=lambda data: services.publish_answer(
            actor=office.actor,
            recommendation=one,
            position=Position(data["position"]),
            reasons=data["reasons"],
            responsible=data["responsible"],
            commitments=form.commitments(),
        ),
        done=office.then(_("The answer is public."), "answers", found.number),
        caution=lambda data: Caution(
            title=_("Publish this answer?"),
            consequences=[
                _("Everybody reads it beside the recommendation, with today's date."),
                _("It cannot be taken back. A change is a new version, and both stay public."),
            ],
            submit=_("Publish the answer"),
            facts={
                _("The answer"): Position(data["position"]).label,
                _("Who is responsible"): data["responsible"],
                _("Measures promised"): len(form.commitments()),
            },
        ),
        recommendation=one,
        version=one.versions.order_by("number").last(),
        earlier=one.answers.order_by("-number").first(),
        duty=one.duty,
        days=(one.duty.due_on - office.today()).days,
        late=max(0, (office.today() - one.duty.due_on).days),
        back=office.url("answers", found.number),
    )


@for_office(Role.AUTHORITY)
def progress(office: Office, cycle: int, commitment: int) -> HttpResponse:
    """Report how far a promised measure is."""
    found = office.cycle(cycle)
    promise = get_object_or_404(
        Commitment.objects.select_related("answer__recommendation__cycle__institution"),
        answer__recommendation__cycle=found,
        pk=commitment,
    )
    form = ProgressForm(office.data, languages=office.languages, initial={"status": promise.status})

    return act_on(
        office,
        found,
        form=form,
        template="progress",
        act=lambda data: services.report_progress(
            actor=office.actor,
            commitment=promise,
            text=data["text"],
            status=CommitmentStatus(data["status"]),
        ),
        done=office.then(_("The progress is public."), "answers", found.number),
        commitment=promise,
        reports=promise.progress.order_by("-reported_at", "-pk"),
        back=office.url("answers", found.number),
    )
