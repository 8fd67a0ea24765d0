"""A handover dossier as it is read in one language: the same sections for the page and for paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from isegoria_web.accounts.enums import Role
from isegoria_web.consultation.enums import ThemeStatus
from isegoria_web.followup.enums import AnswerKind, CommitmentStatus, Position, Satisfaction
from isegoria_web.followup.handover_content import Content
from isegoria_web.institutions.enums import Stage
from isegoria_web.recommendations.report import blocks, printed
from isegoria_web.translated import in_language, language_of


@dataclass(frozen=True)
class Entry:
    """One thing in a section: what it is, what is to be known of it, and a text that somebody wrote (Markdown).

    Of what is late, the last fact says so.
    """

    title: str = ""
    title_lang: str = ""
    facts: tuple[str, ...] = ()
    text: str = ""
    text_lang: str = ""
    late: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the dossier; `empty` says what stands there where there is nothing."""

    key: str
    title: str
    entries: tuple[Entry, ...]
    empty: str


def sections_of(content: Content) -> list[Section]:
    """Return a dossier in the language in which the reader reads, the most personal and the most urgent first."""
    return [
        _section("words", _("From those before you"), _words, content, _("Nobody has left you a text.")),
        _section("mandate", _("What you are asked"), _mandate, content, _("The mandate is not signed.")),
        _section("owed", _("Answers that are awaited"), _owed, content, _("No answer is awaited.")),
        _section("promises", _("Promises that are open"), _promises, content, _("No promise is open.")),
        _section(
            "fate", _("What became of the recommendations"), _fate, content,
            _("There are no recommendations of earlier members."),
        ),
        _section("minority", _("Minority opinions"), _minority, content, _("There is no minority opinion.")),
        _section(
            "questions", _("Questions without an answer"), _questions, content,
            _("Every question of earlier members was answered."),
        ),
        _section("themes", _("The agenda"), _themes, content, _("No theme is open.")),
        _section("people", _("Who is there"), _people, content, _("Nobody has a role here.")),
        _section("calendar", _("The days ahead"), _calendar, content, _("No day is planned.")),
        _section("rules", _("The rules in plain words"), _rules, content, ""),
    ]  # fmt: skip


def typeset(content: Content, language: str, made_at: int) -> bytes:
    """Return a dossier as PDF in one language, tagged for screen readers; the same content gives the same file.

    Parameters
    ----------
    made_at
        When it was handed over, in seconds since 1970: the date inside the file.
    """
    with translation.override(language):
        data = {
            "lang": language,
            "institution": in_language(content["institution"]),
            "title": _("Handover dossier"),
            "for": _("For the members of cycle %(number)d: %(title)s") % _named(content),
            "day": _("As it stood on %(day)s") % {"day": _day(content["day"])},
            "sections": [_printed(each, language) for each in sections_of(content)],
        }
    template = files("isegoria_web.followup").joinpath("handover.typ").read_bytes()
    return printed(template, data, made_at)


def _printed(section: Section, language: str) -> dict[str, Any]:
    return {
        "title": section.title,
        "empty": section.empty,
        "entries": [
            {
                "title": each.title,
                "title_lang": each.title_lang or language,
                "facts": list(each.facts),
                "late": each.late,
                "text": blocks(each.text),
                "text_lang": each.text_lang or language,
            }
            for each in section.entries
        ],
    }


def _section(
    key: str, title: str, entries: Callable[[Content], Iterable[Entry]], content: Content, empty: str
) -> Section:
    return Section(key, title, tuple(entries(content)), empty)


# -- the sections ----------------------------------------------------------------------------------------------


def _words(content: Content) -> Iterator[Entry]:
    for each in content["words"]:
        who = (
            _("A member of cycle %(number)d") % {"number": each["cycle"]}
            if each["by_member"]
            else _("The secretariat")
        )
        yield _written(each["text"], title=who)


def _mandate(content: Content) -> Iterator[Entry]:
    if content["promised_answer_days"]:
        promise = _("The authority promises to answer within %(count)d days of your report.") % {
            "count": content["promised_answer_days"]
        }
    else:
        promise = _("The authority answers as the rule book says.")
    for each in content["mandate"]:
        signed = _("Version %(number)d, signed on %(day)s") % {
            "number": each["number"],
            "day": _day(each["signed_on"]),
        }
        newest = each is content["mandate"][-1]
        facts = [signed, promise if newest else _("A later version replaced it.")]
        if each["reasons"]:
            facts.append(_("Why it changed: %(reasons)s") % {"reasons": in_language(each["reasons"])})
        yield _titled(each["question"], *facts, text=each["scope"])


def _owed(content: Content) -> Iterator[Entry]:
    """Answers that the authority still owes, the longest overdue first."""
    pairs = [(each, owed) for each in content["recommendations"] for owed in _owed_of(each)]
    open_ = [(each, owed) for each, owed in pairs if not owed["answered_on"]]
    for each, owed in sorted(open_, key=lambda pair: pair[1]["due_on"]):
        days = _days_between(owed["due_on"], content["day"])
        yield _of(each, *_by_rule(owed), _clock(owed, days), late=days > 0)


def _promises(content: Content) -> Iterator[Entry]:
    pairs = ((each, one) for each in content["recommendations"] for one in each["promises"] if one["open"])
    for each, promise in sorted(pairs, key=lambda pair: pair[1]["due_on"]):
        days = _days_between(promise["due_on"], content["day"])
        status = str(CommitmentStatus(promise["status"]).label)
        due = _("Promised for %(day)s") % {"day": _day(promise["due_on"])}
        facts = [_source(each), f"{due} · {status}", *([_overdue(days)] if days > 0 else [])]
        yield _titled(promise["text"], *facts, late=days > 0)


def _fate(content: Content) -> Iterator[Entry]:
    for each in content["recommendations"]:
        yield _of(each, *_what_became(each, content["day"]))


def _minority(content: Content) -> Iterator[Entry]:
    for each in content["recommendations"]:
        for opinion in each["minority"]:
            count = opinion["signed"]
            signed = ngettext("Signed by %(count)d member", "Signed by %(count)d members", count)
            yield _of(each, signed % {"count": count}, text=opinion["text"])


def _questions(content: Content) -> Iterator[Entry]:
    for each in content["questions"]:
        days = _days_between(each["due_on"], content["day"])
        due = _("An answer was due on %(day)s") if days > 0 else _("An answer is due on %(day)s")
        asked = _("Asked by a member of cycle %(number)d") % {"number": each["cycle"]}
        facts = [asked, due % {"day": _day(each["due_on"])}]
        yield _titled(each["text"], *facts, late=days > 0)


def _themes(content: Content) -> Iterator[Entry]:
    for each in content["themes"]:
        facts = [f"{_('Theme %(number)d') % each} · {ThemeStatus(each['status']).label}"]
        if each["threshold"]:
            facts.append(_("%(signed)d of %(threshold)d signatures") % each)
        if each["until"]:
            facts.append(_("Can be signed until %(day)s") % {"day": _day(each["until"])})
        yield _titled(each["title"], *facts)
    if count := content["themes_waiting"]:
        waiting = ngettext(
            "%(count)d theme waits for its verdict", "%(count)d themes wait for their verdict", count
        )
        yield Entry(title=waiting % {"count": count})


def _people(content: Content) -> Iterator[Entry]:
    for each in content["bodies"]:
        numbers = {"sitting": each["sitting"], "least": each["size_min"], "most": each["size_max"]}
        same = each["size_min"] == each["size_max"]
        said = (
            _("%(sitting)d of %(most)d seats are taken")
            if same
            else _("%(sitting)d seats are taken; the rule book asks for %(least)d to %(most)d")
        )
        yield _titled(each["name"], said % numbers)
    for role, count in content["roles"].items():
        people = ngettext("%(count)d person", "%(count)d people", count) % {"count": count}
        yield Entry(title=str(Role(role).label), facts=(people,))


def _calendar(content: Content) -> Iterator[Entry]:
    for each in content["calendar"]:
        rule = _by_rule(each) if each.get("rule") else ()
        yield Entry(title=_day(each["on"]), facts=(_WHAT_HAPPENS[each["kind"]](each), *rule))


def _rules(content: Content) -> Iterator[Entry]:
    rules = content["rules"]
    language = (translation.get_language() or "en")[:2]
    known = rules["sentences"]
    shown = language if language in known else next(iter(known), "")
    facts = [_("Since %(day)s") % {"day": _day(rules["valid_from"])}]
    if rules["legal_basis"]:
        facts.append(rules["legal_basis"])
    if rules["newest"] > rules["number"]:
        facts.append(
            _("There is a newer version, number %(number)d; your cycle keeps the one with which it began.")
            % {"number": rules["newest"]}
        )
    facts.append(f"SHA-256: {rules['sha256']}")
    title = _("Rule book %(name)s, version %(number)d") % {
        "name": rules["identifier"], "number": rules["number"],
    }  # fmt: skip
    points = "\n".join(f"- {sentence}" for _rule, sentence in known.get(shown, []))
    yield Entry(title=title, facts=tuple(facts), text=points, text_lang=shown)


# -- their parts -----------------------------------------------------------------------------------------------


def _meeting(each: Content) -> str:
    return _("Meeting: %(title)s, %(place)s") % {
        "title": in_language(each["title"]),
        "place": each["place"],
    }


_WHAT_HAPPENS: Mapping[str, Callable[[Content], str]] = {
    "meeting": _meeting,
    "stage": lambda each: _("Planned: %(stage)s") % {"stage": Stage(each["stage"]).label},
    "answer": lambda each: _("An answer is due: recommendation %(number)d of cycle %(cycle)d") % each,
    "final_answer": lambda each: (
        _("The final answer is due: recommendation %(number)d of cycle %(cycle)d") % each
    ),
    "promise": lambda each: _("Promised: recommendation %(number)d of cycle %(cycle)d") % each,
    "review": lambda each: _("Everybody sees what became of the report of cycle %(cycle)d") % each,
    "rotation": lambda _each: _("Some leave the body, others enter it"),
}


def _what_became(each: Content, today: str) -> Iterator[str]:
    if not each["adopted"]:
        yield _("Found no majority among the members")
        return
    if each["position"]:
        yield str(Position(each["position"]).label)
    for owed in _owed_of(each):
        yield _clock(owed, _days_between(owed["due_on"], owed["answered_on"] or today))
    if each["promises"]:
        kept = sum(one["status"] == CommitmentStatus.FULFILLED for one in each["promises"])
        yield _("%(kept)d of %(count)d promises kept") % {"kept": kept, "count": len(each["promises"])}
    if each["verdict"]:
        said = (f"{Satisfaction(key).label}: {count}" for key, count in each["verdict"].items())
        yield _("The members say: %(verdict)s") % {"verdict": "; ".join(said)}


def _owed_of(each: Content) -> list[Content]:
    """The answers that are owed or were given; told apart by `kind` where there are a first and a final one."""
    first = {key: each[key] for key in ("due_on", "rule", "answered_on")}
    if "final" not in each:
        return [first] if each["due_on"] else []
    return [{**first, "kind": AnswerKind.FIRST}, {**each["final"], "kind": AnswerKind.FINAL}]


def _clock(each: Content, days_late: int) -> str:
    if each["answered_on"]:
        said = _("Answered on %(day)s") % {"day": _day(each["answered_on"])}
    elif days_late > 0:
        said = _("No answer. It was due on %(day)s") % {"day": _day(each["due_on"])}
    else:
        said = _("The answer is due on %(day)s") % {"day": _day(each["due_on"])}
    said = f"{said} · {_overdue(days_late)}" if days_late > 0 else said
    return f"{AnswerKind(each['kind']).label}: {said}" if "kind" in each else said


def _overdue(days: int) -> str:
    return ngettext("%(count)d day late", "%(count)d days late", days) % {"count": days}


def _source(each: Content) -> str:
    return _("Recommendation %(number)d of cycle %(cycle)d") % each


def _by_rule(each: Content) -> tuple[str, ...]:
    return (_("By rule %(rule)s") % each,) if each["rule"] else ()


def _of(each: Content, *facts: str, text: Mapping[str, str] | None = None, late: bool = False) -> Entry:
    return _titled(each["title"], _source(each), *facts, text=text, late=late)


def _titled(
    title: Mapping[str, str], *facts: str, text: Mapping[str, str] | None = None, late: bool = False
) -> Entry:
    return Entry(
        title=in_language(title),
        title_lang=language_of(title) or "",
        facts=facts,
        text=in_language(text or {}),
        text_lang=language_of(text or {}) or "",
        late=late,
    )


def _written(text: Mapping[str, str], *, title: str) -> Entry:
    return Entry(title=title, text=in_language(text), text_lang=language_of(text) or "")


def _named(content: Content) -> dict[str, Any]:
    return {"number": content["cycle"], "title": in_language(content["title"])}


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "DATE_FORMAT")


def _days_between(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days
