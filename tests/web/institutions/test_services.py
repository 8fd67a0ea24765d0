"""Founding, cycles and mandates."""

import datetime as dt

import pytest

from isegoria.errors import BadInput
from isegoria.rulebook.reading import bundled, bundled_text, load_bundled
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Level, Stage
from isegoria_web.institutions.errors import (
    ConvenedOftenEnough,
    MandateAlreadySigned,
    OtherRuleBook,
    PanelSizeOutsideRule,
    RuleBookNotDated,
    RuleBookUnchanged,
)
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.services import (
    amend_rule_book,
    found_institution,
    open_cycle,
    proposed_days,
    sign_mandate,
)
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.factories import texts

pytestmark = pytest.mark.django_db


def found(actor, text=None):
    return found_institution(
        actor=actor, slug="new", name=texts("New"), summary=texts("A panel"), authority_name=texts("Council"),
        level=Level.MUNICIPALITY, rule_book_text=text or bundled_text("ostbelgien"),
        founded_on=dt.date(2027, 1, 1),
    )  # fmt: skip


def begin(actor, institution, size=30, **more):
    return open_cycle(
        actor=actor, institution=institution, body=institution.bodies.get(key="assembly"), title=texts("Housing"),
        question=texts("How?"), scope=texts("All"), panel_size=size, alternates=5, promised_answer_days=90,
        **more,
    )  # fmt: skip


def test_an_institution_is_founded_with_the_bodies_of_its_rule_book():
    institution = found(Actor.system())
    assert {body.key: (body.size_min, body.size_max) for body in institution.bodies.all()} == {
        "council": (24, 24),
        "assembly": (25, 50),
    }
    actions = list(institution.chain.entries.values_list("action", flat=True))
    assert actions == [Action.INSTITUTION_FOUNDED, Action.RULEBOOK_ADOPTED]
    assert institution.rule_books.get().sha256 in str(institution.chain.entries.last().facts)


def test_a_body_that_nobody_is_drawn_into_or_of_unknown_size_is_told_but_not_founded():
    institution = found(Actor.system(), bundled_text("be-chamber"))
    assert [body.key for body in institution.bodies.all()] == ["mixed-committee"]


@pytest.mark.parametrize("identifier", bundled())
def test_an_institution_can_be_founded_from_every_bundled_rule_book(identifier):
    institution = found(Actor.system(), bundled_text(identifier))
    version = institution.rule_books.get()
    # Where the statute names no first day, the book holds from its adoption.
    expected = load_bundled(identifier).valid_from or clock.today("Europe/Brussels")
    assert version.valid_from == expected
    assert institution.bodies.count() >= 1


def test_a_rule_book_that_does_not_hold_founds_nothing():
    with pytest.raises(BadInput):
        found(Actor.system(), bundled_text("ostbelgien").replace("size = 24", "size = 0"))
    assert not Institution.objects.exists()


def test_only_the_operator_founds(secretariat, stranger):
    for actor in (secretariat, stranger, None):
        with pytest.raises(NotAllowed):
            found(actor)


def test_the_secretariat_opens_a_cycle_and_numbers_go_on(institution, secretariat):
    first, second = begin(secretariat, institution), begin(secretariat, institution)
    assert (first.number, second.number) == (1, 2)
    assert first.milestones.count() == len(Stage)
    entry = institution.chain.entries.first()
    assert entry.action == Action.CYCLE_OPENED
    assert entry.facts["rules"] == {
        "panel_size": "bodies.assembly.size, ostbelgien 1",
        "in_a_year": "bodies.assembly.per_calendar_year, ostbelgien 1",
    }


def test_the_calendar_proposes_the_days_of_a_cycle_and_what_stays_as_it_is_names_its_rule(
    institution, secretariat
):
    days = proposed_days(institution, "assembly")
    assert [*days] == [stage for stage in Stage if stage in days]
    assert list(days.values()) == sorted(days.values())
    moved = days | {Stage.ANSWERING: days[Stage.ANSWERING] + dt.timedelta(days=9)}
    cycle = begin(secretariat, institution, planned=moved)
    rules = dict(cycle.milestones.values_list("stage", "rule"))
    assert rules[Stage.DRAWING] == "silent: draw.reply_days, ostbelgien 1"
    assert rules[Stage.DECIDING] == "bodies.assembly.meetings, ostbelgien 1"
    assert (rules[Stage.ANSWERING], rules[Stage.CLOSED]) == ("", "")  # moved by hand; never planned


def test_a_body_is_convened_no_more_often_in_a_calendar_year_than_the_rule_book_allows(
    institution, secretariat
):
    first, *_others = [begin(secretariat, institution) for _time in range(3)]
    with pytest.raises(ConvenedOftenEnough, match=r"3 times.*per_calendar_year, ostbelgien 1"):
        begin(secretariat, institution)
    assert institution.cycles.count() == 3
    with clock.at(dt.datetime(2027, 12, 31, 23, 30, tzinfo=dt.UTC)):  # the first of January where it sits
        begin(secretariat, institution)
    Cycle.objects.filter(pk=first.pk).update(
        stage=Stage.CLOSED, broken_off_from=Stage.INVITING, broken_off_reasons=texts("Too few said yes.")
    )
    begin(secretariat, institution)


def test_a_panel_outside_the_rule_is_refused(institution, secretariat):
    with pytest.raises(PanelSizeOutsideRule):
        begin(secretariat, institution, size=51)
    assert not institution.cycles.exists()


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.AUTHORITY, Role.EXPERT, Role.OBSERVER])
def test_nobody_else_opens_a_cycle(institution, elsewhere, stranger, role):
    for actor in (
        stranger,
        factories.actor(institution, role),
        factories.actor(elsewhere, Role.SECRETARIAT),
    ):
        with pytest.raises(NotAllowed):
            begin(actor, institution)


def test_the_authority_signs_once(institution, secretariat, authority):
    cycle = begin(secretariat, institution)
    assert sign_mandate(actor=authority, cycle=cycle).mandate_signed_at == factories.NOW
    with pytest.raises(MandateAlreadySigned):
        sign_mandate(actor=authority, cycle=cycle)
    entry = institution.chain.entries.last()
    assert (entry.action, entry.actor, entry.facts["answer_within_days"]) == (
        Action.MANDATE_SIGNED,
        "authority",
        90,
    )


def test_nobody_else_signs(institution, elsewhere, secretariat, stranger):
    cycle = begin(secretariat, institution)
    for actor in (stranger, secretariat, factories.actor(elsewhere, Role.AUTHORITY)):
        with pytest.raises(NotAllowed):
            sign_mandate(actor=actor, cycle=cycle)


# -- a new version of the rule book ----------------------------------------------------------------------
def amended(old="age_min = 16", new="age_min = 18", valid_from="2026-01-15", identifier="ostbelgien"):
    text = bundled_text("ostbelgien").replace(old, new).replace('id = "ostbelgien"', f'id = "{identifier}"')
    return text.replace('version = "2024"', f'version = "next"\nvalid_from = {valid_from}')


def test_the_authority_amends_and_what_is_open_keeps_its_version(institution, secretariat, authority):
    before = begin(secretariat, institution)
    version = amend_rule_book(
        actor=authority, institution=institution, text=amended("size = [25, 50]", "size = [25, 40]")
    )
    after = begin(secretariat, institution)
    before.refresh_from_db()
    assert (before.rule_book.number, after.rule_book.number, version.number) == (1, 2, 2)
    assert version.valid_from == dt.date(2026, 1, 15)
    assert institution.bodies.get(key="assembly").size_max == 40
    with pytest.raises(PanelSizeOutsideRule):
        begin(secretariat, institution, size=41)
    newest = institution.chain.entries.filter(action=Action.RULEBOOK_ADOPTED).latest("sequence")
    assert newest.facts == {"rule_book": "ostbelgien", "number": 2, "sha256": version.sha256}


def test_only_the_authority_amends_the_rule_book(institution):
    acts.only(
        institution,
        Role.AUTHORITY,
        act=lambda actor: amend_rule_book(actor=actor, institution=institution, text=amended()),
    )


def test_the_same_version_is_not_adopted_twice(institution, authority):
    amend_rule_book(actor=authority, institution=institution, text=amended())
    with pytest.raises(RuleBookUnchanged):
        amend_rule_book(actor=authority, institution=institution, text=amended(valid_from="2026-02-01"))
    assert institution.rule_books.count() == 2


@pytest.mark.parametrize("day", ["2019-02-25", "2019-01-01", "2099-01-01"])
def test_a_version_holds_from_a_day_after_the_one_before_and_not_from_one_to_come(
    institution, authority, day
):
    with pytest.raises(RuleBookNotDated):
        amend_rule_book(actor=authority, institution=institution, text=amended(valid_from=day))
    assert institution.rule_books.count() == 1


def test_the_rule_book_of_another_institution_is_refused(institution, authority):
    with pytest.raises(OtherRuleBook):
        amend_rule_book(actor=authority, institution=institution, text=amended(identifier="atlantis"))


def test_a_version_that_contradicts_itself_is_not_adopted(institution, authority):
    with pytest.raises(BadInput):
        amend_rule_book(
            actor=authority,
            institution=institution,
            text=amended("mandate_months = 18", "mandate_months = 0"),
        )
    assert institution.rule_books.count() == 1
