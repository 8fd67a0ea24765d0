"""The letters of a cycle: announced, drawn by lot, and how they come back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment import services
from isegoria_web.recruitment.announceable import missing_for_letters
from isegoria_web.recruitment.enums import Allocation, InvitationStatus, WorkStatus
from isegoria_web.recruitment.errors import ChosenLettersWrong
from isegoria_web.recruitment.jobs import announce_later, draw_later
from isegoria_web.recruitment.models import Campaign, LetterWork, Message
from isegoria_web.recruitment.returns import returns_of
from isegoria_web.recruitment.sharing import Part, columns_of, parts_of
from isegoria_web.recruitment.waves import can_go_on, waves_of
from isegoria_web.recruitment.working import cancel, takes_long
from isegoria_web.register.models import Extract
from isegoria_web.web.backoffice.algorithms import rules_of_draw
from isegoria_web.web.backoffice.forms.recruiting import LettersForm, usable_extracts
from isegoria_web.web.backoffice.forms.sharing import TABLE, ChosenForm, table_key
from isegoria_web.web.backoffice.office import (
    CHANGE,
    CONFIRMED,
    Caution,
    Office,
    act_on,
    attempt,
    decide_on,
    for_office,
    wants_change,
)
from isegoria_web.web.backoffice.reading import state_of
from isegoria_web.web.backoffice.steps import lack_of
from isegoria_web.web.letter_design import ONE_PER, SHARED_OUT, column_name, consequences

NOTICE = timedelta(days=3)
USUAL_REPLY_DAYS = 28
REMEMBERED = 3600
"""How many seconds the sizes of the parts of a register are remembered while somebody chooses: counts only."""
FIRST_PAGE = "first"
"""What leads from the table of the chosen letters back to the form before it."""


def campaign_or_404(cycle: Cycle) -> Campaign:
    """Return the letters of a cycle."""
    found = (
        Campaign.objects.filter(cycle=cycle)
        .current()
        .select_related("draw", "extract", "cycle__institution")
    )
    campaign = found.first()
    if campaign is None:
        raise Http404
    return campaign


@for_office(Role.SECRETARIAT)
def letters(office: Office, cycle: int) -> HttpResponse:
    """Announce the draw of the letters; once announced, show how the answers come in."""
    found = office.cycle(cycle)
    campaign = Campaign.objects.filter(cycle=found).current().select_related("draw", "extract").first()
    if campaign is not None:
        return _overview(office, found, campaign)
    if (work := underway(found)) is not None:
        return office.to("letters_work", found.number, work.public_id)
    form = LettersForm(
        office.data,
        cycle=found,
        columns=partial(_columns, office, found),
        initial=_usual(office, found),
    )
    if (table := _table(office, found, form)) is not None:
        return table

    return act_on(
        office,
        found,
        form=form,
        template="letters_announce",
        act=lambda data: _announce(office, found, data),
        done=partial(_announced, office, found),
        caution=_caution,
        failed=_if_failed(_last_work(found)),
        lacks=[
            lack_of(missing, office.role, office.institution.slug, found.number)
            for missing in missing_for_letters(found)
        ],
    )


def _last_work(cycle: Cycle) -> LetterWork | None:
    """Return the last long work on the letters of a cycle; an earlier one is over."""
    return LetterWork.objects.filter(cycle=cycle).first()


def underway(cycle: Cycle) -> LetterWork | None:
    """Return the long work on the letters of a cycle that is not over yet."""
    return _unless_over(_last_work(cycle))


def _unless_over(work: LetterWork | None) -> LetterWork | None:
    return work if work is not None and work.ended_at is None else None


def _if_failed(work: LetterWork | None) -> LetterWork | None:
    return work if work is not None and work.status == WorkStatus.FAILED else None


def _announced(office: Office, cycle: Cycle, made: Campaign | LetterWork) -> HttpResponse:
    if isinstance(made, LetterWork):
        return office.to("letters_work", cycle.number, made.public_id)
    office.say(_("The draw of the letters is announced."))
    return office.to("letters", cycle.number)


def _announce(office: Office, cycle: Cycle, data: dict[str, Any]) -> Campaign | LetterWork:
    """Announce the letters, at once or in the background; the table was right, or its page would stand there."""
    sent = {key: value for key, value in data.items() if key != "allocation"}
    chosen = None
    if data["allocation"] == Allocation.CHOSEN:
        chosen = _chosen_form(office, cycle, data)
        if not chosen.is_valid():
            raise ChosenLettersWrong
    announce = announce_later if takes_long(data["extract"]) else services.announce_letters
    made: Campaign | LetterWork = announce(
        actor=office.actor, cycle=cycle, **sent, chosen=None if chosen is None else chosen.chosen
    )
    return made


def _caution(data: dict[str, Any]) -> Caution:
    column = data["stratified_by"]
    return Caution(
        title=_("Announce this draw?"),
        consequences=[
            *consequences(data["one_per"], column, data["allocation"]),
            _("The number of letters, how they are drawn, the register extract and the source of the randomness are published and cannot be changed."),
            _("On the announced day the randomness alone decides who gets a letter."),
        ],
        submit=_("Announce the draw"),
        facts={
            _("Letters"): data["letters"],
            _("Who is drawn"): ONE_PER[data["one_per"]][0],
            _("How the letters are shared out"): SHARED_OUT[data["allocation"]][0],
            **({_("Shared out by"): column_name(column)} if column else {}),
            _("Youngest age"): data["age_min"],
            _("To be answered by"): data["reply_by"],
            _("Public randomness"): data["source"],
            _("It takes place on"): data["source_due_at"],
        },
    )  # fmt: skip


def _table(office: Office, cycle: Cycle, form: LettersForm) -> HttpResponse | None:
    """Return the page on which the letters of each part are chosen; None where none are, or once they are right."""
    back_to_first = wants_change(office) and office.request.POST.get(CHANGE) == FIRST_PAGE
    if not office.is_post or back_to_first or office.request.POST.get("allocation") != Allocation.CHOSEN:
        return None
    if wants_change(office) and TABLE not in office.request.POST:
        return None
    if not form.is_valid():
        return None  # shown with its faults
    data = form.cleaned_data
    made = attempt(form, lambda: _chosen_form(office, cycle, data))
    if not made.done:
        return None  # the fault stands on the form now
    table: ChosenForm = made.made
    if table.is_bound and not wants_change(office) and table.is_valid():
        return None
    remade = TABLE in office.request.POST and not table.is_bound
    sent = [
        (key, value)
        for key, values in office.request.POST.lists()
        for value in values
        if key not in {"csrfmiddlewaretoken", CONFIRMED, CHANGE} and not key.startswith("chosen_")
    ]
    return office.page(
        "letters_chosen",
        cycle,
        status=422 if table.is_bound and not wants_change(office) else 200,
        form=table,
        letters=data["letters"],
        column=column_name(data["stratified_by"]),
        eligible=sum(part.eligible for part in table.parts),
        table_key=table_key(data["stratified_by"], table.parts),
        sent_again=sent,
        remade=remade,
        first_page=FIRST_PAGE,
    )


def _chosen_form(office: Office, cycle: Cycle, data: dict[str, Any]) -> ChosenForm:
    """Return the table as it was sent; if it belongs to other parts, a new one."""
    parts = _parts(office, cycle, data)
    same = office.request.POST.get(TABLE) == table_key(data["stratified_by"], parts)
    return ChosenForm(office.data if same else None, parts=parts, letters=data["letters"])


def _parts(office: Office, cycle: Cycle, data: dict[str, Any]) -> list[Part]:
    """Return the parts, remembered from page to page: a large register takes its time."""
    names = ("letters", "age_min", "reply_by", "stratified_by", "one_per")
    given = {name: data[name] for name in names}
    asked = [cycle.pk, data["extract"].sha256, *map(str, given.values())]
    key = f"parts:{hashlib.sha256(json.dumps(asked).encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        parts = parts_of(actor=office.actor, cycle=cycle, extract=data["extract"], **given)
        found = [astuple(part) for part in parts]
        cache.set(key, found, REMEMBERED)
    return [Part(*each) for each in found]


def _columns(office: Office, cycle: Cycle, extract: Extract) -> tuple[str, ...]:
    key = f"columns:{extract.sha256}"
    found: tuple[str, ...] | None = cache.get(key)
    if found is None:
        found = columns_of(actor=office.actor, cycle=cycle, extract=extract)
        cache.set(key, found, REMEMBERED)
    return found


def _usual(office: Office, cycle: Cycle) -> dict[str, Any]:
    rules = rules_of_draw(cycle)
    draw_day = office.today() + NOTICE
    asked = office.request.GET.get("extract", "")
    chosen = next((one for one in usable_extracts(cycle) if str(one.public_id) == asked), None)
    return {
        **({} if chosen is None else {"extract": chosen}),
        "letters": office.request.GET.get("letters") or rules["letters"],
        "age_min": rules["age_min"],
        "reply_by": draw_day + timedelta(days=rules["reply_days"] or USUAL_REPLY_DAYS),
    }


def _overview(office: Office, cycle: Cycle, campaign: Campaign) -> HttpResponse:
    state, work = state_of(cycle), _last_work(cycle)
    rows = [(status, status.label, state.letters[status]) for status in InvitationStatus]
    return office.page(
        "letters",
        cycle,
        campaign=campaign,
        draw=campaign.draw,
        state=state,
        rows=rows,
        waves=waves_of(campaign),
        work=_unless_over(work),
        failed=_if_failed(work),
        can_go_on=can_go_on(campaign),
    )


@for_office(Role.SECRETARIAT)
def draw(office: Office, cycle: int) -> HttpResponse:
    """Draw the letters, once the public randomness is known; until then, lead to where it is written down."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    if campaign.draw.is_drawn:
        return office.to("letters", found.number)
    if campaign.draw.sources.filter(value="").exists():
        return office.to("randomness", found.number, campaign.draw.number)
    if (work := underway(found)) is not None:
        return office.to("letters_work", found.number, work.public_id)

    def drawn(made: Campaign | LetterWork) -> HttpResponse:
        if isinstance(made, LetterWork):
            return office.to("letters_work", found.number, made.public_id)
        office.say(_("%(count)d letters are drawn by lot.") % {"count": campaign.letters})
        return office.to("letters", found.number)

    draw_them = draw_later if takes_long(campaign.extract) else services.draw_letters
    return decide_on(
        office,
        found,
        caution=drawing_caution(
            campaign.draw, _("Draw %(count)d letters by lot") % {"count": campaign.letters}
        ),
        act=lambda: draw_them(actor=office.actor, campaign=campaign),
        done=drawn,
        back=office.url("letters", found.number),
    )


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def work(office: Office, cycle: int, work: UUID) -> HttpResponse:
    """Show how far long work on the letters has come; once it is done, the letters."""
    found = office.cycle(cycle)
    shown = _work_or_404(found, work)
    if shown.status == WorkStatus.DONE:
        return office.to("letters", found.number)
    return office.page("letters_work", found, work=shown)


@for_office(Role.SECRETARIAT, methods=("POST",))
def work_cancel(office: Office, cycle: int, work: UUID) -> HttpResponse:
    """Stop long work on the letters before it is public."""
    found = office.cycle(cycle)
    cancel(actor=office.actor, work=_work_or_404(found, work))
    office.say(_("It is stopped. Nothing of it was published."))
    return office.to("letters", found.number)


def _work_or_404(cycle: Cycle, key: UUID) -> LetterWork:
    return get_object_or_404(LetterWork.objects.select_related("extract"), cycle=cycle, public_id=key)


def drawing_caution(draw: Draw, title: str) -> Caution:
    """Return what stands on the page before a draw: the values that decide it, and that nobody chooses any more."""
    return Caution(
        title=title,
        lead=draw.sources_in_words(),
        consequences=[
            _("The result follows from these values at once and is published with them."),
            _(
                "It happens once. A fault can only be repaired by annulling the draw, in public, by two people."
            ),
        ],
        submit=_("Draw by lot"),
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY, Role.OBSERVER, methods=("GET", "HEAD"))
def returns(office: Office, cycle: int) -> HttpResponse:
    """Show how the letters come back, against what the quotas need; small counts only to who may see persons."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = returns_of(found, sees_persons=office.has(Role.SECRETARIAT))
    messages = Message.objects.filter(invitation__campaign=campaign)
    mail = messages.by_status() if office.has(Role.SECRETARIAT) else {}
    return office.page(
        "returns",
        found,
        campaign=campaign,
        returns=shown,
        mail=mail if any(mail.values()) else None,
        owed=campaign.invitations.owed_paper().count() if mail and campaign.closed_at is None else 0,
    )
