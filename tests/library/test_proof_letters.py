from __future__ import annotations

import contextlib
import copy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import register
from isegoria.errors import BadInput
from isegoria.proof import (
    LetterSpecification,
    RandomValue,
    RuleBook,
    Source,
    Stratum,
    digest,
    dump,
    letter_commitment,
    letter_entry,
    letter_receipt,
    letter_record,
    letter_seed,
    letters,
    merkle,
    pseudonym,
    verify,
    verify_bytes,
    verify_receipt,
)

NOON = datetime(2027, 1, 11, 12, tzinfo=UTC)
STRATA = [Stratum("Eupen", 16_000, 250), Stratum("Raeren", 8_500, 130), Stratum("nobody", 0, 0)]
CUT_OFFS = {"Eupen": "04" * 8, "Raeren": "03ff" * 4, "nobody": None}


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def committed(strata=STRATA, committed_at=NOON - timedelta(days=2), sources=None):
    announced = [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")]
    return letter_commitment(
        LetterSpecification(
            *(
                "Eupen",
                "Bürgerdialog",
                "2027",
                "residents aged 16 and over",
                "keyed-hash/1",
                "isegoria 0.1.0",
            ),
            RuleBook("example", "1", "0" * 64),
            announced if sources is None else sources,
        ),
        extract_sha256="ab" * 32,
        extract_rows=30_000,
        strata=strata,
        committed_at=committed_at,
    )


def drawn(value="3-5-2-6-1-4", cut_offs=CUT_OFFS):
    return letter_record(committed(), [RandomValue("public:dice-2027-01-11", value, NOON)], cut_offs)


def failed(document, **options):
    return {step.name for step in verify(document, **options).steps if not step.ok}


def change(document, path, value):
    *parents, last = path
    for key in parents:
        document = document[key]
    document[last] = value


def rehashed(document):
    for part in document["commitments"]:
        document["commitments"][part] = digest(document[part])
    before = {part: document[part] for part in ("specification", "register", "commitments", "committed_at")}
    document["commitment"] = digest(before | {"format": "isegoria-letter-commitment/1"})
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def test_an_honest_record_of_the_letters_verifies():
    assert verify_bytes(dump(drawn())).ok
    assert verify(committed()).ok
    assert verify(drawn(), published=committed()["hash"]).ok
    assert failed(drawn(), published="0" * 64) == {"commitment"}


def test_the_seed_follows_from_register_and_randomness():
    assert drawn("1")["seed"] != drawn("2")["seed"]
    assert drawn()["seed"] == "19ff963e766e48a2e17e00c319b8f715c836c88ea2e652677b0ab5dfb2fdfd60"


FORGERIES = {
    "another extract": (("register", "extract_sha256"), "cd" * 32, "seed"),
    "more letters than persons": (("register", "strata", 0, "letters"), 17_000, "strata"),
    "more persons than rows": (("register", "rows"), 24_000, "strata"),
    "a chance embellished": (("register", "strata", 0, "chance"), "1/2", "strata"),
    "a stratum twice": (("register", "strata", 1, "stratum"), "Eupen", "strata"),
    "another random value": (("randomness", 0, "value"), "1-1-1-1-1-1", "seed"),
    "a total that is none": (("result", "letters"), 381, "cut_offs"),
    "a cut-off without letters": (("result", "cut_offs", 2, "key"), "0" * 16, "cut_offs"),
    "letters without a cut-off": (("result", "cut_offs", 0, "key"), None, "cut_offs"),
    "a stratum left out": (("result", "cut_offs"), [], "cut_offs"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_caught_even_if_all_hashes_fit(name):
    path, value, step = FORGERIES[name]
    document = copy.deepcopy(drawn())
    change(document, path, value)
    assert failed(document)
    assert step in failed(rehashed(document))


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("letters_too_many", lambda: committed([Stratum("Eupen", 3, 4)])),
        ("letters_cut_offs_wrong", lambda: committed([Stratum("Eupen", 3, 1)] * 2)),
        ("letters_cut_offs_wrong", lambda: drawn(cut_offs={"Eupen": "04" * 8})),
        ("committed_too_late", lambda: committed(committed_at=NOON)),
        ("seed_empty", lambda: committed(sources=[])),
    ],
)
def test_letters_that_could_not_be_drawn_are_refused(code, build):
    with refused(code) as caught:
        build()
    assert caught.value.problem
    assert caught.value.way_out


def paths(value, before=()):
    yield before
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from paths(child, (*before, key))


@settings(max_examples=200, deadline=None)
@given(
    st.data(),
    st.sampled_from([None, -1, 0, 1.5, "", "x", "0" * 64, "\ud800", [], [[]], {}, {"a": 1}, "9/0"]),
)
def test_a_malformed_record_of_the_letters_is_reported_and_never_crashes(data, junk):
    document = copy.deepcopy(drawn())
    path = data.draw(st.sampled_from([path for path in paths(document) if path]))
    change(document, path, junk)
    if document != drawn():
        assert not verify(document).ok
        with contextlib.suppress(BadInput, KeyError, TypeError, AttributeError):
            verify(rehashed(document))


# -- keyed pseudonyms, the root, and a resident's own check --------------------------------------------

SECRET = bytes(range(32))
PLACES = {f"reg-{number:03}": "Eupen" if number % 3 else "Raeren" for number in range(60)}


def register_file(tmp_path):
    columns = (
        "id,given_name,family_name,sex,birth_date,language,street,house_number,postcode,municipality,"
        "municipality_name,household"
    )
    lines = [columns]
    lines += [
        f"{identifier},Given,Family,F,1980-01-01,de,Street,{number},4700,63023,{place},H{number}"
        for number, (identifier, place) in enumerate(PLACES.items())
    ]
    (tmp_path / "register.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return register.read(tmp_path / "register.csv")


def rooted(tmp_path, count=20):
    """Return a record of the letters with its root, all entries, and who was drawn."""
    found = register_file(tmp_path)
    on = NOON.date()

    def draw(seed):
        return register.draw_letters(
            found, seed, count, on=on, age_min=16, stratify_by="municipality_name", secret=SECRET
        )

    made = {identifier: letter_entry(SECRET, identifier, place) for identifier, place in PLACES.items()}
    committed_ = letter_commitment(
        LetterSpecification(
            *("Eupen", "council", "2027", "residents", draw(bytes(32)).rule, "isegoria"),
            RuleBook("example", "1", "0" * 64),
            [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")],
        ),
        extract_sha256=found.sha256,
        extract_rows=len(found),
        strata=[Stratum(one.name, one.eligible, one.letters) for one in draw(bytes(32)).strata],
        committed_at=NOON - timedelta(days=2),
        root=merkle.root([one.leaf for one in made.values()]),
    )
    value = [RandomValue("public:dice-2027-01-11", "3-5-2-6-1-4", NOON)]
    seed = letter_seed(committed_["commitments"], [(one.source, one.value) for one in value])
    drawn_ = draw(seed)
    document = letter_record(committed_, value, {one.name: one.cut_off for one in drawn_.strata})
    return document, made, {row["id"] for row in drawn_.rows}


def test_every_resident_finds_herself_and_whether_a_letter_was_drawn(tmp_path):
    document, made, drawn_ = rooted(tmp_path)
    assert verify(document).ok
    leaves = [one.leaf for one in made.values()]
    for identifier, entry in made.items():
        found = verify_receipt(document, letter_receipt(entry, leaves))
        assert found.ok
        assert found.steps[-1].detail.endswith("; a letter was drawn") == (identifier in drawn_)


def test_guessed_numbers_tell_nothing_against_the_public_cut_off(tmp_path):
    document, made, drawn_ = rooted(tmp_path)
    cut_offs = {one["stratum"]: one["key"] for one in document["result"]["cut_offs"]}
    seed = bytes.fromhex(document["seed"])
    guessed = {one for one in PLACES if letters.letter_key(seed, one) < cut_offs[PLACES[one]]}
    true = {one for one in PLACES if letters.letter_key(seed, made[one].pseudonym) < cut_offs[PLACES[one]]}
    assert true == drawn_, "with the secret the public rule gives exactly the letters"
    # Without it the attacker does no better than by throwing a coin with the published chance: 20 of 60.
    assert abs(len(guessed & drawn_) - 20 * 20 / 60) <= 6
    written = dump(document).decode()
    assert not any(one in written or made[one].pseudonym in written for one in PLACES)


def test_without_the_secret_no_leaf_can_be_made_again(tmp_path):
    document, made, _ = rooted(tmp_path)
    other = letter_entry(bytes(32), "reg-001", PLACES["reg-001"])
    assert other.leaf not in {one.leaf for one in made.values()}
    with refused("leaf_unknown"):
        letter_receipt(other, [one.leaf for one in made.values()])
    with refused("letters_secret_wrong"):
        pseudonym(b"short", "reg-001")
    assert verify(document).ok, "the record needs no secret"


@pytest.mark.parametrize(
    ("key", "value", "step"),
    [
        ("pseudonym", "0" * 64, "path"),
        ("stratum", "Raeren", "path"),
        ("salt", "0" * 32, "path"),
        ("path", [], "path"),
        ("path", None, "receipt"),
        ("format", "isegoria-receipt/1", "receipt"),
    ],
)
def test_a_residents_receipt_that_does_not_fit_is_caught(tmp_path, key, value, step):
    document, made, _ = rooted(tmp_path)
    own = letter_receipt(made["reg-001"], [one.leaf for one in made.values()]) | {key: value}
    assert verify_receipt(document, own).failed.name == step


def test_a_resident_who_was_left_out_finds_out(tmp_path):
    document, made, _ = rooted(tmp_path)
    without = [one.leaf for identifier, one in made.items() if identifier != "reg-001"]
    document["register"]["root"] = merkle.root(without).hex()
    own = letter_receipt(made["reg-001"], [one.leaf for one in made.values()])
    assert verify_receipt(rehashed(document), own).failed.name == "path"
    assert verify_receipt(drawn(), own).failed.name == "path", "a record without a root"


def test_golden_pseudonym():
    assert (
        pseudonym(SECRET, "reg-001") == "61b6127ffbc6367ca2d0e50e8dd159a6173bd9525f3239488a17f7be2efbb663"
    )
    assert (
        letter_entry(SECRET, "reg-001", "Eupen").leaf.hex()
        == "622f5a02ec09010dbece2baa547d5eb36b1b0a31c3dadc736c5dfc65c21f2c33"
    )
