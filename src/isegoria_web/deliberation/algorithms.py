"""The door to `isegoria.opinions`: from reactions to votes, and from a published map to sentences."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from isegoria import opinions
from isegoria.opinions.mapping import FEWEST_PERSONS
from isegoria.seeding import seed_from_text
from isegoria_web.deliberation.enums import Stance

VOTE = {Stance.AGREE: opinions.AGREE, Stance.PASS: opinions.PASS, Stance.DISAGREE: opinions.DISAGREE}
VOTES_FILE, STATEMENTS_FILE = "participants-votes.csv", "comments.csv"


@dataclass(frozen=True)
class Made:
    """A map as it is published, with its two files."""

    document: dict[str, Any]
    votes: str
    statements: str


@dataclass(frozen=True)
class Shown:
    """A map in the reader's language: sentences, statements under their findings, and the table."""

    headline: list[str]
    sizes: list[int]
    persons: int
    sections: list[tuple[str, str, list[str]]]
    table: list[list[str]]
    typical: list[tuple[str, list[str]]]
    consensus: list[str]
    rejected: list[str]


def votes_of(reactions: Iterable[tuple[int, int, str]]) -> opinions.Votes:
    """Return reactions as votes under names drawn anew, so that no row leads back to a member.

    Parameters
    ----------
    reactions
        Member key, statement number, stance.
    """
    names: dict[int, str] = {}
    rows = [
        (names.setdefault(member, secrets.token_hex(8)), str(number), VOTE[Stance(stance)], 0)
        for member, number, stance in reactions
    ]
    return opinions.Votes.from_rows(rows)


def read_conversation(folder: Path) -> tuple[str, str]:
    """Return the two files of a conversation as we keep them: one row a person, no account, no other column.

    Raises
    ------
    isegoria.errors.BadInputs
        With file, row and column.
    """
    talk = opinions.read_conversation(folder)
    texts = {name: text for name, text in talk.texts.items() if name not in talk.left_out}
    votes = talk.votes.without_statements(talk.left_out)
    return opinions.write_matrix(votes), opinions.write_statements(votes, texts, frozenset())


def make_map(votes: opinions.Votes, texts: Mapping[str, str], seed: str) -> Made:
    """Compute a map from votes and its public seed; the same votes and seed give the same map."""
    found = opinions.opinion_map(votes, seed_from_text(seed))
    agreed, rejected = opinions.polis.consensus(votes)
    typical: list[list[dict[str, Any]]] = []
    if found.groups:
        figures = opinions.polis.figures(votes, found.groups)
        typical = [
            [{"statement": one.statement, "agrees": one.agrees} for one in chosen]
            for chosen in opinions.polis.representative(votes, figures)
        ]
    document = {
        **opinions.document(found, texts),
        "seed_text": seed,
        "polis": {
            "representative": typical,
            "consensus_agree": [one.statement for one in agreed],
            "consensus_disagree": [one.statement for one in rejected],
        },
    }
    return Made(
        document, opinions.write_matrix(votes), opinions.write_statements(votes, texts, frozenset())
    )


def make_map_of_files(votes: bytes, statements: bytes, seed: str) -> Made:
    """Compute a map from the two files of a conversation."""
    with TemporaryDirectory(prefix="opinions-") as folder:
        Path(folder, VOTES_FILE).write_bytes(votes)
        Path(folder, STATEMENTS_FILE).write_bytes(statements)
        talk = opinions.read_conversation(folder)
    return make_map(talk.votes, talk.texts, seed)


def may_publish_votes(document: Mapping[str, Any]) -> bool:
    """Return whether enough people are on a map to publish its rows."""
    return bool(document["persons"] >= FEWEST_PERSONS)


def shown(document: Mapping[str, Any], texts: Mapping[str, str] | None = None) -> Shown:
    """Return a published map in the reader's language.

    Parameters
    ----------
    texts
        Statement to its text in the reader's language, where it has one; else the text of the document.
    """
    found, words = opinions.from_document(document), _words()
    known = {one["statement"]: one.get("text", one["statement"]) for one in document["statements"]}
    named = {**known, **(texts or {})}
    sections = opinions.paragraphs(found, named, words)[1:]
    findings = [str(each) for each in opinions.Finding]
    polis = document.get("polis", {})
    return Shown(
        headline=opinions.headline(found, words),
        sizes=list(found.group_sizes),
        persons=len(found.persons),
        sections=[
            (key, title, lines) for key, (title, lines) in zip(findings, sections, strict=True)
        ],
        table=opinions.table(found, named, words),
        typical=[
            (words.group.format(letter=opinions.letter(group), size=found.group_sizes[group]), _typical(chosen, named))
            for group, chosen in enumerate(polis.get("representative", []))
        ],
        consensus=[named[one] for one in polis.get("consensus_agree", [])],
        rejected=[named[one] for one in polis.get("consensus_disagree", [])],
    )  # fmt: skip


def letter(group: int) -> str:
    """Return the name of a group: A is the largest."""
    return opinions.letter(group)


def _typical(chosen: Iterable[Mapping[str, Any]], texts: Mapping[str, str]) -> list[str]:
    return [
        (_("Agrees: “%(text)s”") if one["agrees"] else _("Disagrees: “%(text)s”"))
        % {"text": texts[one["statement"]]}
        for one in chosen
    ]


def _words() -> opinions.Words:
    """Return the sentences of a map in the reader's language."""
    return opinions.Words(
        title=_("Opinion map"),
        counted=_("{persons} people are on the map, of {voted} who reacted; {statements} statements."),
        group=_("Group {letter}: {size} people"),
        together=_("All on the map: {size} people"),
        stability=_("Stability of the groups: {stability} of 1."),
        few_persons=_("Groups are not shown: there are too few people for them to mean anything."),
        small_group=_(
            "Groups are not shown: one of them would be so small that single people could be guessed."
        ),
        unstable=_("Groups are not shown: with other people they would have been others."),
        one_opinion=_("There are no groups: opinions do not fall apart."),
        unites=_("Statements that unite"),
        divides=_("Statements that divide"),
        uncertain=_("Statements on which the reactions do not suffice for either"),
        none=_("None."),
        statement=_("Statement"),
        finding=_("Finding"),
        agree=_("Agree"),
        disagree=_("Disagree"),
        in_group=_("group {letter}"),
        agree_in=_("Agree in group {letter}"),
        too_few=_("too few reactions"),
        share=_("{value} % ({low} to {high} %) of {total}"),
        reading=_("“{text}”: {share} agree"),
    )
