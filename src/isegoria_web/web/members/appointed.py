"""The pages of who holds a seat of a mixed body that is not drawn: meetings, her code for the door and her tables,
evidence, drafts, her open vote.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from isegoria_web import clock
from isegoria_web.ballots import open_votes
from isegoria_web.ballots.errors import BallotClosed
from isegoria_web.institutions.models import Institution
from isegoria_web.meetings.check_in_codes import code_of
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.on_the_day import next_meeting_of
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.membership.models import Appointee
from isegoria_web.recommendations.algorithms import in_order
from isegoria_web.web.access import institution_or_404, required_actor
from isegoria_web.web.colleges import mixed_of
from isegoria_web.web.differences import differences
from isegoria_web.web.members.check_in import square_of
from isegoria_web.web.members.forms import OpenVoteForm
from isegoria_web.web.members.views import ON_THE_TABLE
from isegoria_web.web.members.waiting import count_waiting, votes_going_on
from isegoria_web.web.places import (
    appointed_address,
    appointed_of,
    appointee_or_404,
    nothing_waits,
    places_of,
    switch_of,
)

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Institution, Appointee, Rest], HttpResponse]


def for_appointees(view: View[Rest]) -> Callable[Concatenate[HttpRequest, str, Rest], HttpResponse]:
    """Give a view the institution and the signed-in appointee; to anybody else the page does not exist."""

    @wraps(view)
    @login_required
    @never_cache
    def scoped(
        request: HttpRequest, institution: str, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> HttpResponse:
        found = institution_or_404(institution)
        appointee = appointee_or_404(request, found)
        with timezone.override(found.time_zone):
            return view(request, found, appointee, *args, **kwargs)

    return scoped  # type: ignore[return-value]  # the stubs of login_required lose the parameters


def page_of(
    request: HttpRequest, name: str, institution: Institution, appointee: Appointee, **context: Any
) -> HttpResponse:
    """Show a page of somebody who is appointed; one that answers a form with faults says so in its status."""
    places, appointed = places_of(request.user, institution), appointed_of(request.user, institution)
    elsewhere = (
        partial(count_waiting, required_actor(request), None) if name == "appointed" else nothing_waits
    )
    common = {
        "institution": institution, "appointee": appointee, "cycle": appointee.cycle, "appointed": appointed,
        "switch": switch_of(places, appointed, appointee, elsewhere),
    }  # fmt: skip
    return render(
        request,
        f"members/{name}.html",
        {**common, **context},
        status=422 if request.method == "POST" else 200,
    )


@for_appointees
@require_http_methods(["GET", "HEAD"])
def home(request: HttpRequest, institution: Institution, appointee: Appointee) -> HttpResponse:
    """Show what is next, what to read, and what the citizens write."""
    cycle = appointee.cycle
    group = next((each for each in colleges_of(cycle) if each.key == appointee.college), None)
    return page_of(
        request,
        "appointed",
        institution,
        appointee,
        group=group,
        to_vote=[
            (each.roll_call.ballot.recommendation, each.votes.filter(appointee=appointee).exists())
            for each in votes_going_on(appointee)
        ],
        next_meeting=cycle.meetings.filter(ends_at__gte=clock.now()).first(),
        has_code=next_meeting_of(appointee.cycle, appointee) is not None,
        dossiers=cycle.dossiers.filter(published_at__isnull=False),
        drafts=cycle.recommendations.filter(status__in=ON_THE_TABLE).prefetch_related("versions"),
    )


@for_appointees
@require_http_methods(["GET", "HEAD"])
def check_in(request: HttpRequest, institution: Institution, appointee: Appointee) -> HttpResponse:
    """Show the square and the code of the next meeting, and where she sits there."""
    meeting = next_meeting_of(appointee.cycle, appointee)
    return page_of(
        request, "appointed_check_in", institution, appointee, meeting=meeting,
        code=code_of(meeting, appointee) if meeting else "",
        present=meeting is not None
        and meeting.appointee_attendances.filter(appointee=appointee, presence=Presence.PRESENT).exists(),
        my_tables=appointee.tables.filter(plan__meeting=meeting).order_by("round") if meeting else [],
    )  # fmt: skip


@for_appointees
@require_http_methods(["GET", "HEAD"])
def square(_request: HttpRequest, institution: Institution, appointee: Appointee) -> HttpResponse:
    """Draw the square for the door."""
    meeting = next_meeting_of(appointee.cycle, appointee)
    if meeting is None:
        raise Http404
    return square_of(institution, meeting, appointee)


@for_appointees
@require_http_methods(["GET", "HEAD"])
def recommendation(
    request: HttpRequest, institution: Institution, appointee: Appointee, number: int
) -> HttpResponse:
    """Show a recommendation as the members read it, with its versions and amendments."""
    found = get_object_or_404(appointee.cycle.recommendations.select_related("ballot"), number=number)
    version = found.versions.latest("number")
    return page_of(
        request,
        "appointed_draft",
        institution,
        appointee,
        recommendation=found,
        version=version,
        amendments=in_order(version.amendments.visible().select_related("version")),
        differences=differences(found),
        ballot=found.ballot,
        mixed=mixed_of(found.ballot),
    )


@for_appointees
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, institution: Institution, appointee: Appointee, number: int) -> HttpResponse:
    """Vote by name on a recommendation, and change it as long as the vote goes on; she sees her own vote alone."""
    found = get_object_or_404(appointee.cycle.recommendations, number=number, ballot__isnull=False)
    going_on = next(
        (each for each in votes_going_on(appointee) if each.roll_call.ballot_id == found.ballot_id), None
    )
    own = going_on and going_on.votes.filter(appointee=appointee).first()
    start = {"choice": own.choice, "reasons": own.reasons} if own else {}
    form = OpenVoteForm(request.POST or None, initial=start)
    if request.method == "POST" and going_on is None:
        raise BallotClosed
    if request.method == "POST" and form.is_valid() and going_on is not None:
        open_votes.cast_openly(
            actor=required_actor(request), record=going_on, choice=form.cleaned_data["choice"],
            reasons=form.cleaned_data["reasons"],
        )  # fmt: skip
        messages.success(request, _("Your vote is noted. You can change it until the vote is closed."))
        return redirect(
            appointed_address(
                "members:appointed_vote", appointee, appointed_of(request.user, institution), number
            )
        )
    return page_of(
        request, "appointed_vote", institution, appointee, form=form, recommendation=found, own=own,
        version=found.versions.latest("number"), record=going_on,
    )  # fmt: skip
