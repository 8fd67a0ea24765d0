"""The agenda in public: themes, proposing and signing. Nobody sees who signed, and nobody who proposed as a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from isegoria_web import clock
from isegoria_web.consultation import algorithms, confirming, signing
from isegoria_web.consultation.enums import PendingKind, ProposerKind, ThemeStatus
from isegoria_web.consultation.errors import LinkNotValid
from isegoria_web.consultation.models import AgendaChoice, Theme
from isegoria_web.consultation.services import Proposal, about
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.institutions.standing import standing_of_agenda
from isegoria_web.web.access import address_of
from isegoria_web.web.public.theme_forms import OpenForm, ProposeForm, SignForm
from isegoria_web.web.public.views import of_institution
from isegoria_web.web.resolutions import line_of

OPEN_TO_ALL = (ProposerKind.RESIDENT, ProposerKind.ASSOCIATION)
"""Who proposes here; members and the authority do it from their own pages."""


@require_safe
@conditional_page
@of_institution
def themes(request: HttpRequest, institution: Institution) -> HttpResponse:
    """List the themes: those to sign first, then what became of the others."""
    listed = list(institution.themes.judged().select_related("cycle").order_by("-number"))
    today = clock.today(institution.time_zone)
    open_now = {each.pk for each in institution.themes.open_to_sign(today)}
    context = {
        "institution": institution,
        "to_sign": [each for each in listed if each.pk in open_now],
        "to_choose": [
            each for each in listed if each.status == ThemeStatus.SUPPORTED and each.pk not in open_now
        ],
        "chosen": [each for each in listed if each.status == ThemeStatus.CHOSEN],
        "refused": [each for each in listed if each.status == ThemeStatus.REFUSED],
        "expired": [each for each in listed if each.status == ThemeStatus.EXPIRED],
        "waiting": institution.themes.waiting().count(),
        "standing": standing_of_agenda(institution),
        "agenda_choices": AgendaChoice.objects.filter(institution=institution)
        .select_related("ballot__cycle")
        .order_by("-pk"),
        **_rules(institution),
    }
    return render(request, "public/themes.html", context)


@require_safe
@conditional_page
@of_institution
def theme(request: HttpRequest, institution: Institution, theme: int) -> HttpResponse:
    """Show a theme: its text once it was judged, its number of signatures, the verdict, and what became of it."""
    one = _theme(institution, theme)
    today = clock.today(institution.time_zone)
    sentences = dict(algorithms.sentences(one.rule_book, get_language() or "en"))
    judge = institution.bodies.filter(key=algorithms.judge(one.rule_book)[0]).first()
    context = {
        "institution": institution,
        "theme": one,
        "judge": judge,
        "judged_by": line_of(one.resolution) if one.resolution else None,
        **_chosen(one),
        "deciding": institution.resolutions.open().filter(about=about(one)).first(),
        "shows_text": one.status != ThemeStatus.WAITING and not one.text_withheld,
        "can_sign": institution.themes.open_to_sign(today).filter(pk=one.pk).exists(),
        "verdict_sentence": sentences.get(one.verdict_rule, ""),
        "chosen_sentence": sentences.get(one.chosen_rule, ""),
        "again_until": algorithms.again_until(one.rule_book, one.judged_at.date())
        if one.status == ThemeStatus.REFUSED and one.judged_at
        else None,
        "can_again": _can_again(institution, one),
        "kept_days": (one.erase_on - one.collects_until).days
        if one.erase_on and one.collects_until
        else None,
    }
    return render(request, "public/theme.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_institution
def propose(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Take a proposal from a resident or an association; it counts once the link in a mail was opened."""
    kinds = _kinds(institution)
    form = (
        ProposeForm(
            request.POST if request.method == "POST" else None, kinds=kinds, languages=institution.languages
        )
        if kinds
        else None
    )
    status = 422 if request.method == "POST" else 200
    again = request.GET.get("again", "")
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            confirming.ask_to_propose(
                institution=institution,
                kind=ProposerKind(told["kind"]),
                proposal=Proposal(
                    title=told["title"], explanation=told["explanation"], reason=told["reason"],
                    language=told["language"], name=told["name"], email=told["email"],
                    organisation=told.get("organisation", ""),
                    again=int(again) if again.isdecimal() and len(again) < 6 else None,  # noqa: PLR2004
                ),
                source=address_of(request),
            )  # fmt: skip
        except ServiceError as refusal:
            status = _refused(form, refusal)
        else:
            return redirect("public:theme_sent", institution.slug)
    context = {"institution": institution, "form": form, **_rules(institution)}
    return render(request, "public/theme_propose.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_institution
def sign(request: HttpRequest, institution: Institution, theme: int) -> HttpResponse:
    """Take a signature; it counts once the link in a mail was opened."""
    one = _theme(institution, theme)
    form = SignForm(request.POST if request.method == "POST" else None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            confirming.ask_to_sign(
                theme=one,
                person=signing.Person(told["name"], told["born"], told["postcode"], told["email"]),
                language=(get_language() or "en")[:2],
                source=address_of(request),
            )
        except ServiceError as refusal:
            status = _refused(form, refusal)
        else:
            return redirect("public:theme_sent", institution.slug)
    today = clock.today(institution.time_zone)
    context = {
        "institution": institution,
        "theme": one,
        "form": form,
        "can_sign": institution.themes.open_to_sign(today).filter(pk=one.pk).exists(),
        "age": algorithms.age_to_sign(one.rule_book),
    }
    return render(request, "public/theme_sign.html", context, status=status)


@require_safe
@of_institution
def sent(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Say that a mail is on its way; the same for everybody."""
    return render(request, "public/theme_sent.html", {"institution": institution})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_institution
def confirm(request: HttpRequest, institution: Institution, token: str) -> HttpResponse:
    """Show what a link confirms, and let it count when the button is pressed: mail programs open links by themselves."""
    try:
        found = confirming.pending_of(institution=institution, token=token)
        if request.method == "POST":
            made = confirming.confirm(institution=institution, token=token)
            return redirect("public:theme_thanks", institution.slug, made.number)
    except ServiceError as refusal:
        context = {"institution": institution, "refusal": refusal}
        status = 404 if isinstance(refusal, LinkNotValid) else refusal.status
        return render(request, "public/theme_confirm.html", context, status=status)
    context = {
        "institution": institution,
        "pending": found,
        "is_proposal": found.kind == PendingKind.PROPOSAL,
        "theme": found.theme,
    }
    return render(request, "public/theme_confirm.html", context)


@require_safe
@of_institution
def thanks(request: HttpRequest, institution: Institution, theme: int) -> HttpResponse:
    """Say what happens now; the same to whoever signed for the first time or again."""
    one = _theme(institution, theme)
    context = {"institution": institution, "theme": one, "is_proposal": one.status == ThemeStatus.WAITING}
    return render(request, "public/theme_thanks.html", context)


def _chosen(one: Theme) -> dict[str, object]:
    """Which body chose a theme, in which ballot with how many papers; or that nobody sat in it."""
    option = one.agenda_options.filter(choice__ballot__outcome__isnull=False).select_related(
        "choice__ballot__cycle__body"
    )
    found = [
        each.choice.ballot for each in option if each.key in (each.choice.ballot.outcome or {})["chosen"]
    ]
    key, _rule = algorithms.chooser(one.rule_book)
    return {
        "chosen_in": found[-1] if found else None,
        "chooser": one.institution.bodies.filter(key=key).first() if key else None,
    }


def _theme(institution: Institution, number: int) -> Theme:
    found = institution.themes.select_related(
        "institution", "rule_book", "cycle", "again", "resolution__body", "resolution__rule_book"
    )
    return get_object_or_404(found, number=number)


def _kinds(institution: Institution) -> list[ProposerKind]:
    version = institution.rule_books.order_by("-number").first()
    entitled = algorithms.proposers(version)[0] if version else frozenset()
    return [kind for kind in OPEN_TO_ALL if kind in entitled]


def _rules(institution: Institution) -> dict[str, object]:
    version = institution.rule_books.order_by("-number").first()
    return {
        "rules": algorithms.sentences(version, get_language() or "en") if version else [],
        "can_propose": bool(_kinds(institution)),
    }


def _can_again(institution: Institution, one: Theme) -> bool:
    end = algorithms.again_until(one.rule_book, one.judged_at.date()) if one.judged_at else None
    in_time = end is None or clock.today(institution.time_zone) <= end
    return one.status == ThemeStatus.REFUSED and in_time and one.kind in _kinds(institution)


def _refused(form: OpenForm, refusal: ServiceError) -> int:
    form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
    return refusal.status
