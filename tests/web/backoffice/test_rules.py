"""The rule book in the back office: compared first, adopted by the authority alone, proposed by the secretariat."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions import amending
from isegoria_web.institutions.enums import ProposalStatus
from isegoria_web.institutions.errors import (
    OtherRuleBook,
    ProposalDecided,
    ProposalOutdated,
    RuleBookNotDated,
    RuleBookUnchanged,
)
from isegoria_web.institutions.services import amend_rule_book
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.backoffice.support import Staff, numbers_of, texts


def changed(institution, old: str = "age_min = 16", new: str = "age_min = 18") -> SimpleUploadedFile:
    text = institution.rule_books.get(number=1).text
    assert old in text
    text = text.replace(old, new).replace('version = "2024"', 'version = "next"\nvalid_from = 2026-01-15')
    return SimpleUploadedFile("next.toml", text.encode())


def test_a_version_is_compared_before_it_is_adopted(institution, staff: Staff):
    shown = staff.post(Role.AUTHORITY, "rules", file=changed(institution)).content.decode()
    assert "Everybody aged 18 or over can be drawn." in shown
    assert institution.rule_books.count() == 1
    done = staff.post(Role.AUTHORITY, "rules", file=changed(institution), adopt="on")
    assert done.status_code == 302
    assert institution.rule_books.count() == 2
    assert "version 2" in staff.get(Role.AUTHORITY, "rules").content.decode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("size = [25, 50]", "size = [50, 25]", "bodies[assembly]"),
        ("mandate_months = 18", "mandate_months = 18\nmost_terms = 0", "most_terms"),
        ("[draw]", "[draw", "TOML"),
    ],
)
def test_a_version_with_faults_is_not_adopted_and_says_where_they_are(
    institution, staff: Staff, old, new, words
):
    response = staff.post(Role.AUTHORITY, "rules", file=changed(institution, old, new), adopt="on")
    assert response.status_code == 422
    assert words in response.content.decode()
    assert institution.rule_books.count() == 1


def test_an_unchanged_version_says_so(institution, staff: Staff):
    same = changed(institution, "age_min = 16", "age_min = 16")
    assert (
        "this file sets the same rules" in staff.post(Role.AUTHORITY, "rules", file=same).content.decode()
    )
    again = staff.post(
        Role.AUTHORITY, "rules", file=changed(institution, "age_min = 16", "age_min = 16"), adopt="on"
    )
    assert again.status_code == 409 or "in force already" in again.content.decode()
    assert institution.rule_books.count() == 1


# -- other numbers, and proposals --------------------------------------------------------------------------
def amendment(staff: Staff, role: Role, **other: object) -> dict[str, object]:
    """What the form of numbers sends as it stands, with some of it changed."""
    return numbers_of(staff.get(role, "rules_numbers").content, **{"valid_from": "2027-02-01", **other})


def test_the_authority_adopts_other_numbers_after_it_saw_what_they_change(institution, staff: Staff):
    sent = amendment(staff, Role.AUTHORITY, **{"draw.age_min": "18"})
    shown = staff.post(Role.AUTHORITY, "rules_numbers", **sent)
    assert "Everybody aged 18 or over can be drawn." in shown.content.decode()
    assert institution.rule_books.count() == 1
    assert staff.post(Role.AUTHORITY, "rules_numbers", **sent, confirmed="yes").status_code == 302
    version = institution.rule_books.latest("number")
    assert (version.number, version.valid_from) == (2, dt.date(2027, 2, 1))
    cycle = factories.make_cycle(institution)
    assert cycle.rule_book == version


def test_numbers_that_change_nothing_or_cannot_hold_are_refused(institution, staff: Staff):
    same = staff.act(Role.AUTHORITY, "rules_numbers", **amendment(staff, Role.AUTHORITY))
    assert same.status_code == 409
    assert "in force already" in same.content.decode()
    wrong = {"bodies.council.rotation.share": "3/4", "bodies.council.decision.quorum": "1/2"}
    response = staff.act(Role.AUTHORITY, "rules_numbers", **amendment(staff, Role.AUTHORITY, **wrong))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(wrong)
    not_yet = amendment(staff, Role.AUTHORITY, **{"draw.age_min": "18", "valid_from": "2027-12-01"})
    assert staff.act(Role.AUTHORITY, "rules_numbers", **not_yet).status_code == 422
    assert institution.rule_books.count() == 1


def test_the_secretariat_proposes_and_the_authority_adopts(institution, staff: Staff, client):
    cycle = factories.make_cycle(institution)
    sent = amendment(staff, Role.SECRETARIAT, **{"draw.age_min": "18"})
    assert staff.act(Role.SECRETARIAT, "rules_numbers", **sent).status_code == 422  # it says not why
    sent |= texts("reasons", "Grown-ups alone")
    assert staff.act(Role.SECRETARIAT, "rules_numbers", **sent).status_code == 302
    assert institution.rule_books.count() == 1
    page = client.get(f"/en/{institution.slug}/rules/").content.decode()
    assert "Grown-ups alone" in page
    assert "Everybody aged 18 or over can be drawn." in page
    assert staff.act(Role.SECRETARIAT, "rules_numbers", **sent).status_code == 409  # one at a time
    assert staff.get(Role.SECRETARIAT, "rules_adopt").status_code == 404
    assert "Grown-ups alone" in staff.get(Role.AUTHORITY, "rules").content.decode()
    assert staff.act(Role.AUTHORITY, "rules_adopt").status_code == 302
    assert staff.get(Role.AUTHORITY, "rules_adopt").status_code == 404
    assert institution.rule_books.count() == 2
    cycle.refresh_from_db()
    assert cycle.rule_book.number == 1
    assert "Cycle 1: version 1" in client.get(f"/en/{institution.slug}/rules/").content.decode()
    old = client.get(f"/en/{institution.slug}/rules/versions/1/").content.decode()
    assert "Everybody aged 16 or over can be drawn." in old
    assert "Today version 2 is in force." in old
    file = client.get(f"/en/{institution.slug}/rules/versions/1/rulebook.toml")
    assert file.content.decode() == institution.rule_books.get(number=1).text
    assert client.get(f"/en/{institution.slug}/rules/versions/3/").status_code == 404


def test_the_authority_declines_with_reasons_in_public(institution, staff: Staff, client):
    file = changed(institution)
    assert staff.post(Role.SECRETARIAT, "rules", file=file, adopt="on").status_code == 422
    file = changed(institution)
    sent = staff.post(Role.SECRETARIAT, "rules", file=file, adopt="on", **texts("reasons", "Grown-ups"))
    assert sent.status_code == 302
    assert staff.post(Role.AUTHORITY, "rules_decline").status_code == 422
    assert (
        staff.post(Role.AUTHORITY, "rules_decline", **texts("answer", "Young people count")).status_code
        == 302
    )
    assert "Young people count" in client.get(f"/en/{institution.slug}/rules/").content.decode()
    assert institution.rule_books.count() == 1


def test_a_proposal_can_be_taken_back(institution, staff: Staff):
    file = changed(institution)
    staff.post(Role.SECRETARIAT, "rules", file=file, adopt="on", **texts("reasons", "Grown-ups"))
    assert staff.act(Role.SECRETARIAT, "rules_withdraw").status_code == 302
    assert institution.rule_book_proposals.get().status == ProposalStatus.WITHDRAWN


# -- the services -------------------------------------------------------------------------------------------
def text_of(institution, *, age: int = 18, day: str = "2026-01-15") -> str:
    text = institution.rule_books.get(number=1).text.replace("age_min = 16", f"age_min = {age}")
    return text.replace('version = "2024"', f'version = "next {age}"\nvalid_from = {day}')


def proposed(institution, **other: object):
    secretary = factories.actor(institution, Role.SECRETARIAT)
    return amending.propose(
        actor=secretary, institution=institution, text=text_of(institution, **other), reasons={"en": "Why"}
    )


def test_only_the_secretariat_proposes_and_takes_back(institution):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: amending.propose(
            actor=actor, institution=institution, text=text_of(institution), reasons={"en": "Why"}
        ),
    )
    proposal = proposed(institution)
    with pytest.raises(NotAllowed):
        amending.withdraw(actor=factories.actor(institution, Role.AUTHORITY), proposal=proposal)
    entry = acts.entry(institution, Action.RULEBOOK_PROPOSED)
    assert entry.facts["sha256"] == proposal.sha256


def test_only_the_authority_adopts_and_declines(institution):
    proposal = proposed(institution)
    acts.only(institution, Role.AUTHORITY, act=lambda actor: amending.adopt(actor=actor, proposal=proposal))
    with pytest.raises(NotAllowed):
        amending.decline(
            actor=factories.actor(institution, Role.SECRETARIAT), proposal=proposal, answer={"en": "No"}
        )
    authority = factories.actor(institution, Role.AUTHORITY)
    amending.decline(actor=authority, proposal=proposal, answer={"en": "No"})
    acts.entry(institution, Action.RULEBOOK_DECLINED)
    for again in (
        lambda: amending.adopt(actor=authority, proposal=proposal),
        lambda: amending.decline(actor=authority, proposal=proposal, answer={"en": "No"}),
        lambda: amending.withdraw(actor=factories.actor(institution, Role.SECRETARIAT), proposal=proposal),
    ):
        with pytest.raises(ProposalDecided):
            again()


def test_what_was_proposed_on_an_older_version_is_not_adopted(institution):
    proposal, authority = proposed(institution), factories.actor(institution, Role.AUTHORITY)
    amend_rule_book(actor=authority, institution=institution, text=text_of(institution, age=14))
    with pytest.raises(ProposalOutdated):
        amending.adopt(actor=authority, proposal=proposal)


def test_what_is_decided_on_its_first_day_or_later_is_in_force_at_once(institution):
    proposal, authority = (
        proposed(institution, day="2027-06-01"),
        factories.actor(institution, Role.AUTHORITY),
    )
    with clock.at(dt.datetime(2027, 6, 1, 9, tzinfo=dt.UTC)):
        assert amending.adopt(actor=authority, proposal=proposal).number == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (lambda one: text_of(one, age=16), RuleBookUnchanged),
        (lambda one: text_of(one, day="2019-01-01"), RuleBookNotDated),
        (lambda one: text_of(one).replace('id = "ostbelgien"', 'id = "other"'), OtherRuleBook),
    ],
)
def test_what_the_authority_could_never_adopt_is_not_proposed(institution, text, error):
    with pytest.raises(error):
        amending.propose(
            actor=factories.actor(institution, Role.SECRETARIAT), institution=institution,
            text=text(institution), reasons={"en": "Why"},
        )  # fmt: skip
    assert not institution.rule_book_proposals.exists()
