"""Large files: read in the background, cancelled at any time, resumed after a crash, never half loaded."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from isegoria import register
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.register import jobs, uploads
from isegoria_web.register.enums import UploadStatus
from isegoria_web.register.errors import UploadEnded
from isegoria_web.register.models import Extract, Upload
from isegoria_web.web.backoffice.views import register as view
from tests.web import acts
from tests.web.factories import NOW

RESIDENTS = 300


@pytest.fixture
def content(tmp_path, settings) -> bytes:
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("test", RESIDENTS), path)
    return path.read_bytes()


def receive(actor, institution, content: bytes) -> Upload:
    return uploads.receive(
        actor=actor, institution=institution, content=ContentFile(content), file_name="Register.csv",
        ending=".csv", reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).glob("incoming/*") if path.is_file()]


@pytest.fixture
def upload(secretariat, institution, content) -> Upload:
    return receive(secretariat, institution, content)


def test_a_file_becomes_an_extract_and_leaves_no_copy(
    institution, secretariat, upload, settings, django_capture_on_commit_callbacks
):
    assert Path(upload.file.path).stat().st_mode & 0o077 == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.read_upload_of.call(upload.pk) == RESIDENTS
    upload.refresh_from_db()
    assert (upload.status, upload.rows_read, upload.file.name) == (UploadStatus.LOADED, RESIDENTS, "")
    assert files(settings) == []
    assert acts.entry(institution, Action.EXTRACT_LOADED).facts["residents"] == RESIDENTS
    assert jobs.read_upload_of.call(upload.pk) == 0  # twice changes nothing
    assert Extract.objects.count() == 1


def test_the_same_file_again_is_not_loaded_and_says_so(institution, secretariat, upload, content):
    uploads.read_upload(actor=secretariat, upload=upload)
    again = receive(secretariat, institution, content)
    assert uploads.read_upload(actor=secretariat, upload=again) is None
    again.refresh_from_db()
    assert again.status == UploadStatus.TWICE


def test_faults_are_kept_with_their_rows_and_nothing_is_loaded(
    institution, secretariat, content, settings, django_capture_on_commit_callbacks
):
    lines = content.decode().splitlines()
    faulty = receive(secretariat, institution, "\n".join([*lines[:5], lines[4], *lines[5:]]).encode())
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.read_upload(actor=secretariat, upload=faulty) is None
    faulty.refresh_from_db()
    assert faulty.status == UploadStatus.REFUSED
    assert [fault["row"] for fault in faulty.faults] == [6]
    assert not Extract.objects.exists()
    assert files(settings) == []


def test_a_worker_that_died_begins_anew_and_gives_the_same(institution, secretariat, upload):
    Upload.objects.filter(pk=upload.pk).update(status=UploadStatus.READING, rows_read=120)
    extract = uploads.read_upload(actor=secretariat, upload=upload)
    assert extract.residents == RESIDENTS


def test_cancelling_stops_the_reading_and_leaves_nothing(
    institution, secretariat, upload, settings, monkeypatch, django_capture_on_commit_callbacks
):
    """Somebody cancels after the first rows: the reader notices at its next note of progress."""
    monkeypatch.setattr(uploads, "ROWS_BETWEEN", 1)
    seen = []
    checked = uploads.algorithms.check

    def check(path, progress):
        def tick(rows):
            seen.append(rows)
            with django_capture_on_commit_callbacks(execute=True):
                uploads.cancel(actor=secretariat, upload=upload)
            progress(rows)

        return checked(path, tick)

    monkeypatch.setattr(uploads.algorithms, "check", check)
    assert uploads.read_upload(actor=secretariat, upload=upload) is None
    upload.refresh_from_db()
    assert (len(seen), upload.status) == (1, UploadStatus.CANCELLED)
    assert not Extract.objects.exists()
    assert files(settings) == []
    with pytest.raises(UploadEnded):
        uploads.cancel(actor=secretariat, upload=upload)


def test_what_nobody_expected_ends_the_upload_and_is_told(secretariat, upload, monkeypatch):
    def broken(_path, _progress):
        raise OSError("the disk is gone")

    monkeypatch.setattr(uploads.algorithms, "check", broken)
    with pytest.raises(OSError, match="disk"):
        uploads.read_upload(actor=secretariat, upload=upload)
    upload.refresh_from_db()
    assert upload.status == UploadStatus.FAILED


def test_only_the_secretariat_sends_and_cancels(institution, upload, content):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: receive(actor, institution, content))
    assert Upload.objects.count() == 1


def test_progress_is_written_down(secretariat, upload, monkeypatch):
    monkeypatch.setattr(uploads, "ROWS_BETWEEN", 10)
    noted = []
    tick = uploads._Tick.__call__

    def spy(self, rows):
        tick(self, rows)
        noted.append(Upload.objects.get(pk=upload.pk).rows_read)

    monkeypatch.setattr(uploads._Tick, "__call__", spy)
    uploads.read_upload(actor=secretariat, upload=upload)
    assert noted
    assert noted == sorted(noted)
    assert noted[-1] == RESIDENTS


class TestPages:
    def test_a_large_file_is_taken_and_its_page_says_what_came_of_it(
        self, institution, secretariat, content, client: Client, monkeypatch
    ):
        monkeypatch.setattr(view, "AT_ONCE", 1000)
        client.force_login(secretariat.user)
        address = f"/en/{institution.slug}/office/register/"
        sent = {
            "file": ContentFile(content, name="Register.csv"), "reference_date": "2027-01-01",
            "erase_on": "2027-06-01",
        }  # fmt: skip
        answer = client.post(address, sent)
        assert answer.status_code == 302
        page = client.get(answer["Location"]).content.decode()
        assert "Loaded" in page
        assert "300 rows read" in page

    @pytest.mark.parametrize(("times", "late"), [(1, True), (100, False)])
    def test_a_workbook_counts_as_large_as_it_is_when_it_is_unpacked(
        self, times, late, institution, secretariat, tmp_path, settings, client, monkeypatch
    ):
        settings.MEDIA_ROOT = tmp_path / "files"
        path = tmp_path / "register.xlsx"
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        rows = register.synthesize("test", RESIDENTS)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append([str(value) for value in row.values()])
        book.save(path)
        monkeypatch.setattr(view, "AT_ONCE", path.stat().st_size * times)
        client.force_login(secretariat.user)
        sent = {
            "file": ContentFile(path.read_bytes(), name="Register.xlsx"), "reference_date": "2027-01-01",
            "erase_on": "2027-06-01",
        }  # fmt: skip
        answer = client.post(f"/en/{institution.slug}/office/register/", sent)
        assert answer.status_code == 302, answer.content.decode()
        assert Upload.objects.exists() == late
        assert Extract.objects.get().residents == RESIDENTS

    def test_faults_are_told_in_the_language_of_the_reader(
        self, institution, secretariat, content, client, monkeypatch
    ):
        monkeypatch.setattr(view, "AT_ONCE", 1000)
        client.force_login(secretariat.user)
        lines = content.decode().splitlines()
        faulty = receive(secretariat, institution, "\n".join([*lines[:5], lines[4]]).encode())
        uploads.read_upload(actor=secretariat, upload=faulty)
        page = client.get(f"/en/{institution.slug}/office/register/files/{faulty.public_id}/")
        assert "1 fault in the file" in page.content.decode()
        assert '<td class="number">6</td>' in page.content.decode()

    def test_reading_is_stopped_from_its_page(self, institution, secretariat, upload, client):
        client.force_login(secretariat.user)
        address = f"/en/{institution.slug}/office/register/files/{upload.public_id}/"
        assert "Stop reading" in client.get(address).content.decode()
        assert client.post(f"{address}cancel/").status_code == 302
        upload.refresh_from_db()
        assert (upload.status, upload.ended_at) == (UploadStatus.CANCELLED, NOW)


@pytest.mark.django_db
def test_the_folder_of_a_killed_conversion_is_swept_once_nobody_writes_into_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    incoming = tmp_path / "files" / "incoming"
    left, busy = incoming / ".working-a.csv.x", incoming / ".working-b.csv.y"
    for folder in (left, busy):
        folder.mkdir(parents=True)
        (folder / "register.csv").write_text("id\nA\n", encoding="utf-8")
    old = (NOW - dt.timedelta(hours=2)).timestamp()
    for path in (left / "register.csv", left, busy):
        os.utime(path, (old, old))
    os.utime(busy / "register.csv", (NOW.timestamp(), NOW.timestamp()))
    assert uploads.sweep() == 1
    assert not left.exists()
    assert busy.exists()
