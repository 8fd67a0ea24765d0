"""The planner of letters: enough letters, none too many, and an honest picture of what they may bring."""

import json
from fractions import Fraction
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria import register
from isegoria.cli.main import app
from isegoria.errors import BadInput, BadInputs, Infeasible
from isegoria.register.planner import OWN_RATE_FROM, Target, Wave, answers, plan
from isegoria.register.rates import letters_of_the_prior, published_rates
from isegoria.register.targets import read_targets, read_wave, share_of
from isegoria.register.words import LANGUAGES, PLAN

FIFTY = Target("everybody", Fraction(1), 50, Fraction(1, 25))
SHARES = st.fractions(Fraction(1, 200), 1, max_denominator=200)
RATES = st.fractions(Fraction(1, 200), Fraction(1, 2), max_denominator=200)
TARGETS = st.lists(
    st.builds(Target, st.sampled_from("abcdefgh"), SHARES, st.integers(0, 30), RATES),
    min_size=1,
    max_size=6,
    unique_by=lambda target: target.name,
)


def run(*arguments):
    return CliRunner().invoke(app, ["register", *map(str, arguments)])


def test_a_panel_of_fifty_at_four_per_cent_needs_6250_letters():
    assert plan([FIFTY]).letters == 6250
    assert plan([FIFTY], letters=250 * 50).lines[0].expected == 500


def test_the_second_wave_counts_what_the_first_brought():
    second = plan([FIFTY], waves=[Wave(6250, {"everybody": 131})])
    assert (second.wave, second.sent, second.letters) == (2, 6250, 5678)  # (250 - 131) / (131 / 6250)
    assert second.lines[0].rate == Fraction(131, 6250)


@settings(deadline=None)
@given(TARGETS, st.fractions(Fraction(1, 2), 20, max_denominator=4))
def test_the_letters_suffice_for_every_stratum_and_one_fewer_does_not(targets, factor):
    made = plan(targets, factor)
    assert made.letters == register.letters_needed(targets, factor).letters
    for target in targets:
        assert made.letters * target.share * target.reply_rate >= factor * target.seats
    if made.letters:
        binding = next(target for target in targets if target.name == made.binding)
        assert (made.letters - 1) * binding.share * binding.reply_rate < factor * binding.seats


@settings(deadline=None)
@given(TARGETS, st.data())
def test_a_further_wave_fills_what_is_missing_at_the_planned_rates(targets, data):
    letters = data.draw(st.integers(100, 20_000))
    yes = {target.name: data.draw(st.integers(0, letters)) for target in targets}
    made = plan(targets, waves=[Wave(letters, yes)])
    for target, line in zip(targets, made.lines, strict=True):
        assert line.brought == yes[target.name]
        assert line.brought + made.letters * target.share * line.rate >= 5 * target.seats
        assert 0 < line.rate <= 1
        assert line.brought <= line.low <= line.high <= line.brought + line.letters
        assert 0 <= line.enough <= 1


@settings(deadline=None)
@given(RATES, st.integers(0, OWN_RATE_FROM - 1), st.integers(1, 5000))
def test_a_stratum_with_few_answers_is_planned_between_its_own_and_the_expected_rate(rate, yes, letters):
    letters = max(letters, yes)
    target = Target("a", Fraction(1), 30, rate)
    (line,) = plan([target], waves=[Wave(letters, {"a": yes})]).lines
    own = Fraction(yes, letters)
    assert min(own, rate) <= line.rate <= max(own, rate)
    assert line.rate > 0


def test_the_letters_sent_to_a_stratum_count_where_they_are_known():
    target = Target("a", Fraction(1, 2), 30, Fraction(1, 25))
    (line,) = plan([target], waves=[Wave(1000, {"a": 20}, {"a": 800})]).lines
    assert line.rate == Fraction(20, 800)
    (line,) = plan([target], waves=[Wave(1000, {"a": 20})]).lines
    assert line.rate == Fraction(20, 500)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.floats(0.01, 0.9), st.floats(1, 1000))
def test_the_distribution_of_answers_has_its_mean_and_sums_to_one(letters, rate, weight):
    chances = answers(letters, rate, weight)
    assert chances.shape == (letters + 1,)
    assert chances.sum() == pytest.approx(1, abs=1e-6)
    assert chances @ np.arange(letters + 1) == pytest.approx(letters * rate, rel=1e-5)


def test_nine_of_ten_invented_pools_fall_into_the_interval():
    generator = np.random.Generator(np.random.PCG64(7))
    weight = letters_of_the_prior()
    rates = generator.beta(0.04 * weight, 0.96 * weight, 20_000)
    pools = generator.binomial(6250, rates)
    (line,) = plan([FIFTY]).lines
    inside = np.mean((line.low <= pools) & (pools <= line.high))
    assert inside == pytest.approx(0.9, abs=0.01)  # one standard deviation is 0.002
    assert np.mean(pools >= 50) == pytest.approx(line.enough, abs=0.01)


def test_answers_make_the_plan_surer():
    (before,) = plan([FIFTY]).lines
    (after,) = plan([FIFTY], waves=[Wave(6250, {"everybody": 131})]).lines
    assert after.high - after.low < (before.high - before.low) / 4


def test_nothing_more_is_needed_when_all_is_there():
    made = plan([FIFTY], waves=[Wave(6250, {"everybody": 300})])
    assert (made.letters, made.binding, made.lines[0].needed) == (0, "", 0)
    assert made.lines[0].low == made.lines[0].high == 300


def test_a_register_that_is_too_small_is_said_with_the_binding_stratum():
    few = Target("young", Fraction(1, 10), 10, Fraction(1, 50))
    with pytest.raises(Infeasible) as caught:
        plan([FIFTY, few], waves=[Wave(6250, {"everybody": 131})], eligible=20_000)
    assert caught.value.code == "plan_register_too_small"
    assert (caught.value.parameters["stratum"], caught.value.parameters["left"]) == ("young", 13_750)


@pytest.mark.parametrize(
    ("targets", "options", "code"),
    [
        ([], {}, "target_wrong"),
        ([Target("a", Fraction(0), 1, Fraction(1))], {}, "target_wrong"),
        ([Target("a", Fraction(1), 1, Fraction(2))], {}, "target_wrong"),
        ([FIFTY, FIFTY], {}, "target_wrong"),
        ([FIFTY], {"pool_factor": Fraction(0)}, "target_wrong"),
        ([FIFTY], {"letters": 0}, "plan_letters_wrong"),
        ([FIFTY], {"waves": [Wave(10, {"everybody": 11})]}, "wave_wrong"),
        ([FIFTY], {"waves": [Wave(10, {"nobody": 1})]}, "wave_wrong"),
        ([FIFTY], {"waves": [Wave(0, {})]}, "wave_wrong"),
        ([FIFTY], {"waves": [Wave(10, {"everybody": 3}, {"everybody": 2})]}, "wave_wrong"),
    ],
)
def test_what_cannot_be_planned_is_refused(targets, options, code):
    with pytest.raises(BadInput) as caught:
        plan(targets, **options)
    assert caught.value.code == code


# -- published rates ----------------------------------------------------------------------------------------


def test_every_published_rate_has_its_source():
    rates = published_rates()
    assert len(rates) >= 9
    assert len({one.key for one in rates}) == len(rates)
    assert all(one.source and 0 < one.rate < 1 and one.unit in {"person", "household"} for one in rates)
    assert register.rate_like("ostbelgien-2019").rate == Fraction(115, 1000)
    with pytest.raises(BadInput, match="ostbelgien-2019"):
        register.rate_like("atlantis")


# -- tables, picture, command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "share"),
    [("4%", Fraction(1, 25)), ("4,5 %", Fraction(9, 200)), ("0.04", Fraction(1, 25)), ("1/25", Fraction(1, 25)),
     ("", None), ("-1", None), ("1/0", None), ("four", None), ("4%%", None)],
)  # fmt: skip
def test_shares_are_read_as_people_write_them(text, share):
    assert share_of(text) == share


def test_targets_and_waves_are_read_or_refused_whole(tmp_path):
    good = tmp_path / "targets.csv"
    good.write_text("stratum;share;seats;reply_rate\nyoung;20 %;10;2 %\nold;80 %;40;\n", "utf-8")
    targets = read_targets(good, Fraction(1, 25))
    assert [target.reply_rate for target in targets] == [Fraction(1, 50), Fraction(1, 25)]
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "stratum,share,seats\nyoung,200 %,10\n,10%,1\nold,80%,few\nold,80%,4\nold,80%,4\n", "utf-8"
    )
    with pytest.raises(BadInputs) as caught:
        read_targets(bad, Fraction(1, 25))
    assert [(fault.code, fault.place.row) for fault in caught.value.faults] == [
        ("share_wrong", 2), ("cell_blank", 3), ("not_whole", 4), ("stratum_twice", 6),
    ]  # fmt: skip
    with pytest.raises(BadInput) as caught:
        read_targets(good)
    assert (caught.value.code, caught.value.place.column) == ("cell_blank", "reply_rate")
    wave = tmp_path / "wave.csv"
    wave.write_text("stratum,yes,sent\nyoung,4,500\nold,90,2000\n", "utf-8")
    assert read_wave(wave, targets) == Wave(2500, {"young": 4, "old": 90}, {"young": 500, "old": 2000})
    wave.write_text("stratum,yes,sent\nyoung,4,500\nnobody,90,2000\nold,x,1\n", "utf-8")
    with pytest.raises(BadInputs) as caught:
        read_wave(wave, targets)
    assert [fault.code for fault in caught.value.faults] == ["value_unknown", "not_whole"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_says_in_words_what_the_table_says(language):
    targets = [Target("education: low <16", Fraction(1, 4), 14, Fraction(1, 50)), FIFTY]
    made = plan(targets)
    root = ET.fromstring(register.plan_picture(made, language))  # noqa: S314  # our own text
    description = root.findtext("{http://www.w3.org/2000/svg}desc")
    for row in register.plan_table(made, language)[1:]:
        assert all(cell in description for cell in row)
    assert register.plan_title(made, language) in "".join(root.itertext())
    assert all(set(words) == set(LANGUAGES) for words in PLAN.values())


def test_the_command_plans_as_the_library_does(tmp_path):
    done = run("plan", "--seats", 50, "--rate", "4 %", "--sent", 6250, "--yes", 131, "--eligible", 30_000,
               "--picture", tmp_path / "plan.svg", "--json")  # fmt: skip
    document = json.loads(done.stdout)
    assert (document["wave"], document["letters"], document["sent"]) == (2, 5678, 6250)
    assert (tmp_path / "plan.svg").read_text("utf-8").startswith("<svg")
    assert "6.250 Briefe" in run("plan", "--seats", 50, "--rate", "0,04", "--lang", "de").stdout
    assert "12,500 letters" in run("plan", "--seats", 50, "--rate", "4%", "--per-seat", 250).stdout
    assert run("plan", "--seats", 50, "--like", "ostbelgien-2019").stdout.startswith(
        "Wave 1: 2,174 letters"
    )
    assert "buergerdialog.be" in run("rates").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--seats", 50], 2, "--like"),
        (["--rate", "4%"], 2, "--targets"),
        (["--seats", 50, "--rate", "4"], 2, "not a share"),
        (["--seats", 50, "--rate", "4%", "--lang", "it"], 2, "nl"),
        (["--seats", 50, "--rate", "4%", "--sent", 100], 2, "go together"),
        (["--seats", 50, "--rate", "4%", "--factor", "0"], 2, "2.5"),
        (["--seats", 50, "--rate", "4%", "--eligible", 6000], 3, "6250"),
    ],
)
def test_the_command_says_what_is_wrong(arguments, code, told):
    done = run("plan", *arguments)
    assert done.exit_code == code
    assert told in done.stderr
