"""Why believe it? Commitments, public randomness, transcripts, independent verification.

This room needs nothing but the standard library: no solver, no numpy, no floating point.
"""

from __future__ import annotations

from isegoria.proof.beacon import default_source, quicknet_round, quicknet_source
from isegoria.proof.canonical import canonical, digest, instant, parse
from isegoria.proof.derivation import Outcome, draw, next_alternate, seed
from isegoria.proof.earlier import verify_earlier
from isegoria.proof.journal import entry_hash, verify_journal, verify_published
from isegoria.proof.letters import (
    LetterDesign,
    LetterEntry,
    LetterSpecification,
    Stratum,
    letter_commitment,
    letter_entry,
    letter_key,
    letter_receipt,
    letter_receipts,
    letter_record,
    letter_seed,
    pseudonym,
)
from isegoria.proof.opening import opening
from isegoria.proof.record import (
    CommittedLottery,
    Completed,
    Entry,
    Quota,
    RuleBook,
    Specification,
    chances,
    commitment,
    dump,
    first_codes,
    first_of,
    receipt,
    record,
)
from isegoria.proof.sealing import observers
from isegoria.proof.sources import (
    Party,
    RandomValue,
    Source,
    balls_source,
    beacon_value,
    dice_source,
    family,
    reveal_commitment,
    reveal_source,
    revealed_value,
    text_source,
    typed_value,
)
from isegoria.proof.steps import Step, Verification
from isegoria.proof.timestamps import Timestamp
from isegoria.proof.vacant import Vacant, commit_vacant, receipt_vacant, record_vacant
from isegoria.proof.verify import verify, verify_bytes
from isegoria.proof.verify_receipts import verify_receipt
from isegoria.proof.waves import Wave, continue_letters

__all__ = [
    "CommittedLottery",
    "Completed",
    "Entry",
    "LetterDesign",
    "LetterEntry",
    "LetterSpecification",
    "Outcome",
    "Party",
    "Quota",
    "RandomValue",
    "RuleBook",
    "Source",
    "Specification",
    "Step",
    "Stratum",
    "Timestamp",
    "Vacant",
    "Verification",
    "Wave",
    "balls_source",
    "beacon_value",
    "canonical",
    "chances",
    "commit_vacant",
    "commitment",
    "continue_letters",
    "default_source",
    "dice_source",
    "digest",
    "draw",
    "dump",
    "entry_hash",
    "family",
    "first_codes",
    "first_of",
    "instant",
    "letter_commitment",
    "letter_entry",
    "letter_key",
    "letter_receipt",
    "letter_receipts",
    "letter_record",
    "letter_seed",
    "next_alternate",
    "observers",
    "opening",
    "parse",
    "pseudonym",
    "quicknet_round",
    "quicknet_source",
    "receipt",
    "receipt_vacant",
    "record",
    "record_vacant",
    "reveal_commitment",
    "reveal_source",
    "revealed_value",
    "seed",
    "text_source",
    "typed_value",
    "verify",
    "verify_bytes",
    "verify_earlier",
    "verify_journal",
    "verify_published",
    "verify_receipt",
]
