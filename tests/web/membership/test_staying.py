"""Who stays when her body rotates works in the new cycle, in every room, and reads the earlier one; who left reads alone.

Under the rule book of Newham, where half return, and of Milan, where a cohort comes every three months.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.allowances import services as allowances
from isegoria_web.allowances.models import Claim
from isegoria_web.ballots.enums import BallotKind
from isegoria_web.ballots.models import Participation
from isegoria_web.ballots.services import open_choice
from isegoria_web.deliberation.models import Reaction, Statement
from isegoria_web.errors import NotAllowed
from isegoria_web.evaluation.models import Reply
from isegoria_web.evaluation.services import erase_replies_of, open_questionnaire
from isegoria_web.evidence.models import Question, SpeakerRequest
from isegoria_web.evidence.services import ask_question
from isegoria_web.followup import handing_over
from isegoria_web.followup.enums import Position
from isegoria_web.followup.models import Answer, Legacy, Verdict
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.errors import NotExpected
from isegoria_web.meetings.on_the_day import check_in, expected_at
from isegoria_web.membership import rotating
from isegoria_web.membership.models import Member, Rotation, Term
from isegoria_web.membership.policies import (
    has_gone_on,
    member_ever,
    sitting_member,
    working_member,
)
from isegoria_web.recommendations.enums import RecommendationStatus
from isegoria_web.recommendations.models import Amendment, MinorityOpinion
from isegoria_web.recommendations.services import put_to_vote
from tests.web import factories
from tests.web.allowances import support
from tests.web.factories import NOW, texts
from tests.web.membership import staying
from tests.web.membership.staying import Rotated

pytestmark = pytest.mark.django_db
CLOSES = NOW + dt.timedelta(days=3)


@pytest.fixture(params=list(staying.FEWER))
def body(request, institution) -> Rotated:
    return staying.rotate(institution, request.param)


class Reader:
    """A member before her browser."""

    def __init__(self, member: Member) -> None:
        self.slug = member.cycle.institution.slug
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(member.user)

    def address(self, name: str, *args: object, cycle: int | None = None) -> str:
        address = reverse(f"members:{name}", args=[self.slug, *args]).replace("/de/", "/en/", 1)
        return address if cycle is None else f"{address}?cycle={cycle}"

    def get(self, name: str, *args: object, cycle: int | None = None) -> str:
        answer = self.client.get(self.address(name, *args, cycle=cycle))
        return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)

    def post(self, name: str, *args: object, cycle: int | None = None, **told: object) -> int:
        return self.client.post(self.address(name, *args, cycle=cycle), told).status_code


def main(page: str) -> str:
    """What stands on a page below its links."""
    return page[page.index("<main") :]


def writes(page: str) -> bool:
    """Whether a page has a form of its own."""
    return '<form method="post"' in main(page)


# -- which cycle -----------------------------------------------------------------------------------------------


def test_a_page_is_about_the_cycle_in_which_her_body_works_and_a_switch_leads_to_the_earlier_one(body):
    old, new = factories.make_draft(body.first), factories.make_draft(body.second)
    for recommendation, title in ((old, "An old draft"), (new, "A new draft")):
        recommendation.versions.update(title=texts(title))
    factories.make_meeting(body.second)
    she = Reader(body.stay[0])
    home = she.get("home")
    assert "A new draft" in home
    assert "An old draft" not in home
    assert "Meeting 1" in home
    assert f'href="{she.address("home", cycle=1)}"' in home
    earlier = she.get("home", cycle=1)
    assert "An old draft" in earlier
    assert "A new draft" not in earlier
    assert "No meeting is planned" in earlier
    assert "This is cycle 1, to read. Your body works in cycle 2 now." in earlier
    assert f'href="{she.address("home")}"' in earlier
    links = re.findall(rf'href="(/en/{she.slug}/my/(?!")[^"]+)"', earlier)
    assert links
    assert all(link.endswith("?cycle=1") for link in links), "no link of the page leaves its cycle"


def test_who_left_reads_her_cycle_and_who_entered_hers_and_neither_the_other(body):
    left, enters = Reader(body.left[0]), Reader(body.enter[0])
    assert "here you can read, and not write" in left.get("home")
    for name in ("home", "questions", "statements", "handover", "check_in", "money"):
        assert left.get(name, cycle=2) == "404"
        assert enters.get(name, cycle=1) == "404"
    assert "This is cycle" not in enters.get("home")
    for asked in ("3", "", "x", "-1", "02"):
        assert left.client.get(left.address("home") + f"?cycle={asked}").status_code == 404


def test_rights_follow_from_the_day_of_the_rotation(body):
    stays, left, enters = (factories.actor_of(each[0]) for each in (body.stay, body.left, body.enter))
    assert has_gone_on(body.first)
    assert not has_gone_on(body.second)
    assert (working_member(stays, body.second), working_member(stays, body.first)) == (body.stay[0], None)
    assert sitting_member(stays, body.first) == body.stay[0]
    for cycle in (body.first, body.second):
        assert sitting_member(left, cycle) is None
    assert sitting_member(enters, body.first) is None, (
        "who is drawn later does not sit in the earlier cycle"
    )
    assert member_ever(stays, body.second) == body.stay[0]
    assert member_ever(left, body.second) is None
    assert member_ever(left, body.first) == body.left[0]
    with clock.at(NOW - dt.timedelta(days=1)):
        assert not has_gone_on(body.first)
        assert working_member(stays, body.first) == body.stay[0]
        assert sitting_member(stays, body.second) is None
        assert member_ever(stays, body.second) is None


def test_until_somebody_entered_the_body_works_in_the_earlier_cycle(body):
    Term.objects.filter(member__in=body.enter).update(starts_on=NOW.date() + dt.timedelta(days=9))
    assert not has_gone_on(body.first)
    she = Reader(body.stay[0])
    assert f'href="{she.address("home", cycle=2)}"' in she.get("home")
    assert she.post("questions", text="Who pays?", language="en") == 302
    assert Question.objects.get().cycle == body.first


# -- the rooms -------------------------------------------------------------------------------------------------


def test_evidence(body):
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    told = {"text": "Who pays?", "language": "en"}
    assert she.post("questions", **told) == she.post("speakers", **told) == 302
    wish = SpeakerRequest.objects.get()
    assert Question.objects.get().cycle == wish.cycle == body.second
    other = Reader(body.stay[1])
    assert other.post("support", wish.public_id, support="yes") == 302
    assert wish.supporters.filter(pk=body.stay[1].pk).exists()
    for name in ("questions", "speakers"):
        assert writes(she.get(name))
        assert not writes(she.get(name, cycle=1))
        assert not writes(left.get(name))
        assert she.post(name, cycle=1, **told) == left.post(name, **told) == 403
    assert left.post("support", wish.public_id, support="yes") == 404
    assert "1 question of yours waits" in she.get("home")
    assert "of yours waits" not in she.get("home", cycle=1)
    for actor, cycle in ((body.stay[0], body.first), (body.left[0], body.second)):
        with pytest.raises(NotAllowed):
            ask_question(
                actor=factories.actor_of(actor),
                cycle=cycle,
                text="Why?",
                language="de",
                due_on=CLOSES.date(),
            )


def test_meetings_and_tables(body, secretariat):
    table = factories.make_table(body.second)
    meeting = table.plan.meeting
    table.members.set([*body.stay, *body.enter])
    assert set(expected_at(meeting)) == {*body.stay, *body.enter}
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert "You begin at table 1." in she.get("home")
    assert "You begin at table" not in she.get("home", cycle=1)
    assert "Show this at the door" in she.get("check_in")
    assert she.client.get(she.address("check_in_square")).status_code == 200
    assert "No meeting is coming" in she.get("check_in", cycle=1)
    assert "No meeting is coming" in left.get("check_in")
    check_in(actor=secretariat, meeting=meeting, member=body.stay[0])
    assert "You are checked in" in she.get("check_in")
    with pytest.raises(NotExpected):
        check_in(actor=secretariat, meeting=meeting, member=body.left[0])


def test_statements(body):
    table = factories.make_table(body.second)
    made = factories.make_statement(body.second, factories.make_note(table))
    old = factories.make_statement(body.first, factories.make_note(factories.make_table(body.first)))
    Reaction.objects.create(statement=old, member=body.stay[0], stance="agree")
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert "React to 1 statement" in she.get("home")
    assert she.post("react", made.number, stance="disagree") == 302
    assert she.post("statements", text="More buses.", language="en") == 302
    own = Statement.objects.get(text="More buses.")
    assert (own.cycle, own.made_by) == (body.second, body.stay[0])
    assert "More buses." in she.get("contributions")
    assert "More buses." not in she.get("contributions", cycle=1)
    assert "not visible to others" not in she.get("statements", cycle=1)
    assert not writes(she.get("statements", cycle=1))
    assert not writes(left.get("statements"))
    for who, cycle in ((she, 1), (left, None)):
        assert who.post("react", old.number, cycle=cycle, stance="disagree") == 403
        assert who.post("statements", cycle=cycle, text="No buses.", language="en") == 403
    assert Reaction.objects.get(statement=old).stance == "agree"


def test_recommendations(body):
    old, new = factories.make_draft(body.first), factories.make_draft(body.second)
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    told = {"text": "Build a bus.", "reasons": "It is cheap.", "language": "en"}
    assert she.post("unfinished", new.number, seen="1", **told) == 200
    assert she.post("recommendation", new.number, **told) == 302
    assert Amendment.objects.get().version.recommendation == new
    assert writes(she.get("recommendation", new.number))
    assert f"{she.address('unfinished', new.number)}" in she.get("recommendation", new.number)
    for who, cycle in ((she, 1), (left, None)):
        assert not writes(who.get("recommendation", old.number, cycle=cycle))
        assert who.post("unfinished", old.number, cycle=cycle, seen="1", **told) == 403
        assert who.post("recommendation", old.number, cycle=cycle, **told) == 403


def test_ballots(body, secretariat):
    draft = factories.make_draft(body.second)
    vote = put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    choice = open_choice(
        actor=secretariat, cycle=body.second, kind=BallotKind.APPROVAL, question=texts("What next?"),
        options=[texts("Parks"), texts("Paths")], places=1, closes_at=CLOSES,
    )  # fmt: skip
    assert set(vote.roll.all()) == {*body.stay, *body.enter}
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    home = she.get("home")
    for name, number, told in (
        ("ballot", draft.number, {"choice": "yes"}),
        ("choice", choice.number, {"marks": ["1"]}),
    ):
        assert f'"{she.address(name, number)}"' in home
        assert left.post(name, number, **told) == left.post(name, number, cycle=2, **told) == 404
        assert she.post(name, number, **told) == 200
    voted = Participation.objects.filter(member=body.stay[0]).values_list("ballot", flat=True)
    assert set(voted) == {vote.pk, choice.pk}


def test_a_vote_that_goes_on_in_the_earlier_cycle_is_on_her_home_and_counts(body, secretariat):
    draft = factories.make_draft(body.first)
    with clock.at(NOW - dt.timedelta(days=1)):
        vote = put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    assert set(vote.roll.all()) == {*body.left, *body.stay}
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert f'"{she.address("ballot", draft.number, cycle=1)}"' in she.get("home")
    assert she.post("ballot", draft.number, cycle=1, choice="yes") == 200
    assert left.post("ballot", draft.number, choice="yes") == 403
    assert Participation.objects.get().member == body.stay[0]


def test_minority_opinions(body, secretariat):
    for cycle in (body.second, body.first):
        factories.make_draft(cycle)
    for cycle, moment in ((body.first, NOW - dt.timedelta(days=2)), (body.second, NOW)):
        with clock.at(moment):
            vote = put_to_vote(
                actor=secretariat, recommendation=cycle.recommendations.get(), closes_at=moment + dt.timedelta(hours=1)
            )  # fmt: skip
        with clock.at(moment + dt.timedelta(hours=2)):
            factories.count_together(secretariat, vote)
        cycle.recommendations.update(status=RecommendationStatus.ADOPTED)
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    told = {"text": "Buses are enough.", "language": "en"}
    with clock.at(NOW + dt.timedelta(hours=3)):
        home = she.get("home")
        assert f'"{she.address("minority_opinion", 1)}"' in home
        assert "1 thing waits" in home, "the days of the earlier cycle run on"
        offered = {f'name="signatories" value="{each.pk}"' for each in body.left}
        assert not [each for each in offered if each in she.get("minority_opinion", 1, cycle=1)]
        assert she.post("minority_opinion", 1, signatories=[body.enter[0].pk], **told) == 302
        assert she.post("minority_opinion", 1, cycle=1, **told) == 302
        assert left.post("minority_opinion", 1, **told) == 403
    made = MinorityOpinion.objects.order_by("pk")
    assert [each.recommendation.cycle for each in made] == [body.second, body.first]
    assert set(made[0].signatories.all()) == {body.stay[0], body.enter[0]}


def test_questionnaires(body, secretariat):
    asked = open_questionnaire(
        actor=secretariat, cycle=body.second, sentences=[texts("Trams are worth it.")]
    )
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert she.address("questionnaire") in she.get("home")
    assert left.get("questionnaire") == left.get("questionnaire", cycle=2) == "404"
    assert she.post("questionnaire", sentence_1="4") == 302
    assert Reply.objects.get().questionnaire == asked
    assert she.address("questionnaire") not in she.get("home")
    erase_replies_of(body.stay[0].user.pk)
    assert not Reply.objects.exists()


def test_the_handover(body, secretariat):
    handing_over.hand_over(actor=secretariat, cycle=body.second)
    stays, enters, left = Reader(body.stay[0]), Reader(body.enter[0]), Reader(body.left[0])
    question = "confirm that you have"
    assert question in enters.get("home")
    assert question not in stays.get("home"), "it is made for those who enter"
    assert "Handover dossier for cycle 2" in stays.get("handover")
    assert "I have got it and read it" not in stays.get("handover")
    assert stays.client.get(stays.address("handover_document", 1, "en")).status_code == 200
    assert left.client.get(left.address("handover_document", 1, "en")).status_code == 404
    for cycle, words in ((1, "Begin early."), (None, "Ask the mayor.")):
        assert stays.post("pass_on", cycle=cycle, text=words, language="en") == 302
    written = Legacy.objects.filter(member=body.stay[0]).order_by("cycle")
    assert [(each.cycle, each.text["en"]) for each in written] == [
        (body.first, "Begin early."),
        (body.second, "Ask the mayor."),
    ]
    assert "Begin early." in stays.get("pass_on", cycle=1)
    assert "Ask the mayor." in stays.get("pass_on")
    assert left.post("pass_on", text="Good luck.", language="en") == 302
    assert Legacy.objects.get(member=body.left[0]).cycle == body.first


def test_verdicts(body):
    for cycle in (body.first, body.second):
        Answer.objects.create(
            recommendation=factories.make_draft(cycle), number=1, position=Position.ACCEPTED, responsible="Minister",
            published_at=NOW, published_by=factories.make_user(), reasons=texts("Yes."),
        )  # fmt: skip
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert f'"{she.address("verdict", 1)}"' in she.get("home")
    assert she.post("verdict", 1, satisfaction="satisfied") == 302
    assert she.post("verdict", 1, cycle=1, satisfaction="partly") == 302
    assert left.post("verdict", 1, satisfaction="not_satisfied") == 302
    assert left.post("verdict", 1, cycle=2, satisfaction="not_satisfied") == 404
    given = {(each.member, each.answer.recommendation.cycle) for each in Verdict.objects.all()}
    assert given == {
        (body.stay[0], body.second),
        (body.stay[0], body.first),
        (body.left[0], body.first),
    }


def test_allowances_are_paid_by_the_rule_book_of_the_cycle_of_the_meeting(institution, body, secretariat):
    newer = staying.adopt_rules(institution, body.second.rule_book.identifier)
    newer.text += '\n[pay]\nallowance = true\nscheme = "fee"\n\n[[pay.amounts]]\nkey = "half"\neur = "44"\nper = "half_day"\n'
    newer.save()
    Cycle.objects.filter(pk=body.second.pk).update(rule_book=newer)
    meeting = support.held(body.second, body.stay)
    allowances.compute_claims(actor=secretariat, institution=institution)
    claims = Claim.objects.filter(meeting=meeting)
    assert {claim.member for claim in claims} == set(body.stay)
    assert {claim.rule_book for claim in claims} == {newer}
    she, left = Reader(body.stay[0]), Reader(body.left[0])
    assert she.post("account", account=support.IBANS[0], holder="Ann Lee") == 302
    for cycle in (None, 1):
        assert "Your 1 claim" in she.get("money", cycle=cycle)
    assert "does not say under which scheme" in she.get("money", cycle=1)
    assert "does not say under which scheme" not in she.get("money")
    assert "Your claims" in left.get("money")


def test_her_seat_is_one_whichever_cycle_she_reads(body):
    she = Reader(body.stay[0])
    for cycle in (None, 1):
        assert "Give up your seat" in she.get("seat", cycle=cycle)
    assert she.post("seat", cycle=1, reason="I move away.", confirm="on") == 302
    assert sitting_member(factories.actor_of(body.stay[0]), body.second) is None
    page = she.get("home")
    assert "here you can read, and not write" in page
    assert not writes(she.get("questions"))


def test_with_a_third_cycle_the_second_is_there_to_read_and_nobody_of_the_third_sits_in_it(
    institution, body
):
    day = NOW.date() + dt.timedelta(days=60)
    third = factories.make_cycle(institution, Stage.DELIBERATING, staying.SEATS)
    Rotation.objects.create(body=third.body, on=day, rule="rotation", cycle=third)
    with clock.at(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        rotating.rotate_due()
        assert set(Member.objects.acting_in(third.body)) == set(body.enter), "the longest serving left"
        free = Term.objects.get(member=body.stay[0]).seat.number
        newest = factories.make_members(third, 1, first_seat=free)
        Term.objects.filter(member__in=newest).update(starts_on=day)
        stays, gone, enters = (Reader(each[0]) for each in (body.enter, body.stay, newest))
        assert "cycle=2" in stays.get("home")
        assert stays.get("home", cycle=1) == "404"
        assert not writes(stays.get("questions", cycle=2))
        assert writes(stays.get("questions"))
        assert "here you can read" in gone.get("home")
        assert gone.get("home", cycle=3) == enters.get("home", cycle=2) == "404"
        assert gone.get("home", cycle=1) != "404"
        assert not Member.objects.sitting_in(body.second).filter(pk=newest[0].pk).exists()
        assert set(Member.objects.sitting_in(third)) == {*body.enter, *newest}


def test_who_takes_a_vacant_seat_before_the_rotation_of_her_own_cycle_works_with_the_body_until_then(
    institution, body, secretariat
):
    third = factories.make_cycle(institution, Stage.SEATED, staying.SEATS)
    day = NOW.date() + dt.timedelta(days=60)
    Rotation.objects.create(body=third.body, on=day, rule="rotation", cycle=third)
    factories.end_term(body.stay[0])
    early = factories.make_members(third, 1, first_seat=body.stay[0].terms.get().seat.number)[0]
    assert early in Member.objects.sitting_in(body.second)
    assert working_member(factories.actor_of(early), body.second) == early
    vote = put_to_vote(
        actor=secretariat, recommendation=factories.make_draft(body.second), closes_at=CLOSES
    )
    she = Reader(early)
    assert f'"{she.address("ballot", 1)}"' in she.get("home")
    assert she.post("ballot", 1, choice="yes") == 200
    assert vote.participations.get().member == early
    assert she.get("home", cycle=3) != "404"
    assert she.get("home", cycle=1) == "404"
    with clock.at(dt.datetime.combine(day, dt.time(12), dt.UTC)):
        rotating.rotate_due()
        assert early not in Member.objects.sitting_in(body.second)
        assert f'href="{she.address("home", cycle=2)}"' in she.get("home")


# -- several seats ---------------------------------------------------------------------------------------------


@pytest.fixture
def two_bodies(institution) -> tuple[Member, Member]:
    """One person in the assembly and, drawn later, in the council."""
    assembly = factories.make_cycle(institution, Stage.DELIBERATING)
    council = factories.make_cycle(institution, Stage.DELIBERATING)
    council.body = institution.bodies.get(key="council")
    council.save()
    first, second = factories.make_members(assembly)[0], factories.make_members(council)[0]
    second.user = first.user
    second.save()
    return first, second


def test_who_sits_in_two_bodies_writes_in_both_and_sees_what_waits_in_the_other(two_bodies, secretariat):
    first, second = two_bodies
    she = Reader(first)
    vote = put_to_vote(
        actor=secretariat, recommendation=factories.make_draft(first.cycle), closes_at=CLOSES
    )
    home, other = she.get("home"), she.get("home", cycle=1)
    for page in (home, other):
        assert page.count('class="places"') == 1
        assert "Earlier cycles" not in page
        assert "here you can read" not in page
    assert "1 thing waits" in home
    assert "thing waits" not in other
    assert f'"{she.address("ballot", 1, cycle=1)}"' in other
    assert she.post("ballot", 1, choice="yes") == 404
    assert she.post("ballot", 1, cycle=1, choice="yes") == 200
    assert vote.participations.get().member == first
    told = {"text": "Who pays?", "language": "en"}
    for cycle in (None, 1):
        assert she.post("questions", cycle=cycle, **told) == 302
    assert set(Question.objects.values_list("cycle", "asked_by")) == {
        (first.cycle_id, first.pk),
        (second.cycle_id, second.pk),
    }
    answer = she.client.post(she.address("questions", cycle=1), told)
    assert answer.headers["Location"].endswith("?cycle=1"), "she stays where she was"


def test_who_has_one_seat_sees_no_switch(institution):
    member = factories.make_members(factories.make_cycle(institution))[0]
    assert 'class="places"' not in Reader(member).get("home")


def test_somebody_appointed_in_two_cycles_chooses_between_them(institution):
    user = factories.make_user()
    for cycle in staying.appoint_twice(institution, user):
        factories.make_draft(cycle).versions.update(title=texts(f"Draft of cycle {cycle.number}"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    address = reverse("members:appointed", args=[institution.slug])

    def page(path: str) -> str:
        answer = client.get(path)
        return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)

    newest, older = page(address), page(f"{address}?cycle=1")
    assert "Draft of cycle 2" in newest
    assert "Draft of cycle 1" not in newest
    assert f'href="{address}?cycle=1"' in newest
    assert "Draft of cycle 1" in older
    assert f'href="{address}"' in older
    draft = reverse("members:appointed_draft", args=[institution.slug, 1])
    assert f'href="{draft}?cycle=1"' in older
    assert "Draft of cycle 1" in page(f"{draft}?cycle=1")
    assert "Draft of cycle 2" in page(draft)
    assert page(f"{address}?cycle=3") == "404"


def test_a_member_who_is_appointed_in_another_cycle_reaches_both_from_each(institution):
    member = factories.make_members(factories.make_cycle(institution))[0]
    seated = factories.mix(factories.make_cycle(institution))[0]
    seated.user = member.user
    seated.save()
    she = Reader(member)
    assert f'href="{she.address("appointed")}"' in she.get("home")
    assert f'href="{she.address("home")}"' in she.get("appointed")
    assert she.client.get(reverse("web:after_sign_in")).url == she.address("home")
    factories.end_term(member)
    assert she.client.get(reverse("web:after_sign_in")).url == she.address("appointed")
    assert f'href="{she.address("home")}"' in she.get("appointed"), (
        "what she worked on before stays to read"
    )
