"""Register extracts: loading, and erasing on their date."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.register import services, uploads
from isegoria_web.register.algorithms import as_errors, bytes_to_read
from isegoria_web.register.jobs import receive_and_read_later
from isegoria_web.register.models import Extract, Upload
from isegoria_web.web.backoffice.forms.recruiting import ExtractForm
from isegoria_web.web.backoffice.office import Caution, Office, decide_on, faults_of, for_office, load_file
from isegoria_web.web.backoffice.uploads import name_of, on_disk

ENDINGS = (".csv", ".txt", ".tsv", ".parquet", ".xlsx")
AT_ONCE = 4_000_000
"""Bytes of a file, unpacked, that is read while its sender waits; a larger one is read in the background."""


@for_office(Role.SECRETARIAT)
def register(office: Office) -> HttpResponse:
    """Show the extracts and load another; a file with faults loads nothing and says where they are."""
    form = ExtractForm(office.data, office.files, institution=office.institution)

    def load() -> Extract:
        data = form.cleaned_data
        with on_disk(data["file"], ENDINGS) as path:
            return services.load_extract(
                actor=office.actor,
                institution=office.institution,
                path=path,
                file_name=name_of(data["file"]),
                reference_date=data["reference_date"],
                erase_on=data["erase_on"],
                profile=data.get("profile"),
            )

    late = office.is_post and form.is_valid() and _takes_long(form.cleaned_data["file"])
    loaded = load_file(office, form, "file", partial(_receive, office, form) if late else load)
    if loaded.done and late:
        return office.to("upload", loaded.made.public_id)
    if loaded.done:
        office.say(_("The extract is loaded: %(count)d residents.") % {"count": loaded.made.residents})
        return office.to("register")
    extracts = Extract.objects.filter(institution=office.institution).order_by("-loaded_at")
    waiting = Upload.objects.filter(institution=office.institution, ended_at__isnull=True)
    return office.page(
        "register",
        status=loaded.status,
        form=form,
        faults=loaded.faults,
        extracts=extracts,
        uploads=list(waiting),
    )


def _takes_long(sent: UploadedFile[Any]) -> bool:
    """Whether a file is so large, or becomes so large when it is unpacked, that nobody should wait for it."""
    if (sent.size or 0) > AT_ONCE:
        return True
    with on_disk(sent, ENDINGS) as path:
        return bytes_to_read(path) > AT_ONCE


def _receive(office: Office, form: ExtractForm) -> Upload:
    data = form.cleaned_data
    ending = Path(data["file"].name or "").suffix.lower()
    return receive_and_read_later(
        actor=office.actor,
        institution=office.institution,
        content=data["file"],
        file_name=name_of(data["file"]),
        ending=ending if ending in ENDINGS else ".csv",
        reference_date=data["reference_date"],
        erase_on=data["erase_on"],
        profile=data.get("profile"),
    )


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def upload(office: Office, upload: UUID) -> HttpResponse:
    """Show how far the reading of a large file has come, and what came of it."""
    found = _upload_or_404(office, upload)
    faults = [fault for error in as_errors(found.faults, found.file_name) for fault in faults_of(error)]
    return office.page("upload", upload=found, faults=faults)


@for_office(Role.SECRETARIAT, methods=("POST",))
def upload_cancel(office: Office, upload: UUID) -> HttpResponse:
    """Stop reading a large file."""
    uploads.cancel(actor=office.actor, upload=_upload_or_404(office, upload))
    office.say(_("The file is not read on, and nothing of it is kept."))
    return office.to("register")


def _upload_or_404(office: Office, key: UUID) -> Upload:
    return get_object_or_404(
        Upload.objects.select_related("institution"), institution=office.institution, public_id=key
    )


@for_office(Role.SECRETARIAT)
def erase(office: Office, extract: UUID) -> HttpResponse:
    """Erase an extract with the people drawn from it."""
    found = get_object_or_404(
        Extract, institution=office.institution, public_id=extract, erased_at__isnull=True
    )

    def erased(_made: object) -> HttpResponse:
        office.say(_("The extract is erased."))
        return office.to("register")

    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Erase this extract?"),
            consequences=[
                _(
                    "The file and all residents drawn from it are deleted: letters can no longer be printed."
                ),
                _("Counts and hashes stay, so that every draw can still be verified."),
            ],
            submit=_("Erase the extract"),
            facts={
                _("File"): found.file_name,
                _("Residents"): found.residents,
                _("State of"): found.reference_date,
                _("To be erased on"): found.erase_on,
            },
        ),
        act=lambda: services.erase_extract(actor=office.actor, extract=found),
        done=erased,
        back=office.url("register"),
    )
