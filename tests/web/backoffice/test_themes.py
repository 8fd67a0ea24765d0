"""The agenda in the office: from the queue to the next cycle, and what stands on the morning page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.consultation.models import AgendaChoice, Theme
from isegoria_web.institutions.models import Cycle
from tests.web import factories
from tests.web.backoffice.support import Staff, texts
from tests.web.consultation import support
from tests.web.consultation.test_themes import rules
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
SECRETARIAT = Role.SECRETARIAT
TYPED = {
    "title": "Night buses",
    "explanation": "How?",
    "reason": "All travel.",
    "language": "de",
    "organisation": "",
}


def status() -> str:
    return Theme.objects.get(number=1).status


def test_a_theme_on_paper_goes_from_the_queue_to_the_next_cycle(staff: Staff, institution):
    entered = staff.act(SECRETARIAT, "theme_new", kind="resident", name="Anna", email="", **TYPED)
    assert entered.status_code == 302
    assert "Night buses" in staff.get(SECRETARIAT, "themes").text
    assert "Anna" in staff.get(SECRETARIAT, "theme", 1).text
    staff.act(SECRETARIAT, "theme_admit", 1, last_day="2027-06-01")
    assert status() == "collecting"
    Theme.objects.update(threshold=2)
    listed = staff.post(
        SECRETARIAT, "theme_paper", 1, people="Bert; 1971-02-03; 4700\nCara; 1.1.1980; 4700"
    )
    assert listed.status_code == 302
    assert status() == "supported"
    assert staff.post(SECRETARIAT, "theme_withdraw", 1, name="Dora", born="1980-01-01").status_code == 409
    taken = staff.act(SECRETARIAT, "theme_signatories", 1)
    assert taken.headers["Content-Type"].startswith("text/csv")
    assert taken.text.splitlines()[1:] == ["Bert,1971-02-03,4700,paper", "Cara,1980-01-01,4700,paper"]
    staff.act(SECRETARIAT, "theme_choose", 1, **texts("reasons", "Most urgent"))
    assert status() == "chosen"
    assert "Open a cycle on theme 1: Night buses" in staff.get(SECRETARIAT, "home").text
    page = staff.get(SECRETARIAT, "theme_cycle", 1)
    assert page.context["form"].initial["title"] == {"de": "Night buses"}
    opened = staff.post(
        SECRETARIAT, "theme_cycle", 1, body="assembly", panel_size="30", alternates="4", quorum_share="",
        promised_answer_days="90", **texts("title", "Buses"), **texts("question", "How?"), **texts("scope", "All"),
    )  # fmt: skip
    assert opened.status_code == 302
    assert Cycle.objects.get().theme.number == 1
    assert "Open a cycle on theme" not in staff.get(SECRETARIAT, "home").text


def test_a_refusal_needs_its_reasons_and_they_come_back_with_what_was_typed(staff: Staff, institution):
    support.waiting(institution)
    assert staff.post(SECRETARIAT, "theme_refuse", 1, rule="agenda.admissibility").status_code == 422
    staff.act(SECRETARIAT, "theme_refuse", 1, rule="agenda.admissibility", **texts("reasons", "Not ours"))
    assert status() == "refused"
    again = staff.act(SECRETARIAT, "theme_refuse", 1, rule="", **texts("reasons", "Not ours"))
    assert again.status_code == 409


def test_a_wrong_paper_list_names_its_lines_and_keeps_what_was_typed(staff: Staff, institution):
    support.collecting(institution)
    answer = staff.post(SECRETARIAT, "theme_paper", 1, people="Bert; 1971-02-03; 4700\nnobody")
    assert answer.status_code == 422
    assert "line 2 cannot be read" in answer.text
    assert "Bert; 1971-02-03; 4700" in answer.text


def test_the_authority_brings_a_theme_and_sees_no_text_before_the_verdict(staff: Staff, institution):
    support.waiting(institution, title="Trees")
    assert "Trees" not in staff.get(Role.AUTHORITY, "themes").text
    assert "anna.proposer" not in staff.get(Role.AUTHORITY, "themes").text
    staff.post(Role.AUTHORITY, "theme_new", kind="authority", **TYPED)
    theme = Theme.objects.get(number=2)
    assert (theme.kind, theme.channel) == ("authority", "web")


def test_the_members_choose_and_the_result_is_public(staff: Staff, institution):
    cycle = factories.make_cycle(institution)
    cycle.body = institution.bodies.get(key="council")
    cycle.save()
    factories.make_members(cycle)
    for title in ("Buses", "Trees"):
        support.supported(institution, title=title)
    assert "Let the members choose a theme" in staff.get(SECRETARIAT, "home").text
    closes = {"closes_at_day": "2027-03-08", "closes_at_hour": "18:00"}
    answer = staff.act(SECRETARIAT, "agenda_ballot", themes=["1", "2"], **closes)
    assert answer.status_code == 302
    choice = AgendaChoice.objects.get()
    assert choice.ballot.closes_at > NOW
    assert "Let the members choose a theme" not in staff.get(SECRETARIAT, "home").text
    public = Client().get(reverse("public:themes", args=[institution.slug])).text
    assert "The members vote in secret until" in public
    with clock.at(choice.ballot.closes_at):
        factories.count_together(factories.actor(institution, SECRETARIAT), choice.ballot)
        public = Client().get(reverse("public:themes", args=[institution.slug])).text
    assert "0 papers" in public


def test_without_members_who_may_choose_no_ballot_is_offered(staff: Staff, institution):
    support.supported(institution)
    assert "Nobody can vote on the agenda now" in staff.get(SECRETARIAT, "agenda_ballot").text


def test_a_verdict_that_is_late_stands_first_in_the_morning(staff: Staff, institution):
    rules(institution, "resident_signatures = 100", "resident_signatures = 100\nverdict_months = 2")
    with clock.at(NOW - dt.timedelta(days=80)):
        support.waiting(institution)
    page = staff.get(SECRETARIAT, "home")
    assert [line.task.text for line in page.context["late"]] == ["Give the verdict on theme 1: Night buses"]
    assert "Give the verdict" not in staff.get(Role.FACILITATOR, "home").text


def test_a_member_proposes_from_her_own_pages(institution):
    member = factories.make_members(factories.make_cycle(institution), 1)[0]
    browser = Client()
    browser.force_login(member.user)
    address = reverse("members:theme", args=[institution.slug])
    assert "you need no signatures" in browser.get(address).text
    typed = {key: value for key, value in TYPED.items() if key != "organisation"}
    assert browser.post(address, typed | {"title": " "}).status_code == 422
    browser.post(address, typed)
    assert (Theme.objects.get().kind, hasattr(Theme.objects.get(), "proposer")) == ("member", False)
    rules(institution, 'proposers = ["resident", "member", "authority"]', 'proposers = ["resident"]')
    assert "no right to propose" in browser.get(address).text
