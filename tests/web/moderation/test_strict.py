"""In a strict cycle nothing unreviewed is visible by any route: every address is walked, by everybody who may enter."""

from __future__ import annotations

import io
import re

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pypdf import PdfReader

from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots.models import Ballot, RollCall, RollCallRecord
from isegoria_web.deliberation import jobs
from isegoria_web.deliberation.models import Note, OpinionMap, Reaction, Statement
from isegoria_web.evidence.models import Question, SpeakerRequest
from isegoria_web.followup.models import Legacy
from isegoria_web.membership.models import Member
from isegoria_web.moderation import services
from isegoria_web.moderation.enums import Kind
from isegoria_web.moderation.models import Appeal, Review
from isegoria_web.recommendations import report
from isegoria_web.recommendations.models import Amendment, MinorityOpinion, Recommendation
from isegoria_web.web.contributions import SOURCES, unreviewed
from tests.web import world
from tests.web.access_table import TABLE
from tests.web.factories import NOW
from tests.web.test_access_matrix import urls
from tests.web.world import WHO

pytestmark = pytest.mark.django_db
MARK = "zzunreviewed"
MODERATORS = {"secretariat", "facilitator"}


def _write(cycle, author, kind):  # noqa: PLR0911  # one for each kind
    """One contribution of a kind, whose every text carries the mark; returns its row."""
    if kind == Kind.STATEMENT:
        return Statement.objects.create(
            cycle=cycle, number=90, text=f"{MARK} statement", language="en", made_by=author, made_at=NOW,
            closed_at=NOW,
        )  # fmt: skip
    if kind == Kind.NOTE:
        Note.objects.update(text=f"{MARK} note")
        return Note.objects.get()
    if kind == Kind.QUESTION:
        return Question.objects.create(
            cycle=cycle,
            asked_by=author,
            text=f"{MARK} question",
            language="en",
            asked_at=NOW,
            due_on=NOW.date(),
        )
    if kind == Kind.SPEAKER_REQUEST:
        return SpeakerRequest.objects.create(
            cycle=cycle, asked_by=author, text=f"{MARK} wish", language="en", asked_at=NOW
        )
    recommendation = Recommendation.objects.get(cycle=cycle)
    if kind == Kind.AMENDMENT:
        return Amendment.objects.create(
            version=recommendation.versions.get(), proposed_by=author, text={"en": f"{MARK} amendment"},
            reasons=f"{MARK} reasons", language="en", proposed_at=NOW,
        )  # fmt: skip
    if kind == Kind.MINORITY_OPINION:
        opinion = MinorityOpinion.objects.create(
            recommendation=recommendation,
            text={"en": f"{MARK} opinion"},
            submitted_by=author,
            submitted_at=NOW,
        )
        opinion.signatories.add(author)
        return opinion
    if kind == Kind.LEGACY:
        return Legacy.objects.create(
            cycle=cycle, member=author, text={"en": f"{MARK} words"}, written_at=NOW
        )
    return None


@pytest.fixture
def here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = world.build()
    default_storage.save("reports/1.pdf", ContentFile(b"%PDF-"))
    default_storage.save("register/test.csv", ContentFile(b"id\n"))
    cycle = made.institution.cycles.get()
    Appeal.objects.all().delete()
    Review.objects.all().delete()
    author = Member.objects.filter(cycle=cycle).order_by("number")[1]
    rows = {kind: _write(cycle, author, kind) for kind in SOURCES}
    Recommendation.objects.get(cycle=cycle).statements.add(rows[Kind.STATEMENT])
    for each in Member.objects.filter(cycle=cycle):
        Reaction.objects.create(statement=rows[Kind.STATEMENT], member=each, stance="agree")
    return made, cycle, rows


def _seen(here, *people) -> set[tuple[str, str]]:
    """Which addresses show the mark, to whom; to everybody but the moderators where nobody is named."""
    found = set()
    for who in people or sorted(set(WHO) - MODERATORS):
        client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        cache.clear()
        if here.people[who] is not None:
            client.force_login(here.people[who])
        for name, url in urls(here):
            if TABLE[name] is None:
                continue
            response = client.get(url.replace("/de/", "/en/", 1))
            body = b"".join(response.streaming_content) if response.streaming else response.content
            if MARK.encode() in body:
                found.add((name, who))
    return found


def test_every_kind_of_contribution_can_be_written_and_reviewed(here):
    _made, cycle, rows = here
    assert all(rows.values())
    assert {one.kind for one in unreviewed(cycle)} == set(SOURCES)


@pytest.mark.walk
def test_no_route_shows_what_nobody_reviewed(here):
    made, cycle, _rows = here
    jobs.make_waiting_maps()
    before = {name for name, _who in _seen(made, "anonymous", "member")}
    assert {  # the walk sees what is visible; else it would prove nothing
        "public:statements", "public:meeting", "public:evidence", "public:recommendation",
        "api:list_statements", "api:list_recommendations", "members:statements", "members:questions",
        "members:recommendation",
    } <= before  # fmt: skip
    secretariat = Actor.of(made.people["secretariat"])
    services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    jobs.make_waiting_maps()
    assert _seen(made) == set()
    assert not any(MARK in str(each.document) for each in OpinionMap.objects.done())
    assert MARK not in _report_of(cycle)


@pytest.mark.walk
def test_what_was_reviewed_is_visible_on_the_same_routes(here):
    made, cycle, _rows = here
    secretariat = Actor.of(made.people["secretariat"])
    services.set_strictness(actor=secretariat, cycle=cycle, strict=True)
    for one in list(unreviewed(cycle)):
        services.review(actor=secretariat, contribution=one, publish=True)
    jobs.make_waiting_maps()
    seen = {name for name, _who in _seen(made, "anonymous")}
    assert {
        "public:statements", "public:meeting", "public:evidence", "public:recommendation",
        "api:list_statements", "api:list_recommendations", "api:list_opinion_maps",
    } <= seen  # fmt: skip
    assert any(MARK in str(each.document) for each in OpinionMap.objects.done())


@pytest.mark.walk
def test_its_author_alone_sees_it_with_the_moderators(here):
    made, cycle, rows = here
    services.set_strictness(actor=Actor.of(made.people["secretariat"]), cycle=cycle, strict=True)
    client = Client()
    client.force_login(rows[Kind.STATEMENT].made_by.user)
    page = client.get("/en/ostbelgien/my/contributions/").content.decode()
    assert len(re.findall(MARK, page)) >= 4
    assert "Waits for a review" in page
    moderators = {who for _name, who in _seen(made, *MODERATORS)}
    assert moderators == MODERATORS


def _report_of(cycle) -> str:
    RollCallRecord.objects.all().delete()
    RollCall.objects.all().delete()  # no report is made before every college has voted; here citizens sit alone
    Ballot.objects.filter(cycle=cycle, kind="yes_no").update(
        status="closed", yes=5, no=1, abstain=0, closed_at=NOW
    )
    pdf = report.typeset(cycle, "en")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
