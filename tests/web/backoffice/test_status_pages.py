"""Where the institution and a cycle stand, in the office and in public."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import ElectionKind, Stage, Status
from isegoria_web.institutions.models import Election, StatusChange
from tests.web import factories
from tests.web.backoffice.support import Staff, texts

pytestmark = pytest.mark.django_db
AUTHORITY, SECRETARIAT = Role.AUTHORITY, Role.SECRETARIAT
WHY = texts("reasons", "The council wants to think.")


def page(response):
    return html.unescape(response.content.decode())


def test_the_authority_abolishes_after_a_warning_and_everybody_reads_why(institution, staff: Staff, client):
    factories.make_cycle(institution, Stage.INVITING)
    warned = page(staff.post(AUTHORITY, "status_change", "abolish", **WHY))
    assert "These cycles are broken off: 1." in warned
    assert not StatusChange.objects.exists()
    assert staff.act(AUTHORITY, "status_change", "abolish", **WHY).status_code == 302
    institution.refresh_from_db()
    assert institution.status == Status.ABOLISHED
    for name, args in (("institution", []), ("cycle", [1])):
        public = page(client.get(reverse(f"public:{name}", args=[institution.slug, *args])))
        assert "This institution was abolished on 1 March 2027." in public
        assert "The council wants to think. (en)" in public
    assert "Broken off on 1 March 2027" in public
    assert "What the authority decided" in page(
        client.get(reverse("public:rule_book", args=[institution.slug]))
    )
    told = client.get(f"/api/v1/institutions/{institution.slug}").json()["status_changes"]
    assert [(each["status"], each["rule"]) for each in told] == [("abolished", None)]
    for role in (AUTHORITY, SECRETARIAT):
        assert "personal data go on their days" in page(staff.get(role, "status"))


def test_what_is_missing_for_the_way_back_is_said_with_the_way_to_repair_it(institution, staff: Staff):
    institution.grants.filter(role=SECRETARIAT).update(valid_until=factories.NOW)
    staff.act(AUTHORITY, "status_change", "suspend", until="2027-06-07", **WHY)
    with clock.at(factories.NOW + dt.timedelta(days=98)):
        assert "Let the institution work again" in page(staff.get(AUTHORITY, "home"))
    shown = page(staff.get(AUTHORITY, "status"))
    assert "Nobody holds the role of the secretariat." in shown
    assert reverse("office:roles", args=[institution.slug]) not in shown  # that page is there for others
    refused = staff.act(AUTHORITY, "status_change", "resume", **WHY)
    assert refused.status_code == 409
    assert "Nobody holds the role of the secretariat." in page(refused)


def test_an_unknown_verb_and_founding_have_no_page(institution, staff: Staff):
    for verb in ("found", "close"):
        assert staff.get(AUTHORITY, "status_change", verb).status_code == 404


def test_a_step_that_lacks_something_has_a_link_and_no_button(institution, staff: Staff):
    factories.make_cycle(institution, Stage.MANDATE)
    shown = page(staff.get(SECRETARIAT, "stage", 1))
    for guard, name in (
        ("has not signed the mandate", "mandate"),
        ("The quotas are not complete", "quotas"),
    ):
        assert guard in shown
        assert reverse(f"office:{name}", args=[institution.slug, 1]) in shown
    assert 'name="to"' not in shown
    assert staff.post(AUTHORITY, "cycle_break_off", 1).status_code == 422
    assert staff.act(AUTHORITY, "cycle_break_off", 1, **WHY).status_code == 302
    assert "The council wants to think." in page(staff.get(AUTHORITY, "stage", 1))


def test_go_there_leads_everybody_to_a_page_that_is_there_for_her(institution, staff: Staff):
    stages = (Stage.MANDATE, Stage.INVITING, Stage.DRAWING)
    cycles = [factories.make_cycle(institution, stage).number for stage in stages]
    found = {}
    for role in (SECRETARIAT, AUTHORITY, Role.FACILITATOR, Role.EXPERT):
        shown = [staff.get(role, "cycle", number).content.decode() for number in cycles]
        found[role] = re.findall(r'href="([^"]+)">Go there', "".join(shown))
        if role != SECRETARIAT:  # her pages also need letters, which these cycles lack
            assert {staff.clients[role].get(each).status_code for each in found[role]} <= {200}
        assert "missing" in "".join(shown)
    assert len(found[SECRETARIAT]) > len(found[Role.FACILITATOR])


def test_the_office_enters_an_election_names_the_money_and_sees_what_falls_into_the_pause(
    institution, staff: Staff, client
):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    factories.make_meeting(cycle)
    Election.objects.create(
        institution=institution, number=1, kind=ElectionKind.REGIONAL, held_on=dt.date(2027, 6, 6),
        source="Decree", entered_at=factories.NOW,
    )  # fmt: skip
    shown = page(staff.get(Role.SECRETARIAT, "elections"))
    assert "These meetings were called before and fall into the pause:" in shown
    meeting = [institution.slug, 1, 1]
    assert reverse("office:meeting", args=meeting) in shown
    shown = page(staff.get(AUTHORITY, "elections"))
    assert reverse("office:meeting", args=meeting) not in shown
    assert reverse("public:meeting", args=meeting) in shown
    sent = {"kind": "european", "held_on": "2029-06-10", "source": "Decision of the Council"}
    assert staff.post(Role.SECRETARIAT, "elections", **sent).status_code == 302
    assert staff.post(Role.SECRETARIAT, "elections", **sent).status_code in {409, 422}
    assert "Decision of the Council" in client.get(f"/en/{institution.slug}/rules/").content.decode()
    money = {"line": "A", "source": "B", "euros_a_year": "1000", "starts_on": "2027-01-01", "ends_on": ""}
    assert staff.post(Role.AUTHORITY, "funding", **money).status_code == 302
    assert institution.funding.get().euros_a_year == 1000
