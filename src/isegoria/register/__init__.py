"""Whom do we invite? Registers of residents, who of them is eligible, and the draw of the letters."""

from isegoria.register.draw import LetterDraw, Letters, Stratum, draw_letters
from isegoria.register.planner import LettersNeeded, Target, letters_needed
from isegoria.register.reading import REQUIRED, Checked, Register, Row, check, read
from isegoria.register.synth import MUNICIPALITIES, synthesize, write

__all__ = [
    "MUNICIPALITIES",
    "REQUIRED",
    "Checked",
    "LetterDraw",
    "Letters",
    "LettersNeeded",
    "Register",
    "Row",
    "Stratum",
    "Target",
    "check",
    "draw_letters",
    "letters_needed",
    "read",
    "synthesize",
    "write",
]
