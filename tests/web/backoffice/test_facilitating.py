"""The facilitator's page at a table: forms that work without a script, and what a tablet sends."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.deliberation import noting
from isegoria_web.deliberation.models import Note, Wording
from isegoria_web.meetings import speaking
from isegoria_web.meetings.models import Meeting, Table, Turn
from isegoria_web.web.backoffice import tablet
from tests.web import factories


@pytest.fixture
def table(institution) -> Table:
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    return factories.make_table(cycle)


@pytest.fixture
def client(staff) -> Client:
    return staff.clients[Role.FACILITATOR]


def url(table: Table, name: str = "facilitate") -> str:
    meeting = table.plan.meeting
    here = [meeting.cycle.institution.slug, meeting.cycle.number, meeting.number, table.round, table.number]
    return reverse(f"office:{name}", args=here)


def send(client: Client, table: Table, *entries: object, **extra):
    return client.post(
        url(table, "facilitate_entries"), json.dumps({"entries": entries}), "application/json", **extra
    )


def note_entry(text="Rents rise.", **changes):
    return {
        "id": str(uuid.uuid4()), "kind": "note", "note": str(uuid.uuid4()), "text": text, "language": "de",
        "seen": "",
    } | changes  # fmt: skip


def turn_entry(**changes):
    return {"id": str(uuid.uuid4()), "kind": "turn", "member": 1, "seconds": 60} | changes


def close(table: Table) -> None:
    with clock.at(table.plan.meeting.ends_at):
        actor = factories.actor(table.plan.meeting.cycle.institution, Role.SECRETARIAT)
        speaking.close_meeting(actor=actor, meeting=table.plan.meeting)


# -- without a script ---------------------------------------------------------------------------------------
def test_each_button_is_a_form(client, table):
    first = table.members.select_related("respondent").get(number=1)
    page = client.get(url(table)).content.decode()
    assert f"{first.respondent.name.split()[0]} (1)" in page
    assert client.post(url(table), {"act": "start", "member": "1"}).status_code == 302
    assert Turn.objects.running().get().member == first
    client.post(url(table), {"act": "stop"})
    assert Turn.objects.over().get().member == first
    client.post(url(table), {"act": "start", "member": "2"})
    client.post(url(table), {"act": "discard"})
    assert Turn.objects.count() == 1
    client.post(url(table), {"text": "Rents rise.\r\nFast.", "language": "de"})
    assert Note.objects.get().text == "Rents rise.\nFast."


@pytest.mark.parametrize("member", ["", "x", "999", "9" * 30, "-1"])
def test_a_stranger_is_not_started(client, table, member):
    answer = client.post(url(table), {"act": "start", "member": member})
    assert answer.status_code == 422
    assert not Turn.objects.exists()


def test_an_empty_note_is_told(client, table):
    answer = client.post(url(table), {"text": " ", "language": "de"})
    assert answer.status_code == 422
    assert not Note.objects.exists()


def _aside(client: Client, table: Table) -> Wording:
    note = factories.make_note(table)
    facilitator = factories.actor(table.plan.meeting.cycle.institution, Role.FACILITATOR)
    noting.edit_note(actor=facilitator, note=note, text="Rents rise fast.", seen="Rents rise.")
    entry = note_entry("Rents rise in Eupen.", note=str(note.public_id), seen="Rents rise.")
    assert send(client, table, entry).json()["results"][0]["done"] == "set_aside"
    return Wording.objects.get(public_id=entry["id"])


def test_both_texts_stand_side_by_side_and_one_chooses(client, table):
    aside = _aside(client, table)
    page = client.get(url(table)).content.decode()
    assert "Rents rise fast." in page
    assert "Rents rise in Eupen." in page
    chosen = {
        "act": "choose",
        "wording": str(aside.public_id),
        "seen": "Rents rise fast.",
        "text": aside.text,
    }
    assert client.post(url(table), chosen).status_code == 302
    assert Note.objects.get().text == "Rents rise in Eupen."


def test_a_choice_that_comes_too_late_shows_what_was_typed(client, table):
    aside = _aside(client, table)
    late = {"act": "choose", "wording": str(aside.public_id), "seen": "Rents rise.", "text": "All of it."}
    answer = client.post(url(table), late)
    assert answer.status_code == 409
    assert "All of it." in answer.content.decode()
    assert client.post(url(table), {**late, "wording": "x"}).status_code == 404
    assert client.post(url(table), {**late, "wording": str(uuid.uuid4())}).status_code == 404


def test_the_page_of_a_closed_meeting_has_no_names(client, table):
    client.post(url(table), {"act": "start", "member": "1"})
    close(table)
    page = client.get(url(table)).content.decode()
    assert "This meeting is closed" in page
    assert table.members.get(number=1).respondent.name.split()[0] not in page.split('id="main"')[1]
    assert client.post(url(table), {"act": "start", "member": "1"}).status_code == 409
    refused = client.post(url(table), {"text": "Too late.", "language": "de"})
    assert refused.status_code == 409


# -- what a tablet sends --------------------------------------------------------------------------------------
def test_a_tablet_gets_the_table(client, table):
    told = client.get(url(table, "facilitate_entries")).json()
    assert len(told["state"]["people"]) == table.members.count()
    assert set(told["state"]["people"][0]) == {"number", "name", "seconds"}
    assert told["token"]


def test_what_a_tablet_sends_is_kept_once_however_often_it_is_sent(client, table):
    entries = [turn_entry(), turn_entry(member=2, seconds=30), note_entry()]
    for _time in range(2):
        results = send(client, table, *entries).json()["results"]
        assert [each["done"] for each in results] == ["kept"] * 3
    assert (Turn.objects.count(), Note.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        "x", [], None, {}, {"id": "x", "kind": "turn"}, turn_entry(seconds="60"), turn_entry(seconds=True),
        turn_entry(member=10**12), turn_entry(member=999), turn_entry(seconds=0), note_entry(language="xx"),
        note_entry(text=7), note_entry(text="\x00"), note_entry(note="x"), turn_entry(kind="vote"),
        note_entry(text=""),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_with_its_reason_and_the_others_are_kept(client, table, wrong):
    results = send(client, table, wrong, turn_entry()).json()["results"]
    assert [each["done"] for each in results] == ["refused", "kept"]
    assert results[0]["problem"]
    assert results[0]["way_out"]
    assert Turn.objects.count() == 1


@pytest.mark.parametrize("body", ["", "{", "[]", '{"entries": 1}', "[" * 20000])
def test_what_cannot_be_read_is_refused_as_a_whole(client, table, body):
    answer = client.post(url(table, "facilitate_entries"), body, "application/json")
    assert answer.status_code == 422
    assert answer.json()["way_out"]


def test_too_much_at_once_is_refused(client, table):
    assert send(client, table, *[turn_entry()] * (tablet.MOST_ENTRIES + 1)).status_code == 422
    assert send(client, table, note_entry("x" * tablet.MOST_BYTES)).status_code == 422
    assert not Turn.objects.exists()


def test_a_tablet_that_comes_back_after_the_closing_is_told_why(client, table):
    close(table)
    told = send(client, table, note_entry(), turn_entry()).json()
    assert [each["done"] for each in told["results"]] == ["refused", "refused"]
    assert "closed" in told["results"][0]["problem"]
    assert (told["state"]["closed"], told["state"]["people"]) == (True, [])


def test_the_table_of_another_facilitator_stays_hers(institution, client, table):
    table.facilitator = factories.make_user(institution, Role.FACILITATOR)
    table.save()
    assert client.get(url(table)).status_code == 403
    assert client.get(url(table, "facilitate_worker")).status_code == 403
    assert send(client, table, turn_entry()).status_code == 403
    assert not Turn.objects.exists()


def test_entries_need_their_token(institution, table):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.make_user(institution, Role.FACILITATOR))
    assert send(strict, table, turn_entry()).status_code == 403
    token = strict.get(url(table, "facilitate_entries")).json()["token"]
    assert send(strict, table, turn_entry(), headers={"X-CSRFToken": token}).status_code == 200


def test_the_worker_is_kept_to_one_page_and_holds_no_name(client, table):
    answer = client.get(url(table, "facilitate_worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer.headers
    assert url(table, "facilitate_worker").startswith(url(table))
    for name in table.members.values_list("respondent__name", flat=True):
        assert name.split()[0] not in answer.content.decode()


def test_signing_out_lets_the_device_forget_where_a_table_was_open(client, table):
    client.get(url(table))
    assert client.post(reverse("account_logout"))["Clear-Site-Data"] == '"storage"'


def test_signing_out_elsewhere_clears_nothing(staff, client):
    assert "Clear-Site-Data" not in client.post(reverse("account_logout")).headers


def test_the_secretariat_closes_a_meeting_after_a_warning(institution, table):
    secretary = Client()
    secretary.force_login(factories.make_user(institution, Role.SECRETARIAT))
    meeting = table.plan.meeting
    address = reverse("office:meeting_close", args=[institution.slug, meeting.cycle.number, meeting.number])
    with clock.at(meeting.ends_at):
        assert secretary.get(address).status_code == 200
        assert Meeting.objects.get(pk=meeting.pk).closed_at is None
        assert secretary.post(address, {"confirmed": "yes"}).status_code == 302
    assert Meeting.objects.get(pk=meeting.pk).closed_at is not None
