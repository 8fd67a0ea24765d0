"""A register in the words of its holder: told once, read in our own columns, refused at its row."""

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from isegoria import register
from isegoria.errors import BadInput, BadInputs
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.register import algorithms, profiles, uploads
from isegoria_web.register.enums import UploadStatus
from isegoria_web.register.models import Extract, RegisterProfile
from isegoria_web.register.services import load_extract
from tests.web import acts, factories

pytestmark = pytest.mark.django_db
THEIRS = {
    "id": "Rijksregisternummer", "given_name": "Voornaam", "family_name": "Naam", "sex": "Geslacht",
    "birth_date": "Geboortedatum", "language": "Taal", "street": "Straat", "house_number": "Huisnummer",
    "postcode": "Postcode", "municipality": "NIS-code", "municipality_name": "Gemeente", "household": "Gezin",
}  # fmt: skip
SEXES = {"F": "V", "M": "M", "X": "X"}


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def foreign(count=90, sex=SEXES):
    """An extract as a holder in Flanders might deliver it: semicolons, its own names, days first."""
    lines = [";".join([*THEIRS.values(), "kleur", "Geloof"])]
    for row in register.synthesize("foreign", count):
        cells = {
            **row,
            "sex": sex[row["sex"]],
            "birth_date": "/".join(reversed(row["birth_date"].split("-"))),
        }
        lines.append(";".join([*(cells[name] for name in THEIRS), f"Kleur {row['id'][-1]}", "secret"]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "extract.csv"
    made.write_text(foreign(), encoding="utf-8")
    return made


def written(path):
    """The guess for a file, corrected as a secretary would."""
    found = algorithms.parts_of_profile(algorithms.columns_in(path).profile)
    return algorithms.profile_of(
        {**found["columns"], **THEIRS, "kleur": "kleur"},
        "day-month-year",
        {"sex": {"V": "F", "M": "M", "X": "X"}},
        earliest=False,
    )


def load(actor, institution, path, profile):
    return load_extract(
        actor=actor, institution=institution, path=path, file_name=path.name, profile=profile,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def test_a_foreign_file_is_read_with_its_profile_and_refused_without(institution, secretariat, path):
    with pytest.raises((BadInput, BadInputs)):
        load(secretariat, institution, path, None)
    profile = profiles.save_profile(
        actor=secretariat, institution=institution, name="Cevi", text=written(path)
    )
    extract = load(secretariat, institution, path, profile)
    with algorithms.opened(extract.file.path) as found:
        assert algorithms.values_of(found, "sex").keys() <= {"F", "M", "X"}
        assert sum(algorithms.values_of(found, "kleur").values()) == 90
        assert "Geloof" not in found.columns  # what nobody chose is not kept
    assert "secret" not in Path(extract.file.path).read_text("utf-8")
    assert extract.delivered_sha256 == hashlib.sha256(path.read_bytes()).hexdigest() != extract.sha256
    assert not list(Path(extract.file.path).parent.parent.glob("incoming/*"))
    assert algorithms.read(extract.file.path).rows[0]["birth_date"].count("-") == 2


def test_a_file_that_does_not_fit_its_profile_is_refused_at_its_row(institution, secretariat, path):
    profile = profiles.save_profile(
        actor=secretariat, institution=institution, name="Cevi", text=written(path)
    )
    path.write_text(foreign(sex={**SEXES, "F": "W"}), encoding="utf-8")
    with pytest.raises((BadInput, BadInputs)) as caught:
        load(secretariat, institution, path, profile)
    faults = caught.value.faults if isinstance(caught.value, BadInputs) else (caught.value,)
    assert {each.place.column for each in faults} == {"Geslacht"} or {
        each.place.column for each in faults
    } == {"sex"}
    assert all(each.place.row for each in faults)
    assert not Extract.objects.exists()


def test_a_large_file_is_read_with_its_profile_in_the_background(institution, secretariat, path):
    profile = profiles.save_profile(
        actor=secretariat, institution=institution, name="Cevi", text=written(path)
    )
    upload = uploads.receive(
        actor=secretariat, institution=institution, content=ContentFile(path.read_bytes(), "extract.csv"),
        file_name="extract.csv", ending=".csv", reference_date=dt.date(2027, 1, 1),
        erase_on=dt.date(2027, 6, 1), profile=profile,
    )  # fmt: skip
    extract = uploads.read_upload(actor=secretariat, upload=upload)
    assert extract is not None
    assert extract.residents == 90
    upload.refresh_from_db()
    assert upload.status == UploadStatus.LOADED


def test_a_conversion_is_cancelled_and_leaves_nothing(institution, secretariat, path, monkeypatch):
    monkeypatch.setattr(uploads, "ROWS_BETWEEN", 1)
    profile = profiles.save_profile(
        actor=secretariat, institution=institution, name="Cevi", text=written(path)
    )
    upload = uploads.receive(
        actor=secretariat, institution=institution, content=ContentFile(path.read_bytes(), "extract.csv"),
        file_name="extract.csv", ending=".csv", reference_date=dt.date(2027, 1, 1),
        erase_on=dt.date(2027, 6, 1), profile=profile,
    )  # fmt: skip
    convert, checked = algorithms.convert, []

    def cancelled_inside(*given):
        uploads.cancel(actor=secretariat, upload=upload)
        convert(*given)

    monkeypatch.setattr(algorithms, "convert", cancelled_inside)
    monkeypatch.setattr(algorithms, "check", lambda *given: checked.append(given))
    assert uploads.read_upload(actor=secretariat, upload=upload) is None
    assert not checked  # it ended while it was converted
    upload.refresh_from_db()
    assert upload.status == UploadStatus.CANCELLED
    assert not list((Path(default_storage.location) / "incoming").glob("*working-*"))
    assert not Extract.objects.exists()


def test_the_progress_never_goes_back_and_a_second_pass_notices_too(
    institution, secretariat, path, monkeypatch
):
    monkeypatch.setattr(uploads, "ROWS_BETWEEN", 10)
    upload = uploads.receive(
        actor=secretariat, institution=institution, content=ContentFile(path.read_bytes(), "extract.csv"),
        file_name="extract.csv", ending=".csv", reference_date=dt.date(2027, 1, 1),
        erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
    tick = uploads._Tick(upload.pk)
    for rows in (40, 80, 20):
        tick(rows)
    upload.refresh_from_db()
    assert upload.rows_read == 80
    uploads.cancel(actor=secretariat, upload=upload)
    with pytest.raises(uploads._CancelledError):
        tick(40)


def test_a_profile_is_kept_once_and_replaced_by_its_name(institution, secretariat, path):
    text = written(path)
    first = profiles.save_profile(actor=secretariat, institution=institution, name="Cevi", text=text)
    again = profiles.save_profile(actor=secretariat, institution=institution, name="Cevi", text=text)
    assert first == again
    assert len(acts.entries(institution, Action.REGISTER_PROFILE_SAVED)) == 1
    other = algorithms.profile_of(THEIRS, "year-month-day", {}, earliest=True)
    profiles.save_profile(actor=secretariat, institution=institution, name="Cevi", text=other)
    assert RegisterProfile.objects.get().text == other
    profiles.drop_profile(actor=secretariat, profile=first)
    assert acts.entry(institution, Action.REGISTER_PROFILE_DROPPED).facts == {
        "sha256": hashlib.sha256(other.encode()).hexdigest()
    }
    assert not RegisterProfile.objects.exists()


@pytest.mark.parametrize("text", ["no toml", "[columns]\nid = 3\n", '[columns]\nstreet = "Straat"\n'])
def test_a_profile_with_faults_is_not_kept(institution, secretariat, text):
    with pytest.raises((BadInput, BadInputs)):
        profiles.save_profile(actor=secretariat, institution=institution, name="x", text=text)
    assert not RegisterProfile.objects.exists()


def test_nobody_else_keeps_or_uses_a_profile(institution, secretariat, path):
    text = written(path)
    profile = profiles.save_profile(actor=secretariat, institution=institution, name="Cevi", text=text)
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: profiles.save_profile(actor=actor, institution=institution, name="x", text=text),
    )  # fmt: skip
    acts.only(
        factories.make_institution("third"),
        act=lambda actor: profiles.drop_profile(actor=actor, profile=profile),
    )
    elsewhere = factories.make_institution("fourth")
    with pytest.raises(NotAllowed):
        load(factories.actor(elsewhere, Role.SECRETARIAT), elsewhere, path, profile)


def test_the_pages_look_at_a_file_keep_the_profile_and_load_with_it(institution, secretariat, path, client):
    client.force_login(secretariat.user)
    office = f"/en/{institution.slug}/office/register/"
    page = client.post(f"{office}profiles/", {"file": SimpleUploadedFile("extract.csv", path.read_bytes())})
    shown = page.content.decode()
    assert page.status_code == 200
    assert "Which column is what?" in shown
    assert "Read as" in shown
    assert not any(row["family_name"] in shown for row in register.synthesize("foreign", 90))
    form = page.context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    sent |= {f"column_{ours}": theirs for ours, theirs in THEIRS.items()}
    sent |= {"further": ["kleur"], "dates": "day-month-year", "values_sex": "V = F\nM = M", "earliest": ""}
    wrong = client.post(f"{office}profiles/keep/", {**sent, "column_box": "Naam", "values_sex": "V"})
    assert wrong.status_code == 422
    assert "named twice" in wrong.content.decode()
    assert "Line 1 is no pair" in wrong.content.decode()
    assert client.post(f"{office}profiles/keep/", {**sent, "name": "Cevi"}).status_code == 302
    profile = RegisterProfile.objects.get()
    assert "Cevi" in client.get(f"{office}profiles/").content.decode()
    file = client.get(f"{office}profiles/{profile.public_id}.toml")
    assert b"day-month-year" in file.content
    again = client.post(f"{office}profiles/", {"file": SimpleUploadedFile("cevi.toml", file.content)})
    assert "Rijksregisternummer" in again.content.decode()
    loaded = client.post(
        office,
        {
            "file": SimpleUploadedFile("extract.csv", path.read_bytes()), "reference_date": "2027-01-01",
            "erase_on": "2027-06-01", "profile": str(profile.public_id),
        },
    )  # fmt: skip
    assert loaded.status_code == 302
    extract = Extract.objects.get()
    assert extract.residents == 90
    with algorithms.opened(extract.file.path) as stored:
        assert set(stored.columns) == {*THEIRS, "kleur"}
    assert "as it came" in client.get(office).content.decode()
    bad = client.post(f"{office}profiles/", {"file": SimpleUploadedFile("x.csv", b"")})
    assert bad.status_code == 422
    assert (
        client.post(f"{office}profiles/{profile.public_id}/drop/", {"confirmed": "yes"}).status_code == 302
    )


def test_the_page_shows_what_the_cells_look_like_and_no_cell(client, institution, secretariat, path):
    client.force_login(secretariat.user)
    address = reverse("office:register_profiles", args=[institution.slug])
    sent = SimpleUploadedFile("extract.csv", path.read_bytes())
    page = client.post(address, {"file": sent}).content.decode()
    assert "<code>99/99/9999</code>" in page
    cells = {cell for line in foreign().splitlines()[1:] for cell in line.split(";") if len(cell) > 4}
    assert not [cell for cell in cells if cell in page]
