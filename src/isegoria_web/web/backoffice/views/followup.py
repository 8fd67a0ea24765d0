"""The authority's answers, with their clocks, and the progress on what it promised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.followup import services
from isegoria_web.followup.enums import AnswerKind, CommitmentStatus, Position
from isegoria_web.followup.errors import FirstAnswerMissing
from isegoria_web.followup.models import Answer, Commitment, Duty
from isegoria_web.followup.owing import duties_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.web.backoffice.forms.deciding import AnswerForm, FinalAnswerForm, ProgressForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office

_ANSWERS = Answer.objects.order_by("number").prefetch_related("commitments", "accounts__commitment")


@for_office(Role.SECRETARIAT, Role.AUTHORITY, methods=("GET", "HEAD"))
def answers(office: Office, cycle: int) -> HttpResponse:
    """List the recommendations with their answers or their clocks, and what was promised."""
    found = office.cycle(cycle)
    listed = found.recommendations.filter(status=RecommendationStatus.ADOPTED).prefetch_related(
        "duties",
        Prefetch("versions", Version.objects.order_by("number")),
        Prefetch("answers", _ANSWERS),
    )
    rows = []
    for each in listed.order_by("number"):
        duties = duties_of(each)
        answered = bool(each.answers.all())
        rows.append(
            {
                "recommendation": each,
                "version": list(each.versions.all())[-1],
                "duties": duties,
                "clocks": [_clock(office, duty) for duty in duties.listed],
                "answered": answered,
                "final_now": duties.both and answered,
                "final_given": any(given.kind == AnswerKind.FINAL for given in each.answers.all()),
            }
        )
    return office.page("answers", found, rows=rows, report=getattr(found, "report", None))


@for_office(Role.AUTHORITY)
def answer(office: Office, cycle: int, number: int) -> HttpResponse:
    """Answer one recommendation; a changed answer is a new version, and both stay public."""
    found = office.cycle(cycle)
    one = _owed_or_404(found, number, AnswerKind.FIRST)
    if not office.is_post and one.answers.filter(kind=AnswerKind.FINAL).exists():
        return redirect(office.url("final_answer", found.number, number))
    form = AnswerForm(office.data, languages=office.languages)
    return _answering(office, found, one, AnswerKind.FIRST, form, services.publish_answer)


@for_office(Role.AUTHORITY)
def final_answer(office: Office, cycle: int, number: int) -> HttpResponse:
    """Say what became of one recommendation and of every promise; a change is a further version."""
    found = office.cycle(cycle)
    one = _owed_or_404(found, number, AnswerKind.FINAL)
    if not one.answers.exists():
        raise FirstAnswerMissing
    promises = Commitment.objects.still_open().filter(answer__recommendation=one)
    form = FinalAnswerForm(office.data, languages=office.languages, promises=promises, today=office.today())

    def publish(**said: Any) -> Answer:
        return services.publish_final_answer(accounts=form.accounts(), **said)

    return _answering(office, found, one, AnswerKind.FINAL, form, publish)


def _owed_or_404(cycle: Cycle, number: int, kind: AnswerKind) -> Recommendation:
    """Return a recommendation to which an answer of this kind is owed or was given."""
    found = Recommendation.objects.filter(duties__kind=kind, status=RecommendationStatus.ADOPTED)
    listed = found.select_related("cycle__institution").prefetch_related("duties__rule_book")
    return get_object_or_404(listed, cycle=cycle, number=number)


def _answering(  # a form and the verb that takes what it says
    office: Office,
    cycle: Cycle,
    one: Recommendation,
    kind: AnswerKind,
    form: AnswerForm,
    publish: Callable[..., Answer],
) -> HttpResponse:
    duties = duties_of(one)
    duty = next(each for each in duties.listed if each.kind == kind)
    accounts = form.account_forms if isinstance(form, FinalAnswerForm) else []

    def caution(data: dict[str, Any]) -> Caution:
        return Caution(
            title=_("Publish this answer?"),
            consequences=[
                _("Everybody reads it beside the recommendation, with today's date."),
                _("It cannot be taken back. A change is a new version, and both stay public."),
            ],
            submit=_("Publish the answer"),
            facts={
                **({_("It is the"): kind.label} if duties.both else {}),
                _("The answer"): Position(data["position"]).label,
                _("Who is responsible"): data["responsible"],
                **({_("Promises of which it says where they stand"): len(accounts)} if accounts else {}),
                _("Measures promised"): len(form.commitments()),
            },
        )

    return act_on(
        office,
        cycle,
        form=form,
        template="answer",
        act=lambda data: publish(
            actor=office.actor,
            recommendation=one,
            position=Position(data["position"]),
            reasons=data["reasons"],
            responsible=data["responsible"],
            commitments=form.commitments(),
        ),
        done=office.then(_("The answer is public."), "answers", cycle.number),
        caution=caution,
        recommendation=one,
        version=one.versions.order_by("number").last(),
        earlier=one.answers.order_by("-number").first(),
        both=duties.both,
        final=kind == AnswerKind.FINAL,
        accounts=accounts,
        **_clock(office, duty),
        back=office.url("answers", cycle.number),
    )


def _clock(office: Office, duty: Duty) -> dict[str, Any]:
    """Return a duty with the days that are left, and those by which its day has passed."""
    left = duty.days_left(office.today())
    return {"duty": duty, "days": left, "late": max(0, -left)}


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
