"""Answering a letter: code, form, done. The code is shown once; afterwards the session remembers the letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.lottery.algorithms import dump
from isegoria_web.recruitment import answering, letter_form, mailing, mails, receipts
from isegoria_web.recruitment.enums import InvitationStatus, Refusal
from isegoria_web.recruitment.errors import AnsweredMeanwhile
from isegoria_web.recruitment.letter_languages import QUESTION
from isegoria_web.recruitment.models import Draft, Invitation, Respondent
from isegoria_web.web import reading as readings
from isegoria_web.web.access import address_of, institution_or_404
from isegoria_web.web.public.answer_forms import CodeForm, NoForm, YesForm, told_before, typed_before
from isegoria_web.web.public.draws import OF_A_LETTER_RECEIPT, receipt_checks

SESSION_KEY = "invitation"
LATER = "later"
MINUTES = 60
"""How long a letter stays open in a browser after its code was given."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def code(request: HttpRequest, institution: str) -> HttpResponse:
    """Ask for the code of the letter; the printed QR code fills it in by itself.

    It opens the form once: after the answer a link goes to the address that was given with it, and what this page
    says is the same whether there is one or not.
    """
    found = institution_or_404(institution)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitation = _redeemed(request, form, once=True)
        if invitation is not None:
            if _is_used(request, invitation):
                mailing.send_link(invitation)
                return render(request, "answer/answered.html", {"institution": found})
            return redirect("answer:form", institution=invitation.campaign.cycle.institution.slug)
    status = 422 if form.errors else 200
    context = {"institution": found, "form": form, "further_languages": readings.offered(found)}
    return render(request, "answer/code.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def form(request: HttpRequest, institution: str) -> HttpResponse:
    """Take a yes, with what the draw needs to know."""
    found = institution_or_404(institution)
    invitation = _invitation_of(request, found)
    if invitation is None:
        return redirect("answer:code", institution=institution)
    if (elsewhere := _led_elsewhere(request, invitation)) is not None:
        return elsewhere
    cycle = invitation.campaign.cycle
    read, further = readings.chosen(cycle)
    known = answering.known_answers(invitation)
    filled = YesForm(request.POST or None, cycle=cycle, known=known, reading=read, further=further)
    draft = None
    if request.method != "POST":  # what is sent is shown as it was sent
        draft = Draft.objects.filter(invitation=invitation).first()
        filled.initial = _before(invitation) | (typed_before(draft, filled) if draft is not None else {})
    if request.method == "POST" and LATER in request.POST:
        _keep(request, invitation)
        return render(request, "answer/later.html", {"institution": found, "campaign": invitation.campaign})
    if request.method == "POST" and filled.is_valid():
        data = filled.cleaned_data
        try:
            answered = answering.accept(
                actor=Actor.citizen(invitation.selector),
                invitation=invitation,
                name=data["name"],
                email=data["email"],
                phone=data["phone"],
                language=data["language"],
                answers=filled.answers(),
                needs=data["needs"],
                consent=data["consent"],
                details=filled.details(),
                consents=filled.consents(),
                seen=_seen(request, invitation),
            )
        except AnsweredMeanwhile:
            return _answered_elsewhere(request, invitation)
        except ServiceError as refusal:
            filled.add_error(None, f"{refusal}")
        else:
            return _answered_here(request, answered.invitation)
    context = {
        "institution": found,
        "invitation": invitation,
        "cycle": cycle,
        "form": filled,
        "draft": draft,
        "reading": read,
        "further_languages": further,
        "question": readings.marked(*read.text(cycle.question, QUESTION), read),
    }
    return render(request, "answer/form.html", context, status=422 if filled.errors else 200)


@never_cache
@require_POST
def draft(request: HttpRequest, institution: str) -> HttpResponse:
    """Keep what is typed so far; asked by the page itself while somebody types."""
    found = institution_or_404(institution)
    invitation = _invitation_of(request, found)
    if invitation is None:
        return HttpResponse(status=403)
    return HttpResponse(status=204 if _keep(request, invitation) else 409)


def _keep(request: HttpRequest, invitation: Invitation) -> bool:
    """Keep what was typed; what is sensitive only where she has agreed to it."""
    asked = YesForm(cycle=invitation.campaign.cycle, known={})
    untold = {told for consent, told in asked.sensitive.items() if not request.POST.get(consent)}
    typed = {
        name: values
        for name, values in request.POST.lists()
        if name in asked.fields and name not in untold and name != "consent"
    }
    kept = letter_form.save_draft(
        actor=Actor.citizen(invitation.selector), invitation=invitation, typed=typed
    )
    return kept is not None


def _before(invitation: Invitation) -> dict[str, Any]:
    """Return what was told before, so that only what changes is typed again."""
    if invitation.answered_at is None:
        return {}
    respondent = Respondent.objects.willing().filter(invitation=invitation).first()
    return {} if respondent is None else told_before(respondent)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def no(request: HttpRequest, institution: str) -> HttpResponse:
    """Take a no, with a reason if she wants to give one."""
    found = institution_or_404(institution)
    invitation = _invitation_of(request, found)
    if invitation is None:
        return redirect("answer:code", institution=institution)
    if (elsewhere := _led_elsewhere(request, invitation)) is not None:
        return elsewhere
    filled = NoForm(request.POST or None)
    if request.method == "POST" and filled.is_valid():
        reason = filled.cleaned_data["refusal"]
        try:
            answered = answering.decline(
                actor=Actor.citizen(invitation.selector),
                invitation=invitation,
                refusal=Refusal(reason) if reason else Refusal.OTHER,
                seen=_seen(request, invitation),
            )
        except AnsweredMeanwhile:
            return _answered_elsewhere(request, invitation)
        return _answered_here(request, answered)
    context = {
        "institution": found,
        "invitation": invitation,
        "cycle": invitation.campaign.cycle,
        "form": filled,
    }
    return render(request, "answer/no.html", context, status=422 if filled.errors else 200)


@never_cache
@require_safe
@readings.in_her_language
def done(request: HttpRequest, institution: str) -> HttpResponse:
    """Say what was understood and what happens next; once the pool is closed, under which code it holds her."""
    found = institution_or_404(institution)
    invitation = _invitation_of(request, found)
    if invitation is None or (invitation.answered_at is None and invitation.campaign.closed_at is None):
        return redirect("answer:code", institution=institution)
    if _is_used(request, invitation):
        return _answered_elsewhere(request, invitation)
    entry, barred_by = answering.place_of(invitation)
    context = {
        "institution": found,
        "invitation": invitation,
        "campaign": invitation.campaign,
        "cycle": invitation.campaign.cycle,
        "said_yes": invitation.status == InvitationStatus.YES,
        "said_no": invitation.status == InvitationStatus.NO,
        "entry": entry,
        "barred_by": barred_by,
    }
    return render(request, "answer/done.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def receipt(request: HttpRequest, institution: str) -> HttpResponse:
    """Show a citizen, for the code of her letter, her own proof in both draws; nothing of it stands in an address."""
    found = institution_or_404(institution)
    form = CodeForm(request.POST or None)
    invitation = None
    if request.method == "POST" and form.is_valid():
        invitation = _redeemed(request, form)
        if invitation is not None:
            return redirect("answer:receipt", institution=invitation.campaign.cycle.institution.slug)
    elif request.method != "POST":
        invitation = _invitation_of(request, found)
    if invitation is None:
        context = {"institution": found, "form": form}
        return render(request, "answer/receipt_code.html", context, status=422 if form.errors else 200)
    citizen = Actor.citizen(invitation.selector)
    in_pool = receipts.pool_receipt(actor=citizen, invitation=invitation)
    context = {
        "institution": found,
        "cycle": invitation.campaign.cycle,
        "letters_draw": invitation.campaign.draw,
        "letter": receipts.letter_receipt(actor=citizen, invitation=invitation),
        "in_pool": in_pool,
        "panel_draw": in_pool and in_pool.entry.pool.draw,
        "selection": in_pool and getattr(in_pool.entry, "selection", None),
        "letter_checks": receipt_checks(*OF_A_LETTER_RECEIPT),
        "pool_checks": receipt_checks(),
        "further": receipts.further_receipts(actor=citizen, invitation=invitation),
        "said_yes": invitation.status == InvitationStatus.YES,
    }
    return render(request, "answer/receipt.html", context)


@never_cache
@require_safe
def receipt_file(request: HttpRequest, institution: str, which: str) -> HttpResponse:
    """Give a citizen one of her receipts as a file, for `isegoria proof receipt`."""
    found = institution_or_404(institution)
    invitation = _invitation_of(request, found)
    if invitation is None:
        return redirect("answer:receipt", institution=institution)
    citizen = Actor.citizen(invitation.selector)
    if which == "letter":
        kept = receipts.letter_receipt(actor=citizen, invitation=invitation)
        document = kept and kept["receipt"]
    elif which == "pool":
        in_pool = receipts.pool_receipt(actor=citizen, invitation=invitation)
        document = in_pool and in_pool.receipt
    else:
        later = receipts.further_receipts(actor=citizen, invitation=invitation)
        document = next((each.receipt for each in later if each.key == which), None)
    if document is None:
        return redirect("answer:receipt", institution=institution)
    response = HttpResponse(dump(document), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{which}-receipt.json"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def link(request: HttpRequest, institution: str, token: str) -> HttpResponse:
    """Open a letter by the link of an e-mail; looking at the address opens nothing, as programs that read mail do."""
    found = institution_or_404(institution)
    invitation = _linked_or_404(found, token)
    if request.method == "POST":
        _remember(request, invitation, invitation.answered_at)
        return redirect("answer:form", institution=institution)
    context = {"institution": found, "answered": invitation.answered_at is not None}
    return render(request, "answer/link.html", context)


@never_cache
@csrf_exempt  # mail programs stop by themselves, with one click (RFC 8058); the token proves who got the mail
@require_http_methods(["GET", "HEAD", "POST"])
@readings.in_her_language
def stop(request: HttpRequest, institution: str, token: str) -> HttpResponse:
    """Note that somebody wants no more mail."""
    found = institution_or_404(institution)
    invitation = _linked_or_404(found, token)
    if request.method == "POST":
        mailing.keep_quiet(actor=Actor.citizen(invitation.selector), invitation=invitation)
    context = {"institution": found, "stopped": invitation.quiet_since or request.method == "POST"}
    return render(request, "answer/stop.html", context)


def _linked_or_404(institution: Institution, token: str) -> Invitation:
    message = mails.linked(token)
    if message is None or message.invitation.campaign.cycle.institution_id != institution.pk:
        raise Http404
    return message.invitation


def _is_used(request: HttpRequest, invitation: Invitation) -> bool:
    """Whether the answers are open and another browser has answered: a code opens the form once."""
    return (
        invitation.answered_at is not None
        and invitation.campaign.closed_at is None
        and _seen(request, invitation) != invitation.answered_at
    )


def _redeemed(request: HttpRequest, form: CodeForm, *, once: bool = False) -> Invitation | None:
    """Open the letter whose code was typed and remember it in this browser; a wrong code is told at its field.

    With `once` a letter that was answered is not opened, but returned.
    """
    try:
        invitation = answering.redeem(code_text=form.cleaned_data["code"], source=address_of(request))
    except ServiceError as refusal:
        form.add_error("code", f"{refusal}")
        return None
    if not (once and _is_used(request, invitation)):
        _remember(request, invitation, _seen(request, invitation))
    return invitation


def _remember(request: HttpRequest, invitation: Invitation, seen: datetime | None) -> None:
    """Let this browser answer the letter for an hour, and see and change the answer that it has seen."""
    if request.session.session_key is not None:  # a new one has nobody's key yet
        request.session.cycle_key()
    readings.remember_letter(request, invitation)
    _note_seen(request, invitation, seen)


def _note_seen(request: HttpRequest, invitation: Invitation, seen: datetime | None) -> None:
    """Keep in the browser which answer it has seen: who has seen none cannot change one that came in meanwhile."""
    moment = seen.isoformat() if seen else ""
    request.session[SESSION_KEY] = [invitation.pk, clock.now().timestamp(), moment]


def _seen(request: HttpRequest, invitation: Invitation) -> datetime | None:
    """Return the moment of the answer to this letter that was given in this browser, or opened by a link."""
    key, _since, *seen = request.session.get(SESSION_KEY, (None, 0.0, ""))
    moment = "".join(seen) if key == invitation.pk else ""
    return datetime.fromisoformat(moment) if moment else None


def _answered_here(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    _note_seen(request, invitation, invitation.answered_at)
    return redirect("answer:done", institution=invitation.campaign.cycle.institution.slug)


def _led_elsewhere(request: HttpRequest, invitation: Invitation) -> HttpResponse | None:
    """Return where somebody is led who cannot answer here: the answers are closed, or somebody has answered."""
    if invitation.campaign.closed_at is not None:
        return redirect("answer:done", institution=invitation.campaign.cycle.institution.slug)
    if request.method != "POST" and _is_used(
        request, invitation
    ):  # what is sent second is kept for the desk
        return _answered_elsewhere(request, invitation)
    return None


def _answered_elsewhere(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Say the same to whoever comes second as to whoever gives a used code; her browser no longer knows the letter."""
    del request.session[SESSION_KEY]
    mailing.send_link(invitation)
    institution = invitation.campaign.cycle.institution
    return render(request, "answer/answered.html", {"institution": institution}, status=409)


def _invitation_of(request: HttpRequest, institution: Institution) -> Invitation | None:
    """Return the letter whose code was given in this browser within the hour, if it is this institution's."""
    key, since = request.session.get(SESSION_KEY, (None, 0.0))[:2]
    if key is None or clock.now().timestamp() - since > MINUTES * 60:
        return None
    found = (
        Invitation.objects.filter(pk=key, campaign__cycle__institution=institution)
        .select_related("campaign__cycle", "resident")
        .first()
    )
    if found is not None:
        found.campaign.cycle.institution = institution  # it is known, with its chain
    return found
