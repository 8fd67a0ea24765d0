from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid

if TYPE_CHECKING:
    from isegoria_web.institutions.guards import Missing


class MandateAlreadySigned(Conflict):
    problem = _("The mandate is signed and cannot be changed.")
    way_out = _(
        "The authority can sign a new version, with reasons; or open a new cycle for another question."
    )


class MandateUnchanged(Conflict):
    problem = _("The mandate says this already.")
    way_out = _("Change the question, its limits or the promise first.")


class ChangeNeedsReasons(Invalid):
    problem = _("A signed mandate is changed only with reasons, which are published.")
    way_out = _("Write them down in at least one language.")


class MandateNotSigned(Conflict):
    problem = _("The authority has not signed the mandate yet.")
    way_out = _("Ask the authority to sign it; nobody is invited before.")


class WrongStage(Conflict):
    problem = _("The cycle is not at the stage that this needs.")
    way_out = _("Look at the stage line of the cycle for what comes next.")


class SomethingMissing(Conflict):
    """A verb was refused; `missing` is everything that it lacks, in order."""

    way_out = _("Look at “Where the cycle stands” in the office: it leads to each thing that is missing.")

    def __init__(self, missing: tuple[Missing, ...]) -> None:
        self.missing = missing
        super().__init__(" ".join(_sentence(each) for each in missing))


def _sentence(missing: Missing) -> str:
    if not missing.rule:
        return str(missing.guard.lacks)
    words = {"sentence": missing.guard.lacks, "rule": missing.rule, "version": missing.version}
    return _now("%(sentence)s (Rule %(rule)s, version %(version)d.)") % words


class NotAtWork(Conflict):
    """The institution is suspended or abolished, or not founded yet."""

    way_out = _("Its page says since when and why. What was done stays public.")


class CycleBrokenOff(Conflict):
    problem = _("The authority broke this cycle off.")
    way_out = _("Its public page says why; another question needs a new cycle.")


class WrongStatus(Conflict):
    problem = _("The institution is not in the status that this needs.")
    way_out = _("Look at its page for what can be done now.")


class ReasonsMissing(Invalid):
    problem = _("This is done only with reasons, which are published.")
    way_out = _("Write them down in at least one language.")


class RuleUnknown(Invalid):
    problem = _("The rule book in force has no rule with this id.")
    way_out = _("Choose one of its rules, or none.")


class EndInThePast(Invalid):
    problem = _("The day until which the institution is suspended must be still to come.")
    way_out = _("Choose a later day, or none.")


class PanelSizeOutsideRule(Invalid):
    problem = _("The rule book does not allow a panel of this size.")
    way_out = _("Choose a size within the range that the rule book gives for this body.")


class ConvenedOftenEnough(Conflict):
    """A cycle was to be opened beyond the number of a calendar year."""

    problem = _("This body was convened {most} times this year, as often as the rule book allows ({rule}).")
    way_out = _("Open the cycle next year, or amend the rule book first.")

    def __init__(self, most: int, rule: str) -> None:
        super().__init__(format_lazy(type(self).problem, most=most, rule=rule))


class PromisedTooLate(Invalid):
    """The first answer was promised for a day after the final one is due."""

    problem = _("The answer is promised for later than the final answer is due ({rule}).")
    way_out = _("Promise it within {days} days.")

    def __init__(self, days: int, rule: str) -> None:
        words = type(self)
        super().__init__(format_lazy(words.problem, rule=rule), format_lazy(words.way_out, days=days))


class NameTaken(Conflict):
    problem = _("This address is taken by another institution, or by a page of this site.")
    way_out = _("Choose another short name.")


class FoundingIncomplete(Conflict):
    problem = _("Something is still missing.")
    way_out = _("Fill in the steps that are marked as open.")


class AlreadyFounded(Conflict):
    problem = _("This institution is founded.")
    way_out = _("Open its page; its authority can amend the rule book there.")


class FundingEndsBeforeItBegins(Invalid):
    problem = _("The money would end before it begins.")
    way_out = _("Exchange the days, or leave the last one open.")


class ElectionEntered(Conflict):
    problem = _("This election is entered already.")
    way_out = _("Withdraw the entry first, if its day is wrong.")


class ElectionOver(Conflict):
    problem = _("This election is over, or its entry was withdrawn.")
    way_out = _("What was kept before it stays as it was.")


class PauseBeforeElection(Conflict):
    """Nobody is convened on this day: an election is near."""

    way_out = _("Choose a day before the pause, or after the election.")

    def __init__(self, begins: date, ends: date, rule: str) -> None:
        words = {"begins": date_format(begins), "ends": date_format(ends), "rule": rule}
        super().__init__(
            _now("Nobody is convened from %(begins)s to the election on %(ends)s. (Rule %(rule)s.)") % words
        )


class OtherRuleBook(Invalid):
    problem = _("This is the rule book of another institution.")
    way_out = _("Change the rule book that is in force, and keep its id.")


class ProposalOpen(Conflict):
    problem = _("Another version is proposed already.")
    way_out = _("Take it back, or wait until the authority has decided on it.")


class ProposalDecided(Conflict):
    problem = _("This proposal was decided or taken back.")
    way_out = _("Reload the page to see what has become of it.")


class ProposalOutdated(Conflict):
    problem = _("The rule book has changed since this was proposed.")
    way_out = _("Decline it, and propose it again on the version in force.")


class RuleBookUnchanged(Conflict):
    problem = _("This rule book is in force already.")
    way_out = _("Change a rule first; a text that says the same is no new version.")


class RuleBookNotDated(Invalid):
    problem = _(
        "The new version must hold from a day after the version before, and not from a day to come."
    )
    way_out = _(
        "Write valid_from in the file. For a day to come, let the secretariat propose the version: then it can be adopted now."
    )


class RuleBookFollowed(Conflict):
    problem = _("Another version is adopted that follows this one.")
    way_out = _("Withdraw the later version first.")


class RuleBookAwaited(Conflict):
    problem = _("A version is adopted already that holds from a day to come.")
    way_out = _("Wait for that day, or let the authority withdraw the version first.")


class RuleBookNotAwaited(Conflict):
    problem = _("This version holds already, or was withdrawn.")
    way_out = _("Reload the page. What holds is changed by a new version.")
