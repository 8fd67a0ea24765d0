"""The draw of the panel and the ceremony around every draw: randomness, objections, annulment, tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import algorithms, ceremony, disclosing, jobs, services, stamps
from isegoria_web.lottery.enums import DrawStatus, SourceKind
from isegoria_web.lottery.models import Annulment, Draw, Objection, RandomSource
from isegoria_web.membership import rotating
from isegoria_web.recruitment import services as recruitment
from isegoria_web.recruitment.models import Campaign
from isegoria_web.web.backoffice.forms.drawing import (
    AnnulForm,
    BeaconForm,
    ObjectionForm,
    ReadingForm,
    RevealForm,
    StampForm,
)
from isegoria_web.web.backoffice.forms.recruiting import SourceForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office, is_confirmed
from isegoria_web.web.backoffice.reading import pool_counts, pool_lines, renewed_in, state_of
from isegoria_web.web.backoffice.views.letters import campaign_or_404, drawing_caution
from isegoria_web.web.ceremony import source_state
from isegoria_web.web.homes import homes_in_words

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
    rotation = _rotation_of(found)

    return act_on(
        office,
        found,
        form=SourceForm(office.data, languages=office.languages),
        template="pool",
        act=lambda data: recruitment.close_pool(
            actor=office.actor,
            campaign=campaign,
            **data,
        ),
        done=office.then(
            _("The pool is frozen. Compute and commit the lottery next."), "lottery", found.number
        ),
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
        **rotation,
        seats=found.panel_size - (rotation["body"].seated if rotation["body"] else 0),
        homes="" if state.panel_draw else _homes_in_words(office, found, campaign, state.yes),
        features=pool_lines(state.features, pool_counts(found), rotation["body"]),
    )


def _rotation_of(cycle: Cycle) -> dict[str, Any]:
    """Return the rotation for which a cycle draws, or why it cannot."""
    try:
        body = renewed_in(cycle)
    except ServiceError as refusal:
        return {"body": None, "plan": None, "undated": refusal}
    return {"body": body, "plan": None if body is None else body.plan, "undated": None}


def _homes_in_words(office: Office, cycle: Cycle, campaign: Campaign, people: int) -> str:
    """Return how many of those who said yes live together, and what follows for the draw."""
    try:
        body = rotating.standing(office.actor, cycle)
    except ServiceError:
        return ""  # the page says why the pool cannot be closed at all
    sharing = recruitment.count_sharing(campaign)
    return homes_in_words(
        people,
        sharing,
        kept_apart=services.takes_homes(
            cycle, vacant=body is not None, promised=body is not None and body.sealed
        ),
    )


@for_office(Role.SECRETARIAT)
def lottery(office: Office, cycle: int) -> HttpResponse:
    """Compute the fairest lottery and publish it before the randomness exists."""
    found = office.cycle(cycle)
    draw = panel_draw_or_404(found)
    if draw.status != DrawStatus.ANNOUNCED:
        return office.to("draws", found.number)
    return commit(office, found, draw)


def commit(office: Office, found: Cycle, draw: Draw) -> HttpResponse:
    """Ask whether a lottery is to be computed and published, and do it."""

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
                _("Who is drawn is decided by the public randomness, which does not exist yet."),
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
    """Draw the panel, once the public randomness is known; until then, lead to where it is written down."""
    found = office.cycle(cycle)
    draw = panel_draw_or_404(found)
    if draw.status == DrawStatus.ANNOUNCED:
        return office.to("lottery", found.number)
    if draw.is_drawn:
        return office.to("draws", found.number)
    if draw.sources.filter(value="").exists():
        return office.to("randomness", found.number, draw.number)

    return decide_on(
        office,
        found,
        caution=drawing_caution(draw, _("Draw %(count)d members by lot") % {"count": draw.size}),
        act=lambda: services.draw_panel(actor=office.actor, draw=draw),
        done=office.then(
            _("The panel is drawn by lot. Objections can be raised now; then the seats are offered."),
            "draws",
            found.number,
        ),
        back=office.url("cycle", found.number),
    )


@for_office(Role.SECRETARIAT, Role.OBSERVER, methods=("GET", "HEAD"))
def draws(office: Office, cycle: int) -> HttpResponse:
    """Show the draws of a cycle and their records; no name stands here."""
    found = office.cycle(cycle)
    listed = found.draws.select_related("record", "pool").prefetch_related(
        "sources", "annulments", "objections"
    )
    campaign = Campaign.objects.filter(cycle=found).current().first()
    return office.page(
        "draws",
        found,
        draws=listed.order_by("-number"),
        tests=found.test_draws.order_by("-number"),
        can_test=campaign is not None and office.has(Role.SECRETARIAT),
    )


# -- the randomness --------------------------------------------------------------------------------------


def draw_or_404(cycle: Cycle, number: int) -> Draw:
    """Return a draw of a cycle by its number."""
    return get_object_or_404(cycle.draws.select_related("cycle__institution"), number=number)


@for_office(Role.SECRETARIAT, Role.OBSERVER, methods=("GET", "HEAD"))
def randomness(office: Office, cycle: int, number: int) -> HttpResponse:
    """Show each source of a draw: what is known of it, who still has to write it down, what differs."""
    found = office.cycle(cycle)
    draw = draw_or_404(found, number)
    sources = list(draw.sources.prefetch_related("readings", "reveals"))
    return office.page("randomness", found, draw=draw, sources=[source_state(each) for each in sources])


@for_office(Role.SECRETARIAT, Role.OBSERVER)
def source(office: Office, cycle: int, number: int, position: int) -> HttpResponse:
    """Write down what was thrown, bring the beacon's signature, or reveal a party's secret."""
    found = office.cycle(cycle)
    draw = draw_or_404(found, number)
    one = get_object_or_404(
        RandomSource.objects.select_related("draw__cycle__institution"), draw=draw, position=position
    )
    form, act = _way_of(office, one)

    def done(_made: object) -> HttpResponse:
        office.say(_("It is written down."))
        return office.to("randomness", found.number, draw.number)

    return act_on(
        office,
        found,
        form=form,
        template="source",
        act=act,
        done=done,
        draw=draw,
        source=source_state(one),
        back=office.url("randomness", found.number, draw.number),
    )


def _way_of(office: Office, one: RandomSource) -> tuple[forms.Form, Callable[[dict[str, Any]], object]]:
    """Return the form that fits a source, and the verb behind it."""
    if one.kind == SourceKind.BEACON:
        return BeaconForm(office.data, office.files), lambda data: ceremony.enter_beacon(
            actor=office.actor, source=one, signature=data["signature"]
        )
    if one.kind == SourceKind.REVEAL:
        parties = [each["party"] for each in one.parties]
        return RevealForm(office.data, parties=parties), lambda data: ceremony.enter_reveal(
            actor=office.actor, source=one, party=data["party"], secret=data["secret"]
        )
    return ReadingForm(office.data), lambda data: ceremony.enter_reading(
        actor=office.actor, source=one, **data
    )


@for_office(Role.OBSERVER)
def seals(office: Office, cycle: int, number: int) -> HttpResponse:
    """Give a sworn observer the file that opens a sealed draw; the journal says that it was taken."""
    found = office.cycle(cycle)
    draw = draw_or_404(found, number)
    file = f"{office.institution.slug}-{found.number}-{draw.number}"
    back = office.url("draws", found.number)
    if not draw.is_sealed:
        return office.page("seals", found, caution=None, back=back)
    if is_confirmed(office):
        opening = disclosing.give_observers_file(actor=office.actor, draw=draw)
        response = HttpResponse(algorithms.dump(opening), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{file}-observers.json"'
        return response
    caution = Caution(
        title=_("Take the file that opens this sealed draw"),
        consequences=[
            _("It shows the features behind every code. It is for you alone: you are sworn to keep it."),
            _("The journal says in public that an observer took it, and when; not who."),
            _("With it you check what strangers cannot: the quotas exactly, and the proof of fairness."),
            _("Check: isegoria proof verify %(file)s.json --observers %(file)s-observers.json")
            % {"file": file},
        ],
        submit=_("Take the file"),
        irreversible=False,
    )
    return office.page("seals", found, caution=caution, back=back, status=422 if office.is_post else 200)


@for_office(Role.SECRETARIAT, Role.OBSERVER)
def stamp(office: Office, cycle: int, number: int) -> HttpResponse:
    """Attach a time stamp of somebody else to a commitment."""
    found = office.cycle(cycle)
    draw = draw_or_404(found, number)
    if draw.status == DrawStatus.ANNOUNCED:
        raise Http404

    return act_on(
        office,
        found,
        form=StampForm(office.data, office.files),
        template="stamp",
        act=lambda data: stamps.attach_time_stamp(
            actor=office.actor, draw=draw, content=data["file"].read(stamps.LARGEST_RECEIPT + 1)
        ),
        done=office.then(
            _("The receipt fits. It is attached and public."), "randomness", found.number, draw.number
        ),
        draw=draw,
        back=office.url("randomness", found.number, draw.number),
    )


# -- annulment, objections, tests ------------------------------------------------------------------------


@for_office(Role.SECRETARIAT)
def annul(office: Office, cycle: int, number: int) -> HttpResponse:
    """Propose to annul a draw, with a public reason."""
    found = office.cycle(cycle)
    draw = get_object_or_404(
        found.draws.exclude(status__in=[DrawStatus.ANNULLED, DrawStatus.FINAL]).select_related(
            "cycle__institution"
        ),
        number=number,
    )

    return act_on(
        office,
        found,
        form=AnnulForm(office.data, languages=office.languages),
        template="annul",
        act=lambda data: ceremony.propose_annulment(actor=office.actor, draw=draw, reason=data["reason"]),
        done=office.then(
            _("The annulment is proposed, in public. A colleague can confirm it now."),
            "draws",
            found.number,
        ),
        draw=draw,
        back=office.url("draws", found.number),
    )


def _annulment_or_404(cycle: Cycle, number: int) -> Annulment:
    open_ones = Annulment.objects.filter(confirmed_at__isnull=True, withdrawn_at__isnull=True)
    found = open_ones.select_related("draw__cycle__institution")
    return get_object_or_404(found, draw__cycle=cycle, draw__number=number)


@for_office(Role.SECRETARIAT)
def annul_confirm(office: Office, cycle: int, number: int) -> HttpResponse:
    """Confirm, as a second person, that a draw is annulled."""
    found = office.cycle(cycle)
    annulment = _annulment_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Annul the draw, as the second person"),
            consequences=[
                _("The draw is void. It stays public, with the reason."),
                _("Only then another draw can be announced."),
                _("The two of you answer for it together."),
            ],
            submit=_("Annul the draw"),
            facts={
                _("Draw"): annulment.draw.get_kind_display(),
                _("Reason"): annulment.reason,
                _("Proposed on"): annulment.proposed_at,
            },
        ),
        act=lambda: ceremony.confirm_annulment(actor=office.actor, annulment=annulment),
        done=office.then(_("The draw is annulled. Everybody can read why."), "draws", found.number),
        back=office.url("draws", found.number),
    )


@for_office(Role.SECRETARIAT)
def annul_withdraw(office: Office, cycle: int, number: int) -> HttpResponse:
    """Withdraw the proposal to annul a draw."""
    found = office.cycle(cycle)
    annulment = _annulment_or_404(found, number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Withdraw the proposal to annul the draw"),
            consequences=[_("The draw counts as before. The proposal stays to be read in the journal.")],
            submit=_("Withdraw the proposal"),
            facts={_("Reason"): annulment.reason},
        ),
        act=lambda: ceremony.withdraw_annulment(actor=office.actor, annulment=annulment),
        done=office.then(_("The proposal is withdrawn. The draw counts."), "draws", found.number),
        back=office.url("draws", found.number),
    )


@for_office(Role.SECRETARIAT)
def objection(office: Office, cycle: int, number: int, objection: int) -> HttpResponse:
    """Read an objection and answer it in public."""
    found = office.cycle(cycle)
    every = Objection.objects.select_related("draw__cycle__institution")
    one = get_object_or_404(every, draw__cycle=found, draw__number=number, number=objection)

    return act_on(
        office,
        found,
        form=ObjectionForm(office.data, languages=office.languages),
        template="objection",
        act=lambda data: ceremony.answer_objection(actor=office.actor, objection=one, **data),
        done=office.then(_("The answer is published."), "draws", found.number),
        objection=one,
        back=office.url("draws", found.number),
    )


@for_office(Role.SECRETARIAT)
def test(office: Office, cycle: int) -> HttpResponse:
    """Make a TEST draw, which counts for nothing."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("TEST: try out the draw"),
            consequences=[
                _("The software draws among those who have said yes so far, under made-up codes."),
                _("Nobody's state changes. No letter and no seat follows from it."),
                _("The journal says in public that a TEST was made, and how many there were."),
                _("A TEST can never be published as a draw, nor become one."),
            ],
            submit=_("Make a TEST draw"),
            irreversible=False,
        ),
        act=lambda: recruitment.test_draw(actor=office.actor, campaign=campaign),
        done=office.then(
            _("The TEST is made. It counts for nothing; it stands below."), "draws", found.number
        ),
        back=office.url("draws", found.number),
    )
