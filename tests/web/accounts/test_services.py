"""Roles: given by the secretariat, and gone the moment they are withdrawn."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.errors import NameMissing, PersonErased, RoleHeld
from isegoria_web.accounts.models import Grant, User
from isegoria_web.accounts.services import erase_person, grant_role, grant_role_by_address, withdraw_role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from tests.web import acts, factories

pytestmark = pytest.mark.django_db

LATER = factories.NOW + dt.timedelta(minutes=1)


def by_address(actor, institution, email="Eva@Example.org", name=" Eva Weber ", role=Role.FACILITATOR):
    return grant_role_by_address(
        actor=actor, institution=institution, email=email, name=name, language="fr", role=role
    )


def withdraw(actor, institution, user, role=Role.OBSERVER):
    withdraw_role(actor=actor, institution=institution, user=user, role=role)


def test_the_secretariat_gives_a_role_and_takes_it_back(institution, secretariat):
    user = factories.make_user()
    grant_role(actor=secretariat, institution=institution, user=user, role=Role.OBSERVER)
    assert Actor.of(user).has_role(institution, Role.OBSERVER)
    with clock.at(factories.NOW + dt.timedelta(minutes=1)):
        for _time in range(2):  # the second changes nothing
            withdraw_role(actor=secretariat, institution=institution, user=user, role=Role.OBSERVER)
    with clock.at(factories.NOW + dt.timedelta(minutes=2)):
        assert not Actor.of(user).has_role(institution, Role.OBSERVER)
    actions = list(institution.chain.entries.values_list("action", flat=True))
    assert actions == [Action.ROLE_GRANTED, Action.ROLE_WITHDRAWN]


def test_a_role_given_twice_is_given_once(institution, secretariat):
    user = factories.make_user()
    for _time in range(2):
        grant_role(actor=secretariat, institution=institution, user=user, role=Role.EXPERT)
    assert user.grants.count() == 1
    assert institution.chain.entries.count() == 1


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.AUTHORITY, Role.EXPERT, Role.OBSERVER])
def test_nobody_else_gives_roles(institution, elsewhere, stranger, role):
    user = factories.make_user()
    others = [stranger, factories.actor(institution, role), factories.actor(elsewhere, Role.SECRETARIAT)]
    for actor in others:
        with pytest.raises(NotAllowed):
            grant_role(actor=actor, institution=institution, user=user, role=Role.SECRETARIAT)
    assert not user.grants.exists()


def test_a_role_holds_for_one_institution_alone(institution, elsewhere, secretariat):
    user = factories.make_user()
    grant_role(actor=secretariat, institution=institution, user=user, role=Role.AUTHORITY)
    assert not Actor.of(user).has_role(elsewhere, Role.AUTHORITY)


def test_a_closed_account_acts_no_more(institution):
    user = factories.make_user(institution, Role.SECRETARIAT, is_active=False)
    assert Actor.of(user) is None


def test_the_founding_software_gives_roles_and_takes_them(institution):
    user = factories.make_user()
    grant_role(actor=Actor.system(), institution=institution, user=user, role=Role.SECRETARIAT)
    assert acts.entry(institution, Action.ROLE_GRANTED).actor == "system"
    with clock.at(LATER):
        withdraw(Actor.system(), institution, user, Role.SECRETARIAT)
    assert acts.entry(institution, Action.ROLE_WITHDRAWN).actor == "system"


def test_a_role_that_was_withdrawn_is_given_anew(institution, secretariat):
    user = factories.make_user()
    grant_role(actor=secretariat, institution=institution, user=user, role=Role.OBSERVER)
    with clock.at(LATER):
        withdraw(secretariat, institution, user)
    with clock.at(LATER + dt.timedelta(minutes=1)):
        grant_role(actor=secretariat, institution=institution, user=user, role=Role.OBSERVER)
        assert Actor.of(user).has_role(institution, Role.OBSERVER)
    assert len(acts.entries(institution, Action.ROLE_GRANTED)) == 2


def test_nobody_else_takes_a_role_away(institution):
    user = factories.make_user(institution, Role.OBSERVER)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: withdraw(actor, institution, user))
    assert Actor.of(user).has_role(institution, Role.OBSERVER)


def test_a_role_is_taken_away_once_and_for_one_institution(institution, elsewhere, secretariat):
    user = factories.make_user(institution, Role.OBSERVER)
    grant_role(actor=Actor.system(), institution=elsewhere, user=user, role=Role.OBSERVER)
    withdraw(secretariat, institution, user)
    withdraw(secretariat, institution, user)
    entry = acts.entry(institution, Action.ROLE_WITHDRAWN)
    assert (entry.subject, entry.facts) == (user.public_id.hex, {"role": "observer"})
    assert not Actor.of(user).has_role(institution, Role.OBSERVER)
    assert Actor.of(user).has_role(elsewhere, Role.OBSERVER)


def test_taking_away_a_role_that_nobody_has_changes_nothing(institution, secretariat):
    user = factories.make_user(institution, Role.EXPERT)
    withdraw(secretariat, institution, user, Role.OBSERVER)
    assert not institution.chain.entries.exists()
    assert Actor.of(user).has_role(institution, Role.EXPERT)


# -- by an address ---------------------------------------------------------------------------------------
def test_who_has_no_account_gets_one_with_the_role_and_no_password(institution, secretariat):
    user = by_address(secretariat, institution).user
    assert (user.email, user.name, user.language) == ("eva@example.org", "Eva Weber", "fr")
    assert not user.has_usable_password()
    assert Actor.of(user).has_role(institution, Role.FACILITATOR)


def test_who_has_an_account_keeps_it_however_the_address_is_written(institution, secretariat):
    known = factories.make_user(language="nl")
    assert by_address(secretariat, institution, known.email.upper(), "").user == known
    before = known.name
    known.refresh_from_db()
    assert (known.name, known.language) == (before, "nl")
    assert known.check_password(factories.PASSWORD)


def test_nobody_but_the_secretariat_gives_a_role_to_an_address(institution):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: by_address(actor, institution))
    assert not User.objects.filter(email="eva@example.org").exists()


def test_a_role_given_to_an_address_twice_is_given_once(institution, secretariat):
    first = by_address(secretariat, institution)
    assert by_address(secretariat, institution, "eva@example.org", "") == first
    assert User.objects.filter(email__iexact="eva@example.org").count() == 1
    assert len(acts.entries(institution, Action.ROLE_GRANTED)) == 1


def test_a_role_given_to_an_address_is_in_the_journal_without_address_and_name(institution, secretariat):
    grant = by_address(secretariat, institution)
    entry = acts.entry(institution, Action.ROLE_GRANTED)
    assert (entry.actor, entry.subject) == ("secretariat", grant.user.public_id.hex)
    assert entry.facts == {"role": "facilitator"}


@pytest.mark.parametrize("name", ["", "  "])
def test_without_a_name_there_is_no_new_account(institution, secretariat, name):
    before = User.objects.count()
    with pytest.raises(NameMissing):
        by_address(secretariat, institution, name=name)
    assert User.objects.count() == before
    assert not institution.chain.entries.exists()


@pytest.mark.parametrize("email", ["", "eva", "eva@", "eva weber@example.org"])
def test_what_is_no_address_gets_no_account(institution, secretariat, email):
    before = (User.objects.count(), Grant.objects.count())
    with pytest.raises(ValidationError):
        by_address(secretariat, institution, email)
    assert (User.objects.count(), Grant.objects.count()) == before


# -- erasing a person ------------------------------------------------------------------------------------
def erase(actor, institution, user):
    return erase_person(actor=actor, institution=institution, user=user)


def gone(institution, role=Role.OBSERVER):
    """Somebody whose role has ended."""
    user = factories.make_user(institution, role)
    user.grants.update(valid_until=factories.NOW - dt.timedelta(days=1))
    return user


def test_an_erased_person_is_nobody_any_more(institution, secretariat, client):
    user = gone(institution, Role.SECRETARIAT)
    before = (user.name, user.email)
    client.force_login(user)
    assert erase(secretariat, institution, user).erased_at == factories.NOW
    user.refresh_from_db()
    assert (user.name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert not Authenticator.objects.filter(user=user).exists()
    assert (
        User.objects.filter(email__in=before).count() == User.objects.filter(name__in=before).count() == 0
    )
    assert Actor.of(user) is None
    assert client.get("/en/home/").status_code == 302
    entry = acts.entry(institution, Action.PERSON_ERASED)
    assert (entry.subject, entry.facts) == (user.public_id.hex, {"openings": 0})


def test_only_the_secretariat_that_knows_a_person_erases_her(institution, elsewhere):
    user = gone(institution)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: erase(actor, institution, user))
    foreign = factories.actor(elsewhere, Role.SECRETARIAT)
    with pytest.raises(NotAllowed):  # she was never there
        erase(foreign, elsewhere, user)
    user.refresh_from_db()
    assert user.erased_at is None


def test_a_person_is_erased_once(institution, secretariat):
    user = gone(institution)
    erase(secretariat, institution, user)
    with pytest.raises(PersonErased):
        erase(secretariat, institution, user)
    assert len(acts.entries(institution, Action.PERSON_ERASED)) == 1


def test_nobody_is_erased_who_holds_a_role_anywhere(institution, elsewhere, secretariat):
    user = gone(institution)
    grant_role(actor=Actor.system(), institution=elsewhere, user=user, role=Role.EXPERT)
    with pytest.raises(RoleHeld):
        erase(secretariat, institution, user)
    user.refresh_from_db()
    assert user.name


def test_every_institution_in_which_the_person_was_somebody_says_so(institution, elsewhere, secretariat):
    user = gone(institution)
    Grant.objects.create(
        user=user, institution=elsewhere, role=Role.EXPERT, valid_from=factories.NOW - dt.timedelta(days=9),
        valid_until=factories.NOW - dt.timedelta(days=2),
    )  # fmt: skip
    erase(secretariat, institution, user)
    assert acts.entry(elsewhere, Action.PERSON_ERASED).subject == user.public_id.hex
