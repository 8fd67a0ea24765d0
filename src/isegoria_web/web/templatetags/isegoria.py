"""What every template may say: texts in languages, Markdown, shares, clocks, pictures. Loaded without asking.

`docs/design-system.md` shows each with an example.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import nh3
from django import template
from django.conf import settings
from django.core.paginator import Page
from django.urls import reverse
from django.utils.formats import get_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, ngettext
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Status
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.institutions.standing import phases_of
from isegoria_web.recruitment.letter_languages import direction_of
from isegoria_web.recruitment.sentence_versions import confirmed
from isegoria_web.translated import LANGUAGES, in_language, language_of
from isegoria_web.web import reading as readings
from isegoria_web.web import speaking, stages
from isegoria_web.web.grounds import ground_in_words
from isegoria_web.web.pictures import Picture, legend_sign
from isegoria_web.web.places import Own, appointed_address
from isegoria_web.web.reading import PARAMETER
from isegoria_web.web.speaking import day_in_words, elsewhere, finish_piece, page_language

register = template.Library()

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_TAGS = {"p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "br", "h3", "h4"}
_SIGNS = {
    "accepted": "good sign-full",
    "fulfilled": "good sign-full",
    "adopted": "good sign-full",
    "answered": "good sign-full",
    "satisfied": "good sign-full",
    "drawn": "good sign-half",
    "final": "good sign-full",
    "partly": "sign-half",
    "under_way": "sign-half",
    "study": "sign-wait",
    "promised": "sign-wait",
    "open": "sign-wait",
    "committed": "sign-wait",
    "announced": "sign-wait",
    "ballot": "sign-wait",
    "draft": "sign-wait",
    "rejected": "warm sign-empty",
    "not_adopted": "sign-empty",
    "withdrawn": "sign-empty",
    "not_satisfied": "warm sign-empty",
    "broken": "warm sign-late",
    "overdue": "warm sign-late",
    "annulled": "warm sign-late",
}
"""Each state's colour and shape; a state that is not here is shown plainly."""


@register.simple_tag
def attributes_of_page() -> str:
    """Return language and direction of the page."""
    return format_html('lang="{}" dir="{}"', page_language(), direction_of(page_language()))


@register.simple_tag(takes_context=True)
def not_in_her_language(context: dict[str, Any]) -> str:
    """Say on a public page, to whoever reads her letter in a further language, that this page is not in it."""
    request, institution = context.get("request"), context.get("institution")
    match = getattr(request, "resolver_match", None)
    if request is None or institution is None or match is None or match.namespace != "public":
        return ""
    where, wanted = readings.further_of(request, institution.slug)
    if where is None:
        return ""
    fixed = page_language()
    with speaking.spoken(wanted, fixed, confirmed(where, wanted)):
        told = format_html(
            '<div class="message" lang="{}" dir="{}"><p>{} <a href="{}">{}</a></p></div>',
            wanted, direction_of(wanted),
            _("This page is not in your language. Your letter and your answer are."),
            reverse("answer:code", args=[institution.slug]), _("Answer your letter"),
        )  # fmt: skip
    return finish_piece(told, fixed)


@register.simple_tag(takes_context=True)
def own_url(context: dict[str, Any], name: str, *args: object, cycle: Cycle | None = None) -> str:
    """Return the address of a member's page about the cycle that she has before her, or about another one of hers."""
    own: Own = context["own"]
    return own.address(name, *args, cycle=cycle)


@register.simple_tag(takes_context=True)
def appointed_url(context: dict[str, Any], name: str, *args: object) -> str:
    """Return the address of a page of who is appointed, about the seat that she has before her."""
    return appointed_address(name, context["appointee"], context["appointed"], *args)


# -- texts ---------------------------------------------------------------------------------------------


@register.filter
def texts(value: Mapping[str, str] | None) -> str:
    """Show a text in the reader's language; one in another language is marked with its code."""
    language = language_of(value) if value else None
    return marked(value[language], language) if value and language else ""


@register.filter
def marked(text: str, language: str | None) -> str:
    """Show a text that is written in one language: `{{ statement.text|marked:statement.language }}`."""
    if not language or language == page_language():
        return text
    if page_language() not in LANGUAGES:  # there nobody expects the language of the page
        return elsewhere(text, language)
    return format_html(
        '<span lang="{}">{}</span> <span class="elsewhere" lang="{}">{}</span>',
        language, text, language, _local_name(language),
    )  # fmt: skip


@register.filter
def language_name(code: str) -> str:
    """Show a language by its own name: `{{ "de"|language_name }}` is Deutsch."""
    return _local_name(code)


@register.filter
def plain(value: Mapping[str, str] | None) -> str:
    """Show a text without any mark, for titles and attributes."""
    return in_language(value) if value else ""


@register.filter
def markdown(value: str) -> SafeString:
    """Show Markdown, the one way for every text that somebody wrote; HTML in it stays text.

    Only simple structure and links to `https:` and `mailto:` come out; whatever a writer tries, no script does.
    """
    cleaned = nh3.clean(
        _MARKDOWN.render(value),
        tags=_TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes={"https", "mailto"},
    )
    return mark_safe(cleaned)  # noqa: S308  # the one place, and the text went through an allow-list just before


@register.filter
def texts_markdown(value: Mapping[str, str] | None) -> str:
    """Show a Markdown text in the reader's language, with its language where it is another."""
    language = language_of(value) if value else None
    if not value or language is None:
        return ""
    return format_html('<div lang="{}">{}</div>', language, markdown(value[language]))


@register.filter
def marked_markdown(text: str, language: str | None) -> str:
    """Show a Markdown text that is written in one language: `{{ note.text|marked_markdown:note.language }}`."""
    if not language or language == (get_language() or "en")[:2]:
        return format_html("<div>{}</div>", markdown(text))
    return format_html(
        '<div lang="{}">{}</div><p><span class="elsewhere" lang="{}">{}</span></p>',
        language, markdown(text), language, _local_name(language),
    )  # fmt: skip


@register.filter
def spoken(language: str) -> str:
    """Show a language as those who speak it call it."""
    return _local_name(language)


def _local_name(language: str) -> str:
    try:
        return str(get_language_info(language)["name_local"])
    except KeyError:
        return language


# -- numbers, shares, dates ----------------------------------------------------------------------------


@register.filter
def day(value: date, kind: str = "DATE_FORMAT") -> str:
    """Show a day in the language of the page, also where that is one beyond those of the interface."""
    return day_in_words(value, kind)


@register.filter
def number(value: int | None) -> str:
    """Show a whole number in the reader's way of writing numbers: 79,479."""
    return "–" if value is None else number_format(value, force_grouping=True)


@register.filter
def euros(cents: int | None) -> str:
    """Show whole cents as euros, in the reader's way of writing numbers: € 1,760.83."""
    if cents is None:
        return "–"
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    return f"€ {sign}{number_format(whole, force_grouping=True)}{get_format('DECIMAL_SEPARATOR')}{rest:02d}"


@register.filter
def percent(value: Fraction | float | None, decimals: int = 1) -> str:
    """Show a share as per cent, in the reader's way of writing numbers."""
    return "–" if value is None else f"{number_format(round(float(value) * 100, decimals), decimals)} %"


@register.filter
def as_fraction(text: str) -> Fraction:
    """Return an exact share that a record writes as text: `{{ stratum.chance|as_fraction|percent }}`."""
    return Fraction(text)


@register.filter
def share(text: str) -> str:
    """Show an exact share such as 4/5 in words where there is a usual one."""
    words = {
        "4/5": _("four fifths"),
        "2/3": _("two thirds"),
        "3/4": _("three quarters"),
        "1/2": _("half"),
        "1/3": _("one third"),
    }
    return words.get(text, text)


@register.simple_tag
def overdue(due_on: date, time_zone: str) -> str:
    """Say by how many days a date is late; nothing where it lies ahead."""
    late = (clock.today(time_zone) - due_on).days
    if late > 0:
        return ngettext("overdue by %(days)d day", "overdue by %(days)d days", late) % {"days": late}
    return ""


@register.inclusion_tag("components/clock.html", name="clock")
def clock_of(duty: Any, time_zone: str, *, large: bool = False, both: bool = False) -> dict[str, Any]:
    """Show the clock of an answer: due on, overdue by, or answered with how late.

    Parameters: `duty` (or nothing), the institution's time zone, `large=True` for the size of a headline, `both=True`
    where a first and a final answer are told apart by their names.
    """
    if duty is None:
        return {"duty": None}
    given = duty.answered_at
    last = clock.today(time_zone) if given is None else clock.day_of(given, time_zone)
    days = (last - duty.due_on).days
    return {"duty": duty, "late": max(0, days), "left": max(0, -days), "large": large, "both": both}


# -- pieces of a page ----------------------------------------------------------------------------------


class LanguageChoice(NamedTuple):
    """One language of the switch, with the address of this same page in it."""

    code: str
    name: str
    url: str
    current: bool


@register.simple_tag(takes_context=True)
def languages(context: dict[str, Any]) -> list[LanguageChoice]:
    """Return the languages of the institution (of the site without one), each with this page's address.

    The pages of a letter can be read in further ones, which they give as `further_languages`.
    """
    institution = context.get("institution")
    offered = [code for code, _name in settings.LANGUAGES]
    wanted = [code for code in getattr(institution, "languages", []) if code in offered] or offered
    request, current = context["request"], (get_language() or "en")[:2]
    query = f"?{request.GET.urlencode()}" if request.method == "GET" and request.GET else ""
    read = page_language()
    further: list[str] = context.get("further_languages") or [read] * (read not in offered)
    if not further:
        return [
            LanguageChoice(
                code, _local_name(code), _in_language(request.path, code) + query, code == current
            )
            for code in wanted
        ]
    return [
        LanguageChoice(
            code, _local_name(code),
            _in_language(request.path, code if code in offered else current) + f"?{PARAMETER}={code}",
            code == read,
        )
        for code in dict.fromkeys([*wanted, *further])
    ]  # fmt: skip


def _in_language(path: str, code: str) -> str:
    first, _slash, rest = path.removeprefix("/").partition("/")
    return f"/{code}/{rest}" if first in dict(settings.LANGUAGES) else f"/{code}/"


@register.simple_tag(takes_context=True)
def nav_item(context: dict[str, Any], view: str, label: str, *args: Any) -> str:
    """Return one entry of a row of links, marked where it is the page that is shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match is not None and match.view_name == view
    entry = '<li><a href="{}" aria-current="page">{}</a></li>' if here else '<li><a href="{}">{}</a></li>'
    return format_html(entry, reverse(view, args=args), label)


@register.simple_tag
def crumbs(*pairs: Any) -> str:
    """Return the way back: `{% crumbs url label url label … %}`, from the institution downwards."""
    steps = format_html_join("", '<li><a href="{}">{}</a></li>', zip(pairs[::2], pairs[1::2], strict=True))
    return format_html(
        '<nav class="crumbs" aria-label="{}"><ol>{}</ol></nav>', _("Where this page stands"), steps
    )


@register.simple_tag
def status(state: str, label: str) -> str:
    """Return a state as a word with a shape: `{% status answer.position answer.get_position_display %}`."""
    return format_html('<span class="tag {}">{}</span>', _SIGNS.get(state, ""), label)


@register.filter
def actor_name(word: str) -> str:
    """Show an actor of the journal in the reader's language."""
    names = {
        **dict(Role.choices),
        "system": _("The software"),
        "citizen": _("A citizen"),
        "operator": _("Who founds on this site"),
        "member": _("A member"),
    }
    return ", ".join(str(names.get(part, part)) for part in word.split("."))


@register.inclusion_tag("components/sentence.html")
def sentence(statement: Any) -> dict[str, Any]:
    """Show a statement in the reader's language where a person translated it, with the original one click away.

    Prefetch `translations`.
    """
    current = (get_language() or "en")[:2]
    found = next((each for each in statement.translations.all() if each.language == current), None)
    translated = found if statement.language != current else None
    return {
        "statement": statement,
        "translation": translated,
        "from_language": _local_name(statement.language),
    }


@register.filter
def ground(rule: str) -> str:
    """Say which rule is behind a day, with its version, or that the statute is silent."""
    return ground_in_words(rule)


@register.inclusion_tag("components/stages.html")
def stage_line(cycle: Cycle, *, compact: bool = False) -> dict[str, Any]:
    """Show where a cycle stands; prefetch `milestones`. `compact=True`: on a phone, dots and one sentence."""
    line = stages.line_of(cycle)
    return {
        "line": line,
        "now": next((stage for stage in line if stage.state == "now"), None),
        "after": next((stage for stage in line if stage.state == "next"), None),
        "compact": compact,
        "cycle": cycle,
    }


@register.inclusion_tag("components/stations.html")
def station_line(cycle: Cycle) -> dict[str, Any]:
    """Show all stations of a cycle, folded into its stages; prefetch `milestones`."""
    return {"phases": phases_of(cycle)}


@register.inclusion_tag("components/status_notice.html")
def status_notice(institution: Institution) -> dict[str, Any]:
    """Say of an institution that it is suspended, under review or abolished, since when, why and by which rule."""
    if institution.status == Status.OPERATING:
        return {"change": None}
    if institution.status in {Status.ADOPTED, Status.FUNDED}:
        return {"change": None, "begins": True}
    last = institution.status_changes.select_related("rule_book").order_by("-number").first()
    return {"change": last, "institution": institution}


@register.inclusion_tag("components/picture.html")
def picture(drawn: Picture, caption: str = "", *, table: bool = True) -> dict[str, Any]:
    """Show a picture of dots with its legend, its sentence, and the table of the same content."""
    return {"picture": drawn, "caption": caption, "table": table}


@register.simple_tag
def sign(kind: str) -> SafeString:
    """Return the small sign of a kind of dot, for a legend."""
    return legend_sign(kind)


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Page[Any]) -> dict[str, Any]:
    """Show the way to the pages before and after: `{% pager entries %}` for a page of a Paginator."""
    return {"page": page, "request": context["request"]}


@register.simple_tag(takes_context=True)
def page_of(context: dict[str, Any], number: int) -> str:  # `number` the filter lives in the library
    """Return the address of another page of the same list."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
