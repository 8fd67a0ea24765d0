"""Letters drawn again: only after an annulment, by two people and in public; the first ones stay to be read."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Milestone
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import ceremony
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.recruitment import answering, batches, services
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import LettersAnnulled, LettersDrawnAlready, PanelDrawStands
from isegoria_web.recruitment.models import Campaign, Invitation
from tests.web import acts, factories
from tests.web.factories import NOW, texts
from tests.web.lottery.test_attacks import refused_by_the_database

pytestmark = pytest.mark.django_db

DUE = NOW + dt.timedelta(hours=2)
AFTER = DUE + dt.timedelta(minutes=1)
LATER = NOW + dt.timedelta(days=1)
ANSWERS = {"sex": "F", "age": "35-64"}


@pytest.fixture
def drawn(secretariat, cycle, extract) -> Campaign:
    return drawn_at(secretariat, announce(secretariat, cycle, extract), AFTER)


@pytest.fixture
def annulled(drawn) -> Campaign:
    with clock.at(AFTER):
        factories.annul(drawn.draw)
    return drawn


def announce(actor, cycle, extract, due=DUE):
    return services.announce_letters(
        actor=actor, cycle=cycle, extract=extract, letters=9, age_min=16, reply_by=dt.date(2027, 4, 5),
        source=texts("Dice"), source_due_at=due,
    )  # fmt: skip


def again(actor, campaign):
    with clock.at(LATER):
        return announce(actor, campaign.cycle, campaign.extract, LATER + dt.timedelta(hours=2))


def drawn_at(actor, campaign, moment):
    with clock.at(moment):
        factories.throw(campaign.draw, "3-1-4")
        return services.draw_letters(actor=actor, campaign=campaign)


def page_of(campaign):
    cycle = campaign.cycle
    address = reverse("public:draw", args=[cycle.institution.slug, cycle.number, campaign.draw.number])
    return Client().get(address).content.decode()


def test_letters_are_drawn_once_while_their_draw_counts(secretariat, drawn):
    with pytest.raises(LettersDrawnAlready):
        again(secretariat, drawn)
    assert Campaign.objects.count() == 1


def test_after_an_annulment_letters_are_drawn_again_and_the_first_stay_public(
    institution, secretariat, annulled
):
    second = again(secretariat, annulled)
    assert (second.draw.number, second.secret == annulled.secret) == (2, False)
    drawn_at(secretariat, second, LATER + dt.timedelta(hours=3))
    assert second.invitations.count() == annulled.invitations.count() == 9
    assert Campaign.objects.current().get() == second
    first, later = acts.entries(institution, Action.LETTERS_ANNOUNCED)
    assert "after_annulled_draw" not in first.facts
    assert later.facts["after_annulled_draw"] == annulled.draw.number
    page = page_of(annulled)
    assert "This draw was annulled." in page
    assert "Draw 2 took its place" in page
    assert annulled.draw.record.document["hash"] in page
    with pytest.raises(LettersDrawnAlready):
        again(secretariat, second)


def test_nobody_but_the_secretariat_announces_letters_again(institution, annulled):
    with clock.at(LATER):
        acts.only(
            institution,
            Role.SECRETARIAT,
            act=lambda actor: announce(
                actor, annulled.cycle, annulled.extract, LATER + dt.timedelta(hours=2)
            ),
        )


def test_an_annulled_letter_is_neither_printed_nor_answered_nor_counted(secretariat, annulled):
    with pytest.raises(LettersAnnulled):
        batches.print_letters(actor=secretariat, campaign=annulled)
    letter = annulled.invitations.first()
    Invitation.objects.filter(pk=letter.pk).update(status=InvitationStatus.SENT)
    with pytest.raises(LettersAnnulled):
        answering.accept(
            actor=Actor.citizen(letter.selector), invitation=letter, name="Anna Schmitz",
            email="anna@example.org", phone="", language="de", answers=ANSWERS, needs=[], consent=True,
        )  # fmt: skip
    with pytest.raises(LettersAnnulled):
        services.close_pool(actor=secretariat, campaign=annulled, source=texts("Dice"), source_due_at=DUE)


def test_printed_letters_of_an_annulled_draw_leave_the_disk(
    secretariat, drawn, settings, django_capture_on_commit_callbacks
):
    batches.print_letters(actor=secretariat, campaign=drawn)
    assert list(settings.MEDIA_ROOT.glob("letters/*/*.*"))
    with clock.at(AFTER):
        factories.annul(drawn.draw)
    with django_capture_on_commit_callbacks(execute=True):
        again(secretariat, drawn)
    assert not list(settings.MEDIA_ROOT.glob("letters/*/*.*"))


# -- after the annulment of a panel ---------------------------------------------------------------------


@pytest.fixture
def closed(secretariat, cycle):
    """Letters whose draw is final, with a panel draw that was announced from the answers."""
    factories.make_respondents(cycle, 18)
    campaign = Campaign.objects.get()
    assert campaign.draw.status == DrawStatus.FINAL
    panel = services.close_pool(
        actor=secretariat, campaign=campaign, source=texts("Dice"), source_due_at=DUE
    )
    campaign.refresh_from_db()
    return campaign, panel


def test_while_a_panel_counts_no_letters_are_drawn(secretariat, closed, extract):
    with pytest.raises(PanelDrawStands):
        announce(secretariat, closed[0].cycle, extract)


def test_after_the_annulment_of_the_panel_letters_are_drawn_again(
    institution, secretariat, closed, extract
):
    first, panel = closed
    factories.annul(panel)
    second = announce(secretariat, first.cycle, extract)
    assert second.draw.number == 3
    assert Campaign.objects.current().get() == second
    first.draw.refresh_from_db()
    assert first.draw.status == DrawStatus.FINAL, "what was final stays so, and is followed"
    cycle = first.cycle
    cycle.refresh_from_db()
    assert cycle.stage == Stage.INVITING
    assert Milestone.objects.get(cycle=cycle, stage=Stage.DRAWING).reached_at is None
    stages = acts.entries(institution, Action.STAGE_REACHED)
    assert stages[-1].facts == {"cycle": cycle.number, "stage": "inviting", "again": True}
    assert "These letters count no more." in page_of(first)
    with pytest.raises(LettersAnnulled):
        services.close_pool(actor=secretariat, campaign=first, source=texts("Dice"), source_due_at=DUE)
    with pytest.raises(LettersDrawnAlready):
        announce(secretariat, cycle, extract)


def test_the_same_people_can_still_be_frozen_again_instead(secretariat, closed):
    first, panel = closed
    factories.annul(panel)
    again_ = services.close_pool(actor=secretariat, campaign=first, source=texts("Dice"), source_due_at=DUE)
    assert again_.pool.size == 18


def test_the_database_refuses_second_letters_without_an_annulment(drawn):
    copied = (
        "size, alternates, source, source_due_at, announced_at, computing_failed, publish_by, "
        "annulled_reason, challenge_days, challenge_rule, disclosure, disclosure_rule"
    )
    insert = (
        f"INSERT INTO lottery_draw (public_id, cycle_id, kind, number, status, source_value, {copied}) "
        f"SELECT %s, cycle_id, 'letters', 9, 'announced', '', {copied} FROM lottery_draw WHERE number = 1"
    )
    refused_by_the_database(insert, "0" * 32)
    with clock.at(AFTER):
        annulment = ceremony.propose_annulment(
            actor=factories.actor(drawn.cycle.institution, Role.SECRETARIAT),
            draw=drawn.draw,
            reason=texts("Mistake"),
        )
    refused_by_the_database(insert, "0" * 32)
    assert annulment.confirmed_at is None
