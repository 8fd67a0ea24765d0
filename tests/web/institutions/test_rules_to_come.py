"""A rule book that is adopted for a day to come: until then nothing changes, and it can be withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions import amending
from isegoria_web.institutions.algorithms import changes_between
from isegoria_web.institutions.enums import ProposalStatus
from isegoria_web.institutions.errors import (
    ChangeNeedsReasons,
    ProposalOutdated,
    RuleBookAwaited,
    RuleBookFollowed,
    RuleBookNotAwaited,
    RuleBookNotDated,
)
from isegoria_web.institutions.jobs import bring_rule_books_into_force
from isegoria_web.institutions.models import Institution, RuleBookProposal
from isegoria_web.institutions.services import amend_rule_book
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.backoffice.support import Staff
from tests.web.factories import texts
from tests.web.institutions.test_services import amended

FIRST = dt.date(2028, 1, 1)
WHY = texts("The council voted on it.")
SMALLER = ("size = [25, 50]", "size = [25, 40]", FIRST.isoformat())


@pytest.fixture
def coming(institution, secretariat, authority) -> RuleBookProposal:
    proposal = amending.propose(
        actor=secretariat, institution=institution, text=amended(*SMALLER), reasons=WHY
    )
    found = amending.adopt(actor=authority, proposal=proposal)
    assert isinstance(found, RuleBookProposal)
    return found


def midnight(institution: Institution) -> dt.datetime:
    return dt.datetime.combine(FIRST, dt.time(), ZoneInfo(institution.time_zone))


def revoke(actor: Actor, proposal: RuleBookProposal, answer=WHY) -> RuleBookProposal:
    return amending.revoke(actor=actor, proposal=proposal, answer=answer)


def test_until_its_day_nothing_changes_and_on_it_the_version_holds(institution, coming):
    running = factories.make_cycle(institution)
    with clock.at(midnight(institution) - dt.timedelta(seconds=1)):
        assert bring_rule_books_into_force() == 0
        assert (institution.rule_books.count(), institution.bodies.get(key="assembly").size_max) == (1, 50)
    with clock.at(midnight(institution)):
        assert bring_rule_books_into_force() == 1
        assert bring_rule_books_into_force() == 0
    version = institution.rule_books.get(number=2)
    assert (version.valid_from, version.text) == (FIRST, coming.text)
    assert institution.bodies.get(key="assembly").size_max == 40
    running.refresh_from_db()
    assert running.rule_book.number == 1
    coming.refresh_from_db()
    assert coming.status == ProposalStatus.ADOPTED
    entry = institution.chain.entries.filter(action=Action.RULEBOOK_ADOPTED).latest("sequence")
    assert (entry.facts["number"], entry.facts["sha256"]) == (2, coming.sha256)


def test_what_holds_on_a_day_is_one_question(institution, coming):
    first = institution.rule_books.get()
    day = dt.timedelta(days=1)
    asked = [first.valid_from - day, first.valid_from, FIRST - day, FIRST, FIRST + 999 * day]
    assert [amending.in_force_on(institution, one) for one in asked] == [None, first, first, coming, coming]
    with clock.at(midnight(institution)):
        bring_rule_books_into_force()
    second = institution.rule_books.get(number=2)
    assert [amending.in_force_on(institution, one) for one in asked] == [None, first, first, second, second]


def test_the_journal_says_what_was_adopted_for_which_day(institution, coming):
    assert acts.entry(institution, Action.RULEBOOK_ADOPTED_AHEAD).facts == {
        "proposal": 1, "sha256": coming.sha256, "changes": 1, "from": "2028-01-01",
    }  # fmt: skip


def test_the_authority_alone_withdraws_it_once_before_its_day_and_says_why(institution, authority, coming):
    acts.only(
        institution, Role.AUTHORITY, act=lambda actor: revoke(actor, coming), also_refused=(Actor.system(),)
    )
    with pytest.raises(ChangeNeedsReasons):
        revoke(authority, coming, {"en": " "})
    with clock.at(midnight(institution)), pytest.raises(RuleBookNotAwaited):
        revoke(authority, coming)
    assert revoke(authority, coming).status == ProposalStatus.REVOKED
    with pytest.raises(RuleBookNotAwaited):
        revoke(authority, coming)
    with clock.at(midnight(institution)):
        assert bring_rule_books_into_force() == 0
    assert acts.entry(institution, Action.RULEBOOK_REVOKED).facts["from"] == "2028-01-01"


def test_several_versions_wait_one_after_the_other_and_come_in_the_order_of_their_days(
    institution, secretariat, authority, coming, client
):
    with pytest.raises(RuleBookNotDated):  # not between the one in force and the one that waits
        amending.propose(actor=secretariat, institution=institution, text=amended(), reasons=WHY)
    with pytest.raises(RuleBookAwaited):
        amend_rule_book(actor=authority, institution=institution, text=amended())
    later = dt.date(2029, 1, 1)
    text = coming.text.replace("size = [25, 40]", "size = [25, 35]").replace(
        "2028-01-01", later.isoformat()
    )
    proposal = amending.propose(actor=secretariat, institution=institution, text=text, reasons=WHY)
    second = amending.adopt(actor=authority, proposal=proposal)
    assert (second.status, second.follows) == (ProposalStatus.AWAITED, coming)
    assert amending.awaited(institution) == [coming, second]
    days = [FIRST - dt.timedelta(days=1), FIRST, later]
    first = institution.rule_books.get()
    assert [amending.in_force_on(institution, each) for each in days] == [first, coming, second]
    public = client.get(f"/en/{institution.slug}/rules/").content.decode()
    assert public.index("From 1 January 2028 other rules hold") < public.index(
        "From 1 January 2029 other rules hold"
    )
    assert "40" in str(changes_between(second.changed_text, second.text)[0].before)
    with pytest.raises(RuleBookFollowed):
        revoke(authority, coming)
    with clock.at(
        dt.datetime.combine(later, dt.time(), ZoneInfo(institution.time_zone))
    ):  # the server slept a year
        assert bring_rule_books_into_force() == 2
    assert [each.valid_from for each in institution.rule_books.all()][1:] == [FIRST, later]
    assert institution.bodies.get(key="assembly").size_max == 35


def test_a_proposal_that_follows_a_withdrawn_version_is_outdated_and_one_that_follows_an_adopted_is_not(
    institution, secretariat, authority, coming
):
    text = coming.text.replace("size = [25, 40]", "size = [25, 35]").replace("2028-01-01", "2029-01-01")
    proposal = amending.propose(actor=secretariat, institution=institution, text=text, reasons=WHY)
    revoke(authority, coming)
    with pytest.raises(ProposalOutdated):
        amending.adopt(actor=authority, proposal=proposal)
    amending.withdraw(actor=secretariat, proposal=proposal)
    first = amending.propose(actor=secretariat, institution=institution, text=coming.text, reasons=WHY)
    amending.adopt(actor=authority, proposal=first)
    again = amending.propose(actor=secretariat, institution=institution, text=text, reasons=WHY)
    with clock.at(midnight(institution)):
        assert bring_rule_books_into_force() == 1
        assert amending.adopt(actor=authority, proposal=again).status == ProposalStatus.AWAITED
    assert amending.awaited(institution) == [again]


def test_who_adopts_and_who_withdraws_wait_for_each_other_at_the_institution(
    institution, secretariat, authority, coming
):
    text = coming.text.replace("size = [25, 40]", "size = [25, 35]").replace("2028-01-01", "2029-01-01")
    second = amending.propose(actor=secretariat, institution=institution, text=text, reasons=WHY)

    def locked_first(act: Callable[[], object]) -> str:
        """Which table is read first in the transaction: under a lock, on a database that locks rows."""
        with CaptureQueriesContext(connection) as asked:
            act()
        inside = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
        tables = ("institutions_institution", "institutions_rulebookproposal")
        return next(name for sql in inside for name in tables if f'FROM "{name}"' in sql)

    adopt = locked_first(lambda: amending.adopt(actor=authority, proposal=second))
    assert adopt == locked_first(lambda: revoke(authority, second)) == "institutions_institution"


def test_nobody_but_the_software_brings_rules_into_force(authority, coming):
    for actor in (None, authority):
        with pytest.raises(NotAllowed):
            amending.bring_into_force(actor=actor)


def test_the_database_lets_one_version_be_the_next(institution, coming):
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleBookProposal.objects.create(
            institution=institution, number=2, before=coming.before, text=coming.text, reasons=WHY,
            proposed_by=coming.proposed_by, proposed_at=clock.now(), status="awaited", decided_at=clock.now(),
        )  # fmt: skip


def test_the_pages_say_from_when_other_rules_hold(client, institution, coming):
    staff = Staff(institution, {role: Client() for role in (Role.SECRETARIAT, Role.AUTHORITY)})
    for role, browser in staff.clients.items():
        browser.force_login(factories.make_user(institution, role))
    public = client.get(f"/en/{institution.slug}/rules/").content.decode()
    assert "From 1 January 2028 other rules hold" in public
    assert "can withdraw it" in public
    assert "other rules hold" in staff.get(Role.SECRETARIAT, "rules").content.decode()
    assert staff.post(Role.AUTHORITY, "rules_revoke", answer_en="").status_code == 422
    assert amending.awaited(institution) == [coming]
