"""What the questionnaire of a cycle answers to its machine."""

from __future__ import annotations

from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.institutions import life
from isegoria_web.institutions.guards import told_by


def tell() -> None:
    """Answer for the guard about the questionnaire; who put none to the members lacks none."""
    told_by(
        life.QUESTIONNAIRE_COUNTED,
        lambda cycle: not Questionnaire.objects.filter(cycle=cycle, closed_at__isnull=True).exists(),
    )
