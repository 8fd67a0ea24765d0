"""Dossiers, speakers with their interests, members' questions and the replies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import User
from isegoria_web.evidence import policies, services
from isegoria_web.evidence.enums import ChosenBy, QuestionStatus, Stance
from isegoria_web.evidence.models import Dossier, Question, Speaker, SpeakerRequest
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.forms.knowing import (
    AppearanceForm,
    DossierForm,
    InterestsForm,
    MergeForm,
    ReplyForm,
    RequestAnswerForm,
    RevisionForm,
    SpeakerForm,
)
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def evidence(office: Office, cycle: int) -> HttpResponse:
    """Show what the members are given: dossiers and speakers."""
    found = office.cycle(cycle)
    return office.page(
        "evidence",
        found,
        dossiers=found.dossiers.prefetch_related("evidence").order_by("number"),
        speakers=found.speakers.select_related("user")
        .prefetch_related("appearances__meeting")
        .order_by("name"),
        wishes=found.speaker_requests.annotate(shared=Count("supporters")).order_by("status", "asked_at"),
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
                _("It can be revised; every version that was published stays readable, word for word."),
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
        done=office.then(_("The speaker and the declared interests are public."), "evidence", found.number),
        heading=_("Invite a speaker"),
        lead=_("Name, house and interests are public before she speaks."),
        submit=_("Invite the speaker"),
        back=office.url("evidence", found.number),
    )


@for_office(Role.SECRETARIAT)
def revise(office: Office, cycle: int, dossier: int) -> HttpResponse:
    """Publish a new version of a dossier; the earlier ones stay."""
    found = office.cycle(cycle)
    one = get_object_or_404(found.dossiers.select_related("cycle__institution"), number=dossier)
    form = RevisionForm(office.data, dossier=one)

    def published(made: Dossier) -> HttpResponse:
        office.say(_("Version %(number)d of the dossier is public.") % {"number": made.version})
        return office.to("evidence", found.number)

    return act_on(
        office,
        found,
        form=form,
        template="dossier_new",
        act=lambda data: services.revise_dossier(
            actor=office.actor,
            dossier=one,
            title=data["title"],
            introduction=data["introduction"],
            evidence=form.evidence(),
            changes=data["changes"],
        ),
        done=published,
        caution=lambda data: Caution(
            title=_("Publish version %(number)d of this dossier?") % {"number": one.version + 1},
            consequences=[
                _("Members and public read it at once."),
                _("The earlier version stays readable, with what changed word by word."),
            ],
            submit=_("Publish the version"),
            facts={_("What is new"): data["changes"], _("Pieces of evidence"): len(form.evidence())},
        ),
        back=office.url("evidence", found.number),
    )


def _speaker_or_404(cycle: Cycle, speaker: UUID) -> Speaker:
    return get_object_or_404(
        Speaker.objects.select_related("cycle__institution"), cycle=cycle, public_id=speaker
    )


@for_office(Role.SECRETARIAT)
def announce(office: Office, cycle: int, speaker: UUID) -> HttpResponse:
    """Put a speaker on the programme of a meeting that lies ahead."""
    found = office.cycle(cycle)
    one = _speaker_or_404(found, speaker)

    ahead = found.meetings.filter(starts_at__gt=clock.now()).order_by("number")
    return act_on(
        office,
        found,
        form=AppearanceForm(office.data, meetings=ahead),
        act=lambda data: services.announce_speaker(
            actor=office.actor, speaker=one, meeting=data["meeting"], stance=Stance(data["stance"])
        ),
        done=office.then(
            _("The public sees when she speaks, on which side, and what she declared."),
            "evidence",
            found.number,
        ),
        heading=_("When does %(name)s speak?") % {"name": one.name},
        lead=_("Only meetings that lie ahead: interests are shown before somebody speaks."),
        submit=_("Put on the programme"),
        back=office.url("evidence", found.number),
    )


@for_office(Role.SECRETARIAT, Role.EXPERT)
def interests(office: Office, cycle: int, speaker: UUID) -> HttpResponse:
    """Declare interests anew; the expert herself, or the secretariat for her."""
    found = office.cycle(cycle)
    one = _speaker_or_404(found, speaker)
    if not policies.may_declare_interests(office.actor, one):
        raise Http404

    return act_on(
        office,
        found,
        form=InterestsForm(office.data, languages=office.languages, initial={"interests": one.interests}),
        act=lambda data: services.declare_interests(
            actor=office.actor, speaker=one, interests=data["interests"]
        ),
        done=office.then(
            _("The declaration is public. The earlier one stays readable."),
            "questions" if not office.has(Role.SECRETARIAT) else "evidence",
            found.number,
        ),
        heading=_("What touches the question?"),
        lead=_("Income, offices, memberships. The public reads it before %(name)s speaks.")
        % {"name": one.name},
        submit=_("Declare"),
        back=office.url("questions" if not office.has(Role.SECRETARIAT) else "evidence", found.number),
    )


@for_office(Role.SECRETARIAT)
def wish(office: Office, cycle: int, wish: UUID) -> HttpResponse:
    """Answer the members' wish for a speaker."""
    found = office.cycle(cycle)
    one = get_object_or_404(
        SpeakerRequest.objects.select_related("cycle__institution"), cycle=found, public_id=wish
    )

    return act_on(
        office,
        found,
        form=RequestAnswerForm(
            office.data, languages=office.languages, speakers=found.speakers.order_by("name")
        ),
        act=lambda data: services.answer_request(
            actor=office.actor, request=one, speaker=data["speaker"], answer=data["answer"] or {}
        ),
        done=office.then(_("The answer is public."), "evidence", found.number),
        heading=_("Whom the members want to hear"),
        lead=one.text,
        submit=_("Publish the answer"),
        back=office.url("evidence", found.number),
    )


@for_office(Role.SECRETARIAT)
def merge(office: Office, cycle: int, question: UUID) -> HttpResponse:
    """Put questions together that ask the same; every author stays."""
    found = office.cycle(cycle)
    open_ = (
        found.questions.leading().filter(status=QuestionStatus.OPEN).select_related("cycle__institution")
    )
    one = get_object_or_404(open_, public_id=question)

    return act_on(
        office,
        found,
        form=MergeForm(office.data, others=open_.exclude(pk=one.pk).order_by("asked_at", "pk")),
        act=lambda data: services.merge_questions(
            actor=office.actor, question=one, others=list(data["others"])
        ),
        done=office.then(
            _("The questions are together. One answer goes to all who asked."), "questions", found.number
        ),
        heading=_("Which questions ask the same?"),
        lead=one.text,
        submit=_("Put them together"),
        back=office.url("questions", found.number),
    )


@for_office(Role.SECRETARIAT, Role.EXPERT, methods=("GET", "HEAD"))
def questions(office: Office, cycle: int) -> HttpResponse:
    """List the members' questions; an expert sees those that ask her."""
    found = office.cycle(cycle)
    listed = (
        found.questions.leading().select_related("speaker", "replied_by").annotate(others=Count("merged"))
    )
    listed = listed.order_by("-status", "due_on", "pk")
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
        done=office.then(_("The answer is public."), "questions", found.number),
        question=asked,
        back=office.url("questions", found.number),
    )
