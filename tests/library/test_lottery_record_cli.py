"""Drawing from the command line: a record that a stranger can redo, and seats filled from the record alone."""

from __future__ import annotations

import csv
import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.browser_verifier import browser, of_the_library
from tests.support.records import failed, rehashed
from typer.testing import CliRunner

from isegoria import lottery
from isegoria.cli.lottery import app
from isegoria.cli.proof import app as proof_app
from isegoria.proof import RandomValue, dump, parse, verify
from isegoria.proof import record as make_record
from isegoria.testing import realistic_pool

run = CliRunner().invoke


def write(path, header, lines):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    return str(path)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def solved(folder, named=str):
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2}, seed="record", slack=2)
    names = list(instance.quotas.features)
    pool = write(
        folder / "pool.csv",
        ["id", *names, "phone"],
        [
            [named(one.id), *(one.features[name] for name in names), f"087 {number}"]
            for number, one in enumerate(instance.pool)
        ],
    )
    quotas = write(
        folder / "quotas.csv",
        ["feature", "value", "min", "max"],
        [[q.feature, q.value, q.minimum, q.maximum] for q in instance.quotas],
    )
    out = folder / "draw"
    result = run(app, ["solve", pool, quotas, "--size", "10", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out, instance


@pytest.fixture
def folder(tmp_path):
    return solved(tmp_path)[0]


def drawn(folder, *more, seed="27 04 11"):
    result = run(app, ["draw", str(folder), "--seed", seed, "--json", *more])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def record_of(folder):
    return parse((folder / "record.json").read_bytes())


def test_a_record_is_redone_and_says_what_cannot_be_known_of_its_seed(folder):
    summary = drawn(folder, "--alternates", "4")
    result = run(proof_app, ["verify", str(folder / "record.json")])
    assert result.exit_code == 0, result.output
    assert "All 23 steps hold" in result.output
    assert "whoever gave it may have chosen it" in result.output
    document = record_of(folder)
    assert document["hash"] == summary["record"]
    assert document["result"]["members"] == [row["id"] for row in rows(folder / "panel.csv")]
    assert document["result"]["alternates"][:4] == [row["id"] for row in rows(folder / "alternates.csv")]
    (source,) = document["specification"]["randomness"]
    assert (source["source"], source["moment"]) == ("text:seed", None)


def test_one_byte_one_quota_or_one_member_changed_is_named(folder):
    drawn(folder)
    file = folder / "record.json"
    honest = file.read_bytes()
    document = record_of(folder)
    one_quota = record_of(folder)
    one_quota["specification"]["quotas"][0]["maximum"] += 1
    one_member = record_of(folder)
    one_member["result"]["members"][0] = one_member["result"]["alternates"][0]
    for changed, step in [
        (honest.replace(b'"seed"', b'"sead"', 1), "format"),
        (honest + b"\n", "spelling"),
        (dump(one_quota), "hash"),
        (dump(rehashed(one_quota)), "seed"),
        (dump(one_member), "hash"),
        (dump(rehashed(one_member)), "members"),
    ]:
        file.write_bytes(changed)
        result = run(proof_app, ["verify", str(file)])
        assert result.exit_code == 1
        assert f"step {step}." in result.output, result.output
        assert of_the_library(changed) == (False, step)
    assert verify(document).ok


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_byte_of_a_record_can_be_changed_unseen(data, honest_record):
    place = data.draw(st.integers(0, len(honest_record) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != honest_record[place]))
    changed = honest_record[:place] + bytes([byte]) + honest_record[place + 1 :]
    assert not of_the_library(changed)[0]


@pytest.fixture(scope="module")
def honest_record(tmp_path_factory):
    folder = solved(tmp_path_factory.mktemp("honest"))[0]
    drawn(folder)
    return (folder / "record.json").read_bytes()


def test_who_is_drawn_depends_on_lottery_and_seed_alone(folder):
    drawn(folder, "--alternates", "0")
    first = record_of(folder)
    drawn(folder, "--alternates", "9", seed="  27 04 11 ")
    assert record_of(folder)["result"] == first["result"]
    assert record_of(folder)["seed"] == first["seed"]
    drawn(folder, seed="27 04 12")
    assert record_of(folder)["seed"] != first["seed"]


def test_a_commitment_is_written_first_and_binds(folder):
    result = run(app, ["draw", str(folder), "--json"])
    published = json.loads(result.stdout)["commitment"]
    assert not (folder / "record.json").exists()
    assert drawn(folder)["commitment"] == published
    result = run(proof_app, ["verify", str(folder / "record.json"), "--commitment", published])
    assert result.exit_code == 0
    run(app, ["round", str(folder), "--tickets", "100", "--out", str(folder)])
    result = run(app, ["draw", str(folder), "--seed", "1"])
    assert (result.exit_code, "Another lottery than this one was committed" in result.stderr) == (2, True)


@pytest.mark.parametrize("seed", ["", "  ", "one\ntwo", "a\tb", "x" * 301])
def test_a_seed_that_is_no_line_is_refused_and_nothing_is_written(folder, seed):
    before = sorted(folder.iterdir())
    result = run(app, ["draw", str(folder), "--seed", seed])
    assert result.exit_code == 2
    assert sorted(folder.iterdir()) == before


def test_a_commitment_that_was_bent_is_not_drawn_from(folder):
    run(app, ["draw", str(folder)])
    file = folder / "commitment.json"
    document = parse(file.read_bytes())
    document["specification"]["size"] += 1
    file.write_bytes(dump(document))
    result = run(app, ["draw", str(folder), "--seed", "1"])
    assert (result.exit_code, "step specification" in result.stderr) == (2, True), result.output
    for content in (b"{}", b"[]", b"no"):
        file.write_bytes(content)
        assert run(app, ["draw", str(folder), "--seed", "1"]).exit_code == 2
    assert not (folder / "record.json").exists()


def test_a_bad_seed_leaves_no_replacement_half_written(folder, tmp_path):
    drawn(folder)
    gone = write(tmp_path / "gone.csv", ["id"], [[record_of(folder)["result"]["members"][0]]])
    arguments = ["replace", str(folder / "record.json"), "--gone", gone, "--seed", "a\tb"]
    assert run(app, arguments).exit_code == 2
    assert not (folder / "replacement").exists()


def test_a_negative_number_of_alternates_is_refused(folder):
    assert run(app, ["draw", str(folder), "--seed", "1", "--alternates", "-1"]).exit_code == 2


@pytest.mark.parametrize("objective", lottery.OBJECTIVES)
def test_every_objective_and_its_equal_tickets_have_a_record(tmp_path, objective):
    solved(tmp_path)
    out = tmp_path / objective
    arguments = [
        str(tmp_path / "pool.csv"),
        str(tmp_path / "quotas.csv"),
        "--size",
        "10",
        "--out",
        str(out),
    ]
    assert run(app, ["solve", *arguments, "--objective", objective]).exit_code == 0
    assert run(app, ["round", str(out), "--tickets", "100"]).exit_code == 0
    for folder in (out, out / "tickets-100"):
        drawn(folder)
        found = verify(record_of(folder))
        assert found.ok, found.failed
    assert "phone" in rows(out / "tickets-100" / "panel.csv")[0]


def test_ids_that_cannot_stand_in_a_record_get_codes_of_their_own(tmp_path):
    folder, _ = solved(tmp_path, named=lambda one: f"Anna Müller {one}")
    drawn(folder, "--alternates", "3")
    record = (folder / "record.json").read_text("utf-8")
    assert "Anna" not in record
    codes = {row["code"]: row["id"] for row in rows(folder / "codes.csv")}
    assert (folder / "codes.csv").stat().st_mode & 0o077 == 0
    panel = [row["id"] for row in rows(folder / "panel.csv")]
    assert [codes[one] for one in record_of(folder)["result"]["members"]] == panel
    gone = write(tmp_path / "gone.csv", ["id"], [[panel[0]]])
    result = run(app, ["replace", str(folder / "record.json"), "--gone", gone, "--seed", "2"])
    assert result.exit_code == 0, result.output
    (entered,) = rows(folder / "replacement" / "panel.csv")
    assert entered["id"].startswith("Anna")
    assert entered["phone"].startswith("087")
    assert verify(record_of(folder / "replacement")).ok


def test_vacant_seats_are_filled_from_the_record_alone(tmp_path):
    folder, instance = solved(tmp_path)
    drawn(folder)
    record = tmp_path / "elsewhere" / "record.json"
    record.parent.mkdir()
    record.write_bytes((folder / "record.json").read_bytes())
    earlier = parse(record.read_bytes())
    left = earlier["result"]["members"][:3]
    unavailable = earlier["result"]["alternates"][:2]
    gone = write(tmp_path / "gone.csv", ["id"], [[one] for one in (*left, *unavailable)])
    arguments = ["replace", str(record), "--gone", gone, "--seed", "2", "--out"]
    second = tmp_path / "second"
    result = run(app, [*arguments, str(second), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["vacant"] == 3
    document = record_of(second)
    assert verify(document).ok
    assert document["specification"]["completes"]["record"] == earlier["hash"]
    body = rows(second / "body.csv")
    assert len(body) == 10
    assert not {row["id"] for row in body} & {*left, *unavailable}
    for quota in instance.quotas:
        assert quota.minimum <= sum(row[quota.feature] == quota.value for row in body) <= quota.maximum
    # And once more, from the record of the replacement.
    gone = write(tmp_path / "gone.csv", ["id"], [[body[0]["id"]], [body[-1]["id"]]])
    third = tmp_path / "third"
    again = ["replace", str(second / "record.json"), "--gone", gone, "--seed", "3", "--out", str(third)]
    assert run(app, again).exit_code == 0
    assert record_of(third)["specification"]["completes"]["record"] == document["hash"]
    assert len(rows(third / "body.csv")) == 10
    assert verify(record_of(third)).ok


def test_a_record_that_does_not_hold_is_not_drawn_from(folder, tmp_path):
    drawn(folder)
    document = record_of(folder)
    document["result"]["members"][0] = document["result"]["alternates"][0]
    forged = tmp_path / "forged.json"
    forged.write_bytes(dump(rehashed(document)))
    gone = write(tmp_path / "gone.csv", ["id"], [[document["result"]["members"][1]]])
    result = run(app, ["replace", str(forged), "--gone", gone, "--seed", "2", "--out", str(tmp_path / "x")])
    assert (result.exit_code, (tmp_path / "x").exists()) == (2, False)
    assert "step members" in result.stderr


@pytest.mark.parametrize(
    ("ids", "words"), [(["nobody"], "1 of those who left are not in the record"), ([], "No seat is vacant")]
)
def test_people_who_left_but_never_sat_are_refused(folder, tmp_path, ids, words):
    drawn(folder)
    ids = ids or record_of(folder)["result"]["alternates"][:1]
    gone = write(tmp_path / "gone.csv", ["id"], [[one] for one in ids])
    result = run(app, ["replace", str(folder / "record.json"), "--gone", gone, "--seed", "2"])
    assert (result.exit_code, words in result.stderr) == (2, True), result.output
    assert not (folder / "replacement").exists()


def test_a_replacement_is_compared_with_the_record_that_it_names(folder, tmp_path):
    drawn(folder)
    earlier = record_of(folder)
    gone = write(tmp_path / "gone.csv", ["id"], [[one] for one in earlier["result"]["members"][:3]])
    run(app, ["replace", str(folder / "record.json"), "--gone", gone, "--seed", "2"])
    file = folder / "replacement" / "record.json"
    honest = parse(file.read_bytes())

    def said(document, other=folder / "record.json"):
        file.write_bytes(dump(document))
        return run(proof_app, ["verify", str(file), "--earlier", str(other)])

    result = said(honest)
    assert result.exit_code == 0, result.output
    assert "7 members stay, 3 left" in result.output
    assert "50 people could be drawn" in result.output

    def a_stranger_sits(body, _):
        body["sitting"][0]["codes"][0] = "nobody"

    def another_record(body, _):
        body["record"] = "0" * 64

    stranger = said(redrawn(honest, a_stranger_sits))
    assert (stranger.exit_code, "nobody was no member" in stranger.output) == (1, True), stranger.output
    other = said(redrawn(honest, another_record))
    assert (other.exit_code, "step earlier" in other.output) == (1, True)
    whole = said(earlier)
    assert (whole.exit_code, "not one for vacant seats" in whole.output) == (1, True)
    no_record = tmp_path / "no.json"
    no_record.write_text("{}")
    assert said(honest, no_record).exit_code == 1


def redrawn(document, change):
    """Bend what a record says of the body, and draw again, so that every step of its own holds."""
    copy = json.loads(json.dumps(document))
    change(copy["specification"]["completes"], copy)
    copy = rehashed(copy)
    keys = ("format", "specification", "pool", "lottery", "commitments", "committed_at")
    committed = {key: copy[key] for key in keys} | {"hash": copy["commitment"]}
    value = copy["randomness"][0]
    moment = datetime.fromisoformat(value["obtained_at"])
    made = make_record(committed, [RandomValue(value["source"], value["value"], moment)])
    assert verify(made).ok, verify(made).failed
    return made


def test_drawing_again_with_another_seed_is_said(folder):
    drawn(folder)
    first = record_of(folder)["hash"]
    assert run(app, ["draw", str(folder), "--seed", "27 04 11"]).stderr == ""
    again = run(app, ["draw", str(folder), "--seed", "another"])
    assert "record.json of another draw was there and is replaced" in again.stderr
    assert first != record_of(folder)["hash"]


def bent(document, change):
    copy = json.loads(json.dumps(document))
    change(copy["specification"]["completes"], copy)
    return rehashed(copy)


def test_what_a_record_says_of_the_whole_body_is_checked_by_both_verifiers(folder, tmp_path):
    drawn(folder)
    gone = write(
        tmp_path / "gone.csv", ["id"], [[one] for one in record_of(folder)["result"]["members"][:3]]
    )
    result = run(app, ["replace", str(folder / "record.json"), "--gone", gone, "--seed", "2"])
    assert result.exit_code == 0, result.output
    honest = record_of(folder / "replacement")

    def another_size(body, _):
        body["size"] += 1

    def another_quota(body, _):
        body["quotas"][0]["maximum"] += 1

    def a_quota_twice(body, _):
        body["quotas"].append(body["quotas"][0])

    def somebody_twice(body, _):
        body["sitting"][0]["codes"].append(body["sitting"][1]["codes"][0])

    def somebody_of_the_pool(body, whole):
        body["sitting"][0]["codes"][0] = whole["pool"]["entries"][0]["code"]

    with browser() as node:
        assert node.verdict(dump(honest)) == of_the_library(dump(honest)) == (True, None)
        steps = node.ask(dump(honest))["steps"]
        assert [one["name"] for one in steps if one["unchecked"]] == ["randomness"]
        for change in (another_size, another_quota, a_quota_twice, somebody_twice, somebody_of_the_pool):
            data = dump(bent(honest, change))
            assert node.verdict(data) == of_the_library(data)
            assert "quotas" in failed(parse(data)), change


def test_a_text_as_seed_stands_alone_and_has_no_moment(folder):
    drawn(folder)
    honest = record_of(folder)
    source, value = honest["specification"]["randomness"][0], honest["randomness"][0]

    def with_moment(document):
        document["specification"]["randomness"][0]["moment"] = "2999-01-01T00:00:00Z"

    def beside_another(document):
        name = "public:lotto"
        document["specification"]["randomness"].append(
            source | {"source": name, "moment": "2999-01-01T00:00:00Z"}
        )
        document["randomness"].append(value | {"source": name, "obtained_at": "2999-01-02T00:00:00Z"})

    def public_without_moment(document):
        document["specification"]["randomness"][0]["source"] = "public:lotto"
        document["randomness"][0]["source"] = "public:lotto"

    with browser() as node:
        for change in (with_moment, beside_another, public_without_moment):
            document = json.loads(json.dumps(honest))
            change(document)
            data = dump(rehashed(document))
            assert node.verdict(data) == of_the_library(data) == (False, "sources"), change
