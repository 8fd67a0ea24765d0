"""From the register to the end of a panel: everybody leaves on her day, and both draws verify as on the first."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as site
from django.forms.models import model_to_dict
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.proof import app
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.jobs import sign_and_export
from isegoria_web.lottery import ceremony
from isegoria_web.lottery import services as lottery
from isegoria_web.lottery.algorithms import dump
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.membership import services as membership
from isegoria_web.membership.enums import EndReason
from isegoria_web.membership.erasing import erase_pools
from isegoria_web.membership.jobs import erase_people_whose_day_has_come, erase_pools_whose_day_has_come
from isegoria_web.membership.models import Term
from isegoria_web.recruitment import answering, desk, erasing, mailing, services
from isegoria_web.recruitment.enums import ByEmail, InvitationStatus, Outcome, Refusal, Way
from isegoria_web.recruitment.jobs import destroy_seals_whose_day_has_come, erase_who_is_in_no_draw
from isegoria_web.recruitment.models import Invitation, Message, Respondent
from isegoria_web.register.jobs import erase_due_extracts
from isegoria_web.register.models import Erasure, Resident
from isegoria_web.register.services import load_extract
from tests.support import browser_verifier
from tests.web import acts, factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FEATURES = {"sex": ["F", "M"], "age": ["16-34", "35-64", "65+"]}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.ERASURES = tmp_path / "erasures"
    settings.JOURNAL_EXPORT = tmp_path / "journal"
    settings.BASE_URL = "https://panel.example.org"


@pytest.fixture
def played(institution, secretariat, tmp_path, mailoutbox):
    """A panel that was drawn from letters that were drawn from a register, seated and done."""
    cycle = factories.make_cycle(institution, Stage.MANDATE, panel_size=6)
    Cycle.objects.filter(pk=cycle.pk).update(mandate_signed_at=NOW)
    cycle.refresh_from_db()
    factories.make_features(cycle)
    campaign = letters(cycle, secretariat, tmp_path)
    people = list(campaign.invitations.select_related("resident").order_by("position"))
    mailing.decide_correspondence(actor=secretariat, campaign=campaign, by_email=ByEmail.BESIDE)
    with clock.at(NOW + 4 * HOUR):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)
        mailing.send_due()
        Invitation.objects.filter(status=InvitationStatus.CREATED).update(status=InvitationStatus.SENT)
        for number, letter in enumerate(people[:40]):
            answer(secretariat, letter, number)
        mailing.send_due()
    panel(cycle, campaign, secretariat)
    seat(cycle, secretariat)
    return cycle, people


def letters(cycle, secretariat, tmp_path):
    path = tmp_path / "register.csv"
    rows = register.synthesize("whole", 400)
    register.write([{**row, "email": f"{row['id'].lower()}@example.org"} for row in rows], path)
    extract = load_extract(
        actor=secretariat, institution=cycle.institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
    campaign = services.announce_letters(
        actor=secretariat, cycle=cycle, extract=extract, letters=60, age_min=16, reply_by=dt.date(2027, 4, 5),
        source=texts("Dice"), source_due_at=NOW + 2 * HOUR,
    )  # fmt: skip
    with clock.at(NOW + 3 * HOUR):
        factories.throw(campaign.draw, "3-1-4")
        return services.draw_letters(actor=secretariat, campaign=campaign)


def answer(secretariat, letter, number):
    """Thirty say yes, ten say no; about some the desk notes something.

    Nobody bears another's name: two who do are a question for the desk, and the pool waits for its answer.
    """
    citizen = Actor.citizen(letter.selector)
    if number % 4 == 3:
        answering.decline(actor=citizen, invitation=letter, refusal=Refusal.CARE)
        return
    told = {key: values[number % len(values)] for key, values in FEATURES.items()}
    answering.accept(
        actor=citizen, invitation=letter, name=f"{letter.resident.given_name} No {number}",
        email=f"own{number}@example.org", phone="+32 87 000000", language="de", answers=told, needs=["childcare"],
        consent=True,
    )  # fmt: skip
    desk.note_contact(
        actor=secretariat,
        invitation=letter,
        way=Way.PHONE,
        outcome=Outcome.UNDECIDED,
        note="Speaks of her garden",
    )


def panel(cycle, campaign, secretariat):
    lottery.propose_quotas(actor=secretariat, cycle=cycle)
    draw = services.close_pool(
        actor=secretariat, campaign=campaign, source=texts("Dice"), source_due_at=NOW + 5 * DAY
    )
    asked = campaign.invitations.filter(status=InvitationStatus.YES).order_by("-position")[0]
    erasing.erase_on_request(actor=secretariat, invitation=asked)
    lottery.commit_lottery(actor=secretariat, draw=draw)
    with clock.at(NOW + 5 * DAY):
        factories.throw(draw, "2-7-1-8-2-8")
        lottery.draw_panel(actor=secretariat, draw=draw)
    with clock.at(NOW + 15 * DAY):
        ceremony.finish_challenges()


def seat(cycle, secretariat):
    draw = cycle.draws.get(kind="panel")
    with clock.at(NOW + 16 * DAY):
        for term in membership.offer_seats(actor=secretariat, draw=draw):
            membership.accept_seat(actor=secretariat, term=term)


def verified(cycle, tmp_path) -> list[str]:
    """The names of the draws that both verifiers take for true, from their public files."""
    found = []
    with browser_verifier.browser() as node:
        for draw in cycle.draws.order_by("number").select_related("record"):
            file = tmp_path / f"{draw.kind}.json"
            file.write_bytes(dump(draw.record.document))
            done = CliRunner().invoke(app, ["verify", str(file), "--json"])
            in_browser = node.verdict(file.read_bytes(), letters=draw.kind == DrawKind.LETTERS)
            both = done.exit_code == 0 and json.loads(done.stdout)["ok"], in_browser[0]
            found += [draw.kind] if both == (True, True) else []
    return found


def everything() -> str:
    """All that the tables hold, and all files beside the database."""
    tables = [model_to_dict(row) for model in apps.get_models() for row in model._default_manager.all()]
    files = [path for path in Path(site.MEDIA_ROOT).rglob("*") if path.is_file()]
    files += [
        path
        for folder in (site.ERASURES, site.JOURNAL_EXPORT)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    text = json.dumps(tables, default=str, ensure_ascii=False)
    return text + "".join(path.read_bytes().decode("latin-1") for path in files)


def hashes(cycle) -> list[str]:
    documents = [draw.record.document for draw in cycle.draws.order_by("number").select_related("record")]
    return [hashlib.sha256(dump(document)).hexdigest() for document in documents]


def test_letters_answers_draw_erasure_and_both_verifiers_say_yes(
    institution, secretariat, played, tmp_path, django_capture_on_commit_callbacks
):
    cycle, people = played
    told = {person: f'"{person.resident.family_name}"' for person in people}
    told |= {f"{number}": f"own{number}@example.org" for number in range(40)}
    told |= {each: each.name for each in Respondent.objects.willing()}
    assert verified(cycle, tmp_path) == ["letters", "panel"]
    before = hashes(cycle)
    assert Message.objects.count() > 60

    with clock.at(NOW + 17 * DAY):
        assert erase_who_is_in_no_draw() == 30 + 0  # ten said no, twenty are silent; one was erased before
        assert erase_pools_whose_day_has_come() == 0
    assert verified(cycle, tmp_path) == ["letters", "panel"]
    assert Respondent.objects.willing().count() == 29

    with (
        clock.at(dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert erase_due_extracts() == 1
    assert not Resident.objects.exists()

    while (
        term := Term.objects.exclude(status="ended").first()
    ) is not None:  # alternates move up and leave too
        membership.leave_seat(actor=secretariat, term=term, reason=EndReason.TERM, on=dt.date(2027, 12, 1))
    cycle.milestones.filter(stage=Stage.ANSWERING).update(
        reached_at=dt.datetime(2027, 12, 1, tzinfo=dt.UTC)
    )
    with clock.at(dt.datetime(2029, 12, 2, tzinfo=dt.UTC)):
        assert erase_pools() == 29 - 6
        assert erase_pools() == 0
        members = User.objects.filter(members__isnull=False).count()
        assert erase_people_whose_day_has_come() == members
        destroy_seals_whose_day_has_come()
        sign_and_export()

    left = everything()
    assert [word for word in told.values() if word in left] == []
    for word in ("Speaks of her garden", "+32 87 000000"):
        assert word not in left
    assert verified(cycle, tmp_path) == ["letters", "panel"]
    assert hashes(cycle) == before
    done = CliRunner().invoke(app, ["journal", str(site.JOURNAL_EXPORT / institution.slug), "--json"])
    assert done.exit_code == 0, done.output
    rules = {entry.facts["rule"] for entry in acts.entries(institution, Action.DATA_ERASED)}
    assert rules == {"asked", "silent_erased", "date", "pool_erased"}
    assert all(each.entry for each in Erasure.objects.filter(institution=institution))


def test_the_pool_waits_for_the_day_of_the_calendar_and_alternates_for_the_last_seat(
    institution, secretariat
):
    cycle = factories.make_cycle(institution)
    members = factories.make_members(cycle, 2, extra=4, alternates=1)
    rules = cycle.rule_book
    rules.text, found = re.subn(r"^\[draw\.reserve\]\n(?:.+\n)+", "", rules.text, flags=re.MULTILINE)
    assert found == 1
    rules.save()
    Term.objects.update(starts_on=dt.date(2027, 3, 1))
    with clock.at(dt.datetime(2027, 5, 31, 12, tzinfo=dt.UTC)):
        assert erase_pools() == 0
    with clock.at(dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)):
        assert erase_pools() == 3
        assert erase_pools() == 0
    kept = Respondent.objects.filter(erased_at__isnull=True)
    assert {each.pk for each in kept} == {
        *(member.respondent_id for member in members), kept.get(alternate__isnull=False).pk,
    }  # fmt: skip
    for member in members:
        factories.end_term(member)
    with clock.at(dt.datetime(2027, 6, 2, 12, tzinfo=dt.UTC)):
        assert erase_pools() == 1
    assert Erasure.objects.filter(rule="pool_erased").count() == 2
    assert all(each.due_on == dt.date(2027, 6, 1) for each in Erasure.objects.all())


def test_a_reserve_is_kept_until_the_report_and_its_review(institution, secretariat):
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle, 2, extra=2)
    with clock.at(NOW + 900 * DAY):
        assert erase_pools() == 0
        cycle.milestones.filter(stage=Stage.ANSWERING).update(reached_at=NOW + 400 * DAY)
        assert erase_pools() == 2


def test_the_certificate_is_a_page_and_a_document(institution, secretariat, client):
    factories.make_letters(factories.make_cycle(institution, Stage.INVITING))
    client.force_login(secretariat.user)
    office = f"/en/{institution.slug}/office/"
    warning = client.get(f"{office}cycles/1/desk/1/erase/").text
    assert "stays until June 1, 2027" in warning or "stays until 1 June 2027" in warning
    page = client.post(f"{office}cycles/1/desk/1/erase/", {"confirmed": "yes"}, follow=True).text
    made = Erasure.objects.get()
    assert made.list_sha256 in page
    assert "The person asked for it" in page
    assert f"{office}erasures/{made.public_id}/" in client.get(f"{office}erasures/").text
    assert f"{office}erasures/" in client.get(f"{office}register/").text
    document = client.get(f"{office}erasures/{made.public_id}/certificate.pdf")
    assert document.content.startswith(b"%PDF-")
    again = client.post(f"{office}cycles/1/desk/1/erase/", {"confirmed": "yes"})
    assert again.status_code == 409
    assert "What was kept about this person was erased" in client.get(f"{office}cycles/1/desk/1/").text
