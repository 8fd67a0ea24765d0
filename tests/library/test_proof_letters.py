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
    LetterDesign,
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
CUT_OFFS = {"Eupen": ["04" * 32], "Raeren": ["03ff" * 16], "nobody": [None]}
DESIGN = LetterDesign(stratified_by="municipality_name", allocation="chosen")


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
                DESIGN,
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
    document["commitment"] = digest(before | {"format": "isegoria-letter-commitment/2"})
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def test_an_honest_record_of_the_letters_verifies():
    assert verify_bytes(dump(drawn())).ok
    assert verify(committed()).ok
    assert verify(drawn(), published=committed()["hash"]).ok
    assert failed(drawn(), published="0" * 64) == {"commitment"}


def test_the_seed_follows_from_register_and_randomness():
    assert drawn("1")["seed"] != drawn("2")["seed"]
    assert drawn()["seed"] == "4cf3ec96e40b6e8b17ef990e8e05ffe1980f9e5f3b9de78c16bdc6bd79eb0d3b"


FORGERIES = {
    "another extract": (("register", "extract_sha256"), "cd" * 32, "seed"),
    "more letters than persons": (("register", "strata", 0, "letters"), 17_000, "strata"),
    "more persons than rows": (("register", "rows"), 24_000, "strata"),
    "a chance embellished": (("register", "strata", 0, "chance"), "1/2", "strata"),
    "a stratum twice": (("register", "strata", 1, "stratum"), "Eupen", "strata"),
    "another random value": (("randomness", 0, "value"), "1-1-1-1-1-1", "seed"),
    "a total that is none": (("result", "letters"), 381, "cut_offs"),
    "a cut-off without letters": (("result", "strata", 2, "cut_offs"), ["0" * 64], "cut_offs"),
    "letters without a cut-off": (("result", "strata", 0, "cut_offs"), [None], "cut_offs"),
    "no cut-offs": (("result", "strata", 0, "cut_offs"), None, "cut_offs"),
    "a cut-off too many": (("result", "strata", 0, "cut_offs"), ["04" * 32] * 2, "cut_offs"),
    "a start where nobody walks": (("result", "strata", 0, "start"), 3, "cut_offs"),
    "a stratum left out": (("result", "strata"), [], "cut_offs"),
    "waves that are not all letters": (("register", "strata", 0, "waves"), [249], "strata"),
    "letters not in proportion": (("specification", "design", "allocation"), "proportional", "strata"),
    "strata of no column": (("specification", "design", "stratified_by"), None, "strata"),
    "a method of old": (("specification", "design", "method"), "isegoria-letters/1", "format"),
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
        ("letters_cut_offs_wrong", lambda: drawn(cut_offs={"Eupen": ["04" * 32]})),
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
            *("Eupen", "council", "2027", "residents", draw(bytes(32)).design, "isegoria"),
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
    document = letter_record(committed_, value, {one.name: one.cut_offs for one in drawn_.strata})
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
    cut_offs = {one["stratum"]: one["cut_offs"][0] for one in document["result"]["strata"]}
    seed = bytes.fromhex(document["seed"])
    guessed = {one for one in PLACES if letters.letter_key(seed, one) < cut_offs[PLACES[one]]}
    true = {one for one in PLACES if letters.letter_key(seed, made[one].pseudonym) < cut_offs[PLACES[one]]}
    assert true == drawn_, "with the secret the public rule gives exactly the letters"
    # Without it the attacker does no better than by throwing a coin with the published chance: 20 of 60.
    assert abs(len(guessed & drawn_) - 20 * 20 / 60) <= 6
    written = dump(document).decode()
    assert not any(one in written or made[one].pseudonym in written for one in PLACES)


@given(
    st.one_of(st.from_regex(r"[0-9a-f]{1,64}", fullmatch=True), st.text(max_size=20)),
    st.text(max_size=30),
    st.binary(min_size=merkle.SALT_BYTES, max_size=merkle.SALT_BYTES),
)
def test_the_leaf_of_an_entry_is_that_of_its_canonical_form_whatever_stands_in_it(name, stratum, salt):
    entry = letters.LetterEntry(pseudonym=name, stratum=stratum, salt=salt)
    assert entry.leaf == merkle.leaf(salt, {"pseudonym": name, "stratum": stratum})


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


def test_golden_keys_of_the_documentation():
    seed = bytes([7]) * 32
    assert letters.key_prefix(seed) == "bdca8b0b892df575d2f9874750023adc"
    assert (
        letters.letter_key(seed, pseudonym(SECRET, "reg-001"))
        == "59e71362672ea3f99a663120fdc2bc2b329ee9c98ca87ef0cc439b190c2f6007"
    )
    assert (
        letters.letter_key(seed, "reg-001")
        == "bf31203148db0bb485c80b51a2bbab84c488cc85dcf2b23441f6c050d3bca03b"
    )
    assert (
        letters.group_pseudonym(SECRET, "household", "H1")
        == "61ebe9fa3f262f70029784c3d2f7a74858ca627cb68020e5c7d942f00893aeba"
    )
    assert (
        letters.letter_key(seed, "H1", letters.group_label("household"))
        == "e017cb65edc5b74e7e1c0ddec572006be0e58d5de0267eb39ee6958776f12bc2"
    )
    assert letters.systematic_start(seed, "Eupen", 16_000) == 15193
    assert letters.proportional({"Eupen": 16_000, "Raeren": 8_500, "nobody": 0}, 380) == {
        "Eupen": 248, "Raeren": 132, "nobody": 0,
    }  # fmt: skip


# -- waves and groups ----------------------------------------------------------------------------------


def in_waves(cut_offs, waves=((200, 50), (100, 30))):
    strata = [
        Stratum(name, size, sum(own), own)
        for (name, size), own in zip([("Eupen", 16_000), ("Raeren", 8_500)], waves, strict=True)
    ]
    return letter_record(
        committed(strata), [RandomValue("public:dice-2027-01-11", "3-5-2-6-1-4", NOON)], cut_offs
    )


def test_the_cut_offs_of_the_waves_rise():
    rising, flat = ["04" * 32, "05" * 32], ["04" * 32, "04" * 32]
    assert verify(in_waves({"Eupen": rising, "Raeren": rising})).ok
    assert verify(in_waves({"Eupen": flat, "Raeren": rising}, ((200, 0), (100, 30)))).ok
    assert verify(in_waves({"Eupen": rising, "Raeren": [None, "01" * 32]}, ((200, 1), (0, 130)))).ok
    for wrong in (rising[::-1], flat, [None, "05" * 32], rising[:1]):
        assert failed(in_waves({"Eupen": wrong, "Raeren": rising})) == {"cut_offs"}


def test_waves_that_do_not_add_up_are_refused():
    for strata in (
        [Stratum("Eupen", 9, 3, (1, 1))],
        [Stratum("a", 9, 3, (1, 2)), Stratum("b", 9, 3, (3,))],
    ):
        with refused("letters_waves_wrong"):
            committed(strata)


def test_a_receipt_names_the_wave():
    document = in_waves({"Eupen": ["00" * 32, "ff" * 32], "Raeren": ["04" * 32, "05" * 32]})
    entry = letter_entry(SECRET, "reg-001", "Eupen")
    document["register"]["root"] = entry.leaf.hex()
    found = verify_receipt(document, letter_receipt(entry, [entry.leaf]))
    assert found.steps[-1].detail == "the chance of a letter was 1/64; a letter was drawn for wave 2"


def test_a_draw_by_groups_shows_where_its_walk_starts():
    made = letter_commitment(
        LetterSpecification(
            *("Eupen", "council", "2027", "residents", LetterDesign(groups=("address", "household")), "isegoria"),
            RuleBook("example", "1", "0" * 64),
            [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")],
        ),
        extract_sha256="ab" * 32, extract_rows=900, strata=[Stratum("all", 800, 40)], committed_at=NOON - timedelta(days=2),
    )  # fmt: skip
    document = letter_record(made, [RandomValue("public:dice-2027-01-11", "3-5-2", NOON)], {"all": []})
    assert verify(document).ok
    found = document["result"]["strata"][0]
    assert found["cut_offs"] is None
    assert found["start"] == letters.systematic_start(bytes.fromhex(document["seed"]), "all", 800)
    empty = copy.deepcopy(document)
    change(empty, ("register", "strata", 0, "eligible"), 0)
    assert {"strata", "cut_offs"} <= failed(rehashed(empty)), "letters where nobody is eligible"
    for key, value in (("start", found["start"] ^ 1), ("start", None), ("cut_offs", ["04" * 32])):
        changed = copy.deepcopy(document)
        change(changed, ("result", "strata", 0, key), value)
        assert "cut_offs" in failed(rehashed(changed))


def test_places_where_nobody_is_eligible_are_reported_and_crash_nothing():
    made = letter_commitment(
        LetterSpecification(
            *("Eupen", "council", "2027", "residents", LetterDesign(groups=("household",)), "isegoria"),
            RuleBook("example", "1", "0" * 64),
            [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")],
        ),
        extract_sha256="ab" * 32, extract_rows=900, strata=[Stratum("all", 800, 40, places=50)],
        committed_at=NOON - timedelta(days=2),
    )  # fmt: skip
    document = letter_record(
        made, [RandomValue("public:dice-2027-01-11", "3-5-2", NOON)], {"all": ["04" * 32]}
    )
    assert verify(document).ok
    for letters_ in (40, 0):
        empty = copy.deepcopy(document)
        for key, value in (("eligible", 0), ("letters", letters_), ("waves", [letters_])):
            change(empty, ("register", "strata", 0, key), value)
        change(empty, ("result", "letters"), letters_)
        assert {"strata", "cut_offs"} <= failed(empty)
