"""Every fixed sentence that a resident meets while she answers: read out of the templates and modules that say it.

What is listed here is where to look, not what is said. A test walks through the pages and fails on a sentence that
none of these places holds.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core import validators
from django.forms import fields
from django.utils import translation
from django.utils.translation.template import templatize

from isegoria_web.errors import NotAllowed
from isegoria_web.recruitment import enums, errors
from isegoria_web.recruitment.sentences import Sentence, mail_sentences

TEMPLATES = Path(__file__).parent / "templates"
PAGES = ("answer", "errors")
"""The folders of the pages on which a letter is answered, and of those that say what went wrong there."""
FORMS = "public/answer_forms.py"
WENT_WRONG, KINDS = "errors.py", ("bad_request", "not_allowed", "not_found")
ELSEWHERE, NOTE = "templatetags/isegoria.py", ("not_in_her_language",)
"""What the pages of the errors say, and what stands on those that lead away from the letter: read as files, too."""
STEPS, RECEIPTS = "public/words.py", "public/draws.py"
"""Read as files: the pages of the office, which need this list, know nothing of the public pages."""
SAID_IN: tuple[type, ...] = (
    enums.Need, enums.Refusal,
    errors.CodeWrong, errors.TooManyTries, errors.LetterRevoked, errors.CampaignClosed, errors.AnsweredMeanwhile,
    errors.AlreadyAnswered, errors.AnswersWrong, errors.AnswersDiffer, errors.ConsentMissing, errors.LettersAnnulled,
    NotAllowed,
    fields.Field, fields.IntegerField, fields.ChoiceField, fields.MultipleChoiceField,
    validators.EmailValidator, validators.MaxLengthValidator, validators.MinValueValidator,
    validators.MaxValueValidator, validators.ProhibitNullCharactersValidator,
)  # fmt: skip
"""What else says something on these pages: the options of the forms, what is refused, and Django's own checks."""
_READ_ON = re.compile(r"{%\s*(?:extends|include)\s+\"([^\"]+)\"")
_TEXT = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL = re.compile(rf"\b(?:n?gettext|_)\({_TEXT}(?:, {_TEXT})?")
_SAYS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}


@cache
def fixed_sentences() -> tuple[Sentence, ...]:
    """Return every fixed sentence once, with the places where it stands: those of the pages, then those of the mails."""
    places: dict[tuple[str, str], list[str]] = {}
    for english, plural, place in (*_in_templates(), *_in_modules(), *_in_lists()):
        places.setdefault((english, plural), []).append(place)
    pages = (
        Sentence(english, plural, places=tuple(dict.fromkeys(where)))
        for (english, plural), where in places.items()
    )
    return (*pages, *mail_sentences().values())


def _in_templates() -> Iterator[tuple[str, str, str]]:
    """Yield what the templates of the pages say, with the frame and the pieces that they are put together from."""
    waiting = sorted(
        f"{folder}/{each.name}" for folder in PAGES for each in (TEMPLATES / folder).glob("*.html")
    )
    read: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in read:
            continue
        read.add(name)
        source = (TEMPLATES / name).read_text("utf-8")
        waiting += _READ_ON.findall(source)
        said = templatize(source, origin=name)
        for found in _CALL.finditer(said):
            line = said[: found.start()].count("\n") + 1
            plural = ast.literal_eval(found[2]) if found[2] else ""
            yield ast.literal_eval(found[1]), plural, f"{name}:{line}"


def _in_modules() -> Iterator[tuple[str, str, str]]:
    yield from _called(_tree(FORMS), FORMS)
    for name, wanted in ((WENT_WRONG, KINDS), (ELSEWHERE, NOTE)):
        for function in _functions(name, wanted):
            yield from _called(function, name)
    for each in SAID_IN:
        yield from _called(ast.parse(textwrap.dedent(inspect.getsource(each))), each.__qualname__)


def _in_lists() -> Iterator[tuple[str, str, str]]:
    """Yield the names of the languages to choose from, and what the steps of checking a receipt show."""
    with translation.override(None):
        yield from [(str(name), "", "settings") for _code, name in settings.LANGUAGES]
    lists = ("OF_A_PANEL_RECEIPT", "OF_A_LETTER_RECEIPT")
    wanted = {step for name in lists for step in ast.literal_eval(_assigned(RECEIPTS, name))}
    steps = _assigned(STEPS, "STEPS")
    if not isinstance(steps, ast.Dict):
        raise TypeError(f"the steps in {STEPS} are no longer written out")
    for key, told in zip(steps.keys, steps.values, strict=True):
        if isinstance(key, ast.Constant) and key.value in wanted:
            yield from _called(told, STEPS)


def _called(tree: ast.AST, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield every sentence that is given to gettext."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAYS:
            told = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
            texts = [text for text in told if isinstance(text, str)]
            yield texts[0], texts[1] if node.func.id.startswith("n") else "", place


def _tree(name: str) -> ast.Module:
    return ast.parse((Path(__file__).parent / name).read_text("utf-8"))


def _functions(name: str, wanted: tuple[str, ...]) -> list[ast.FunctionDef]:
    """Return some functions of a module."""
    found = {each.name: each for each in _tree(name).body if isinstance(each, ast.FunctionDef)}
    return [found[each] for each in wanted]


def _assigned(name: str, to: str) -> ast.expr:
    """Return what a module gives to a name."""
    for node in _tree(name).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(
            isinstance(each, ast.Name) and each.id == to for each in targets
        ):
            return node.value or ast.Constant(None)
    raise LookupError(f"{to} does not stand in {name}")
