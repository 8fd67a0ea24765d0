"""The draw of the panel: pool closed, lottery committed, panel drawn, draw annulled."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import jobs, services
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.models import Draw
from isegoria_web.recruitment import services as recruitment
from isegoria_web.web.backoffice.errors import WrongSecondPerson
from isegoria_web.web.backoffice.forms.drawing import AnnulForm
from isegoria_web.web.backoffice.forms.recruiting import RandomnessForm, SourceForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.reading import pool_counts, pool_lines, state_of
from isegoria_web.web.backoffice.views.letters import campaign_or_404, randomness_caution

AT_ONCE = 600
"""Entries of a pool up to which the lottery is computed while the person waits."""


def panel_draw_or_404(cycle: Cycle) -> Draw:
    """Return the draw of the panel that counts."""
    found = Draw.objects.filter(cycle=cycle).of_panel().valid()
    draw = found.select_related("pool", "cycle__institution").first()
    if draw is None:
        raise Http404
    return draw


@for_office(Role.SECRETARIAT)
def pool(office: Office, cycle: int) -> HttpResponse:
    """Close the answers and freeze the pool, with the public randomness that is to decide."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    state = state_of(found)

    def closed(_made: object) -> HttpResponse:
        office.say(_("The pool is frozen. Compute and commit the lottery next."))
        return office.to("lottery", found.number)

    return act_on(
        office,
        found,
        form=SourceForm(office.data, languages=office.languages),
        template="pool",
        act=lambda data: recruitment.close_pool(
            actor=office.actor,
            campaign=campaign,
            source=data["source"],
            source_due_at=data["source_due_at"],
        ),
        done=closed,
        caution=lambda data: Caution(
            title=_("Close the pool with %(count)d people?") % {"count": state.yes},
            consequences=[
                _("Nobody can answer a letter any more, and nobody can change an answer."),
                _("The quotas are fixed. The hash of the pool is published."),
            ],
            submit=_("Close the pool"),
            facts={
                _("Public randomness"): data["source"],
                _("It takes place on"): data["source_due_at"],
            },
        ),
        campaign=campaign,
        state=state,
        features=pool_lines(state.features, pool_counts(found)),
    )


@for_office(Role.SECRETARIAT)
def lottery(office: Office, cycle: int) -> HttpResponse:
    """Compute the fairest lottery and publish it before the randomness exists."""
    found = office.cycle(cycle)
    draw = panel_draw_or_404(found)
    if draw.status != DrawStatus.ANNOUNCED:
        return office.to("draws", found.number)

    def committed(at_once: bool) -> HttpResponse:  # noqa: FBT001  # what the act below returned
        office.say(
            _("The lottery is computed and committed.")
            if at_once
            else _("The lottery is being computed. Its commitment appears here when it is ready.")
        )
        return office.to("draws", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Compute and commit the lottery"),
            consequences=[
                _("Everybody's chance is computed, as equal as the quotas allow, with a proof."),
                _("The commitment is published. Nothing in it can be changed afterwards."),
                _("The panel itself is decided by the public randomness, which does not exist yet."),
            ],
            submit=_("Compute and commit"),
            facts={
                _("People in the pool"): draw.pool.size,
                _("Seats"): draw.size,
                _("Alternates"): draw.alternates,
                _("Public randomness"): draw.source,
                _("It takes place on"): draw.source_due_at,
            },
        ),
        act=lambda: _commit(office, draw),
        done=committed,
        back=office.url("cycle", found.number),
    )


def _commit(office: Office, draw: Draw) -> bool:
    if draw.pool.size > AT_ONCE and office.actor.user is not None:
        jobs.commit_lottery_later(actor=office.actor, draw=draw, user=office.actor.user)
        return False
    services.commit_lottery(actor=office.actor, draw=draw)
    return True


@for_office(Role.SECRETARIAT)
def panel(office: Office, cycle: int) -> HttpResponse:
    """Enter what was thrown in public; the panel follows from it."""
    found = office.cycle(cycle)
    draw = panel_draw_or_404(found)
    if draw.status == DrawStatus.ANNOUNCED:
        return office.to("lottery", found.number)
    if draw.status == DrawStatus.DRAWN:
        return office.to("draws", found.number)

    def drawn(_made: object) -> HttpResponse:
        office.say(_("The panel is drawn by lot. Offer the seats next."))
        return office.to("seats", found.number)

    return act_on(
        office,
        found,
        form=RandomnessForm(office.data),
        template="randomness",
        act=lambda data: services.draw_panel(
            actor=office.actor, draw=draw, source_value=data["source_value"]
        ),
        done=drawn,
        caution=lambda data: randomness_caution(data["source_value"], _("Draw the panel")),
        draw=draw,
        heading=_("Draw %(count)d members by lot") % {"count": draw.size},
        back=office.url("cycle", found.number),
    )


@for_office(Role.SECRETARIAT, Role.OBSERVER, methods=("GET", "HEAD"))
def draws(office: Office, cycle: int) -> HttpResponse:
    """Show the draws of a cycle and their records; no name stands here."""
    found = office.cycle(cycle)
    listed = found.draws.select_related("record", "pool").order_by("-number")
    return office.page("draws", found, draws=listed)


@for_office(Role.SECRETARIAT)
def annul(office: Office, cycle: int, number: int) -> HttpResponse:
    """Annul a draw, by two people, with a public reason."""
    found = office.cycle(cycle)
    draw = get_object_or_404(
        found.draws.exclude(status=DrawStatus.ANNULLED).select_related("cycle__institution"), number=number
    )
    form = AnnulForm(office.data, languages=office.languages)

    def act(data: dict[str, object]) -> Draw:
        second = _second_person(office, str(data["second_email"]), str(data["second_password"]))
        return services.annul_draw(
            actor=office.actor, second_actor=second, draw=draw, reason=form.cleaned_data["reason"]
        )

    def annulled(_made: object) -> HttpResponse:
        office.say(_("The draw is annulled. Everybody can read why."))
        return office.to("draws", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="annul",
        act=act,
        done=annulled,
        draw=draw,
        back=office.url("draws", found.number),
    )


def _second_person(office: Office, email: str, password: str) -> Actor:
    """Return the colleague who typed her password; wrong tries are counted as at the sign-in."""
    try:
        user = get_adapter(office.request).authenticate(office.request, email=email, password=password)
    except ValidationError as error:
        raise WrongSecondPerson from error
    second = Actor.of(user)
    alone = second is None or second.user == office.actor.user
    if second is None or alone or not second.has_role(office.institution, Role.SECRETARIAT):
        raise WrongSecondPerson
    return second
