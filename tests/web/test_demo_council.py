"""Visitors of the demonstration see a council rotate, and those who enter are told of those before."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from isegoria import register
from isegoria_web import clock
from isegoria_web.demo import algorithms, council, draws, people, story
from isegoria_web.demo.calendar import day
from isegoria_web.followup.models import Handover, Legacy
from isegoria_web.journal.algorithms import verify_journal
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import export_lines
from isegoria_web.lottery.models import Draw
from isegoria_web.membership.enums import EndReason
from isegoria_web.membership.models import Rotation, Term
from tests.web import acts, factories

TODAY = factories.NOW.date()
SEATS, LEAVE = 24, 8


@pytest.mark.once
@examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from("abcde"), st.tuples(*[st.integers(0, 12)] * 2, st.integers(0, 40), st.integers(0, 8)), min_size=2
    ),
    st.integers(1, 24),
)  # fmt: skip
def test_quotas_are_eased_until_the_seats_can_be_filled_and_no_further(values, seats):
    asked = {
        key: algorithms.Asked(low, low + wide, willing, sitting)
        for key, (low, wide, willing, sitting) in values.items()
    }
    assume(sum(one.willing for one in asked.values()) >= seats)
    eased = algorithms.within_reach(asked, seats)
    after = {
        key: replace(one, minimum=eased[key][0], maximum=eased[key][1]) if key in eased else one
        for key, one in asked.items()
    }
    least = {key: max(0, one.minimum - one.sitting) for key, one in after.items()}
    most = {key: min(max(0, one.maximum - one.sitting), one.willing) for key, one in after.items()}
    assert sum(least.values()) <= seats
    assert all(least[key] <= one.willing for key, one in asked.items())
    assert all(
        after[key].minimum <= one.minimum and after[key].maximum >= one.maximum
        for key, one in asked.items()
    )
    if any(one.maximum >= one.sitting and one.willing >= seats for one in asked.values()):
        assert sum(most.values()) >= seats
        assert algorithms.within_reach(after, seats) == {}


@pytest.fixture
def institution(db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    file = tmp_path / "register.csv"
    register.write(register.synthesize(size=2500), file)
    features = story.read()["features"]
    here = draws.found(features)
    council.play(here.institution, here.staff, features, file, TODAY, lambda _line: None)
    return here.institution


def sat_on(institution, on: dt.date) -> dict[int, Term]:
    found = Term.objects.sitting_on(on).filter(
        seat__body__key="council", seat__body__institution=institution
    )
    return {term.seat.number: term for term in found.select_related("seat", "member__user")}


def test_eight_leave_eight_enter_and_are_told_of_those_before(institution, client):
    rotation = Rotation.objects.get()
    eve, morning = (
        sat_on(institution, rotation.on - dt.timedelta(days=1)),
        sat_on(institution, rotation.on),
    )
    assert len(eve) == len(morning) == SEATS
    entered = {term.member for term in morning.values()} - {term.member for term in eve.values()}
    left = {term.member for term in eve.values()} - {term.member for term in morning.values()}
    assert (len(left), len(entered)) == (LEAVE, LEAVE)
    assert rotation.done_at is not None
    assert acts.entry(institution, Action.BODY_ROTATED).facts["rule"].startswith("bodies.council.rotation")

    # One member resigned before; whom the rule named sits in her place.
    resigned = Term.objects.get(end_reason=EndReason.RESIGNATION)
    follower = Term.objects.filter(seat=resigned.seat, starts_on__gte=resigned.ends_on).earliest(
        "starts_on"
    )
    assert follower.member.selection.kind == "alternate"

    # Words only of those who leave, and everybody who entered has read them, but the newcomer at the browser.
    assert {each.member for each in Legacy.objects.of_members()} <= left
    assert Legacy.objects.of_members().count() == 2
    handover = Handover.objects.get()
    assert len(handover.content["words"]) == 3  # with the secretariat's
    assert handover.documents.count() == len(institution.languages)
    assert day(TODAY, council.SECOND.handed_over) < rotation.on
    confirmed = {each.member for each in handover.confirmations.all()}
    assert entered - confirmed == {
        each for each in entered if each.user.email == people.email_of(people.COUNCILLOR)
    }
    assert len(confirmed) == LEAVE - 1
    assert len(acts.entries(institution, Action.HANDOVER_CONFIRMED)) == LEAVE - 1

    # Whoever stays and whoever entered met together.
    last = institution.cycles.latest("number").meetings.get()
    assert last.attendances.count() == SEATS
    assert Draw.objects.filter(cycle__institution=institution, status="final").count() == 4
    assert verify_journal(export_lines(institution.chain)).ok
    assert clock.now().date() > rotation.on
    for language in ("nl", "fr", "de", "en"):
        for on in (rotation.on - dt.timedelta(days=1), rotation.on):
            page = client.get(f"/{language}/{institution.slug}/members/", {"on": on.isoformat()})
            assert page.status_code == 200
            if language == "en":
                new = 0 if on < rotation.on else LEAVE
                shown = page.content.decode()
                assert (shown.count(">Cycle 1, member"), shown.count(">Cycle 2, member")) == (
                    SEATS - new,
                    new,
                )


def test_the_newcomer_reads_the_words_of_those_before(institution, client):
    client.force_login(Term.objects.get(member__user__email=people.email_of(people.COUNCILLOR)).member.user)
    page = client.get(f"/fr/{institution.slug}/my/handover/").content.decode()
    assert "personne ne parle deux fois" in page
    assert "Bienvenue. Ce dossier" in page
