"""What the forms refuse: the text stays, nothing is half written, and the fault stands at its place."""

from __future__ import annotations

import datetime as dt
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.models import Note
from isegoria_web.evidence.models import Dossier, Speaker
from isegoria_web.followup.models import Answer, Duty
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.enums import DrawKind, DrawStatus
from isegoria_web.lottery.models import Draw, Feature, Value
from isegoria_web.meetings.models import Meeting, Table, TablePlan
from isegoria_web.membership.models import Term
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Recommendation, Version
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.models import Campaign, Invitation, SecondAnswer
from isegoria_web.register.models import Extract
from tests.web import factories
from tests.web.backoffice.support import FEATURES, Staff, moment, register_csv, texts

SECRETARIAT, FACILITATOR, AUTHORITY = Role.SECRETARIAT, Role.FACILITATOR, Role.AUTHORITY
TOMORROW = factories.NOW + dt.timedelta(days=1)
YESTERDAY = factories.NOW - dt.timedelta(days=1)


def page(response) -> str:
    return response.content.decode()


def refused(response, *words: str) -> None:
    """The page came back with its faults, and with what was typed."""
    assert response.status_code in {409, 422}, response.status_code
    assert 'role="alert"' in page(response)
    for word in words:
        assert word in page(response), word


def entries(institution) -> int:
    return institution.chain.entries.count()


# -- cycle, mandate, stage -------------------------------------------------------------------------


CYCLE = {
    **texts("title", "Housing"),
    **texts("question", "How do we want to live?"),
    **texts("scope", "What the Community decides."),
    "body": "assembly",
    "panel_size": 6,
    "alternates": 3,
    "quorum_share": "",
    "promised_answer_days": 90,
}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title_de": "", "title_en": ""}, "at least one language"),
        ({"panel_size": 51}, "6 to 50 seats"),
        ({"panel_size": "many"}, "whole number"),
        ({"body": "senate"}, "not one of the available choices"),
        ({"planned_inviting": "2027-05-01", "planned_seated": "2027-04-01"}, "comes first"),
    ],
)
def test_a_wrong_mandate_opens_no_cycle_and_keeps_its_text(institution, staff: Staff, wrong, words):
    refused(
        staff.post(SECRETARIAT, "cycle_new", **{**CYCLE, **wrong}), words, "How do we want to live? (de)"
    )
    assert not Cycle.objects.exists()
    assert entries(institution) == 0


def test_one_language_is_enough(institution, staff: Staff):
    only = {key: value for key, value in CYCLE.items() if not key.endswith("_en")}
    assert staff.post(SECRETARIAT, "cycle_new", **only).status_code == 302
    assert Cycle.objects.get().title == {"de": "Housing (de)"}


def test_a_mandate_is_signed_by_the_authority_and_only_after_a_yes(institution, staff: Staff):
    cycle = factories.make_cycle(institution)
    assert staff.post(AUTHORITY, "mandate", 1).status_code == 422
    assert staff.post(SECRETARIAT, "mandate", 1, confirmed="yes").status_code == 403
    cycle.refresh_from_db()
    assert cycle.mandate_signed_at is None
    assert staff.post(AUTHORITY, "mandate", 1, confirmed="yes").status_code == 302
    assert staff.post(AUTHORITY, "mandate", 1, confirmed="yes").status_code == 409


def test_a_cycle_does_not_move_on_before_somebody_has_read_what_happens(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    factories.make_members(cycle)
    lacking = page(staff.get(SECRETARIAT, "stage", 1))
    assert "No meeting is called." in lacking
    assert 'value="learning"' not in lacking
    factories.make_meeting(cycle)
    warned = staff.post(SECRETARIAT, "stage", 1, to="learning")
    assert warned.status_code == 200
    assert "This cannot be undone." in page(warned)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.SEATED
    changed = staff.post(SECRETARIAT, "stage", 1, to="learning", change="yes")
    assert changed.status_code == 200
    assert 'value="learning"' in page(changed)
    assert staff.post(SECRETARIAT, "stage", 1, to="inviting").status_code == 422
    assert staff.act(SECRETARIAT, "stage", 1, to="learning").status_code == 302


# -- register, features, quotas --------------------------------------------------------------------


def upload(text: str | bytes, name: str = "register.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


DATES = {"reference_date": "2027-02-01", "erase_on": "2027-09-01"}


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (register_csv().replace(",household", ""), ["household"]),
        (register_csv().replace("R00005,", "R00004,"), ['<td class="number">7</td>']),
        (register_csv().replace("1950-05-17", "17.05.1950"), ["birth_date"]),
        (register_csv().encode() + "R00099,José".encode("latin-1"), ["two encodings"]),
        (b"", ["empty"]),
        (b"%PDF-1.7 something", ["PDF"]),
    ],
)  # fmt: skip
def test_a_register_with_faults_loads_nothing_and_says_where_they_are(
    institution, staff: Staff, content, places
):
    response = staff.post(SECRETARIAT, "register", file=upload(content), **DATES)
    refused(response, *places)
    assert not Extract.objects.exists()
    assert entries(institution) == 0
    assert tempfile.gettempdir() not in page(response)
    assert "Family7" not in page(response)


def test_the_same_register_is_not_loaded_twice(institution, staff: Staff):
    assert staff.post(SECRETARIAT, "register", file=upload(register_csv()), **DATES).status_code == 302
    refused(staff.post(SECRETARIAT, "register", file=upload(register_csv()), **DATES))
    assert Extract.objects.count() == 1


def test_a_register_of_tomorrow_or_without_a_life_is_refused(institution, staff: Staff):
    sent = {"reference_date": "2028-01-01", "erase_on": "2027-01-01"}
    refused(
        staff.post(SECRETARIAT, "register", file=upload(register_csv()), **sent), "lies ahead", "is past"
    )
    assert not Extract.objects.exists()


def test_an_extract_is_erased_after_a_yes(institution, staff: Staff):
    staff.post(SECRETARIAT, "register", file=upload(register_csv()), **DATES)
    extract = Extract.objects.get()
    assert "This cannot be undone." in page(staff.get(SECRETARIAT, "extract_erase", extract.public_id))
    staff.post(SECRETARIAT, "extract_erase", extract.public_id)
    extract.refresh_from_db()
    assert extract.erased_at is None
    assert staff.post(SECRETARIAT, "extract_erase", extract.public_id, confirmed="yes").status_code == 302
    assert staff.get(SECRETARIAT, "extract_erase", extract.public_id).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (FEATURES.replace("value,population", "worth,population", 1), "value"),
        (FEATURES.replace("low,400", "low,many"), "whole number"),
        (FEATURES.replace("sex,M,,sex,M", "sex,F,,sex,F"), "already"),
        (FEATURES.replace(",age,16-44,", ",age,young,"), "matches"),
        (FEATURES.replace("M,,sex,M", "M,,horoscope,M"), "origin"),
    ],
)
def test_a_table_of_features_with_faults_changes_nothing(institution, staff: Staff, content, words):
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(cycle)
    sent = upload(content, "features.csv")
    refused(staff.post(SECRETARIAT, "features", 1, file=sent, source="Census"), "features.csv", words)
    assert set(Feature.objects.values_list("key", flat=True)) == {"sex", "age"}


def test_features_are_taken_over_from_an_earlier_cycle(institution, staff: Staff):
    factories.make_features(factories.make_cycle(institution))
    factories.make_cycle(institution)
    assert staff.post(SECRETARIAT, "features", 2, earlier="1").status_code == 302
    assert Feature.objects.filter(cycle__number=2).count() == 2


def cells(cycle, **changed: object) -> dict[str, object]:
    made = {}
    for value in Value.objects.filter(feature__cycle=cycle).select_related("feature"):
        made[f"{value.feature.key}.{value.key}.min"] = 0
        made[f"{value.feature.key}.{value.key}.max"] = 6
    return {**made, **changed}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sex.F.min": "4", "sex.M.min": "4"}, "add up to 8"),
        ({"sex.F.max": "2", "sex.M.max": "2"}, "add up to 4"),
        ({"sex.F.min": "5", "sex.F.max": "3"}, "less than the least"),
        ({"sex.F.min": "-1"}, "greater than or equal to 0"),
        ({"sex.F.min": "some"}, "whole number"),
    ],
)
def test_a_wrong_quota_is_named_at_its_cell_and_none_is_set(institution, staff: Staff, wrong, words):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    refused(staff.post(SECRETARIAT, "quotas", 1, **cells(cycle, **wrong)), words)
    assert not Value.objects.filter(minimum__isnull=False).exists()


def test_quotas_come_from_a_file_or_not_at_all(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    rows = ["feature,value,min,max", "sex,F,2,4", "sex,M,2,4"]
    rows += [f"age,{value},0,6" for value in factories.FEATURES["age"]]
    wrong = "\n".join(rows).replace("sex,M", "sex,Q")
    refused(
        staff.post(SECRETARIAT, "quotas", 1, quotas_file=upload(wrong, "quotas.csv")), "quotas.csv", "Q"
    )
    assert not Value.objects.filter(minimum__isnull=False).exists()
    good = upload("\n".join(rows), "quotas.csv")
    assert staff.post(SECRETARIAT, "quotas", 1, quotas_file=good).status_code == 302
    assert Value.objects.get(key="F").minimum == 2


def test_corrected_population_figures_are_kept_with_their_source(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    sent = {
        f"{value.feature.key}.{value.key}.population": 500
        for value in Value.objects.select_related("feature")
    }
    sent |= {"sex.source": "Census of 2021", "age.source": ""}
    refused(staff.post(SECRETARIAT, "population", 1, **sent), "Census of 2021")
    sent["age.source"] = "Register, 1 March 2027"
    assert staff.post(SECRETARIAT, "population", 1, **sent).status_code == 302
    assert Feature.objects.get(key="sex").source == "Census of 2021"
    assert set(Value.objects.values_list("population", flat=True)) == {500}


# -- letters and desk ------------------------------------------------------------------------------


def test_a_draw_of_letters_needs_randomness_that_lies_ahead(institution, staff: Staff):
    factories.make_cycle(institution, Stage.MANDATE)
    Cycle.objects.update(mandate_signed_at=factories.NOW)
    staff.post(SECRETARIAT, "register", file=upload(register_csv()), **DATES)
    sent = {
        "extract": Extract.objects.get().public_id,
        "letters": 40,
        "age_min": 16,
        "one_per": "person",
        "allocation": "proportional",
        "stratified_by": "municipality_name",
        "reply_by": "2027-03-01",
        "randomness": "balls",
        "balls_count": 6,
        "balls_highest": 49,
        **texts("source", "Balls in the town hall"),
    }
    refused(
        staff.act(SECRETARIAT, "letters", 1, **sent, **moment("source_due_at", YESTERDAY)),
        "is past",
        "Balls in the town hall (de)",
    )
    too_early = staff.act(SECRETARIAT, "letters", 1, **sent, **moment("source_due_at", TOMORROW))
    refused(too_early, "need time to answer")
    sent["reply_by"] = "2027-04-01"
    refused(
        staff.act(
            SECRETARIAT, "letters", 1, **{**sent, "letters": 500}, **moment("source_due_at", TOMORROW)
        ),
        "500",
    )
    assert not Draw.objects.exists()
    assert (
        staff.act(SECRETARIAT, "letters", 1, **sent, **moment("source_due_at", TOMORROW)).status_code == 302
    )
    draw = Draw.objects.get()
    assert draw.sources.get().name == "balls:6of49:ostbelgien-1-1"
    assert staff.get(SECRETARIAT, "letters_draw", 1)["Location"].endswith("/draws/1/randomness/")
    sent = {"value": "3-1-4-15-9-2", "film": "film 1"}
    refused(staff.post(SECRETARIAT, "source", 1, 1, 1, **sent), "does not exist yet", "3-1-4-15-9-2")


@pytest.fixture
def open_letters(institution):
    """Three letters in the post, none answered."""
    cycle = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(cycle)
    for respondent in factories.make_respondents(cycle, 3):
        respondent.delete()
    Invitation.objects.update(status=InvitationStatus.SENT, answered_at=None, channel="")
    Campaign.objects.update(reply_by=dt.date(2027, 4, 1), printed_at=factories.NOW)
    return cycle


def test_a_letter_is_found_by_its_number_and_by_the_beginning_of_its_code(open_letters, staff: Staff):
    invitation = Invitation.objects.get(position=2)
    for written in ("2", invitation.selector, invitation.selector.lower() + "-XXXX-XXXX"):
        response = staff.post(SECRETARIAT, "desk", 1, letter=written)
        assert response.status_code == 302
        assert response["Location"].endswith("/desk/2/")
    refused(staff.post(SECRETARIAT, "desk", 1, letter="ZZZZZZ"), "no such letter")


def test_a_yes_at_the_desk_is_whole_or_not_written(open_letters, staff: Staff):
    sent = {
        "channel": "phone",
        "name": "Mia Muster",
        "email": "",
        "phone": "",
        "language": "de",
        "feature_sex": "F",
        "feature_age": "65+",
        "consent": "on",
    }
    refused(staff.post(SECRETARIAT, "desk_yes", 1, 1, **sent), "Mia Muster", "telephone number")
    sent["phone"] = "087 1"
    refused(staff.post(SECRETARIAT, "desk_yes", 1, 1, **{**sent, "channel": "web"}), "Mia Muster")
    assert Invitation.objects.get(position=1).status == InvitationStatus.SENT
    assert staff.post(SECRETARIAT, "desk_yes", 1, 1, **sent).status_code == 302
    answered = Invitation.objects.get(position=1)
    assert (answered.status, answered.channel) == (InvitationStatus.YES, "phone")
    # A no that comes second changes nothing by itself: it waits until somebody has decided.
    assert staff.post(SECRETARIAT, "desk_no", 1, 1, channel="phone", refusal="").status_code == 302
    assert Invitation.objects.get(position=1).status == InvitationStatus.YES
    assert SecondAnswer.objects.get(invitation__position=1).says_yes is False


def test_names_never_stand_in_an_address(open_letters, staff: Staff):
    response = staff.post(SECRETARIAT, "desk", 1, letter="1")
    resident = Invitation.objects.get(position=1).resident
    assert resident.family_name not in response["Location"]


# -- draws -----------------------------------------------------------------------------------------


def test_a_draw_is_annulled_by_two_people_or_not_at_all(institution, staff: Staff, second: Staff):
    cycle = factories.make_cycle(institution, Stage.DRAWING)
    draw = factories.make_draw(cycle, DrawKind.PANEL, drawn=False)
    factories.fall(draw)
    reason = texts("reason", "The camera failed")
    assert staff.post(SECRETARIAT, "draw_annul", 1, draw.number, **reason).status_code == 302
    refused(staff.post(SECRETARIAT, "draw_annul", 1, draw.number, **reason), "is proposed already")
    alone = staff.act(SECRETARIAT, "annul_confirm", 1, draw.number, confirmed="yes")
    assert alone.status_code == 403
    draw.refresh_from_db()
    assert draw.status == DrawStatus.DRAWN
    assert "The camera failed" in page(Client().get(f"/en/ostbelgien/cycles/1/draws/{draw.number}/"))
    asked = second.get(SECRETARIAT, "annul_confirm", 1, draw.number)
    assert "as the second person" in page(asked)
    assert second.act(SECRETARIAT, "annul_confirm", 1, draw.number, confirmed="yes").status_code == 302
    draw.refresh_from_db()
    assert draw.status == DrawStatus.ANNULLED
    assert "This draw was annulled" in page(Client().get(f"/en/ostbelgien/cycles/1/draws/{draw.number}/"))


def test_a_withdrawn_proposal_leaves_the_draw_as_it_is(institution, staff: Staff):
    draw = factories.make_draw(
        factories.make_cycle(institution, Stage.DRAWING), DrawKind.PANEL, drawn=False
    )
    factories.commit(draw)
    reason = texts("reason", "The camera failed")
    assert staff.post(SECRETARIAT, "draw_annul", 1, draw.number, **reason).status_code == 302
    assert staff.act(SECRETARIAT, "annul_withdraw", 1, draw.number, confirmed="yes").status_code == 302
    draw.refresh_from_db()
    assert draw.status == DrawStatus.COMMITTED
    assert staff.get(SECRETARIAT, "annul_confirm", 1, draw.number).status_code == 404


# -- seats -----------------------------------------------------------------------------------------


def test_a_member_leaves_after_a_yes_and_the_page_says_who_moves_up(institution, staff: Staff):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    members = factories.make_members(cycle)
    sent = {"reason": "Her work.", "starts_on": "2027-03-01"}
    where = (SECRETARIAT, "seat_decide", 1, members[0].number, "resignation")
    assert staff.get(SECRETARIAT, "seat_leave", 1, members[0].number).status_code == 302  # to her page
    warned = staff.post(*where, **sent)
    assert warned.status_code == 200
    assert "cannot be taken up again" in page(warned)
    assert members[0].terms.get().status == "active"
    refused(staff.post(*where, reason="", starts_on=""))
    assert staff.act(*where, **sent).status_code == 302
    assert members[0].terms.get().status == "ended"
    assert staff.post(*where, **sent).status_code == 404


# -- meetings, tables, notes -----------------------------------------------------------------------


def meeting_data(**changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        **texts("title", "Arriving"),
        "place": "Parliament, Eupen",
        "day": "2027-05-08",
        "begins": "09:00",
        "ends": "17:00",
        "items-TOTAL_FORMS": "8",
        "items-INITIAL_FORMS": "0",
        **{f"items-{index}-kind": "plenary" for index in range(8)},
        "items-0-at": "09:00",
        **texts("items-0-title", "Welcome"),
    }
    return {**made, **changed}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends": "08:00"}, "before it begins"),
        ({"items-0-at": "08:00"}, "outside the hours"),
        ({"items-0-at": ""}, "at least one point"),
        ({"items-0-title_de": "", "items-0-title_en": ""}, "title in at least one language"),
        ({"place": ""}, "required"),
    ],
)
def test_a_wrong_meeting_is_not_called_and_keeps_its_text(institution, staff: Staff, wrong, words):
    factories.make_cycle(institution, Stage.SEATED)
    refused(staff.post(SECRETARIAT, "meeting_new", 1, **meeting_data(**wrong)), words, "Arriving (de)")
    assert not Meeting.objects.exists()


@pytest.fixture
def seated(institution):
    """A cycle with members, a meeting and one table."""
    cycle = factories.make_cycle(institution, Stage.DELIBERATING)
    members = factories.make_members(cycle)
    Term.objects.update(starts_on=YESTERDAY.date())
    meeting = Meeting.objects.create(
        cycle=cycle, number=1, title=factories.texts("Arriving"), place="Eupen", starts_at=YESTERDAY,
        ends_at=factories.NOW,
    )  # fmt: skip
    plan = TablePlan.objects.create(meeting=meeting, seed="x", rounds=1, planned_at=YESTERDAY)
    table = Table.objects.create(plan=plan, round=1, number=1)
    table.members.set(members)
    return cycle


def test_attendance_of_a_stranger_or_without_an_answer_is_not_noted(seated, staff: Staff):
    meeting = Meeting.objects.get()
    refused(staff.post(FACILITATOR, "attendance", 1, 1, member_1="present", member_99="present"))
    assert not meeting.attendances.exists()


def test_a_note_that_somebody_else_changed_is_not_overwritten(seated, staff: Staff):
    staff.post(FACILITATOR, "table", 1, 1, 1, 1, text="First thought", language="de")
    note = Note.objects.get()
    Note.objects.update(text="Changed by a colleague")
    response = staff.post(
        FACILITATOR, "note", 1, 1, 1, 1, note.public_id, text="My own change", seen="First thought"
    )
    refused(response, "My own change", "Changed by a colleague")
    note.refresh_from_db()
    assert note.text == "Changed by a colleague"


def test_tables_with_notes_are_not_planned_again(seated, staff: Staff):
    staff.post(FACILITATOR, "table", 1, 1, 1, 1, text="First thought", language="de")
    sent = {"table_size": 3, "rounds": 1, "seed_text": "again"}
    refused(staff.post(SECRETARIAT, "tables", 1, 1, **sent), "Notes or speaking times")
    assert Note.objects.exists()


def test_the_secretariat_reads_notes_and_takes_none(seated, staff: Staff):
    assert staff.post(SECRETARIAT, "table", 1, 1, 1, 1, text="Mine", language="de").status_code == 200
    assert not Note.objects.exists()


# -- evidence --------------------------------------------------------------------------------------


def test_a_speaker_without_declared_interests_is_not_invited(institution, staff: Staff):
    factories.make_cycle(institution, Stage.SEATED)
    sent = {"name": "Dr. Ada Example", **texts("role", "Town planner"), "chosen_by": "members"}
    refused(staff.post(SECRETARIAT, "speaker_new", 1, **sent), "Dr. Ada Example", "at least one language")
    assert not Speaker.objects.exists()


def test_a_dossier_without_source_is_not_published(institution, staff: Staff):
    factories.make_cycle(institution, Stage.SEATED)
    sent = {
        **texts("title", "How we live"),
        **texts("introduction", "Figures."),
        "evidence-TOTAL_FORMS": "4",
        "evidence-INITIAL_FORMS": "0",
        **{f"evidence-{index}-kind": "study" for index in range(4)},
    }
    refused(staff.act(SECRETARIAT, "dossier_new", 1, **sent), "at least one piece", "How we live (de)")
    sent |= {**texts("evidence-0-title", "Rents"), **texts("evidence-0-text", "They rose.")}
    refused(staff.act(SECRETARIAT, "dossier_new", 1, **sent), "where it comes from", "They rose. (de)")
    assert not Dossier.objects.exists()


# -- recommendations, ballots, answers -------------------------------------------------------------


@pytest.fixture
def draft(seated):
    recommendation = Recommendation.objects.create(cycle=seated, number=1)
    Version.objects.create(
        recommendation=recommendation, number=1, title=factories.texts("A charge"),
        text=factories.texts("Text"), reasons=factories.texts("Why"), written_at=factories.NOW,
    )  # fmt: skip
    return recommendation


def test_a_draft_names_the_statements_from_which_it_comes(seated, staff: Staff):
    sent = {**texts("title", "A charge"), **texts("text", "Do it."), **texts("reasons", "Because.")}
    refused(staff.post(FACILITATOR, "recommendation_new", 1, **sent), "Do it. (de)")
    assert not Recommendation.objects.exists()


def test_a_ballot_that_ends_in_the_past_is_not_opened(draft, staff: Staff):
    refused(staff.act(SECRETARIAT, "ballot_open", 1, 1, **moment("closes_at", YESTERDAY)), "is past")
    assert not Ballot.objects.exists()


def test_no_page_of_the_office_shows_how_an_open_ballot_stands(draft, staff: Staff):
    from isegoria_web.ballots import services
    from isegoria_web.ballots.enums import Choice

    staff.act(SECRETARIAT, "ballot_open", 1, 1, **moment("closes_at", TOMORROW))
    pages = [
        ("recommendation", 1, 1),
        ("recommendations", 1),
        ("ballot_close", 1, 1),
        ("cycle", 1),
        ("home",),
    ]
    ballot = Ballot.objects.get()

    def shown() -> list[str]:
        made = []
        for name, *args in pages:
            text = page(staff.get(SECRETARIAT, name, *args))
            made.append("\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line))
        return made

    shown()  # the message that the ballot is open is read once
    before = shown()
    for member in draft.cycle.members.select_related("user").order_by("number")[:4]:
        services.cast(actor=factories.actor_of(member), ballot=ballot, choice=Choice.YES)
    assert shown() == before


def test_a_ballot_is_not_counted_before_its_time(draft, staff: Staff):
    staff.act(SECRETARIAT, "ballot_open", 1, 1, **moment("closes_at", TOMORROW))
    assert staff.act(SECRETARIAT, "ballot_close", 1, 1, confirmed="yes").status_code == 409
    assert Ballot.objects.get().yes is None


@pytest.fixture
def owed(draft):
    draft.status = RecommendationStatus.ADOPTED
    draft.save()
    Duty.objects.create(recommendation=draft, due_on=dt.date(2027, 2, 1), rule="duty.answer_days")
    return draft


def answer_data(**changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        "position": "rejected",
        **texts("reasons", "No money"),
        "responsible": "Department of housing",
        "commitments-TOTAL_FORMS": "3",
        "commitments-INITIAL_FORMS": "0",
    }
    return {**made, **changed}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reasons_de": "", "reasons_en": ""}, "needs reasons"),
        ({"position": "perhaps"}, "not one of the available choices"),
        ({"commitments-0-text_de": "A decree"}, "a promise without a day"),
        ({"commitments-0-due_on": "2027-12-01"}, "Say what is promised"),
        ({"responsible": ""}, "required"),
    ],
)
def test_a_wrong_answer_is_not_published_and_keeps_its_text(owed, staff: Staff, wrong, words):
    refused(staff.act(AUTHORITY, "answer", 1, 1, **answer_data(**wrong)), words)
    assert not Answer.objects.exists()


def test_an_answer_is_published_after_a_yes_and_only_by_the_authority(owed, staff: Staff):
    assert "28 days late" in page(staff.get(AUTHORITY, "answer", 1, 1))
    assert staff.post(AUTHORITY, "answer", 1, 1, **answer_data()).status_code == 200
    assert not Answer.objects.exists()
    assert staff.act(SECRETARIAT, "answer", 1, 1, **answer_data()).status_code == 404
    assert staff.act(AUTHORITY, "answer", 1, 1, **answer_data()).status_code == 302
    assert Answer.objects.get().position == "rejected"


# -- roles -----------------------------------------------------------------------------------------


def test_a_role_is_given_to_an_existing_and_to_a_new_person(institution, staff: Staff):
    known = factories.make_user()
    sent = {"email": known.email.upper(), "role": "expert", "name": "", "language": "de"}
    assert staff.post(SECRETARIAT, "roles", **sent).status_code == 302
    assert known.grants.get().role == "expert"
    sent = {"email": "new@example.org", "role": "facilitator", "name": "", "language": "fr"}
    refused(staff.post(SECRETARIAT, "roles", **sent), "new@example.org", "Give the name")
    assert not User.objects.filter(email="new@example.org").exists()
    assert staff.post(SECRETARIAT, "roles", **{**sent, "name": "New Person"}).status_code == 302
    made = User.objects.get(email="new@example.org")
    assert (made.language, made.has_usable_password()) == ("fr", False)
    assert "new@example.org" not in str(list(institution.chain.entries.values()))


def test_a_role_is_withdrawn_after_a_yes(institution, staff: Staff):
    user = factories.make_user(institution, Role.EXPERT)
    grant = user.grants.get()
    staff.post(SECRETARIAT, "role_withdraw", grant.pk)
    assert Grant.objects.valid_now().filter(pk=grant.pk).exists()
    assert staff.post(SECRETARIAT, "role_withdraw", grant.pk, confirmed="yes").status_code == 302
    assert not Grant.objects.valid_now().filter(pk=grant.pk).exists()
    assert staff.get(SECRETARIAT, "role_withdraw", grant.pk).status_code == 404
