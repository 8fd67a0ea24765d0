"""The desk: letters answered by telephone, on paper or at the counter."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.algorithms import dump
from isegoria_web.lottery.models import Feature
from isegoria_web.recruitment import (
    answering,
    duplicates,
    erasing,
    letter_languages,
    mailing,
    receipts,
    replacing,
)
from isegoria_web.recruitment import desk as desk_services
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Outcome, Refusal, Replaced, Way
from isegoria_web.recruitment.models import (
    Campaign,
    Duplicate,
    Invitation,
    Message,
    Respondent,
    SecondAnswer,
)
from isegoria_web.register.models import Erasure
from isegoria_web.web.backoffice.forms.alike import TWO, PairForm, SecondForm, side_by_side, told_by
from isegoria_web.web.backoffice.forms.recruiting import (
    DeskNoForm,
    DeskYesForm,
    FindLetterForm,
    PrintAgainForm,
    ReceiptForm,
)
from isegoria_web.web.backoffice.forms.seats import ContactForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.reading import state_of
from isegoria_web.web.backoffice.views.letters import campaign_or_404

SELECTOR_LENGTH = 6


@for_office(Role.SECRETARIAT)
def desk(office: Office, cycle: int) -> HttpResponse:
    """Find a letter by its number or by the beginning of its code."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    form = FindLetterForm(office.data)
    if office.is_post and form.is_valid():
        invitation = _find(found, form.cleaned_data["letter"])
        if invitation is not None:
            return office.to("desk_letter", found.number, invitation.position)
        form.add_error("letter", _("There is no such letter in this cycle. Compare it with the paper."))
    latest = campaign.invitations.filter(answered_at__isnull=False).order_by("-answered_at")[:10]
    return office.page(
        "desk",
        found,
        status=422 if form.errors else 200,
        form=form,
        campaign=campaign,
        state=state_of(found),
        latest=latest,
        to_decide=len(duplicates.open_of(campaign)) + _undecided(campaign).count(),
        astray=Message.objects.filter(invitation__campaign=campaign).astray().count(),
    )


@for_office(Role.SECRETARIAT)
def receipt(office: Office, cycle: int) -> HttpResponse:
    """Give a resident at the counter, invited or not, her receipt of the draw of the letters as a file."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    form = ReceiptForm(office.data)
    if office.is_post and form.is_valid():
        try:
            made = receipts.give_letter_receipt(
                actor=office.actor, campaign=campaign, number=form.cleaned_data["number"]
            )
        except ServiceError as refusal:
            form.add_error("number", f"{refusal}")
        else:
            response = HttpResponse(dump(made["receipt"]), content_type="application/json")
            response["Content-Disposition"] = 'attachment; filename="letter-receipt.json"'
            return response
    return office.page(
        "desk_receipt",
        found,
        status=422 if form.errors else 200,
        form=form,
        campaign=campaign,
        draw=campaign.draw,
        back=office.url("desk", found.number),
    )


_ANSWERED_BEFORE = gettext_lazy(
    "This letter was answered before. What you write down is kept beside it until somebody decides."
)


def _undecided(campaign: Campaign) -> QuerySet[SecondAnswer]:
    """Return the second answers to one letter about which nobody has decided."""
    found = SecondAnswer.objects.filter(invitation__campaign=campaign, decided_at__isnull=True)
    return found.select_related("invitation__respondent", "invitation__campaign__cycle__institution", "by")


def _find(cycle: Cycle, written: str) -> Invitation | None:
    """Return the letter with this number or this beginning of a code; O and I are read as 0 and 1."""
    plain = "".join(written.split()).replace("-", "").replace("–", "").upper()
    letters = Invitation.objects.filter(campaign__in=Campaign.objects.filter(cycle=cycle).current())
    if plain.isdecimal() and len(plain) < SELECTOR_LENGTH:
        return letters.filter(position=int(plain)).first()
    selector = plain[:SELECTOR_LENGTH].translate(str.maketrans("OIL", "011"))
    return letters.filter(selector=selector).first()


def _letter_or_404(cycle: Cycle, position: int) -> Invitation:
    found = Invitation.objects.select_related(
        "resident", "campaign__cycle__institution", "campaign__draw", "recorded_by"
    )
    counting = Campaign.objects.filter(cycle=cycle).current()
    return get_object_or_404(found, campaign__in=counting, position=position)


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def letter(office: Office, cycle: int, position: int) -> HttpResponse:
    """Show one letter, and what can be written down about it."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)
    told = Respondent.objects.willing().filter(invitation=invitation).first()
    return office.page(
        "desk_letter",
        found,
        letter=invitation,
        resident=invitation.resident,
        entry=answering.place_of(invitation)[0],
        can_answer=invitation.answered_at is None
        and invitation.campaign.closed_at is None
        and invitation.status != InvitationStatus.CREATED,
        can_print=replacing.can_be_replaced(invitation),
        can_return=invitation.status == InvitationStatus.SENT,
        can_answer_again=invitation.answered_at is not None and invitation.campaign.closed_at is None,
        can_withdraw=invitation.status == InvitationStatus.YES,
        contacts=list(invitation.contacts.select_related("by")),
        mails=list(invitation.messages.all()),
        respondent=told,
    )


def _written(office: Office, cycle: Cycle) -> HttpResponse:
    office.say(_("The answer is written down."))
    return office.to("desk", cycle.number)


@for_office(Role.SECRETARIAT)
def yes(office: Office, cycle: int, position: int) -> HttpResponse:
    """Write down a yes."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)
    known = answering.known_answers(invitation)
    second = invitation.answered_at is not None
    write = answering.file_second_answer if second else partial(answering.record_answer, says_yes=True)
    resident = invitation.resident
    name = f"{resident.given_name} {resident.family_name}" if resident else ""
    initial = {"language": invitation.language, "name": name}
    further = [each.language for each in letter_languages.further(found)]
    form = DeskYesForm(office.data, cycle=found, known=known, initial=initial, further=further)
    return act_on(
        office,
        found,
        form=form,
        act=lambda data: write(
            actor=office.actor,
            invitation=invitation,
            channel=Channel(data["channel"]),
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            language=data["language"],
            answers=form.answers(),
            needs=data["needs"],
            consent=data["consent"],
            details=form.details(),
            consents=form.consents(),
        ),
        done=lambda _made: _written(office, found),
        heading=_("Letter %(number)d says yes") % {"number": position},
        lead=_ANSWERED_BEFORE if second else "",
        submit=_("Write down the yes"),
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def no(office: Office, cycle: int, position: int) -> HttpResponse:
    """Write down a no."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)
    second = invitation.answered_at is not None
    write = answering.file_second_refusal if second else partial(answering.record_answer, says_yes=False)
    return act_on(
        office,
        found,
        form=DeskNoForm(office.data),
        act=lambda data: write(
            actor=office.actor,
            invitation=invitation,
            channel=Channel(data["channel"]),
            refusal=Refusal(data["refusal"] or Refusal.OTHER),
        ),
        done=lambda _made: _written(office, found),
        heading=_("Letter %(number)d says no") % {"number": position},
        lead=_ANSWERED_BEFORE if second else "",
        submit=_("Write down the no"),
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def returned(office: Office, cycle: int, position: int) -> HttpResponse:
    """Note that the post brought a letter back."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Did the post bring letter %(number)d back?") % {"number": position},
            consequences=[_("It counts as returned, not as unanswered.")],
            submit=_("Yes, it came back"),
            irreversible=False,
        ),
        act=lambda: answering.mark_returned(actor=office.actor, invitation=invitation),
        done=office.then(_("The letter is marked as returned."), "desk", found.number),
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def print_again(office: Office, cycle: int, position: int) -> HttpResponse:
    """Print this one letter again, with a new code, as a file that is kept nowhere."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)

    def printed(document: bytes) -> HttpResponse:
        response = HttpResponse(document, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="letter-{position}.pdf"'
        return response

    return act_on(
        office, found, form=PrintAgainForm(office.data),
        act=lambda data: replacing.print_again(
            actor=office.actor, invitation=invitation, reason=Replaced(data["reason"])
        ),
        done=printed,
        heading=_("Print letter %(number)d again") % {"number": position},
        lead=_("It gets a new code: the code before stops working at once. The file holds the code and is kept nowhere."),
        submit=_("Print the letter"),
        back=office.url("desk_letter", found.number, position),
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def contact(office: Office, cycle: int, position: int) -> HttpResponse:
    """Note a try to reach the person behind a letter."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)

    return act_on(
        office,
        found,
        form=ContactForm(office.data),
        act=lambda data: desk_services.note_contact(
            actor=office.actor,
            invitation=invitation,
            way=Way(data["way"]),
            outcome=Outcome(data["outcome"]),
            call_back_at=data["call_back_at"],
            note=data["note"],
        ),
        done=office.then(_("It is written down."), "desk_letter", found.number, position),
        heading=_("A try to reach the person of letter %(number)d") % {"number": position},
        submit=_("Write it down"),
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def withdraw(office: Office, cycle: int, position: int) -> HttpResponse:
    """Take back a yes for the person who gave it."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)
    frozen = invitation.campaign.closed_at is not None

    return act_on(
        office,
        found,
        form=DeskNoForm(office.data),
        act=lambda data: desk_services.withdraw(
            actor=office.actor,
            invitation=invitation,
            channel=Channel(data["channel"]),
            refusal=Refusal(data["refusal"] or Refusal.OTHER),
        ),
        done=office.then(
            _("Letter %(number)d no longer takes part.") % {"number": position}, "desk", found.number
        ),
        heading=_("Letter %(number)d takes back its yes") % {"number": position},
        lead=_(
            "The pool is frozen and stays as it is. Should the lot fall on this person, the next one is asked."
        )
        if frozen
        else _("What the person told is deleted. Until the pool closes she can say yes again."),
        submit=_("Take back the yes"),
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def erase(office: Office, cycle: int, position: int) -> HttpResponse:
    """Erase what is kept about the person of a letter who asks for it, after saying what must stay."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)
    needed, until = erasing.stays_until(invitation)
    stays = [_("The public record of the draw stays, and verifies as before. It names nobody.")]
    if needed:
        stays.append(
            _("Her code stays in the committed pool, without her name, until the draw is final. Should the lot fall on it, the next one is asked.")
        )  # fmt: skip
    if until is not None:
        words = {"day": date_format(until, "DATE_FORMAT")}
        stays.append(
            _("Her row in the file of the register stays until %(day)s: the file is bound by its hash.")
            % words
        )

    def erased(made: Erasure) -> HttpResponse:
        office.say(_("It is erased. This is the certificate."))
        return office.to("erasure", made.public_id)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Erase what is kept about the person of letter %(number)d?") % {"number": position},
            consequences=[
                _("Name, address, answers, notes and e-mails are erased now. A yes is taken back by that."),
                _("The code of the letter stops working, and she is not written to again."),
                *stays,
            ],
            submit=_("Erase it"),
        ),
        act=lambda: erasing.erase_on_request(actor=office.actor, invitation=invitation),
        done=erased,
        back=office.url("desk_letter", found.number, position),
    )


@for_office(Role.SECRETARIAT)
def quiet(office: Office, cycle: int, position: int) -> HttpResponse:
    """Note that the person of a letter asked not to be written to again."""
    found = office.cycle(cycle)
    invitation = _letter_or_404(found, position)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Write no more to the person of letter %(number)d?") % {"number": position},
            consequences=[
                _("She gets no reminder and no further letter. That is not a no: she can still answer."),
            ],
            submit=_("Write no more"),
        ),
        act=lambda: mailing.keep_quiet(actor=office.actor, invitation=invitation),
        done=office.then(
            _("It is noted: this person is not written to again."), "desk_letter", found.number, position
        ),
        back=office.url("desk_letter", found.number, position),
    )


# -- answers that may come from one person ---------------------------------------------------------------


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def alike(office: Office, cycle: int) -> HttpResponse:
    """List what may come from one person and waits for a decision."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    return office.page(
        "alike", found, pairs=duplicates.open_of(campaign), seconds=list(_undecided(campaign))
    )


@for_office(Role.SECRETARIAT)
def pair(office: Office, cycle: int, number: int) -> HttpResponse:
    """Show two answers side by side, and take the decision whether they come from one person."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = next((each for each in duplicates.open_of(campaign) if each.pk == number), None)
    if shown is None:
        raise Http404
    form = PairForm(office.data, duplicate=shown, features=list(_features(found)))

    def decide(data: dict[str, Any]) -> Duplicate:
        if data["people"] == TWO:
            return duplicates.keep_both(actor=office.actor, duplicate=shown)
        return duplicates.merge(
            actor=office.actor, duplicate=shown, keep=form.letter("name"), taken=form.taken()
        )

    return act_on(
        office,
        found,
        form=form,
        template="pair",
        act=decide,
        done=office.then(_("It is decided."), "alike", found.number),
        pair=shown,
        rows=form.rows,
        back=office.url("alike", found.number),
    )


@for_office(Role.SECRETARIAT)
def second(office: Office, cycle: int, number: int) -> HttpResponse:
    """Show two answers to one letter, and take the decision which one counts."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = get_object_or_404(_undecided(campaign), pk=number)

    before = Respondent.objects.willing().filter(invitation=shown.invitation).first()
    return act_on(
        office,
        found,
        form=SecondForm(office.data),
        template="pair",
        act=lambda data: answering.decide_second_answer(
            actor=office.actor, second=shown, take=data["counts"] == SecondForm.SECOND
        ),
        done=office.then(_("It is decided."), "alike", found.number),
        second=shown,
        rows=side_by_side(list(_features(found)), told_by(before), shown.told),
        back=office.url("alike", found.number),
    )


def _features(cycle: Cycle) -> QuerySet[Feature]:
    return Feature.objects.filter(cycle=cycle).prefetch_related("values")
