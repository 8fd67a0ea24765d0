"""The statute in plain words, from the data; and what it does not say."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from isegoria.rulebook.model import Body, Decision, Language, RuleBook, Texts

PHRASES: dict[str, Texts] = {
    "seats": {
        "nl": "{low} zetels", "fr": "{low} sièges", "de": "{low} Sitze", "en": "{low} seats",
    },
    "seats_range": {
        "nl": "{low} tot {high} zetels", "fr": "de {low} à {high} sièges", "de": "{low} bis {high} Sitze",
        "en": "{low} to {high} seats",
    },
    "mandate": {
        "nl": "Een mandaat duurt {months} maanden.", "fr": "Un mandat dure {months} mois.",
        "de": "Ein Mandat dauert {months} Monate.", "en": "A mandate lasts {months} months.",
    },
    "consensus": {
        "nl": "Beslist bij consensus; lukt dat niet, met {share} van de stemmen.",
        "fr": "Décide par consensus ; à défaut, avec {share} des voix.",
        "de": "Entscheidet im Konsens; gelingt er nicht, mit {share} der Stimmen.",
        "en": "Decides by consensus; failing that, with {share} of the votes.",
    },
    "majority": {
        "nl": "Beslist met {share} van de stemmen.", "fr": "Décide avec {share} des voix.",
        "de": "Entscheidet mit {share} der Stimmen.", "en": "Decides with {share} of the votes.",
    },
    "more_than": {
        "nl": "Beslist met meer dan {share} van de stemmen.", "fr": "Décide avec plus de {share} des voix.",
        "de": "Entscheidet mit mehr als {share} der Stimmen.", "en": "Decides with more than {share} of the votes.",
    },
    "age": {
        "nl": "Wie minstens {age} jaar is, kan geloot worden.",
        "fr": "Toute personne d'au moins {age} ans peut être tirée au sort.",
        "de": "Ausgelost werden kann, wer mindestens {age} Jahre alt ist.",
        "en": "Everybody aged {age} or over can be drawn.",
    },
    "letters": {
        "nl": "{letters} mensen krijgen een brief, door het lot.",
        "fr": "{letters} personnes reçoivent une lettre, par le sort.",
        "de": "{letters} Menschen bekommen durch das Los einen Brief.",
        "en": "{letters} people get a letter, by lot.",
    },
    "signatures": {
        "nl": "Inwoners kunnen met {count} handtekeningen een thema voorstellen.",
        "fr": "Les habitants peuvent proposer un thème avec {count} signatures.",
        "de": "Einwohner können mit {count} Unterschriften ein Thema vorschlagen.",
        "en": "Residents can propose a theme with {count} signatures.",
    },
    "answer_days": {
        "nl": "Het antwoord komt binnen {days} dagen.", "fr": "La réponse vient dans les {days} jours.",
        "de": "Die Antwort kommt innerhalb von {days} Tagen.", "en": "The answer comes within {days} days.",
    },
    "reasons": {
        "nl": "Een weigering moet met redenen omkleed zijn.", "fr": "Un refus doit être motivé.",
        "de": "Eine Ablehnung muss begründet werden.", "en": "A refusal needs reasons.",
    },
    "silent": {
        "nl": "Hierover zwijgt het statuut: {rules}.", "fr": "Le statut ne dit rien sur : {rules}.",
        "de": "Dazu schweigt das Statut: {rules}.", "en": "The statute is silent on: {rules}.",
    },
    "four_fifths": {"nl": "vier vijfde", "fr": "quatre cinquièmes", "de": "vier Fünfteln", "en": "four fifths"},
    "two_thirds": {"nl": "twee derde", "fr": "deux tiers", "de": "zwei Dritteln", "en": "two thirds"},
    "half": {"nl": "de helft", "fr": "la moitié", "de": "der Hälfte", "en": "half"},
}  # fmt: skip
_NAMED = {Fraction(4, 5): "four_fifths", Fraction(2, 3): "two_thirds", Fraction(1, 2): "half"}


def explain(book: RuleBook, language: Language = "en") -> tuple[tuple[str, str], ...]:
    """Return the rule book in plain sentences, each with the id of its rule.

    Parameters
    ----------
    book
        The rules.
    language
        One of nl, fr, de, en; a text that the rule book lacks in it is given in another.

    Returns
    -------
    tuple of (str, str)
        Rule id and sentence, in the order of the rule book; the last names what the statute leaves open.
    """
    return tuple(_sentences(book, language))


def _sentences(book: RuleBook, language: Language) -> Iterator[tuple[str, str]]:
    for body in book.bodies:
        yield from _of_body(body, language)
    yield "draw.frame", _in(book.draw.frame, language)
    yield "draw.age_min", _phrase("age", language, age=book.draw.age_min)
    if book.draw.letters is not None:
        yield "draw.letters", _phrase("letters", language, letters=book.draw.letters)
    if book.agenda.may_propose:
        yield "agenda.may_propose", _in(book.agenda.may_propose, language)
    if book.agenda.resident_signatures is not None:
        yield (
            "agenda.resident_signatures",
            _phrase("signatures", language, count=book.agenda.resident_signatures),
        )
    yield "duty.text", _in(book.duty.text, language)
    if book.duty.answer_days is not None:
        yield "duty.answer_days", _phrase("answer_days", language, days=book.duty.answer_days)
    if book.duty.refusal_needs_reasons:
        yield "duty.refusal_needs_reasons", _phrase("reasons", language)
    silent = book.silent()
    if silent:
        yield "silent", _phrase("silent", language, rules=", ".join(silent))


def _of_body(body: Body, language: Language) -> Iterator[tuple[str, str]]:
    path = f"bodies.{body.key}"
    name = "seats" if body.size_min == body.size_max else "seats_range"
    seats = _phrase(name, language, low=body.size_min, high=body.size_max)
    yield f"{path}.size", f"{_in(body.title, language)}: {seats}."
    if body.task:
        yield f"{path}.task", _in(body.task, language)
    if body.mandate_months is not None:
        yield f"{path}.mandate_months", _phrase("mandate", language, months=body.mandate_months)
    if body.mandate:
        yield f"{path}.mandate", _in(body.mandate, language)
    if body.entry_condition:
        yield f"{path}.entry_condition", _in(body.entry_condition, language)
    yield from _of_decision(body.decision, f"{path}.decision", language)


def _of_decision(decision: Decision, path: str, language: Language) -> Iterator[tuple[str, str]]:
    if decision.threshold is None:
        return
    name = "consensus" if decision.consensus_first else "more_than" if decision.more_than else "majority"
    share = _NAMED.get(decision.threshold)
    words = _phrase(share, language) if share else str(decision.threshold)
    yield f"{path}.threshold", _phrase(name, language, share=words)


def _phrase(name: str, language: Language, **values: object) -> str:
    return PHRASES[name][language].format(**values)


def _in(texts: Texts, language: Language) -> str:
    return texts.get(language) or next(iter(texts.values()))
