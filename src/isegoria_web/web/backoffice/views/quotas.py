"""What the panel mirrors: features, population figures, quotas."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import services
from isegoria_web.lottery.models import Draw
from isegoria_web.register.models import Extract
from isegoria_web.web.backoffice.algorithms import (
    count_from_register,
    features_of,
    read_features,
    read_quotas,
    rules_of_draw,
)
from isegoria_web.web.backoffice.forms.drawing import (
    FeaturesForm,
    PopulationForm,
    QuotasFileForm,
    QuotasForm,
)
from isegoria_web.web.backoffice.office import Attempt, Office, act_on, for_office, load_file
from isegoria_web.web.backoffice.reading import pool_counts
from isegoria_web.web.backoffice.uploads import on_disk

DEFAULT_AGE = 16


@for_office(Role.SECRETARIAT)
def features(office: Office, cycle: int) -> HttpResponse:
    """Set the features from a table or from an earlier cycle; a table with faults changes nothing."""
    found = office.cycle(cycle)
    form = FeaturesForm(office.data, office.files, cycle=found)

    def load() -> Any:
        return services.set_features(
            actor=office.actor, cycle=found, features=_features(office, found, form)
        )

    loaded = load_file(office, form, "file", load)
    if loaded.done:
        office.say(_("The features are set. Look at the population figures, then at the quotas."))
        return office.to("quotas", found.number)
    return office.page("features", found, status=loaded.status, form=form, faults=loaded.faults)


def _features(office: Office, cycle: Cycle, form: FeaturesForm) -> list[dict[str, Any]]:
    data = form.cleaned_data
    if not data.get("file"):
        return features_of(data["earlier"])
    with on_disk(data["file"]) as path:
        made = read_features(path, office.languages, data["source"])
    extract = Extract.objects.filter(institution=office.institution, erased_at__isnull=True)
    newest = extract.order_by("-loaded_at").first()
    if newest is None:
        return made
    age_min = rules_of_draw(cycle)["age_min"]
    return count_from_register(
        made, newest, age_min=DEFAULT_AGE if age_min is None else age_min, on=office.today()
    )


@for_office(Role.SECRETARIAT)
def population(office: Office, cycle: int) -> HttpResponse:
    """Correct the population figures and their sources; the quotas are proposed from them afterwards."""
    found = office.cycle(cycle)
    form = PopulationForm(office.data, cycle=found)

    def saved(_made: object) -> HttpResponse:
        office.say(_("The figures are saved. Set the quotas again: they rest on the figures."))
        return office.to("quotas", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="population",
        act=lambda _data: services.set_features(
            actor=office.actor, cycle=found, features=form.corrected(features_of(found))
        ),
        done=saved,
    )


@for_office(Role.SECRETARIAT)
def quotas(office: Office, cycle: int) -> HttpResponse:
    """Set the least and the most seats of every value, by hand or from a file."""
    found = office.cycle(cycle)
    from_file = office.is_post and "quotas_file" in office.request.FILES
    form = QuotasForm(None if from_file else office.data, cycle=found, in_pool=pool_counts(found))
    file_form = QuotasFileForm(office.data if from_file else None, office.files if from_file else None)
    if not form.features:
        return office.to("features", found.number)
    loaded = Attempt(status=200)
    if from_file:
        loaded = load_file(office, file_form, "quotas_file", lambda: _load(office, found, file_form))
        if loaded.done:
            return _set(office, found)
    return act_on(
        office if not from_file else office.reading(),
        found,
        form=form,
        template="quotas",
        act=lambda _data: services.set_quotas(actor=office.actor, cycle=found, quotas=form.quotas()),
        done=lambda _made: _set(office, found),
        file_form=file_form,
        faults=loaded.faults,
        frozen=Draw.objects.filter(cycle=found).of_panel().valid().exists(),
    )


def _load(office: Office, cycle: Cycle, form: QuotasFileForm) -> None:
    with on_disk(form.cleaned_data["quotas_file"]) as path:
        table = read_quotas(path, cycle)
    services.set_quotas(actor=office.actor, cycle=cycle, quotas=table)


def _set(office: Office, cycle: Cycle) -> HttpResponse:
    office.say(_("The quotas are set."))
    return office.to("quotas", cycle.number)


@for_office(Role.SECRETARIAT, methods=("POST",))
def propose(office: Office, cycle: int) -> HttpResponse:
    """Let the population figures propose the quotas: each share of the seats, rounded down and up."""
    found = office.cycle(cycle)
    services.propose_quotas(actor=office.actor, cycle=found)
    office.say(_("The quotas are proposed from the population figures."))
    return office.to("quotas", found.number)
