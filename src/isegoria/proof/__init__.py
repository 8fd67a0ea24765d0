"""Why believe it? Commitments, public randomness, transcripts, independent verification.

This room needs nothing but the standard library: no solver, no numpy, no floating point.
"""

from __future__ import annotations

from isegoria.proof.beacon import quicknet_round, quicknet_source
from isegoria.proof.canonical import canonical, digest, instant, parse
from isegoria.proof.derivation import Outcome, draw, next_alternate, seed
from isegoria.proof.journal import entry_hash, verify_journal
from isegoria.proof.letters import (
    LetterSpecification,
    Stratum,
    letter_commitment,
    letter_record,
    letter_seed,
)
from isegoria.proof.record import (
    CommittedLottery,
    Entry,
    Quota,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    chances,
    commitment,
    dump,
    receipt,
    record,
)
from isegoria.proof.steps import Step, Verification
from isegoria.proof.verify import verify, verify_bytes, verify_receipt

__all__ = [
    "CommittedLottery",
    "Entry",
    "LetterSpecification",
    "Outcome",
    "Quota",
    "RandomValue",
    "RuleBook",
    "Source",
    "Specification",
    "Step",
    "Stratum",
    "Verification",
    "canonical",
    "chances",
    "commitment",
    "digest",
    "draw",
    "dump",
    "entry_hash",
    "instant",
    "letter_commitment",
    "letter_record",
    "letter_seed",
    "next_alternate",
    "parse",
    "quicknet_round",
    "quicknet_source",
    "receipt",
    "record",
    "seed",
    "verify",
    "verify_bytes",
    "verify_journal",
    "verify_receipt",
]
