"""A cycle lived through the forms alone, from its opening to the authority's answers."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import Choice
from isegoria_web.deliberation import services as deliberation
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import Note, Statement
from isegoria_web.evidence import services as evidence
from isegoria_web.evidence.models import Question, Speaker
from isegoria_web.followup.models import Answer, Commitment, Duty
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery import ceremony
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.models import Draw, Value
from isegoria_web.meetings.models import Meeting, Table, TableSearch
from isegoria_web.membership.enums import TermStatus
from isegoria_web.membership.models import Member, Term
from isegoria_web.recommendations import services as recommendations
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Amendment, Recommendation
from isegoria_web.recruitment import answering
from isegoria_web.recruitment.jobs import print_letters_of
from isegoria_web.recruitment.models import Campaign, Printing
from isegoria_web.register.models import Extract
from tests.web import factories
from tests.web.backoffice.support import FEATURES, Staff, moment, register_csv, texts

ZONE = ZoneInfo("Europe/Brussels")
SECRETARIAT, FACILITATOR, AUTHORITY, EXPERT = (
    Role.SECRETARIAT,
    Role.FACILITATOR,
    Role.AUTHORITY,
    Role.EXPERT,
)


def on(month: int, day: int, hour: int = 10) -> dt.datetime:
    return dt.datetime(2027, month, day, hour, 0, tzinfo=ZONE)


def moved(response) -> None:
    """The act was done: the browser is led on."""
    assert response.status_code == 302, response.content.decode()[:6000]


def test_a_whole_cycle_is_lived_through_the_forms(institution, staff: Staff):
    with clock.at(on(3, 1)):
        cycle = _found(staff)
    with clock.at(on(3, 2)):
        _announce(staff, cycle)
    with clock.at(on(3, 5, 19)):
        _invite(staff, cycle)
    with clock.at(on(3, 10)):
        _take_answers(staff, cycle)
    with clock.at(on(4, 10)):
        _commit(staff, cycle)
    with clock.at(on(4, 12, 19)):
        _seat(staff, cycle)
    with clock.at(on(4, 19, 19)):
        _offer(staff, cycle)
    with clock.at(on(4, 20)):
        _prepare(staff, cycle)
    with clock.at(on(5, 8, 9)):
        _meet(staff, cycle)
    with clock.at(on(5, 20)):
        _decide(staff, cycle)
    with clock.at(on(5, 28)):
        _count(staff, cycle)
    with clock.at(on(6, 7)):
        _hand_over(staff)
    with clock.at(on(6, 20)):
        _answer(staff, cycle)
    cycle.refresh_from_db()
    assert cycle.stage == Stage.FOLLOW_UP
    actions = set(institution.chain.entries.values_list("action", flat=True))
    assert {"cycle.opened", "panel.drawn", "ballot.closed", "answer.published"} <= actions


def _found(staff: Staff) -> Cycle:
    moved(
        staff.act(
            SECRETARIAT,
            "cycle_new",
            **texts("title", "Housing"),
            **texts("question", "How do we want to live?"),
            **texts("scope", "What the Community decides."),
            body="assembly",
            panel_size=6,
            alternates=3,
            quorum_share="2/3",
            promised_answer_days=90,
            planned_inviting="2027-03-05",
        )
    )
    cycle = Cycle.objects.get()
    moved(staff.act(AUTHORITY, "mandate", 1, confirmed="yes"))
    return cycle


def _announce(staff: Staff, cycle: Cycle) -> None:
    file = SimpleUploadedFile("register.csv", register_csv().encode())
    moved(
        staff.post(SECRETARIAT, "register", file=file, reference_date="2027-03-01", erase_on="2027-09-01")
    )
    file = SimpleUploadedFile("features.csv", FEATURES.encode())
    moved(staff.post(SECRETARIAT, "features", 1, file=file, source="Register, 1 March 2027"))
    moved(staff.post(SECRETARIAT, "quotas_propose", 1))
    cells = {
        f"{value.feature.key}.{value.key}.{which}": getattr(value, field)
        for value in Value.objects.filter(feature__cycle=cycle).select_related("feature")
        for which, field in (("min", "minimum"), ("max", "maximum"))
    }
    moved(staff.post(SECRETARIAT, "quotas", 1, **cells))
    assert Value.objects.get(feature__cycle=cycle, key="F").population == 40
    extract = Extract.objects.get()
    moved(
        staff.act(
            SECRETARIAT,
            "letters",
            1,
            extract=extract.public_id,
            letters=40,
            age_min=16,
            one_per="person",
            allocation="proportional",
            stratified_by="municipality_name",
            reply_by="2027-04-05",
            randomness="balls",
            balls_count=6,
            balls_highest=49,
            **texts("source", "Balls drawn in the town hall"),
            **moment("source_due_at", on(3, 5, 18)),
        )
    )


def _invite(staff: Staff, cycle: Cycle) -> None:
    _write_down(staff, 1, "3-7-10-1-49-22")
    moved(staff.act(SECRETARIAT, "letters_draw", 1, confirmed="yes"))
    moved(staff.post(SECRETARIAT, "letters_print", 1, wave="1", per_file="500"))
    printing = Printing.objects.get()
    print_letters_of.func(printing.pk)
    taken = staff.post(SECRETARIAT, "printing_take", 1, printing.public_id, 1, "pdf")
    assert taken["Content-Type"] == "application/pdf"
    assert taken.content.startswith(b"%PDF")


def _write_down(staff: Staff, number: int, value: str) -> None:
    for role in (SECRETARIAT, Role.OBSERVER):
        moved(staff.post(role, "source", 1, number, 1, value=value, film="film 1", notary="Me Example"))


def _take_answers(staff: Staff, cycle: Cycle) -> None:
    campaign = Campaign.objects.get(cycle=cycle)
    for invitation in campaign.invitations.order_by("position")[:30]:
        position = invitation.position
        moved(staff.post(SECRETARIAT, "desk", 1, letter=str(position)))
        known = answering.known_answers(invitation)
        moved(
            staff.post(
                SECRETARIAT,
                "desk_yes",
                1,
                position,
                channel="phone",
                name=f"Given{position} Family{position}",
                email=f"citizen{position}@example.org",
                phone="",
                language="de",
                feature_sex=known["sex"],
                feature_age=known["age"],
                feature_schooling="low" if position % 3 else "high",
                consent="on",
            )
        )
    no = campaign.invitations.get(position=31)
    moved(staff.post(SECRETARIAT, "desk_no", 1, no.position, channel="paper", refusal=""))
    moved(staff.act(SECRETARIAT, "desk_returned", 1, 32, confirmed="yes"))
    assert campaign.invitations.filter(status="yes").count() == 30


def _commit(staff: Staff, cycle: Cycle) -> None:
    moved(
        staff.act(
            SECRETARIAT,
            "pool",
            1,
            randomness="dice",
            dice_count=8,
            dice_sides=10,
            **texts("source", "Dice thrown before a notary"),
            **moment("source_due_at", on(4, 12, 18)),
        )
    )
    moved(staff.act(SECRETARIAT, "lottery", 1, confirmed="yes"))
    assert Draw.objects.get(cycle=cycle, kind="panel").status == DrawStatus.COMMITTED


def _seat(staff: Staff, cycle: Cycle) -> None:
    assert staff.get(SECRETARIAT, "panel_draw", 1)["Location"].endswith("/draws/2/randomness/")
    _write_down(staff, 2, "6-1-4-2-2-5-0-9")
    moved(staff.act(SECRETARIAT, "panel_draw", 1, confirmed="yes"))
    assert staff.act(SECRETARIAT, "seats_offer", 1, confirmed="yes").status_code == 409


def _offer(staff: Staff, cycle: Cycle) -> None:
    ceremony.finish_challenges()
    moved(staff.act(SECRETARIAT, "seats_offer", 1, confirmed="yes"))
    first, *_others = Term.objects.filter(member__cycle=cycle).order_by("member__number")
    moved(staff.act(SECRETARIAT, "seat_leave", 1, first.member.number, reason="declined", on="2027-04-12"))
    for term in Term.objects.filter(member__cycle=cycle, status=TermStatus.OFFERED).select_related(
        "member"
    ):
        moved(staff.post(SECRETARIAT, "seat_accept", 1, term.member.number))
    assert Term.objects.filter(member__cycle=cycle, status=TermStatus.ACTIVE).count() == 6


def _prepare(staff: Staff, cycle: Cycle) -> None:
    expert = staff.clients[EXPERT]
    user_id = expert.session["_auth_user_id"]
    from isegoria_web.accounts.models import User

    moved(
        staff.post(
            SECRETARIAT,
            "speaker_new",
            1,
            name="Dr. Ada Example",
            **texts("role", "Town planner"),
            chosen_by="secretariat",
            **texts("interests", "None"),
            user=User.objects.get(pk=user_id).public_id,
        )
    )
    speaker = Speaker.objects.get()
    moved(
        staff.act(
            SECRETARIAT,
            "dossier_new",
            1,
            **texts("title", "How we live"),
            **texts("introduction", "Figures and maps."),
            **_formset("evidence", 4),
            **texts("evidence-0-title", "Rents since 2010"),
            **texts("evidence-0-text", "They **rose**."),
            **{
                "evidence-0-kind": "figures",
                "evidence-0-source": "Statistics office, 2026",
                "evidence-0-speaker": speaker.public_id,
                "evidence-1-kind": "study",
                "evidence-2-kind": "study",
                "evidence-3-kind": "study",
            },
        )
    )
    moved(
        staff.post(
            SECRETARIAT,
            "meeting_new",
            1,
            **texts("title", "Arriving"),
            place="Parliament, Eupen",
            day="2027-05-08",
            begins="09:00",
            ends="17:00",
            **_formset("items", 8),
            **{f"items-{index}-kind": "plenary" for index in range(2, 8)},
            **{"items-0-at": "09:00", "items-0-kind": "welcome", **texts("items-0-title", "Welcome")},
            **{"items-1-at": "13:00", "items-1-kind": "tables", **texts("items-1-title", "Tables")},
        )
    )
    facilitator = User.objects.get(pk=staff.clients[FACILITATOR].session["_auth_user_id"])
    moved(
        staff.post(
            SECRETARIAT,
            "tables",
            1,
            1,
            table_size=3,
            rounds=2,
            seed_text="meeting 1.1",
            facilitators=[facilitator.public_id],
        )
    )
    moved(staff.act(SECRETARIAT, "table_search_take", 1, 1, TableSearch.objects.get().public_id))
    assert Meeting.objects.get().items.count() == 2


def _formset(prefix: str, count: int) -> dict[str, str]:
    return {f"{prefix}-TOTAL_FORMS": str(count), f"{prefix}-INITIAL_FORMS": "0"}


def _members(cycle: Cycle) -> list[Member]:
    return list(
        Member.objects.filter(cycle=cycle, terms__status=TermStatus.ACTIVE)
        .select_related("user")
        .order_by("number")
    )


def _meet(staff: Staff, cycle: Cycle) -> None:
    members = _members(cycle)
    presences = {f"member_{member.number}": "present" for member in members}
    presences[f"member_{members[-1].number}"] = "excused"
    moved(staff.post(FACILITATOR, "attendance", 1, 1, **presences))
    moved(staff.act(SECRETARIAT, "stage", 1, to="learning"))
    evidence.ask_question(
        actor=factories.actor_of(members[0]),
        cycle=cycle,
        text="Wie viele Wohnungen stehen leer?",
        language="de",
        due_on=dt.date(2027, 5, 20),
        speaker=Speaker.objects.get(),
    )
    question = Question.objects.get()
    moved(staff.post(EXPERT, "reply", 1, question.public_id, text="Rund 900.", language="de"))
    table = Table.objects.filter(plan__meeting__cycle=cycle).order_by("round", "number").first()
    assert table is not None
    here = (1, 1, table.round, table.number)
    moved(staff.post(FACILITATOR, "table", *here, text="Leerstand stört viele.", language="de"))
    note = Note.objects.get()
    moved(
        staff.post(FACILITATOR, "note", *here, note.public_id, text="Leerstand stört alle.", seen=note.text)
    )
    moved(
        staff.post(
            FACILITATOR,
            "statement",
            *here,
            note.public_id,
            text="Leerstand soll etwas kosten.",
            language="de",
        )
    )
    for member in members:
        deliberation.react(
            actor=factories.actor_of(member), statement=Statement.objects.get(), stance=Stance.AGREE
        )


def _decide(staff: Staff, cycle: Cycle) -> None:
    moved(staff.act(FACILITATOR, "statements_close", 1, confirmed="yes"))
    moved(
        staff.post(
            FACILITATOR,
            "recommendation_new",
            1,
            **texts("title", "A charge on empty homes"),
            **texts("text", "The Community introduces a charge."),
            **texts("reasons", "Empty homes help nobody."),
            statements=["1"],
        )
    )
    members = _members(cycle)
    recommendation = Recommendation.objects.get()
    recommendations.propose_amendment(
        actor=factories.actor_of(members[1]),
        version=recommendation.versions.latest("number"),
        text={"de": "Die Gemeinschaft führt nach zwei Jahren eine Abgabe ein."},
        reasons="Zwei Jahre Zeit.",
        language="de",
    )
    amendment = Amendment.objects.get()
    moved(
        staff.act(
            FACILITATOR,
            "amendment",
            1,
            1,
            amendment.public_id,
            decision="accept",
            hands_for=5,
            hands_against=1,
        )
    )
    moved(staff.act(SECRETARIAT, "ballot_open", 1, 1, **moment("closes_at", on(5, 27, 20))))
    recommendation.refresh_from_db()
    for member in members:
        ballots.cast(actor=factories.actor_of(member), ballot=recommendation.ballot, choice=Choice.YES)


def _count(staff: Staff, cycle: Cycle) -> None:
    moved(staff.act(SECRETARIAT, "ballot_close", 1, 1, confirmed="yes"))
    moved(staff.act(FACILITATOR, "ballot_close", 1, 1, confirmed="yes"))
    assert Recommendation.objects.get().status == RecommendationStatus.ADOPTED


def _hand_over(staff: Staff) -> None:
    moved(staff.act(SECRETARIAT, "report", 1, confirmed="yes"))
    assert Duty.objects.get().due_on == dt.date(2027, 6, 7) + dt.timedelta(days=90)


def _answer(staff: Staff, cycle: Cycle) -> None:
    moved(
        staff.act(
            AUTHORITY,
            "answer",
            1,
            1,
            position="accepted",
            **texts("reasons", "We agree."),
            responsible="Department of housing",
            **_formset("commitments", 3),
            **texts("commitments-0-text", "A draft decree"),
            **{"commitments-0-due_on": "2027-12-01"},
        )
    )
    assert Answer.objects.get().reasons == {"de": "We agree. (de)", "en": "We agree. (en)"}
    commitment = Commitment.objects.get()
    moved(
        staff.post(
            AUTHORITY,
            "progress",
            1,
            commitment.pk,
            status="under_way",
            **texts("text", "The draft is in the committee."),
        )
    )
    commitment.refresh_from_db()
    assert commitment.status == "under_way"
