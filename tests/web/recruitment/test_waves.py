from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from isegoria import register
from isegoria.proof import verify, verify_published, verify_receipt
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import export_lines
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    LettersAnnulled,
    LettersNotDrawn,
    NobodyLeft,
    NotAhead,
    ReasonMissing,
    WaveEmpty,
    WaveNotPrinted,
)
from isegoria_web.recruitment.models import Campaign, Wave
from isegoria_web.recruitment.waves import draw_wave, left_of, published
from isegoria_web.register.algorithms import pseudonym
from isegoria_web.register.errors import ExtractChanged, ExtractErased
from isegoria_web.register.services import erase_extract
from tests.web import acts, factories
from tests.web.factories import NOW
from tests.web.recruitment.test_second_letters import AFTER, announce, drawn_at

pytestmark = pytest.mark.django_db

MONTH_AFTER = AFTER + dt.timedelta(days=30)
REPLY_BY = dt.date(2027, 5, 1)
REASON = {"en": "Fewer people said yes than the quotas need.", "fr": "Trop peu de oui."}


@pytest.fixture
def drawn(secretariat, cycle, extract) -> Campaign:
    return drawn_at(secretariat, announce(secretariat, cycle, extract), AFTER)


@pytest.fixture
def sent(drawn):
    """The first wave is in the post, and a month has passed."""
    post(drawn)
    with clock.at(MONTH_AFTER):
        yield drawn


def post(campaign):
    """Everything that was drawn is in the post."""
    campaign.invitations.filter(status=InvitationStatus.CREATED).update(status=InvitationStatus.SENT)


def more(actor, campaign, letters=12, **changed):
    given = {"letters": letters, "reply_by": REPLY_BY, "reason": REASON} | changed
    return draw_wave(actor=actor, campaign=campaign, **given)


def test_a_further_wave_goes_on_where_the_first_ended(secretariat, sent):
    first = set(sent.invitations.values_list("resident", flat=True))
    wave = more(secretariat, sent)
    assert (wave.number, wave.letters, wave.reply_by, wave.reason) == (2, 12, REPLY_BY, REASON)
    later = sent.invitations.filter(wave=2)
    assert list(later.values_list("position", flat=True)) == list(range(10, 22))
    assert not first & set(later.values_list("resident", flat=True)), "nobody gets a second letter"
    assert set(later.values_list("status", flat=True)) == {InvitationStatus.CREATED}


def test_the_waves_are_those_of_the_library_in_plain_python(institution, secretariat, sent, extract):
    more(secretariat, sent, 12)
    drawn = register.draw_letters(
        register.read(Path(extract.file.path)), bytes.fromhex(sent.draw.record.document["seed"]), [9, 12],
        on=sent.reply_by, age_min=16, stratify_by="municipality_name", secret=bytes.fromhex(sent.secret),
    )  # fmt: skip
    expected = [pseudonym(institution.pk, row["id"]) for row in drawn.rows]
    assert list(sent.invitations.values_list("resident__pseudonym", flat=True)) == expected


def test_the_public_record_with_its_waves_verifies_and_the_one_before_stands_in_it(secretariat, sent):
    before = published(sent.draw)
    own = [each.receipt for each in sent.invitations.all()]
    more(secretariat, sent, 12)
    post(sent)
    more(secretariat, sent, 3)
    document = json.loads(json.dumps(published(sent.draw)))
    assert verify(document, published=before["commitment"]).ok
    assert document["record"] == before
    assert [wave["letters"] for wave in document["waves"]] == [12, 3]
    for told in own:
        assert verify_receipt(before, told["receipt"]).ok
        assert "wave 1" in verify_receipt(document, told["receipt"]).steps[-1].detail
    for number, count in ((2, 12), (3, 3)):
        found = sent.invitations.filter(wave=number)
        assert found.count() == count
        for letter in found:
            checked = verify_receipt(document, letter.receipt["receipt"])
            assert checked.ok
            assert f"wave {number}" in checked.steps[-1].detail
    journal = list(export_lines(sent.cycle.institution.chain))
    assert [step.name for step in verify_published(document, journal) if not step.ok] == []
    assert not all(
        step.ok for step in verify_published(document | {"waves": document["waves"][:1]}, journal)
    )


def test_the_draw_of_a_wave_is_in_the_journal(institution, secretariat, sent):
    wave = more(secretariat, sent)
    facts = acts.entry(institution, Action.WAVE_DRAWN).facts
    assert facts == {
        "wave": 2, "letters": 12, "letters_so_far": 21, "reply_by": "2027-05-01", "reason": REASON,
        "wave_hash": wave.document["hash"],
        "rules": {"reply_by": "silent: draw.reply_days, ostbelgien 1"},
    }  # fmt: skip


def test_only_the_secretariat_draws_a_wave(institution, sent):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: more(actor, sent))


def test_a_wave_is_drawn_once_and_the_next_waits_for_it_to_be_printed(secretariat, sent):
    more(secretariat, sent)
    with pytest.raises(WaveNotPrinted):
        more(secretariat, sent)
    assert sent.waves.count() == 2


@pytest.mark.parametrize(
    ("error", "changed"),
    [
        (WaveEmpty, {"letters": 0}),
        (NobodyLeft, {"letters": 1000}),
        (NotAhead, {"reply_by": MONTH_AFTER.date()}),
        (ReasonMissing, {"reason": {"en": "  "}}),
    ],
)
def test_a_wave_that_cannot_be_is_refused_and_changes_nothing(secretariat, sent, error, changed):
    with pytest.raises(error):
        more(secretariat, sent, **changed)
    assert Wave.objects.count() == 1
    assert sent.invitations.count() == 9


def test_everybody_who_is_left_can_get_a_letter(secretariat, sent):
    left = left_of(sent)
    more(secretariat, sent, left)
    assert left_of(sent) == 0
    post(sent)
    with pytest.raises(NobodyLeft):
        more(secretariat, sent, 1)


def test_no_wave_before_the_draw_of_the_first(secretariat, cycle, extract):
    campaign = announce(secretariat, cycle, extract)
    with pytest.raises(LettersNotDrawn):
        more(secretariat, campaign)


def test_no_wave_after_the_pool_closed(secretariat, sent):
    Campaign.objects.update(closed_at=NOW)
    with pytest.raises(CampaignClosed):
        more(secretariat, sent)


def test_no_wave_once_the_extract_is_erased(secretariat, sent, extract):
    erase_extract(actor=secretariat, extract=extract)
    with pytest.raises(ExtractErased):
        more(secretariat, sent)
    assert verify(published(sent.draw)).ok


def test_no_wave_of_letters_that_were_annulled(secretariat, sent):
    factories.annul(sent.draw)
    with pytest.raises(LettersAnnulled):
        more(secretariat, sent)


def test_no_wave_from_a_register_that_does_not_give_the_published_ones(secretariat, sent):
    Campaign.objects.update(secret="00" * 32)
    with pytest.raises(ExtractChanged):
        more(secretariat, sent)


def test_answers_are_taken_until_the_last_wave_asks_for_them(secretariat, sent):
    assert sent.answers_until == sent.reply_by
    more(secretariat, sent)
    assert Campaign.objects.get(pk=sent.pk).answers_until == REPLY_BY
