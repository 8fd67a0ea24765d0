"""The ceremony: each verb allowed, refused, twice, and in the journal."""

import datetime as dt
import json
import urllib.request

import pytest
from django.core.exceptions import ValidationError

from isegoria import proof
from isegoria.errors import BadInput, Infeasible
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Opening
from isegoria_web.lottery import algorithms, ceremony, jobs, services
from isegoria_web.lottery.algorithms import SourcePlan
from isegoria_web.lottery.enums import DrawKind, DrawStatus, ObjectionStatus, SourceKind
from isegoria_web.lottery.errors import (
    AlreadyDrawn,
    AnnulmentClosed,
    AnnulmentOpen,
    DrawIsFinal,
    FilmMissing,
    NoObjectionsNow,
    NotCommitted,
    ObjectionAnswered,
    ObjectionEmpty,
    PartyExcluded,
    PartyUnknown,
    RandomnessMissing,
    RevealTooLate,
    SignatureNotChecked,
    SourceInThePast,
    SourceKnown,
    TooEarly,
    TooManyObjections,
    TwoPersonsNeeded,
    WrongKindOfSource,
)
from isegoria_web.lottery.models import Draw, PoolEntry, RandomSource, Reading, Selection
from tests.web import acts, factories
from tests.web.factories import NOW, texts
from tests.web.lottery.draws import AFTER, DUE, PEOPLE, THROW, announce

pytestmark = pytest.mark.django_db

ROUND_SIGNED = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
"""quicknet, round 657413, as published by the beacon."""
ROUND_AT = dt.datetime.fromtimestamp(1_692_803_367 + 3 * (657_413 - 1), dt.UTC)


@pytest.fixture
def draw(committed):
    """Committed, with dice to be thrown in three hours."""
    return committed


@pytest.fixture
def observer(institution):
    return factories.actor(institution, Role.OBSERVER)


def read(actor, draw, value=THROW, film="film 1", **more):
    return ceremony.enter_reading(actor=actor, source=draw.sources.first(), value=value, film=film, **more)


# -- dice and balls ----------------------------------------------------------------------------------------


def test_two_persons_who_write_the_same_make_the_value(institution, draw, secretariat, observer):
    with clock.at(AFTER):
        assert read(secretariat, draw).value == ""
        source = read(observer, draw, f" {THROW} ", "film 2", notary="Me Example")
    assert (source.value, source.obtained_at) == (THROW, AFTER)
    assert [each["by"] for each in source.proof["typed"]] == ["secretariat 1", "observer 2"]
    assert (source.proof["film"], source.proof["notary"]) == ("film 1 / film 2", "Me Example")
    known = acts.entry(institution, Action.RANDOMNESS_KNOWN)
    assert known.facts == {"source": "dice:8x10:ostbelgien-1-1", "value": THROW}


def test_each_reading_is_in_the_journal_without_its_value(institution, draw, secretariat, observer):
    with clock.at(AFTER):
        read(secretariat, draw)
        read(observer, draw)
    first, second = acts.entries(institution, Action.READING_ENTERED)
    assert (first.actor, first.facts) == (
        "secretariat",
        {"source": "dice:8x10:ostbelgien-1-1", "persons": 1, "agree": False},
    )
    assert (second.actor, second.facts["agree"]) == ("observer", True)
    assert Opening.objects.get(entry=first).payload["value"] == THROW


def test_two_who_differ_decide_nothing_until_they_agree_and_all_of_it_is_kept(draw, secretariat, observer):
    with clock.at(AFTER):
        read(secretariat, draw)
        assert read(observer, draw, "3-1-4-1-5-9-2-7").value == ""
        with pytest.raises(RandomnessMissing):
            services.draw_panel(actor=secretariat, draw=draw)
        assert read(observer, draw).value == THROW
    kept = [(each.value, each.replaced_at is None) for each in Reading.objects.order_by("pk")]
    assert kept == [(THROW, True), ("3-1-4-1-5-9-2-7", False), (THROW, True)]


def test_one_person_who_writes_twice_is_one_person(draw, secretariat):
    with clock.at(AFTER):
        read(secretariat, draw)
        assert read(secretariat, draw).value == ""


def test_nobody_writes_down_what_has_not_happened(cycle, draw, secretariat):
    with clock.at(DUE - dt.timedelta(seconds=1)), pytest.raises(TooEarly):
        read(secretariat, draw)


def test_nobody_writes_down_before_the_commitment(cycle, secretariat):
    draw = announce(secretariat, cycle)
    with clock.at(AFTER), pytest.raises(NotCommitted):
        read(secretariat, draw)


def test_what_is_known_stays_as_it_is(draw, secretariat, observer):
    with clock.at(AFTER):
        read(secretariat, draw)
        read(observer, draw)
        with pytest.raises(SourceKnown):
            read(secretariat, draw, "9-9-9-9-9-9-9-9")
        services.draw_panel(actor=secretariat, draw=draw)
        with pytest.raises(AlreadyDrawn):
            read(secretariat, draw)


@pytest.mark.parametrize(
    "value", ["", "3-1-4", "3-1-4-1-5-9-2-10", "three", "3-1-4-1-5-9-2-6-5", "03-1-4-1-5-9-2-6"]
)
def test_dice_cannot_show_everything(draw, secretariat, value):
    with clock.at(AFTER), pytest.raises(BadInput):
        read(secretariat, draw, value)
    assert not Reading.objects.exists()


def test_a_reading_without_a_film_is_refused(draw, secretariat):
    with clock.at(AFTER), pytest.raises(FilmMissing):
        read(secretariat, draw, film=" ")


def test_only_the_secretariat_and_observers_write_down(institution, draw):
    with clock.at(AFTER):
        acts.only(
            institution, Role.SECRETARIAT, Role.OBSERVER, act=lambda actor: read(actor, draw),
            also_refused=(Actor.system(), Actor.citizen("ABCDEF")),
        )  # fmt: skip


def test_balls_are_drawn_without_putting_back(cycle, secretariat, observer):
    draw = announce(secretariat, cycle, SourcePlan(SourceKind.BALLS, DUE, 6, 49))
    services.commit_lottery(actor=secretariat, draw=draw)
    with clock.at(AFTER):
        with pytest.raises(BadInput):
            read(secretariat, draw, "1-1-2-3-4-5")
        read(secretariat, draw, "17-3-44-9-12-31")
        read(observer, draw, "17-3-44-9-12-31")
        done = services.draw_panel(actor=secretariat, draw=draw)
    assert verify(done.record.document, published=done.record.commitment_sha256).ok


ALONE = (("council", "0" * 64), ("press", "1" * 64))


@pytest.mark.parametrize(
    "plans",
    [
        [SourcePlan(SourceKind.DICE, DUE, 3, 10)],  # a thousand outcomes can be tried out
        [SourcePlan(SourceKind.BALLS, DUE, 2, 49)],
        [SourcePlan(SourceKind.DICE, DUE, 8, 7)],  # no such dice
        [SourcePlan(SourceKind.REVEAL, DUE, parties=ALONE)],  # the last to reveal could choose
        [SourcePlan(SourceKind.DICE, NOW, 8, 10), SourcePlan(SourceKind.BEACON, DUE)],  # has happened
    ],
)
def test_sources_that_leave_somebody_a_choice_are_not_announced(cycle, secretariat, plans):
    with pytest.raises(BadInput):
        announce(secretariat, cycle, *plans)
    assert not Draw.objects.exists()


def test_a_text_of_somebodys_own_is_never_announced():
    text = proof.Source(proof.text_source("seed"), None, "No panel is drawn.")
    with pytest.raises(BadInput) as refused:
        algorithms.check_sources([text], NOW)
    assert refused.value.code == "source_wrong"
    assert not {kind for kind in SourceKind if kind.value.startswith("text")}


def test_the_moment_that_is_announced_is_the_one_that_decides(cycle, secretariat):
    with pytest.raises(SourceInThePast):
        announce(secretariat, cycle, SourcePlan(SourceKind.DICE, DUE - dt.timedelta(hours=1), 8, 10))


# -- beacon --------------------------------------------------------------------------------------------------


@pytest.fixture
def beacon(institution, secretariat):
    """A committed draw that the beacon's round 657413 decides; and the clock at its commitment."""
    with clock.at(ROUND_AT - dt.timedelta(hours=2)):
        cycle = factories.make_cycle(institution, Stage.INVITING)
        factories.make_features(cycle)
        services.propose_quotas(actor=secretariat, cycle=cycle)
        plan = SourcePlan(SourceKind.BEACON, ROUND_AT)
        draw = announce(secretariat, cycle, plan, due=ROUND_AT)
        services.commit_lottery(actor=secretariat, draw=draw)
    return draw


def bring(actor, draw, signature=ROUND_SIGNED):
    return ceremony.enter_beacon(actor=actor, source=draw.sources.get(kind="drand"), signature=signature)


def test_a_signature_proves_itself_and_the_record_verifies(institution, beacon, observer, secretariat):
    assert beacon.sources.get().name == "drand:quicknet:657413"
    with clock.at(ROUND_AT + dt.timedelta(seconds=3)):
        source = bring(observer, beacon, f" {ROUND_SIGNED.upper()} ")
        assert source.value == "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"
        done = services.draw_panel(actor=secretariat, draw=beacon)
        with pytest.raises(AlreadyDrawn):
            bring(observer, beacon)
    assert verify(done.record.document, published=done.record.commitment_sha256).ok
    assert acts.entry(institution, Action.RANDOMNESS_KNOWN).facts["value"] == source.value


@pytest.mark.parametrize(
    "signature", ["", "00", "0" * 96, ROUND_SIGNED[:-1] + "a", ROUND_SIGNED[2:] + "b7"]
)
def test_a_forged_signature_is_refused(beacon, observer, signature):
    with clock.at(ROUND_AT + dt.timedelta(seconds=3)), pytest.raises(BadInput):
        bring(observer, beacon, signature)
    assert not RandomSource.objects.exclude(value="").exists()


def test_a_round_of_another_moment_is_refused(institution, secretariat, observer, beacon):
    """The signature is true, but of an old round: it was known when this draw was announced."""
    other = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(other)
    later = ROUND_AT + dt.timedelta(days=1)
    with clock.at(ROUND_AT + dt.timedelta(hours=1)):
        services.propose_quotas(actor=secretariat, cycle=other)
        second = announce(secretariat, other, SourcePlan(SourceKind.BEACON, later), due=later)
        services.commit_lottery(actor=secretariat, draw=second)
    with clock.at(later + dt.timedelta(seconds=3)), pytest.raises(BadInput):
        bring(observer, second)


def test_no_signature_is_taken_before_its_round(beacon, observer):
    with clock.at(ROUND_AT - dt.timedelta(seconds=1)), pytest.raises(TooEarly):
        bring(observer, beacon)


def test_dice_take_no_signature_and_a_beacon_no_reading(draw, beacon, observer):
    with clock.at(AFTER):
        with pytest.raises(WrongKindOfSource):
            ceremony.enter_beacon(actor=observer, source=draw.sources.get(), signature=ROUND_SIGNED)
        with pytest.raises(WrongKindOfSource):
            read(observer, beacon)
        with pytest.raises(WrongKindOfSource):
            ceremony.close_reveals(actor=observer, source=draw.sources.get())
        with pytest.raises(WrongKindOfSource):
            ceremony.enter_reveal(actor=observer, source=draw.sources.get(), party="x", secret="0" * 64)


def test_nobody_else_brings_a_signature(institution, beacon):
    with clock.at(ROUND_AT + dt.timedelta(seconds=3)):
        acts.only(institution, Role.SECRETARIAT, Role.OBSERVER, act=lambda actor: bring(actor, beacon))


def test_a_server_that_cannot_check_a_signature_takes_none(beacon, observer, monkeypatch):
    def unable(*_arguments):
        raise algorithms.NotChecked

    monkeypatch.setattr(algorithms, "signature_fault", unable)
    with clock.at(ROUND_AT + dt.timedelta(seconds=3)), pytest.raises(SignatureNotChecked):
        bring(observer, beacon)


def test_rounds_are_fetched_only_where_a_relay_is_named_and_checked_like_any_other(
    beacon, settings, monkeypatch
):
    asked = []

    class Answer:
        def __init__(self, body):
            self.body = body

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return False

        def read(self, _most):
            return self.body

    def relay(address, timeout):
        asked.append(address)
        return Answer(json.dumps({"round": 657413, "signature": said}).encode())

    monkeypatch.setattr(jobs, "urlopen", relay)
    with clock.at(ROUND_AT + dt.timedelta(seconds=3)):
        assert jobs.fetch_beacons() == 0
        assert asked == []
        settings.BEACON_URL = "https://relay.example"
        said = "0" * 96
        with pytest.raises(BadInput):
            jobs.fetch_beacons()
        said = ROUND_SIGNED
        assert jobs.fetch_beacons() == 1
        assert jobs.fetch_beacons() == 0
    chain = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
    assert asked[-1] == f"https://relay.example/{chain}/public/657413"
    settings.BEACON_URL = "file:///etc/passwd"
    with pytest.raises(ValueError, match="no http address"):
        jobs._fetch("file:///etc/passwd")
    assert urllib.request.urlopen is not relay


# -- commit and reveal --------------------------------------------------------------------------------------

SECRETS = {"council": b"\x01" * 32, "opposition": b"\x02" * 32, "press": b"\x03" * 32}


@pytest.fixture
def parties(cycle, secretariat):
    """Three parties, to reveal an hour before the dice."""
    name = "ostbelgien-1-1"
    bound = tuple(
        (party, proof.reveal_commitment(proof.reveal_source(name), party, secret))
        for party, secret in SECRETS.items()
    )
    plans = (
        SourcePlan(SourceKind.REVEAL, DUE - dt.timedelta(hours=1), parties=bound),
        SourcePlan(SourceKind.DICE, DUE, 8, 10),
    )
    draw = announce(secretariat, cycle, *plans)
    services.commit_lottery(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    return draw


def reveal(actor, draw, party, secret=None):
    return ceremony.enter_reveal(
        actor=actor, source=draw.sources.get(kind="reveal"), party=party,
        secret=(secret or SECRETS[party]).hex() if isinstance(secret, bytes | None) else secret,
    )  # fmt: skip


def test_a_withheld_secret_counts_as_empty_is_named_and_changes_nothing_else(
    institution, parties, secretariat, observer
):
    reveal(observer, parties, "council")
    reveal(observer, parties, "press")
    with clock.at(DUE - dt.timedelta(minutes=59)):
        with pytest.raises(RevealTooLate):
            reveal(observer, parties, "opposition")
        assert jobs.close_the_reveals() == 1
        assert jobs.close_the_reveals() == 0
    known = acts.entry(institution, Action.RANDOMNESS_KNOWN)
    assert known.facts["withheld"] == ["opposition"]
    source = parties.sources.get(kind="reveal")
    assert [each["secret"] is None for each in source.proof["reveals"]] == [False, True, False]
    with clock.at(AFTER):
        factories.throw(parties, THROW)
        done = services.draw_panel(actor=secretariat, draw=parties)
    assert verify(done.record.document, published=done.record.commitment_sha256).ok


def test_a_secret_is_the_bound_one_of_an_announced_party_and_revealed_once(institution, parties, observer):
    with pytest.raises(BadInput):
        reveal(observer, parties, "council", b"\x09" * 32)
    with pytest.raises(PartyUnknown):
        reveal(observer, parties, "mayor", b"\x09" * 32)
    reveal(observer, parties, "council")
    with pytest.raises(SourceKnown):
        reveal(observer, parties, "council")
    assert acts.entry(institution, Action.PARTY_REVEALED).facts["party"] == "council"


def test_nobody_reveals_before_the_lottery_is_committed(cycle, secretariat, observer):
    bound = tuple((party, f"{number}" * 64) for number, party in enumerate(SECRETS))
    plans = (
        SourcePlan(SourceKind.REVEAL, DUE - dt.timedelta(hours=1), parties=bound),
        SourcePlan(SourceKind.DICE, DUE, 8, 10),
    )
    draw = announce(secretariat, cycle, *plans)
    with pytest.raises(NotCommitted):
        reveal(observer, draw, "council")


def test_the_reveals_are_not_closed_before_their_moment(parties, observer):
    with pytest.raises(TooEarly):
        ceremony.close_reveals(actor=observer, source=parties.sources.get(kind="reveal"))


def test_nobody_else_reveals_or_closes(institution, parties):
    source = parties.sources.get(kind="reveal")
    acts.only(
        institution, Role.SECRETARIAT, Role.OBSERVER, act=lambda actor: reveal(actor, parties, "council")
    )
    with clock.at(DUE):
        acts.only(
            factories.make_institution("third"),
            act=lambda actor: ceremony.close_reveals(actor=actor, source=source),
        )


def test_the_promises_of_the_parties_are_in_the_journal_before_the_draw(institution, parties):
    entry = acts.entry(institution, Action.PARTIES_BOUND)
    source = parties.sources.get(kind="reveal")
    assert entry.facts == {
        "source": source.name,
        "promises": [f"{each['party']}: {each['commitment']}" for each in source.parties],
    }
    assert entry.sequence < acts.entry(institution, Action.LOTTERY_COMMITTED).sequence


def page_of(draw, name=""):
    return f"/en/ostbelgien/cycles/1/draws/{draw.number}/{name}"


def test_whoever_holds_a_secret_reveals_it_in_public_without_an_account(institution, parties, client):
    sent = {"party": "press", "secret": f" {SECRETS['press'].hex().upper()} "}
    assert client.post(page_of(parties, "reveal/"), sent).status_code == 302
    entry = acts.entry(institution, Action.PARTY_REVEALED)
    assert (entry.actor, entry.facts["party"], entry.facts["secret"]) == (
        "citizen",
        "press",
        SECRETS["press"].hex(),
    )
    shown = client.get(page_of(parties)).content.decode()
    assert SECRETS["press"].hex() in shown
    assert client.get(page_of(parties, "live.json")).json()["sources"][0]["revealed"] == ["press"]
    assert client.post(page_of(parties, "reveal/"), sent).status_code == 422  # not offered any more


@pytest.mark.parametrize("secret", ["", "00", "x" * 64, "09" * 32, "0" * 63 + "é"])
def test_a_wrong_secret_is_refused_on_the_page_with_a_sentence(institution, parties, client, secret):
    answer = client.post(page_of(parties, "reveal/"), {"party": "press", "secret": secret})
    assert answer.status_code == 422
    assert "error" in answer.content.decode()
    assert not acts.entries(institution, Action.PARTY_REVEALED)


def test_in_public_nothing_is_revealed_too_early_or_too_late(cycle, secretariat, client):
    bound = tuple((party, f"{number}" * 64) for number, party in enumerate(SECRETS))
    plans = (
        SourcePlan(SourceKind.REVEAL, DUE - dt.timedelta(hours=1), parties=bound),
        SourcePlan(SourceKind.DICE, DUE, 8, 10),
    )
    draw = announce(secretariat, cycle, *plans)
    sent = {"party": "press", "secret": SECRETS["press"].hex()}
    assert client.post(page_of(draw, "reveal/"), sent).status_code == 409
    services.commit_lottery(actor=secretariat, draw=draw)
    with clock.at(DUE - dt.timedelta(minutes=59)):
        assert client.post(page_of(draw, "reveal/"), sent).status_code in {409, 422}
    assert not draw.sources.get(kind="reveal").reveals.exists()


def test_a_draw_without_parties_has_nothing_to_reveal(draw, client):
    assert client.get(page_of(draw, "reveal/")).status_code == 404


def test_who_withheld_a_secret_is_named_everywhere_with_the_rule_and_sits_out_the_next_draw(
    institution, cycle, parties, secretariat, observer, client
):
    reveal(observer, parties, "council")
    reveal(observer, parties, "press")
    assert "Withheld by" not in client.get(page_of(parties)).content.decode()
    with clock.at(AFTER):
        jobs.close_the_reveals()
        for address in (page_of(parties), page_of(parties, "projector/")):
            assert "Withheld by: opposition" in client.get(address).content.decode(), address
        shown = client.get(page_of(parties)).content.decode()
        assert "may not be a party to the institution" in shown
        assert client.get(page_of(parties, "live.json")).json()["sources"][0]["withheld"] == ["opposition"]
        assert (
            "Sits out the next draw of this kind: opposition"
            in client.get("/en/ostbelgien/cycles/1/draws/secret/").content.decode()
        )
        factories.annul(parties)
        later = AFTER + dt.timedelta(days=1)
        fresh = {party: (bytes([number]) * 32) for number, party in enumerate(SECRETS, start=50)}
        for names, refused in ((("council", "Opposition"), True), (("council", "press"), False)):
            bound = tuple(
                (
                    name,
                    proof.reveal_commitment(
                        algorithms.source_of_promises(cycle), name, fresh[name.lower()]
                    ),
                )
                for name in names
            )
            plans = (
                SourcePlan(SourceKind.REVEAL, later - dt.timedelta(hours=1), parties=bound),
                SourcePlan(SourceKind.DICE, later, 8, 10),
            )
            if refused:
                with pytest.raises(PartyExcluded):
                    announce(secretariat, cycle, *plans, due=later)
            else:
                next_draw = announce(secretariat, cycle, *plans, due=later)
                services.commit_lottery(actor=secretariat, draw=next_draw)
                for name in names:
                    reveal(observer, next_draw, name, fresh[name])
    with clock.at(later):
        jobs.close_the_reveals()
        assert ceremony.excluded_parties(institution) == []  # one draw was sat out


# -- the draw by itself, and late ----------------------------------------------------------------------------


def test_the_software_draws_what_is_known_so_that_nobody_holds_it_back(institution, draw):
    with clock.at(AFTER):
        assert jobs.draw_what_is_known() == 0
        factories.throw(draw, THROW)
        assert jobs.draw_what_is_known() == 1
        assert jobs.draw_what_is_known() == 0
    draw.refresh_from_db()
    assert draw.status == DrawStatus.DRAWN
    assert acts.entry(institution, Action.PANEL_DRAWN).actor == "system"


def test_a_late_result_is_noted_once_and_shown_from_the_data(institution, draw, client):
    address = f"/en/ostbelgien/cycles/1/draws/{draw.number}/"
    with clock.at(draw.publish_by):
        assert jobs.say_what_is_overdue() == 0
        assert "The result is overdue" not in client.get(address).content.decode()
    with clock.at(draw.publish_by + dt.timedelta(seconds=1)):
        assert "The result is overdue" in client.get(address).content.decode()
        assert "The result is overdue" in client.get(address + "projector/").content.decode()
        assert client.get(address + "live.json").json()["phase"] == "overdue"
        assert jobs.say_what_is_overdue() == 1
        assert jobs.say_what_is_overdue() == 0
    assert acts.entry(institution, Action.RESULT_OVERDUE).facts["status"] == "committed"


def test_a_lottery_that_was_not_committed_in_time_is_overdue(institution, cycle, secretariat, client):
    draw = announce(secretariat, cycle)
    with clock.at(DUE):
        assert (
            client.get(f"/en/ostbelgien/cycles/1/draws/{draw.number}/live.json").json()["phase"]
            == "overdue"
        )
        assert jobs.say_what_is_overdue() == 1
    assert acts.entry(institution, Action.RESULT_OVERDUE).facts["status"] == "announced"


# -- annulment -----------------------------------------------------------------------------------------------


def propose(actor, draw):
    return ceremony.propose_annulment(actor=actor, draw=draw, reason=texts("The camera failed"))


def test_an_annulment_takes_two_people_stays_public_and_gives_way_to_another_draw(
    institution, cycle, drawn, secretariat, client
):
    annulment = propose(secretariat, drawn)
    with pytest.raises(TwoPersonsNeeded):
        ceremony.confirm_annulment(actor=secretariat, annulment=annulment)
    second = factories.actor(institution, Role.SECRETARIAT)
    ceremony.confirm_annulment(actor=second, annulment=annulment)
    with pytest.raises(AnnulmentClosed):
        ceremony.confirm_annulment(actor=second, annulment=annulment)
    entry = acts.entry(institution, Action.DRAW_ANNULLED)
    assert (entry.facts["persons"], entry.facts["reason"]["en"]) == (2, "The camera failed")
    assert acts.entry(institution, Action.ANNULMENT_PROPOSED).facts["number"] == drawn.number
    page = client.get(f"/en/ostbelgien/cycles/1/draws/{drawn.number}/").content.decode()
    assert "The camera failed" in page
    assert drawn.record.sha256 in page
    assert announce(secretariat, cycle).number == drawn.number + 1


def test_an_annulment_is_proposed_once_at_a_time_and_with_a_reason(institution, draw, secretariat):
    with pytest.raises(ValidationError):
        ceremony.propose_annulment(actor=secretariat, draw=draw, reason={"en": " "})
    annulment = propose(secretariat, draw)
    with pytest.raises(AnnulmentOpen):
        propose(secretariat, draw)
    ceremony.withdraw_annulment(actor=secretariat, annulment=annulment)
    with pytest.raises(AnnulmentClosed):
        ceremony.withdraw_annulment(actor=secretariat, annulment=annulment)
    assert acts.entry(institution, Action.ANNULMENT_WITHDRAWN).facts["number"] == draw.number
    assert propose(secretariat, draw).pk != annulment.pk


def test_nobody_else_annuls(institution, draw, secretariat):
    annulment = propose(secretariat, draw)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: propose(actor, draw))
    for slug, verb in (("third", ceremony.confirm_annulment), ("fourth", ceremony.withdraw_annulment)):
        elsewhere = factories.make_institution(slug)
        acts.only(elsewhere, act=lambda actor, verb=verb: verb(actor=actor, annulment=annulment))


def test_a_final_or_annulled_draw_is_not_annulled(institution, drawn, secretariat):
    with clock.at(drawn.challenge_ends_at):
        ceremony.finish_challenges()
        with pytest.raises(DrawIsFinal):
            propose(secretariat, drawn)


def test_an_annulled_draw_is_not_annulled_again(draw, secretariat):
    factories.annul(draw)
    with pytest.raises(AlreadyDrawn):
        propose(secretariat, draw)


# -- the challenge period --------------------------------------------------------------------------------------


def test_a_draw_is_final_on_its_date_and_not_before(institution, drawn):
    with clock.at(drawn.challenge_ends_at - dt.timedelta(seconds=1)):
        assert jobs.make_draws_final() == 0
    with clock.at(drawn.challenge_ends_at):
        assert jobs.make_draws_final() == 1
        assert jobs.make_draws_final() == 0
    drawn.refresh_from_db()
    assert (drawn.status, drawn.final_at) == (DrawStatus.FINAL, drawn.challenge_ends_at)
    assert acts.entry(institution, Action.DRAW_FINAL).facts == {"kind": "panel", "objections": 0}


def test_the_days_to_object_are_fixed_when_the_draw_is_announced(cycle, secretariat, settings):
    settings.CHALLENGE_DAYS = 3
    assert announce(secretariat, cycle).challenge_days == 3


def test_where_the_rule_book_is_silent_the_usual_days_hold_and_the_journal_says_so(
    institution, drawn, settings
):
    assert (drawn.challenge_days, drawn.challenge_rule) == (settings.CHALLENGE_DAYS, "")
    assert acts.entry(institution, Action.PANEL_DRAWN).facts["challenge_rule"] == "default"


def test_the_rule_book_says_how_long_anybody_can_object_and_is_named(institution, cycle, secretariat):
    factories.amend_rule_book(cycle, "[draw]", "[draw]\nchallenge_days = 21")
    draw = announce(secretariat, cycle)
    assert (draw.challenge_days, draw.challenge_rule) == (21, "draw.challenge_days, ostbelgien 2")
    frozen = acts.entry(institution, Action.POOL_FROZEN).facts
    assert (frozen["challenge_days"], frozen["challenge_rule"]) == (21, "draw.challenge_days, ostbelgien 2")
    services.commit_lottery(actor=secretariat, draw=draw)
    with clock.at(AFTER):
        factories.throw(draw, THROW)
        done = services.draw_panel(actor=secretariat, draw=draw)
    assert done.challenge_ends_at == AFTER + dt.timedelta(days=21)
    facts = acts.entry(institution, Action.PANEL_DRAWN).facts
    assert facts["challenge_rule"] == "draw.challenge_days, ostbelgien 2"
    assert facts["challenge_ends_at"] == f"{done.challenge_ends_at:%Y-%m-%dT%H:%MZ}"


def test_an_objection_keeps_a_draw_open_until_it_is_answered(institution, drawn, secretariat):
    with clock.at(AFTER):
        objection = ceremony.raise_objection(
            draw=drawn, text=" The dice fell off the table. ", language="en"
        )
    assert (objection.number, objection.text) == (1, "The dice fell off the table.")
    raised = acts.entry(institution, Action.OBJECTION_RAISED)
    assert (raised.actor, raised.facts) == ("citizen", {"number": 1})
    assert Opening.objects.get(entry=raised).payload == {"text": "The dice fell off the table."}
    with clock.at(drawn.challenge_ends_at):
        assert jobs.make_draws_final() == 0
        ceremony.answer_objection(
            actor=secretariat, objection=objection, answer=texts("See the film."), show_text=True
        )
        with pytest.raises(ObjectionAnswered):
            ceremony.answer_objection(
                actor=secretariat, objection=objection, answer=texts("No."), show_text=False
            )
        assert jobs.make_draws_final() == 1
    answered = acts.entry(institution, Action.OBJECTION_ANSWERED)
    assert (answered.facts["number"], answered.facts["shown"]) == (1, True)


def test_a_proposal_to_annul_keeps_a_draw_open(drawn, secretariat):
    annulment = propose(secretariat, drawn)
    with clock.at(drawn.challenge_ends_at):
        assert jobs.make_draws_final() == 0
        ceremony.withdraw_annulment(actor=secretariat, annulment=annulment)
        assert jobs.make_draws_final() == 1


def test_objections_are_raised_in_their_time_and_say_something(draw, secretariat):
    with pytest.raises(NoObjectionsNow):
        ceremony.raise_objection(draw=draw, text="Early.", language="en")
    with clock.at(AFTER):
        factories.throw(draw, THROW)
        drawn = services.draw_panel(actor=secretariat, draw=draw)
        for text in ("", "  ", "x" * 2001):
            with pytest.raises(ObjectionEmpty):
                ceremony.raise_objection(draw=drawn, text=text, language="en")
        for _each in range(ceremony.OBJECTIONS_AN_HOUR):
            ceremony.raise_objection(draw=drawn, text="Again.", language="en")
        with pytest.raises(TooManyObjections):
            ceremony.raise_objection(draw=drawn, text="Again.", language="en")
    with clock.at(drawn.challenge_ends_at), pytest.raises(NoObjectionsNow):
        ceremony.raise_objection(draw=drawn, text="Late.", language="en")


def test_the_text_of_an_objection_is_shown_with_its_answer_and_never_before(drawn, secretariat, client):
    address = f"/en/ostbelgien/cycles/1/draws/{drawn.number}/"
    with clock.at(AFTER):
        sent = client.post(address + "objection/", {"text": "Marie was seen at the dice."})
        assert sent["Location"] == address + "#objection-1"
        ceremony.raise_objection(draw=drawn, text="The film has a gap.", language="en")
        first, second = drawn.objections.all()
        page = client.get(address).content.decode()
        assert "Marie" not in page
        assert "objection-2" in page
        for objection, shown in ((first, False), (second, True)):
            ceremony.answer_objection(
                actor=secretariat, objection=objection, answer=texts("See the film."), show_text=shown
            )
        page = client.get(address).content.decode()
    assert "Marie" not in page
    assert "The film has a gap." in page
    assert page.count("See the film.") == 2
    first.refresh_from_db()
    assert first.status == ObjectionStatus.WITHHELD


def test_only_the_secretariat_answers_objections(institution, drawn):
    with clock.at(AFTER):
        objection = ceremony.raise_objection(draw=drawn, text="The film has a gap.", language="en")
        acts.only(
            institution, Role.SECRETARIAT,
            act=lambda actor: ceremony.answer_objection(
                actor=actor, objection=objection, answer=texts("No."), show_text=True
            ),
        )  # fmt: skip


# -- tests -------------------------------------------------------------------------------------------------


def test_a_test_draw_changes_nobody_and_is_counted_in_public(institution, cycle, secretariat):
    def make():
        return ceremony.make_test_draw(actor=secretariat, cycle=cycle, entries=PEOPLE, value="anything")

    first, second = make(), make()
    assert (first.number, second.number) == (1, 2)
    assert not Draw.objects.exists()
    assert not PoolEntry.objects.exists()
    assert not Selection.objects.exists()
    assert len(first.document["members"]) == cycle.panel_size
    assert all(code.startswith("TEST") for code in first.document["members"])
    assert [each.facts for each in acts.entries(institution, Action.DRAW_TESTED)] == [
        {"TEST": 1, "people": 18},
        {"TEST": 2, "people": 18},
    ]


def test_a_test_draw_names_the_conflict_of_quotas_that_cannot_be_met(cycle, secretariat):
    with pytest.raises(Infeasible):
        ceremony.make_test_draw(
            actor=secretariat, cycle=cycle, entries=[{"sex": "F", "age": "65+"}] * 18, value="x"
        )


def test_nobody_else_makes_a_test_draw(institution, cycle):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: ceremony.make_test_draw(actor=actor, cycle=cycle, entries=PEOPLE, value="x"),
    )  # fmt: skip


def test_letters_are_drawn_with_the_same_ceremony(institution, secretariat):
    """Their draws have sources, deadlines and a challenge period like those of a panel."""
    cycle = factories.make_cycle(institution, Stage.INVITING)
    draw = factories.make_draw(cycle, DrawKind.LETTERS, drawn=False)
    factories.commit(draw)
    factories.throw(draw, THROW)
    assert draw.sources.get().value == THROW
    with pytest.raises(NotAllowed):
        services.draw_panel(actor=factories.nobody_special(), draw=draw)
