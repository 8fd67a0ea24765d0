"""What letters say at a rotation of how many people the draw picks: the seats that become free, not the whole body."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from isegoria import register
from isegoria.rulebook import next_term
from isegoria_web import clock
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import services as lottery
from isegoria_web.membership.enums import EndReason
from isegoria_web.membership.errors import RotationUndated
from isegoria_web.membership.models import Term
from isegoria_web.membership.services import leave_seat
from isegoria_web.recruitment import letters, mails
from isegoria_web.recruitment.enums import Purpose
from isegoria_web.recruitment.letter_text import bundled
from isegoria_web.recruitment.models import Campaign, Message
from isegoria_web.recruitment.services import announce_letters, draw_letters
from isegoria_web.register.services import load_extract
from tests.web import factories
from tests.web.membership import panels
from tests.web.membership.test_rotating import SIZE, fill, noon

HOUR = dt.timedelta(hours=1)


def ready(town, secretariat) -> Cycle:
    """A cycle of the council before its letters."""
    cycle = factories.make_cycle(town, Stage.INVITING, panel_size=SIZE)
    cycle.body = town.bodies.get(key="council")
    cycle.save()
    factories.make_features(cycle)
    lottery.propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


def announce(town, secretariat, cycle, tmp_path) -> Campaign:
    path = tmp_path / "register.csv"
    register.write(register.synthesize("rotation", 120), path)
    day = clock.now().date()
    extract = load_extract(
        actor=secretariat, institution=town, path=path, file_name=path.name,
        reference_date=day, erase_on=day + dt.timedelta(days=150),
    )  # fmt: skip
    return announce_letters(
        actor=secretariat, cycle=cycle, extract=extract, letters=40, age_min=16,
        reply_by=day + dt.timedelta(days=20), source=factories.texts("Dice"), source_due_at=clock.now() + HOUR,
    )  # fmt: skip


def seats_in_preview(cycle) -> str:
    return json.loads(letters.preview_data(cycle, "en", bundled("en"), None))["fields"]["seats"]


def test_letters_say_how_many_are_drawn_and_all_waves_say_the_same(town, secretariat, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    _first, end = fill(town, secretariat, "3-1-4-1-5-9-2-6")
    with clock.at(noon(next_term(end.date(), 6) - dt.timedelta(days=40))):
        cycle = ready(town, secretariat)
        assert seats_in_preview(cycle) == "8"
        campaign = announce(town, secretariat, cycle, tmp_path)
        assert (campaign.seats, campaign.seats_drawn) == (8, 8)
        later = clock.now() + 2 * HOUR
        stays = Term.objects.filter(status="active").exclude(member__cycle=cycle).last()
    with clock.at(later):
        factories.throw(campaign.draw, "2-6-5")
        campaign = draw_letters(actor=secretariat, campaign=campaign)
        leave_seat(actor=secretariat, term=stays, reason=EndReason.RESIGNATION, on=clock.now().date())
        campaign = Campaign.objects.get(pk=campaign.pk)
        for language in ("nl", "fr", "de", "en"):
            said = letters.fields_of(campaign.waves.get(), language, clock.now())
            assert said["seats"] == "8"
        invitation = campaign.invitations.select_related("campaign__cycle__institution", "resident").first()
        mail = mails.written(
            Message(
                invitation=invitation,
                purpose=Purpose.INVITATION,
                round=1,
                language="en",
                address="anna@example.org",
            )
        )
        assert "a second draw in public picks 8 people" in " ".join(mail.body.split())


def test_the_first_letters_of_a_body_say_all_its_seats(town, secretariat, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    cycle = ready(town, secretariat)
    assert seats_in_preview(cycle) == "24"
    assert announce(town, secretariat, cycle, tmp_path).seats_drawn == SIZE


def test_where_an_event_starts_the_rotation_its_day_is_planned_before_letters(
    town, secretariat, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path / "files"
    fill(town, secretariat, "3-1-4-1-5-9-2-6")
    panels.rotates_by_event(town)
    with clock.at(noon(dt.date(2027, 8, 1))):
        cycle = ready(town, secretariat)
        with pytest.raises(RotationUndated, match="names no day ahead"):
            announce(town, secretariat, cycle, tmp_path)
        assert not Campaign.objects.filter(cycle=cycle).exists()
        assert seats_in_preview(cycle) == letters.UNKNOWN
