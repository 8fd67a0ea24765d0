"""Letters for households and addresses, shared out as chosen: drawn, checked by others, and further waves."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.proof import dump, verify, verify_bytes, verify_receipt
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import receipts, services
from isegoria_web.recruitment.enums import InvitationStatus, OnePer
from isegoria_web.recruitment.errors import ChosenLettersWrong, LettersDrawnAlready, NobodyLeft
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.sharing import columns_of, parts_of
from isegoria_web.recruitment.waves import draw_wave, left_of, published
from isegoria_web.register.algorithms import pseudonym
from isegoria_web.register.services import load_extract
from tests.web import acts, factories
from tests.web.recruitment.test_second_letters import AFTER, drawn_at
from tests.web.recruitment.test_waves import MONTH_AFTER, REASON, REPLY_BY

pytestmark = pytest.mark.django_db

from tests.web.recruitment.test_second_letters import DUE  # noqa: E402

DISTRICTS = ("north", "south", "west")


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.INVITING)


@pytest.fixture
def path(tmp_path):
    """A register whose homes lie in districts; two households share some addresses, in several spellings."""
    rows = []
    for number, row in enumerate(register.synthesize("frames", 240)):
        home = int.from_bytes(row["household"].encode()[-4:], "big")
        street = "Hauptstr." if number % 2 else "Hauptstraße"
        rows.append(
            {**row, "street": street, "house_number": str(home % 90), "postcode": "4700"}
            | {"district": DISTRICTS[home % 90 % 3], "municipality_name": "Eupen", "municipality": "63023"}
        )
    found = tmp_path / "register.csv"
    register.write(rows, found)
    return found


@pytest.fixture
def extract(institution, secretariat, path, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    return load_extract(
        actor=secretariat, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def announce(actor, cycle, extract, letters=20, **how):
    return services.announce_letters(
        actor=actor, cycle=cycle, extract=extract, letters=letters, age_min=16, reply_by=REPLY_BY,
        source=factories.texts("Dice"), source_due_at=DUE,
        **{"one_per": OnePer.HOUSEHOLD, "stratified_by": "district", **how},
    )  # fmt: skip


def rows_of(path):
    return {row["id"]: row for row in register.read(path).rows}


def drawn_ids(campaign, path):
    """The numbers of who got a letter, in order: found again by the institution's pseudonyms."""
    institution = campaign.cycle.institution_id
    known = {pseudonym(institution, number): number for number in rows_of(path)}
    letters = campaign.invitations.select_related("resident").order_by("position")
    return [known[letter.resident.pseudonym] for letter in letters]


def address_of(row):
    return row["house_number"]


def post(campaign):
    campaign.invitations.filter(status=InvitationStatus.CREATED).update(status=InvitationStatus.SENT)


HOMES = {
    OnePer.HOUSEHOLD: lambda row: row["household"],
    OnePer.ADDRESS: address_of,
    OnePer.IN_ADDRESS: lambda row: row["household"],
}
GROUPS = {one_per: [str(one_per)] for one_per in HOMES} | {OnePer.IN_ADDRESS: ["address", "household"]}


@pytest.mark.parametrize("one_per", HOMES)
def test_no_home_gets_two_letters_in_any_wave_and_everybody_can_check_it(
    secretariat, cycle, extract, path, one_per
):
    campaign = announce(secretariat, cycle, extract, letters=12, one_per=one_per)
    commitment = campaign.draw.record.commitment
    assert commitment["format"] == "isegoria-letter-commitment/3"
    assert commitment["specification"]["design"]["groups"] == GROUPS[one_per]
    campaign = drawn_at(secretariat, campaign, AFTER)
    post(campaign)
    with clock.at(MONTH_AFTER):
        draw_wave(actor=secretariat, campaign=campaign, letters=6, reply_by=REPLY_BY, reason=REASON)
    numbers, rows = drawn_ids(campaign, path), rows_of(path)
    assert len(numbers) == 18
    homes = Counter(HOMES[one_per](rows[number]) for number in numbers)
    assert max(homes.values()) == 1
    document = published(campaign.draw)
    assert verify_bytes(dump(document), published=campaign.draw.record.commitment_sha256).ok
    eligible = {one["stratum"]: one["eligible"] for one in document["record"]["register"]["strata"]}
    sent = Counter(rows[number]["district"] for number in numbers)
    for one in document["waves"][-1]["strata"]:
        assert Fraction(one["chance"]) == Fraction(sent[one["stratum"]], eligible[one["stratum"]])


def test_the_receipt_of_a_household_letter_holds_and_says_what_it_cannot(secretariat, cycle, extract, path):
    campaign = drawn_at(secretariat, announce(secretariat, cycle, extract), AFTER)
    document = published(campaign.draw)
    for letter in campaign.invitations.all():
        kept = receipts.letter_receipt(actor=Actor.citizen(letter.selector), invitation=letter)
        found = verify_receipt(document, kept["receipt"])
        assert found.ok
        assert kept["place"] is None
        assert "a letter was drawn for wave 1 if the walk met this person" in found.steps[-1].detail
    others = sorted(set(rows_of(path)) - set(drawn_ids(campaign, path)))
    said = Counter()
    for number in others[:12]:
        try:
            kept = receipts.give_letter_receipt(actor=secretariat, campaign=campaign, number=number)
        except Exception as error:  # noqa: BLE001  # children are not eligible
            said[type(error).__name__] += 1
            continue
        found = verify_receipt(document, kept["receipt"])
        assert found.ok
        said["none" if "no letter was drawn" in found.steps[-1].detail else "open"] += 1
    assert said["none"] > 0, said


def test_letters_go_where_they_were_chosen_and_further_ones_in_the_same_proportions(
    secretariat, cycle, extract, path
):
    chosen = {"north": 12, "south": 6, "west": 0}
    campaign = announce(secretariat, cycle, extract, letters=18, one_per=OnePer.PERSON, chosen=chosen)
    assert campaign.draw.record.commitment["format"] == "isegoria-letter-commitment/2"
    campaign = drawn_at(secretariat, campaign, AFTER)
    rows = rows_of(path)
    assert Counter(rows[each]["district"] for each in drawn_ids(campaign, path)) == {
        "north": 12,
        "south": 6,
    }
    post(campaign)
    with clock.at(MONTH_AFTER):
        draw_wave(actor=secretariat, campaign=campaign, letters=9, reply_by=REPLY_BY, reason=REASON)
        post(campaign)
        with pytest.raises(NobodyLeft):
            draw_wave(
                actor=secretariat, campaign=campaign, letters=left_of(campaign), reply_by=REPLY_BY, reason=REASON
            )  # fmt: skip
    assert Counter(rows[each]["district"] for each in drawn_ids(campaign, path)) == {
        "north": 18,
        "south": 9,
    }
    document = published(campaign.draw)
    assert verify(document).ok
    assert document["record"]["specification"]["design"]["allocation"] == "chosen"


def test_without_strata_there_is_one_chance_for_everybody(secretariat, cycle, extract):
    campaign = announce(secretariat, cycle, extract, stratified_by="")
    (stratum,) = campaign.draw.record.commitment["register"]["strata"]
    assert stratum["stratum"] == "all"
    assert verify(published(drawn_at(secretariat, campaign, AFTER).draw)).ok


def test_the_choice_stands_in_the_journal(secretariat, cycle, extract):
    campaign = announce(secretariat, cycle, extract, chosen={"north": 10, "south": 10, "west": 0})
    facts = acts.entry(cycle.institution, Action.LETTERS_ANNOUNCED).facts
    assert (facts["one_per"], facts["stratified_by"], facts["allocation"]) == (
        "household",
        "district",
        "chosen",
    )
    assert facts["commitment"] == campaign.draw.record.commitment_sha256


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"chosen": {"north": 1, "south": 1, "west": 1}}, pytest.raises(ChosenLettersWrong)),
        ({"chosen": {"all": 20}, "stratified_by": ""}, pytest.raises(ChosenLettersWrong)),
        ({"chosen": {"north": 20}}, refused("strata_not_as_chosen")),
        ({"stratified_by": "family_name"}, refused("strata_personal")),
        ({"stratified_by": "house_number"}, refused("strata_personal")),
        ({"stratified_by": "nationality"}, refused("strata_too_small")),
        ({"stratified_by": "sex"}, refused("households_split")),
        ({"stratified_by": "nothing"}, refused("column_missing")),
        ({"letters": 100}, refused("household_too_large")),
    ],
)
def test_what_cannot_be_drawn_is_not_announced(secretariat, cycle, extract, how, expected):
    with expected:
        announce(secretariat, cycle, extract, **how)
    assert not Campaign.objects.exists()


def test_only_the_secretariat_announces_and_only_once(institution, secretariat, cycle, extract):
    observer = factories.actor(institution, Role.OBSERVER)
    with pytest.raises(NotAllowed):
        announce(observer, cycle, extract)
    for look in (
        lambda: columns_of(actor=observer, cycle=cycle, extract=extract),
        lambda: parts_of(
            actor=observer, cycle=cycle, extract=extract, letters=5, age_min=16, reply_by=REPLY_BY,
            stratified_by="district", one_per=OnePer.PERSON,
        ),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            look()
    announce(secretariat, cycle, extract)
    with pytest.raises(LettersDrawnAlready):
        announce(secretariat, cycle, extract)


def test_the_database_knows_no_other_choice(secretariat, cycle, extract):
    campaign = announce(secretariat, cycle, extract)
    for wrong in ({"one_per": "street"}, {"stratified_by": "", "chosen": {"all": 20}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(**wrong)


def test_before_choosing_the_secretariat_sees_people_and_shares(secretariat, cycle, extract):
    assert "district" in columns_of(actor=secretariat, cycle=cycle, extract=extract)
    assert not {"id", "birth_date", "household"} & set(
        columns_of(actor=secretariat, cycle=cycle, extract=extract)
    )
    parts = parts_of(
        actor=secretariat, cycle=cycle, extract=extract, letters=30, age_min=16, reply_by=REPLY_BY,
        stratified_by="district", one_per=OnePer.HOUSEHOLD,
    )  # fmt: skip
    assert [part.name for part in parts] == sorted(DISTRICTS)
    assert sum(part.in_proportion for part in parts) == 30
    assert all(0 < part.most < part.eligible for part in parts)


# -- another machine --------------------------------------------------------------------------------------


def redo(tmp_path, campaign, source, *options, secret=None):
    record, key = tmp_path / "record.json", tmp_path / "secret.txt"
    record.write_bytes(dump(published(campaign.draw)))
    key.write_text(secret or campaign.secret)
    return CliRunner().invoke(
        app,
        ["register", "redo", str(record), str(source), "--secret-file", str(key), "--on", REPLY_BY.isoformat(),
         "--out", str(tmp_path / "again"), *options],
    )  # fmt: skip


@pytest.mark.parametrize("one_per", OnePer)
def test_whoever_holds_the_extract_draws_the_same_letters_again(
    secretariat, cycle, extract, path, tmp_path, one_per
):
    campaign = announce(secretariat, cycle, extract, letters=12, one_per=one_per)
    campaign = drawn_at(secretariat, campaign, AFTER)
    post(campaign)
    with clock.at(MONTH_AFTER):
        draw_wave(actor=secretariat, campaign=campaign, letters=6, reply_by=REPLY_BY, reason=REASON)
    made = redo(tmp_path, campaign, path)
    assert made.exit_code == 0, made.output
    with (tmp_path / "again" / "drawn.csv").open(newline="", encoding="utf-8") as file:
        again = [(row["id"], int(row["letter_wave"])) for row in csv.DictReader(file)]
    waves = campaign.invitations.order_by("position").values_list("wave", flat=True)
    assert again == list(zip(drawn_ids(campaign, path), waves, strict=True))
    changed = tmp_path / "changed.csv"
    changed.write_text(path.read_text() + "\n")
    assert redo(tmp_path, campaign, changed).exit_code == 1
    wrong = redo(tmp_path, campaign, path, "--json", secret="00" * 32)
    assert wrong.exit_code == 1
    assert json.loads(wrong.output)["steps"][-1]["name"] == "root"
    younger = redo(tmp_path, campaign, path, "--age-min", "60", "--json")
    assert json.loads(younger.output)["steps"][-1]["name"] == "persons"
