"""The texts of the demonstration, in four languages."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read(name: str = "story") -> dict[str, Any]:
    """Return the story of the demonstration, or that of one of its smaller institutions."""
    return tomllib.loads(files("isegoria_web.demo").joinpath(f"{name}.toml").read_text("utf-8"))
