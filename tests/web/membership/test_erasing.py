"""Personal data leave on their date; the journal and the draw verify as before."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.models import Grant, User
from isegoria_web.accounts.services import erase_person
from isegoria_web.journal.enums import Action
from isegoria_web.journal.jobs import sign_and_export
from isegoria_web.journal.models import Entry, Opening
from isegoria_web.journal.services import holds
from isegoria_web.lottery import ceremony
from isegoria_web.lottery.enums import DrawKind
from isegoria_web.lottery.errors import WitnessNeeded
from isegoria_web.membership.erasing import erase_due_people
from isegoria_web.membership.errors import StillSeated
from isegoria_web.membership.jobs import erase_people_whose_day_has_come
from isegoria_web.recruitment.answering import redeem
from isegoria_web.recruitment.errors import CodeWrong
from isegoria_web.recruitment.models import Respondent
from tests.web import acts, factories

pytestmark = pytest.mark.django_db
THROW = "3-1-4-1-5-9-2-6"


@pytest.fixture
def draw(institution):
    """A draw whose dice have just fallen."""
    made = factories.make_draw(factories.make_cycle(institution), DrawKind.PANEL, drawn=False)
    factories.commit(made)
    return made


def write_down(draw, person):
    ceremony.enter_reading(actor=person, source=draw.sources.get(), value=THROW, film="film 1")
    return Entry.objects.filter(action=Action.READING_ENTERED).latest("sequence")


def end_role(user):
    user.grants.update(valid_until=clock.now())


def erase(actor, institution, user):
    with clock.at(factories.NOW + dt.timedelta(minutes=5)):
        return erase_person(actor=actor, institution=institution, user=user)


def test_who_wrote_down_a_draw_is_erased_and_the_exported_journal_still_verifies(
    institution, draw, secretariat, settings, tmp_path
):
    settings.JOURNAL_EXPORT = tmp_path / "journal"
    hers, his = factories.actor(institution, Role.OBSERVER), secretariat
    entry, other = write_down(draw, hers), write_down(draw, his)
    assert (holds(entry), holds(other)) == (True, True)
    factories.fall(draw)
    factories.finish(draw)
    end_role(hers.user)
    sign_and_export()
    folder = settings.JOURNAL_EXPORT / institution.slug
    kept = {file.name: file.read_bytes() for file in folder.glob("*.jsonl")}
    erase(secretariat, institution, hers.user)
    sign_and_export()
    assert (holds(entry), holds(other)) == (False, True)
    assert not Opening.objects.filter(person=hers.user).exists()
    assert not [
        each for each in Opening.objects.all() if str(each.payload.get("person")) == str(hers.user.pk)
    ]
    assert acts.entry(institution, Action.PERSON_ERASED).facts == {"openings": 1}
    assert all((folder / name).read_bytes().startswith(data) for name, data in kept.items())
    done = CliRunner().invoke(app, ["journal", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["ok"]


def test_who_is_behind_a_draw_that_is_not_final_stays_known(institution, draw, secretariat):
    observer = factories.actor(institution, Role.OBSERVER)
    entry = write_down(draw, observer)
    end_role(observer.user)
    with pytest.raises(WitnessNeeded):
        erase(secretariat, institution, observer.user)
    assert holds(entry)
    assert User.objects.get(pk=observer.user.pk).name


def test_a_member_is_erased_after_her_seat_with_answers_address_code_and_salt(institution, secretariat):
    first, second = factories.make_members(factories.make_cycle(institution), 2)
    with pytest.raises(StillSeated):
        erase(secretariat, institution, first.user)
    factories.end_term(first)
    erase(secretariat, institution, first.user)
    told = Respondent.objects.get(pk=first.respondent_id)
    assert (told.name, told.email, told.phone, told.answers, told.needs) == ("", "", "", {}, [])
    assert told.erased_at is not None
    assert told.pool_entry.salt == ""
    with pytest.raises(CodeWrong):
        redeem(code_text=told.invitation.selector, source="test")
    assert Respondent.objects.get(pk=second.respondent_id).name


def test_people_are_erased_eighteen_months_after_their_last_role_or_seat(institution, secretariat):
    observer = factories.make_user(institution, Role.OBSERVER)
    member, sitting = factories.make_members(factories.make_cycle(institution), 2)
    end_role(observer)
    factories.end_term(member)
    ended = clock.now().date()
    assert erase_due_people() == []
    with clock.at(factories.NOW + dt.timedelta(days=548)):  # 1 September 2028 is day 550
        assert erase_people_whose_day_has_come() == 0
    with clock.at(factories.NOW + dt.timedelta(days=550)):
        assert (clock.now().date().year, clock.now().date().month) == (ended.year + 1, 9)
        assert erase_people_whose_day_has_come() == 2
        assert erase_people_whose_day_has_come() == 0
    left = User.objects.filter(erased_at__isnull=True)
    assert {sitting.user, secretariat.user} <= set(left)
    assert not left.filter(pk__in=[observer.pk, member.user_id]).exists()
    assert {each.actor for each in acts.entries(institution, Action.PERSON_ERASED)} == {"system"}


def test_who_holds_another_role_is_kept(institution, elsewhere, secretariat):
    observer = factories.make_user(institution, Role.OBSERVER)
    end_role(observer)
    Grant.objects.create(user=observer, institution=elsewhere, role=Role.EXPERT, valid_from=factories.NOW)
    with clock.at(factories.NOW + dt.timedelta(days=900)):
        assert erase_due_people() == []


def test_the_secretariat_erases_a_person_on_a_page_that_says_what_happens(institution, secretariat, client):
    observer = factories.make_user(institution, Role.OBSERVER)
    observer.grants.update(valid_until=factories.NOW)
    client.force_login(secretariat.user)
    listed = client.get(f"/en/{institution.slug}/office/roles/").content.decode()
    address = f"/en/{institution.slug}/office/roles/people/{observer.public_id}/erase/"
    assert address in listed
    assert observer.email in client.get(address).content.decode()
    assert client.post(address, {"confirmed": "yes"}).status_code == 302
    observer.refresh_from_db()
    assert observer.erased_at is not None
    assert client.get(address).status_code == 404
    assert address not in client.get(f"/en/{institution.slug}/office/roles/").content.decode()
