"""Who in the register can be drawn, before the letters are."""

from __future__ import annotations

from typing import Any

from django.forms import formset_factory
from django.http import HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import sifting
from isegoria_web.recruitment.jobs import check_later
from isegoria_web.recruitment.models import EligibilityCheck
from isegoria_web.register.algorithms import ListOfPeople, as_errors, read_list
from isegoria_web.web.backoffice.forms.recruiting import LISTS, EligibilityForm, ListForm
from isegoria_web.web.backoffice.office import Fault, Office, attempt, faults_of, for_office
from isegoria_web.web.backoffice.uploads import name_of, on_disk
from isegoria_web.web.eligibility_words import CheckInWords, check_in_words

AT_ONCE = 50_000
"""Residents of an extract that is checked while the person waits; a larger one is checked in the background."""
Lists = formset_factory(ListForm, extra=LISTS, max_num=LISTS, validate_max=True)


@for_office(Role.SECRETARIAT)
def eligibility(office: Office, cycle: int) -> HttpResponse:
    """Check who of an extract can be drawn, and show what came of it."""
    found = office.cycle(cycle)
    form = EligibilityForm(office.data, cycle=found, initial={"on": office.today()})
    lists = Lists(office.data, office.files, prefix="lists")
    status = 200
    if office.is_post:
        status = 422
        if form.is_valid() and lists.is_valid():
            tried = attempt(form, lambda: _ask(office, found, form.cleaned_data, lists))
            if tried.done:
                return _begin(office, found, tried.made)
            status = tried.status
    return office.page(
        "eligibility", found, status=status, form=form, lists=lists,
        checks=[_shown(one) for one in sifting.checks_of(found)],
        running=found.eligibility_checks.filter(ended_at__isnull=True).exists(),
    )  # fmt: skip


def _ask(office: Office, cycle: Cycle, data: dict[str, Any], lists: Any) -> EligibilityCheck:
    return sifting.ask_for_check(
        actor=office.actor, cycle=cycle, lists=[_read(one.cleaned_data) for one in lists if one.cleaned_data.get("file")],
        **data,
    )  # fmt: skip


def _read(data: dict[str, Any]) -> ListOfPeople:
    with on_disk(data["file"]) as path:
        named = path.rename(path.with_name(name_of(data["file"])))  # faults name the file as she knows it
        return read_list(named, data["name"], data["key"].strip().lower())


def _begin(office: Office, cycle: Cycle, asked: EligibilityCheck) -> HttpResponse:
    if asked.source.residents > AT_ONCE:
        check_later(asked)
        office.say(_("The register is being checked. The result appears here when it is ready."))
    else:
        done = sifting.check(actor=office.actor, asked=asked)
        if done.eligible is not None:
            office.say(_("%(count)d residents can be drawn.") % {"count": done.eligible})
    return office.to("eligibility", cycle.number)


def _shown(one: EligibilityCheck) -> tuple[CheckInWords, list[Fault]]:
    faults = [fault for error in as_errors(one.faults, one.source.file_name) for fault in faults_of(error)]
    return check_in_words(one, exact=True), faults
