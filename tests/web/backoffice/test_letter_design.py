"""How letters are drawn, chosen in the office and read by everybody: scenario 1 through the pages, at a small size."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from isegoria.cli.main import app
from isegoria.proof import dump, verify_bytes
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment.enums import OnePer
from isegoria_web.recruitment.models import Campaign
from isegoria_web.recruitment.services import draw_letters
from isegoria_web.register.models import Extract
from isegoria_web.web.letter_design import design_of
from tests.web import factories
from tests.web.backoffice.support import HEADER, Staff, moment, texts

pytestmark = pytest.mark.django_db

SECRETARIAT = Role.SECRETARIAT
DUE = factories.NOW + dt.timedelta(days=3)
DISTRICTS = ("Haas", "Kettenis", "Nispert", "Unterstadt")


def register_csv(homes: int = 60) -> str:
    """A register of homes of one to four people in districts of unlike size."""
    rows = [
        f"R{home:04d}-{person},Given{home},Family{home},{'FM'[person % 2]},{1947 + (home + person) % 55}-05-17,de,"
        f"Klosterstraße,{home},4700,63023,Eupen,H{home:04d},{DISTRICTS[home % 7 % 4]}"
        for home in range(homes)
        for person in range(1 + home % 4)
    ]
    return "\n".join([f"{HEADER},district", *rows]) + "\n"


@pytest.fixture
def loaded(institution, staff: Staff):
    factories.make_cycle(institution, Stage.MANDATE)
    Cycle.objects.update(mandate_signed_at=factories.NOW)
    file = SimpleUploadedFile("register.csv", register_csv().encode())
    staff.post(SECRETARIAT, "register", file=file, reference_date="2027-03-01", erase_on="2027-09-01")
    return Extract.objects.get()


def form(extract, **changed):
    return {
        "extract": extract.public_id,
        "letters": 20,
        "age_min": 16,
        "one_per": "household",
        "allocation": "chosen",
        "stratified_by": "district",
        "reply_by": "2027-04-05",
        "randomness": "balls",
        "balls_count": 6,
        "balls_highest": 49,
        **texts("source", "Balls in the town hall"),
        **moment("source_due_at", DUE),
        **changed,
    }


def hidden(page):
    """What a page sends along."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))


def test_the_form_says_what_each_choice_means(loaded, staff: Staff):
    page = staff.get(SECRETARIAT, "letters", 1).content.decode()
    for words in (
        "Several letters can reach one home.",
        "No household gets two letters",
        "No address gets two letters",
        "letters do not pile up in one house",
        "The lot alone decides how many letters go where.",
        "nearly the same",
        "The chances then differ from part to part",
    ):
        assert words in page
    options = re.findall(r'<option value="([^"]*)"', page)
    assert {"municipality_name", "district", "sex"} <= set(options)
    assert not {"id", "birth_date", "household", "family_name"} & set(options)


def test_everybody_reads_how_homes_were_drawn():
    def told(*groups):
        design = {"groups": list(groups), "stratified_by": None, "allocation": "proportional"}
        return design_of({"specification": {"design": design}})[0]

    assert "Several letters can reach one home." in told()
    assert "No address gets two letters" in told("address")
    assert "address by address" in told("address", "household")
    assert "address by address" not in told("household")


def test_chosen_letters_are_set_in_a_table_whose_faults_stand_at_the_cell(loaded, staff: Staff):
    sent = form(loaded)
    table = staff.post(SECRETARIAT, "letters", 1, **sent)
    assert table.status_code == 200
    page = table.content.decode()
    assert all(name in page for name in DISTRICTS)
    cells = [int(value) for value in re.findall(r'name="chosen_\d" value="(\d+)"', page)]
    assert sum(cells) == 20, "filled with the shares in proportion"
    key = hidden(table)["chosen_table"]
    filled = {f"chosen_{place}": count for place, count in enumerate(cells)}

    def post(**changed):
        return staff.post(SECRETARIAT, "letters", 1, **sent, **{**filled, "chosen_table": key, **changed})

    too_many = post(chosen_0=90)
    assert too_many.status_code == 422
    assert 'id="id_chosen_0_error">At most ' in too_many.content.decode()
    empty = post(chosen_1="")
    assert empty.status_code == 422
    assert 'id="id_chosen_1_error"' in empty.content.decode()
    wrong_sum = post(chosen_0=cells[0] + 1)
    assert wrong_sum.status_code == 422
    assert "The letters add up to 21, but 20 were set." in wrong_sum.content.decode()
    stale = staff.post(
        SECRETARIAT, "letters", 1, **{**sent, "age_min": 40}, **filled, chosen_table=key
    ).content.decode()
    assert "the table was made anew" in stale
    first_page = post(change="first").content.decode()
    assert 'name="one_per"' in first_page
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"one_per": "street"}, "street is not one of"),
        ({"stratified_by": "family_name"}, "family_name is not one of"),
        ({"stratified_by": "", "allocation": "proportional"}, "Choose the column"),
        ({"stratified_by": "sex", "allocation": "proportional"}, "Some households stand in several strata"),
        ({"stratified_by": "house"}, "house is not one of"),
        ({"letters": 150, "allocation": "proportional"}, "too large for"),
    ],
)
def test_a_design_that_cannot_be_is_refused_on_the_form(loaded, staff: Staff, changed, words):
    answer = staff.act(SECRETARIAT, "letters", 1, **form(loaded, **changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Campaign.objects.exists()


def announced(staff: Staff, extract, cells) -> Campaign:
    """Choose as the officer does: the form, the table, the warning, yes."""
    sent = form(extract)
    table = staff.post(SECRETARIAT, "letters", 1, **sent)
    again = {**sent, "chosen_table": hidden(table)["chosen_table"]}
    again |= {f"chosen_{place}": count for place, count in enumerate(cells)}
    caution = staff.post(SECRETARIAT, "letters", 1, **again)
    assert "One letter a household. No household gets two letters" in caution.content.decode()
    assert staff.post(SECRETARIAT, "letters", 1, **again, confirmed="yes").status_code == 302
    return Campaign.objects.get()


def test_from_a_register_with_households_to_letters_that_another_machine_finds_too(
    institution, secretariat, loaded, staff: Staff, tmp_path
):
    campaign = announced(staff, loaded, (8, 6, 4, 2))
    assert (campaign.one_per, campaign.stratified_by) == (OnePer.HOUSEHOLD, "district")
    page = reverse("public:draw", args=[institution.slug, 1, 1])
    record = reverse("public:record", args=[institution.slug, 1, 1])
    before = Client().get(page).content.decode()
    assert campaign.draw.record.commitment_sha256 in before, "public before the randomness exists"
    assert clock.now() < campaign.draw.source_due_at
    assert "Your chance of getting a letter is between 1 in " in before
    commitment = Client().get(record).content
    assert verify_bytes(commitment).ok
    with clock.at(campaign.draw.source_due_at + dt.timedelta(minutes=1)):
        factories.throw(campaign.draw, "3-7-10-1-49-22")
        draw_letters(actor=secretariat, campaign=campaign)
        after = Client().get(page).content.decode()
        data = Client().get(record).content
    assert "Your chance of getting a letter was between 1 in " in after
    assert "The letters of each part were chosen." in after
    document = json.loads(data)
    for one in document["register"]["strata"]:
        assert f"{one['stratum']}<svg" in after
    assert verify_bytes(data, published=campaign.draw.record.commitment_sha256).ok

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "register.csv").write_text(register_csv())
    (elsewhere / "record.json").write_bytes(data)
    (elsewhere / "secret.txt").write_text(campaign.secret)
    made = CliRunner().invoke(
        app,
        ["register", "redo", *(str(elsewhere / name) for name in ("record.json", "register.csv")),
         "--secret-file", str(elsewhere / "secret.txt"), "--on", "2027-04-05", "--out", str(elsewhere)],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    homes = [line.split(",")[11] for line in (elsewhere / "drawn.csv").read_text().splitlines()[1:]]
    drawn = campaign.invitations.order_by("position").values_list("resident__house_number", flat=True)
    assert [f"H{int(number):04d}" for number in drawn] == homes
    assert len(set(homes)) == len(homes) == 20
    assert dump(document) == data
