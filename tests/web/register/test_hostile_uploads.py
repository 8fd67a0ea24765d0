"""Files that harm, through the page of the office: each gets a clear answer, and nothing of it stays."""

from __future__ import annotations

import datetime as dt
import io
import os
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client, RequestFactory

from isegoria import register
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.register import jobs, services, uploads
from isegoria_web.register.enums import UploadStatus
from isegoria_web.register.models import Extract, Resident, Upload
from isegoria_web.web.backoffice.views import register as view

RESIDENTS = 90
FORMULA = "=cmd|' /C calc'!A0"
DATES = {"reference_date": "2027-01-01", "erase_on": "2027-06-01"}


@pytest.fixture
def good(tmp_path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("hostile", RESIDENTS), path)
    return path


@pytest.fixture
def office(institution, secretariat, client) -> tuple[Client, str]:
    client.force_login(secretariat.user)
    return client, f"/en/{institution.slug}/office/register/"


def workbook(good: Path) -> bytes:
    book = openpyxl.Workbook()
    for line in good.read_text("utf-8").splitlines():
        book.active.append(line.split(","))
    book.active["B4"] = "=1+1"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def bomb(_good: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(60):
                part.write(bytes(1_000_000))
    return made.getvalue()


def changed(good: Path, row: int, old: bytes, new: bytes) -> bytes:
    lines = good.read_bytes().split(b"\n")
    cells = lines[row - 1].split(b",")
    cells[1] = new if not old else cells[1].replace(old, new)
    lines[row - 1] = b",".join(cells)
    return b"\n".join(lines)


def mixed(good: Path) -> bytes:
    twice = changed(good, 3, b"", "Zoé".encode()).split(b"\n")
    twice[4] = twice[4].replace(b",", "é,".encode("latin-1"), 1)
    return b"\n".join(twice)


def parquet(good: Path, name: str) -> bytes:
    path = good.with_suffix(".parquet")
    duckdb.execute(
        "COPY (SELECT * REPLACE (CASE WHEN row_number() OVER () = 2 THEN ? ELSE given_name END AS given_name) "
        f"FROM read_csv('{good}', all_varchar=true)) TO '{path}' (FORMAT parquet)",
        [name],
    )
    return path.read_bytes()


HARM = {
    "zip bomb": ("r.xlsx", bomb, "The workbook would unpack to", "r.xlsx"),
    "formula": ("r.csv", lambda good: changed(good, 5, b"", FORMULA.encode()), "formula", "given_name"),
    "formula in a workbook": ("r.xlsx", workbook, "formula", "B"),
    "NUL": ("r.csv", lambda good: changed(good, 5, b"", b"A\0na"), "NUL bytes", "r.csv"),
    "NUL in Parquet": ("r.parquet", lambda good: parquet(good, "A\0na"), "NUL bytes", "given_name"),
    "mixed encodings": ("r.csv", mixed, "encoding", "r.csv"),
    "picture": ("r.csv", lambda _good: b"\x89PNG\r\n\x1a\n" + bytes(500), "a PNG picture, not a table", "r.csv"),
    "archive": ("r.xlsx", lambda _good: zipped(), "a ZIP archive, not a table", "r.xlsx"),
    "prose": ("r.csv", lambda _good: b"Dear office,\nplease find the register attached.\n", "column", "r.csv"),
    "truncated Parquet": (
        "r.parquet", lambda good: parquet(good, "Ana")[:-200], "The Parquet file cannot be read", "r.parquet"
    ),
    "truncated workbook": ("r.xlsx", lambda good: workbook(good)[:-900], "workbook", "r.xlsx"),
}  # fmt: skip
ROWS = {"formula": 5, "formula in a workbook": 4, "NUL": 5, "NUL in Parquet": 3}


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("register.csv", "id\n1\n")
    return made.getvalue()


def nothing_stays(settings) -> None:
    assert not Extract.objects.exists()
    assert not Resident.objects.exists()
    assert not Entry.objects.filter(action=Action.EXTRACT_LOADED).exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "in the background"])
@pytest.mark.parametrize("harm", HARM)
def test_a_harmful_file_is_refused_with_its_place_and_leaves_nothing(
    harm, at_once, good, office, settings, monkeypatch, django_capture_on_commit_callbacks
):
    name, make, problem, where = HARM[harm]
    client, address = office
    if not at_once:
        monkeypatch.setattr(view, "AT_ONCE", 1)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"file": ContentFile(make(good), name=name), **DATES})
    if not at_once or harm == "zip bomb":  # what unpacks to so much is not unpacked while somebody waits
        assert answer.status_code == 302
        assert Upload.objects.get().status == UploadStatus.REFUSED
        answer = client.get(answer["Location"])
    page = answer.content.decode()
    assert problem in page
    assert where in page
    if harm in ROWS:
        assert f'<td class="number">{ROWS[harm]}</td>' in page
    assert FORMULA not in page
    assert "/tmp" not in page  # noqa: S108  # the reader knows the file, not our folder
    nothing_stays(settings)


def test_a_file_above_the_limit_is_refused_by_its_size_before_it_is_read(
    institution, secretariat, good, settings, monkeypatch, rf: RequestFactory
):
    """The file is sparse: 2.1 GB that nobody wrote, sent as what Django makes of a large file."""

    def read(*_arguments):
        raise AssertionError("the file was read")

    sent = TemporaryUploadedFile("huge.csv", "text/csv", 2_100_000_000, "utf-8")
    os.truncate(sent.temporary_file_path(), sent.size)
    monkeypatch.setattr(TemporaryUploadedFile, "chunks", read)
    monkeypatch.setattr(TemporaryUploadedFile, "read", read)
    request = rf.post(f"/en/{institution.slug}/office/register/", DATES)
    request.user = secretariat.user
    request._dont_enforce_csrf_checks = True
    request.POST  # noqa: B018  # parsed before the file is put beside it
    request.FILES["file"] = sent
    answer = view.register(request, institution.slug)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The file has 2100 MB, more than the 2000 MB that are read." in page
    assert "huge.csv" in page
    assert "export fewer columns" in page
    assert not Upload.objects.exists()
    nothing_stays(settings)


def _receive(actor, institution, content: bytes) -> Upload:
    return uploads.receive(
        actor=actor, institution=institution, content=ContentFile(content), file_name="r.csv", ending=".csv",
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def test_a_reading_that_fails_half_way_leaves_nothing(
    institution, secretariat, good, settings, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(uploads, "ROWS_BETWEEN", 1)
    upload = _receive(secretariat, institution, good.read_bytes())

    def broken(_tick, rows):
        raise MemoryError(rows)

    monkeypatch.setattr(uploads._Tick, "__call__", broken)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(MemoryError):
        jobs.read_upload_of.call(upload.pk)
    upload.refresh_from_db()
    assert upload.status == UploadStatus.FAILED
    nothing_stays(settings)


@pytest.mark.parametrize("broken", ["record", "_end"])
def test_a_failure_after_the_file_was_kept_takes_it_back(
    broken, institution, secretariat, good, settings, monkeypatch, django_capture_on_commit_callbacks
):
    """The journal, or the upload's own end, cannot be written: neither row nor file of the extract stays."""
    upload = _receive(secretariat, institution, good.read_bytes())
    room = services if broken == "record" else uploads
    ordinary, failed = getattr(room, broken), []

    def once(*arguments, **named):
        if not failed:
            failed.append(True)
            assert [*Path(settings.MEDIA_ROOT).glob("register/*")]
            raise OSError("no space left")
        return ordinary(*arguments, **named)

    monkeypatch.setattr(room, broken, once)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(OSError, match="space"):
        jobs.read_upload_of.call(upload.pk)
    upload.refresh_from_db()
    assert upload.status == UploadStatus.FAILED
    nothing_stays(settings)
