"""One test per attack on a draw, through every way into the site: pages, services, the public interface, SQL.

What gets past the site (somebody who owns the database and switches its triggers off) is caught by whoever
verifies the record: `tests/library/`.
"""

import datetime as dt
import itertools

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from isegoria.errors import BadInput
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import ServiceError
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import ceremony, changing, services
from isegoria_web.lottery.enums import DrawStatus
from isegoria_web.lottery.errors import (
    AlreadyDrawn,
    NotCommitted,
    PoolFrozen,
    SourceKnown,
    TooEarly,
    TwoPersonsNeeded,
)
from isegoria_web.lottery.models import Draw, PoolEntry, RandomSource, Selection, TestDraw
from tests.web import acts, factories
from tests.web.databases import switch_off
from tests.web.factories import NOW, texts
from tests.web.lottery.draws import AFTER, PEOPLE, THROW, announce

pytestmark = pytest.mark.django_db


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def refused_by_the_database(statement, *values):
    """The database refuses the statement; and there were rows that it would have changed."""
    with pytest.raises(DatabaseError):
        sql(statement, *values)


# -- seed grinding ---------------------------------------------------------------------------------------


def test_a_thousand_attempts_to_draw_early_with_an_own_seed_or_twice_do_nothing(
    institution, cycle, secretariat
):
    """By every verb that could move a draw, in every state before the dice; then again after the draw."""
    observer = factories.actor(institution, Role.OBSERVER)
    draw = announce(secretariat, cycle)
    numbers = itertools.count()

    def attempts():
        number = next(numbers)
        value = "-".join(f"{number // 10**place % 10}" for place in range(8))
        source = RandomSource.objects.get(draw=draw)
        yield lambda: ceremony.enter_reading(actor=secretariat, source=source, value=value, film="film")
        yield lambda: ceremony.enter_reading(actor=observer, source=source, value=value, film="film")
        yield lambda: ceremony.enter_beacon(actor=observer, source=source, signature=value)
        yield lambda: services.draw_panel(actor=secretariat, draw=draw)

    def grind(rounds, *refusals):
        for _round in range(rounds):
            for attempt in attempts():
                with pytest.raises(ServiceError) as refused:
                    attempt()
                assert isinstance(refused.value, refusals), refused.value

    wrong_kind = ceremony.WrongKindOfSource
    grind(60, NotCommitted, wrong_kind)
    services.commit_lottery(actor=secretariat, draw=draw)
    grind(130, TooEarly, wrong_kind)
    with clock.at(AFTER):
        factories.throw(draw, THROW)
        services.draw_panel(actor=secretariat, draw=draw)
        grind(60, AlreadyDrawn, wrong_kind)
    draw.refresh_from_db()
    assert (next(numbers), draw.source_value) == (250, THROW)
    assert Draw.objects.count() == 1
    assert len(acts.entries(institution, Action.PANEL_DRAWN)) == 1


def test_no_seed_comes_in_through_a_page(institution, committed, staff_client):
    """Neither as a parameter of the draw nor at the address of its source before the moment."""
    base = "/en/ostbelgien/office/cycles/1/"
    sent = {"source_value": "1", "value": THROW, "seed": "1", "confirmed": "yes", "film": "film"}
    before = staff_client.post(base + "panel/", sent)
    assert before["Location"].endswith("/randomness/")
    assert staff_client.post(base + f"draws/{committed.number}/randomness/1/", sent).status_code == 409
    committed.refresh_from_db()
    assert (committed.status, committed.source_value) == (DrawStatus.COMMITTED, "")


def test_the_public_interface_only_reads(committed):
    addresses = (
        "/api/v1/institutions/ostbelgien/cycles/1/draws",
        f"/api/v1/institutions/ostbelgien/cycles/1/draws/{committed.number}/record",
        f"/en/ostbelgien/cycles/1/draws/{committed.number}/live.json",
        f"/en/ostbelgien/cycles/1/draws/{committed.number}/projector/",
        "/journal/ostbelgien/journal.jsonl",
    )
    for address in addresses:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(Client(), method)(address, {"value": THROW}).status_code in {404, 405}, address


@pytest.fixture
def staff_client(institution):
    client = Client()
    client.force_login(factories.make_user(institution, Role.SECRETARIAT))
    return client


def test_a_seed_is_not_written_past_the_software(committed):
    refused_by_the_database(
        "UPDATE lottery_randomsource SET value = %s, obtained_at = %s", THROW, NOW
    )  # before its moment
    refused_by_the_database(
        "UPDATE lottery_draw SET status = 'drawn', drawn_at = %s, source_value = '1'", AFTER
    )


def test_a_known_value_is_not_exchanged(drawn):
    refused_by_the_database("UPDATE lottery_randomsource SET value = '6-6-6-6-6-6-6-6'")
    refused_by_the_database("UPDATE lottery_reading SET value = '6-6-6-6-6-6-6-6'")
    refused_by_the_database("UPDATE lottery_draw SET source_value = '6'")
    refused_by_the_database("DELETE FROM lottery_reading")


# -- redrawing -------------------------------------------------------------------------------------------


def test_a_draw_is_not_repeated_until_it_pleases(cycle, drawn, secretariat):
    with clock.at(AFTER):
        with pytest.raises(AlreadyDrawn):
            services.draw_panel(actor=secretariat, draw=drawn)
        with pytest.raises(AlreadyDrawn):
            services.commit_lottery(actor=secretariat, draw=drawn)
        with pytest.raises(PoolFrozen):
            services.freeze_pool(
                actor=secretariat, cycle=cycle, entries=PEOPLE, source=texts("Dice"),
                source_due_at=AFTER + dt.timedelta(days=1),
            )  # fmt: skip


@pytest.mark.parametrize("status", ["announced", "committed", "final", "annulled"])
def test_a_draw_does_not_go_back_or_skip_a_step_in_sql(drawn, status):
    if status == "final":  # the challenge period is not over
        refused_by_the_database("UPDATE lottery_draw SET status = 'final', final_at = %s", AFTER)
    else:
        refused_by_the_database("UPDATE lottery_draw SET status = %s", status)


def test_a_second_draw_beside_the_first_is_refused_by_the_database(drawn):
    drawn.pk, drawn.number = None, 2
    drawn.public_id = "0" * 32
    with pytest.raises(DatabaseError), transaction.atomic():
        drawn.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM lottery_draw",
        "DELETE FROM lottery_drawrecord",
        "DELETE FROM lottery_pool",
        "DELETE FROM lottery_randomsource",
        "DELETE FROM lottery_selection",
    ],
)
def test_no_trace_of_a_draw_is_removed(drawn, statement):
    refused_by_the_database(statement)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", ["draw", "drawrecord", "pool", "poolentry", "selection", "reading"])
def test_no_table_of_draws_is_emptied(drawn, table):
    refused_by_the_database(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE lottery_{table} CASCADE")


# -- pool and quotas after the commitment ------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lottery_value SET maximum = maximum + 1",
        "UPDATE lottery_value SET minimum = 0",
        "UPDATE lottery_value SET min_flex = 0",
        "UPDATE lottery_value SET key = 'X' WHERE key = 'F'",
        "DELETE FROM lottery_value",
        "UPDATE lottery_feature SET key = 'other'",
        "DELETE FROM lottery_feature",
        (
            "INSERT INTO lottery_value (feature_id, key, name, position, matches) "
            "SELECT id, 'X', '{}', 9, '[]' FROM lottery_feature"
        ),
        (
            "INSERT INTO lottery_feature (cycle_id, key, name, source, origin, position) "
            "SELECT id, 'x', '{}', '', 'declared', 9 FROM institutions_cycle"
        ),
    ],
)
def test_no_quota_is_changed_after_the_pool_was_seen(committed, statement):
    refused_by_the_database(statement)


def test_no_change_of_quotas_is_made_up_or_undone(cycle, secretariat):
    made = changing.propose_quotas_change(
        actor=secretariat, cycle=cycle, quotas={("sex", "F"): (2, 3)}, reason={"en": "Because"}
    )
    refused_by_the_database("DELETE FROM lottery_quotachange")
    refused_by_the_database("UPDATE lottery_quotachange SET rows = '[]'")
    changing.withdraw_quotas_change(actor=secretariat, change=made)
    refused_by_the_database("UPDATE lottery_quotachange SET withdrawn_at = NULL")


def test_no_quota_is_changed_through_a_page_or_a_service(committed, cycle, secretariat, staff_client):
    for verb, more in (
        (services.propose_quotas, {}),
        (services.set_features, {"features": []}),
        (services.set_quotas, {"quotas": {"sex": {"F": (0, 6)}}}),
    ):
        with pytest.raises(PoolFrozen):
            verb(actor=secretariat, cycle=cycle, **more)
    assert staff_client.post("/en/ostbelgien/office/cycles/1/quotas/propose/").status_code == 409


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO lottery_poolentry (pool_id, code, features, salt) "
            "SELECT id, 'FRIEND', '{\"sex\": \"F\"}', '00' FROM lottery_pool"
        ),  # stuffing
        "DELETE FROM lottery_poolentry WHERE code = (SELECT min(code) FROM lottery_poolentry)",  # removing
        'UPDATE lottery_poolentry SET features = \'{"sex": "F"}\'',
        "UPDATE lottery_poolentry SET code = 'X' || code",
        "UPDATE lottery_poolentry SET salt = '11'",
        "UPDATE lottery_poolentry SET chance_numerator = 1, chance_denominator = 1",
        "UPDATE lottery_pool SET root = 'f'",
        "UPDATE lottery_pool SET size = 17",
        "UPDATE lottery_draw SET size = 7",
        "UPDATE lottery_draw SET alternates = 0",
        "UPDATE lottery_draw SET source_due_at = announced_at",
        "UPDATE lottery_draw SET publish_by = NULL",
        "UPDATE lottery_draw SET challenge_days = 0",
        "UPDATE lottery_draw SET committed_at = NULL",
        "UPDATE lottery_draw SET kind = 'rotation'",
        "UPDATE lottery_drawrecord SET commitment = '{}'",
        "UPDATE lottery_drawrecord SET commitment_sha256 = 'f'",
        "UPDATE lottery_randomsource SET name = 'dice:8x10:other'",
        "UPDATE lottery_randomsource SET due_at = due_at, kind = 'public'",
        (
            "INSERT INTO lottery_randomsource (draw_id, position, name, kind, due_at, parties, value, evidence) "
            "SELECT id, 2, 'public:x', 'public', source_due_at, '[]', '', '' FROM lottery_draw"
        ),
    ],
)
def test_nothing_of_what_was_committed_is_changed(committed, statement):
    refused_by_the_database(statement)


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE lottery_draw SET {column}"
        for column in ("disclosure = 'sealed'", "disclosure_rule = 'x'", "challenge_rule = 'x'", "challenge_days = 1")
    ],
)  # fmt: skip
def test_what_was_announced_stays_even_before_the_commitment(cycle, secretariat, statement):
    announce(secretariat, cycle)
    refused_by_the_database(statement)


MIDDLES = {
    "committed": "'committed', committed_at, NULL, '', NULL, NULL, NULL",
    "drawn": "'drawn', committed_at, drawn_at, '1-2', drawn_at, NULL, NULL",
    "final": "'final', committed_at, drawn_at, '1-2', drawn_at, drawn_at, NULL",
    "annulled": "'annulled', NULL, NULL, '', NULL, NULL, announced_at",
    "announced with a result": "'announced', NULL, NULL, '1-2', NULL, NULL, NULL",
    "announced with its end": "'announced', NULL, NULL, '', drawn_at, NULL, NULL",
}
COPIED = (
    "size, alternates, source, source_due_at, announced_at, computing_failed, publish_by, annulled_reason, "
    "challenge_days, challenge_rule, disclosure, disclosure_rule"
)
BEGUN = "status, committed_at, drawn_at, source_value, challenge_ends_at, final_at, annulled_at"


def insert_draw(values):
    return (
        f"INSERT INTO lottery_draw (public_id, cycle_id, kind, number, {COPIED}, {BEGUN}) "
        f"SELECT %s, cycle_id, 'rotation', 9, {COPIED}, {values} FROM lottery_draw"
    )


@pytest.mark.parametrize("name", MIDDLES)
def test_no_draw_is_written_that_begins_in_the_middle(drawn, name):
    refused_by_the_database(insert_draw(MIDDLES[name]), "0" * 32)


def test_a_draw_that_begins_with_its_announcement_is_written(drawn):
    assert sql(insert_draw("'announced', NULL, NULL, '', NULL, NULL, NULL"), "0" * 32) == 1


def test_no_record_no_pool_no_source_and_no_annulment_begins_in_the_middle(drawn, secretariat, cycle):
    other = factories.make_draw(cycle, "rotation", drawn=False)
    record = "INSERT INTO lottery_drawrecord (draw_id, commitment, commitment_sha256, software, document, sha256)"
    start = f"{record} SELECT %s, commitment, commitment_sha256, software"
    refused_by_the_database(f"{start}, document, sha256 FROM lottery_drawrecord", other.pk)
    refused_by_the_database(f"{start}, NULL, sha256 FROM lottery_drawrecord", other.pk)
    pool = "INSERT INTO lottery_pool (draw_id, frozen_at, root, size, seal_key)"
    factories.commit(other)
    refused_by_the_database(f"{pool} SELECT %s, frozen_at, root, size, '' FROM lottery_pool", other.pk)
    fresh = factories.make_draw(cycle, "replacement", drawn=False)
    refused_by_the_database(
        "INSERT INTO lottery_randomsource (draw_id, position, name, kind, due_at, parties, value, evidence, obtained_at) "
        "SELECT %s, 2, 'public:x', 'public', source_due_at, '[]', '7', '', source_due_at FROM lottery_draw WHERE id = %s",
        fresh.pk,
        fresh.pk,
    )
    second = factories.make_user(cycle.institution, Role.SECRETARIAT)
    refused_by_the_database(
        "INSERT INTO lottery_annulment (draw_id, reason, proposed_by_id, proposed_at, confirmed_by_id, confirmed_at) "
        "SELECT id, '{}', %s, announced_at, %s, announced_at FROM lottery_draw WHERE id = %s",
        secretariat.user.pk,
        second.pk,
        drawn.pk,
    )
    assert not drawn.annulments.exists()


def test_a_salt_is_erased_and_the_record_still_verifies(drawn):
    assert sql("UPDATE lottery_poolentry SET salt = ''") == len(PEOPLE)
    assert verify(drawn.record.document, published=drawn.record.commitment_sha256).ok


# -- the panel ----------------------------------------------------------------------------------------------


def test_nobody_is_swapped_into_the_panel(drawn):
    outsider = PoolEntry.objects.filter(selection__isnull=True).first()
    first = Selection.objects.filter(kind="member").first()
    refused_by_the_database(
        "UPDATE lottery_selection SET entry_id = %s WHERE id = %s", outsider.pk, first.pk
    )
    refused_by_the_database(
        "UPDATE lottery_selection SET kind = 'alternate', position = 99 WHERE id = %s", first.pk
    )
    refused_by_the_database("UPDATE lottery_drawrecord SET document = '{}'")
    refused_by_the_database("UPDATE lottery_drawrecord SET sha256 = 'f'")


def test_nobody_is_selected_before_the_draw_or_after_it_is_final(committed, secretariat):
    entry = PoolEntry.objects.first()
    insert = (
        "INSERT INTO lottery_selection (draw_id, entry_id, kind, position) VALUES (%s, %s, 'member', 99)"
    )
    refused_by_the_database(insert, committed.pk, entry.pk)
    with clock.at(AFTER):
        factories.throw(committed, THROW)
        done = services.draw_panel(actor=secretariat, draw=committed)
    with clock.at(done.challenge_ends_at):
        ceremony.finish_challenges()
    outsider = PoolEntry.objects.filter(selection__isnull=True).first()
    refused_by_the_database(insert, committed.pk, outsider.pk)


@pytest.mark.parametrize(
    "bend", ["another composition", "one ticket more", "another quota", "one entry more"]
)
def test_a_commitment_that_was_bent_in_the_database_is_not_drawn_from(committed, secretariat, bend):
    """Whoever owns the database switches its triggers off and forges what will be drawn from: the software refuses it."""
    made = committed.record
    with connection.cursor() as cursor:
        switch_off(cursor, "lottery_drawrecord")
    document = made.commitment
    first = document["lottery"]["compositions"][0]
    if bend == "another composition":
        first["counts"] = first["counts"][::-1] if first["counts"] != first["counts"][::-1] else [0]
    elif bend == "one ticket more":
        first["tickets"] += 1
        document["lottery"]["tickets"] += 1
    elif bend == "another quota":
        document["specification"]["quotas"][0]["maximum"] += 1
    else:
        document["pool"]["entries"].append({"code": "ZZZZZZZZ", "leaf": "ab" * 32, "type": 0})
        document["pool"]["types"][0]["count"] += 1
    made.commitment = document
    made.save(update_fields=["commitment"])
    with clock.at(AFTER):
        factories.throw(committed, THROW)
        with pytest.raises((RuntimeError, BadInput)):
            services.draw_panel(actor=secretariat, draw=committed)
    assert not Selection.objects.exists()
    committed.refresh_from_db()
    assert committed.status == DrawStatus.COMMITTED


# -- annulment ------------------------------------------------------------------------------------------------


def test_nobody_annuls_alone(drawn, secretariat):
    annulment = ceremony.propose_annulment(actor=secretariat, draw=drawn, reason=texts("I dislike it"))
    with pytest.raises(TwoPersonsNeeded):
        ceremony.confirm_annulment(actor=secretariat, annulment=annulment)
    refused_by_the_database("UPDATE lottery_draw SET status = 'annulled'")
    refused_by_the_database(
        "UPDATE lottery_annulment SET confirmed_by_id = proposed_by_id, confirmed_at = proposed_at"
    )
    refused_by_the_database("UPDATE lottery_annulment SET confirmed_at = proposed_at")
    refused_by_the_database("UPDATE lottery_annulment SET reason = '{}'")
    refused_by_the_database("DELETE FROM lottery_annulment")
    drawn.refresh_from_db()
    assert drawn.status == DrawStatus.DRAWN


def test_an_annulled_draw_does_not_come_back(drawn):
    factories.annul(drawn)
    for status in ("announced", "committed", "drawn", "final"):
        refused_by_the_database("UPDATE lottery_draw SET status = %s", status)


def test_an_objection_is_not_made_to_disappear(drawn):
    with clock.at(AFTER):
        ceremony.raise_objection(draw=drawn, text="The film has a gap.", language="en")
    refused_by_the_database("DELETE FROM lottery_objection")


# -- tests ------------------------------------------------------------------------------------------------------


def test_a_test_draw_is_never_published_or_made_a_real_one(cycle, secretariat, staff_client):
    made = ceremony.make_test_draw(actor=secretariat, cycle=cycle, entries=PEOPLE, value="x")
    assert "TEST" in staff_client.get("/en/ostbelgien/office/cycles/1/draws/").content.decode()
    public = Client()
    for address in (
        "/en/ostbelgien/cycles/1/draws/1/",
        "/en/ostbelgien/cycles/1/draws/1/record.json",
        "/en/ostbelgien/cycles/1/draws/1/projector/",
        "/en/ostbelgien/cycles/1/draws/1/live.json",
        "/api/v1/institutions/ostbelgien/cycles/1/draws/1/record",
    ):
        assert public.get(address).status_code == 404, address
    assert public.get("/api/v1/institutions/ostbelgien/cycles/1/draws").json() == []
    assert verify(made.document).ok is False
    with pytest.raises(NoReverseMatch):
        reverse("public:test_draw", args=["ostbelgien", 1, 1])
    for verb in (services.commit_lottery, services.draw_panel):
        with pytest.raises((AttributeError, Draw.DoesNotExist, ServiceError)):
            verb(actor=secretariat, draw=made)
    assert not Draw.objects.exists()
    assert TestDraw.objects.count() == 1


# -- late ---------------------------------------------------------------------------------------------------------


def test_nobody_holds_a_result_back_silently(committed, client):
    """The lateness follows from the data; whoever would hide it must rewrite what was committed."""
    address = f"/en/ostbelgien/cycles/1/draws/{committed.number}/"
    with clock.at(committed.publish_by + dt.timedelta(seconds=1)):
        assert "The result is overdue" in client.get(address).content.decode()
    refused_by_the_database("UPDATE lottery_draw SET publish_by = publish_by, source_due_at = %s", AFTER)


def test_a_value_cannot_be_entered_again_after_it_is_known(committed, secretariat):
    with clock.at(AFTER):
        factories.throw(committed, THROW)
        with pytest.raises(SourceKnown):
            ceremony.enter_reading(
                actor=secretariat, source=committed.sources.get(), value="6-6-6-6-6-6-6-6", film="film"
            )
