"""Whom do we invite? Registers of residents, who of them is eligible, and the draw of the letters."""

from isegoria.register.at_scale import Frame, draw_in_engine
from isegoria.register.converting import Converted, convert, write_runs
from isegoria.register.draw import LetterDraw, Letters, Stratum, draw_letters
from isegoria.register.eligibility import (
    ExclusionList,
    Report,
    RuleCount,
    Rules,
    Sieve,
    eligible_of,
    exclusions_of,
    read_exclusions,
)
from isegoria.register.engines import DuckDB, Engine, PostgreSQL, Spark
from isegoria.register.inside import (
    as_persons,
    chance_inside,
    columns_of_persons,
    instruction,
    number_inside,
    numbers_inside,
    one_of_each,
    person_inside,
)
from isegoria.register.plan_picture import plan_picture, plan_reason, plan_table, plan_title
from isegoria.register.planner import LettersNeeded, Line, Plan, Target, Wave, letters_needed, plan
from isegoria.register.profile import UNITS, Profile, Unit, read_profile
from isegoria.register.proposing import Proposal, propose
from isegoria.register.rates import PublishedRate, published_rates, rate_like
from isegoria.register.reading import REQUIRED, Checked, Register, Row, check, read
from isegoria.register.redoing import Redone, redo_letters
from isegoria.register.scanning import Layout, Run, scan
from isegoria.register.shards import Shard, merge, read_shard, shard, shard_document
from isegoria.register.sources import Source, bytes_to_read, open_source
from isegoria.register.synth import MUNICIPALITIES, synthesize, write
from isegoria.register.targets import read_targets, read_wave, share_of
from isegoria.register.words import LANGUAGES, Language

__all__ = [
    "LANGUAGES",
    "MUNICIPALITIES",
    "REQUIRED",
    "UNITS",
    "Checked",
    "Converted",
    "DuckDB",
    "Engine",
    "ExclusionList",
    "Frame",
    "Language",
    "Layout",
    "LetterDraw",
    "Letters",
    "LettersNeeded",
    "Line",
    "Plan",
    "PostgreSQL",
    "Profile",
    "Proposal",
    "PublishedRate",
    "Redone",
    "Register",
    "Report",
    "Row",
    "RuleCount",
    "Rules",
    "Run",
    "Shard",
    "Sieve",
    "Source",
    "Spark",
    "Stratum",
    "Target",
    "Unit",
    "Wave",
    "as_persons",
    "bytes_to_read",
    "chance_inside",
    "check",
    "columns_of_persons",
    "convert",
    "draw_in_engine",
    "draw_letters",
    "eligible_of",
    "exclusions_of",
    "instruction",
    "letters_needed",
    "merge",
    "number_inside",
    "numbers_inside",
    "one_of_each",
    "open_source",
    "person_inside",
    "plan",
    "plan_picture",
    "plan_reason",
    "plan_table",
    "plan_title",
    "propose",
    "published_rates",
    "rate_like",
    "read",
    "read_exclusions",
    "read_profile",
    "read_shard",
    "read_targets",
    "read_wave",
    "redo_letters",
    "scan",
    "shard",
    "shard_document",
    "share_of",
    "synthesize",
    "write",
    "write_runs",
]
