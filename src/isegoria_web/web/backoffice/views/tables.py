"""A table's notes, the statements that come out of them, and their closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting, services
from isegoria_web.deliberation.jobs import make_maps_later
from isegoria_web.deliberation.models import Note, Statement, Wording
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import SpeakingTime, Table
from isegoria_web.meetings.policies import may_lead_table, may_take_over_table
from isegoria_web.web.backoffice.forms.knowing import EditNoteForm, NoteForm, StatementForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


def table_or_404(cycle: Cycle, meeting: int, round_number: int, number: int) -> Table:
    """Return a table of this cycle."""
    found = Table.objects.select_related("plan__meeting__cycle__institution", "facilitator")
    return get_object_or_404(
        found, plan__meeting__cycle=cycle, plan__meeting__number=meeting, round=round_number, number=number
    )


@for_office(Role.FACILITATOR, Role.SECRETARIAT)
def table(office: Office, cycle: int, meeting: int, round_number: int, number: int) -> HttpResponse:
    """Show a table with its notes, and take another one."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    form = NoteForm(office.data, languages=office.languages)
    if not office.has(Role.FACILITATOR):
        return _page(office.reading(), found, one, form)

    return act_on(
        office,
        found,
        form=form,
        template="table",
        act=lambda data: noting.take_note(
            actor=office.actor, table=one, text=_lines(data["text"]), language=data["language"]
        ),
        done=office.then(
            _("The note is saved. Make statements of it while it is fresh."),
            "table",
            found.number,
            meeting,
            round_number,
            number,
        ),
        leads=may_lead_table(office.actor, one),
        may_take_over=not may_lead_table(office.actor, one) and may_take_over_table(office.actor, one),
        **_context(one),
    )


def _context(table: Table) -> dict[str, Any]:
    notes = table.notes.select_related("written_by").prefetch_related(
        Prefetch("statements", Statement.objects.order_by("number"))
    )
    return {
        "table": table,
        "meeting": table.plan.meeting,
        "notes": notes.order_by("written_at", "pk"),
        "members": table.members.order_by("number"),
        "speaking_time": SpeakingTime.objects.filter(table=table).first(),
        "aside": Wording.objects.set_aside().filter(note__table=table).count(),
    }


def _lines(text: str) -> str:
    """Return a text as it is stored: browsers send line ends as two characters."""
    return text.replace("\r\n", "\n")


def _page(office: Office, cycle: Cycle, table: Table, form: BaseForm) -> HttpResponse:
    return office.page("table", cycle, form=form, **_context(table))


@for_office(Role.FACILITATOR)
def note(
    office: Office, cycle: int, meeting: int, round_number: int, number: int, note: UUID
) -> HttpResponse:
    """Change a note; where somebody else was faster, both texts are shown and none is lost."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    written = get_object_or_404(Note, table=one, public_id=note)
    initial = {"text": written.text, "seen": written.text}
    here = (found.number, meeting, round_number, number)

    return act_on(
        office,
        found,
        form=EditNoteForm(office.data, languages=office.languages, initial=initial),
        template="note",
        act=lambda data: noting.edit_note(
            actor=office.actor, note=written, text=_lines(data["text"]), seen=_lines(data["seen"])
        ),
        done=office.then(_("The note is saved."), "table", *here),
        note=written,
        back=office.url("table", *here),
    )


@for_office(Role.FACILITATOR)
def statement(
    office: Office, cycle: int, meeting: int, round_number: int, number: int, note: UUID
) -> HttpResponse:
    """Put one thought of a note to all members."""
    found = office.cycle(cycle)
    one = table_or_404(found, meeting, round_number, number)
    source = get_object_or_404(
        Note.objects.select_related("table__plan__meeting__cycle__institution"), table=one, public_id=note
    )
    here = (found.number, meeting, round_number, number)

    def made(statement: Statement) -> HttpResponse:
        office.say(_("Statement %(number)d is open for reactions.") % {"number": statement.number})
        return office.to("table", *here)

    return act_on(
        office,
        found,
        form=StatementForm(office.data, languages=office.languages, initial={"language": source.language}),
        template="statement",
        act=lambda data: services.make_statement(
            actor=office.actor, cycle=found, text=data["text"], language=data["language"], note=source
        ),
        done=made,
        note=source,
        back=office.url("table", *here),
    )


@for_office(Role.FACILITATOR, Role.SECRETARIAT, methods=("GET", "HEAD"))
def statements(office: Office, cycle: int) -> HttpResponse:
    """List the statements; counts appear when they are closed, and never before."""
    found = office.cycle(cycle)
    listed = found.statements.select_related("note__table__plan__meeting").order_by("number")
    return office.page(
        "statements",
        found,
        statements=listed,
        still_open=any(each.closed_at is None for each in listed),
    )


@for_office(Role.FACILITATOR)
def close(office: Office, cycle: int) -> HttpResponse:
    """Close the statements and publish their counts."""
    found = office.cycle(cycle)
    count = found.statements.filter(closed_at__isnull=True).count()

    def closed(_made: object) -> HttpResponse:
        make_maps_later(found)
        office.say(
            _("The statements are closed; their counts are public. The opinion map follows in a minute.")
        )
        return office.to("statements", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Close %(count)d statements?") % {"count": count},
            consequences=[
                _("Nobody can react any more."),
                _("The sums become public; single reactions never do."),
            ],
            submit=_("Close the statements"),
        ),
        act=lambda: services.close_statements(actor=office.actor, cycle=found),
        done=closed,
        back=office.url("statements", found.number),
    )
