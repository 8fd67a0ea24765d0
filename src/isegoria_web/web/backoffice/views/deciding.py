"""Drafts, amendments, secret ballots, the report. No count is shown before a box is closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.followup import services as followup
from isegoria_web.institutions.models import Cycle
from isegoria_web.moderation.querysets import not_removed
from isegoria_web.recommendations import services
from isegoria_web.recommendations.algorithms import in_order
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus
from isegoria_web.recommendations.models import Amendment, Recommendation, Version
from isegoria_web.web.backoffice.counting import COUNTERS, count_together, page_of
from isegoria_web.web.backoffice.forms.deciding import ACCEPT, AmendmentForm, DraftForm, OpenBallotForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.colleges import mixed_of
from isegoria_web.web.differences import differences

ROOM = (Role.SECRETARIAT, Role.FACILITATOR)


def recommendation_or_404(cycle: Cycle, number: int) -> Recommendation:
    """Return a recommendation of this cycle."""
    found = Recommendation.objects.select_related("cycle__institution", "ballot")
    return get_object_or_404(found, cycle=cycle, number=number)


def _ballot_of(recommendation: Recommendation) -> Ballot | None:
    return recommendation.ballot


@for_office(*ROOM, methods=("GET", "HEAD"))
def recommendations(office: Office, cycle: int) -> HttpResponse:
    """List drafts, ballots and results."""
    found = office.cycle(cycle)
    waiting = Q(versions__amendments__status=AmendmentStatus.PROPOSED)
    listed = (
        found.recommendations.select_related("ballot")
        .prefetch_related(Prefetch("versions", Version.objects.order_by("number")))
        .annotate(waiting=Count("versions__amendments", filter=waiting, distinct=True))
    )
    return office.page(
        "recommendations",
        found,
        recommendations=listed.order_by("number"),
        report=getattr(found, "report", None),
        has_statements=found.statements.exists(),
        secret_choices=Ballot.objects.choices().filter(cycle=found),
    )


@for_office(*ROOM)
def new(office: Office, cycle: int) -> HttpResponse:
    """Draft a recommendation out of the members' statements."""
    found = office.cycle(cycle)

    def drafted(made: Recommendation) -> HttpResponse:
        office.say(
            _("Recommendation %(number)d is a draft. Members can propose amendments.")
            % {"number": made.number}
        )
        return office.to("recommendation", found.number, made.number)

    return act_on(
        office,
        found,
        form=DraftForm(office.data, cycle=found),
        act=lambda data: services.draft_recommendation(
            actor=office.actor,
            cycle=found,
            title=data["title"],
            text=data["text"],
            reasons=data["reasons"],
            statements=list(data["statements"]),
        ),
        done=drafted,
        heading=_("Draft a recommendation"),
        lead=_("It says what the members ask for, and shows from which of their statements it comes."),
        submit=_("Save the draft"),
        back=office.url("recommendations", found.number),
    )  # fmt: skip


@for_office(*ROOM, methods=("GET", "HEAD"))
def recommendation(office: Office, cycle: int, number: int) -> HttpResponse:
    """Show a recommendation with its versions, amendments, lineage and ballot."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)
    versions = list(one.versions.order_by("number"))
    amendments = not_removed(
        Amendment.objects.filter(version__recommendation=one).select_related("version")
    )
    ballot = _ballot_of(one)
    return office.page(
        "recommendation",
        found,
        recommendation=one,
        versions=versions,
        version=versions[-1] if versions else None,
        amendments=_listed(list(amendments.order_by("-version__number", "proposed_at", "pk")), versions),
        differences=differences(one),
        advice=one.advice.all(),
        parents=one.parents.order_by("number"),
        children=one.children.order_by("number"),
        statements=one.statements.order_by("number"),
        ballot=ballot,
        mixed=mixed_of(ballot),
        person=office.actor.user.pk if office.actor.user is not None else None,
        counted=ballot is not None and ballot.status == BallotStatus.CLOSED,
        is_draft=one.status == RecommendationStatus.DRAFT,
        can_close=ballot is not None and ballot.status == BallotStatus.OPEN and ballot.closes_at <= clock.now(),
    )  # fmt: skip


def _listed(
    amendments: list[Amendment], versions: list[Version]
) -> list[tuple[Amendment, int | None, bool]]:
    """Return amendments with how much of the text they touch in per cent, and whether it is their turn.

    Those that wait come first, the one that reaches furthest at the top; then what was decided.
    """
    newest = versions[-1].pk if versions else None
    waiting = [
        each for each in amendments if each.status == AmendmentStatus.PROPOSED and each.version_id == newest
    ]
    ranked = [(each, round(100 * part), place == 0) for place, (each, part) in enumerate(in_order(waiting))]
    return [*ranked, *((each, None, False) for each in amendments if each not in waiting)]


@for_office(*ROOM)
def amendment(office: Office, cycle: int, number: int, amendment: UUID) -> HttpResponse:
    """Write down what the members decided about an amendment, by a show of hands."""
    found = office.cycle(cycle)
    one = get_object_or_404(
        Amendment.objects.select_related("version__recommendation__cycle__institution"),
        version__recommendation__cycle=found,
        version__recommendation__number=number,
        public_id=amendment,
    )

    return act_on(
        office,
        found,
        form=AmendmentForm(office.data),
        template="amendment",
        act=lambda data: services.decide_amendment(
            actor=office.actor,
            amendment=one,
            accepted=data["decision"] == ACCEPT,
            hands_for=data["hands_for"],
            hands_against=data["hands_against"],
        ),
        done=office.then(_("The decision is written down."), "recommendation", found.number, number),
        caution=lambda data: Caution(
            title=_("Accept the amendment?") if data["decision"] == ACCEPT else _("Reject the amendment?"),
            consequences=[
                _("The amended text becomes the new version of the recommendation.")
                if data["decision"] == ACCEPT
                else _("The text stays as it is."),
                _("The hands and the decision are published."),
            ],
            submit=_("Write down the decision"),
            facts={_("Hands for it"): data["hands_for"], _("Hands against it"): data["hands_against"]},
        ),
        amendment=one,
        back=office.url("recommendation", found.number, number),
    )


@for_office(Role.SECRETARIAT)
def open_ballot(office: Office, cycle: int, number: int) -> HttpResponse:
    """Open a secret ballot on the text as it stands."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)

    return act_on(
        office,
        found,
        form=OpenBallotForm(office.data),
        template="ballot_open",
        act=lambda data: services.put_to_vote(
            actor=office.actor, recommendation=one, closes_at=data["closes_at"]
        ),
        done=office.then(_("The ballot is open."), "recommendation", found.number, number),
        caution=lambda data: Caution(
            title=_("Open the ballot on recommendation %(number)d?") % {"number": number},
            consequences=[
                _("The text can no longer be changed."),
                _("The members vote in secret. Nobody learns how it stands before the box is closed."),
                _("The closing moment cannot be moved."),
            ],
            submit=_("Open the ballot"),
            facts={_("The ballot closes"): data["closes_at"]},
        ),
        recommendation=one,
        version=one.versions.order_by("number").last(),
        back=office.url("recommendation", found.number, number),
    )


@for_office(*COUNTERS)
def close_ballot(office: Office, cycle: int, number: int) -> HttpResponse:
    """Open a box and count it, two persons together: one proposes, another confirms."""
    found = office.cycle(cycle)
    one = recommendation_or_404(found, number)
    ballot = _ballot_of(one)
    if ballot is None:
        raise Http404
    if ballot.status != BallotStatus.OPEN:
        return redirect(page_of(office, found, number))

    title = _("Count the ballot on recommendation %(number)d") % {"number": number}
    return count_together(office, found, ballot, title, back=page_of(office, found, number))


@for_office(Role.SECRETARIAT)
def report(office: Office, cycle: int) -> HttpResponse:
    """Hand the report over to the authority: the clocks start."""
    found = office.cycle(cycle)
    if getattr(found, "report", None) is not None and not office.is_post:
        return office.to("answers", found.number)
    counts: dict[str, Any] = {
        str(row["status"]): row["count"]
        for row in found.recommendations.order_by().values("status").annotate(count=Count("pk"))
    }

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Hand over the report"),
            consequences=[
                _("The report is typeset and published with its hash."),
                _("From today the authority owes each adopted recommendation an answer, with a public clock."),
                _("Nothing can be added to the report afterwards."),
            ],
            submit=_("Hand over the report"),
            facts={
                str(RecommendationStatus(status).label): count
                for status, count in sorted(counts.items())
            },
        ),
        act=lambda: followup.deliver_report(actor=office.actor, cycle=found),
        done=office.then(_("The report is handed over. The authority's clocks run."), "answers", found.number),
        back=office.url("recommendations", found.number),
    )  # fmt: skip
