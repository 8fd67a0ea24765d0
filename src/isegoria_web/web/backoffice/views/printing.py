"""Letters on their way to people: further waves, files for the mail house."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import batches, letter_languages, letter_versions, waves
from isegoria_web.recruitment.jobs import draw_wave_later, print_later
from isegoria_web.recruitment.models import Batch, Campaign, LetterText, LetterWork, Printing, Wave
from isegoria_web.recruitment.working import takes_long
from isegoria_web.web.backoffice.forms.letters import PrintForm, WaveForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.backoffice.views.letters import campaign_or_404, underway

TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}


@for_office(Role.SECRETARIAT)
def wave(office: Office, cycle: int) -> HttpResponse:
    """Draw a further wave of letters."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    if not campaign.draw.is_drawn:
        return office.to("letters", found.number)
    if (work := underway(found)) is not None:
        return office.to("letters_work", found.number, work.public_id)
    left = waves.left_of(campaign)
    given = {"letters": office.request.GET.get("letters"), "reply_by": office.request.GET.get("reply_by")}
    form = WaveForm(office.data, languages=office.languages, initial=given)

    def drawn(made: Wave | LetterWork) -> HttpResponse:
        if isinstance(made, LetterWork):
            return office.to("letters_work", found.number, made.public_id)
        office.say(
            _("%(count)d more letters are drawn. Now they can be printed.") % {"count": made.letters}
        )
        return office.to("letters", found.number)

    draw = draw_wave_later if takes_long(campaign.extract) else waves.draw_wave
    return act_on(
        office,
        found,
        form=form,
        template="letters_wave",
        act=lambda data: draw(actor=office.actor, campaign=campaign, **data),
        done=drawn,
        campaign=campaign,
        standing=waves.waves_of(campaign),
        left=left,
        caution=lambda data: Caution(
            title=_("Draw %(count)s more letters?") % {"count": number_format(data["letters"], force_grouping=True)},
            consequences=[
                _("They go to those who come next in the order of the draw. Nobody gets a second letter, and nobody chooses."),
                _("Number and reason are published at once, and the record of the draw grows by this wave."),
            ],
            submit=_("Draw the wave"),
            facts={
                _("Letters"): data["letters"],
                _("To be answered by"): data["reply_by"],
                _("Reason"): data["reason"],
            },
        ),
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def print_(office: Office, cycle: int) -> HttpResponse:
    """Start the printing of a wave; every code in it is new."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    if not campaign.draw.is_drawn:
        return office.to("letters", found.number)
    standing = _wanted(office, campaign)
    open_now = standing.wave.printings.filter(ended_at__isnull=True).first()
    if open_now is not None:
        return office.to("printing", found.number, open_now.public_id)
    form = PrintForm(office.data, initial={"wave": standing.wave.number, "per_file": batches.PER_FILE})

    def started(made: Printing) -> HttpResponse:
        print_later(made)
        return office.to("printing", found.number, made.public_id)

    return act_on(
        office,
        found,
        form=form,
        template="letters_print",
        act=lambda data: batches.start_printing(
            actor=office.actor, campaign=campaign, wave=standing.wave.number, per_file=data["per_file"]
        ),
        done=started,
        campaign=campaign,
        standing=standing,
        caution_words=_before_printing(standing.wave),
        texts=_texts_of(found),
    )


@for_office(Role.SECRETARIAT)
def print_unreached(office: Office, cycle: int) -> HttpResponse:
    """Print the letters that are owed to those whom e-mail did not reach; nobody else's code changes."""
    found = office.cycle(cycle)
    campaign = campaign_or_404(found)
    owed = [each for each in waves.waves_of(campaign) if each.owed]
    if not owed:
        return office.to("letters", found.number)
    standing = owed[0]
    open_now = standing.wave.printings.filter(ended_at__isnull=True).first()
    if open_now is not None:
        return office.to("printing", found.number, open_now.public_id)

    def started(made: Printing) -> HttpResponse:
        print_later(made)
        return office.to("printing", found.number, made.public_id)

    words = {"count": standing.owed, "wave": standing.wave.number}
    return decide_on(
        office,
        found,
        caution=Caution(
            title=ngettext(
                "Print %(count)d letter of wave %(wave)d for people whom e-mail did not reach?",
                "Print %(count)d letters of wave %(wave)d for people whom e-mail did not reach?",
                standing.owed,
            )
            % words,
            consequences=[
                _("They get the same letter as everybody else; it does not speak of e-mail."),
                _("You get files of their own. The codes of all other letters stay as they are."),
            ],
            submit=_("Make the files"),
            irreversible=False,
        ),
        act=lambda: batches.start_printing(
            actor=office.actor, campaign=campaign, wave=standing.wave.number, unreached=True
        ),
        done=started,
        back=office.url("letters", found.number),
    )


def _wanted(office: Office, campaign: Campaign) -> waves.Standing:
    """Return the wave that was asked for; else the first that is not printed, or the last."""
    every = waves.waves_of(campaign)
    asked = office.request.POST.get("wave") or office.request.GET.get("wave")
    if asked is not None:
        chosen = [each for each in every if str(each.wave.number) == asked]
    else:
        chosen = [each for each in every if each.wave.printed_at is None] or every[-1:]
    if not chosen:
        raise Http404
    return chosen[0]


def _before_printing(wave: Wave) -> list[str]:
    consequences = [
        _("You get files for the mail house, one language each: the letters as PDF, and their addresses in the same order."),
        _("Every letter gets a new code. Codes of letters that were printed before stop working."),
        _("The codes are in the PDFs alone. Delete the files once the letters are in the post."),
    ]  # fmt: skip
    if wave.printed_at:
        words = {"moment": date_format(localtime(wave.printed_at), "DATETIME_FORMAT")}
        consequences.insert(
            0, _("Letters were printed on %(moment)s: do this only if those are not in the post.") % words
        )
    return consequences


def _texts_of(cycle: Cycle) -> list[tuple[str, LetterText | None]]:
    return [
        (language, letter_versions.current(cycle, language)) for language in letter_languages.spoken(cycle)
    ]


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def printing(office: Office, cycle: int, printing: UUID) -> HttpResponse:
    """Show how far a printing has come, and its files."""
    found = office.cycle(cycle)
    row = _printing_or_404(found, printing)
    made = list(row.batches.filter(done_at__isnull=False).select_related("text"))
    return office.page(
        "printing",
        found,
        printing=row,
        progress=batches.progress_of(row),
        batches=made,
        has_files=any(batch.pdf or batch.addresses for batch in made),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def cancel(office: Office, cycle: int, printing: UUID) -> HttpResponse:
    """Stop a printing."""
    found = office.cycle(cycle)
    row = batches.cancel_printing(actor=office.actor, printing=_printing_or_404(found, printing))
    office.say(_("The printing is stopped. The files that are made stay."))
    return office.to("printing", found.number, row.public_id)


@for_office(Role.SECRETARIAT)
def delete(office: Office, cycle: int, printing: UUID) -> HttpResponse:
    """Delete the files of a printing."""
    found = office.cycle(cycle)
    row = _printing_or_404(found, printing)

    def deleted(count: int) -> HttpResponse:
        office.say(_("%(count)d files are deleted.") % {"count": count})
        return office.to("printing", found.number, row.public_id)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Delete the files of wave %(number)d?") % {"number": row.wave.number},
            consequences=[
                _("The letters and addresses leave this server. The codes on the printed letters go on working."),
                _("Whoever loses a letter can answer by telephone or at the counter."),
            ],
            submit=_("Delete the files"),
        ),
        act=lambda: batches.delete_files(actor=office.actor, printing=row),
        done=deleted,
        back=office.url("printing", found.number, row.public_id),
    )  # fmt: skip


@for_office(Role.SECRETARIAT, methods=("POST",))
def take(office: Office, cycle: int, printing: UUID, batch: int, ending: str) -> HttpResponse:
    """Hand over a file; that it was taken stands in the journal."""
    row = _printing_or_404(office.cycle(cycle), printing)
    if ending not in TYPES:
        raise Http404
    one = get_object_or_404(Batch.objects.select_related(_INSTITUTION), printing=row, number=batch)
    content = batches.take_file(actor=office.actor, batch=one, ending=ending)
    return _attached(content, TYPES[ending], batches.file_name(row, one, ending))


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def manifest(office: Office, cycle: int, printing: UUID) -> HttpResponse:
    """Hand over the list of the files with their hashes; it names nobody."""
    row = _printing_or_404(office.cycle(cycle), printing)
    written = json.dumps(batches.manifest_of(row), indent=2, ensure_ascii=False).encode()
    name = f"{office.institution.slug}-{cycle}-wave{row.wave.number}-manifest.json"
    return _attached(written + b"\n", "application/json", name)


_INSTITUTION = "printing__wave__campaign__cycle__institution"


def _printing_or_404(cycle: Cycle, key: UUID) -> Printing:
    related = ("wave__campaign__cycle__institution", "wave__campaign__draw")
    return get_object_or_404(
        Printing.objects.select_related(*related), wave__campaign__cycle=cycle, public_id=key
    )


def _attached(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
