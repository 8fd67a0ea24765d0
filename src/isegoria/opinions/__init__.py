"""Where do we agree? The opinion map, with its uncertainty."""

from __future__ import annotations

from isegoria.opinions import polis
from isegoria.opinions.files import (
    Conversation,
    read_conversation,
    read_votes,
    write_matrix,
    write_statements,
)
from isegoria.opinions.grouping import adjusted_rand
from isegoria.opinions.mapping import Hidden, OpinionMap, opinion_map
from isegoria.opinions.showing import (
    Words,
    document,
    from_document,
    headline,
    letter,
    paragraphs,
    picture,
    table,
)
from isegoria.opinions.statements import Finding, Reading, Share
from isegoria.opinions.votes import AGREE, DISAGREE, PASS, UNSEEN, Votes

__all__ = [
    "AGREE",
    "DISAGREE",
    "PASS",
    "UNSEEN",
    "Conversation",
    "Finding",
    "Hidden",
    "OpinionMap",
    "Reading",
    "Share",
    "Votes",
    "Words",
    "adjusted_rand",
    "document",
    "from_document",
    "headline",
    "letter",
    "opinion_map",
    "paragraphs",
    "picture",
    "polis",
    "read_conversation",
    "read_votes",
    "table",
    "write_matrix",
    "write_statements",
]
