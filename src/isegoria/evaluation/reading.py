"""How hard is a text to read? The published formula of each language, from 0 (very hard) to 100 (very easy).

The letters of the formulas: `w` words, `s` sentences, `y` syllables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from isegoria.errors import BadInput

FEWEST_WORDS = 30
"""Of a shorter text the formulas say nothing."""
VERY_EASY, EASY, USUAL, HARD = 80, 60, 45, 30
"""From where on a text reads like a story for children, a popular newspaper, a newspaper, a specialist's paper."""
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)|\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)")
_VOWELS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"[aeiouyæœ]+"),
    "de": re.compile(r"aa|ee|oo|ie|ei|ai|eu|äu|au|ay|ey|ui|[aeiouyäöü]"),
    "nl": re.compile(r"aai|ooi|oei|eeuw|ieuw|aa|ee|oo|uu|ie|oe|eu|ui|ei|ij|au|ou|[aeiouyëïéèöü]"),
    "fr": re.compile(r"eau|oeu|œu|oy|ay|uy|ai|ei|oi|ou|au|eu|ie|ui|[aeiouyàâäéèêëîïôöùûüœ]"),
}
_SILENT = {
    "en": re.compile(r"(?<=[^aeiouyl])e$|(?<=[^td])ed$"),
    "fr": re.compile(r"(?<=[^aeiouyéè])(?:es?|ent)$"),
}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula `base - per_sentence * w / s - per_word * y / w`, with its name and where it was published."""

    name: str
    source: str
    base: float
    per_sentence: float
    per_word: float


FORMULAS: Mapping[str, Formula] = {
    "en": Formula("Flesch", "Flesch, Journal of Applied Psychology 32 (1948)", 206.835, 1.015, 84.6),
    "de": Formula("Amstad", "Amstad, Wie verständlich sind unsere Zeitungen? Zürich (1978)", 180.0, 1.0, 58.5),
    "nl": Formula("Flesch-Douma", "Douma, De leesbaarheid van landbouwbladen, Wageningen (1960)", 206.84, 0.93, 77.0),
    "fr": Formula("Kandel-Moles", "Kandel and Moles, Cahiers d'études de radio-télévision 19 (1958)", 207.0, 1.015, 73.6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadingEase:
    """How easy a text is to read.

    Attributes
    ----------
    score
        By the formula of the language, cut off at 0 and 100: 100 is very easy.
    formula
        The name of the formula.
    words, sentences, syllables
        What was counted.
    """

    score: float
    formula: str
    words: int
    sentences: int
    syllables: int

    @property
    def level(self) -> str:
        """`very_easy`, `easy`, `usual`, `hard` or `very_hard`."""
        steps = ((VERY_EASY, "very_easy"), (EASY, "easy"), (USUAL, "usual"), (HARD, "hard"))
        return next((name for least, name in steps if self.score >= least), "very_hard")


def reading_ease(text: str, language: str) -> ReadingEase | None:
    """Return how easy a text is to read, by the published formula of its language; None of a short text.

    Parameters
    ----------
    text
        Plain text; headings and points of lists end a sentence.
    language
        `en`, `de`, `nl` or `fr`.

    Raises
    ------
    BadInput
        `reading_language_unknown`.

    Notes
    -----
    Guarantee: longer sentences or longer words never make a text easier. Not guaranteed: that people understand
    it. Syllables are counted by groups of vowels, about one in twenty wrongly; the formulas were made for
    newspapers, and say nothing of texts with fewer than 30 words.

    References
    ----------
    Each formula names its own, in `FORMULAS`.

    Examples
    --------
    >>> text = "The tram is new. It runs at night. You pay one euro. The bus is old. " * 3
    >>> reading_ease(text, "en").level
    'very_easy'
    """
    if language not in FORMULAS:
        raise BadInput("reading_language_unknown", language=language, known=", ".join(sorted(FORMULAS)))
    words = _WORD.findall(text.lower())
    if len(words) < FEWEST_WORDS:
        return None
    sentences = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text)))
    syllables = sum(count_syllables(word, language) for word in words)
    formula = FORMULAS[language]
    score = (
        formula.base
        - formula.per_sentence * len(words) / sentences
        - formula.per_word * syllables / len(words)
    )
    return ReadingEase(min(100.0, max(0.0, score)), formula.name, len(words), sentences, syllables)


def count_syllables(word: str, language: str) -> int:
    """Return the number of syllables of a word in small letters: its groups of vowels, silent ends left out."""
    heard = _SILENT[language].sub("", word) if language in _SILENT else word
    return max(1, len(_VOWELS[language].findall(heard)))
