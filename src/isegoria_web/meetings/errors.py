from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class MeetingEndsBeforeItBegins(Invalid):
    problem = _("The meeting ends before it begins.")
    way_out = _("Correct the two times.")


class MeetingsEnough(Conflict):
    """A meeting was to be called beyond the number of a year."""

    problem = _("This body has its {most} meetings in that year already ({rule}).")
    way_out = _("Call the meeting for another year, or amend the rule book first.")

    def __init__(self, most: int, rule: str) -> None:
        super().__init__(format_lazy(type(self).problem, most=most, rule=rule))


class NobodySits(Conflict):
    problem = _("Nobody holds a seat yet.")
    way_out = _("Fill the seats first.")


class TablesInUse(Conflict):
    problem = _("Notes or speaking times have been taken at these tables.")
    way_out = _("Keep this plan: a new one would lose where the notes come from.")


class SearchGoesOn(Conflict):
    problem = _("The tables of this meeting are being planned already.")
    way_out = _("Look at that plan, and take it or give it up before you start another.")


class SearchOver(Conflict):
    problem = _("This plan was taken or given up already.")
    way_out = _("Look at the tables of the meeting, or plan them again.")


class NoPlanYet(Conflict):
    problem = _("No plan is there yet: not every round has its tables.")
    way_out = _("Wait a moment, then look again.")


class SearchOutdated(Conflict):
    problem = _("Members, seating wishes or earlier tables have changed since this plan was begun.")
    way_out = _("Give this plan up and start again: the new one keeps to what holds now.")


class UnknownFacilitator(Invalid):
    problem = _("One of the facilitators has no such role here.")
    way_out = _("Give her the role first, or choose another facilitator.")


class UnknownMember(Invalid):
    problem = _("One of the numbers is not a member of this cycle.")
    way_out = _("Use the numbers of the members.")


class WishIncomplete(Invalid):
    problem = _("This wish cannot be followed.")
    way_out = _(
        "Name two members or more to sit apart or together; one member or more, and a table, to be pinned."
    )


class UnknownCheckInCode(Invalid):
    problem = _("This code belongs to no member who is expected at this meeting.")
    way_out = _("Compare it with the member's page, or tick her number in the list.")


class NotExpected(Conflict):
    problem = _("This member holds no seat.")
    way_out = _("Only who holds a seat is checked in. Ask the secretariat if that surprises you.")


class NoTables(Conflict):
    problem = _("No tables are planned for this meeting.")
    way_out = _("Plan the tables first.")


class NobodyCame(Conflict):
    problem = _("Nobody is checked in yet.")
    way_out = _("Check in those who are there, then seat them anew.")


class RoundUnderWay(Conflict):
    problem = _("Notes have been taken in this round, or in a later one.")
    way_out = _("Seat the members anew from the round after it.")


class RoomChanged(Conflict):
    problem = _("Somebody came or left since this proposal was made; nobody was moved.")
    way_out = _("Look at the new proposal and confirm that one.")


class NothingToMove(Conflict):
    problem = _("Everybody who is there has a place, and nobody else does.")
    way_out = _("Leave the tables as they are.")


class ReasonMissing(Invalid):
    problem = _("An interest without a reason tells nobody why.")
    way_out = _("Say in a sentence what it is: a property, an employer, an office, a relative.")


class ForeignItem(Invalid):
    problem = _("This point belongs to the programme of another meeting.")
    way_out = _("Choose a point of this meeting.")


class InterestDeclared(Conflict):
    """A facilitator may not lead a table whose matter she has an interest in."""

    way_out = _("Choose another facilitator, or let the table treat another point.")

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            _("%(name)s has declared an interest in this point: “%(reason)s”")
            % {"name": name, "reason": reason}
        )


class NameMissing(Invalid):
    problem = _("A place card needs a name.")
    way_out = _("Write how you wish to be called: a first name, a nickname, or your number.")


class MeetingClosed(Conflict):
    problem = _("This meeting is closed: its notes stand, and nobody's speaking time is kept any more.")
    way_out = _("Copy what you wrote, and give it to the secretariat.")


class MeetingNotOver(Conflict):
    problem = _("The meeting has not begun yet.")
    way_out = _("Close it when it is over.")


class NotAtTheTable(Invalid):
    problem = _("This member does not sit at a table of this meeting.")
    way_out = _("Choose somebody who sits here.")


class TurnLength(Invalid):
    problem = _("A turn lasts between one second and two hours.")
    way_out = _("Measure it again.")


class TooManyTurns(Conflict):
    problem = _("So many turns have been measured at this table that something must be wrong.")
    way_out = _("Tell the secretariat; nothing that was measured before is lost.")


class ForeignTurn(Conflict):
    problem = _("This turn was measured at another table.")
    way_out = _("Reload the page of the table, and measure anew.")


class NotTheDay(Conflict):
    problem = _("Facilitators stand in for each other on the day of the meeting alone.")
    way_out = _("Ask the office to name somebody else before.")


class LedByHerself(Conflict):
    problem = _("This facilitator leads the table already.")
    way_out = _("Choose somebody else, or go on.")


class FacilitatorIsHere(Conflict):
    problem = _("Somebody has begun to lead this table: it has notes or speaking times.")
    way_out = _("Let its facilitator hand it over, or ask the office to name somebody else.")
