"""Dossiers, speakers with their interests, members' questions and the replies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.evidence import policies, services
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus
from isegoria_web.evidence.models import Dossier, Question
from isegoria_web.web.backoffice.forms.knowing import DossierForm, ReplyForm, SpeakerForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def evidence(office: Office, cycle: int) -> HttpResponse:
    """Show what the members are given: dossiers and speakers."""
    found = office.cycle(cycle)
    return office.page(
        "evidence",
        found,
        dossiers=found.dossiers.prefetch_related("evidence").order_by("number"),
        speakers=found.speakers.select_related("user").order_by("name"),
    )


@for_office(Role.SECRETARIAT)
def dossier(office: Office, cycle: int) -> HttpResponse:
    """Publish a dossier with its evidence."""
    found = office.cycle(cycle)
    form = DossierForm(office.data, cycle=found)

    def published(made: Dossier) -> HttpResponse:
        office.say(_("Dossier %(number)d is public.") % {"number": made.number})
        return office.to("evidence", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="dossier_new",
        act=lambda data: services.publish_dossier(
            actor=office.actor,
            cycle=found,
            title=data["title"],
            introduction=data["introduction"],
            evidence=form.evidence(),
        ),
        done=published,
        caution=lambda data: Caution(
            title=_("Publish this dossier?"),
            consequences=[
                _("Members and public read it at once, in all languages that you gave."),
                _("A published dossier is not changed; you can add another."),
            ],
            submit=_("Publish the dossier"),
            facts={_("Title"): data["title"], _("Pieces of evidence"): len(form.evidence())},
        ),
        back=office.url("evidence", found.number),
    )


@for_office(Role.SECRETARIAT)
def speaker(office: Office, cycle: int) -> HttpResponse:
    """Invite a speaker, with interests declared before she speaks."""
    found = office.cycle(cycle)
    experts = User.objects.filter(
        grants__institution=office.institution, grants__role=Role.EXPERT, grants__valid_until__isnull=True,
        is_active=True,
    ).distinct()  # fmt: skip
    form = SpeakerForm(office.data, languages=office.languages, experts=experts.order_by("name"))

    def invited(_made: object) -> HttpResponse:
        office.say(_("The speaker and the declared interests are public."))
        return office.to("evidence", found.number)

    return act_on(
        office,
        found,
        form=form,
        act=lambda data: services.invite_speaker(
            actor=office.actor,
            cycle=found,
            name=data["name"],
            role=data["role"],
            chosen_by=ChosenBy(data["chosen_by"]),
            interests=data["interests"],
            user=data["user"],
        ),
        done=invited,
        heading=_("Invite a speaker"),
        lead=_("Name, house and interests are public before she speaks."),
        submit=_("Invite the speaker"),
        back=office.url("evidence", found.number),
    )


@for_office(Role.SECRETARIAT, Role.EXPERT, methods=("GET", "HEAD"))
def questions(office: Office, cycle: int) -> HttpResponse:
    """List the members' questions; an expert sees those that ask her."""
    found = office.cycle(cycle)
    listed = found.questions.select_related("speaker", "replied_by").order_by("-status", "due_on", "pk")
    if not office.has(Role.SECRETARIAT):
        listed = listed.visible().filter(speaker__user=office.actor.user)
    mine = found.speakers.filter(user=office.actor.user) if office.has(Role.EXPERT) else []
    return office.page("questions", found, questions=listed, mine=mine)


@for_office(Role.SECRETARIAT, Role.EXPERT)
def reply(office: Office, cycle: int, question: UUID) -> HttpResponse:
    """Answer a member's question, in public."""
    found = office.cycle(cycle)
    asked = get_object_or_404(
        Question.objects.select_related("cycle__institution", "speaker", "replied_by"),
        cycle=found,
        public_id=question,
    )
    if not policies.may_reply(office.actor, asked):
        raise Http404
    if asked.status == QuestionStatus.ANSWERED and not office.is_post:
        return office.to("questions", found.number)

    def replied(_made: object) -> HttpResponse:
        office.say(_("The answer is public."))
        return office.to("questions", found.number)

    def act(data: dict[str, Any]) -> Question:
        return services.reply(
            actor=office.actor, question=asked, text=data["text"], language=data["language"]
        )

    return act_on(
        office,
        found,
        form=ReplyForm(office.data, languages=office.languages),
        template="reply",
        act=act,
        done=replied,
        question=asked,
        back=office.url("questions", found.number),
    )
