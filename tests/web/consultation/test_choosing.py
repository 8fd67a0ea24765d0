"""The choice of the agenda: by those whom the rule book entitles, in the one ballot box."""

from __future__ import annotations

import datetime as dt

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.errors import TooFewMayVote
from isegoria_web.consultation import choosing, services
from isegoria_web.consultation.errors import BallotNeeded, ChoiceUnderWay, NotTheirChoice, NotToChoose
from isegoria_web.consultation.models import AgendaChoice, Theme
from isegoria_web.journal.enums import Action
from isegoria_web.membership.models import Term
from tests.web import acts, factories
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
CLOSES = NOW + dt.timedelta(days=7)


@pytest.fixture
def council(institution):
    """A cycle of the council, which chooses, with six members."""
    cycle = factories.make_cycle(institution)
    cycle.body = institution.bodies.get(key="council")
    cycle.save()
    return cycle, factories.make_members(cycle)


@pytest.fixture
def themes(institution) -> list[Theme]:
    return [support.supported(institution, title=title) for title in ("Buses", "Trees", "Schools")]


def vote(choice: AgendaChoice, members, *papers) -> None:
    for member, marks in zip(members, papers, strict=False):
        ballots.cast(actor=factories.actor_of(member), ballot=choice.ballot, marks=marks)


def count(secretariat, choice: AgendaChoice) -> None:
    with clock.at(CLOSES):
        factories.count_together(secretariat, choice.ballot)


def test_the_most_approved_theme_is_chosen_with_the_count(institution, secretariat, council, themes):
    cycle, members = council
    assert choosing.choosing_cycle(institution) == cycle
    choice = choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes, closes_at=CLOSES)
    assert choice.ballot.kind == "approval"
    vote(choice, members, ["2"], ["1", "2"], ["3"], ["2", "3"], ["1"])
    assert not Theme.objects.filter(status="chosen").exists()
    count(secretariat, choice)
    assert Theme.objects.get(status="chosen") == themes[1]
    assert acts.entry(institution, Action.THEME_CHOSEN).facts == {
        "theme": 2, "rule": "agenda.decides", "rule_book": 1, "by": "ballot", "ballot": 1, "cycle": 1,
    }  # fmt: skip


def test_where_the_rule_book_says_so_the_members_rank_the_themes(institution, secretariat, council, themes):
    rules(institution, "resident_signatures = 100", 'resident_signatures = 100\nchoice = "ranking"')
    cycle, members = council
    choice = choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes, closes_at=CLOSES)
    vote(choice, members, ["1", "3"], ["1", "3"], ["2", "3"], ["2", "3"], ["3"])
    count(secretariat, choice)  # the third beats every other
    assert Theme.objects.get(status="chosen") == themes[2]


def test_without_a_vote_no_theme_is_chosen_and_they_can_be_put_again(secretariat, council, themes):
    cycle, _members = council
    choice = choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes, closes_at=CLOSES)
    count(secretariat, choice)
    assert not Theme.objects.filter(status="chosen").exists()
    with clock.at(CLOSES):
        assert choosing.open_ballot(
            actor=secretariat, cycle=cycle, themes=themes, closes_at=CLOSES + dt.timedelta(days=1)
        )


def test_themes_are_put_to_one_ballot_at_a_time(secretariat, council, themes):
    cycle, _members = council
    choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes[:2], closes_at=CLOSES)
    with pytest.raises(ChoiceUnderWay):
        choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes[1:], closes_at=CLOSES)


def test_only_the_body_that_the_rule_names_chooses_and_only_among_supported_themes(
    institution, secretariat, council, themes
):
    assembly = factories.make_cycle(institution)
    with pytest.raises(NotTheirChoice):
        choosing.open_ballot(actor=secretariat, cycle=assembly, themes=themes, closes_at=CLOSES)
    waiting = support.collecting(institution)
    with pytest.raises(NotToChoose):
        choosing.open_ballot(
            actor=secretariat, cycle=council[0], themes=[*themes, waiting], closes_at=CLOSES
        )


def test_themes_of_another_institution_are_not_put_to_the_vote(secretariat, council, themes, elsewhere):
    foreign = support.supported(elsewhere)
    with pytest.raises(NotToChoose):
        choosing.open_ballot(
            actor=secretariat, cycle=council[0], themes=[*themes, foreign], closes_at=CLOSES
        )


def test_where_members_sit_who_are_entitled_nobody_decides_in_their_place(secretariat, council, themes):
    with pytest.raises(BallotNeeded):
        services.choose(actor=secretariat, theme=themes[0], reasons=support.REASONS)


def test_where_two_members_sit_no_box_is_opened_and_the_secretariat_writes_down_what_was_decided(
    secretariat, council, themes
):
    cycle, members = council
    Term.objects.exclude(member__in=members[:2]).update(ends_on=clock.today(cycle.institution.time_zone))
    assert choosing.choosing_cycle(cycle.institution) is None
    with pytest.raises(TooFewMayVote):
        choosing.open_ballot(actor=secretariat, cycle=cycle, themes=themes, closes_at=CLOSES)
    services.choose(actor=secretariat, theme=themes[0], reasons=support.REASONS)


def test_only_the_secretariat_opens_the_choice(institution, council, themes):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: choosing.open_ballot(actor=actor, cycle=council[0], themes=themes, closes_at=CLOSES),
    )  # fmt: skip
