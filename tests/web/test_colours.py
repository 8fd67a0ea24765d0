"""Text is read at 7:1 on every ground, in light and in dark, whatever accent an institution chose."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import isegoria_web
from isegoria_web.web.colours import CONTRAST, DARK, PAPER, contrast, readable

pytestmark = pytest.mark.once

CSS = (Path(isegoria_web.__file__).parent / "web/static/css/isegoria.css").read_text("utf-8")
part = st.integers(min_value=0, max_value=255)


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0]))
    dark = light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1]))
    return light, dark


@given(part, part, part)
def test_every_accent_is_readable_on_paper_and_on_dark(red: int, green: int, blue: int) -> None:
    light, dark = readable(f"#{red:02x}{green:02x}{blue:02x}")
    assert contrast(rgb(light), PAPER) >= CONTRAST
    assert contrast(rgb(dark), DARK) >= CONTRAST


def test_an_accent_that_is_readable_stays_as_it_was_chosen() -> None:
    assert readable("#8a1538")[0] == "#8a1538"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_is_readable_on_every_ground(scheme: int) -> None:
    found = tokens()[scheme]
    grounds = ("paper", "raised", "faint", "warm-paper")
    for text, ground in itertools.product(("ink", "soft", "warm", "good"), grounds):
        assert contrast(rgb(found[text]), rgb(found[ground])) >= CONTRAST, (text, ground)


@pytest.mark.parametrize(("scheme", "worst"), [(0, PAPER), (1, DARK)], ids=["light", "dark"])
def test_the_accent_is_checked_against_the_ground_on_which_it_is_hardest_to_read(
    scheme: int, worst: tuple[int, int, int]
) -> None:
    found = tokens()[scheme]
    accent = rgb(readable("#8a1538")[scheme])
    grounds = [rgb(found[name]) for name in ("paper", "raised", "faint")]
    assert min(contrast(accent, ground) for ground in grounds) == contrast(accent, worst)


def test_the_design_has_no_style_that_the_content_policy_would_block() -> None:
    templates = Path(isegoria_web.__file__).parent / "web/templates"
    for file in templates.rglob("*.html"):
        # What stands in a tag of the template, such as `with one_in=…`, is no attribute of the page.
        text = re.sub(r"{%.*?%}", "", file.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\sstyle=|<style|\son\w+=", text), file.name
