"""One letter a home, from parts of a register that never meet: the draw of the whole, also where a home is in two parts."""

from __future__ import annotations

import json
import re
import weakref
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.registers import ON, SECRET, people, write_csv
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli import register_draw
from isegoria.cli.main import app
from isegoria.errors import BadInput
from isegoria.register import DuckDB, Frame, Register
from isegoria.seeding import seed_from_text

SEED = seed_from_text("3-1-4-1-5")
HOMES = Frame(age_min=16, on=ON, groups=("household",))
DRAWS = {
    "households": (60, HOMES, {}),
    "waves in strata": (
        [20, 30],
        replace(HOMES, stratify_by="municipality_name"),
        {"stratify_by": "municipality_name"},
    ),
    "addresses, then households": (
        70,
        replace(HOMES, groups=("address", "household"), secret=SECRET),
        {"within": ("address",), "secret": SECRET},
    ),
}


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def there_and_back(read, document):
    return read(json.loads(json.dumps(document)), "file.json")


def parts_of(folder, part_of, rows=None):
    """Return the files of a register cut into parts: `part_of` tells the part of the row at each place."""
    rows = people().rows if rows is None else rows
    made = {}
    for part in sorted(set(part_of)):
        own = tuple(row for row, of in zip(rows, part_of, strict=True) if of == part)
        made[str(part)] = write_csv(folder / f"{part}.csv", Register(own, people().columns, ""))
    return made


def homes_of(files, letters, frame):
    made = []
    for part, path in files.items():
        with DuckDB(path) as engine:
            shard = register.home_shard(engine, SEED, letters, frame, part)
        made.append(there_and_back(register.read_homes, register.home_document(shard)))
    return made


def people_in(files, walk, frame):
    made = []
    for part, path in files.items():
        with DuckDB(path) as engine:
            shard = register.people_shard(engine, walk, frame, part)
        made.append(there_and_back(register.read_people, register.people_document(shard)))
    return made


@settings(max_examples=5, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(DRAWS)))
def test_any_parts_in_any_order_give_the_draw_of_the_whole(tmp_path_factory, data, kind):
    letters, frame, said = DRAWS[kind]
    part_of = data.draw(st.lists(st.integers(0, 3), min_size=600, max_size=600))
    files = parts_of(tmp_path_factory.mktemp("parts"), part_of)
    whole = register.draw_letters(
        people(), SEED, letters, on=ON, age_min=16, one_per_household=True, **said
    )
    walk = register.walk_homes(data.draw(st.permutations(homes_of(files, letters, frame))))
    walk = there_and_back(register.read_walk, register.walk_document(walk))
    drawn = register.merge_homes(walk, data.draw(st.permutations(people_in(files, walk, frame))))
    assert (drawn.names, drawn.waves, drawn.places) == (whole.names, whole.waves, whole.places)
    assert (drawn.strata, drawn.design) == (whole.strata, whole.design)
    own = {row["id"]: str(part) for row, part in zip(people().rows, part_of, strict=True)}
    assert [row["part"] for row in drawn.rows] == [own[row["id"]] for row in whole.rows]


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """A register in two parts that cut through most homes."""
    return parts_of(tmp_path_factory.mktemp("halves"), [number % 2 for number in range(600)])


@pytest.fixture(scope="module")
def walk(halves):
    return register.walk_homes(homes_of(halves, 40, HOMES))


@pytest.fixture(scope="module")
def delivered(halves, walk):
    return people_in(halves, walk, HOMES)


def test_first_no_name_leaves_a_part_and_then_only_those_of_homes_that_are_met(halves, walk, delivered):
    names = {row["id"] for row in people().rows}
    for one in homes_of(halves, 40, HOMES):
        written = json.dumps(register.home_document(one), ensure_ascii=False)
        assert not [name for name in names if json.dumps(name, ensure_ascii=False) in written]
    met = {home for homes in walk.met.values() for home in homes}
    assert len(met) == 40
    told = {home for one in delivered for homes in one.people.values() for home in homes}
    assert told == met
    assert walk.shared > 0, "many homes have people in both"


@pytest.mark.parametrize("letters", [200, 540])
def test_letters_too_many_for_a_home_in_two_parts_are_refused_as_for_the_whole(halves, letters):
    with pytest.raises(BadInput) as whole:
        register.draw_letters(people(), SEED, letters, on=ON, age_min=16, one_per_household=True)
    with pytest.raises(BadInput) as merged:
        register.walk_homes(homes_of(halves, letters, HOMES))
    assert (merged.value.code, merged.value.parameters) == (whole.value.code, whole.value.parameters)


def test_a_home_in_two_strata_of_two_parts_is_refused_as_in_the_whole(tmp_path):
    part_of = [number % 2 for number in range(600)]
    rows = [
        row | {"municipality_name": f"Part {part}"}
        for row, part in zip(people().rows, part_of, strict=True)
    ]
    frame = replace(HOMES, stratify_by="municipality_name")
    with refused("households_split"):
        register.walk_homes(homes_of(parts_of(tmp_path, part_of, rows), 40, frame))


def test_what_does_not_belong_together_is_refused(halves, walk, delivered):
    one, two = homes_of(halves, 40, HOMES)
    for other in (replace(two, seed=bytes(32)), replace(two, letters=(41,)), replace(two, part="0")):
        with refused("shards_differ"):
            register.walk_homes([one, other])
    first, second = delivered
    strange = replace(second, part="2")
    for wrong, code in (
        ([first], "part_missing"),
        ([first, first], "shards_differ"),
        ([first, strange], "part_unknown"),
        ([first, second, strange, strange], "part_unknown"),
        ([first, replace(second, walk="0" * 64)], "shards_differ"),
        ([first, replace(second, sha256="0" * 64)], "shards_differ"),
    ):
        with refused(code):
            register.merge_homes(walk, wrong)
    with pytest.raises(BadInput, match="The part 1 has not delivered its people"):
        register.merge_homes(walk, [first])
    with DuckDB(halves["0"]) as engine:
        with refused("part_unknown"):
            register.people_shard(engine, walk, HOMES, "O")
        with refused("shards_differ"):
            register.people_shard(engine, walk, replace(HOMES, secret=SECRET), "0")
        with refused("register_changed"):
            register.people_shard(engine, walk, HOMES, "1")
        with refused("shard_no_groups"):
            register.home_shard(engine, SEED, 40, Frame(age_min=16, on=ON), "0")
        with refused("part_unnamed"):
            register.home_shard(engine, SEED, 40, HOMES, "")


def test_people_who_were_put_in_or_left_out_are_found(walk, delivered):
    first, second = delivered
    stratum, home = next(
        (stratum, home) for stratum, homes in first.people.items() for home, found in homes.items() if found
    )
    found = list(first.people[stratum][home])
    for forged in ([], [*found, found[0]], [(found[0][0], "friend"), *found[1:]]):
        people = {**first.people, stratum: {**first.people[stratum], home: forged}}
        with refused("shard_wrong"):
            register.merge_homes(walk, [replace(first, people=people), second])


@pytest.mark.parametrize(
    ("read", "change"),
    [
        (register.read_homes, {"format": "isegoria-letter-homes/0"}),
        (register.read_homes, {"groups": []}),
        (register.read_homes, {"groups": ["address", "household"]}),
        (register.read_homes, {"letters": [-1]}),
        (register.read_walk, {"parts": {"0": "short"}}),
        (register.read_walk, {"strata": [{"stratum": "all", "eligible": 1, "met": [{"keys": ["0" * 64], "place": 1, "people": {"0": 1}}]}]}),
        (register.read_people, {"walk": ""}),
        (register.read_people, {"strata": [{"stratum": "all", "homes": [{"keys": ["0" * 64], "people": [["0"]]}]}]}),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_them_is_refused(halves, walk, delivered, read, change):
    documents = {
        register.read_homes: register.home_document(homes_of(halves, 40, HOMES)[0]),
        register.read_walk: register.walk_document(walk),
        register.read_people: register.people_document(delivered[0]),
    }
    with refused("shard_unreadable"):
        read(documents[read] | change, "file.json")


def test_a_stratum_or_a_home_that_stands_twice_is_refused_with_its_field(halves, walk, delivered):
    """Of two only one would be counted, and whoever stands in the other would have no chance."""
    for read, document, field in (
        (register.read_homes, register.home_document(homes_of(halves, 40, HOMES)[0]), "homes"),
        (register.read_walk, register.walk_document(walk), "met"),
        (register.read_people, register.people_document(delivered[0]), "homes"),
    ):
        (stratum,) = document["strata"]
        home = {**stratum, field: [*stratum[field], stratum[field][0]]}
        for strata, where in (
            ([stratum, stratum], "$.strata[1] stands"),
            ([home], f"$.strata[0].{field}[{len(stratum[field])}] stands"),
        ):
            with pytest.raises(BadInput, match=re.escape(where)) as caught:
                read(document | {"strata": strata}, "file.json")
            assert (caught.value.code, caught.value.place.file) == ("shard_unreadable", "file.json")


def test_a_walk_that_counts_people_of_a_part_that_it_has_not_is_refused(walk):
    document = json.loads(json.dumps(register.walk_document(walk)))
    document["strata"][0]["met"][3]["people"]["elsewhere"] = 1
    with pytest.raises(BadInput, match=re.escape("$.strata[0].met[3].people names elsewhere")):
        register.read_walk(document, "walk.json")


# -- on the command line ----------------------------------------------------------------------------------


def call(*arguments, code=0):
    done = CliRunner().invoke(app, ["register", *(str(one) for one in arguments)])
    assert done.exit_code == code, done.output
    return done.output


def test_two_rounds_on_the_command_line_draw_what_the_whole_register_draws(tmp_path, halves):
    common = ("--seed", "3-1-4", "--on", "2026-01-01", "--letters", 40, "--one-per", "household")
    for part, path in halves.items():
        call("shard", path, *common, "--part", part, "--out", tmp_path / f"{part}.json")
    said = call("merge", tmp_path / "0.json", tmp_path / "1.json", "--out", tmp_path)
    assert "40 homes get a letter." in said
    assert "homes have people in several parts." in said
    walk = ("--walk", tmp_path / "walk.json")
    for part, path in halves.items():
        call("shard", path, *common, *walk, "--part", part, "--out", tmp_path / f"people{part}.json")
        assert (tmp_path / f"people{part}.json").stat().st_mode & 0o077 == 0
    second = (tmp_path / "people0.json", tmp_path / "people1.json")
    assert "--walk walk.json" in call("merge", *second, "--out", tmp_path / "no", code=2)
    call("merge", *second, *walk, "--out", tmp_path / "merged")
    file = write_csv(tmp_path / "register.csv", people())
    call("draw", file, *common, "--out", tmp_path / "whole")
    merged, whole = (
        [line.split(",")[0] for line in (tmp_path / name / "drawn.csv").read_text("utf-8").splitlines()[1:]]
        for name in ("merged", "whole")
    )
    assert merged == whole
    public = [
        json.loads((tmp_path / name / "draw.json").read_text("utf-8")) for name in ("merged", "whole")
    ]
    assert public[0]["strata"] == public[1]["strata"]
    assert [one["part"] for one in public[0]["parts"]] == ["0", "1"]
    other = ("--seed", "other", *common[2:])
    call("shard", halves["0"], *other, *walk, "--part", 0, "--out", tmp_path / "x.json", code=2)


def test_merging_holds_one_parsed_file_at_a_time_and_names_one_of_another_kind(
    tmp_path, halves, delivered, monkeypatch
):
    class Parsed(dict):
        """A document of which one can ask whether it is still there."""

    parsed = []

    def read(file):
        assert not [one for one in parsed if one() is not None]
        document = Parsed(json.loads(file.read_text("utf-8")))
        parsed.append(weakref.ref(document))
        return document

    monkeypatch.setattr(register_draw, "_json", read)
    files = [tmp_path / f"{number}.json" for number in range(3)]
    documents = [register.home_document(one) for one in homes_of(halves, 40, HOMES)]
    documents[1]["strata"].append({"stratum": "nobody", "homes": []})
    for file, document in zip(files, [*documents, register.people_document(delivered[0])], strict=True):
        file.write_text(json.dumps(document), "utf-8")
    assert "40 homes get a letter." in call("merge", *files[:2], "--out", tmp_path)
    assert len(parsed) == 2
    assert "2.json" in call("merge", *files, "--out", tmp_path / "no", code=2)
