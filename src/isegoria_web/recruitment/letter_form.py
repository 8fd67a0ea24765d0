"""The form of the letter: what it asks beside the features, and whether what was told is an answer to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.models import UNDISCLOSED, Feature
from isegoria_web.recruitment import policies
from isegoria_web.recruitment.enums import FieldKind
from isegoria_web.recruitment.errors import AnswersWrong, ConsentMissing, FieldWrong, FormFrozen
from isegoria_web.recruitment.models import Campaign, Draft, FormField, Invitation
from isegoria_web.translated import Texts

LONGEST = 500
"""Characters of a short text."""
LARGEST = 10**9
OPTIONS = range(2, 31)
CHOICES = frozenset({FieldKind.CHOICE, FieldKind.SEVERAL})
Details = Mapping[str, Any]
MOST_TYPED = 100_000
"""Characters of an unfinished form."""


def is_frozen(cycle: Cycle) -> bool:
    """Return whether letters are printed, so that everybody must be asked the same."""
    return Campaign.objects.filter(cycle=cycle, printed_at__isnull=False).current().exists()


def set_field(
    *,
    actor: Actor,
    cycle: Cycle,
    field: FormField | None = None,
    label: Texts,
    help_text: Texts,
    kind: FieldKind,
    options: Sequence[Texts] = (),
    required: bool = False,
    sensitive: bool = False,
) -> FormField:
    """Add a field to the form, or change one.

    Parameters
    ----------
    options
        Of a choice: their names, in order.
    sensitive
        Whether it asks for what the law protects specially: then there is a consent beside it, and nobody has to
        answer.

    Raises
    ------
    FormFrozen
        Once letters are printed.
    FieldWrong
        If it cannot be asked like this.
    """
    require(policies.may_invite(actor, cycle) and (field is None or field.cycle_id == cycle.pk))
    wrong_options = (kind in CHOICES) != (len(options) in OPTIONS) or len(
        {frozenset(o) for o in options}
    ) > 1
    if wrong_options or (required and sensitive) or (kind not in CHOICES and options):
        raise FieldWrong
    with transaction.atomic():
        lock_form(cycle)
        made = field or FormField(cycle=cycle, key=_free_key(cycle), position=_last(cycle) + 1)
        made.label, made.help, made.kind = dict(label), dict(help_text), kind
        made.required, made.sensitive = required, sensitive
        made.options = [
            {"key": str(number), "name": dict(name)} for number, name in enumerate(options, start=1)
        ]
        made.full_clean()
        made.save()
        _note_change(actor, cycle)
        return made


def remove_field(*, actor: Actor, field: FormField) -> None:
    """Take a field off the form.

    Raises
    ------
    FormFrozen
        Once letters are printed.
    """
    require(policies.may_invite(actor, field.cycle))
    with transaction.atomic():
        lock_form(field.cycle)
        field.delete()
        _note_change(actor, field.cycle)


def move_field(*, actor: Actor, field: FormField, up: bool) -> None:
    """Move a field one place up or down; at the end of the list nothing changes.

    Raises
    ------
    FormFrozen
        Once letters are printed.
    """
    require(policies.may_invite(actor, field.cycle))
    with transaction.atomic():
        lock_form(field.cycle)
        listed = list(FormField.objects.filter(cycle=field.cycle))
        place = [each.pk for each in listed].index(field.pk)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(listed):
            return
        listed[place], listed[other] = listed[other], listed[place]
        for position, each in enumerate(listed, start=1):
            each.position = position
        FormField.objects.bulk_update(listed, ["position"])
        _note_change(actor, field.cycle)


def check_details(fields: Iterable[FormField], details: Details) -> dict[str, Any]:
    """Return what was told beside the features, if it answers the questions of the form.

    Raises
    ------
    AnswersWrong
        If a required answer is missing, or one is none of those that were offered.
    """
    asked = {each.key: each for each in fields}
    told = {key: value for key, value in details.items() if value not in (None, "", [])}
    if not set(told) <= set(asked):
        raise AnswersWrong
    for key, field in asked.items():
        if key not in told:
            if field.required:
                raise AnswersWrong
        elif not _answers(field, told[key]):
            raise AnswersWrong
    return told


def check_consents(
    features: Iterable[Feature],
    fields: Iterable[FormField],
    answers: Mapping[str, str],
    details: Details,
    consents: Iterable[str],
) -> list[str]:
    """Return the keys of what is sensitive and was agreed to, if everything that was told is among them.

    Raises
    ------
    ConsentMissing
        If something sensitive was told without its own consent.
    """
    told = {each.key for each in features if each.sensitive and answers.get(each.key) != UNDISCLOSED}
    told |= {each.key for each in fields if each.sensitive and each.key in details}
    if not told <= set(consents):
        raise ConsentMissing
    return sorted(told)


def save_draft(*, actor: Actor, invitation: Invitation, typed: Mapping[str, Sequence[str]]) -> Draft | None:
    """Keep what somebody has typed so far; nothing is kept once the pool is closed or if it is too much.

    Parameters
    ----------
    typed
        Field of the form to its values, as sent.
    """
    require(policies.may_answer(actor, invitation))
    kept = {name: [str(value) for value in values] for name, values in typed.items()}
    size = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    if invitation.campaign.closed_at is not None or size > MOST_TYPED:
        return None
    draft, _created = Draft.objects.update_or_create(
        invitation=invitation, defaults={"typed": kept, "saved_at": clock.now()}
    )
    return draft


def _answers(field: FormField, value: Any) -> bool:
    """Return whether a value answers a field."""
    offered = {option["key"] for option in field.options}
    match field.kind:
        case FieldKind.CHOICE:
            return value in offered
        case FieldKind.SEVERAL:
            return isinstance(value, list) and set(value) <= offered and len(set(value)) == len(value)
        case FieldKind.YES_NO:
            return isinstance(value, bool)
        case FieldKind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
        case _:
            return isinstance(value, str) and len(value) <= LONGEST


def lock_form(cycle: Cycle) -> None:
    """Let nobody else change what the form asks until the transaction ends.

    Raises
    ------
    FormFrozen
        Once letters are printed.
    """
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    if is_frozen(cycle):
        raise FormFrozen


def _last(cycle: Cycle) -> int:
    return max((each.position for each in FormField.objects.filter(cycle=cycle)), default=0)


def _free_key(cycle: Cycle) -> str:
    taken = {
        *FormField.objects.filter(cycle=cycle).values_list("key", flat=True),
        *Feature.objects.filter(cycle=cycle).values_list("key", flat=True),
    }
    return next(key for number in range(1, len(taken) + 2) if (key := f"field-{number}") not in taken)


def _note_change(actor: Actor, cycle: Cycle) -> None:
    asked = FormField.objects.filter(cycle=cycle)
    record(
        actor=actor, institution=cycle.institution, action=Action.FORM_CHANGED, subject=cycle,
        facts={"fields": asked.count(), "sensitive": asked.filter(sensitive=True).count()},
    )  # fmt: skip
