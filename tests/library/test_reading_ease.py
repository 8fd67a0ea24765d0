"""How hard a text is to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.evaluation import reading_ease
from isegoria.evaluation.reading import FORMULAS, count_syllables

LANGUAGES = sorted(FORMULAS)
EASY = {
    "en": "The tram is new. It runs at night. You pay one euro. The bus is old. It is slow. ",
    "de": "Der Zug ist neu. Er fährt bei Nacht. Du zahlst nur zwei Euro. Der Bus ist alt. ",
    "nl": "De tram is nieuw. Hij rijdt bij nacht. Je geeft een euro. De bus is oud. ",
    "fr": "Le tram est neuf. Il passe la nuit. Tu payes un euro. Le bus est vieux. ",
}
HARD = {
    "en": "Notwithstanding considerable infrastructural implications, the municipality's administrative "
    "representatives unanimously recommended reconsidering transportation alternatives immediately. ",
    "de": "Ungeachtet beträchtlicher infrastruktureller Auswirkungen empfahlen die Verwaltungsverantwortlichen "
    "einstimmig die unverzügliche Überprüfung alternativer Beförderungsmöglichkeiten im Gemeindegebiet. ",
    "nl": "Niettegenstaande aanzienlijke infrastructurele consequenties adviseerden de verantwoordelijke "
    "gemeentelijke vertegenwoordigers eenstemmig onmiddellijke heroverweging van vervoersalternatieven. ",
    "fr": "Nonobstant des implications infrastructurelles considérables, les représentants administratifs "
    "municipaux recommandèrent unanimement la reconsidération immédiate des alternatives de transport. ",
}


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("tram", "en", 1), ("table", "en", 2), ("house", "en", 1), ("citizen", "en", 3), ("walked", "en", 1),
        ("bürger", "de", 2), ("häuser", "de", 2), ("gemeinde", "de", 3), ("straßenbahn", "de", 3),
        ("burger", "nl", 2), ("huizen", "nl", 2), ("gemeente", "nl", 3), ("mooi", "nl", 1),
        ("ville", "fr", 1), ("eau", "fr", 1), ("citoyen", "fr", 3), ("commune", "fr", 2),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_one_hears_them(word, language, count):
    assert count_syllables(word, language) == count


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_words_in_short_sentences_are_easy_and_long_ones_are_not(language):
    easy = reading_ease(EASY[language] * 3, language)
    hard = reading_ease(HARD[language] * 3, language)
    assert easy is not None
    assert hard is not None
    assert easy.level in {"easy", "very_easy"}
    assert hard.level == "very_hard"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_score_is_that_of_the_written_formula(language):
    found = reading_ease(EASY[language] * 3, language)
    assert found is not None
    one = FORMULAS[language]
    written = one.base - one.per_sentence * found.words / found.sentences
    written -= one.per_word * found.syllables / found.words
    assert found.score == min(100.0, max(0.0, written))


@given(st.integers(30, 60), st.integers(1, 10), st.sampled_from(LANGUAGES))
def test_longer_sentences_never_make_a_text_easier(words, merged, language):
    text = "tram. " * words
    longer = "tram " * merged + "tram. " * (words - merged)
    before, after = reading_ease(text, language), reading_ease(longer, language)
    assert before is not None
    assert after is not None
    assert before.score >= after.score
    assert before.words == after.words


@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
def test_any_text_has_a_score_between_0_and_100_or_none(text, language):
    found = reading_ease(text, language)
    assert found is None or 0 <= found.score <= 100


def test_of_a_short_text_and_an_unknown_language_nothing_is_said():
    assert reading_ease("A tram.", "en") is None
    with pytest.raises(BadInput, check=lambda error: error.code == "reading_language_unknown"):
        reading_ease("Tramwaj.", "pl")
