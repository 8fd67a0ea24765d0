"""Whom do we invite? Registers of residents, who of them is eligible, and the draw of the letters."""

from isegoria.register.at_scale import Frame, draw_in_engine
from isegoria.register.draw import LetterDraw, Letters, Stratum, draw_letters
from isegoria.register.engines import DuckDB, Engine, PostgreSQL, Spark
from isegoria.register.plan_picture import plan_picture, plan_reason, plan_table, plan_title
from isegoria.register.planner import LettersNeeded, Line, Plan, Target, Wave, letters_needed, plan
from isegoria.register.rates import PublishedRate, published_rates, rate_like
from isegoria.register.reading import REQUIRED, Checked, Register, Row, check, read
from isegoria.register.synth import MUNICIPALITIES, synthesize, write
from isegoria.register.targets import read_targets, read_wave, share_of
from isegoria.register.words import LANGUAGES, Language

__all__ = [
    "LANGUAGES",
    "MUNICIPALITIES",
    "REQUIRED",
    "Checked",
    "DuckDB",
    "Engine",
    "Frame",
    "Language",
    "LetterDraw",
    "Letters",
    "LettersNeeded",
    "Line",
    "Plan",
    "PostgreSQL",
    "PublishedRate",
    "Register",
    "Row",
    "Spark",
    "Stratum",
    "Target",
    "Wave",
    "check",
    "draw_in_engine",
    "draw_letters",
    "letters_needed",
    "plan",
    "plan_picture",
    "plan_reason",
    "plan_table",
    "plan_title",
    "published_rates",
    "rate_like",
    "read",
    "read_targets",
    "read_wave",
    "share_of",
    "synthesize",
    "write",
]
