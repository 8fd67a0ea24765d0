"""What the panel mirrors: features, population figures, quotas."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria.errors import IsegoriaError
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import changing, services
from isegoria_web.lottery.models import QuotaChange
from isegoria_web.membership import widening
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.models import Campaign
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
    QuotasChangeForm,
    QuotasFileForm,
    QuotasForm,
)
from isegoria_web.web.backoffice.office import (
    Attempt,
    Caution,
    Office,
    act_on,
    decide_on,
    faults_of,
    for_office,
    load_file,
)
from isegoria_web.web.backoffice.reading import pool_counts, state_of
from isegoria_web.web.backoffice.uploads import on_disk
from isegoria_web.web.backoffice.views.letters import campaign_or_404
from isegoria_web.web.homes import homes_in_words
from isegoria_web.web.quota_words import change_in_words, conflict_in_words, way_in_words

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

    return act_on(
        office,
        found,
        form=form,
        template="population",
        act=lambda _data: services.set_features(
            actor=office.actor, cycle=found, features=form.corrected(features_of(found))
        ),
        done=office.then(
            _("The figures are saved. Set the quotas again: they rest on the figures."),
            "quotas",
            found.number,
        ),
    )


@for_office(Role.SECRETARIAT)
def quotas(office: Office, cycle: int) -> HttpResponse:
    """Set the least and the most seats of every value, by hand or from a file; propose others once people are invited."""
    found = office.cycle(cycle)
    if not found.features.exists():
        return office.to("features", found.number)
    if services.quotas_are_bound(found):
        return _bound_quotas(office, found)
    from_file = office.is_post and "quotas_file" in office.request.FILES
    form = QuotasForm(None if from_file else office.data, cycle=found, in_pool=pool_counts(found))
    file_form = QuotasFileForm(office.data if from_file else None, office.files if from_file else None)
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
        act=lambda _data: services.set_quotas(
            actor=office.actor, cycle=found, quotas=form.quotas(), limits=form.limits()
        ),
        done=lambda _made: _set(office, found),
        file_form=file_form,
        faults=loaded.faults,
        frozen=services.holds_a_draw(found),
    )


def _load(office: Office, cycle: Cycle, form: QuotasFileForm) -> None:
    with on_disk(form.cleaned_data["quotas_file"]) as path:
        table, limits = read_quotas(path, cycle)
    services.set_quotas(actor=office.actor, cycle=cycle, quotas=table, limits=limits)


# -- once people are invited ---------------------------------------------------------------------------


def _bound_quotas(office: Office, found: Cycle) -> HttpResponse:
    """Show the quotas under which people were invited, and the form that proposes others."""
    form = QuotasChangeForm(
        office.data,
        cycle=found,
        in_pool=pool_counts(found),
        languages=office.languages,
        instead=_way_asked_for(office, found),
    )
    frozen = services.holds_a_draw(found)
    waiting = changing.open_change(found)

    return act_on(
        office,
        found,
        form=form,
        template="quotas_bound",
        act=lambda data: changing.propose_quotas_change(
            actor=office.actor, cycle=found, quotas=form.flat(), reason=data["reason"]
        ),
        done=office.then(_("The change is proposed, in public. A colleague can make it now."), "quotas", found.number),
        frozen=frozen,
        waiting=None if waiting is None else change_in_words(waiting),
        mine=waiting is not None and office.actor.user is not None
        and waiting.proposed_by_id == office.actor.user.pk,
        earlier=[change_in_words(one) for one in found.quota_changes.order_by("-number") if not one.is_open],
        can_propose=not frozen and waiting is None,
        open_form=office.request.method == "POST" or "way" in office.request.GET,
    )  # fmt: skip


def _way_asked_for(office: Office, cycle: Cycle) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the numbers of the way out that somebody chose on the page that shows them, to begin from."""
    asked = office.request.GET.get("way", "")
    campaign = Campaign.objects.filter(cycle=cycle).current().first()
    if not asked.isdecimal() or campaign is None:
        return {}
    try:
        ways = recruitment.advise_on_quotas(actor=office.actor, campaign=campaign).all_ways
    except (IsegoriaError, ServiceError):
        return {}  # fewer people than seats: there is no way; the page that led here says so
    return ways[int(asked)].rows if int(asked) < len(ways) else {}


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def advice(office: Office, cycle: int) -> HttpResponse:
    """Say whether those who said yes so far hold a panel, which quotas stand in its way, and what could give way."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    if not services.quotas_are_bound(found):
        return office.to("quotas", found.number)
    try:
        advised = recruitment.advise_on_quotas(actor=office.actor, campaign=campaign)
    except IsegoriaError as error:
        return office.page("quotas_advice", found, faults=faults_of(error))
    except ServiceError as refusal:
        return office.page("quotas_advice", found, refusal=refusal)
    return office.page(
        "quotas_advice",
        found,
        advice=advised,
        homes=homes_in_words(state_of(found).yes, recruitment.count_sharing(campaign)),
        conflict=conflict_in_words(found, advised),
        ways=[way_in_words(found, way) for way in advised.ways],
        beyond=None if advised.beyond is None else way_in_words(found, advised.beyond),
        frozen=services.holds_a_draw(found),
    )


def _change_or_404(cycle: Cycle, number: int) -> QuotaChange:
    return get_object_or_404(
        cycle.quota_changes.select_related("cycle__institution"),
        number=number, confirmed_at__isnull=True, withdrawn_at__isnull=True,
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def change_confirm(office: Office, cycle: int, number: int) -> HttpResponse:
    """Make, as a second person, a change of the quotas that a colleague proposed."""
    found = office.cycle(cycle)
    change = _change_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Change the quotas, as the second person"),
            consequences=[
                _("The pool is drawn under the new quotas.")
                if change.repairs is None
                else _("The vacant seats are drawn under the new quotas."),
                _("The old ones, the new ones and the reason stay public."),
                _("The two of you answer for it together."),
            ],
            submit=_("Change the quotas"),
            facts={
                **{row.name: row.step for row in change_in_words(change).rows},
                _("Reason"): change.reason,
                _("Proposed on"): change.proposed_at,
            },
        ),
        act=lambda: (
            changing.confirm_quotas_change(actor=office.actor, change=change)
            if change.repairs is None
            else widening.widen_quotas(actor=office.actor, change=change)
        ),
        done=office.then(
            _("The quotas are changed. Everybody can read how, and why."), "quotas", found.number
        ),
        back=office.url("quotas", found.number),
    )


@for_office(Role.SECRETARIAT)
def change_withdraw(office: Office, cycle: int, number: int) -> HttpResponse:
    """Withdraw a change of the quotas that nobody has made."""
    found = office.cycle(cycle)
    change = _change_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Withdraw the proposal of other quotas"),
            consequences=[_("The quotas stay as they are. The proposal stays to be read in the journal.")],
            submit=_("Withdraw the proposal"),
            facts={row.name: row.step for row in change_in_words(change).rows},
            irreversible=False,
        ),
        act=lambda: changing.withdraw_quotas_change(actor=office.actor, change=change),
        done=office.then(
            _("The proposal is withdrawn. The quotas stay as they are."), "quotas", found.number
        ),
        back=office.url("quotas", found.number),
    )


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
