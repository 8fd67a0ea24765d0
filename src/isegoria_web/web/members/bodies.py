"""The room of a body: what its members decide between meetings. Who does not sit in it today finds no such page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from isegoria_web.ballots import policies, resolutions
from isegoria_web.ballots.enums import Choice, Matter
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import adopting, algorithms, judging
from isegoria_web.consultation.models import Theme
from isegoria_web.consultation.services import about
from isegoria_web.errors import ServiceError
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.followup.policies import following_body
from isegoria_web.followup.services import give_verdict
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.membership.policies import sitting_in_body
from isegoria_web.web import verdict_forms
from isegoria_web.web.access import required_actor
from isegoria_web.web.members.forms import LONGEST_TEXT, VerdictForm, WrittenForm
from isegoria_web.web.members.views import choice_page, for_members, own_page
from isegoria_web.web.places import Own
from isegoria_web.web.resolutions import line_of
from isegoria_web.web.rooms import Room, answered_for, rooms_of


class AdmitForm(verdict_forms.AdmitForm, WrittenForm):
    """Why a theme is admitted, if anything is to be said, and the last day to sign where the statute sets none."""

    reasons = forms.CharField(
        label=verdict_forms.WHAT_TO_SAY, required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["last_day", "reasons", "language"])


class RefuseForm(verdict_forms.RefuseForm, WrittenForm):
    """By which rule and why a theme is refused."""

    reasons = forms.CharField(
        label=verdict_forms.REASONS, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=verdict_forms.PUBLISHED,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["rule", "reasons", "language", "withhold_text"])


class QuestionForm(forms.Form):
    """The question of a mandate, in each language of the institution; as it is drafted to begin with."""

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        for code in cycle.institution.languages:
            self.fields[f"question_{code}"] = forms.CharField(
                label=_("The question to the citizens, in %(language)s") % {"language": _(names.get(code, code))},
                required=False, max_length=LONGEST_TEXT, initial=cycle.question.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
            )  # fmt: skip

    @property
    def question(self) -> dict[str, str]:
        """What was typed, by language."""
        return {name.removeprefix("question_"): text for name, text in self.cleaned_data.items()}


class VoiceForm(forms.Form):
    choice = forms.ChoiceField(
        label=gettext_lazy("What do you say?"), choices=Choice.choices, widget=forms.RadioSelect
    )


@for_members
@require_safe
def body(request: HttpRequest, institution: Institution, own: Own, body: str) -> HttpResponse:
    """Show what waits for the members of a body, what they are deciding, and what they decided."""
    room = _room_or_404(request, institution, body)
    past = institution.resolutions.over().filter(body=room.body).select_related("rule_book")[:10]
    under_way = institution.resolutions.open().filter(body=room.body).select_related("rule_book")
    return own_page(
        request, "body", institution, own, room=room,
        to_say=[line_of(each) for each in room.to_say],
        under_way=[line_of(each) for each in under_way.exclude(pk__in=[each.pk for each in room.to_say])],
        past=[line_of(each) for each in past],
    )  # fmt: skip


@for_members
@require_safe
def theme(request: HttpRequest, institution: Institution, own: Own, body: str, theme: int) -> HttpResponse:
    """Show a theme to those who judge it, with the rules by which they do."""
    room = _room_or_404(request, institution, body)
    one = _theme_or_404(room, theme)
    return own_page(
        request, "body_theme", institution, own, room=room, theme=one,
        rules=algorithms.refusing_rules(one.rule_book, get_language() or "en"),
        open=institution.resolutions.open().filter(about=about(one)).first(),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest, institution: Institution, own: Own, body: str, theme: int) -> HttpResponse:
    """Propose to admit a theme."""
    room = _room_or_404(request, institution, body)
    one = _theme_or_404(room, theme)
    form = AdmitForm(request.POST or None, theme=one)

    def propose(told: dict[str, Any]) -> Resolution:
        return judging.propose_admission(
            actor=required_actor(request), theme=one, last_day=told.get("last_day"),
            reasons={told["language"]: told["reasons"]},
        )  # fmt: skip

    return _proposed(request, own, form, propose) or own_page(
        request, "body_verdict", institution, own, room=room, theme=one, form=form, admits=True
    )


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, institution: Institution, own: Own, body: str, theme: int) -> HttpResponse:
    """Propose to refuse a theme, by a rule and with reasons."""
    room = _room_or_404(request, institution, body)
    one = _theme_or_404(room, theme)
    form = RefuseForm(request.POST or None, theme=one)

    def propose(told: dict[str, Any]) -> Resolution:
        return judging.propose_refusal(
            actor=required_actor(request), theme=one, rule=told["rule"],
            reasons={told["language"]: told["reasons"]}, withhold_text=told["withhold_text"],
        )  # fmt: skip

    return _proposed(request, own, form, propose) or own_page(
        request, "body_verdict", institution, own, room=room, theme=one, form=form, admits=False
    )


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def question(
    request: HttpRequest, institution: Institution, own: Own, body: str, cycle: int
) -> HttpResponse:
    """Propose the question of a mandate, as it is drafted or in other words."""
    room = _room_or_404(request, institution, body)
    found = next((each for each in [*room.questions, *room.signed] if each.number == cycle), None)
    if found is None:
        raise Http404
    form = QuestionForm(request.POST or None, cycle=found)

    def propose(_told: dict[str, Any]) -> Resolution:
        return adopting.propose_question(actor=required_actor(request), cycle=found, question=form.question)

    return _proposed(request, own, form, propose) or own_page(
        request, "body_question", institution, own, room=room, draft=found, form=form
    )


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def verdict(
    request: HttpRequest, institution: Institution, own: Own, body: str, cycle: int, number: int
) -> HttpResponse:
    """Say what she thinks of an answer, as a member of the body that follows up."""
    room = _room_or_404(request, institution, body)
    found = get_object_or_404(
        answered_for(room.body).select_related("cycle__body", "cycle__rule_book", "cycle__institution"),
        cycle__number=cycle, number=number,
    )  # fmt: skip
    if following_body(found.cycle) != room.body:
        raise Http404
    answer = found.answers.latest("number")
    given = answer.verdicts.filter(member=room.member).first()
    form = VerdictForm(
        request.POST or None, initial={"satisfaction": given.satisfaction} if given else None
    )
    if request.method == "POST" and form.is_valid():
        give_verdict(
            actor=required_actor(request), answer=answer,
            satisfaction=Satisfaction(form.cleaned_data["satisfaction"]),
        )  # fmt: skip
        messages.success(request, _("Thank you. Your verdict is counted; you can change it."))
        return redirect(own.address("members:body", institution.slug, room.body.key))
    return own_page(
        request, "verdict", institution, own, form=form, recommendation=found, answer=answer,
        version=found.versions.latest("number"), judge=None,
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def choice(
    request: HttpRequest, institution: Institution, own: Own, body: str, number: int
) -> HttpResponse:
    """Choose in secret between themes, as a member of this body."""
    room = _room_or_404(request, institution, body)
    return choice_page(request, institution, own.in_body(room.body), number)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def resolution(request: HttpRequest, institution: Institution, own: Own, number: int) -> HttpResponse:
    """Show what is proposed to a body, and take what one of its members says to it."""
    found = get_object_or_404(
        institution.resolutions.select_related("institution", "body", "rule_book"), number=number
    )
    if sitting_in_body(required_actor(request), found.body) is None:
        raise Http404
    form = VoiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        resolutions.speak(
            actor=required_actor(request), resolution=found, choice=Choice(form.cleaned_data["choice"])
        )
        return redirect(own.address("members:resolution", institution.slug, number))
    speaker = policies.speaker(required_actor(request), found)
    spoken = speaker is not None and found.voices.filter(member=speaker).exists()
    return own_page(
        request, "resolution", institution, own, line=line_of(found), resolution=found, form=form,
        question=found.terms.get("question", {}),
        theme=judging.theme_of(found) if found.matter in {Matter.ADMIT, Matter.REFUSE} else None,
        may_speak=speaker is not None and not spoken and not found.is_over, spoken=spoken,
    )  # fmt: skip


def _room_or_404(request: HttpRequest, institution: Institution, key: str) -> Room:
    rooms = rooms_of(required_actor(request), institution)
    room = next((each for each in rooms if each.body.key == key), None)
    if room is None:
        raise Http404
    return room


def _theme_or_404(room: Room, number: int) -> Theme:
    found = room.body.institution.themes.waiting().select_related("institution", "rule_book")
    one = get_object_or_404(found, number=number)
    if algorithms.judge(one.rule_book)[0] != room.body.key:
        raise Http404
    return one


def _proposed(
    request: HttpRequest,
    own: Own,
    form: forms.Form,
    propose: Callable[[dict[str, Any]], Resolution],
) -> HttpResponse | None:
    """Propose what a sent form asks for and lead to it; None where the form is to be shown, with what was refused."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        made = propose(form.cleaned_data)
    except ServiceError as refusal:
        form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
        return None
    messages.success(request, _("It is proposed. Say now whether you agree, like everybody else."))
    return redirect(own.address("members:resolution", made.institution.slug, made.number))
