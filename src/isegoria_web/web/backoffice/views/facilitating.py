"""The facilitator's page at a table: who speaks, the time, the notes. It works on when the network is away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

import isegoria
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.models import Wording
from isegoria_web.errors import NotAllowed, ServiceError, require
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings import policies, speaking
from isegoria_web.meetings.errors import NotAtTheTable
from isegoria_web.meetings.models import SpeakingTime, Table
from isegoria_web.web.backoffice import tablet
from isegoria_web.web.backoffice.forms.knowing import NoteForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office
from isegoria_web.web.backoffice.views.tables import table_or_404
from isegoria_web.web.middleware import KEPT_ON_DEVICE

SHELL = (
    "css/isegoria.css", "css/office.css", "css/facilitate.css", "js/facilitate.js", "js/leaving.js", "img/dots.svg",
    "fonts/source-sans-3-latin-wght-normal.woff2", "fonts/source-sans-3-latin-ext-wght-normal.woff2",
    "fonts/source-serif-4-latin-wght-normal.woff2",
)  # fmt: skip
"""Files without which the page cannot stand alone."""


def _table(office: Office, cycle: Cycle, meeting: int, round_number: int, number: int) -> Table:
    """Return the table; only who leads it may see who sits there and how long each spoke."""
    found = table_or_404(cycle, meeting, round_number, number)
    if not policies.may_lead_table(office.actor, found):
        raise NotAllowed(
            _("Another facilitator leads this table."),
            _("Open the page of your own table, or ask the secretariat who leads which."),
        )
    return found


@for_office(Role.FACILITATOR)
def facilitate(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Show the turn list, the clock and the notes of a table; every button works without a script as well."""
    found = office.cycle(cycle)
    table = _table(office, found, meeting, round_number, number)
    here = (found.number, meeting, round_number, number)
    if not office.request.session.get(KEPT_ON_DEVICE):
        office.request.session[KEPT_ON_DEVICE] = True
    acts: dict[str, Callable[[Office, Table], object]] = {
        "start": _start,
        "stop": lambda one, at: speaking.stop_turn(actor=one.actor, table=at),
        "discard": lambda one, at: speaking.stop_turn(actor=one.actor, table=at, counts=False),
    }
    act = acts.get(office.request.POST.get("act", "")) if office.is_post else None
    if act is not None:
        act(office, table)
        return office.to("facilitate", *here)
    if office.is_post and office.request.POST.get("act") == "choose":
        return _choose(office, found, table, here)

    return act_on(
        office,
        found,
        form=NoteForm(office.data, languages=office.languages),
        template="facilitate",
        act=lambda data: noting.take_note(
            actor=office.actor, table=table, text=data["text"], language=data["language"]
        ),
        done=office.then(_("The note is saved."), "facilitate", *here),
        **_context(office, table, here),
    )


def _context(office: Office, table: Table, here: tuple[int, ...]) -> dict[str, Any]:
    people = speaking.turn_list(table)
    spoke = [one.seconds for one in people if one.seconds]
    return {
        "table": table,
        "meeting": table.plan.meeting,
        "people": people,
        "speaker": next((one for one in people if one.speaks_now), None),
        "spoke": len(spoke),
        "minutes": round(sum(spoke) / 60),
        "notes": tablet.notes_of(table),
        "state": json.dumps(tablet.state_of(table)),
        "person": str(office.actor.user.public_id) if office.actor.user else "",
        "speaking_time": SpeakingTime.objects.filter(table=table).first(),
        "here": office.url("facilitate", *here),
        "entries_url": office.url("facilitate_entries", *here),
        "worker_url": office.url("facilitate_worker", *here),
    }


def _start(office: Office, table: Table) -> None:
    person = speaking.person_at(table, office.request.POST.get("member", ""))
    if person is None:
        raise NotAtTheTable
    speaking.start_turn(actor=office.actor, table=table, person=person)


def _choose(office: Office, cycle: Cycle, table: Table, here: tuple[int, ...]) -> HttpResponse:
    """Choose between two texts of a note; where somebody was faster, what was typed is shown again."""
    sent = office.request.POST
    wordings = Wording.objects.select_related("note__table__plan__meeting__cycle__institution")
    wording = get_object_or_404(
        wordings, note__table=table, public_id=_uuid_or_404(sent.get("wording", ""))
    )
    text, seen = sent.get("text", ""), sent.get("seen", "").replace("\r\n", "\n")
    try:
        noting.choose_wording(actor=office.actor, wording=wording, text=text, seen=seen)
    except NotAllowed:
        raise
    except ServiceError as refusal:
        form = NoteForm(None, languages=office.languages)
        return office.page(
            "facilitate", cycle, status=refusal.status, form=form, refusal=refusal, typed=text,
            **_context(office, table, here),
        )  # fmt: skip
    office.say(_("The note says what you chose. The other text is kept among its earlier ones."))
    return office.to("facilitate", *here)


def _uuid_or_404(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@for_office(Role.FACILITATOR)
def entries(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Give the tablet the table as it is; keep what it made meanwhile, and say of each entry what became of it."""
    try:
        table = _table(office, office.cycle(cycle), meeting, round_number, number)
        results = [
            tablet.keep(office.actor, table, entry, office.languages)
            for entry in (tablet.read(office.request.body) if office.is_post else ())
        ]
    except ServiceError as refusal:
        told = {"problem": str(refusal.problem), "way_out": str(refusal.way_out)}
        return JsonResponse(told, status=refusal.status)
    table.plan.meeting.refresh_from_db()
    return JsonResponse(
        {"results": results, "state": tablet.state_of(table), "token": get_token(office.request)}
    )


@for_office(Role.FACILITATOR, methods=("GET", "HEAD"))
def worker(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Give the service worker of this page; its address keeps it to this page alone. It holds no name."""
    table = table_or_404(office.cycle(cycle), meeting, round_number, number)
    require(policies.may_lead_table(office.actor, table))
    shell = [static(each) for each in SHELL] + [reverse("public:accent", args=[office.institution.slug])]
    until = table.plan.meeting.ends_at + speaking.KEPT_AFTER
    told = {
        "page": office.url("facilitate", cycle, meeting, round_number, number),
        "shell": shell,
        "version": hashlib.sha256(json.dumps([isegoria.__version__, shell]).encode()).hexdigest()[:16],
        "until": until.isoformat(),
    }
    lines = f"self.TABLE = {json.dumps(told)};\nimportScripts({json.dumps(static('js/facilitate-worker.js'))});\n"
    return HttpResponse(lines, content_type="text/javascript; charset=utf-8")
