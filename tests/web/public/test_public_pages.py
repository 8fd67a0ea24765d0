"""What everybody may read: complete, scoped to its institution, quick, and without a name."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.enums import Stance
from isegoria_web.deliberation.models import Reaction, Statement
from isegoria_web.followup.enums import Position, Satisfaction
from isegoria_web.followup.models import Answer, Commitment, Duty, Verdict
from isegoria_web.followup.services import publish_verdicts
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.services import amend_rule_book
from isegoria_web.lottery.models import PoolEntry
from isegoria_web.membership.models import Member
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus
from isegoria_web.recommendations.models import Amendment, MinorityOpinion, Recommendation, Version
from isegoria_web.recruitment.models import Respondent
from isegoria_web.web.public.lineage import difference
from isegoria_web.web.public.reading import acts_of
from tests.web import factories, world
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MOST_QUERIES = 25


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def cycle(institution: Institution) -> Cycle:
    """A cycle at the end of its life: members, statements, an amended recommendation, a ballot."""
    made = factories.make_cycle(institution, stage=Stage.ANSWERING, panel_size=8)
    factories.make_features(made)
    factories.make_members(made)
    return made


def recommendation(cycle: Cycle, state: RecommendationStatus, **ballot: object) -> Recommendation:
    made = Recommendation.objects.create(
        cycle=cycle, number=cycle.recommendations.count() + 1, status=state
    )
    version = Version.objects.create(
        recommendation=made, number=1, title=texts("Build homes"), text=texts("Build **homes**."),
        reasons=texts("People need homes."), written_at=NOW - 9 * DAY,
    )  # fmt: skip
    if ballot:
        made.ballot = Ballot.objects.create(
            cycle=cycle, number=made.number, question=version.title, opened_at=NOW - 3 * DAY, closes_at=NOW - DAY, eligible=8,
            quorum="2/3", threshold="4/5", abstention="excluded",
            threshold_rule="bodies.assembly.decision.threshold", **ballot,
        )  # fmt: skip
        made.save()
    return made


CLOSED = {"status": BallotStatus.CLOSED, "closed_at": NOW - DAY, "yes": 5, "no": 1, "abstain": 1}
OPEN = {"status": BallotStatus.OPEN}


def page(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(f"public:{name}", args=args))
    assert response.status_code == 200, name
    return response.content.decode()


def words(html: str) -> str:
    """The page as somebody reads it."""
    html = re.sub(r"<head>.*?</head>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# -- every page ---------------------------------------------------------------------------------------


def public_addresses(here: world.World) -> list[str]:
    from tests.web.test_access_matrix import addresses

    return [
        reverse(each.name, kwargs=here.kwargs(each.name, set(each.parameters)))
        for each in addresses()
        if each.name.startswith("public:") and each.name not in {"public:report", "public:report_in"}
    ]


def test_every_public_page_answers_with_few_queries(client, django_assert_max_num_queries) -> None:
    for address in public_addresses(world.build()):
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get(address).status_code == 200, address


def test_a_reader_gets_no_cookie_and_the_same_page_again_as_not_modified(client) -> None:
    for address in public_addresses(world.build()):
        first = client.get(address)
        is_form = address.endswith(("/reveal/", "/propose/", "/sign/")) or "/themes/confirm/" in address
        assert not first.cookies or is_form, address  # a form has its token
        if "ETag" in first:
            assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304, address


def test_no_public_page_names_a_citizen(client) -> None:
    here = world.build()
    people = list(Respondent.objects.all())
    for address in public_addresses(here):
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        for person in people:
            for word in (*person.name.split(), person.email, person.phone):
                assert not word or word.encode() not in body, address


def test_what_belongs_to_another_institution_does_not_exist(client, cycle, elsewhere) -> None:
    recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    for name, more in [("cycle", ()), ("members", ()), ("meetings", ()), ("evidence", ()), ("statements", ()),
                       ("recommendation", (1,)), ("draw", (1,)), ("record", (1,))]:  # fmt: skip
        assert client.get(reverse(f"public:{name}", args=["elsewhere", 1, *more])).status_code == 404, name


@pytest.mark.parametrize("language", ["de", "fr", "nl", "en"])
def test_the_switch_of_languages_keeps_the_page_and_its_question(client, institution, language) -> None:
    html = client.get("/en/ostbelgien/journal/?action=cycle.opened").content.decode()
    assert f'href="/{language}/ostbelgien/journal/?action=cycle.opened"' in html


def test_an_empty_institution_says_what_will_appear(client, institution) -> None:
    assert "The first cycle begins when the authority signs its mandate" in page(
        client, "institution", "ostbelgien"
    )
    assert "No recommendation has been drafted yet" in page(client, "recommendations", "ostbelgien")
    assert "Nothing is waiting" in page(client, "answers", "ostbelgien")


# -- recommendations ----------------------------------------------------------------------------------


def test_the_text_of_a_draft_is_not_public(client, cycle) -> None:
    made = recommendation(cycle, RecommendationStatus.DRAFT)
    Amendment.objects.create(
        version=made.versions.get(), proposed_by=cycle.members.first(), text=texts("Build towers."),
        reasons="More room.", language="en", proposed_at=NOW,
    )  # fmt: skip
    pages = [
        page(client, "recommendation", "ostbelgien", 1, 1),
        page(client, "recommendations", "ostbelgien"),
        page(client, "cycle", "ostbelgien", 1),
        page(client, "institution", "ostbelgien"),
    ]
    assert "The members are still writing" in pages[0]
    for html in pages:
        for secret in ("Build", "homes", "towers", "More room"):
            assert secret not in html


def test_an_open_ballot_shows_its_text_and_no_count(client, cycle) -> None:
    recommendation(cycle, RecommendationStatus.BALLOT, **OPEN)
    html = page(client, "recommendation", "ostbelgien", 1, 1)
    assert "Build <strong>homes</strong>." in html
    assert "there is no count, for anybody" in html
    assert "dot yes" not in html
    assert "voted yes" not in html


def test_a_closed_ballot_shows_every_vote_as_a_dot(client, cycle) -> None:
    recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    html = page(client, "recommendation", "ostbelgien", 1, 1)
    assert "5 of 7 voted yes" in words(html)
    stage = html.split('<div class="stage">')[1].split("</div>")[0]
    assert [stage.count(f'class="dot {kind}"') for kind in ("yes", "no", "abstain", "absent")] == [
        5,
        1,
        1,
        1,
    ]
    assert "after the 5 yes that were needed" in html  # four fifths of the six who said yes or no


def test_a_late_answer_is_counted_in_days_wherever_it_is_missing(client, cycle) -> None:
    made = recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    Duty.objects.create(recommendation=made, due_on=NOW.date() - 12 * DAY, rule="mandate")
    for html in (
        page(client, "institution", "ostbelgien"),
        page(client, "answers", "ostbelgien"),
        page(client, "recommendations", "ostbelgien"),
        page(client, "recommendation", "ostbelgien", 1, 1),
    ):
        assert "No answer. Overdue by 12 days" in words(html)


def test_a_due_day_is_not_late_before_it_has_passed_where_the_institution_is(client, cycle) -> None:
    made = recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    Duty.objects.create(recommendation=made, due_on=dt.date(2027, 3, 5), rule="mandate")
    with clock.at(dt.datetime(2027, 3, 5, 22, 30, tzinfo=dt.UTC)):  # 23:30 in Brussels
        assert "Overdue" not in page(client, "answers", "ostbelgien")
    with clock.at(dt.datetime(2027, 3, 5, 23, 30, tzinfo=dt.UTC)):  # 0:30 on the sixth
        assert "Overdue by 1 day" in page(client, "answers", "ostbelgien")


def test_an_answer_stands_beside_its_recommendation_with_promises_and_the_sum_of_verdicts(
    client, cycle
) -> None:
    made = recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    Duty.objects.create(recommendation=made, due_on=NOW.date(), rule="mandate", answered_at=NOW)
    answer = Answer.objects.create(
        recommendation=made, number=1, position=Position.REJECTED, reasons=texts("Too dear."),
        responsible="Ministry", published_at=NOW, published_by=factories.make_user(),
    )  # fmt: skip
    Commitment.objects.create(answer=answer, text=texts("A model lease"), due_on=NOW.date() + 30 * DAY)
    for member in cycle.members.all()[:5]:
        Verdict.objects.create(answer=answer, member=member, satisfaction=Satisfaction.NOT_SATISFIED)
    assert "not satisfied" not in words(page(client, "recommendation", "ostbelgien", 1, 1))
    publish_verdicts(actor=Actor.system(), institution=cycle.institution)
    text = words(page(client, "recommendation", "ostbelgien", 1, 1))
    for part in ("Rejected", "Too dear.", "A model lease", "in time", "5 not satisfied"):
        assert part in text


def test_the_lineage_leads_from_the_table_to_the_ballot_in_the_order_of_time(client, cycle) -> None:
    made = recommendation(cycle, RecommendationStatus.ADOPTED, **CLOSED)
    statement = Statement.objects.create(
        cycle=cycle, number=1, text="Rents eat wages.", language="en", made_by=cycle.members.first(),
        made_at=NOW - 20 * DAY, closed_at=NOW,
    )  # fmt: skip
    made.statements.add(statement)
    first = made.versions.get()
    change = Amendment.objects.create(
        version=first, proposed_by=cycle.members.first(), text=texts("Build many **homes**."), language="en",
        reasons="One is not enough.", proposed_at=NOW - 8 * DAY, decided_at=NOW - 7 * DAY,
        status=AmendmentStatus.ACCEPTED, hands_for=6, hands_against=1,
    )  # fmt: skip
    Version.objects.create(
        recommendation=made, number=2, title=first.title, text=change.text, reasons=first.reasons,
        written_at=NOW - 7 * DAY, amendment=change,
    )  # fmt: skip
    opinion = MinorityOpinion.objects.create(
        recommendation=made, text=texts("We would rather repair."), submitted_at=NOW - DAY / 2
    )
    opinion.signatories.add(*cycle.members.all()[:2])
    html = page(client, "recommendation", "ostbelgien", 1, 1)
    text = words(html).split("Where it comes from")[1]
    order = [
        text.index(part)
        for part in (
            "Rents eat wages.",
            "First wording",
            "was accepted",
            "ballot opened",
            "closed and counted",
            "A minority put",
        )
    ]
    assert order == sorted(order)
    assert "<ins>" in html
    assert "many" in html
    assert "2 members see it differently" in words(html)
    assert "Member" not in words(html).split("Where it comes from")[0].split("Statements")[-1]


def test_a_difference_marks_words_and_stays_text() -> None:
    marked = difference("Build <b>one</b> home.", "Build <b>many</b> homes & gardens.")
    assert "<b>" not in marked
    assert re.sub(r"<del>.*?</del>", "", marked).replace("&lt;", "<").count("many") == 1
    assert "&amp; gardens" in marked
    assert difference("Same text.", "Same text.") == "Same text."
    assert "*" not in difference("Build **one** home.", "Build **many** homes.")
    assert "**home**" in difference("Build one home.", "Build one **home**.")


# -- statements ---------------------------------------------------------------------------------------


def statement(cycle: Cycle, *, closed: bool, reactions: int) -> None:
    made = Statement.objects.create(
        cycle=cycle, number=1, text="Rents eat wages.", language="en", made_by=cycle.members.first(),
        made_at=NOW, closed_at=NOW if closed else None,
    )  # fmt: skip
    for member in cycle.members.all()[:reactions]:
        Reaction.objects.create(statement=made, member=member, stance=Stance.AGREE)


@pytest.mark.parametrize(
    ("closed", "reactions", "shown"), [(True, 5, True), (True, 4, False), (False, 8, False)]
)
def test_counts_of_a_statement_wait_for_its_end_and_for_five(
    client, cycle, closed, reactions, shown
) -> None:
    statement(cycle, closed=closed, reactions=reactions)
    text = words(page(client, "statements", "ostbelgien", 1))
    assert (f"{reactions} of {reactions} agree" in text) is shown
    assert "agree" in text if shown else "agree" not in text


# -- members and draws --------------------------------------------------------------------------------


def test_a_member_is_a_number_unless_she_wishes_to_be_named(client, cycle) -> None:
    Member.objects.filter(cycle=cycle, number=2).update(public_name="Maria L.", named_at=NOW)
    text = words(page(client, "members", "ostbelgien", 1))
    assert "Member 1" in text
    assert "Maria L." in text
    assert "Member 2 " not in text


def panel_draw(cycle: Cycle) -> str:
    return reverse("public:draw", args=["ostbelgien", 1, cycle.draws.get(kind="panel").number])


def test_a_citizen_finds_her_code_and_her_chance(client, cycle) -> None:
    entry = PoolEntry.objects.filter(pool__draw__cycle=cycle, selection__isnull=False).first()
    text = words(client.post(panel_draw(cycle), {"code": f" {entry.code.lower()} "}).content.decode())
    assert f"Yes: {entry.code} was in the pool, with a chance of 66.67 %." in text
    assert "The lot fell on it" in text


def test_a_code_that_is_not_in_the_pool_is_told_so(client, cycle) -> None:
    text = words(client.post(panel_draw(cycle), {"code": "<script>"}).content.decode())
    assert "This code is not in the pool" in text


def test_a_code_is_never_read_from_an_address(client, cycle) -> None:
    entry = PoolEntry.objects.filter(pool__draw__cycle=cycle).first()
    assert "was in the pool" not in client.get(panel_draw(cycle), {"code": entry.code}).content.decode()


def test_the_page_of_a_draw_shows_everybody_in_the_pool_at_her_chance(client, cycle) -> None:
    html = client.get(panel_draw(cycle)).content.decode()
    chances = html.split('class="picture chances"')[1].split("</figure>")[0]
    entries = PoolEntry.objects.filter(pool__draw__cycle=cycle)
    circles = chances.split("</svg>")[0].count("<circle")
    assert circles == entries.count() == 12
    assert "8 drawn by lot" in words(chances)
    assert "4 in the pool, not drawn" in words(chances)


# -- the journal and the rules ------------------------------------------------------------------------


def test_the_journal_puts_equal_acts_of_a_day_together_and_counts_them_all(client) -> None:
    here = world.build()
    entries = list(here.institution.chain.entries.order_by("-sequence"))
    assert sum(len(group.entries) for group in acts_of(entries)) == len(entries)
    html = page(client, "journal", "ostbelgien")
    assert all(entry.hash in html for entry in entries)


def test_the_journal_shows_the_acts_of_one_kind(client) -> None:
    world.build()
    html = client.get("/en/ostbelgien/journal/?action=cycle.opened").content.decode()
    assert "A cycle was opened</strong>" in html
    assert "No act of this kind" in client.get("/en/ostbelgien/journal/?action=seat.left").content.decode()


def test_the_rules_are_told_with_what_the_statute_leaves_open(client, institution) -> None:
    text = words(page(client, "rule_book", "ostbelgien"))
    assert "four fifths" in text
    assert "deadline for the authority&#x27;s answer" in text
    version = institution.rule_books.get()
    assert version.sha256 in page(client, "rule_book", "ostbelgien")
    assert page(client, "rule_book_text", "ostbelgien") == version.text


def test_a_new_version_shows_what_it_changed(client, institution) -> None:
    authority = factories.actor(institution, Role.AUTHORITY)
    text = institution.rule_books.get().text.replace("age_min = 16", "age_min = 18")
    text = text.replace('version = "2024"', 'version = "next"\nvalid_from = 2026-01-15')
    amend_rule_book(actor=authority, institution=institution, text=text)
    shown = words(page(client, "rule_book", "ostbelgien"))
    assert "Before: Everybody aged 16 or over can be drawn." in shown
    assert "Now: Everybody aged 18 or over can be drawn." in shown
    assert "Version 2, from" in shown


def test_the_accent_comes_as_a_style_sheet_of_its_own(client, institution) -> None:
    response = client.get("/en/ostbelgien/accent.css")
    assert response["Content-Type"].startswith("text/css")
    assert "--accent-light:#1f4e79" in response.content.decode()
    assert "/en/ostbelgien/accent.css" in page(client, "institution", "ostbelgien")
