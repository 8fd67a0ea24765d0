"""The public chain: complete, in order, and beyond the reach of an UPDATE."""

import datetime as dt
import json
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.journal import services
from isegoria_web.journal.algorithms import public_key, signed_by, verify_journal
from isegoria_web.journal.enums import Action
from isegoria_web.journal.errors import ExportDiffers, JournalBroken, NoKey
from isegoria_web.journal.jobs import journal_export, journal_key, sign_and_export
from isegoria_web.journal.models import Checkpoint, Entry, Opening
from isegoria_web.journal.services import (
    checkpoint_document,
    export_lines,
    forget,
    holds,
    record,
    sign_checkpoint,
    write_export,
)
from tests.web import factories
from tests.web.databases import switch_off

pytestmark = pytest.mark.django_db
FIRST = "journal-000001.jsonl"


def _write(institution, actor, count=3):
    for number in range(count):
        with clock.at(factories.NOW + dt.timedelta(minutes=number)):
            record(
                actor=actor,
                institution=institution,
                action=Action.STAGE_REACHED,
                subject=institution,
                facts={"number": number},
            )


def test_an_export_verifies_to_a_stranger(institution, secretariat):
    _write(institution, secretariat)
    result = verify_journal(export_lines(institution.chain))
    assert result.ok, result.failed


def test_one_changed_fact_is_found_by_its_number(institution, secretariat):
    _write(institution, secretariat)
    lines = [line.replace('"number":1', '"number":7') for line in export_lines(institution.chain)]
    result = verify_journal(lines)
    assert not result.ok
    assert "2" in str(result.failed.first_difference)


@pytest.mark.parametrize(
    "rewriting",
    [
        "UPDATE journal_entry SET actor = 'somebody' WHERE sequence = 2",
        "DELETE FROM journal_entry WHERE sequence = 3",
        "DELETE FROM journal_entry",
        "UPDATE journal_checkpoint SET length = 2",
        "DELETE FROM journal_checkpoint",
        "UPDATE journal_chain SET length = 2",  # to write entry 3 a second time
        "UPDATE journal_chain SET length = length + 1",  # to an entry that does not exist
        "UPDATE journal_chain SET head = 'f'",
        "DELETE FROM journal_chain WHERE length > 0",
    ],
)
def test_the_database_refuses_to_rewrite_the_journal(institution, secretariat, rewriting):
    _write(institution, secretariat)
    sign_checkpoint(chain=institution.chain)
    before = list(export_lines(institution.chain))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(rewriting)
    assert list(export_lines(institution.chain)) == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", ["journal_entry", "journal_checkpoint", "journal_chain"])
def test_the_database_refuses_to_truncate_the_journal(institution, secretariat, table):
    _write(institution, secretariat)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE")
    assert Entry.objects.count() == 3


def test_no_entry_is_written_twice_or_beside_the_chain(institution, secretariat):
    _write(institution, secretariat)
    copy = Entry.objects.get(sequence=2)
    copy.pk, copy.hash = None, "f" * 64
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_each_institution_has_a_chain_of_its_own(institution, elsewhere, secretariat):
    _write(institution, secretariat, 2)
    _write(elsewhere, Actor.system(), 1)
    assert [entry.sequence for entry in institution.chain.entries.all()] == [1, 2]
    assert [entry.sequence for entry in elsewhere.chain.entries.all()] == [1]


def test_what_is_sealed_stands_only_as_a_commitment(institution, secretariat):
    entry = record(
        actor=secretariat,
        institution=institution,
        action=Action.SEAT_TAKEN,
        subject=institution,
        sealed={"name": "Somebody"},
    )
    assert len(entry.commitment) == 64
    assert "Somebody" not in "".join(export_lines(institution.chain))


def test_the_actor_is_a_role_and_never_a_name(institution, secretariat, stranger):
    assert (
        record(
            actor=secretariat, institution=institution, action=Action.STAGE_REACHED, subject=institution
        ).actor
        == "secretariat"
    )
    assert (
        record(
            actor=Actor.citizen("ABCDEF"),
            institution=institution,
            action=Action.ANSWER_GIVEN,
            subject=institution,
        ).actor
        == "citizen"
    )


# -- what is personal -----------------------------------------------------------------------------------


def _sealed(institution, actor, name):
    return record(
        actor=actor, institution=institution, action=Action.SEAT_TAKEN, subject=institution,
        sealed={"name": name},
    )  # fmt: skip


def test_erasing_a_person_leaves_the_chain_valid_and_says_nothing_more(
    institution, secretariat, facilitator
):
    hers, his = _sealed(institution, secretariat, "Anna"), _sealed(institution, facilitator, "Bert")
    before = list(export_lines(institution.chain))
    assert holds(hers)
    assert forget(person=secretariat.user) == 1
    assert (holds(hers), holds(his)) == (False, True)
    assert not Opening.objects.filter(entry=hers).exists()
    assert list(export_lines(institution.chain)) == before
    assert verify_journal(before).ok
    assert forget(person=secretariat.user) == 0


def test_an_opening_that_was_changed_does_not_open_the_commitment(institution, secretariat):
    entry = _sealed(institution, secretariat, "Anna")
    Opening.objects.filter(entry=entry).update(payload={"name": "Bert"})
    assert not holds(entry)


def test_two_equal_secrets_have_different_commitments(institution, secretariat):
    first, second = (_sealed(institution, secretariat, "Anna") for _each in range(2))
    assert first.commitment != second.commitment


# -- signed checkpoints ---------------------------------------------------------------------------------


def test_a_checkpoint_signs_the_newest_entry_once(institution, secretariat, settings):
    _write(institution, secretariat)
    made = checkpoint_document(sign_checkpoint(chain=institution.chain))
    assert signed_by(made)
    assert made["key"] == public_key(settings.JOURNAL_KEY)
    assert (made["length"], made["head"]) == (3, Entry.objects.get(sequence=3).hash)
    assert sign_checkpoint(chain=institution.chain) is None
    _write(institution, secretariat, 1)
    assert sign_checkpoint(chain=institution.chain).length == 4


def test_a_new_key_signs_again_and_the_old_one_stays_listed(institution, secretariat, settings, client):
    _write(institution, secretariat)
    first = sign_checkpoint(chain=institution.chain)
    settings.JOURNAL_KEY = "11" * 32
    second = sign_checkpoint(chain=institution.chain)
    assert first.key != second.key
    listed = client.get("/journal/key.json").json()
    assert listed["key"] == second.key
    assert {each["key"] for each in listed["keys"]} == {first.key, second.key}


@pytest.mark.parametrize("field", ["chain", "length", "head", "time", "key", "signature"])
def test_a_checkpoint_in_which_anything_is_changed_does_not_hold(institution, secretariat, field):
    _write(institution, secretariat)
    made = checkpoint_document(sign_checkpoint(chain=institution.chain))
    other = {"length": made["length"] + 1, "time": "2027-03-01T09:00:01Z", "key": public_key("11" * 32)}
    made[field] = other.get(field) or "0" * len(made[field])
    assert not signed_by(made)


def test_the_signature_is_the_one_of_rfc_8032():
    assert public_key("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60") == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )


@pytest.mark.parametrize("key", ["", "mysterious", "g" * 64, "A" * 64])
def test_without_a_key_nothing_is_signed_and_the_doctor_says_so(institution, settings, key):
    assert journal_key() is None
    settings.JOURNAL_KEY = key
    with pytest.raises(NoKey):
        sign_checkpoint(chain=institution.chain)
    fault = journal_key()
    assert fault.code == "journal_key"
    assert not key or key not in f"{fault}"


def test_a_chain_without_its_newest_entry_is_not_signed(institution, secretariat):
    _write(institution, secretariat)
    with connection.cursor() as sql:  # whoever owns the database can switch its triggers off
        switch_off(sql, "journal_entry")
        sql.execute("DELETE FROM journal_entry WHERE sequence = 3")
    with pytest.raises(JournalBroken):
        sign_checkpoint(chain=institution.chain)


# -- files and mirrors ----------------------------------------------------------------------------------


@pytest.fixture
def folder(settings, tmp_path):
    settings.JOURNAL_EXPORT = tmp_path / "journal"
    return settings.JOURNAL_EXPORT / "ostbelgien"


def _lines(file):
    return file.read_text("utf-8").splitlines(keepends=True)


def test_the_job_appends_what_is_new_and_changes_nothing_else(institution, secretariat, folder):
    assert sign_and_export() == 0
    grown = []
    for _round in range(3):
        _write(institution, secretariat, 2)
        assert sign_and_export() == 2
        grown.append((folder / FIRST).read_bytes())
    assert grown[2].startswith(grown[1])
    assert grown[1].startswith(grown[0])
    assert sign_and_export() == 0
    assert _lines(folder / FIRST) == list(export_lines(institution.chain))
    assert verify_journal(_lines(folder / FIRST)).ok
    signed = [json.loads(line) for line in _lines(folder / "checkpoints.jsonl")]
    assert [one["length"] for one in signed] == [0, 2, 4, 6]
    assert all(map(signed_by, signed))


def test_half_a_line_that_a_crash_left_is_written_again(institution, secretariat, folder):
    _write(institution, secretariat)
    sign_and_export()
    whole = (folder / FIRST).read_bytes()
    for cut in (1, 40, len(whole) - 5):
        (folder / FIRST).write_bytes(whole[:-cut])
        sign_and_export()
        assert (folder / FIRST).read_bytes() == whole


def test_an_export_that_differs_from_the_database_is_left_alone_and_named(institution, secretariat, folder):
    _write(institution, secretariat)
    sign_and_export()
    file = folder / FIRST
    file.write_bytes(file.read_bytes().replace(b'"number":2', b'"number":9'))
    before = file.read_bytes()
    _write(institution, secretariat, 1)
    with pytest.raises(ExportDiffers, match="line 4"):
        write_export(chain=institution.chain, folder=folder.parent)
    with pytest.raises(ExceptionGroup):
        sign_and_export()
    assert file.read_bytes() == before
    assert journal_export().code == "journal_export"
    with pytest.raises(CommandError, match="line 4"):
        call_command("export_journal")


def test_one_journal_that_cannot_be_written_keeps_no_other_waiting(
    institution, elsewhere, secretariat, folder
):
    _write(institution, secretariat)
    _write(elsewhere, Actor.system(), 1)
    folder.parent.mkdir()
    folder.write_text("not a folder")
    with pytest.raises(ExceptionGroup):
        sign_and_export()
    assert len(_lines(folder.parent / "elsewhere" / FIRST)) == 2


def test_the_doctor_names_an_export_that_is_behind(institution, secretariat, folder):
    assert journal_export() is None
    _write(institution, secretariat, 1)
    assert journal_export() is None
    with clock.at(factories.NOW + dt.timedelta(hours=2)):
        assert "ostbelgien" in journal_export().problem
        call_command("export_journal", verbosity=0)
        assert journal_export() is None


@pytest.fixture
def short_files(monkeypatch):
    """Files of four entries, so that a short journal stands in several."""
    monkeypatch.setattr(services, "FILE_ENTRIES", 4)


def _checked(*arguments):
    done = CliRunner().invoke(app, ["journal", *map(str, arguments), "--json"])
    steps = json.loads(done.stdout)["steps"]
    return done.exit_code, next((each for each in steps if not each["ok"]), None)


@pytest.mark.usefixtures("short_files")
def test_a_long_journal_is_exported_in_files_that_never_change_once_they_are_finished(
    institution, secretariat, folder
):
    seen, entries = {}, 0
    for count in (1, 2, 1, 1, 7, 0, 4, 1):
        _write(institution, secretariat, count)
        assert sign_and_export() == count
        entries += count
        files = sorted(folder.glob("journal-*.jsonl"))
        assert len(files) == max(1, -(-entries // 4))
        for file in files[: entries // 4]:
            assert seen.setdefault(file.name, file.read_bytes()) == file.read_bytes()
        assert "".join(file.read_text() for file in files) == "".join(export_lines(institution.chain))
        assert len(_lines(folder / "index.jsonl")) == entries // 4
        key = json.loads(_lines(folder / "checkpoints.jsonl")[-1])["key"]
        assert _checked(folder, "--key", key) == (0, None)
    signed = {json.loads(line)["length"] for line in _lines(folder / "checkpoints.jsonl")}
    assert {4, 8, 12, 16} <= signed


@pytest.mark.usefixtures("short_files")
def test_a_folder_is_compared_with_a_mirror_and_the_first_difference_is_named(
    institution, secretariat, folder, tmp_path, settings
):
    _write(institution, secretariat, 10)
    sign_and_export()
    mirror = shutil.copytree(folder, tmp_path / "mirror")
    _write(institution, secretariat, 3)
    sign_and_export()
    assert _checked(folder, "--mirror", mirror) == (0, None)
    code, failed = _checked(mirror, "--mirror", folder)
    assert (code, failed["name"]) == (1, "mirror")
    assert failed["first_difference"].startswith("entry 11 is missing: the mirror has 13 entries")
    second = folder / "journal-000002.jsonl"
    before = second.read_bytes()
    second.write_bytes(before.replace(b'"number":6', b'"number":9'))
    code, failed = _checked(folder, "--mirror", mirror)
    assert (code, failed["name"]) == (1, "chain")
    assert failed["first_difference"].startswith("entry 7 was changed")
    assert failed["first_difference"].endswith("(journal-000002.jsonl, line 3)")
    second.unlink()
    code, failed = _checked(folder, "--mirror", mirror)
    assert (code, failed["name"]) == (1, "mirror")
    second.write_bytes(before)
    (folder / "journal-000004.jsonl").unlink()
    index = folder / "index.jsonl"
    assert _checked(folder)[0] == 0  # a cut end: only the mirror, or a checkpoint, knows
    assert _checked(folder, "--mirror", mirror)[0] == 0  # the mirror is older
    (folder / "journal-000003.jsonl").unlink()
    assert _checked(folder)[1]["first_difference"] == "journal-000003.jsonl is missing: the index names it"
    index.write_text("".join(_lines(index)[:2]))
    assert _checked(folder)[0] == 0
    assert _checked(folder, "--mirror", mirror)[1]["name"] == "mirror"
    code, failed = _checked(folder, "--key", public_key(settings.JOURNAL_KEY))
    assert (code, failed["name"]) == (1, "checkpoints")


@pytest.mark.usefixtures("short_files")
def test_an_export_resumes_wherever_a_crash_left_it(institution, secretariat, folder):
    _write(institution, secretariat, 9)
    sign_and_export()
    whole = {file.name: file.read_bytes() for file in folder.glob("*.jsonl")}
    for lost in (["journal-000003.jsonl"], ["journal-000003.jsonl", "index.jsonl"], ["index.jsonl"]):
        for name in lost:
            (folder / name).unlink()
        sign_and_export()
        assert {file.name: file.read_bytes() for file in folder.glob("*.jsonl")} == whole
    (folder / "journal-000003.jsonl").write_bytes(whole["journal-000003.jsonl"][:30])
    sign_and_export()
    assert (folder / "journal-000003.jsonl").read_bytes() == whole["journal-000003.jsonl"]


@pytest.mark.usefixtures("short_files")
def test_an_index_that_differs_from_the_database_is_left_alone(institution, secretariat, folder):
    _write(institution, secretariat, 9)
    sign_and_export()
    index = folder / "index.jsonl"
    index.write_text(index.read_text().replace('"last":8', '"last":7'))
    with pytest.raises(ExportDiffers, match="line 2"):
        write_export(chain=institution.chain, folder=folder.parent)


@pytest.mark.usefixtures("short_files")
def test_a_mirror_fetches_files_and_index(institution, secretariat, folder, client, tmp_path):
    _write(institution, secretariat, 9)
    sign_and_export()
    for name in ("index.jsonl", "journal-000001.jsonl", "journal-000002.jsonl", "journal-000003.jsonl"):
        assert b"".join(client.get(f"/journal/ostbelgien/{name}")) == (folder / name).read_bytes()
    for name in ("journal-000004.jsonl", "journal-000000.jsonl", "journal-1.jsonl"):
        assert client.get(f"/journal/ostbelgien/{name}").status_code == 404
    page = client.get("/en/ostbelgien/journal/").content.decode()
    assert "/journal/ostbelgien/journal-000003.jsonl" in page


def test_a_mirror_is_kept_by_fetching_what_is_new(institution, secretariat, client):
    _write(institution, secretariat, 2)
    kept = b"".join(client.get("/journal/ostbelgien/journal.jsonl"))
    _write(institution, secretariat, 2)
    kept += b"".join(client.get("/journal/ostbelgien/journal.jsonl?after=2"))
    assert kept.decode() == "".join(export_lines(institution.chain))
    assert client.get("/journal/ostbelgien/journal.jsonl?after=x").status_code == 400
    assert client.get("/journal/nowhere/journal.jsonl").status_code == 404


def test_checkpoints_are_published(institution, secretariat, client):
    assert client.get("/journal/ostbelgien/checkpoint.json").status_code == 404
    for count in (1, 2):
        _write(institution, secretariat, count)
        sign_checkpoint(chain=institution.chain)
    newest = client.get("/journal/ostbelgien/checkpoint.json").json()
    published = b"".join(client.get("/journal/ostbelgien/checkpoints.jsonl")).decode().splitlines()
    assert [json.loads(line)["length"] for line in published] == [1, 3]
    assert json.loads(published[-1]) == newest
    assert signed_by(newest)
    assert Checkpoint.objects.count() == 2
