"""From attendance to the bank: claimed, decided by a second person, exported once, paid; never above a ceiling."""

from __future__ import annotations

import csv
import datetime as dt
import json
import threading
from io import StringIO

import pytest
from cryptography.fernet import InvalidToken
from django.db import IntegrityError, connections, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.services import erase_person
from isegoria_web.allowances import jobs, paying, sealing, services
from isegoria_web.allowances.enums import CostKind
from isegoria_web.allowances.errors import (
    AmountIsSet,
    BothSchemes,
    CeilingReached,
    CostsNotPaid,
    DayNotServed,
    ExecutionPast,
    FileErased,
    HolderMissing,
    IbanWrong,
    LessThanBefore,
    MoneyWrong,
    NoAmount,
    NoScheme,
    NotClaimed,
    NothingToPay,
    NotInFile,
    PaidAlready,
    PayerMissing,
    ReasonMissing,
    ReceiptWrong,
    SamePerson,
    StillOwed,
)
from isegoria_web.allowances.models import Account, Claim, Declaration, Payer, PaymentFile, Transfer
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.allowances import support
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def second(institution) -> Actor:
    return factories.actor(institution, Role.SECRETARIAT)


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.LEARNING)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle, 3)


@pytest.fixture
def volunteers(institution, members):
    """Members who have declared that they get nothing elsewhere, were at a meeting, and gave their account."""
    support.pay(institution, support.VOLUNTEER)
    for member in members:
        support.declare(member)
        support.give_account(member)
    support.held(members[0].cycle, members)
    return members


def named(rule: str, institution) -> str:
    version = institution.rule_books.latest("number")
    return f"{rule}, {version.identifier} {version.number}"


def compute(actor: Actor, institution, **more) -> services.Computed:
    return services.compute_claims(actor=actor, institution=institution, **more)


# -- claims of attendances ---------------------------------------------------------------------------------
def test_each_attendance_becomes_a_claim_once(institution, secretariat, volunteers):
    assert compute(secretariat, institution).made == 3
    assert compute(secretariat, institution).made == 0
    claim = Claim.objects.first()
    assert (claim.cents, claim.rule, claim.scheme, claim.per, claim.cut_rule) == (
        3500, "pay.amounts.day.eur", "volunteer", "day", "",
    )  # fmt: skip
    assert acts.entry(institution, Action.CLAIMS_COMPUTED).facts == {
        "claims": 3,
        "cut": 0,
        "own_amount": False,
        "rules": {"claims": named("pay.amounts.day.eur", institution)},
    }


def test_who_was_absent_and_what_is_not_over_is_not_claimed(institution, secretariat, volunteers):
    meeting = volunteers[0].cycle.meetings.get()
    meeting.attendances.filter(member=volunteers[0]).update(presence="excused")
    coming = support.held(volunteers[0].cycle, volunteers, day=2)
    coming.starts_at, coming.ends_at = NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=2)
    coming.save()
    assert compute(secretariat, institution).made == 2


def test_two_meetings_on_a_day_are_one_day(institution, secretariat, volunteers):
    support.held(volunteers[0].cycle, volunteers, hours=2)
    assert compute(secretariat, institution).made == 3
    assert compute(secretariat, institution).made == 0


def test_a_fee_by_halves_of_a_day_needs_no_declaration_and_knows_no_ceiling(
    institution, secretariat, members
):
    support.pay(institution, support.FEE)
    support.held(members[0].cycle, members, day=1, hours=6)
    support.held(members[0].cycle, members, day=2, hours=4)
    assert compute(secretariat, institution).made == 6
    assert sorted(Claim.objects.filter(member=members[0]).values_list("cents", flat=True)) == [4400, 8800]
    assert set(Claim.objects.values_list("scheme", flat=True)) == {"fee"}


def test_the_year_stops_hard_at_its_ceiling_over_all_organisations(institution, secretariat, volunteers):
    support.declare(volunteers[1], 4000)
    support.declare(volunteers[2], 10_000)
    for day in (2, 3):
        support.held(volunteers[0].cycle, volunteers, day=day)
    found = compute(secretariat, institution)
    sums = {
        member.number: list(member.claims.order_by("day").values_list("cents", flat=True))
        for member in volunteers
    }
    assert sums == {1: [3500, 3500, 3000], 2: [3500, 2500], 3: []}
    assert (found.made, found.cut) == (5, 2)
    assert sorted(found.stopped) == [2, 3, 3, 3]
    assert set(Claim.objects.exclude(cut_rule="").values_list("cut_rule", flat=True)) == {
        "pay.amounts.law-year.eur"
    }


def test_what_another_institution_of_this_site_pays_counts_under_the_same_ceiling(
    institution, secretariat, volunteers, elsewhere
):
    support.pay(elsewhere, support.VOLUNTEER)
    there = factories.make_members(factories.make_cycle(elsewhere, Stage.LEARNING), 1)[0]
    there.user = volunteers[0].user
    there.save()
    for day in (10, 11):
        support.held(there.cycle, [there], day=day)
    assert compute(factories.actor(elsewhere, Role.SECRETARIAT), elsewhere).made == 2
    compute(secretariat, institution)
    assert volunteers[0].claims.get().cents == 3000


def test_without_a_declaration_a_lump_sum_waits(institution, secretariat, volunteers):
    Declaration.objects.filter(member=volunteers[2]).delete()
    found = compute(secretariat, institution)
    assert (found.made, found.undeclared) == (2, [3])
    support.declare(volunteers[2])
    assert compute(secretariat, institution).made == 1


def test_a_silent_rule_book_pays_nothing_and_says_so(institution, secretariat, members):
    support.held(members[0].cycle, members)
    with pytest.raises(NoScheme):
        compute(secretariat, institution)


def test_where_the_book_names_ceilings_alone_the_institution_sets_the_amount(
    institution, secretariat, volunteers
):
    version = institution.rule_books.get()
    version.text = version.text.replace('eur = "35"\nper = "day"', 'eur = "35"\nper = "day"\nlimit = true')
    version.save()
    with pytest.raises(NoAmount):
        compute(secretariat, institution)
    assert compute(secretariat, institution, own_cents=4000).cut == 3
    assert set(Claim.objects.values_list("due_cents", "cents", "rule", "cut_rule")) == {
        (4000, 3500, "", "pay.amounts.day.eur")
    }


def test_where_the_book_sets_the_amount_nobody_sets_another(institution, secretariat, volunteers):
    with pytest.raises(AmountIsSet):
        compute(secretariat, institution, own_cents=9900)
    assert not Claim.objects.exists()


# -- what a member says ------------------------------------------------------------------------------------
def test_nobody_but_the_member_speaks_for_her(institution, secretariat, volunteers):
    member = volunteers[0]
    for actor in (secretariat, factories.actor_of(volunteers[1]), factories.nobody_special()):
        with pytest.raises(NotAllowed):
            services.give_account(actor=actor, member=member, account=support.IBANS[0], holder="A")
        with pytest.raises(NotAllowed):
            services.declare(actor=actor, member=member, year=2027, elsewhere_cents=1)
        with pytest.raises(NotAllowed):
            costs(actor, member)


def test_an_account_is_sealed_and_only_its_last_signs_are_seen(institution, members):
    support.give_account(members[0])
    account = Account.objects.get()
    assert support.IBANS[1] not in json.dumps(list(Account.objects.values("sealed", "tail")))
    assert account.tail == support.IBANS[1][-4:]
    assert json.loads(sealing.unseal(account.sealed))["iban"] == support.IBANS[1]
    assert acts.entry(institution, Action.ACCOUNT_GIVEN).facts == {"cycle": 1}


def test_a_seal_of_another_key_does_not_open(members, settings):
    support.give_account(members[0])
    settings.PSEUDONYM_KEY = "another"
    with pytest.raises(InvalidToken):
        sealing.unseal(Account.objects.get().sealed)


def test_a_wrong_account_is_refused(members):
    actor = factories.actor_of(members[0])
    for number, holder, error in (("BE1", "A", IbanWrong), (support.IBANS[0], " ", HolderMissing)):
        with pytest.raises(error):
            services.give_account(actor=actor, member=members[0], account=number, holder=holder)


def test_a_declaration_only_grows(institution, members):
    support.declare(members[0], 500)
    with pytest.raises(LessThanBefore):
        support.declare(members[0], 499)
    with pytest.raises(MoneyWrong):
        support.declare(members[0], -1)
    support.declare(members[0], 500)
    assert [entry.facts for entry in acts.entries(institution, Action.INCOME_DECLARED)] == [
        {"year": 2027}
    ] * 2


def costs(actor: Actor, member, **changes) -> Claim:
    told = {
        "day": dt.date(2027, 2, 1), "kind": CostKind.TRAVEL, "cents": 1230, "note": "Train", "receipt": support.PDF,
    }  # fmt: skip
    return services.claim_costs(actor=actor, member=member, **(told | changes))


def test_a_cost_with_its_receipt_is_claimed_by_its_rule(institution, volunteers):
    claim = costs(factories.actor_of(volunteers[0]), volunteers[0])
    assert (claim.scheme, claim.rule, claim.cents) == ("costs", "pay.travel", 1230)
    assert claim.receipt.read() == support.PDF
    assert acts.entry(institution, Action.COSTS_CLAIMED).facts == {
        "claim": 1,
        "rule": "pay.travel",
        "rule_book": 1,
    }


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": CostKind.OTHER}, CostsNotPaid),
        ({"day": dt.date(2027, 2, 3)}, DayNotServed),
        ({"cents": 0}, MoneyWrong),
        ({"cents": 1_000_000}, MoneyWrong),
        ({"receipt": b"MZ program"}, ReceiptWrong),
        ({"receipt": b"%PDF-" + b"x" * services.LARGEST_RECEIPT}, ReceiptWrong),
    ],
)
def test_a_cost_that_is_not_paid_back_is_refused(volunteers, changes, error):
    with pytest.raises(error):
        costs(factories.actor_of(volunteers[0]), volunteers[0], **changes)
    assert not Claim.objects.exists()


def test_a_lump_sum_and_real_costs_are_not_paid_in_one_year(institution, secretariat, volunteers):
    compute(secretariat, institution)
    version = institution.rule_books.get()
    version.text = version.text.replace('scheme = "volunteer"', 'scheme = "costs"')
    version.save()
    member = type(volunteers[0]).objects.get(pk=volunteers[0].pk)
    with pytest.raises(BothSchemes):
        costs(factories.actor_of(member), member, kind=CostKind.OTHER)


# -- the second person -------------------------------------------------------------------------------------
def test_a_claim_is_approved_by_a_second_person_and_once(institution, secretariat, second, volunteers):
    compute(secretariat, institution)
    claim = Claim.objects.first()
    with pytest.raises(SamePerson):
        services.approve(actor=secretariat, claim=claim)
    services.approve(actor=second, claim=claim)
    with pytest.raises(NotClaimed):
        services.approve(actor=second, claim=claim)
    assert acts.entry(institution, Action.CLAIM_APPROVED).facts == {
        "claim": 1, "rule": "pay.amounts.day.eur", "cut_rule": "",
        "rules": {"amount": named("pay.amounts.day.eur", institution)},
    }  # fmt: skip


def test_a_claim_is_refused_with_a_reason_and_the_day_can_count_for_another(
    institution, secretariat, second, volunteers
):
    compute(secretariat, institution)
    claim = Claim.objects.first()
    with pytest.raises(ReasonMissing):
        services.refuse(actor=second, claim=claim, reason=" ")
    assert services.refuse(actor=second, claim=claim, reason="She left at nine.").status == "refused"
    with pytest.raises(NotClaimed):
        services.refuse(actor=second, claim=claim, reason="Again")
    assert Claim.objects.under_ceilings(claim.member.user_id, 2027).cents() == 0
    assert acts.entry(institution, Action.CLAIM_REFUSED).facts == {
        "claim": 1, "rule": "pay.amounts.day.eur",
        "rules": {"amount": named("pay.amounts.day.eur", institution)},
    }  # fmt: skip


def test_the_ceiling_is_looked_at_again_when_a_claim_is_approved(
    institution, secretariat, second, volunteers
):
    compute(secretariat, institution)
    claim = volunteers[0].claims.get()
    support.declare(volunteers[0], 6501)
    with pytest.raises(CeilingReached):
        services.approve(actor=second, claim=claim)
    claim.refresh_from_db()
    assert claim.status == "claimed"


@pytest.mark.parametrize("verb", ["compute", "approve", "refuse", "payer", "file"])
def test_only_the_secretariat_handles_money(institution, secretariat, volunteers, verb):
    compute(secretariat, institution)
    claim = Claim.objects.first()
    acting = {
        "compute": lambda actor: compute(actor, institution),
        "approve": lambda actor: services.approve(actor=actor, claim=claim),
        "refuse": lambda actor: services.refuse(actor=actor, claim=claim, reason="no"),
        "payer": lambda actor: services.name_payer(
            actor=actor, institution=institution, name="A", account=support.PAYER
        ),
        "file": lambda actor: paying.make_file(actor=actor, institution=institution, execute_on=NOW.date()),
    }
    acts.only(
        institution, Role.SECRETARIAT, act=acting[verb], also_refused=(factories.actor_of(volunteers[0]),)
    )


def test_the_database_itself_wants_two_persons_and_no_payment_twice(
    institution, secretariat, second, volunteers
):
    file = support.exported(secretariat, second, institution)
    transfer = file.transfers.first()
    for broken in (
        lambda: Claim.objects.filter(pk=transfer.claim_id).update(decided_by=secretariat.user),
        lambda: Claim.objects.filter(pk=transfer.claim_id).update(decided_by=None),
        lambda: Claim.objects.filter(pk=transfer.claim_id).update(cents=99_999),
        lambda: Transfer.objects.create(claim=transfer.claim, file=file, end_to_end="x", cents=1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_approve_at_the_same_moment_one_does_and_one_file_is_made():
    institution = factories.make_institution()
    support.pay(institution, support.VOLUNTEER)
    member = factories.make_members(factories.make_cycle(institution, Stage.LEARNING), 1)[0]
    support.declare(member)
    support.give_account(member)
    support.held(member.cycle, [member])
    first = factories.actor(institution, Role.SECRETARIAT)
    compute(first, institution)
    claim = Claim.objects.get()
    others = [factories.actor(institution, Role.SECRETARIAT) for _each in range(4)]
    approved = at_once([lambda one=one: services.approve(actor=one, claim=claim).status for one in others])
    assert sorted(approved) == ["NotClaimed", "NotClaimed", "NotClaimed", "approved"]
    services.name_payer(actor=first, institution=institution, name="A", account=support.PAYER)
    made = at_once(
        [
            lambda one=one: (
                paying.make_file(actor=one, institution=institution, execute_on=NOW.date()).number
            )
            for one in others
        ]
    )
    assert sorted(map(str, made)) == ["1", "NothingToPay", "NothingToPay", "NothingToPay"]
    assert Transfer.objects.count() == 1


@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_two_institutions_that_compute_at_once_stay_under_one_ceiling():
    verbs, person = [], None
    for slug in ("here", "there"):
        institution = factories.make_institution(slug)
        support.pay(institution, support.VOLUNTEER.replace('"100.00"', '"50.00"'))
        member = factories.make_members(factories.make_cycle(institution, Stage.LEARNING), 1)[0]
        person = person or member.user
        member.user = person
        member.save()
        support.declare(member)
        support.held(member.cycle, [member], day=1 if slug == "here" else 2)
        actor = factories.actor(institution, Role.SECRETARIAT)
        verbs.append(lambda actor=actor, institution=institution: compute(actor, institution).made)
    assert at_once(verbs) == [1, 1]
    assert sorted(Claim.objects.values_list("cents", flat=True)) == [1500, 3500]


def at_once(verbs) -> list:
    gate, outcomes = threading.Barrier(len(verbs)), []

    def go(verb) -> None:
        with clock.at(NOW):
            gate.wait()
            try:
                outcomes.append(verb())
            except Exception as failed:  # noqa: BLE001  # whatever it is, the assertion shows it
                outcomes.append(type(failed).__name__)
        connections.close_all()

    threads = [threading.Thread(target=go, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# -- payment files -----------------------------------------------------------------------------------------
def test_approved_claims_are_exported_once(institution, secretariat, second, volunteers):
    file = support.exported(secretariat, second, institution)
    assert (file.transfers_count, file.total_cents) == (3, 10_500)
    with pytest.raises(NothingToPay):
        paying.make_file(actor=secretariat, institution=institution, execute_on=NOW.date())
    content = paying.content_of(actor=secretariat, file=file).decode()
    assert "<CtrlSum>105.00</CtrlSum>" in content
    assert "Zoe Muller-Lukasz + 1" in content
    assert set(Claim.objects.values_list("status", flat=True)) == {"sent"}
    assert acts.entry(institution, Action.PAYMENTS_EXPORTED).facts == {
        "file": 1, "transfers": 3, "total_cents": 10_500, "execute_on": "2027-03-01", "sha256": file.sha256,
    }  # fmt: skip
    assert acts.entry(institution, Action.PAYMENT_FILE_TAKEN).facts == {"file": 1, "sha256": file.sha256}


def test_neither_files_nor_journal_show_an_account(institution, secretariat, second, volunteers):
    support.exported(secretariat, second, institution)
    kept = json.dumps([*PaymentFile.objects.values("sealed"), *Account.objects.values("sealed")])
    journal = json.dumps(list(institution.chain.entries.values_list("facts", flat=True)))
    for number in support.IBANS:
        assert number not in kept + journal


def test_who_gave_no_account_is_left_for_a_later_file(institution, secretariat, second, volunteers):
    Account.objects.filter(member=volunteers[0]).delete()
    assert support.exported(secretariat, second, institution).transfers_count == 2
    support.give_account(volunteers[0])
    later = paying.make_file(actor=secretariat, institution=institution, execute_on=NOW.date())
    assert [each.claim.member for each in later.transfers.all()] == [volunteers[0]]


def test_a_file_needs_a_payer_something_to_pay_and_a_day_to_come(
    institution, secretariat, second, volunteers
):
    with pytest.raises(PayerMissing):
        paying.make_file(actor=secretariat, institution=institution, execute_on=NOW.date())
    services.name_payer(actor=secretariat, institution=institution, name="A", account=support.PAYER)
    with pytest.raises(NothingToPay):
        paying.make_file(actor=secretariat, institution=institution, execute_on=NOW.date())
    with pytest.raises(ExecutionPast):
        paying.make_file(
            actor=secretariat, institution=institution, execute_on=NOW.date() - dt.timedelta(days=1)
        )
    with pytest.raises(HolderMissing):
        services.name_payer(
            actor=secretariat, institution=institution, name="A", account=support.PAYER, bic="wrong"
        )
    assert Payer.objects.count() == 1
    assert acts.entry(institution, Action.PAYER_NAMED).facts == {}


def test_what_the_bank_returns_is_paid_in_another_file_under_another_id(
    institution, secretariat, second, volunteers
):
    file = support.exported(secretariat, second, institution)
    with pytest.raises(NotInFile):
        paying.mark_paid(actor=secretariat, file=file, returned=[99])
    paying.mark_paid(actor=secretariat, file=file, returned=[2])
    with pytest.raises(PaidAlready):
        paying.mark_paid(actor=secretariat, file=file)
    assert list(Claim.objects.order_by("number").values_list("status", flat=True)) == [
        "paid",
        "approved",
        "paid",
    ]
    assert acts.entry(institution, Action.PAYMENTS_MADE).facts == {"file": 1, "paid": 2, "returned": 1}
    again = paying.make_file(actor=secretariat, institution=institution, execute_on=NOW.date())
    ids = Transfer.objects.filter(claim__number=2).values_list("end_to_end", flat=True)
    assert again.transfers_count == 1
    assert len(set(ids)) == 2


def test_the_year_is_told_by_person_and_day(institution, secretariat, second, volunteers):
    file = support.exported(secretariat, second, institution)
    empty = paying.year_table(actor=secretariat, institution=institution, year=2027)
    assert len(empty.splitlines()) == 1
    paying.mark_paid(actor=secretariat, file=file)
    rows = list(
        csv.DictReader(StringIO(paying.year_table(actor=secretariat, institution=institution, year=2027)))
    )
    assert [(row["member"], row["day"], row["euros"], row["taxable"]) for row in rows] == [
        (str(number), "2027-02-01", "35.00", "no") for number in (1, 2, 3)
    ]
    assert rows[0]["name"] == volunteers[0].respondent.name
    assert acts.entries(institution, Action.YEAR_EXPORTED)[1].facts == {
        "year": 2027, "people": 3, "claims": 3, "total_cents": 10_500,
    }  # fmt: skip


# -- erasure -----------------------------------------------------------------------------------------------
def test_accounts_and_files_are_erased_on_their_date_and_sums_stay(
    institution, secretariat, second, volunteers
):
    file = support.exported(secretariat, second, institution)
    paying.mark_paid(actor=secretariat, file=file)
    factories.end_term(volunteers[0])
    with clock.at(NOW + dt.timedelta(days=89)):
        assert jobs.erase_bank_data_whose_day_has_come() == 0
    with clock.at(NOW + dt.timedelta(days=90)):
        assert jobs.erase_bank_data_whose_day_has_come() == 2
        assert jobs.erase_bank_data_whose_day_has_come() == 0
    assert Account.objects.get(member=volunteers[0]).sealed == ""
    assert Account.objects.get(member=volunteers[1]).sealed != ""  # she still sits
    assert acts.entry(institution, Action.BANK_DATA_ERASED).facts == {"accounts": 1, "files": 1}
    with pytest.raises(FileErased):
        paying.content_of(actor=secretariat, file=PaymentFile.objects.get())
    assert PaymentFile.objects.get().total_cents == 10_500


def test_an_erased_person_leaves_sums_under_a_number(institution, secretariat, second, volunteers):
    member = volunteers[0]
    costs(factories.actor_of(member), member)
    file = support.exported(secretariat, second, institution)
    factories.end_term(member)
    with pytest.raises(StillOwed):
        erase_person(actor=secretariat, institution=institution, user=member.user)
    paying.mark_paid(actor=secretariat, file=file)
    receipt = Claim.objects.get(scheme="costs").receipt.path
    erase_person(actor=secretariat, institution=institution, user=member.user)
    assert not Claim.objects.filter(member=member).exclude(note="", receipt="").exists()
    from pathlib import Path

    assert not Path(receipt).exists()
    assert not Declaration.objects.filter(member=member).exists()
    assert Account.objects.get(member=member).sealed == ""
    assert member.claims.count() == 2
