"""The report: a page and a tagged PDF in each language, with dissent and the sentences from which it comes."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from isegoria_web import clock
from isegoria_web.ballots import services as ballots
from isegoria_web.ballots.enums import Choice
from isegoria_web.deliberation.models import Translation
from isegoria_web.recommendations import report, services
from isegoria_web.recommendations.models import ReportDocument
from tests.web import factories
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)


@pytest.fixture
def cycle(institution, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_cycle(institution)


@pytest.fixture
def handed_over(secretariat, cycle):
    members = factories.make_members(cycle)
    statement = factories.make_statement(cycle, factories.make_note(factories.make_table(cycle)))
    Translation.objects.create(
        statement=statement,
        language="fr",
        text="Nous voulons des trams.",
        made_by=factories.make_user(),
        made_at=NOW,
    )
    draft = factories.make_draft(cycle, [statement])
    box = services.put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    for member in members:
        ballots.cast(actor=factories.actor_of(member), ballot=box, choice=Choice.YES)
    with clock.at(CLOSES):
        factories.count_together(secretariat, box)
        services.submit_minority_opinion(
            actor=factories.actor_of(members[0]), recommendation=draft, text=texts("A bus is enough."),
            signatories=[member.number for member in members[:3]],
        )  # fmt: skip
    with clock.at(CLOSES + dt.timedelta(days=8)):
        return services.hand_over_report(actor=secretariat, cycle=cycle)


def _text(document) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(document.read())).pages)


def test_each_language_has_its_own_tagged_document(handed_over, institution):
    assert [each.language for each in handed_over.documents.all()] == institution.languages
    for each in handed_over.documents.all():
        reader = PdfReader(each.document.open("rb"))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].startswith(each.language)
        assert "/StructTreeRoot" in root
        assert "pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data().decode()
    hashes = set(ReportDocument.objects.values_list("sha256", flat=True))
    assert len(hashes) == len(institution.languages)


def test_under_a_recommendation_stand_its_dissent_and_its_sentences(handed_over):
    french = _text(handed_over.documents.get(language="fr").document.open("rb"))
    assert "Nous voulons des trams." in french
    assert "A bus is enough. (fr)" in french
    dutch = _text(handed_over.documents.get(language="nl").document.open("rb"))
    assert "We want trams." in dutch, "the original, where nobody translated it"


def test_the_page_says_the_same_and_leads_back_to_the_table(client, handed_over):
    page = client.get("/en/ostbelgien/cycles/1/report/").content.decode()
    for piece in (
        "A bus is enough.",
        "Signed by 3 members",
        "We want trams.",
        "from table 1, meeting 1",
        "#note-",
    ):
        assert piece in page
    assert "6 yes, 0 no" in page
    for language in ("de", "fr", "nl", "en"):
        answer = client.get(f"/en/ostbelgien/cycles/1/report/{language}.pdf")
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert client.get("/en/ostbelgien/cycles/1/report/pl.pdf").status_code == 404
    (public,) = client.get("/api/v1/institutions/ostbelgien/cycles/1/recommendations").json()
    assert public["minority_opinions"] == [texts("A bus is enough.")]


def test_the_same_rows_give_the_same_file(handed_over):
    moment = handed_over.handed_over_at
    with clock.at(moment):
        again = report.typeset(handed_over.cycle, "fr")
    assert again == handed_over.documents.get(language="fr").document.open("rb").read()
