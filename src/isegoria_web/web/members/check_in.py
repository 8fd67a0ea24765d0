"""How a member shows at the door who she is: a square to scan, or a code to say."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from isegoria_web import clock
from isegoria_web.institutions.models import Institution
from isegoria_web.meetings.check_in_codes import code_of
from isegoria_web.meetings.models import Meeting
from isegoria_web.meetings.on_the_day import expected_at
from isegoria_web.membership.models import Member
from isegoria_web.recruitment.typesetting import qr_square
from isegoria_web.web.members.views import for_members, own_page


def _next_meeting(member: Member) -> Meeting | None:
    """Return the meeting that goes on or comes next, if she holds a seat."""
    coming = member.cycle.meetings.filter(ends_at__gte=clock.now()).order_by("number").first()
    return coming if coming is not None and member in expected_at(coming) else None


@for_members
@require_safe
def check_in(request: HttpRequest, institution: Institution, member: Member) -> HttpResponse:
    """Show the square and the code of the next meeting."""
    meeting = _next_meeting(member)
    return own_page(
        request, "check_in", institution, member, meeting=meeting,
        code=code_of(meeting, member) if meeting else "",
        present=meeting is not None and meeting.attendances.filter(member=member, presence="present").exists(),
        my_tables=member.tables.filter(plan__meeting=meeting).order_by("round") if meeting else [],
    )  # fmt: skip


@for_members
@require_safe
def square(_request: HttpRequest, institution: Institution, member: Member) -> HttpResponse:
    """Draw the square: the address of the desk's page, with the code where browsers do not send it."""
    meeting = _next_meeting(member)
    if meeting is None:
        raise Http404
    with translation.override(institution.languages[0]):
        page = reverse("office:check_in", args=[institution.slug, meeting.cycle.number, meeting.number])
    drawn = qr_square(f"{settings.BASE_URL}{page}#{code_of(meeting, member)}")
    return HttpResponse(drawn, content_type="image/svg+xml")
