"""Pages that speak a language beyond those of the interface, with the sentences that the secretariat had translated.

While such a page is made, gettext answers with the institution's own sentences. What is not translated comes in the
language of the address, between two marks that no text can hold; when the page is whole, the marks become elements
with language and direction, and the characters of a translation that mean something in HTML become what they are: text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations

from django.http import HttpResponse
from django.utils import dateformat
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, trans_real

from isegoria_web.recruitment.letter_languages import direction_of
from isegoria_web.recruitment.sentence_versions import fitting
from isegoria_web.recruitment.sentences import Translations, isolated, of_django, plurals_of
from isegoria_web.web.fixed_sentences import fixed_sentences

_ELSEWHERE, _HERE = "\ufdd0", "\ufdd1"
"""Before and behind what stands in another language. Both are no characters: no translation may hold them."""
_HELD = str.maketrans({"&": "\ufdd2", "<": "\ufdd3", ">": "\ufdd4", '"': "\ufdd5", "'": "\ufdd6"})
_LET_GO = {"\ufdd2": "&amp;", "\ufdd3": "&lt;", "\ufdd4": "&gt;", "\ufdd5": "&quot;", "\ufdd6": "&#x27;"}
_MARK = re.compile("[\ufdd0-\ufdd6]")
_NO_ELEMENTS = re.compile(r"<(script|style|title|option|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)
"""Tags, and elements in which no other element may stand."""
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


class Catalogue(NullTranslations):
    """What gettext answers with, in a further language."""

    def __init__(self, language: str, fixed: str, texts: Translations) -> None:
        super().__init__()
        self.spoken, self._fixed = language, trans_real.translation(fixed)
        self._texts, self._form_of = texts, plurals_of(language).form_of

    def to_language(self) -> str:
        """Return the language of the address: Django makes links and ways of writing numbers with it."""
        return str(self._fixed.to_language())

    def gettext(self, message: str) -> str:
        """Return a sentence, marked where it is not translated."""
        own = self._texts.get(message) or of_django(self.spoken, message)
        return self._ours(own[0]) if own else self.elsewhere(message, self._fixed.gettext(message))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of a sentence that a number takes."""
        own = self._texts.get(singular) or of_django(self.spoken, singular, plural)
        if own:
            return self._ours(own[self._form_of(int(number))])
        return self.elsewhere(singular, self._fixed.ngettext(singular, plural, number))

    def _ours(self, text: str) -> str:
        return isolated(text, self.spoken).translate(_HELD)

    def elsewhere(self, message: str, said: str) -> str:
        """Return what is said in the language of the address, marked as such."""
        if (
            "\x04" in message
        ):  # gettext asks so for a word in a context, and wants it back where there is none
            return said
        return f"{_ELSEWHERE}{said}{_HERE}" if re.search(r"\w", said) else said


@contextmanager
def spoken(language: str, fixed: str, texts: Translations) -> Iterator[Catalogue]:
    """Speak a further language until the end of the block.

    Parameters
    ----------
    fixed
        The language of the interface in which stands what is not translated.
    texts
        A version of the translations; what of it no longer fits its sentence counts as not translated.
    """
    active = trans_real._active  # type: ignore[attr-defined]  # noqa: SLF001  # no other door for a catalogue that is no file
    before = getattr(active, "value", None)
    active.value = made = Catalogue(
        language, fixed, _fitting(language, tuple((key, *texts[key]) for key in texts))
    )
    try:
        yield made
    finally:
        if before is None:
            del active.value
        else:
            active.value = before


@lru_cache(maxsize=64)
def _fitting(language: str, texts: tuple[tuple[str, ...], ...]) -> Translations:
    """Return what fits of a version: looked through once and not at every page."""
    return fitting(fixed_sentences(), {key: forms for key, *forms in texts}, language)


def page_language() -> str:
    """Return the language of the page that is being made."""
    active = getattr(trans_real._active, "value", None)  # type: ignore[attr-defined]  # noqa: SLF001  # see above
    return active.spoken if isinstance(active, Catalogue) else (get_language() or "en")[:2]


def elsewhere(text: str, language: str) -> str:
    """Return a text that does not stand in the language of the page, with its language and direction."""
    return format_html('<span lang="{}" dir="{}">{}</span>', language, direction_of(language), text)


def day_in_words(moment: date | datetime, kind: str = "DATE_FORMAT") -> str:
    """Return a day as people write it in the language of the page."""
    local = localtime(moment) if isinstance(moment, datetime) else moment
    return str(dateformat.format(local, get_format(kind, lang=page_language())))


def finish(html: str, fixed: str) -> str:
    """Return a page, or a piece of one, in which every mark has become what it stands for."""
    if not _MARK.search(html):
        return html
    begin = f'<span lang="{fixed}" dir="{direction_of(fixed)}">'
    words = {_ELSEWHERE: begin, _HERE: "</span>", **_LET_GO}
    inside = {_ELSEWHERE: _ISOLATE, _HERE: _END_OF_ISOLATE, **_LET_GO}
    made, end = [], 0
    for found in _NO_ELEMENTS.finditer(html):
        made.append(_MARK.sub(lambda mark: words[mark.group()], html[end : found.start()]))
        made.append(_MARK.sub(lambda mark: inside[mark.group()], found.group()))
        end = found.end()
    made.append(_MARK.sub(lambda mark: words[mark.group()], html[end:]))
    return "".join(made)


def finish_piece(html: SafeString, fixed: str) -> SafeString:
    """Return a piece of a page that a template has made, finished, to stand in another page."""
    return mark_safe(finish(html, fixed))  # noqa: S308  # escaped by its template; the marks become escaped text


def finish_page(response: HttpResponse, fixed: str) -> HttpResponse:
    """Finish an answer of the site, if it is a page."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.content = finish(response.content.decode(), fixed).encode()
    return response
