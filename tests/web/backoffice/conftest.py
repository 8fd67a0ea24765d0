from __future__ import annotations

import pytest
from django.test import Client

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Institution
from tests.web import factories
from tests.web.backoffice.support import Staff


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def _client(actor: Actor) -> Client:
    client = Client()
    assert actor.user is not None
    client.force_login(actor.user)
    return client


@pytest.fixture
def staff(institution: Institution) -> Staff:
    """A signed-in browser for each role of the institution."""
    return Staff(
        institution,
        {role: _client(factories.actor(institution, role)) for role in Role},
    )


@pytest.fixture
def second(institution: Institution) -> Staff:
    """Other people with the same roles."""
    return Staff(
        institution,
        {role: _client(factories.actor(institution, role)) for role in Role},
    )


@pytest.fixture
def foreign(elsewhere: Institution) -> Client:
    """The secretariat of another institution."""
    return _client(factories.actor(elsewhere, Role.SECRETARIAT))


@pytest.fixture
def member_client(institution: Institution) -> Client:
    """Somebody who signs in and works nowhere."""
    return _client(factories.nobody_special())
