"""The page that plans the letters: scenario 2 through the page, strata, faults, and where its number leads."""

from __future__ import annotations

import base64
import datetime as dt
import html

import pytest

from isegoria import register
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.models import Value
from isegoria_web.lottery.services import propose_quotas
from isegoria_web.recruitment import services
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation
from isegoria_web.recruitment.planning import brought_by, strata_of
from isegoria_web.register.services import load_extract
from tests.web import factories
from tests.web.backoffice.support import Staff, url
from tests.web.recruitment.test_second_letters import AFTER, DUE, drawn_at

pytestmark = pytest.mark.django_db
SECRETARIAT = Role.SECRETARIAT
MONTH_AFTER = AFTER + dt.timedelta(days=30)
FOUR_PER_CENT = {"factor": "5", "rate": "4 %"}


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.INVITING, panel_size=50)


def plan(staff: Staff, cycle, **given: str):
    address = url(staff.institution, "letters_plan", cycle.number)
    return staff.clients[SECRETARIAT].get(address, given)


def page(response) -> str:
    return html.unescape(response.content.decode())


def send(secretariat, cycle, tmp_path, *, residents: int, letters: int) -> Campaign:
    """Draw the first letters from a register, and put them in the post."""
    path = tmp_path / "register.csv"
    register.write(register.synthesize("plan", residents), path)
    extract = load_extract(
        actor=secretariat, institution=cycle.institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
    campaign = services.announce_letters(
        actor=secretariat, cycle=cycle, extract=extract, letters=letters, age_min=16,
        reply_by=dt.date(2027, 4, 5), source=factories.texts("Dice"), source_due_at=DUE,
    )  # fmt: skip
    campaign = drawn_at(secretariat, campaign, AFTER)
    campaign.invitations.update(status=InvitationStatus.SENT)
    return campaign


def answer(campaign: Campaign, yes: int) -> None:
    first = campaign.invitations.order_by("position").values_list("pk", flat=True)[:yes]
    Invitation.objects.filter(pk__in=list(first)).update(
        status=InvitationStatus.YES, channel="web", answered_at=MONTH_AFTER
    )


def test_the_first_wave_is_planned_from_an_expected_rate(staff, cycle):
    shown = plan(staff, cycle, **FOUR_PER_CENT)
    assert shown.status_code == 200
    assert "6,250" in page(shown)
    assert f"{url(staff.institution, 'letters', cycle.number)}?letters=6250" in page(shown)


def test_a_number_of_letters_for_each_seat_can_be_given(staff, cycle):
    assert "12,500" in page(plan(staff, cycle, **FOUR_PER_CENT, per_seat="250"))


def test_the_number_stands_in_the_form_that_announces_the_letters(staff, cycle):
    address = url(staff.institution, "letters", cycle.number)
    announced = staff.clients[SECRETARIAT].get(address, {"letters": "6250"})
    assert 'value="6250"' in page(announced)
    assert url(staff.institution, "letters_plan", cycle.number) in page(announced)


def test_the_second_wave_is_planned_from_what_the_first_brought(
    staff, secretariat, cycle, tmp_path, settings
):
    campaign = send(secretariat, cycle, tmp_path, residents=16_000, letters=6250)
    answer(campaign, 131)
    with clock.at(MONTH_AFTER):
        shown = plan(staff, cycle, **FOUR_PER_CENT)
    assert (shown.status_code, shown.context["plan"].wave) == (200, 2)
    assert "5,678" in page(shown)
    assert f"{url(staff.institution, 'letters_wave', cycle.number)}?letters=5678" in page(shown)


def test_more_letters_than_residents_left_are_refused_with_a_way_out(staff, secretariat, cycle, tmp_path):
    campaign = send(secretariat, cycle, tmp_path, residents=300, letters=200)
    answer(campaign, 10)
    with clock.at(MONTH_AFTER):
        shown = plan(staff, cycle, **FOUR_PER_CENT)
    assert shown.status_code == 422
    assert 'role="alert"' in page(shown)
    assert "plan" not in shown.context


def test_nothing_is_planned_before_the_last_wave_is_sent(staff, secretariat, cycle, tmp_path):
    campaign = send(secretariat, cycle, tmp_path, residents=300, letters=20)
    campaign.invitations.filter(position=20).update(status=InvitationStatus.CREATED)
    shown = plan(staff, cycle, **FOUR_PER_CENT)
    assert shown.status_code == 409
    assert "Letters of the last wave are not sent yet." in page(shown)


def test_the_part_that_needs_most_letters_is_named_with_its_own_rate(staff, secretariat, cycle):
    factories.make_features(cycle)
    propose_quotas(actor=secretariat, cycle=cycle)
    number = next(index for index, each in enumerate(strata_of(cycle)) if each.key == "age:65+")
    shown = plan(staff, cycle, **FOUR_PER_CENT, **{f"rate_{number}": "1/100"})
    made = shown.context["plan"]
    least = Value.objects.get(feature__cycle=cycle, key="65+").minimum
    assert made.binding == "age: 65+"
    assert made.letters == 5 * least * 3 * 100  # a third of the population, one in a hundred says yes
    assert page(shown).count("age: 65+") == 3  # lead, table, field
    picture = base64.b64decode(shown.context["picture"].partition(",")[2]).decode()
    assert picture.startswith("<svg")
    assert "age: 65+" in picture


def test_what_each_part_brought_counts_for_it(staff, secretariat, institution):
    small = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(small)
    propose_quotas(actor=secretariat, cycle=small)
    factories.make_respondents(small, 12)
    campaign = Campaign.objects.get(cycle=small)
    (found,) = brought_by(campaign, strata_of(small))
    assert (found.letters, found.yes["everybody"]) == (12, 12)
    assert found.yes["sex:F"] + found.yes["sex:M"] == 12
    assert found.yes["age:16-34"] + found.yes["age:35-64"] + found.yes["age:65+"] == 12


@pytest.mark.parametrize(
    "given", [{"rate": "lots"}, {"rate": "0"}, {"rate": "120 %"}, {"rate": ""}, {"factor": "0"}]
)
def test_what_is_no_rate_is_refused_at_its_field(staff, cycle, given):
    shown = plan(staff, cycle, **FOUR_PER_CENT | given)
    assert shown.status_code == 422
    assert 'role="alert"' in page(shown)


def test_a_published_rate_comes_with_its_source(staff, cycle):
    shown = plan(staff, cycle, factor="5", like="geneva-2020")
    assert shown.context["plan"].letters == -(-5 * 50 * 3000 // 360)
    assert "forumcitoyen.ch" in page(shown)


def test_a_first_look_asks_for_the_rate(staff, cycle):
    shown = plan(staff, cycle)
    assert shown.status_code == 200
    assert 'role="alert"' not in page(shown)
