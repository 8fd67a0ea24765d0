"""The 24 stations of a cycle: they follow from the facts, none is left but by what must hold, and the docs say the same."""

import datetime as dt
import re
from html import unescape
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web.accounts.enums import Role
from isegoria_web.consultation.enums import Channel, ProposerKind, ThemeStatus
from isegoria_web.consultation.models import Theme
from isegoria_web.institutions import guards, stations
from isegoria_web.institutions.enums import Detour, Party, Stage, Station
from isegoria_web.institutions.life import CYCLE
from isegoria_web.institutions.models import Milestone
from isegoria_web.institutions.moving import advance, break_off
from isegoria_web.institutions.services import open_cycle, proposed_days
from isegoria_web.institutions.standing import phases_of, standing_of, standing_of_agenda
from isegoria_web.institutions.stations import LOOPS, PHASES, TABLE, marks, rows_of, where
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.meetings.models import FacilitatorInterest, Item
from isegoria_web.web.grounds import ground_in_words
from tests.web import acts, factories
from tests.web.factories import texts

FACTS = sorted({guard.id for row in TABLE for guard in (*row.guards, row.shown_by, row.ahead) if guard})
some_facts = st.integers(0, 2 ** len(FACTS) - 1).map(
    lambda bits: {fact for place, fact in enumerate(FACTS) if bits >> place & 1}
)
phases = st.sampled_from(PHASES)


def answers(held):
    return lambda guard: guard.id in held


def ahead_of(phase, station, held):
    """Whether a fact says that what comes later in the phase is in hand already."""
    rows = rows_of(phase)
    here = [row.station for row in rows].index(station)
    return any(row.ahead is not None and row.ahead.id in held for row in rows[here + 1 :])


@pytest.mark.once
def test_there_are_24_stations_in_the_order_of_the_stages():
    assert [row.station for row in TABLE] == list(Station)
    assert len(TABLE) == 24
    assert list(dict.fromkeys(row.phase for row in TABLE)) == list(PHASES)


@pytest.mark.once
@given(phase=phases, held=some_facts)
def test_a_station_is_left_only_when_its_guards_hold_or_a_later_one_is_known_to_be_in_hand(phase, held):
    now = where(phase, answers(held))
    rows = rows_of(phase)
    assert now in rows
    for row in rows[: rows.index(now)]:
        assert {guard.id for guard in row.guards} <= held or ahead_of(phase, row.station, held)
    if now != rows[-1]:
        assert not {guard.id for guard in now.guards} <= held
        further = where(phase, answers(held | {guard.id for guard in now.guards}))
        assert rows.index(further) > rows.index(now)


@pytest.mark.once
@given(phase=phases, held=some_facts, more=some_facts)
def test_what_comes_to_hold_never_leads_back(phase, held, more):
    rows = rows_of(phase)
    assert rows.index(where(phase, answers(held))) <= rows.index(where(phase, answers(held | more)))


@pytest.mark.once
@given(phase=phases, held=some_facts, broken_off=st.booleans())
def test_of_every_station_the_line_says_one_thing_and_one_alone_is_in_hand(phase, held, broken_off):
    found = marks(phase, answers(held), broken_off=broken_off)
    assert list(found) == list(Station)
    said = list(found.values())
    finished = phase == Stage.CLOSED and "data.erased" in held
    assert said.count("now") == (0 if broken_off or finished else 1)
    last = "never" if broken_off else "next"
    after = said[[row.station for row in TABLE].index(where(phase, answers(held)).station) + 1 :]
    assert set(after) <= {last}


@pytest.mark.once
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.station.value)
def test_every_station_can_be_reached_and_each_guard_of_its_own_alone_keeps_a_cycle_there(row):
    earlier = rows_of(row.phase)[: rows_of(row.phase).index(row)]
    before = {guard.id for each in earlier for guard in each.guards}
    own = {guard.id for guard in row.guards} - before
    assert where(row.phase, answers(before)) == row
    for kept in own:
        assert where(row.phase, answers(before | own - {kept})) == row


@pytest.mark.once
def test_what_a_verb_asks_for_is_asked_for_at_a_station_of_the_stage_that_it_leaves():
    of_the_institution = {"institution.at_work"}
    for verb in CYCLE.transitions:
        if verb.reasons or verb.verb == "invite_again":
            continue
        for source in verb.sources:
            passed = PHASES[: PHASES.index(verb.target)]
            asked = {guard.id for phase in passed for row in rows_of(phase) for guard in row.guards}
            assert {guard.id for guard in verb.guards} - of_the_institution <= asked, (verb.verb, source)


@pytest.mark.once
def test_every_guard_of_a_station_has_somebody_who_answers_and_every_station_somebody_who_acts():
    of_agenda = {guard.id for guard in stations.OF_AGENDA}
    assert of_agenda == set(guards._OF_AGENDA)
    assert set(FACTS) - of_agenda <= set(guards._OF_CYCLE)
    assert all(row.who and {type(each) for each in row.who} <= {Role, Party} for row in TABLE)
    assert {source for source, _to in LOOPS} | {to for _source, to in LOOPS} <= set(Station)


@pytest.mark.once
def test_the_docs_tell_the_same_table():
    text = Path("docs/lives.md").read_text("utf-8")
    told = re.findall(r"^\| (\d+) \| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert told == [
        (
            str(number), row.station.value, row.phase.value if row.phase else "agenda",
            ", ".join(each.value for each in row.who), str(row.document),
            ", ".join(f"`{guard.id}`" for guard in row.guards),
        )
        for number, row in enumerate(TABLE, 1)
    ]  # fmt: skip


# -- with what stands in the database --------------------------------------------------------------------
def at(cycle):
    cycle.refresh_from_db()
    found = standing_of(cycle)
    return found.row.station, [missing.guard.id for missing in found.missing]


def make_theme(institution, status, **fields):
    return Theme.objects.create(
        institution=institution, rule_book=institution.rule_books.get(), number=institution.themes.count() + 1,
        kind=ProposerKind.RESIDENT, channel=Channel.WEB, title="Trees", explanation="More", reason="Heat",
        language="en", status=status, proposed_at=factories.NOW, **fields,
    )  # fmt: skip


@pytest.mark.django_db
def test_the_agenda_of_the_next_cycle_stands_where_its_themes_are(institution):
    def agenda():
        return standing_of_agenda(institution).row.station

    assert agenda() == Station.AGENDA_OPEN
    theme = make_theme(institution, ThemeStatus.WAITING)
    assert agenda() == Station.AGENDA_SCREENED
    theme.status, theme.collects_until = ThemeStatus.COLLECTING, factories.NOW.date()
    theme.save()
    assert agenda() == Station.AGENDA_SUPPORTED
    theme.status = ThemeStatus.SUPPORTED
    theme.save()
    make_theme(institution, ThemeStatus.WAITING)
    assert agenda() == Station.THEME_CHOSEN
    theme.status, theme.chosen_at = ThemeStatus.CHOSEN, factories.NOW
    theme.save()
    assert [each.guard.id for each in standing_of_agenda(institution).missing] == ["cycle.opened"]
    theme.cycle = factories.make_cycle(institution)
    theme.save()
    assert agenda() == Station.AGENDA_SCREENED  # of the theme that waits
    (phase, *_others) = phases_of(theme.cycle)
    assert {each.mark for each in phase.stations} == {"done"}
    assert [each.done_at for each in phase.stations][::3] == [factories.NOW, factories.NOW]


@pytest.mark.django_db
def test_a_cycle_stands_where_the_facts_are_and_says_what_it_lacks(institution, secretariat):
    cycle = factories.make_cycle(institution)
    assert at(cycle) == (Station.MANDATE_WRITTEN, ["mandate.signed"])
    cycle.mandate_signed_at = factories.NOW
    cycle.save()
    assert at(cycle) == (Station.TEAM_SET, ["team.named"])
    factories.actor(institution, Role.FACILITATOR)
    assert at(cycle) == (Station.DRAW1_READY, ["extract.loaded", "letters.announced"])
    line = {each.row.station: each.mark for phase in phases_of(cycle) for each in phase.stations}
    assert (line[Station.THEME_CHOSEN], line[Station.TEAM_SET]) == ("left_out", "done")
    assert (line[Station.DRAW1_READY], line[Station.CLOSED]) == ("now", "next")


@pytest.mark.django_db
def test_too_few_seats_and_an_open_conflict_hold_the_meetings_up(institution, secretariat):
    cycle = factories.make_cycle(institution, Stage.SEATED)  # 6 seats, of which two thirds decide
    factories.make_members(cycle, 3)
    table = factories.make_table(cycle)
    with acts.lacking("seats.quorate"):
        advance(actor=secretariat, cycle=cycle, to=Stage.LEARNING)
    cycle.quorum_share = "1/2"
    cycle.save()
    assert at(cycle) == (Station.INSTALLED, [])
    user = factories.make_user(institution, Role.FACILITATOR)
    item = Item.objects.create(
        meeting=table.plan.meeting, position=1, starts_at=factories.NOW, kind="tables", title=texts("Rents")
    )
    FacilitatorInterest.objects.create(
        item=item, user=user, reason="She lets flats.", declared_at=factories.NOW
    )
    table.facilitator, table.item = user, item
    table.save()
    assert at(cycle) == (Station.INSTALLED, ["conflicts.settled"])
    with acts.lacking("conflicts.settled"):
        advance(actor=secretariat, cycle=cycle, to=Stage.LEARNING)
    table.item = None
    table.save()
    assert advance(actor=secretariat, cycle=cycle, to=Stage.LEARNING).stage == Stage.LEARNING


@pytest.mark.django_db
def test_who_breaks_off_leaves_the_rest_never_reached(institution, authority):
    cycle = factories.make_cycle(institution, Stage.LEARNING)
    Milestone.objects.filter(cycle=cycle).exclude(stage=Stage.SEATED).update(reached_at=factories.NOW)
    break_off(actor=authority, cycle=cycle, reasons=texts("Another question."))
    cycle.refresh_from_db()
    line = {each.row.station: each.mark for phase in phases_of(cycle) for each in phase.stations}
    assert (line[Station.INSTALLED], line[Station.LEARNING], line[Station.VOTING]) == (
        "left_out",
        "never",
        "never",
    )
    assert at(cycle) == (Station.LEARNING, [])


@pytest.mark.django_db
def test_an_extra_draw_is_told_beside_the_station(institution):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    factories.make_draw(cycle, DrawKind.REPLACEMENT, drawn=False)
    assert standing_of(cycle).detours == (Detour.EXTRA_DRAW,)


@pytest.mark.django_db
def test_the_public_page_shows_every_station_and_what_the_one_in_hand_lacks(institution, client):
    factories.make_cycle(institution, Stage.SEATED)
    page = client.get(f"/en/{institution.slug}/cycles/1/stations/").content.decode()
    assert page.count("<details") == len(PHASES)
    assert '<ol start="13">' in page
    assert all(str(row.station.label) in page for row in TABLE)
    assert "Fewer people sit than a decision needs." in page
    assert page.count('aria-current="step"') == 2  # of the stages, and of the stations
    (told,) = client.get(f"/api/v1/institutions/{institution.slug}/cycles").json()
    assert (told["station"], told["lacks"]) == ("installed", ["seats.quorate", "meeting.called"])
    assert [each["station"] for each in told["stations"]] == [row.station.value for row in TABLE]


@pytest.mark.django_db
def test_the_pages_name_the_rule_behind_a_planned_day_with_its_version_or_say_that_there_is_none(
    institution, secretariat, client
):
    first = proposed_days(institution, "assembly")
    moved = first[Stage.SEATED] + dt.timedelta(days=3)
    opened = open_cycle(
        actor=secretariat, institution=institution, body=institution.bodies.get(key="assembly"),
        title=factories.texts("Care"), question=factories.texts("How?"), scope=factories.texts("All"),
        panel_size=6, alternates=2, planned=first | {Stage.SEATED: moved},
    )  # fmt: skip
    kept = {Stage(each.stage): each for each in opened.milestones.all()}
    assert kept[Stage.DRAWING].rule
    assert not kept[Stage.SEATED].rule
    by_stage = {phase.stage: phase for phase in phases_of(opened)}
    assert (by_stage[None].planned_on, by_stage[None].rule) == (None, "")
    assert by_stage[Stage.SEATED].planned_on == moved
    client.force_login(secretariat.user)
    for address in (
        f"/en/{institution.slug}/cycles/1/stations/",
        f"/en/{institution.slug}/office/cycles/1/stage/",
    ):
        text = client.get(address).content.decode()
        assert f"rule: {ground_in_words(kept[Stage.DRAWING].rule)}" in unescape(text)
        assert "chosen by whoever opened the cycle" in text
        assert text.count("Planned for ") == len([each for each in kept.values() if each.planned_on])
    (told,) = client.get(f"/api/v1/institutions/{institution.slug}/cycles").json()
    rules = {each["stage"]: each["rule"] for each in told["milestones"]}
    assert rules["drawing"] == kept[Stage.DRAWING].rule
    assert rules["seated"] is None


@pytest.mark.django_db
def test_a_ground_is_told_in_words():
    with translation.override("en"):
        assert ground_in_words("draw.reply_days, ostbelgien 2") == "draw.reply_days, ostbelgien 2"
        assert ground_in_words("silent: draw.reply_days, ostbelgien 2") == (
            "the statute is silent (draw.reply_days, ostbelgien 2)"
        )
