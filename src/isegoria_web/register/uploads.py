"""Large files: taken at once, read in the background with progress, cancelled at any time, never half loaded."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from isegoria.errors import IsegoriaError
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.models import Institution
from isegoria_web.register import algorithms, policies
from isegoria_web.register.enums import UploadStatus
from isegoria_web.register.errors import ExtractAlreadyLoaded, UploadEnded
from isegoria_web.register.models import EXTRACTS, INCOMING, Extract, RegisterProfile, Upload
from isegoria_web.register.services import in_our_columns, keep_checked, stored

ORPHAN_AFTER = timedelta(hours=1)
"""A stored file belongs to a row within seconds; after so long it never will."""
ROWS_BETWEEN = 20_000
"""So many rows are read before the progress is written down and a cancellation is noticed."""


class _CancelledError(Exception):
    """Somebody cancelled while the file was read."""


def receive(
    *,
    actor: Actor,
    institution: Institution,
    content: File[bytes],
    file_name: str,
    ending: str,
    reference_date: date,
    erase_on: date,
    profile: RegisterProfile | None = None,
) -> Upload:
    """Take a file in, unreadable to others; a worker reads it.

    Parameters
    ----------
    content
        Streamed to the disk.
    file_name, ending
        As the sender knows it; and what is kept of it, such as `.csv`.

    Raises
    ------
    isegoria.errors.BadInput
        If it is empty or too large; it is not copied.
    """
    require(policies.may_load_extract(actor, institution))
    require(profile is None or profile.institution_id == institution.pk)
    algorithms.check_size(file_name, content.size)
    if actor.user is None:
        raise NotAllowed
    upload = Upload(
        institution=institution, by=actor.user, file_name=file_name, reference_date=reference_date,
        erase_on=erase_on, profile=profile, sent_at=clock.now(),
    )  # fmt: skip
    upload.file.save(f"{upload.public_id}{ending}", content, save=False)
    try:
        upload.save()
    except BaseException:
        upload.file.delete(save=False)
        raise
    return upload


def cancel(*, actor: Actor, upload: Upload) -> Upload:
    """Stop reading a file; nothing of it stays.

    Raises
    ------
    UploadEnded
        If it is over already.
    """
    require(policies.may_load_extract(actor, upload.institution))
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if not upload.is_open:
            raise UploadEnded
        return _end(upload, UploadStatus.CANCELLED)


def read_upload(*, actor: Actor, upload: Upload) -> Extract | None:
    """Read a file and keep it as an extract, or note its faults. Reading again what was interrupted begins anew.

    Returns
    -------
    Extract or None
        None if it has faults, was cancelled, or is over already.
    """
    require(policies.may_load_extract(actor, upload.institution))
    if not Upload.objects.filter(pk=upload.pk, ended_at__isnull=True).update(
        status=UploadStatus.READING, rows_read=0
    ):
        return None
    upload.refresh_from_db()
    path = Path(upload.file.path)
    try:
        tick = _Tick(upload.pk)
        with in_our_columns(path, upload.profile, tick) as ours:
            delivered = "" if upload.profile is None else algorithms.sha256_of(path)
            return _keep(actor, upload, ours, algorithms.check(ours, tick), delivered)
    except _CancelledError:
        return None
    except IsegoriaError as error:
        _refuse(upload, algorithms.as_data(error))
    except ExtractAlreadyLoaded:
        _refuse(upload, status=UploadStatus.TWICE)
    except Exception:
        _refuse(upload, status=UploadStatus.FAILED)
        raise
    return None


def _keep(
    actor: Actor, upload: Upload, path: Path, found: algorithms.Checked, delivered: str
) -> Extract | None:
    with stored(path) as extract, transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        if not locked.is_open:
            return None
        keep_checked(
            actor, upload.institution, extract, found, upload.file_name, upload.reference_date, upload.erase_on,
            delivered=delivered,
        )  # fmt: skip
        locked.rows_read = len(found)
        _end(locked, UploadStatus.LOADED)
        return extract


def sweep() -> int:
    """Take files off the disk that no row knows of, and return how many: what a process leaves that is killed after it
    has stored a file of residents and before that is certain.
    """
    before, swept = clock.now() - ORPHAN_AFTER, 0
    for model, folder in ((Extract, EXTRACTS), (Upload, INCOMING)):
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:  # nothing was ever stored
            continue
        known = set(model.objects.exclude(file="").values_list("file", flat=True))
        for name in sorted({folder + name for name in names} - known):
            if default_storage.get_modified_time(name) < before:
                default_storage.delete(name)
                swept += 1
        # Where a file was being written, whoever wrote it may have been killed over its own folder.
        swept += sum(_sweep_folder(Path(default_storage.path(folder)) / name, before) for name in folders)
    return swept


def _sweep_folder(path: Path, before: datetime) -> bool:
    """Take a folder off the disk in which nothing has been written since a moment; whether it was."""
    written = max(each.stat().st_mtime for each in (path, *path.rglob("*")))
    if written >= before.timestamp():
        return False
    shutil.rmtree(path)
    return True


class _Tick:
    """Writes down how far the reading has come, and ends it when somebody cancelled."""

    def __init__(self, key: int) -> None:
        self._key = key
        self._noted = self._most = 0

    def __call__(self, rows: int) -> None:
        """Note the rows, every few thousand of them; a second pass over them does not make them fewer."""
        if rows < self._noted:
            self._noted = 0
        if rows - self._noted < ROWS_BETWEEN:
            return
        self._noted, self._most = rows, max(rows, self._most)
        if not Upload.objects.filter(pk=self._key, ended_at__isnull=True).update(rows_read=self._most):
            raise _CancelledError


def _refuse(
    upload: Upload, faults: Sequence[object] = (), status: UploadStatus = UploadStatus.REFUSED
) -> None:
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.is_open:
            upload.faults = list(faults)
            _end(upload, status)


def _end(upload: Upload, status: UploadStatus) -> Upload:
    """End an upload and take its file off the disk, once that is certain."""
    storage, name = upload.file.storage, upload.file.name
    upload.file, upload.status, upload.ended_at = "", status, clock.now()
    upload.save(update_fields=["file", "status", "ended_at", "faults", "rows_read"])
    if name:
        transaction.on_commit(lambda: storage.delete(name))
    return upload
