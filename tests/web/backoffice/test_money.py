"""Allowances through the pages: the member's own, and the secretariat's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.allowances.models import Account, Claim, PaymentFile
from isegoria_web.institutions.enums import Stage
from tests.web import factories
from tests.web.allowances import support
from tests.web.backoffice.support import Staff

pytestmark = pytest.mark.django_db
SECRETARIAT = Role.SECRETARIAT


@pytest.fixture
def members(institution):
    support.pay(institution, support.VOLUNTEER)
    found = factories.make_members(factories.make_cycle(institution, Stage.LEARNING), 2)
    support.held(found[0].cycle, found)
    return found


def browser_of(member) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def own(member, page: str) -> str:
    return reverse(f"members:{page}", args=[member.cycle.institution.slug])


def test_a_member_says_what_is_needed_and_sees_what_is_left(members):
    browser = browser_of(members[0])
    assert browser.get(own(members[0], "money")).text.count("missing</strong>") == 2
    refused = browser.post(own(members[0], "account"), {"account": "BE68 5390 0754 7035", "holder": "Anna"})
    assert refused.status_code == 422
    assert "Copy the IBAN" in refused.text
    browser.post(own(members[0], "account"), {"account": "BE68 5390 0754 7034", "holder": "Anna"})
    browser.post(own(members[0], "declaration"), {"elsewhere_cents": "20.50"})
    page = browser.get(own(members[0], "money")).text
    assert "ends with 7034" in page
    assert "BE68" not in page
    assert "€ 79.50 may still be paid this year" in page


def test_a_member_claims_a_cost_and_a_wrong_receipt_is_refused(members):
    browser = browser_of(members[0])
    told = {"kind": "travel", "day": "2027-02-01", "cents": "12.30", "note": "Train"}
    wrong = SimpleUploadedFile("ticket.pdf", b"MZ")
    assert browser.post(own(members[0], "costs"), told | {"receipt": wrong}).status_code == 422
    right = SimpleUploadedFile("ticket.pdf", support.PDF)
    assert browser.post(own(members[0], "costs"), told | {"receipt": right}).status_code == 302
    assert "€ 12.30" in browser.get(own(members[0], "money")).text
    assert "Train" not in browser_of(members[1]).get(own(members[1], "money")).text


def test_the_money_goes_from_the_attendance_to_the_bank(staff: Staff, second: Staff, institution, members):
    support.declare(members[0])
    for member in members:
        support.give_account(member)
    answer = staff.post(SECRETARIAT, "claims_compute")
    assert answer.status_code == 302
    page = staff.get(SECRETARIAT, "money").text
    assert "1 claim waits for a second person" in page
    assert "No declaration yet: members 2." in page
    assert "a colleague" in page
    assert "1 claim waits for a second person" in staff.get(SECRETARIAT, "home").text
    staff.post(SECRETARIAT, "claims_approve", claim=["1"])
    assert "cannot approve it" in staff.get(SECRETARIAT, "money").text
    second.post(SECRETARIAT, "claims_approve", claim=["1", "7", "x"])
    assert Claim.objects.get().status == "approved"
    staff.post(SECRETARIAT, "payer", name="Dialog", account=support.PAYER, bic="")
    staff.act(SECRETARIAT, "payment_file_new", execute_on="2027-03-02")
    file = PaymentFile.objects.get()
    assert "Mark payment file 1 with 1 transfer as paid" in staff.get(SECRETARIAT, "home").text
    taken = staff.act(SECRETARIAT, "payment_file_take", 1)
    assert b"<CtrlSum>35.00</CtrlSum>" in taken.content
    assert "35.00" in staff.get(SECRETARIAT, "payment_file", 1).text
    staff.post(SECRETARIAT, "payment_file", 1)
    assert Claim.objects.get().status == "paid"
    table = staff.post(SECRETARIAT, "year", year="2027").text.splitlines()
    assert len(table) == 2
    assert "Paid" in browser_of(members[0]).get(own(members[0], "money")).text
    assert file.execute_on == dt.date(2027, 3, 2)
    for page in ("money", "home"):
        assert support.IBANS[1] not in staff.get(SECRETARIAT, page).text
    assert Account.objects.count() == 2


def test_a_refused_claim_tells_the_member_why(staff: Staff, second: Staff, institution, members):
    support.declare(members[0])
    staff.post(SECRETARIAT, "claims_compute")
    claim = Claim.objects.get()
    assert second.post(SECRETARIAT, "claim_refuse", claim.public_id).status_code == 422
    second.post(SECRETARIAT, "claim_refuse", claim.public_id, reason="She left at nine.")
    assert "She left at nine." in browser_of(members[0]).get(own(members[0], "money")).text


def test_a_receipt_is_for_the_secretariat_of_its_institution_alone(
    staff: Staff, institution, members, elsewhere
):
    receipt = SimpleUploadedFile("ticket.pdf", support.PDF)
    told = {"kind": "travel", "day": "2027-02-01", "cents": "12.30", "note": "", "receipt": receipt}
    browser_of(members[0]).post(own(members[0], "costs"), told)
    claim = Claim.objects.get()
    assert staff.get(SECRETARIAT, "claim_receipt", claim.public_id).content == support.PDF
    assert staff.get(Role.AUTHORITY, "claim_receipt", claim.public_id).status_code == 404
    stranger = Client()
    stranger.force_login(factories.make_user(elsewhere, SECRETARIAT))
    there = reverse("office:claim_receipt", args=[elsewhere.slug, claim.public_id])
    assert stranger.get(there).status_code == 404


def test_where_the_rule_book_is_silent_both_pages_say_so(staff: Staff, institution):
    member = factories.make_members(factories.make_cycle(institution), 1)[0]
    assert "does not say under which scheme" in browser_of(member).get(own(member, "money")).text
    assert "pay.scheme" in staff.get(SECRETARIAT, "money").text
    support.held(member.cycle, [member])
    assert staff.post(SECRETARIAT, "claims_compute").status_code == 409
