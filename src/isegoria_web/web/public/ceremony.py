"""The live side of a draw: its state as data, the page for the projector, and objections from anybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from isegoria.errors import BadInput
from isegoria_web import clock
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import ceremony as services
from isegoria_web.lottery.algorithms import source_of_promises, stamped_bytes
from isegoria_web.lottery.enums import DrawKind, DrawStatus, SelectionKind, SourceKind, StampKind
from isegoria_web.lottery.models import Draw
from isegoria_web.web.ceremony import as_data, ceremony_of, source_state
from isegoria_web.web.public.views import of_cycle

SEATS_SHOWN = 200


class ObjectionForm(forms.Form):
    """What somebody says against a draw. No name is asked for."""

    text = forms.CharField(
        label=_("What is wrong with this draw?"),
        max_length=services.OBJECTION_LENGTH,
        help_text=_(
            "At most 2,000 characters. Name no person: the secretariat reads it and publishes it with its answer."
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class RevealForm(forms.Form):
    """The secret number of a party, from whoever holds it."""

    party = forms.ChoiceField(label=_("Party"))
    secret = forms.CharField(
        label=_("Its secret number"),
        max_length=80,
        help_text=_("64 digits. It is checked against the hash that binds the party."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, parties: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        party = self.fields["party"]
        if isinstance(party, forms.ChoiceField):
            party.choices = [(each, each) for each in parties]


def _draw(row: Cycle, number: int) -> Draw:
    return get_object_or_404(
        row.draws.select_related("cycle__institution", "record", "pool"), number=number
    )


@never_cache
@require_safe
@of_cycle
def live(request: HttpRequest, row: Cycle, draw: int) -> JsonResponse:  # noqa: ARG001
    """Give the state of a draw as data: what the page shows, and nothing more."""
    return JsonResponse(as_data(ceremony_of(_draw(row, draw))))


@never_cache
@require_safe
@of_cycle
def projector(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:
    """Show a draw in the town hall, in type that the last row reads."""
    one = _draw(row, draw)
    found = ceremony_of(one)
    chosen = one.selections.filter(kind=SelectionKind.MEMBER).select_related("entry").order_by("position")
    codes = [each.entry.code for each in chosen] if one.is_drawn else []
    context = {
        "institution": row.institution,
        "cycle": row,
        "draw": one,
        "ceremony": found,
        "live": as_data(found),
        "is_panel": one.kind != DrawKind.LETTERS,
        "record": getattr(one, "record", None),
        "pool": getattr(one, "pool", None),
        "seats": codes or ([""] * one.size if 0 < one.size <= SEATS_SHOWN else []),
        "density": _density(one.size),
        "ticket": ((getattr(one, "record", None) and one.record.document) or {})
        .get("result", {})
        .get("ticket"),
    }
    return render(request, "public/projector.html", context)


def _density(seats: int) -> str:
    """Return how close the seats stand, so that all of them fit on the screen."""
    return next(
        (name for most, name in ((30, "wide"), (60, "close"), (110, "dense")) if seats <= most), "fine"
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_cycle
def objection(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:
    """Take an objection against a draw from anybody, in its challenge period."""
    one = _draw(row, draw)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        try:
            made = services.raise_objection(
                draw=one, text=form.cleaned_data["text"], language=get_language() or "en"
            )
        except ServiceError as refusal:
            form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
            status = refusal.status
        else:
            address = redirect("public:draw", row.institution.slug, row.number, one.number)
            address["Location"] += f"#objection-{made.number}"
            return address
    ends_at = one.challenge_ends_at
    context = {
        "institution": row.institution,
        "cycle": row,
        "draw": one,
        "form": form,
        "is_open": one.status == DrawStatus.DRAWN and ends_at is not None and clock.now() < ends_at,
    }
    return render(request, "public/objection.html", context, status=status)


@require_safe
@of_cycle
def stamped(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:  # noqa: ARG001
    """Give the few bytes whose SHA-256 is the hash of a commitment: what others time-stamp."""
    made = getattr(_draw(row, draw), "record", None)
    content = None if made is None else stamped_bytes(made.commitment, made.commitment_sha256)
    if content is None:
        raise Http404
    return _file(content, "stamped.json", "application/json")


@require_safe
@of_cycle
def time_stamp(request: HttpRequest, row: Cycle, draw: int, position: int) -> HttpResponse:  # noqa: ARG001
    """Give a receipt over a commitment as its issuer gave it."""
    found = get_object_or_404(_draw(row, draw).time_stamps, position=position)
    name, kind = ("ots", "application/vnd.opentimestamps.v1") if found.kind == StampKind.OPENTIMESTAMPS else (
        "tsr", "application/timestamp-reply",
    )  # fmt: skip
    return _file(bytes(found.content), f"{row.institution.slug}-{row.number}-{draw}.{name}", kind)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@of_cycle
def promise(request: HttpRequest, row: Cycle) -> HttpResponse:
    """Let a party make its secret number in its own browser, for the next draw; nothing of it is sent here."""
    context = {
        "institution": row.institution,
        "cycle": row,
        "source": source_of_promises(row),
        "excluded": services.excluded_parties(row.institution),
    }
    return render(request, "public/promise.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_cycle
def reveal(request: HttpRequest, row: Cycle, draw: int) -> HttpResponse:
    """Take the secret number of a party from whoever holds it: the published hash says whether it is the one."""
    one = _draw(row, draw)
    source = one.sources.prefetch_related("readings", "reveals").filter(kind=SourceKind.REVEAL).first()
    if source is None:
        raise Http404
    state = source_state(source)
    is_open = one.status == DrawStatus.COMMITTED and not source.value and clock.now() < source.due_at
    form = RevealForm(
        request.POST if request.method == "POST" else None,
        parties=[each.name for each in state.parties if each.state == "bound"],
    )
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.reveal_secret(source=source, party=given["party"], secret=given["secret"])
        except ServiceError as refusal:
            form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
            status = refusal.status
        except BadInput:
            form.add_error("secret", _("This is not the number to which the party is bound by its hash."))
        else:
            address = redirect("public:draw", row.institution.slug, row.number, one.number)
            address["Location"] += "#ceremony"
            return address
    context = {
        "institution": row.institution,
        "cycle": row,
        "draw": one,
        "state": state,
        "form": form,
        "is_open": is_open,
    }
    return render(request, "public/reveal.html", context, status=status)
