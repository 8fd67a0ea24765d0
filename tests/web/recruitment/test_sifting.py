"""Who can be drawn: those who live elsewhere, stand on a list or wait are left out before the lot, and nobody is named."""

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from isegoria import register
from isegoria.errors import BadInput
from isegoria.proof import verify
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.services import propose_quotas
from isegoria_web.membership.models import Term
from isegoria_web.recruitment import sifting
from isegoria_web.recruitment.enums import CheckStatus
from isegoria_web.recruitment.errors import SiftedForAnother
from isegoria_web.recruitment.jobs import check_eligibility_of
from isegoria_web.recruitment.models import EligibilityCheck
from isegoria_web.register.algorithms import pseudonym, read_list
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.services import erase_extract, load_extract
from tests.web import acts, factories
from tests.web.factories import NOW
from tests.web.recruitment.test_second_letters import AFTER, announce, drawn_at

pytestmark = pytest.mark.django_db
ON = dt.date(2027, 4, 5)
KEY = "ab" * 32


@pytest.fixture
def rows():
    return register.synthesize("sift", 120)


@pytest.fixture
def cycle(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(cycle)
    propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


@pytest.fixture
def extract(institution, secretariat, rows, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(rows, path)
    return load_extract(
        actor=secretariat, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def listed(tmp_path, header, *lines, name="council", key=""):
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return read_list(path, name, key)


def check(actor, cycle, extract, **more):
    asked = sifting.ask_for_check(actor=actor, cycle=cycle, extract=extract, on=ON, **more)
    return sifting.check(actor=actor, asked=asked)


def ids_of(extract):
    with Path(extract.file.path).open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file)]


def left_out(done):
    return {each["detail"] or each["rule"]: each["people"] for each in done.left_out}


def test_each_rule_leaves_out_its_own_and_says_how_many(
    institution, secretariat, cycle, extract, rows, tmp_path
):
    home = rows[0]["municipality_name"]
    there = [row["id"] for row in rows if row["municipality_name"] == home]
    council, waits = there[:2], there[2]
    former = factories.make_members(factories.make_cycle(institution), 1)[0]
    key = 'key = "assembly"'
    factories.amend_rule_book(cycle, key, f"{key}\ncooling_off = {{ months = 24 }}")
    cycle.refresh_from_db()
    former.pseudonym = pseudonym(institution.pk, waits)
    former.save(update_fields=["pseudonym"])
    done = check(
        secretariat, cycle, extract, column="municipality_name", places=[home],
        lists=[listed(tmp_path, "id,until", f"{council[0]},", f"{council[1]},2027-05-01", "OB-nobody,")],
    )  # fmt: skip
    assert done.status == CheckStatus.DONE
    assert ids_of(done.result) == there[3:]
    assert (done.rows, done.eligible, done.result.residents) == (120, len(there) - 3, len(there) - 3)
    assert left_out(done) == {"municipality_name": 120 - len(there), "council": 2, "cooling_off": 1}
    assert sum(each["people"] for each in done.left_out) == 120 - done.eligible
    assert done.lists[0]["entries"] == 3
    assert done.lists[0]["unmatched"] == 1
    assert done.pending == ""
    entry = acts.entry(institution, Action.REGISTER_SIFTED)
    assert entry.facts["eligible"] == done.eligible
    kept = json.dumps([entry.facts, done.left_out, done.lists])
    assert not any(row["id"] in kept or row["family_name"] in kept for row in rows)
    assert "fewer than 5" in json.dumps(entry.facts["left_out"])


def test_a_day_on_a_list_counts_and_the_later_one_wins(secretariat, cycle, extract, rows, tmp_path):
    soon, late, twice = (row["id"] for row in rows[:3])
    done = check(
        secretariat, cycle, extract,
        lists=[
            listed(
                tmp_path, "id,until", f"{soon},2027-04-05", f"{late},2027-04-06", f"{twice},2027-04-06",
                f"{twice},2027-01-01",
            )
        ],
    )  # fmt: skip
    assert set(ids_of(extract)) - set(ids_of(done.result)) == {late, twice}


def test_a_list_of_pseudonyms_needs_the_key_of_its_keeper(secretariat, cycle, extract, rows, tmp_path):
    ((name, _until),) = register.exclusions_of([rows[5]["id"]], bytes.fromhex(KEY))
    with pytest.raises(BadInput):
        listed(tmp_path, "pseudonym", name)
    done = check(secretariat, cycle, extract, lists=[listed(tmp_path, "pseudonym", name, key=KEY)])
    assert set(ids_of(extract)) - set(ids_of(done.result)) == {rows[5]["id"]}


@pytest.mark.parametrize(
    ("header", "line", "code"),
    [
        ("name", "Anna", "column_missing"),
        ("id,until", "X,soon", "date_wrong"),
        ("id,until", ",2027-01-01", "cell_blank"),
    ],
)
def test_a_list_with_faults_is_refused_at_its_row(tmp_path, header, line, code):
    with pytest.raises(BadInput) as caught:
        listed(tmp_path, header, line)
    assert caught.value.code == code
    assert "council.csv" in str(caught.value)


def test_a_place_that_is_nowhere_in_the_register_is_named_and_nothing_is_kept(secretariat, cycle, extract):
    done = check(secretariat, cycle, extract, column="municipality_name", places=["Atlantis"])
    assert (done.status, done.result, done.pending) == (CheckStatus.REFUSED, None, "")
    assert done.faults[0]["parameters"]["value"] == "Atlantis"
    assert EligibilityCheck.objects.count() == 1


def test_where_nobody_is_left_out_the_extract_itself_is_the_result(secretariat, cycle, extract):
    done = check(secretariat, cycle, extract)
    assert (done.result, done.eligible) == (extract, 120)


def test_twice_gives_the_same_extract_and_an_ended_check_is_not_done_again(
    secretariat, cycle, extract, rows, tmp_path
):
    lists = [listed(tmp_path, "id", rows[0]["id"])]
    first = check(secretariat, cycle, extract, lists=lists)
    assert check(secretariat, cycle, extract, lists=lists).result == first.result
    assert sifting.check(actor=secretariat, asked=first).ended_at == first.ended_at


def test_the_letters_are_drawn_of_those_who_are_left_and_the_record_says_by_which_rules(
    institution, secretariat, cycle, extract, rows, tmp_path, client
):
    cycle.mandate_signed_at = NOW
    cycle.save(update_fields=["mandate_signed_at"])
    done = check(
        secretariat, cycle, extract, lists=[listed(tmp_path, "id", *(row["id"] for row in rows[:60]))]
    )
    campaign = drawn_at(secretariat, announce(secretariat, cycle, done.result), AFTER)
    document = campaign.draw.record.document
    assert "not on the list council" in json.dumps(document)
    assert extract.sha256 in json.dumps(document)
    assert verify(document).ok
    out = {pseudonym(institution.pk, row["id"]) for row in rows[:60]}
    assert not out & set(campaign.invitations.values_list("resident__pseudonym", flat=True))
    page = client.get(f"/en/{institution.slug}/cycles/{cycle.number}/draws/{campaign.draw.number}/")
    assert "60 of 120 residents could be drawn" in page.content.decode()


def test_what_was_left_for_one_cycle_is_not_used_for_another(
    institution, secretariat, cycle, extract, rows, tmp_path
):
    done = check(secretariat, cycle, extract, lists=[listed(tmp_path, "id", rows[0]["id"])])
    other = factories.make_cycle(institution, Stage.MANDATE)
    other.mandate_signed_at = NOW
    other.save(update_fields=["mandate_signed_at"])
    with pytest.raises(SiftedForAnother):
        announce(secretariat, other, done.result)
    with pytest.raises(ExtractErased):
        sifting.ask_for_check(actor=secretariat, cycle=other, extract=done.result, on=ON)


def test_the_rest_is_erased_with_the_extract(
    secretariat, cycle, extract, rows, tmp_path, django_capture_on_commit_callbacks
):
    done = check(secretariat, cycle, extract, lists=[listed(tmp_path, "id", rows[0]["id"])])
    path = Path(done.result.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        erase_extract(actor=secretariat, extract=extract)
    assert not path.exists()
    done.result.refresh_from_db()
    assert done.result.erased_at is not None
    assert not done.result.file


def test_an_extract_that_is_erased_meanwhile_leaves_nothing(secretariat, cycle, extract):
    asked = sifting.ask_for_check(actor=secretariat, cycle=cycle, extract=extract, on=ON)
    erase_extract(actor=secretariat, extract=extract)
    with pytest.raises(ExtractErased):
        sifting.check(actor=secretariat, asked=asked)
    asked.refresh_from_db()
    assert (asked.status, asked.pending) == (CheckStatus.FAILED, "")


def test_nobody_else_checks(institution, secretariat, cycle, extract):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: check(actor, cycle, extract))


def test_the_database_keeps_no_list_of_an_ended_check(secretariat, cycle, extract):
    done = check(secretariat, cycle, extract)
    with pytest.raises(IntegrityError), transaction.atomic():
        EligibilityCheck.objects.filter(pk=done.pk).update(pending="[]")


def test_a_worker_does_it_for_who_asked(secretariat, cycle, extract):
    asked = sifting.ask_for_check(actor=secretariat, cycle=cycle, extract=extract, on=ON)
    assert check_eligibility_of.func(asked.pk) == 120


def test_the_page_checks_and_leads_to_the_announcement(
    institution, secretariat, cycle, extract, rows, client
):
    client.force_login(secretariat.user)
    address = f"/en/{institution.slug}/office/cycles/{cycle.number}/eligibility/"
    shown = client.get(address).content.decode()
    assert "Check an extract" in shown
    sent = {
        "extract": str(extract.public_id), "on": ON.isoformat(), "column": "municipality_name", "places": "",
        "lists-TOTAL_FORMS": "3", "lists-INITIAL_FORMS": "0", "lists-0-name": "council",
    }  # fmt: skip
    assert "Give the list itself" in client.post(address, sent).content.decode()
    wrong = SimpleUploadedFile("wrong.csv", b"name\nAnna\n")
    answer = client.post(address, {**sent, "lists-0-file": wrong})
    assert answer.status_code == 422
    assert "wrong.csv" in answer.content.decode()
    good = SimpleUploadedFile("council.csv", f"id\n{rows[0]['id']}\nOB-none\n".encode())
    assert client.post(address, {**sent, "lists-0-file": good}).status_code == 302
    page = client.get(address).content.decode()
    assert "119 of 120 can be drawn" in page
    assert "stand on the list: council" in page
    assert "1 of its 2 entries are nobody" in page
    result = EligibilityCheck.objects.get().result
    announced = client.get(
        f"/en/{institution.slug}/office/cycles/{cycle.number}/letters/?extract={result.public_id}"
    ).content.decode()
    assert f'value="{result.public_id}" selected' in announced
    assert Term.objects.count() == 0
