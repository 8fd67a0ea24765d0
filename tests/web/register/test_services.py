"""The register: loaded whole or not at all, and gone on its date."""

import datetime as dt
from collections import Counter
from types import SimpleNamespace

import pytest

from isegoria import register
from isegoria.errors import BadInput
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.register import algorithms
from isegoria_web.register.errors import ExtractAlreadyLoaded, ExtractErased
from isegoria_web.register.jobs import erase_due_extracts
from isegoria_web.register.models import Extract
from isegoria_web.register.services import erase_extract, load_extract
from isegoria_web.web.backoffice.algorithms import count_from_register
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    register.write(register.synthesize("test", 300), tmp_path / "register.csv")
    return tmp_path / "register.csv"


def load(actor, institution, path):
    return load_extract(
        actor=actor, institution=institution, path=path, file_name=path.name,
        reference_date=dt.date(2027, 1, 1), erase_on=dt.date(2027, 6, 1),
    )  # fmt: skip


def test_an_extract_is_kept_unreadable_to_others(institution, secretariat, file):
    extract = load(secretariat, institution, file)
    assert extract.residents == 300
    from pathlib import Path

    assert Path(extract.file.path).stat().st_mode & 0o077 == 0
    entry = institution.chain.entries.get()
    assert (entry.action, entry.facts["residents"]) == (Action.EXTRACT_LOADED, 300)


def test_the_same_file_is_loaded_once(institution, secretariat, file):
    load(secretariat, institution, file)
    with pytest.raises(ExtractAlreadyLoaded):
        load(secretariat, institution, file)


def test_a_faulty_file_loads_nothing(institution, secretariat, file):
    rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*rows[:5], rows[4], *rows[5:]]), "utf-8")
    with pytest.raises(BadInput) as caught:
        load(secretariat, institution, file)
    assert caught.value.place.row == 6
    assert not Extract.objects.exists()
    assert not institution.chain.entries.exists()


def test_nobody_else_loads_or_erases(institution, elsewhere, secretariat, stranger, facilitator, file):
    extract = load(secretariat, institution, file)
    for actor in (stranger, facilitator, factories.actor(elsewhere, Role.SECRETARIAT)):
        with pytest.raises(NotAllowed):
            load(actor, institution, file)
        with pytest.raises(NotAllowed):
            erase_extract(actor=actor, extract=extract)


def test_on_its_date_the_software_erases_file_and_people_and_counts_stay(
    institution, secretariat, file, django_capture_on_commit_callbacks
):
    extract = load(secretariat, institution, file)
    stored = extract.file.path
    assert erase_due_extracts() == 0, "it is not due yet"
    with pytest.raises(NotAllowed):
        erase_extract(actor=Actor.system(), extract=extract)
    with (
        clock.at(dt.datetime(2027, 6, 1, 12, tzinfo=dt.UTC)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert erase_due_extracts() == 1
    extract.refresh_from_db()
    assert (extract.residents, bool(extract.file)) == (300, False)
    from pathlib import Path

    assert not Path(stored).exists()
    with pytest.raises(ExtractErased):
        erase_extract(actor=secretariat, extract=extract)
    assert institution.chain.entries.last().action == Action.EXTRACT_ERASED


@pytest.mark.parametrize("age_min", [0, 16, 40])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_is_counted_in_the_engine_as_row_by_row(tmp_path, age_min, ending):
    plain, path = tmp_path / "plain.csv", tmp_path / f"register{ending}"
    register.write(register.synthesize("counted", 2000), plain)
    register.convert(register.open_source(plain), path)
    on = dt.date(2027, 2, 28)
    people = register.read(path).eligible(age_min=age_min, on=on)
    assert people
    with algorithms.opened(path) as found:
        for column in ("birth_date", "sex", "municipality"):
            slowly = Counter(row[column] for row in people)
            assert algorithms.counts_of(found, column, on=on, age_min=age_min) == slowly


def test_missing_figures_are_counted_as_row_by_row(tmp_path):
    path = tmp_path / "register.csv"
    register.write(register.synthesize("counted", 2000), path)
    on, people = dt.date(2027, 2, 28), register.read(path).eligible(age_min=16, on=dt.date(2027, 2, 28))
    town = people[0]["municipality"]
    wanted = {
        "sex": [["F"], ["M", "X"]], "age": [[16, 29], [30, 64], [65, 200]], "municipality": [[town], []],
    }  # fmt: skip
    features = [
        {
            "key": origin, "origin": origin,
            "values": [{"key": str(at), "population": None, "matches": each} for at, each in enumerate(values)],
        }
        for origin, values in wanted.items()
    ]  # fmt: skip
    extract = SimpleNamespace(file=SimpleNamespace(path=str(path)))
    got = count_from_register(features, extract, age_min=16, on=on)
    ages = [algorithms.age_on(dt.date.fromisoformat(row["birth_date"]), on) for row in people]
    assert [[value["population"] for value in each["values"]] for each in got] == [
        [sum(row["sex"] in each for row in people) for each in wanted["sex"]],
        [sum(low <= age <= high for age in ages) for low, high in wanted["age"]],
        [sum(row["municipality"] in each for row in people) for each in wanted["municipality"]],
    ]
