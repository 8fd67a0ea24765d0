"""Words for what the records hold as codes: facts of the journal, steps of a proof, rules that a statute leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from isegoria_web.followup.enums import AnswerKind, CommitmentStatus, Position
from isegoria_web.institutions.enums import Level, Stage
from isegoria_web.membership.enums import DecisionKind, EndReason
from isegoria_web.membership.models import VACANT
from isegoria_web.recruitment.enums import Channel
from isegoria_web.web.grounds import ground_in_words

HASH_LENGTH = 64

FACTS: Mapping[str, Any] = {
    "abstain": gettext_lazy("abstentions"),
    "accepted": gettext_lazy("accepted"),
    "adopted": gettext_lazy("adopted"),
    "alternates": gettext_lazy("alternates"),
    "answer": gettext_lazy("answer"),
    "answer_within_days": gettext_lazy("answer within (days)"),
    "body": gettext_lazy("body"),
    "channel": gettext_lazy("by"),
    "chosen_by": gettext_lazy("chosen by"),
    "closes_at": gettext_lazy("closes"),
    "commitment": gettext_lazy("hash of the commitment"),
    "compositions": gettext_lazy("possible panels"),
    "cycle": gettext_lazy("cycle"),
    "days_late": gettext_lazy("days late"),
    "dossier": gettext_lazy("dossier"),
    "due_on": gettext_lazy("due"),
    "eligible": gettext_lazy("could vote"),
    "entries": gettext_lazy("entries in the pool"),
    "entry": gettext_lazy("code in the pool"),
    "erase_on": gettext_lazy("erased on"),
    "allocation": gettext_lazy("shared out"),
    "one_per": gettext_lazy("one letter for each"),
    "stratified_by": gettext_lazy("by the column"),
    "final_due_on": gettext_lazy("final answer due"),
    "first": gettext_lazy("first answer"),
    "founded_on": gettext_lazy("founded"),
    "from_table": gettext_lazy("from a table"),
    "hands_against": gettext_lazy("hands against"),
    "hands_for": gettext_lazy("hands for"),
    "in_a_year": gettext_lazy("how often in a year"),
    "kind": gettext_lazy("kind"),
    "late": gettext_lazy("late"),
    "letters": gettext_lazy("letters"),
    "level": gettext_lazy("level"),
    "line_sha256": gettext_lazy("hash of the budget line"),
    "mandate_sha256": gettext_lazy("hash of the mandate"),
    "meeting": gettext_lazy("meeting"),
    "member": gettext_lazy("member"),
    "members": gettext_lazy("members"),
    "no": pgettext_lazy("vote", "no"),
    "number": gettext_lazy("number"),
    "objective": gettext_lazy("rule of fairness"),
    "on": gettext_lazy("day"),
    "panel_size": gettext_lazy("seats"),
    "pieces": gettext_lazy("pieces"),
    "position": gettext_lazy("position"),
    "present": gettext_lazy("present"),
    "quorum": gettext_lazy("quorum"),
    "quorum_met": gettext_lazy("quorum met"),
    "reactions": gettext_lazy("reactions"),
    "reason": gettext_lazy("reason"),
    "recommendation": gettext_lazy("recommendation"),
    "recommendations": gettext_lazy("recommendations"),
    "record": gettext_lazy("hash of the record"),
    "reference_date": gettext_lazy("as of"),
    "reply_by": gettext_lazy("answers until"),
    "residents": gettext_lazy("residents"),
    "role": gettext_lazy("role"),
    "root": gettext_lazy("root of the pool"),
    "round": gettext_lazy("round"),
    "rounds": gettext_lazy("rounds"),
    "rule": gettext_lazy("rule"),
    "rules": gettext_lazy("rules"),
    "rule_book": gettext_lazy("rule book"),
    "seat": gettext_lazy("seat"),
    "seats": gettext_lazy("seats"),
    "seed": gettext_lazy("seed"),
    "sha256": gettext_lazy("hash of the file"),
    "signatories": gettext_lazy("signed by"),
    "source_due_at": gettext_lazy("public randomness due"),
    "source_sha256": gettext_lazy("hash of the source"),
    "source_value": gettext_lazy("public randomness"),
    "stage": gettext_lazy("stage"),
    "starts_at": gettext_lazy("begins"),
    "statement": gettext_lazy("statement"),
    "statements": gettext_lazy("statements"),
    "status": gettext_lazy("state"),
    "table": gettext_lazy("table"),
    "tables": gettext_lazy("tables"),
    "threshold": gettext_lazy("share needed"),
    "ticket": gettext_lazy("winning ticket"),
    "types": gettext_lazy("kinds of people"),
    "version": gettext_lazy("version"),
    "counted": gettext_lazy("counted"),
    "cut": gettext_lazy("cut by a ceiling"),
    "execute_on": gettext_lazy("day of payment"),
    "file": gettext_lazy("payment file"),
    "last_day": gettext_lazy("last day to sign"),
    "left": gettext_lazy("left"),
    "from": gettext_lazy("from"),
    "until": gettext_lazy("until"),
    "needed": gettext_lazy("signatures needed"),
    "people": gettext_lazy("people"),
    "proposer": gettext_lazy("proposed by"),
    "proposers_erased": gettext_lazy("proposers erased"),
    "returned": gettext_lazy("returned by the bank"),
    "signatories_erased": gettext_lazy("signatories erased"),
    "signatures": gettext_lazy("signatures"),
    "signatures_needed": gettext_lazy("signatures needed"),
    "text_withheld": gettext_lazy("text not published"),
    "theme": gettext_lazy("theme"),
    "total_cents": gettext_lazy("sum in cents"),
    "transfers": gettext_lazy("transfers"),
    "twice": gettext_lazy("there already"),
    "yes": pgettext_lazy("vote", "yes"),
}
_CODES: Mapping[str, Any] = {
    **{
        each.value: each.label
        for each in (
            *Position,
            *AnswerKind,
            *CommitmentStatus,
            *Stage,
            *Level,
            *EndReason,
            *Channel,
            DecisionKind.SUSPENSION,
        )
    },
    "vacant": VACANT,
    "person": gettext_lazy("person"),
    "household": gettext_lazy("household"),
    "in_address": gettext_lazy("household, address by address"),
    "address": gettext_lazy("address"),
    "proportional": gettext_lazy("in proportion to the people"),
    "chosen": gettext_lazy("as chosen for each"),
}

STEPS: Mapping[str, Any] = {
    "format": gettext_lazy("The record is complete"),
    "hash": gettext_lazy("Its hash is right"),
    "specification": gettext_lazy("The rules are the committed ones"),
    "pool": gettext_lazy("The pool is the committed one"),
    "entries": gettext_lazy("Nobody stands in the pool twice"),
    "pool_root": gettext_lazy("The root of the pool is right"),
    "register": gettext_lazy("The register is the committed one"),
    "strata": gettext_lazy("Letters and chances add up"),
    "lottery": gettext_lazy("The lottery is the committed one"),
    "tickets": gettext_lazy("The tickets add up"),
    "lottery_root": gettext_lazy("Each composition has its own tickets"),
    "observers": gettext_lazy("The sealed features are the committed ones"),
    "types": gettext_lazy("The kinds of people are the committed ones"),
    "quotas": gettext_lazy("Every possible panel meets all quotas"),
    "chances": gettext_lazy("Everybody's chance is as stated"),
    "certificate": gettext_lazy("No lottery is fairer"),
    "sources": gettext_lazy("The randomness was named in advance and leaves nobody a choice"),
    "commitment": gettext_lazy("The commitment was not changed"),
    "randomness": gettext_lazy("The randomness is younger than the commitment"),
    "timestamps": gettext_lazy("Time stamps of others, if any, fit the commitment"),
    "spelling": gettext_lazy("No byte of the file was touched"),
    "beacon": gettext_lazy("The signature of the beacon, if any, is right"),
    "seed": gettext_lazy("The seed follows from the randomness"),
    "ticket": gettext_lazy("The winning ticket follows from the seed"),
    "composition": gettext_lazy("The panel's make-up follows from the ticket"),
    "members": gettext_lazy("The members follow from the seed"),
    "alternates": gettext_lazy("The alternates follow from the seed"),
    "earlier": gettext_lazy("The earlier record holds, and this draw names it"),
    "sitting": gettext_lazy("Whoever sits was drawn or moved up by the earlier record"),
    "candidates": gettext_lazy("Whoever could be drawn stood in the earlier pool and had no seat"),
    "receipt": gettext_lazy("It is a receipt"),
    "entry": gettext_lazy("Your code is in the pool, with your features sealed in its leaf"),
    "path": gettext_lazy("The path of your receipt leads to the published root"),
    "features": gettext_lazy("The lottery counted you with your features"),
    "whole": gettext_lazy("The hash of the whole file is right"),
    "waves": gettext_lazy("Each further wave begins where the one before ended"),
    "cut_offs": gettext_lazy("The letters follow from the seed"),
    "letter": gettext_lazy("Whether a letter was drawn for you follows from the seed"),
}

_STEP_GROUPS: tuple[tuple[Any, frozenset[str]], ...] = (
    (gettext_lazy("The file"), frozenset({"spelling", "format", "whole", "hash"})),
    (
        gettext_lazy("The result"),
        frozenset({"ticket", "composition", "members", "alternates", "cut_offs", "waves"}),
    ),
    (
        gettext_lazy("The time and the randomness"),
        frozenset({"sources", "commitment", "timestamps", "randomness", "beacon", "seed"}),
    ),
)

_OPEN_POINTS: Mapping[tuple[str, bool], Any] = {
    ("quotas", True): gettext_lazy("That sealed people fit the quotas exactly, sworn observers check."),
    ("chances", True): gettext_lazy(
        "Each person finds the own chance in the receipt; sworn observers check all of them."
    ),
    ("sitting", True): gettext_lazy("Who sits is sealed: sworn observers compare both draws."),
    ("sitting", False): gettext_lazy(
        "Some quotas are wider than before: the journal says when two persons made them so, and why."
    ),
    ("candidates", True): gettext_lazy("Who sits is sealed: sworn observers compare both draws."),
    ("certificate", True): gettext_lazy("The proof speaks of sealed people; sworn observers check it."),
    ("certificate", False): gettext_lazy("One bound of the proof is the solver's word."),
    ("timestamps", True): gettext_lazy("Who signed them is checked with the library, on your computer."),
    ("timestamps", False): gettext_lazy("Who signed them is checked with the library, on your computer."),
    ("randomness", True): gettext_lazy("Nobody can tell that the text given as the seed was not chosen."),
    ("randomness", False): gettext_lazy("Nobody can tell that the text given as the seed was not chosen."),
    ("beacon", True): gettext_lazy("This server cannot check the signature; your browser can."),
    ("beacon", False): gettext_lazy("This server cannot check the signature; your browser can."),
}


@dataclass(frozen=True)
class Fact:
    """One fact of a journal entry in words."""

    label: str
    value: str
    is_hash: bool


def facts_in_words(facts: Mapping[str, Any]) -> list[Fact]:
    """Return the facts of an entry with words for their keys, and dates written out."""
    return [_fact(key, value) for key, value in facts.items() if value not in (None, "")]


def _fact(key: str, value: object) -> Fact:
    is_hash = isinstance(value, str) and len(value) == HASH_LENGTH
    if key == "rule":
        return Fact(_label(key), ground_in_words(str(value)), is_hash)
    return Fact(_label(key), _rules(value) if key == "rules" else _value(value), is_hash)


def _label(key: str) -> str:
    return str(FACTS.get(key, key.replace("_", " ").replace(":", ": ")))


def _rules(value: object) -> str:
    """Return which rule is behind which fact, or that the statute is silent on it."""
    if not isinstance(value, dict):
        return _value(value)
    return "; ".join(f"{_label(key)}: {ground_in_words(str(rule))}" for key, rule in value.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_value(each)}" for key, each in value.items())
    if isinstance(value, str):
        return _moment(value) or str(_CODES.get(value, value))
    return str(value)


def _moment(text: str) -> str | None:
    """Return a written-out date for an ISO date or moment; None for any other text."""
    if not text[:4].isdigit() or text[4:5] != "-":
        return None
    try:
        if len(text) == len("2027-03-01"):
            return date_format(date.fromisoformat(text), "DATE_FORMAT")
        return date_format(localtime(datetime.fromisoformat(text)), "DATETIME_FORMAT")
    except ValueError:
        return None


def step_group(name: str) -> str:
    """Return under which heading a step of a proof stands."""
    found = next((title for title, names in _STEP_GROUPS if name in names), None)
    return str(found or _("Rules, people and lottery"))


def open_point(name: str, *, sealed: bool) -> str:
    """Return what a step of a proof leaves open, where it does."""
    return str(_OPEN_POINTS.get((name, sealed), ""))


def step_in_words(name: str) -> str:
    """Return what a step of a proof shows."""
    return str(STEPS.get(name, name))
