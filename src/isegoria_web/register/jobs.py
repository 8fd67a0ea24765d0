"""What happens to registers at its hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django_tasks import task

from isegoria_web import clock, scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.operations.diagnosis import Fault, also_asked
from isegoria_web.register.certifying import write_list
from isegoria_web.register.models import Erasure, Extract, Upload
from isegoria_web.register.services import erase_extract
from isegoria_web.register.uploads import read_upload, receive, sweep


def receive_and_read_later(**given: Any) -> Upload:
    """Take a file in, as `receive` does, and let a worker read it; it never waits without work in the queue."""
    with transaction.atomic():
        upload = receive(**given)
        read_upload_of.enqueue(upload.pk)
        return upload


@task()
def read_upload_of(upload_id: int) -> int:
    """Read a file on behalf of who sent it; returns the number of residents, 0 where nothing was loaded."""
    upload = Upload.objects.select_related("institution", "by").get(pk=upload_id)
    actor = Actor.of(upload.by)
    if actor is None:
        raise RuntimeError("the account was closed before the file was read")
    extract = read_upload(actor=actor, upload=upload)
    return 0 if extract is None else extract.residents


@scheduler.due(every=timedelta(hours=1))
def erase_due_extracts() -> int:
    """Erase every extract whose date has come, and return how many there were."""
    due = [
        extract
        for extract in Extract.objects.filter(erased_at__isnull=True).select_related("institution")
        if extract.erase_on <= clock.today(extract.institution.time_zone)
    ]
    for extract in due:
        erase_extract(actor=Actor.system(), extract=extract)
    return len(due)


@scheduler.due(every=timedelta(hours=1))
def sweep_what_no_row_knows() -> int:
    """Delete files of residents that a killed process left, and return how many."""
    return sweep()


@scheduler.due(every=timedelta(minutes=1))
def list_what_was_erased() -> int:
    """Write what was erased to the list outside the database, should that have failed; returns how many certificates."""
    return write_list()


@also_asked
def erasures_listed() -> Fault | None:
    """What was erased must be erased again after a backup is restored."""
    late = Erasure.objects.filter(listed_at__isnull=True, erased_at__lt=clock.now() - timedelta(hours=1))
    if not late.exists():
        return None
    return Fault(
        "erasures_listed",
        "What was erased is not on the list outside the database.",
        "See that the worker runs and can write into the folder of ISEGORIA_ERASURES.",
    )
