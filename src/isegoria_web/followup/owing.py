"""What the authority owes one recommendation: a first answer and, where the statute asks for one, a final one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from isegoria_web.followup.enums import AnswerKind
from isegoria_web.followup.models import Duty
from isegoria_web.recommendations.models import Recommendation


@dataclass(frozen=True)
class Duties:
    """The duties to answer one recommendation, each with its own clock; nothing before the report was handed over."""

    first: Duty | None = None
    final: Duty | None = None

    @property
    def both(self) -> bool:
        """Whether the two must be told apart in words: only where the statute asks for both."""
        return self.first is not None and self.final is not None

    @property
    def listed(self) -> list[Duty]:
        """Those there are, the first answer before the final one."""
        return [each for each in (self.first, self.final) if each is not None]

    @property
    def owed(self) -> list[Duty]:
        """Those that are not fulfilled, in the order in which they must be."""
        return [each for each in self.listed if each.answered_at is None]

    @property
    def shown(self) -> Duty | None:
        """The one whose clock a short line shows: what is to be done next, else what was done last."""
        return next(iter([*self.owed, *reversed(self.listed)]), None)

    def days_late(self, day: date) -> int:
        """Days by which the one that is longest overdue is late on this day; 0 if none is."""
        return max((each.days_late(day) for each in self.listed), default=0)


def duties_of(recommendation: Recommendation) -> Duties:
    """Return the duties to answer a recommendation; prefetch `duties`."""
    return Duties(**{AnswerKind(each.kind).value: each for each in recommendation.duties.all()})
