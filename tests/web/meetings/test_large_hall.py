"""The office's page of a meeting in a large hall shows one round at a time, so that it stays light."""

from __future__ import annotations

import pytest
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.meetings.models import Table
from tests.web import factories

pytestmark = pytest.mark.django_db


def test_many_tables_are_shown_round_by_round(client, institution):
    first = factories.make_table(factories.make_cycle(institution))
    client.force_login(factories.make_user(institution, Role.FACILITATOR))
    page = reverse("office:meeting", args=[institution.slug, 1, 1])
    assert "?round=" not in client.get(page).content.decode()
    Table.objects.bulk_create(
        Table(plan=first.plan, round=number, number=place) for number in (1, 2) for place in range(2, 43)
    )
    shown = {asked: client.get(page, {"round": asked}).content.decode() for asked in ("", "2", "9", "x")}
    for asked, text in shown.items():
        here, other = (2, 1) if asked == "2" else (1, 2)
        assert f"/{here}/42/" in text
        assert f"?round={other}#" in text
        assert f"?round={here}#" not in text
    assert len(shown["2"]) < 60_000
