"""Addresses: every usual way to write a home gives the same key, and no two homes give one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.addresses import fold, household_of, is_part_of_address, same_home
from isegoria.testing.addresses import STREETS, Home, writings

HOMES = st.sampled_from(sorted(STREETS)).flatmap(
    lambda language: st.builds(
        Home,
        st.just(language),
        st.integers(0, len(STREETS[language]) - 1),
        st.integers(1, 400),
        st.sampled_from(["", "", "a", "b", "c", "bis"]),
        st.sampled_from(["", "", "1", "2", "12", "21", "b", "2.01", "201"]),
        st.sampled_from([None, None, 0, 1, 2, 12]),
    )
)


@settings(max_examples=150, deadline=None)
@given(HOMES)
def test_every_way_to_write_a_home_gives_the_same_key(home):
    keys = {same_home(text): text for text in writings(home)}
    assert len(keys) == 1, keys


@settings(max_examples=300, deadline=None)
@given(HOMES, HOMES, st.data())
def test_two_homes_never_share_a_key_however_they_are_written(first, second, data):
    one = data.draw(st.sampled_from(list(writings(first))))
    two = data.draw(st.sampled_from(list(writings(second))))
    assert (same_home(one) == same_home(two)) == (first == second)


@settings(max_examples=300, deadline=None)
@given(HOMES, st.sampled_from(["number", "letter", "box", "floor"]), st.data())
def test_a_difference_in_one_part_alone_keeps_two_homes_apart(home, part, data):
    other = {
        "number": st.integers(1, 400),
        "letter": st.sampled_from(["", "a", "b", "d", "ter"]),
        "box": st.sampled_from(["", "1", "2", "3", "20", "c", "2.1"]),
        "floor": st.sampled_from([None, 0, 1, 3, 20]),
    }[part]
    values = {name: getattr(home, name) for name in Home.__slots__} | {part: data.draw(other)}
    changed = Home(**values)
    one = data.draw(st.sampled_from(list(writings(home))))
    two = data.draw(st.sampled_from(list(writings(changed))))
    assert (same_home(one) == same_home(two)) == (changed == home)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_a_key_that_capitals_and_spaces_do_not_change(text):
    assert same_home(text) == same_home(f"  {text}\t ")
    assert "\n" not in same_home(text)
    folded = fold(text)
    assert fold(folded) == folded


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.sampled_from([" ", ", ", "-", "/", " bus ", "."]),
)
def test_no_number_of_an_address_is_lost(numbers, sign):
    other = [*numbers[:-1], numbers[-1] + 1]
    assert same_home(f"Meir {sign.join(map(str, numbers))}") != same_home(
        f"Meir {sign.join(map(str, other))}"
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("14 Mill St.", "14 MILL STREET"),
        ("Hauptstr. 5", "Hauptstraße 5"),
        ("Rue de l'Église 12 bte 3", "r. de l'Eglise 12 boîte 3"),
        ("Kerkstraat 7 bus 2", "KERKSTR. 7/2"),
        ("Kerkstraat 7 bus 0201", "Kerkstraat 7, bus 201"),
        ("Flat 3, 14 Mill Street", "14 Mill St, Flat 3"),
        ("Rue X 5, rez-de-chaussée", "rue X n° 5 RDC"),
        ("Avenue Louise 5, 1er étage", "Av. Louise 5 étage 1"),
        ("12, rue de l’Église, B-4700 Eupen", "Rue de l'Eglise 12, 4700 EUPEN"),
        ("12 rue de l'Église", "12 r. de l'Eglise"),
        ("Hauptstraße 5 (Hinterhaus)", "Hauptstr. 5 hinterhaus"),
    ],
)
def test_the_same_home(one, two):
    assert same_home(one) == same_home(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Kerkstraat 7", "Kerkstraat 7 bus 1"),
        ("Kerkstraat 7 bus 2", "Kerkstraat 72"),
        ("Kerkstraat 7/2", "Kerkstraat 7-2"),
        ("Kerkstraat 7 bus 2", "Kerkstraat 7 app 2"),
        ("Kerkstraat 7 bus 2.1", "Kerkstraat 7 bus 21"),
        ("Kerkstraat 7a", "Kerkstraat 7 bus a"),
        ("Kerkstraat 12-14", "Kerkstraat 1214"),
        ("Chaussée de Wavre 5", "Chemin de Wavre 5"),
        ("Ch. de Wavre 5", "Chaussée de Wavre 5"),
        ("Rue du 11 Novembre 5", "Rue du 5 Novembre 11"),
        ("Mill Street 1, Mill Lane 2", "Mill Street 2, Mill Lane 1"),
        ("Müllerstr. 5", "Mullerstr. 5"),
        ("14 St Mary Street", "14 Mary Street"),
    ],
)
def test_not_the_same_home(one, two):
    assert same_home(one) != same_home(two)


@pytest.mark.parametrize(
    "columns",
    [
        ("Kerkstraat", "7", "2"),
        ("Kerkstraat", "7", "bus 2"),
        ("Kerkstr.", "7 bus 2", ""),
        ("KERKSTRAAT", "7/2", ""),
        ("Kerkstraat 7", "", "2"),
        ("Kerkstraat 7 bus 2", "", ""),
    ],
)
def test_wherever_number_and_box_stand_it_is_the_same_home(columns):
    assert household_of(*columns, "9000", "Gent") == household_of("Kerkstraat", "7", "2", "9000", "GENT")
    assert household_of(*columns, "9000") != household_of("Kerkstraat", "7", "3", "9000")
    assert household_of(*columns, "9000") != household_of("Kerkstraat", "7", "2", "9050")


def test_a_box_with_a_letter_alone_is_a_box():
    assert household_of("Meir", "5", "B", "2000") == household_of("Meir", "5 bus b", "", "2000")
    assert household_of("Meir", "5", "B", "2000") != household_of("Meir", "5b", "", "2000")


def test_nothing_is_no_home():
    assert same_home("", " ", "-") == household_of("") == ""
    assert same_home("", "4700") != ""


@pytest.mark.parametrize(
    "name",
    ["Address", "primary_address1", "Straße", "huisnummer", "bus", "Boîte", "ZIP", "PLZ", "postcode"],
)
def test_columns_of_addresses_are_known_by_their_names(name):
    assert is_part_of_address(name)


@pytest.mark.parametrize("name", ["household", "household_id", "home", "Haushalt", "ménage", "linked with"])
def test_other_columns_are_not(name):
    assert not is_part_of_address(name)
