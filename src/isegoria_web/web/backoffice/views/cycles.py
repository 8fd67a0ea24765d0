"""Opening a cycle, its page, the signature under its mandate, its stages."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import adopting
from isegoria_web.consultation.policies import adopting_body
from isegoria_web.institutions import moving, services
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.standing import standing_of
from isegoria_web.membership.algorithms import colleges_of
from isegoria_web.membership.policies import may_appoint
from isegoria_web.web.backoffice.forms.cycles import CycleForm, StageForm
from isegoria_web.web.backoffice.morning import lines_for, next_act
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office
from isegoria_web.web.backoffice.reading import pool_counts, pool_lines, renewed_if_dated, state_of
from isegoria_web.web.backoffice.steps import lacks_of, steps_of
from isegoria_web.web.backoffice.views.mandates import QuestionForm


@for_office(Role.SECRETARIAT)
def new(office: Office) -> HttpResponse:
    """Open a cycle with its mandate as a draft."""
    form = CycleForm(office.data, institution=office.institution)
    return act_on(
        office,
        None,
        form=form,
        template="cycle_new",
        act=lambda data: services.open_cycle(
            actor=office.actor,
            institution=office.institution,
            body=data["body"],
            title=data["title"],
            question=data["question"],
            scope=data["scope"],
            panel_size=data["panel_size"],
            alternates=data["alternates"],
            quorum_share=data["quorum_share"],
            promised_answer_days=data["promised_answer_days"],
            planned=form.planned(),
        ),
        done=lambda cycle: _opened(office, cycle),
    )


def _opened(office: Office, cycle: Cycle) -> HttpResponse:
    office.say(_("The cycle is open. The authority signs its mandate next."))
    return office.to("cycle", cycle.number)


@for_office(Role.SECRETARIAT, Role.FACILITATOR, Role.AUTHORITY, Role.EXPERT, methods=("GET", "HEAD"))
def cycle(office: Office, cycle: int) -> HttpResponse:
    """Show where a cycle stands, what comes next, and the way to every act in it."""
    found = office.cycle(cycle)
    state = state_of(found)
    task = next_act(state, office.role)
    standing = standing_of(found)
    body = renewed_if_dated(found) if state.campaign and office.has(Role.SECRETARIAT) else None
    return office.page(
        "cycle",
        found,
        state=state,
        standing=standing,
        lacks=lacks_of(found, standing, office.role),
        next=task,
        next_url=task.url(office.institution.slug) if task else "",
        next_mine=task is not None and bool(task.roles & office.role),
        next_who=", ".join(str(role.label) for role in sorted(task.roles)) if task else "",
        next_days=task.days(office.today()) if task else 0,
        lines=lines_for([state], office.role, office.actor.user, office.today()),
        appoints=may_appoint(office.actor, found) and bool(colleges_of(found)),
        body=body,
        pool=pool_lines(state.features, pool_counts(found), body) if office.has(Role.SECRETARIAT) else [],
    )


@for_office(Role.AUTHORITY, Role.SECRETARIAT)
def mandate(office: Office, cycle: int) -> HttpResponse:
    """Sign the mandate as it stands; to the secretariat it shows what is to be signed."""
    found = office.cycle(cycle)
    if office.is_post and office.request.POST.get("confirmed") == "yes":
        services.sign_mandate(actor=office.actor, cycle=found)
        office.say(_("The mandate is signed. People can be invited now."))
        return office.to("cycle", found.number)
    signed, put = found.mandate_signed_at is not None, office.request.POST.get("put") == "yes"
    form = QuestionForm(
        office.data if put else None, languages=office.languages, initial={"question": found.question}
    )
    if office.is_post and put and (not signed or form.is_valid()):
        question = form.cleaned_data["question"] if signed else found.question
        adopting.propose_question(actor=office.actor, cycle=found, question=question)
        office.say(_("It is proposed to the members of the body."))
        return office.to("mandate", found.number)
    return office.page(
        "mandate",
        found,
        adopter=adopting_body(found),
        form=form,
        adopted=adopting.adopted_by(found),
        open=office.institution.resolutions.open().filter(about=adopting.about(found)).first(),
        status=422 if office.is_post else 200,
    )


@for_office(Role.SECRETARIAT, Role.AUTHORITY)
def stage(office: Office, cycle: int) -> HttpResponse:
    """Show where a cycle stands, what its next step lacks, and take the steps that no other act takes."""
    found = office.cycle(cycle)
    standing = standing_of(found)
    return act_on(
        office,
        found,
        form=StageForm(office.data, cycle=found),
        act=lambda data: moving.advance(actor=office.actor, cycle=found, to=Stage(data["to"])),
        done=office.then(_("The cycle has moved on."), "cycle", found.number),
        template="stage",
        caution=lambda data: Caution(
            title=_("Begin “%(stage)s”?") % {"stage": Stage(data["to"]).label},
            consequences=[
                _("Everybody sees the new stage on the public page, with today's date."),
                _("A cycle never goes back to an earlier stage."),
            ],
            submit=_("Move the cycle on"),
        ),
        steps=steps_of(found, office.role),
        standing=standing,
        lacks=lacks_of(found, standing, office.role),
    )
