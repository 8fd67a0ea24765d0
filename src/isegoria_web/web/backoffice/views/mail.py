"""E-mail about letters: decided, sent, reminded, come back."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.recruitment import bouncing, mailing, reminding
from isegoria_web.recruitment.enums import ByEmail, Delivery, Purpose
from isegoria_web.recruitment.models import Correspondence, Message
from isegoria_web.web.backoffice.algorithms import rules_of_draw
from isegoria_web.web.backoffice.forms.mail import CorrespondenceForm, NoticeForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.views.letters import campaign_or_404

SHOWN = 100
"""How many messages that went astray are listed at once."""


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def mail(office: Office, cycle: int) -> HttpResponse:
    """Show what was decided, how the e-mails stand, and whom they did not reach."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    messages = Message.objects.filter(invitation__campaign=campaign)
    astray = messages.astray().select_related("invitation").order_by("invitation__position")
    counts = {purpose: messages.filter(purpose=purpose).by_status() for purpose in Purpose}
    used = [purpose for purpose in Purpose if any(counts[purpose].values())]
    rows = [(status.label, [counts[purpose][status] for purpose in used]) for status in Delivery]
    return office.page(
        "mail",
        found,
        campaign=campaign,
        decided=mailing.correspondence_of(campaign),
        invitable=mailing.invitable(campaign).count() if campaign.closed_at is None else 0,
        remind=reminding.to_remind(campaign) if campaign.closed_at is None else None,
        columns=[purpose.label for purpose in used],
        rows=[(label, row) for label, row in rows if any(row)],
        waiting=messages.filter(status=Delivery.QUEUED).count(),
        astray=list(astray[:SHOWN]),
        astray_count=astray.count(),
        owed=campaign.invitations.owed_paper().count() if campaign.closed_at is None else 0,
        quiet=campaign.invitations.filter(quiet_since__isnull=False).count(),
        reads_mailbox=bool(settings.BOUNCE_BOX),
    )


@for_office(Role.SECRETARIAT)
def mail_decide(office: Office, cycle: int) -> HttpResponse:
    """Decide in public who is written to by e-mail and when people are reminded."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    before = mailing.correspondence_of(campaign)
    decided_before = Correspondence.objects.filter(campaign=campaign).exists()
    initial = {
        "by_email": before.by_email,
        "remind_after_days": before.remind_after_days
        if decided_before
        else rules_of_draw(found)["reminder_days"],
        "remind_by_email": before.remind_by_email,
        "remind_by_letter": before.remind_by_letter,
        "reminders": before.reminders,
    }

    return act_on(
        office,
        found,
        form=CorrespondenceForm(office.data, initial=initial),
        act=lambda data: mailing.decide_correspondence(
            actor=office.actor,
            campaign=campaign,
            **{**data, "by_email": ByEmail(data["by_email"])},
        ),
        done=office.then(_("It is decided, and stands in the journal."), "mail", found.number),
        heading=_("E-mail and reminders"),
        lead=_("What you decide here is public: it says how everybody who was drawn is reached."),
        submit=_("Decide it"),
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT)
def mail_invite(office: Office, cycle: int) -> HttpResponse:
    """Queue the invitations by e-mail, after showing how many."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    count = mailing.invitable(campaign).count()

    def queued(made: int) -> HttpResponse:
        office.say(_("%(count)d e-mails are being sent in the background.") % {"count": made})
        return office.to("mail", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=ngettext("Invite %(count)d person by e-mail", "Invite %(count)d people by e-mail", count)
            % {"count": count},
            consequences=[
                _("Each gets one e-mail in her language, with a link of her own instead of the code."),
                _("Nobody gets it twice, also when you do this again later."),
            ],
            submit=_("Send the e-mails"),
        ),
        act=lambda: mailing.invite_by_email(actor=office.actor, campaign=campaign),
        done=queued,
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT)
def mail_remind(office: Office, cycle: int) -> HttpResponse:
    """Remind those who have not answered, after showing how many."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = reminding.to_remind(campaign)
    count = len(shown.by_email)

    def queued(made: int) -> HttpResponse:
        office.say(_("%(count)d reminders are being sent in the background.") % {"count": made})
        return office.to("mail", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=ngettext("Remind %(count)d person by e-mail", "Remind %(count)d people by e-mail", count)
            % {"count": count},
            consequences=[
                _(
                    "Only who has not answered is reminded. An answer that comes in meanwhile stops the reminder."
                ),
                _("Who asked not to be written to again is left out."),
            ],
            submit=_("Send the reminders"),
            facts={
                _("Have not answered"): shown.silent,
                _("Want no more mail"): shown.quiet,
                _("Get a reminder now"): count,
            },
        ),
        act=lambda: reminding.remind(actor=office.actor, campaign=campaign),
        done=queued,
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT)
def mail_letters(office: Office, cycle: int) -> HttpResponse:
    """Typeset the reminders on paper, after showing how many, and hand the PDF over."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = reminding.to_remind(campaign)
    count = len(shown.by_letter)

    def printed(document: bytes) -> HttpResponse:
        response = HttpResponse(document, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="reminders-{found.number}.pdf"'
        return response

    return decide_on(
        office,
        found,
        caution=Caution(
            title=ngettext("Print %(count)d reminder", "Print %(count)d reminders", count)
            % {"count": count},
            consequences=[
                _("You get one PDF with one page a person, each in the language of its reader."),
                _("There is no new code in it: the code of the first letter goes on working."),
                _("Today you can print it again. From tomorrow on it counts as sent."),
            ],
            submit=_("Make the PDF"),
            facts={_("Have not answered"): shown.silent, _("Want no more mail"): shown.quiet},
            irreversible=False,
        ),
        act=lambda: reminding.print_reminders(actor=office.actor, campaign=campaign),
        done=printed,
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT)
def mail_stop(office: Office, cycle: int) -> HttpResponse:
    """Take what waits out of the queue."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)

    def stopped(made: int) -> HttpResponse:
        office.say(_("%(count)d e-mails were stopped.") % {"count": made})
        return office.to("mail", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Stop the e-mails that wait?"),
            consequences=[
                _("Invitations and reminders that were not sent yet are taken out of the queue."),
                _("What was sent stays sent. You can queue the rest again later."),
            ],
            submit=_("Stop them"),
            irreversible=False,
        ),
        act=lambda: mailing.stop_mail(actor=office.actor, campaign=campaign),
        done=stopped,
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT)
def mail_notice(office: Office, cycle: int) -> HttpResponse:
    """Take a notice that a message came back, as a file or pasted."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    form = NoticeForm(office.data, office.files)

    def taken(message: Message) -> HttpResponse:
        office.say(
            _("It is about letter %(number)d, and written down.") % {"number": message.invitation.position}
        )
        return office.to("mail", found.number)

    return act_on(
        office,
        found,
        form=form,
        act=lambda _data: bouncing.take_notice(
            actor=office.actor, campaign=campaign, content=form.content()
        ),
        done=taken,
        heading=_("A mail server says that a message came back"),
        lead=_("Only its code is kept. The file itself is not stored."),
        submit=_("Read the notice"),
        back=office.url("mail", found.number),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def mail_again(office: Office, cycle: int, message: UUID) -> HttpResponse:
    """Send a message again about which somebody has decided."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    shown = get_object_or_404(
        Message.objects.select_related("invitation__campaign__cycle__institution"),
        invitation__campaign=campaign,
        public_id=message,
    )
    mailing.send_again(actor=office.actor, message=shown)
    office.say(_("It is being sent again."))
    return office.to("mail", found.number)
