"""Whom do we invite? Registers of residents, who of them is eligible, and the draw of the letters."""

from isegoria.register.at_scale import Frame, draw_in_engine
from isegoria.register.draw import LetterDraw, Letters, Stratum, draw_letters
from isegoria.register.engines import DuckDB, Engine, PostgreSQL, Spark
from isegoria.register.planner import LettersNeeded, Target, letters_needed
from isegoria.register.reading import REQUIRED, Checked, Register, Row, check, read
from isegoria.register.synth import MUNICIPALITIES, synthesize, write

__all__ = [
    "MUNICIPALITIES",
    "REQUIRED",
    "Checked",
    "DuckDB",
    "Engine",
    "Frame",
    "LetterDraw",
    "Letters",
    "LettersNeeded",
    "PostgreSQL",
    "Register",
    "Row",
    "Spark",
    "Stratum",
    "Target",
    "check",
    "draw_in_engine",
    "draw_letters",
    "letters_needed",
    "read",
    "synthesize",
    "write",
]
