"""The letters of a cycle: announced, drawn by lot, and how they come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment import services
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Message
from isegoria_web.recruitment.returns import returns_of
from isegoria_web.recruitment.waves import can_go_on, waves_of
from isegoria_web.web.backoffice.algorithms import rules_of_draw
from isegoria_web.web.backoffice.forms.recruiting import LettersForm, usable_extracts
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.reading import state_of

NOTICE = timedelta(days=3)
USUAL_REPLY_DAYS = 28


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
    form = LettersForm(office.data, cycle=found, initial=_usual(office, found))

    def announced(_made: object) -> HttpResponse:
        office.say(_("The draw of the letters is announced."))
        return office.to("letters", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="letters_announce",
        act=lambda data: services.announce_letters(actor=office.actor, cycle=found, **data),
        done=announced,
        caution=lambda data: Caution(
            title=_("Announce this draw?"),
            consequences=[
                _("The number of letters, the register extract and the source of the randomness are published and cannot be changed."),
                _("On the announced day the randomness alone decides who gets a letter."),
            ],
            submit=_("Announce the draw"),
            facts={
                _("Letters"): data["letters"],
                _("Youngest age"): data["age_min"],
                _("To be answered by"): data["reply_by"],
                _("Public randomness"): data["source"],
                _("It takes place on"): data["source_due_at"],
            },
        ),
    )  # fmt: skip


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
    state = state_of(cycle)
    rows = [(status, status.label, state.letters[status]) for status in InvitationStatus]
    return office.page(
        "letters",
        cycle,
        campaign=campaign,
        draw=campaign.draw,
        state=state,
        rows=rows,
        waves=waves_of(campaign),
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

    def drawn(_made: object) -> HttpResponse:
        office.say(_("%(count)d letters are drawn by lot.") % {"count": campaign.letters})
        return office.to("letters", found.number)

    return decide_on(
        office,
        found,
        caution=drawing_caution(
            campaign.draw, _("Draw %(count)d letters by lot") % {"count": campaign.letters}
        ),
        act=lambda: services.draw_letters(actor=office.actor, campaign=campaign),
        done=drawn,
        back=office.url("letters", found.number),
    )


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
        "returns", found, campaign=campaign, returns=shown, mail=mail if any(mail.values()) else None
    )
