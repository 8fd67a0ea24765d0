"""Visitors of the demonstration see every state of a draw, and what they see verifies."""

from __future__ import annotations

import datetime as dt

import pytest

from isegoria.proof import verify
from isegoria_web import clock
from isegoria_web.demo import draws, story
from isegoria_web.journal.algorithms import verify_journal
from isegoria_web.journal.services import export_lines
from isegoria_web.lottery.enums import DrawStatus, ObjectionStatus
from isegoria_web.lottery.models import Draw
from tests.web import factories

pytestmark = pytest.mark.django_db
LANGUAGES = ("de", "fr", "nl", "en")


def test_each_state_of_a_draw_is_shown_in_each_language_and_verifies(client):
    said = []
    institution = draws.play(story.read()["features"], factories.NOW.date(), said.append)
    assert len(said) == 3
    final, open_, ahead = Draw.objects.order_by("pk")
    assert [each.status for each in (final, open_, ahead)] == [
        DrawStatus.FINAL, DrawStatus.DRAWN, DrawStatus.COMMITTED,
    ]  # fmt: skip
    assert final.sources.get().name == "drand:quicknet:657413"
    for draw in (final, open_):
        assert verify(draw.record.document, published=draw.record.commitment_sha256).ok
    assert [each.status for each in open_.objections.all()] == [
        ObjectionStatus.PUBLISHED, ObjectionStatus.WAITING,
    ]  # fmt: skip
    assert ahead.source_due_at > clock.now() + dt.timedelta(days=5)
    assert verify_journal(export_lines(institution.chain)).ok
    for draw in (final, open_, ahead):
        cycle = draw.cycle.number
        for language in LANGUAGES:
            home = f"/{language}/modellgemeinde/"
            for page in (
                "",
                f"cycles/{cycle}/",
                f"cycles/{cycle}/draws/1/",
                f"cycles/{cycle}/draws/1/projector/",
            ):
                assert client.get(home + page).status_code == 200, page
    told = client.get("/de/modellgemeinde/cycles/2/draws/1/").content.decode()
    assert "Die zweite Kamera zeigt ihn" in told
    assert "Pourquoi le tirage" not in told  # not read yet
