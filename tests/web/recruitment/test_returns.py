"""How the letters come back: counted by feature, projected to the closing, small counts hidden from who may not see."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.enums import Origin
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.recruitment.enums import Channel, InvitationStatus, Refusal
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent, Wave
from isegoria_web.recruitment.returns import growth, project, returns_of
from tests.web import factories
from tests.web.factories import NOW

DAY = dt.timedelta(days=1)


@pytest.fixture
def cycle(institution):
    """Forty letters went out ten days ago: twenty-four yes, eight no, three returned, five open."""
    made = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(made)
    people = factories.make_respondents(made, 40)
    Feature.objects.filter(cycle=made, key="sex").update(origin=Origin.SEX)
    for key in ("F", "M"):
        Value.objects.filter(feature__cycle=made, key=key).update(matches=[key])
    Campaign.objects.update(printed_at=NOW - 10 * DAY, reply_by=NOW.date() + 10 * DAY)
    Wave.objects.update(printed_at=NOW - 10 * DAY, reply_by=NOW.date() + 10 * DAY)
    for number, person in enumerate(people):
        letter = person.invitation
        letter.answered_at = NOW - 10 * DAY + dt.timedelta(hours=6 * (number % 20))
        if number >= 24:
            person.delete()
            letter.status = InvitationStatus.NO
            letter.refusal, letter.channel = Refusal.CARE, Channel.PHONE
        if number >= 32:
            letter.status = InvitationStatus.RETURNED if number < 35 else InvitationStatus.SENT
            letter.answered_at, letter.refusal, letter.channel = None, "", ""
        letter.save()
    return made


def test_every_letter_is_counted_once(cycle):
    found = returns_of(cycle, sees_persons=True)
    assert found.counts == {"sent": 40, "returned": 3, "yes": 24, "no": 8, "waiting": 5}
    assert found.refusals == [("I care for somebody", 8)]
    assert dict(found.channels) == {"Website": 24, "Telephone": 8}
    sex, age = found.features
    assert sex.by_letter
    assert {
        column: sum(line.counts[column] for line in sex.lines) for column in found.counts
    } == found.counts
    assert not age.by_letter  # people tell it: of the others nobody knows
    assert sum(line.yes for line in age.lines) == 24


def test_who_may_not_see_persons_sees_no_small_count(cycle):
    found = returns_of(cycle, sees_persons=False)
    assert found.hides
    assert found.counts["returned"] is None
    assert found.counts["sent"] == 40
    shown = [count for each in found.features for line in each.lines for count in line.counts.values()]
    assert all(count is None or count == 0 or count >= 5 for count in shown)
    assert sum(count is None for count in found.counts.values()) >= 2  # else a subtraction tells it


def test_the_yeses_are_projected_to_the_last_day(cycle):
    found = returns_of(cycle, sees_persons=True)
    assert found.projection.expected >= 24
    assert found.projection.least <= found.projection.expected <= found.projection.most
    with clock.at(NOW - 9 * DAY):
        assert returns_of(cycle, sees_persons=True).projection is None
    Campaign.objects.update(closed_at=NOW)
    assert returns_of(cycle, sees_persons=True).projection.expected == 24


def test_a_second_wave_grows_from_the_day_on_which_its_own_letters_went_out(cycle):
    """Twenty answers in five days: what was sent five days ago is not taken for the tail of what was sent before."""
    alone = returns_of(cycle, sees_persons=True).projection.expected
    campaign = Campaign.objects.get()
    Wave.objects.create(
        campaign=campaign, number=2, letters=40, reply_by=campaign.reply_by, drawn_at=NOW, document={},
        printed_at=NOW - 5 * DAY,
    )  # fmt: skip
    for number, letter in enumerate(Invitation.objects.filter(status=InvitationStatus.YES)):
        letter.pk, letter.position, letter.wave = None, 41 + number, 2
        letter.selector, letter.resident = f"W{number:05d}", None
        letter.answered_at = NOW - 5 * DAY + dt.timedelta(hours=3 * (number % 20))
        letter.save(force_insert=True)
    both = returns_of(cycle, sees_persons=True)
    assert both.counts["yes"] == 48
    second = 24 * growth(
        [dt.timedelta(hours=3 * (number % 20)) for number in range(24)], 5 * DAY, _to_the_end(5)
    )
    assert both.projection.expected == pytest.approx(alone + second, rel=0.05)


def _to_the_end(days_ago: int) -> dt.timedelta:
    return dt.timedelta(days=11 + days_ago) - dt.timedelta(hours=NOW.hour)


def test_a_value_that_will_stay_too_small_is_marked(cycle):
    Value.objects.filter(feature__cycle=cycle, key="65+").update(minimum=200, maximum=300)
    lines = {line.value.key: line for line in returns_of(cycle, sees_persons=True).features[1].lines}
    assert lines["65+"].is_short


@pytest.mark.parametrize("scale", [3.0, 7.0, 15.0])
def test_the_growth_of_answers_that_slow_down_is_found(scale):
    """Answers at the quantiles of the very law: the factor is found within a tenth."""
    times = [-scale * math.log1p(-(number + 0.5) / 40_000) for number in range(40_000)]
    now, end = 10.0, 28.0
    seen = [dt.timedelta(days=each) for each in times if each <= now]
    right = math.expm1(-end / scale) / math.expm1(-now / scale)
    assert growth(seen, now * DAY, end * DAY) == pytest.approx(right, rel=0.02)


def test_answers_that_do_not_slow_down_go_on_evenly():
    seen = [dt.timedelta(hours=each) for each in range(240)]
    assert growth(seen, 10 * DAY, 20 * DAY) == pytest.approx(2.0, rel=0.1)
    assert growth(seen[:19], 10 * DAY, 20 * DAY) is None


@given(st.integers(0, 5000), st.floats(1, 20))
def test_a_projection_never_loses_a_yes(yes, grow):
    found = project(yes, grow)
    assert yes <= found.least <= found.expected + 1
    assert found.expected <= found.most


class TestPage:
    @pytest.mark.parametrize(
        ("role", "sees"), [(Role.SECRETARIAT, True), (Role.OBSERVER, False), (Role.AUTHORITY, False)]
    )
    def test_the_page_shows_each_role_what_it_may_see(self, institution, cycle, client: Client, role, sees):
        client.force_login(factories.make_user(institution, role))
        page = client.get(f"/en/{institution.slug}/office/cycles/{cycle.number}/letters/returns/")
        text = page.content.decode()
        assert "24 of 40 letters say yes" in text
        assert ("Counts under five are not shown" in text) is not sees
        assert ("<dd>3</dd>" in text) is sees

    def test_before_the_post_nothing_is_shown(self, institution, secretariat, client):
        made = factories.make_cycle(institution, Stage.INVITING)
        factories.make_letters(made)
        Invitation.objects.update(status=InvitationStatus.CREATED)
        assert not Respondent.objects.exists()
        client.force_login(secretariat.user)
        page = client.get(f"/en/{institution.slug}/office/cycles/{made.number}/letters/returns/")
        assert "No letter is in the post yet" in page.content.decode()
