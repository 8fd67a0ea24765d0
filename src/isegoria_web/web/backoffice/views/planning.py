"""How many letters to send, which part of the population needs so many, and what pool they would bring."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.bodies import Standing
from isegoria_web.recruitment.algorithms import (
    Plan,
    plan_picture,
    plan_reason,
    plan_table,
    plan_title,
    published_rates,
)
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.planning import plan_of, strata_of
from isegoria_web.recruitment.staying import staying_in
from isegoria_web.web.backoffice.forms.planning import PlanForm
from isegoria_web.web.backoffice.office import Office, attempt, for_office

TOLD = ("en", "de", "fr", "nl")
"""The languages in which the library tells a plan; other readers get the first."""


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def plan(office: Office, cycle: int) -> HttpResponse:
    """Say how many letters the next wave needs; nothing is decided or written by it."""
    found = office.cycle(cycle)
    body = _body(office, found)
    form = PlanForm(office.request.GET or None, strata=strata_of(found, body))
    campaign = Campaign.objects.filter(cycle=found).current().select_related("draw").first()
    shown: dict[str, Any] = {}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            outcome = attempt(form, lambda: _plan(found, form.cleaned_data, body))
            status = 200 if outcome.done else outcome.status
            shown = _told(outcome.made) if outcome.done else {}
    return office.page(
        "letters_plan",
        found,
        status=status,
        form=form,
        campaign=campaign,
        published=published_rates(),
        has_quotas=len(form.strata) > 1,
        body=body,
        **shown,
    )


def _body(office: Office, cycle: Cycle) -> Standing | None:
    """Return who stays, where that is known already; else the letters are planned for the whole body."""
    try:
        return staying_in(office.actor, cycle)
    except ServiceError:
        return None


def _plan(cycle: Cycle, data: dict[str, Any], body: Standing | None) -> Plan:
    return plan_of(
        cycle,
        data["rates"],
        factor=Fraction(data["factor"]),
        per_seat=data["per_seat"],
        everybody=_("Everybody"),
        body=body,
    )


def _told(made: Plan) -> dict[str, Any]:
    language: Any = (get_language() or "")[:2]
    if language not in TOLD:
        language = TOLD[0]
    header, *rows = plan_table(made, language)
    return {
        "plan": made,
        "plan_language": language,
        "title": plan_title(made, language),
        "reason": plan_reason(made, language),
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(plan_picture(made, language).encode()).decode()}",
        "header": header,
        "lines": rows,
    }
