"""How a member shows at the door who she is: a square to scan, or a code to say."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from isegoria_web.institutions.models import Institution
from isegoria_web.meetings.check_in_codes import code_of
from isegoria_web.meetings.models import Meeting
from isegoria_web.meetings.on_the_day import next_meeting_of
from isegoria_web.meetings.people import Person
from isegoria_web.meetings.place_cards import card_of, change_card
from isegoria_web.recruitment.typesetting import qr_square
from isegoria_web.web.members.forms import PlaceCardForm
from isegoria_web.web.members.views import acting, for_members, own_page
from isegoria_web.web.places import Own


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show the square and the code of the next meeting; take how she wishes to be called in the room."""
    meeting = next_meeting_of(own.cycle, own.member)
    card = card_of(own.member)
    form = PlaceCardForm(request.POST or None, initial={"name": card.name, "languages": card.languages})
    if request.method == "POST" and form.is_valid():
        change_card(
            actor=acting(request), member=own.member, name=form.cleaned_data["name"],
            languages=form.cleaned_data["languages"],
        )  # fmt: skip
        messages.success(request, _("Your place card is noted."))
        return redirect(own.address("members:check_in", institution.slug))
    return own_page(
        request, "check_in", institution, own, meeting=meeting, form=form,
        code=code_of(meeting, own.member) if meeting else "",
        present=meeting is not None and meeting.attendances.filter(member=own.member, presence="present").exists(),
        my_tables=own.member.tables.filter(plan__meeting=meeting).order_by("round") if meeting else [],
    )  # fmt: skip


@for_members
@require_safe
def square(_request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Draw the square: the address of the desk's page, with the code where browsers do not send it."""
    meeting = next_meeting_of(own.cycle, own.member)
    if meeting is None:
        raise Http404
    return square_of(institution, meeting, own.member)


def square_of(institution: Institution, meeting: Meeting, person: Person) -> HttpResponse:
    """Draw the square of somebody at a meeting."""
    with translation.override(institution.languages[0]):
        page = reverse("office:check_in", args=[institution.slug, meeting.cycle.number, meeting.number])
    drawn = qr_square(f"{settings.BASE_URL}{page}#{code_of(meeting, person)}")
    return HttpResponse(drawn, content_type="image/svg+xml")
