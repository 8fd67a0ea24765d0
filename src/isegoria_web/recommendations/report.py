"""The report of a cycle as a PDF, typeset in the institution's first language, tagged for screen readers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any, Literal, TypedDict

import typst
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from isegoria_web import clock
from isegoria_web.ballots.algorithms import result_of, roll_call_result
from isegoria_web.ballots.models import Ballot, RollCall
from isegoria_web.deliberation.models import Statement
from isegoria_web.errors import required
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw
from isegoria_web.recommendations.models import MinorityOpinion, Recommendation
from isegoria_web.recruitment.models import Campaign
from isegoria_web.translated import in_language

ACCESSIBLE: Literal["ua-1"] = "ua-1"
"""The standard that the PDF keeps: PDF/UA-1, readable by screen readers."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


class Block(TypedDict):
    """A paragraph or a point of a list: `sign` stands before it, `runs` are pairs of a style and a text."""

    sign: str
    runs: list[tuple[str, str]]


def typeset(cycle: Cycle, language: str | None = None) -> bytes:
    """Return the report as PDF, in a language or in the institution's first; the same rows give the same file."""
    chosen = language or next(iter(cycle.institution.languages), "en")
    with translation.override(chosen):
        data = _data(cycle, chosen)
    template = files("isegoria_web.recommendations").joinpath("report.typ").read_bytes()
    return printed(template, data, int(clock.now().timestamp()))


def printed(template: bytes, data: Mapping[str, Any], made_at: int) -> bytes:
    """Return a document as PDF, tagged for screen readers; the same data give the same file on every machine.

    Parameters
    ----------
    made_at
        The date inside the file, in seconds since 1970.
    """
    return typst.compile(
        template,
        sys_inputs={"data": json.dumps(data)},
        format="pdf",
        pdf_standards=ACCESSIBLE,
        timestamp=made_at,
        ignore_system_fonts=True,
    )


def _data(cycle: Cycle, language: str) -> dict[str, Any]:
    found = cycle.recommendations.with_lineage().order_by("number")
    today = date_format(clock.today(cycle.institution.time_zone), "DATE_FORMAT")
    return {
        "lang": language,
        "accent": cycle.institution.accent,
        "institution": in_language(cycle.institution.name),
        "title": in_language(cycle.title),
        "question": in_language(cycle.question),
        "handed_over": _("Handed over on %(day)s") % {"day": today},
        "drawn": _("by %(count)d citizens who were drawn by lot") % {"count": cycle.panel_size},
        "words": {
            "reasons": _("Reasons"),
            "minority": _("Minority opinion"),
            "statements": _("From these sentences of the members"),
            "not_adopted": _("Not adopted"),
            "panel": _("How the panel was drawn"),
        },
        "recommendations": [_recommendation(each) for each in found.adopted()],
        "not_adopted": [_in_short(each) for each in found.not_adopted()],
        "panel": _panel(cycle),
    }


def _recommendation(each: Recommendation) -> dict[str, Any]:
    version = _newest(each)
    return {
        "number": each.number,
        "title": in_language(version.title),
        "text": blocks(in_language(version.text)),
        "reasons": blocks(in_language(version.reasons)),
        "statements": [_sentence(statement) for statement in each.statements.all()],
        "votes": _votes(required(each.ballot)),
        "minority": [_minority(opinion) for opinion in each.minority_opinions.all()],
    }


def _sentence(statement: Statement) -> dict[str, str]:
    """Return a sentence from which a recommendation comes, in the language of the report where a person translated it."""
    language = (get_language() or "en")[:2]
    said = {statement.language: statement.text}
    said |= {each.language: each.text for each in statement.translations.all()}
    shown = language if language in said else statement.language
    return {"sign": f"{statement.number}.", "text": said[shown], "lang": shown}


def _in_short(each: Recommendation) -> dict[str, str]:
    return {"title": in_language(_newest(each).title), "votes": _votes(required(each.ballot))}


def _votes(ballot: Ballot) -> str:
    return " ".join([_citizens(ballot), *(_openly(each) for each in ballot.roll_calls.all())])


def _openly(roll_call: RollCall) -> str:
    """Say how a group voted that is appointed; who voted how stands on the page of the recommendation."""
    result = required(roll_call_result(roll_call))
    return _("Open vote, %(group)s: %(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d.") % {
        "group": in_language(roll_call.title), "yes": result.yes, "no": result.no,
        "abstain": result.abstain, "eligible": result.eligible,
    }  # fmt: skip


def _citizens(ballot: Ballot) -> str:
    votes = _("%(yes)d yes, %(no)d no, %(abstain)d abstentions, of %(eligible)d members") % {
        "yes": ballot.yes, "no": ballot.no, "abstain": ballot.abstain, "eligible": ballot.eligible,
    }  # fmt: skip
    result = result_of(ballot)
    if result is None:
        return votes
    if not ballot.binding:
        return f"{votes}. " + _("The citizens' vote is advice.")
    needed = _("%(count)d yes were needed.") % {"count": result.needed}
    if result.quorum_met:
        return f"{votes}. {needed}"
    return f"{votes}. {needed} " + _("Too few members voted: %(count)d were needed.") % {
        "count": result.quorum_needed
    }


def _minority(opinion: MinorityOpinion) -> dict[str, Any]:
    count = len(opinion.signatories.all())
    signed = ngettext("Signed by %(count)d member", "Signed by %(count)d members", count) % {"count": count}
    return {"signed": signed, "text": blocks(in_language(opinion.text))}


def _panel(cycle: Cycle) -> list[str]:
    """Say how the members came to their seats, as far as the site drew them."""
    said = []
    campaign = Campaign.objects.filter(cycle=cycle).current().first()
    if campaign is not None:
        said.append(
            _("%(count)d residents were drawn by lot and got a letter.") % {"count": campaign.letters}
        )
    draw = Draw.objects.of_panel().valid().filter(cycle=cycle, drawn_at__isnull=False).first()
    if draw is not None and draw.drawn_at is not None:
        said.append(_panel_draw(cycle, draw))
        record = getattr(draw, "record", None)
        if record is not None:
            said.append(
                _("Anybody can redo this draw. SHA-256 of its public record: %(hash)s")
                % {"hash": record.sha256}
            )
    return said


def _panel_draw(cycle: Cycle, draw: Draw) -> str:
    pool = getattr(draw, "pool", None)
    return _(
        "Of the %(pool)d people who said yes and could be drawn, %(seats)d were drawn by lot on %(day)s, so that "
        "together they resemble the population. Features that were looked at: %(features)s."
    ) % {
        "pool": pool.size if pool else 0,
        "seats": draw.size,
        "day": date_format(localtime(draw.drawn_at), "DATE_FORMAT"),
        "features": ", ".join(in_language(feature.name) for feature in cycle.features.order_by("position")),
    }


def _newest(each: Recommendation) -> Any:
    return max(each.versions.all(), key=lambda version: version.number)


# -- Markdown on paper -----------------------------------------------------------------------------------


def blocks(markdown: str) -> list[Block]:
    """Return a Markdown text as paragraphs and points of lists, with what is stressed; for the printed page."""
    return list(_of(SyntaxTreeNode(_MARKDOWN.parse(markdown)).children, ""))


def _of(nodes: Iterable[SyntaxTreeNode], sign: str) -> Iterable[Block]:
    for node in nodes:
        if node.type == "inline":
            yield Block(sign=sign, runs=list(_runs(node.children, "")))
        elif node.type == "ordered_list":
            first = int(node.attrs.get("start", 1))
            for number, item in enumerate(node.children, start=first):
                yield from _of(item.children, f"{number}.")
        elif node.type == "bullet_list":
            yield from _of(node.children, "•")
        elif node.type in {"fence", "code_block"}:
            yield Block(sign=sign, runs=[("", node.content.strip())])
        else:
            yield from _of(node.children, sign)


def _runs(nodes: Iterable[SyntaxTreeNode], style: str) -> Iterable[tuple[str, str]]:
    for node in nodes:
        if node.type in {"softbreak", "hardbreak"}:
            yield style, " "
        elif node.children:
            yield from _runs(node.children, node.type if node.type in {"strong", "em"} else style)
            if node.type == "link":
                yield style, f" ({node.attrs['href']})"
        else:
            yield style, node.content
