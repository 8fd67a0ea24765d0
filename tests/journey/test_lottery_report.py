"""The page about a lottery in a real browser: no barrier, no sideways scrolling, in light and dark."""

from __future__ import annotations

import pytest

from isegoria.lottery import fairness_curve, report, solve
from isegoria.testing import realistic_pool
from tests.journey.conftest import AXE, RULES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def drawn():
    instance = realistic_pool(150, 16, {"age group": 4, "place of residence": 5, "sex": 2}, slack=2)
    curve = fairness_curve(instance.pool, instance.quotas, instance.size)
    return solve(instance.pool, instance.quotas, instance.size), curve


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize(
    ("language", "scheme"), [("nl", "light"), ("fr", "dark"), ("de", "light"), ("en", "dark")]
)
def test_the_report_has_no_barrier(chromium, drawn, tmp_path, width, language, scheme):
    file = tmp_path / "report.html"
    file.write_text(report(drawn[0], language, drawn[1]), encoding="utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)["violations"]
    assert not [(one["id"], one["nodes"][0]["html"][:150]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
