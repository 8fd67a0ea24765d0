"""What every template may say: texts in languages, Markdown, shares, hashes. Loaded without asking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import nh3
from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.translated import in_language, language_of

register = template.Library()

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
_TAGS = {"p", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "br", "h3", "h4"}


@register.filter
def texts(value: Mapping[str, str] | None) -> str:
    """Show a text in the reader's language; one in another language is marked with its code."""
    if not value:
        return ""
    language = language_of(value)
    if language is None:
        return ""
    if language == (get_language() or "en")[:2]:
        return value[language]
    return format_html(
        '<span lang="{}">{}</span><span class="elsewhere">{}</span>', language, value[language], language
    )


@register.filter
def plain(value: Mapping[str, str] | None) -> str:
    """Show a text without any mark, for titles and attributes."""
    return in_language(value) if value else ""


@register.filter
def markdown(value: str) -> SafeString:
    """Show Markdown; HTML in it stays text, and only links and simple structure come out."""
    return mark_safe(  # noqa: S308  # the one place, and the text went through an allow-list just before
        nh3.clean(
            _MARKDOWN.render(value), tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "mailto"}
        )
    )


@register.filter
def texts_markdown(value: Mapping[str, str] | None) -> str:
    """Show a Markdown text in the reader's language, with its language where it is another."""
    language = language_of(value) if value else None
    if not value or language is None:
        return ""
    return format_html('<div lang="{}">{}</div>', language, markdown(value[language]))


@register.filter
def percent(value: Fraction | float | None, decimals: int = 1) -> str:
    """Show a share as per cent, in the reader's way of writing numbers."""
    return "–" if value is None else f"{number_format(round(float(value) * 100, decimals), decimals)} %"


@register.filter
def share(text: str) -> str:
    """Show an exact share such as 4/5 in words where there is a usual one."""
    words = {
        "4/5": _("four fifths"),
        "2/3": _("two thirds"),
        "3/4": _("three quarters"),
        "1/2": _("half"),
    }
    return words.get(text, text)


@register.simple_tag
def overdue(due_on: date, time_zone: str) -> str:
    """Say by how many days a date is late, or that it lies ahead."""
    late = (clock.today(time_zone) - due_on).days
    if late > 0:
        return ngettext("overdue by %(days)d day", "overdue by %(days)d days", late) % {"days": late}
    return ""


@register.simple_tag(takes_context=True)
def page_of(context: dict[str, Any], number: int) -> str:
    """Return the address of another page of the same list."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def actor_name(word: str) -> str:
    """Show an actor of the journal in the reader's language."""
    names = {**dict(Role.choices), "system": _("The software"), "citizen": _("A citizen"), "member": _("A member")}
    return ", ".join(str(names.get(part, part)) for part in word.split("."))
