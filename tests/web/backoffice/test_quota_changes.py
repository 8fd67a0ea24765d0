"""The page of the quotas once people are invited: what stands in the way, what could give way, and two persons."""

import pytest

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.models import Value
from isegoria_web.lottery.services import propose_quotas
from tests.web import factories
from tests.web.backoffice.support import Staff, texts, url

pytestmark = pytest.mark.django_db
SECRETARIAT = Role.SECRETARIAT
AGES = ("16-34", "35-64", "65+")


@pytest.fixture
def cycle(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    propose_quotas(actor=secretariat, cycle=cycle)
    return cycle


def say_yes(cycle, sexes):
    for respondent, (sex, age) in zip(factories.make_respondents(cycle, len(sexes)), sexes, strict=True):
        respondent.answers = {"sex": sex, "age": age}
        respondent.save(update_fields=["answers"])


def cells(cycle, **other):
    found = {}
    for value in Value.objects.filter(feature__cycle=cycle).select_related("feature"):
        found[f"{value.feature.key}.{value.key}.min"] = str(value.minimum)
        found[f"{value.feature.key}.{value.key}.max"] = str(value.maximum)
    return {**found, **texts("reason", "Too few men"), **other}


EASED = {"sex.F.max": "4", "sex.M.min": "2"}


def shown(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_two_colleagues_change_the_quotas_and_everybody_reads_it(
    institution, cycle, staff: Staff, second: Staff, client
):
    say_yes(cycle, [("F", age) for age in AGES for _ in range(3)] + [("M", "16-34"), ("M", "35-64")])
    page = shown(staff.get(SECRETARIAT, "quotas_advice", 1))
    assert "No panel can meet all quotas" in page
    assert "at least 3 are needed, and 2 said yes" in page
    began = shown(staff.clients[SECRETARIAT].get(url(institution, "quotas", 1) + "?way=0"))
    assert 'name="sex.M.min" value="2"' in began
    assert staff.post(SECRETARIAT, "quotas", 1, **cells(cycle, **EASED)).status_code == 302
    mine = shown(staff.get(SECRETARIAT, "quotas", 1))
    assert "You proposed it" in mine
    assert url(institution, "quotas_change_confirm", 1, 1) not in mine
    shown(staff.act(SECRETARIAT, "quotas_change_confirm", 1, 1), 403)
    theirs = shown(second.get(SECRETARIAT, "quotas", 1))
    assert url(institution, "quotas_change_confirm", 1, 1) in theirs
    assert second.act(SECRETARIAT, "quotas_change_confirm", 1, 1).status_code == 302
    assert Value.objects.get(key="M").minimum == 2
    assert "a panel can be drawn" in shown(staff.get(SECRETARIAT, "quotas_advice", 1))
    draw = factories.make_draw(cycle, DrawKind.PANEL)
    public = shown(client.get(f"/en/ostbelgien/cycles/1/draws/{draw.number}/"))
    assert "Too few men (en)" in public
    assert "2–3 instead of 3" in public


def test_what_is_wrong_stands_at_its_cell_and_the_reason_is_kept(cycle, staff: Staff):
    for wrong, words in (
        ({"sex.F.min": "5", "sex.F.max": "3"}, "less than the least"),
        ({"sex.F.min": "6", "sex.F.max": "6"}, "add up to 9"),
        ({"reason_de": "", "reason_en": ""}, "at least one language"),
        ({}, "Nothing differs"),
    ):
        page = shown(staff.post(SECRETARIAT, "quotas", 1, **cells(cycle, **wrong)), 422)
        assert words in page
    assert "Too few men (de)" in page
    assert not cycle.quota_changes.exists()


def test_a_proposal_is_withdrawn(cycle, staff: Staff):
    staff.post(SECRETARIAT, "quotas", 1, **cells(cycle, **EASED))
    assert staff.act(SECRETARIAT, "quotas_change_withdraw", 1, 1).status_code == 302
    assert "nothing was changed" in shown(staff.get(SECRETARIAT, "quotas", 1))
    assert staff.get(SECRETARIAT, "quotas_change_withdraw", 1, 1).status_code == 404


def test_fewer_people_than_seats_is_said(cycle, staff: Staff):
    say_yes(cycle, [("F", "16-34")])
    assert "Too few people said yes" in shown(staff.get(SECRETARIAT, "quotas_advice", 1))


def test_how_far_quotas_may_give_way_is_set_before_anybody_is_invited(
    institution, staff: Staff, secretariat
):
    early = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(early)
    propose_quotas(actor=secretariat, cycle=early)
    wrong = cells(early, **{"sex.F.min_flex": "4"})
    assert "above the least itself" in shown(staff.post(SECRETARIAT, "quotas", 1, **wrong), 422)
    assert (
        staff.post(SECRETARIAT, "quotas", 1, **cells(early, **{"sex.F.min_flex": "2"})).status_code == 302
    )
    assert Value.objects.get(key="F").min_flex == 2
