"""The page about a lottery says what is true, in four languages, to everybody; and the explanations behind it."""

from __future__ import annotations

import csv
import io
import itertools
import re
import string
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.lottery import (
    Lottery,
    explain,
    explained_types,
    fairness_curve,
    full_quotas,
    measures,
    report,
    shadow_prices,
    solve,
    types_table,
)
from isegoria.lottery.conflicts import MAXIMUM
from isegoria.lottery.explain import pool_of
from isegoria.lottery.measures import lorenz
from isegoria.lottery.report_style import STYLE
from isegoria.lottery.words import LANGUAGES, PHRASES, percent, whole
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.testing import realistic_pool, with_households

INSTANCE = realistic_pool(120, 14, {"age_group": 4, "sex": 2, "place": 5}, slack=2)
LOTTERY = solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size)
instances = st.builds(
    realistic_pool,
    people=st.integers(20, 60),
    size=st.integers(4, 12),
    features=st.sampled_from([{"age": 4, "sex": 2}, {"age": 4, "sex": 2, "place": 5}]),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 2),
)


class Reader(HTMLParser):
    """Collects what a reader who does not see pictures gets: headings, tables, sentences."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tables: list[list[list[str]]] = []
        self.pictures: list[dict[str, str | None]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag, attrs):
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []
        elif tag == "svg":
            self.pictures.append(dict(attrs))

    def handle_endtag(self, tag):
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def number(text: str) -> float:
    return float(text.replace("\u00a0%", "").replace("\u202f", "").replace(",", "."))


@pytest.mark.parametrize("key", PHRASES)
def test_every_sentence_says_the_same_in_four_languages(key):
    fields = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in PHRASES[key].items()
    }
    assert set(fields) == set(LANGUAGES)
    assert len({frozenset(names) for names in fields.values()}) == 1
    assert all(text.strip() == text and text for text in PHRASES[key].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone_and_names_nobody(language):
    pool = Pool(tuple(Entry(f"secret-{n}", {"<sex>": "f" if n % 3 else "m"}) for n in range(12)))
    page = report(solve(pool, Quotas((Quota("<sex>", "f", 2, 3), Quota("<sex>", "m", 1, 2))), 4), language)
    assert f'<html lang="{language}">' in page
    assert "secret" not in page
    assert "http" not in page
    assert "<script" not in page
    assert "&lt;sex&gt;" in page
    assert "<sex>" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_do_not_skip_and_pictures_are_tables_too(language):
    reader = read(report(LOTTERY, language, fairness_curve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size)))
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(
        later <= earlier + 1 for earlier, later in zip(reader.headings, reader.headings[1:], strict=False)
    )
    assert all(picture["aria-hidden"] == "true" for picture in reader.pictures)
    # chances, groups and quotas by feature, Lorenz, seats of room, curve, types
    assert len(reader.tables) == 2 + 2 * len(INSTANCE.quotas.features) + 3


def test_the_tables_count_everybody_and_every_seat():
    reader = read(report(LOTTERY, "fr"))
    assert sum(number(row[1]) for row in reader.tables[0][1:]) == len(INSTANCE.pool)
    for position, (feature, values) in enumerate(INSTANCE.quotas.features.items()):
        groups = reader.tables[1 + position][1:]
        assert sum(number(row[2]) for row in groups) == len(INSTANCE.pool)
        seats = reader.tables[1 + len(INSTANCE.quotas.features) + position][1:]
        assert [row[0] for row in seats] == list(values), feature
        assert sum(number(row[4]) for row in seats) == pytest.approx(INSTANCE.size, abs=0.05 * len(values))


def test_the_page_is_the_same_every_time():
    assert report(LOTTERY, "de") == report(Lottery.from_document(LOTTERY.to_document()), "de")


def test_another_language_is_refused():
    with pytest.raises(BadInput, match="nl, fr, de, en"):
        report(LOTTERY, "la")


def test_a_lottery_without_proof_says_so():
    page = report(replace(LOTTERY, certificate=None, objective="legacy"), "en")
    assert PHRASES["proof_none"]["en"] in page
    assert PHRASES["legacy"]["en"] in page


def test_people_without_any_chance_are_told_in_the_heading():
    pool = Pool(tuple(Entry(f"p{n}", {"sex": "f" if n % 3 else "m"}) for n in range(12)))
    page = report(solve(pool, Quotas((Quota("sex", "f", 4, 4), Quota("sex", "m", 0, 0))), 4))
    assert "4 of them cannot be" in page


def test_households_do_not_disturb_the_page():
    instance = with_households(INSTANCE, 0.4)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    assert report(lottery, "nl")
    assert {(entry.id, entry.household is None) for entry in pool_of(lottery)} >= {
        (entry.id, True) for entry in instance.pool if entry.household is None
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_seven_to_one(scheme):
    light, dark = re.findall(r":root\{([^}]*)\}", STYLE)[:2]
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", light if scheme == "light" else dark))
    for name in ("ink", "soft", "accent"):
        assert contrast(colours[name], colours["paper"]) >= 7, name
    for name in ("mark", "accent"):
        assert contrast(colours[name], colours["paper"]) >= 3, name


def contrast(first: str, second: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def test_numbers_are_written_as_each_language_writes_them():
    assert [percent(language, 0.0909) for language in LANGUAGES] == [
        "9,1\u00a0%",
        "9,1\u00a0%",
        "9,1\u00a0%",
        "9.1\u00a0%",
    ]
    assert percent("en", 0.0012) == "0.12\u00a0%"
    assert percent("en", 0.00012) == "0.012\u00a0%"
    assert [whole(language, 12345) for language in LANGUAGES] == [
        "12.345",
        "12\u202f345",
        "12.345",
        "12,345",
    ]


@given(instances)
@settings(max_examples=15, deadline=None)
def test_full_quotas_are_those_where_every_panel_stands_at_the_limit(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    full = {(one.quota.feature, one.quota.value): one for one in full_quotas(lottery)}
    for quota in instance.quotas:
        inside = [t for t, one in enumerate(lottery.types) if quota.counts(one.features)]
        seats = {sum(one.counts[t] for t in inside) for one in lottery.compositions}
        if not inside:
            continue
        found = full.get((quota.feature, quota.value))
        if found is None:
            assert seats not in ({quota.minimum}, {quota.maximum})
        else:
            assert seats == {getattr(quota, found.bound)}


def bound_of(lottery):
    """A smallest chance that nothing exceeds under today's quotas, for those who can be drawn at all."""
    return explain._highest_smallest(explain._of_whoever_can_be_drawn(lottery))[0]


# here whole panels stay below the bound
@example(realistic_pool(35, 5, {"age": 4, "sex": 2, "place": 5}, seed="670841", slack=1))
@given(instances)
@settings(max_examples=15, deadline=None)
def test_a_shadow_price_is_what_solving_again_gives(instance):
    """No quota that is left out raises the bound, and none that is named gives more than is said."""
    lottery = solve(instance.pool, instance.quotas, instance.size)
    prices = {(one.full.quota, one.full.bound): one for one in shadow_prices(lottery)}
    drawn = [chance for chance in map(float, lottery.type_chances()) if chance]
    if len(drawn) < len(lottery.types):
        return  # wider quotas may let others in, of whom the price does not speak
    for quota in instance.quotas:
        for bound in ("minimum", "maximum"):
            if bound == "minimum" and not quota.minimum:
                continue
            wider = (
                replace(quota, maximum=quota.maximum + 1)
                if bound == MAXIMUM
                else replace(quota, minimum=quota.minimum - 1)
            )
            rows = Quotas(tuple(wider if row is quota else row for row in instance.quotas))
            again = measures(solve(instance.pool, rows, instance.size)).smallest
            price = prices.get((quota, bound))
            if price is None:
                assert again <= bound_of(lottery) + 1e-7
            else:
                assert again <= price.after + 1e-7
                assert price.before >= min(drawn) - 1e-9


@pytest.mark.parametrize("seed", ["0", "5", "6"])
def test_each_price_that_is_said_comes_out_when_solved_with_one_more_seat_of_room(seed):
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2, "place": 4}, seed=seed, slack=2)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    prices = shadow_prices(lottery)
    assert prices
    for one in prices:
        quota = one.full.quota
        wider = (
            replace(quota, maximum=quota.maximum + 1)
            if one.full.bound == MAXIMUM
            else replace(quota, minimum=quota.minimum - 1)
        )
        rows = Quotas(tuple(wider if row == quota else row for row in instance.quotas))
        again = measures(solve(instance.pool, rows, instance.size)).smallest
        assert again == pytest.approx(one.after, abs=1e-9)
        assert measures(lottery).smallest == pytest.approx(one.before, abs=1e-9)
        for language in LANGUAGES:
            said = report(lottery, language)
            assert percent(language, one.before, 2) in said
            assert percent(language, one.after, 2) in said


def test_a_full_quota_is_named_with_its_feature_where_another_has_the_same_value():
    people = [
        Entry(f"p{n}", {"disabled": "yes" if n % 4 else "no", "rural": "yes" if n % 3 else "no"})
        for n in range(12)
    ]
    rows = [
        Quota("disabled", "yes", 2, 2),
        Quota("disabled", "no", 2, 2),
        Quota("rural", "yes", 0, 4),
        Quota("rural", "no", 0, 4),
    ]
    said = report(solve(Pool(tuple(people)), Quotas(tuple(rows)), 4), "en")
    assert "disabled: yes (" in said
    assert ">yes (" not in said


def test_the_types_table_holds_everybody_the_smallest_chance_first():
    rows = list(csv.DictReader(io.StringIO("\n".join(",".join(row) for row in types_table(LOTTERY)))))
    assert sum(int(row["people"]) for row in rows) == len(INSTANCE.pool)
    chances = [float(row["chance"]) for row in rows]
    assert chances == sorted(chances)
    assert len(explained_types(LOTTERY)) == len(LOTTERY.types)


@given(instances)
@settings(max_examples=10, deadline=None)
def test_the_lorenz_curve_rises_below_the_diagonal_and_its_area_is_the_gini(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    line = lorenz(lottery)
    assert line[0] == (0.0, 0.0)
    assert line[-1] == (1.0, 1.0)
    assert all(y <= x + 1e-12 for x, y in line)
    area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in itertools.pairwise(line))
    assert 1 - 2 * area == pytest.approx(measures(lottery).gini, abs=1e-9)
