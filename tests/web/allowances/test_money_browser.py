"""The pages of allowances in real Chromium: no barrier, and nothing that scrolls sideways on a phone."""

import pytest
from django.db import connections
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.allowances import services
from isegoria_web.institutions.enums import Stage
from tests.web import factories
from tests.web.allowances import support
from tests.web.consultation import support as agenda
from tests.web.test_receipts_browser import CHROMIUM, SITE, visiting

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def visitor(monkeypatch, institution):
    with visiting(monkeypatch) as found:
        yield found


def test_members_and_secretariat_read_money_and_themes_without_barriers(visitor, institution):
    connections["default"] = visitor.database  # the test writes as well
    support.pay(institution, support.VOLUNTEER)
    members = factories.make_members(factories.make_cycle(institution, Stage.LEARNING), 2)
    secretariat, second = (factories.actor(institution, Role.SECRETARIAT) for _each in range(2))
    support.held(members[0].cycle, members)
    for member in members:
        support.declare(member, 1000)
        support.give_account(member)
    support.exported(secretariat, second, institution)
    for day in (2, 3):
        support.held(members[0].cycle, members, day=day)
    services.compute_claims(actor=secretariat, institution=institution)
    agenda.waiting(institution)
    agenda.collecting(institution)
    visits = [
        (members[0].user, "members", ["money", "account", "declaration", "costs", "theme"]),
        (second.user, "office", ["money", "payer", "claims_compute", "payment_file:1", "themes", "theme:1", "theme_refuse:1", "theme_paper:2", "home"]),
    ]  # fmt: skip
    for user, room, pages in visits:
        visitor.client.force_login(user)
        for page in pages:
            name, _colon, number = page.partition(":")
            args = ["ostbelgien", *([int(number)] if number else [])]
            visitor.page.goto(SITE + reverse(f"{room}:{name}", args=args))
            visitor.look(f"{room}-{name}")
