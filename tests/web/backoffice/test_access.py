"""Who finds which page of the office: the right roles, and nobody else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.web.backoffice.urls import urlpatterns
from tests.web import factories
from tests.web.access_table import TABLE
from tests.web.backoffice.support import Staff, url

S = Role.SECRETARIAT
ROLES = {
    name.removeprefix("office:"): {Role(who) for who in people}
    for name, people in TABLE.items()
    if name.startswith("office:") and people is not None
}
VALUES = {"int": 1, "uuid": uuid4(), "slug": "one", "string": "exclusion"}
"""What stands in the place of a parameter, by its converter."""
WITHOUT_ROWS = {
    "home", "roles", "register", "cycle_new", "cycle", "mandate", "stage", "features", "population",
    "letters", "seats", "meetings", "meeting_new", "statements", "statements_close", "evidence",
    "dossier_new", "speaker_new", "questions", "recommendations", "recommendation_new", "answers", "draws",
    "rules", "status",
}  # fmt: skip
"""Pages that exist as soon as a cycle does."""


def address(institution, name: str) -> str:
    pattern = next(each for each in urlpatterns if each.name == name)
    kwargs = {
        key: VALUES[type(converter).__name__.removesuffix("Converter").lower()]
        for key, converter in pattern.pattern.converters.items()
    }
    return reverse(f"office:{name}", kwargs={"institution": institution.slug, **kwargs})


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_page_is_found_by_its_roles_alone(name, institution, staff: Staff):
    factories.make_cycle(institution, Stage.INVITING)
    for role, client in staff.clients.items():
        for method in (client.get, client.post):
            status = method(address(institution, name)).status_code
            if role not in ROLES[name]:
                assert status in {404, 405}, (name, role, status)
            elif name in WITHOUT_ROWS and method == client.get:
                assert status == 200, (name, role, status)
            else:
                assert status < 500, (name, role, status)


@pytest.mark.parametrize("name", sorted(ROLES))
def test_a_page_does_not_exist_for_foreign_and_for_roleless_people(
    name, institution, foreign: Client, member_client: Client
):
    factories.make_cycle(institution, Stage.INVITING)
    for client in (foreign, member_client):
        assert client.get(address(institution, name)).status_code in {404, 405}
        assert client.post(address(institution, name)).status_code in {404, 405}


@pytest.mark.parametrize("name", sorted(ROLES))
def test_who_is_not_signed_in_is_led_to_the_sign_in(name, institution):
    response = Client().get(address(institution, name))
    assert response.status_code in {302, 405}
    if response.status_code == 302:
        assert reverse("account_login") in response["Location"]


def test_a_cycle_of_another_institution_does_not_exist(institution, elsewhere, staff: Staff):
    factories.make_cycle(elsewhere)
    assert staff.get(S, "cycle", 1).status_code == 404


def test_somebody_whose_role_has_ended_finds_nothing(institution, staff: Staff):
    from isegoria_web.accounts.models import Grant
    from isegoria_web.clock import now

    Grant.objects.filter(institution=institution, role=S).update(valid_until=now())
    assert staff.get(S, "home").status_code == 404


def test_the_pages_of_a_running_cycle_ask_the_database_no_more_than_31_times(
    institution, staff: Staff, django_assert_max_num_queries
):
    cycle = factories.make_cycle(institution, Stage.DELIBERATING)
    factories.make_features(cycle)
    factories.make_members(cycle)
    factories.make_cycle(institution, Stage.INVITING)
    factories.make_cycle(institution)
    for name, args in (
        ("home", ()),
        ("cycle", (1,)),
        ("quotas", (1,)),
        ("letters", (1,)),
        ("desk", (1,)),
        ("desk_letter", (1, 1)),
        ("pool", (1,)),
        ("draws", (1,)),
        ("seats", (1,)),
        ("meetings", (1,)),
        ("recommendations", (1,)),
        ("answers", (1,)),
        ("roles", ()),
    ):
        with django_assert_max_num_queries(31):
            assert staff.clients[S].get(url(institution, name, *args)).status_code == 200, name


def test_names_of_people_stand_on_the_pages_of_the_secretariat_alone(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.DELIBERATING)
    members = factories.make_members(cycle)
    name = members[0].respondent.name
    assert name in staff.get(S, "seats", 1).content.decode()
    for role, client in staff.clients.items():
        for page in sorted(ROLES):
            if role == S or role not in ROLES[page]:
                continue
            assert name not in client.get(address(institution, page)).content.decode(), (role, page)
