"""Letters that draw themselves: at their hour, each draw for itself, and without keeping anybody waiting."""

import datetime as dt
import logging
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from isegoria import register
from isegoria_web import clock, scheduler
from isegoria_web.accounts.enums import Role
from isegoria_web.evidence.enums import ChosenBy
from isegoria_web.evidence.models import Speaker
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.moving import advance
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.errors import AlreadyDrawn, SourceInThePast
from isegoria_web.operations.models import JobRun
from isegoria_web.recruitment import algorithms, jobs, services
from isegoria_web.recruitment.errors import LettersDrawnAlready
from isegoria_web.recruitment.models import Campaign, Wave
from isegoria_web.register.errors import ExtractErased
from isegoria_web.register.models import Extract
from isegoria_web.register.services import load_extract
from tests.web import acts, factories
from tests.web.factories import NOW, texts

DUE = NOW + dt.timedelta(hours=2)
JOB = "recruitment.jobs.draw_letters_that_are_known"


@pytest.fixture
def campaigns(institution, elsewhere, tmp_path, settings) -> list[Campaign]:
    """Letters of two institutions that are due at the same time."""
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("test", 90), path)
    made = [announced(each, path) for each in (institution, elsewhere)]
    with clock.at(DUE):
        for campaign in made:
            factories.throw(campaign.draw, "3-1-4")
    return made


def announced(institution, path: Path) -> Campaign:
    actor = factories.actor(institution, Role.SECRETARIAT)
    return services.announce_letters(**cycle_with(institution, actor, path))


def cycle_with(institution, actor, path: Path) -> dict:
    cycle = factories.make_cycle(institution, Stage.MANDATE)
    Cycle.objects.filter(pk=cycle.pk).update(mandate_signed_at=NOW)
    cycle.refresh_from_db()
    factories.make_features(cycle)
    extract = load_extract(
        actor=actor, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip
    return {
        "actor": actor, "cycle": cycle, "extract": extract, "letters": 9, "age_min": 16,
        "reply_by": dt.date(2027, 4, 5), "source": texts("Dice"), "source_due_at": DUE,
    }  # fmt: skip


def status(campaign: Campaign) -> str:
    campaign.draw.refresh_from_db()
    return campaign.draw.status


def test_letters_that_cannot_be_drawn_hold_up_no_others_and_say_why(campaigns, caplog):
    broken, sound = campaigns
    file = Path(broken.extract.file.path)
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    with clock.at(DUE), caplog.at_level(logging.CRITICAL):
        assert scheduler.run_if_due(scheduler.REGISTRY[JOB])
    assert (status(broken), status(sound)) == (DrawStatus.COMMITTED, DrawStatus.DRAWN)
    assert broken.draw.computing_failed
    assert sound.draw.computing_failed == ""
    assert JobRun.objects.get(name=JOB).outcome == "failed"

    file.write_bytes(content)
    with clock.at(DUE + dt.timedelta(minutes=2)):
        assert scheduler.run_if_due(scheduler.REGISTRY[JOB])
    assert (status(broken), broken.draw.computing_failed) == (DrawStatus.DRAWN, "")
    assert JobRun.objects.get(name=JOB).outcome == "done"


def test_nothing_that_is_opened_after_the_announcement_holds_a_draw_back(campaigns):
    """Whoever has seen the dice could else open a question of interests, and settle it only if she likes the result."""
    announced, _other = campaigns
    silent = {"cycle": announced.cycle, "name": "A. Silent", "role": texts("Expert"), "declared_at": NOW}
    Speaker.objects.create(**silent, chosen_by=ChosenBy.SECRETARIAT, interests={})
    secretariat = factories.actor(announced.cycle.institution, Role.SECRETARIAT)
    with acts.lacking("conflicts.settled", "letters.drawn"):
        advance(actor=secretariat, cycle=announced.cycle, to=Stage.INVITING)
    with clock.at(DUE):
        drawn = services.draw_letters(actor=secretariat, campaign=announced)
    announced.cycle.refresh_from_db()
    assert (status(drawn), announced.cycle.stage) == (DrawStatus.DRAWN, Stage.INVITING)


def test_a_reason_nobody_foresaw_is_noted_and_raised_after_the_others_had_their_turn(
    campaigns, monkeypatch
):
    draw = algorithms.draw

    def failing(commitment, campaign, extract):
        if campaign.pk == campaigns[0].pk:
            raise OSError("no space left")
        return draw(commitment, campaign, extract)

    monkeypatch.setattr(algorithms, "draw", failing)
    with clock.at(DUE), pytest.raises(ExceptionGroup) as raised:
        jobs.draw_letters_that_are_known()
    assert [type(each) for each in raised.value.exceptions] == [OSError]
    assert [status(each) for each in campaigns] == [DrawStatus.COMMITTED, DrawStatus.DRAWN]
    assert "no space left" not in campaigns[0].draw.computing_failed, "the log has that, not the page"


def test_nobody_who_writes_waits_while_letters_are_computed(campaigns, monkeypatch):
    depths, here = [], len(connection.atomic_blocks)  # a test has a transaction of its own around it
    for name in ("draw", "receipts"):
        act = getattr(algorithms, name)
        monkeypatch.setattr(
            algorithms,
            name,
            lambda *given, act=act: depths.append(len(connection.atomic_blocks)) or act(*given),
        )
    with clock.at(DUE):
        assert jobs.draw_letters_that_are_known() == len(campaigns)
    assert depths == [here] * 4


@pytest.fixture
def asked(institution, tmp_path, settings):
    """What letters of a new cycle are announced with."""
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "register.csv"
    register.write(register.synthesize("test", 90), path)
    actor = factories.actor(institution, Role.SECRETARIAT)
    return cycle_with(institution, actor, path)


@pytest.mark.parametrize(
    ("meanwhile", "error"),
    [
        ("announced", LettersDrawnAlready),
        ("erased", ExtractErased),
        ("known", SourceInThePast),
        (None, None),
    ],
)
def test_letters_are_announced_outside_a_transaction_and_only_if_nothing_moved(
    asked, monkeypatch, meanwhile, error
):
    fixed, depths, here = algorithms.fixed, [], len(connection.atomic_blocks)

    def computed(campaign, found, course):
        depths.append(len(connection.atomic_blocks))
        monkeypatch.setattr(algorithms, "fixed", fixed)
        if meanwhile == "announced":
            services.announce_letters(**asked)
        if meanwhile == "erased":
            Extract.objects.filter(pk=asked["extract"].pk).update(erased_at=NOW)
        if meanwhile == "known":
            stack.enter_context(clock.at(DUE))
        return fixed(campaign, found, course)

    monkeypatch.setattr(algorithms, "fixed", computed)
    with ExitStack() as stack:
        if error is None:
            services.announce_letters(**asked)
        else:
            with pytest.raises(error):
                services.announce_letters(**asked)
    assert depths == [here]
    assert Campaign.objects.filter(cycle=asked["cycle"]).count() == (meanwhile in {None, "announced"})


def test_of_two_workers_that_computed_the_same_letters_one_writes_them(campaigns, monkeypatch):
    """The other is interrupted between computing and writing."""
    campaign, receipts = campaigns[0], algorithms.receipts
    actor = factories.actor(campaign.cycle.institution, Role.SECRETARIAT)

    def overtaken(*given):
        monkeypatch.setattr(algorithms, "receipts", receipts)
        services.draw_letters(actor=actor, campaign=campaign)
        return receipts(*given)

    monkeypatch.setattr(algorithms, "receipts", overtaken)
    with clock.at(DUE), pytest.raises(AlreadyDrawn):
        services.draw_letters(actor=actor, campaign=campaign)
    assert Wave.objects.filter(campaign=campaign).count() == 1
    assert campaign.invitations.count() == 9


def test_whose_language_nobody_writes_gets_the_first_of_the_institution(campaigns, monkeypatch):
    draw = algorithms.draw

    def in_an_unknown_one(*given):
        rows, document = draw(*given)
        return [row | {"language": "pt"} for row in rows], document

    monkeypatch.setattr(algorithms, "draw", in_an_unknown_one)
    with clock.at(DUE):
        jobs.draw_letters_that_are_known()
    assert {each.language for each in campaigns[0].invitations.all()} == {"de"}


def test_without_its_register_a_draw_is_refused(campaigns):
    campaign = campaigns[0]
    type(campaign.extract).objects.filter(pk=campaign.extract_id).update(erased_at=NOW)
    actor = factories.actor(campaign.cycle.institution, Role.SECRETARIAT)
    with clock.at(DUE), pytest.raises(ExtractErased):
        services.draw_letters(actor=actor, campaign=campaign)
    assert status(campaign) == DrawStatus.COMMITTED
