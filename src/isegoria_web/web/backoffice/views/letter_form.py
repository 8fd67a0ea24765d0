"""The form of the letter, put together by the secretariat."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import UNDISCLOSED, Feature
from isegoria_web.lottery.services import mark_sensitive
from isegoria_web.recruitment import letter_form as services
from isegoria_web.recruitment import letter_languages, sentence_versions
from isegoria_web.recruitment.models import FormField
from isegoria_web.web import speaking
from isegoria_web.web.backoffice.forms.letter_form import FieldForm
from isegoria_web.web.backoffice.forms.recruiting import PreviewForm
from isegoria_web.web.backoffice.office import Office, act_on, for_office


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def form(office: Office, cycle: int) -> HttpResponse:
    """Show what the letter asks, in its order, and which answers feed the draw."""
    found = office.cycle(cycle)
    features = Feature.objects.filter(cycle=found).prefetch_related("values")
    return office.page(
        "letter_form",
        found,
        features=[
            (each, [value for value in each.values.all() if value.key != UNDISCLOSED]) for each in features
        ],
        fields=list(FormField.objects.filter(cycle=found)),
        frozen=services.is_frozen(found),
        invited=found.stage != Stage.MANDATE,
    )


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def preview(office: Office, cycle: int) -> HttpResponse:
    """Show the form as its reader sees it, in one of the languages; nothing can be sent."""
    found = office.cycle(cycle)
    wanted = office.request.GET.get("language", "")
    spoken = letter_languages.spoken(found)
    language = wanted if wanted in spoken else office.languages[0]
    read = letter_languages.reading(found, language)
    newest = sentence_versions.newest(office.institution, language) if read.is_further else None
    with override(read.fixed), ExitStack() as stack:
        if read.is_further:
            stack.enter_context(speaking.spoken(language, read.fixed, newest.texts if newest else {}))
        form = PreviewForm(cycle=found, known={}, reading=read)
        fields = render_to_string("office/parts/letter_fields.html", {"form": form})
    return office.page(
        "letter_preview", found, fields=speaking.finish_piece(fields, read.fixed),
        language=language, languages=spoken, reading=read, newest=newest,
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def new(office: Office, cycle: int) -> HttpResponse:
    """Add a field."""
    found = office.cycle(cycle)
    return _edit(office, found, None, _("A question for the form"), _("Add the question"))


@for_office(Role.SECRETARIAT)
def field(office: Office, cycle: int, key: str) -> HttpResponse:
    """Change a field."""
    found = office.cycle(cycle)
    return _edit(office, found, _field_or_404(found, key), _("Change the question"), _("Save the question"))


@for_office(Role.SECRETARIAT, methods=("POST",))
def move(office: Office, cycle: int, key: str) -> HttpResponse:
    """Move a field up or down."""
    found = office.cycle(cycle)
    up = office.request.POST.get("direction") == "up"
    services.move_field(actor=office.actor, field=_field_or_404(found, key), up=up)
    return office.to("form", found.number)


@for_office(Role.SECRETARIAT, methods=("POST",))
def remove(office: Office, cycle: int, key: str) -> HttpResponse:
    """Take a field off the form."""
    found = office.cycle(cycle)
    services.remove_field(actor=office.actor, field=_field_or_404(found, key))
    office.say(_("The question is taken off the form."))
    return office.to("form", found.number)


@for_office(Role.SECRETARIAT, methods=("POST",))
def feature(office: Office, cycle: int, key: str) -> HttpResponse:
    """Say that a feature is sensitive, or that it is not."""
    found = office.cycle(cycle)
    asked = get_object_or_404(Feature.objects.select_related("cycle__institution"), cycle=found, key=key)
    mark_sensitive(
        actor=office.actor, feature=asked, sensitive=office.request.POST.get("sensitive") == "yes"
    )
    return office.to("form", found.number)


def _field_or_404(cycle: Cycle, key: str) -> FormField:
    return get_object_or_404(FormField.objects.select_related("cycle__institution"), cycle=cycle, key=key)


def _edit(office: Office, cycle: Cycle, found: FormField | None, heading: str, submit: str) -> HttpResponse:

    filled = FieldForm(office.data, languages=letter_languages.spoken(cycle), field=found)

    def act(data: dict[str, Any]) -> FormField:
        return services.set_field(
            actor=office.actor,
            cycle=cycle,
            field=found,
            label=data["label"],
            help_text=data["help_text"],
            kind=data["kind"],
            options=filled.options(),
            required=data["answer"] == FieldForm.REQUIRED,
            sensitive=data["answer"] == FieldForm.SENSITIVE,
        )

    return act_on(
        office, cycle, form=filled, act=act, done=office.then(_("The form is changed."), "form", cycle.number), heading=heading, submit=submit,
        back=office.url("form", cycle.number),
    )  # fmt: skip
