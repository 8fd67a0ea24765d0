from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, NotAllowed, ServiceError


class NotDrawnYet(Conflict):
    problem = _("The panel has not been drawn yet.")
    way_out = _("Draw it first; the seats follow from the record.")


class NotFinalYet(Conflict):
    problem = _("Objections can still be raised against this draw.")
    way_out = _("Offer the seats once it is final; its page says when.")


class SeatsOffered(Conflict):
    problem = _("The seats of this draw have been offered.")
    way_out = _("Look at the list of seats.")


class SeatNotOffered(Conflict):
    problem = _("This seat is not on offer.")
    way_out = _("Look at the list of seats for who holds it.")


class NoLongerSeated(Conflict):
    problem = _("This person no longer holds the seat.")
    way_out = _("Look at the list of seats for who holds it.")


class StillSeated(Conflict):
    problem = _("This person holds a seat, or is offered one.")
    way_out = _("Free the seat first; an alternate moves up.")


class NotWaiting(Conflict):
    problem = _("This person does not wait as an alternate.")
    way_out = _("Look at the list of alternates for what became of her.")


class NoCaller(Invalid):
    problem = _("Nobody was chosen who may make calls.")
    way_out = _("Choose at least one person who has the role of a caller here.")


class NotLater(Invalid):
    problem = _("This day is not later than the one that stands.")
    way_out = _("Give a later day.")


class SeatsStayVacant(Conflict):
    problem = _(
        "Seats that fall vacant so late stay vacant: the rule book fills them up to an earlier meeting."
    )
    way_out = _("The page of the members names the rule. Nobody can be offered a seat any more.")


class AlternatesWait(Conflict):
    problem = _("Alternates still wait for a seat.")
    way_out = _("Ask them first, in the order in which they were drawn.")


class NotOutside(Conflict):
    problem = _("This person stands in the committed pool, holds a seat, or cannot be a member.")
    way_out = _("Who stands in the pool comes in by lot: announce a replacement draw.")


class ExceptionOpen(Conflict):
    problem = _("An exception is proposed already.")
    way_out = _("Let a second person grant it, or withdraw it.")


class ExceptionClosed(Conflict):
    problem = _("This exception is not open any more.")
    way_out = _("Look at the list of seats for what became of it.")


class SecondPersonNeeded(NotAllowed):
    problem = _("An exception needs two persons.")
    way_out = _("Ask a colleague who did not propose it.")


class DecisionNeeded(Conflict):
    problem = _("This way of leaving a seat needs a decision with its rule.")
    way_out = _("Decide about the seat on the page of the member.")


class RuleUnknown(Invalid):
    problem = _("This is not a rule by which the rule book of the cycle lets this be decided.")
    way_out = _("Choose one of the rules that are listed.")


class ReasonMissing(Invalid):
    problem = _("Nothing says why.")
    way_out = _("Write the reason down. Only the secretariat reads it, and it is erased on its date.")


class HearingMissing(Invalid):
    problem = _("The rule book asks that the member is heard before she is excluded.")
    way_out = _("Hear her, and write down when and what she said.")


class DecisionOpen(Conflict):
    problem = _("A proposal about this seat waits for a second person.")
    way_out = _("Let a colleague confirm it, or withdraw it first.")


class DecisionClosed(Conflict):
    problem = _("This proposal was decided or withdrawn.")
    way_out = _("Look at the page of the member for what became of it.")


class AlreadySuspended(Conflict):
    problem = _("This member is suspended on that day.")
    way_out = _("End the suspension that stands first.")


class NotSuspended(Conflict):
    problem = _("This suspension is over, or was never decided.")
    way_out = _("Look at the page of the member.")


class SuspensionEndsTooSoon(Invalid):
    problem = _("Only a suspension has a last day, and it ends after it begins.")
    way_out = _("Give a later day, or none.")


class DecidedByTwo(NotAllowed):
    problem = _("Nobody is suspended or excluded by one person.")
    way_out = _("Ask a colleague of the secretariat who did not propose it.")


class RotationUndated(Conflict):
    problem = _(
        "An event starts the rotation of this body, and this cycle names no day ahead on which seats are taken."
    )
    way_out = _("Plan a day for the stage “Seats taken” of this cycle.")


class CollegeUnknown(Invalid):
    problem = _("The rule book knows no such group in this body.")
    way_out = _("Choose a group that the rule book names beside the citizens.")


class CollegeFull(Conflict):
    problem = _("Every seat of this group is held.")
    way_out = _("Replace somebody who holds one, or note who left.")


class AppointedAlready(Conflict):
    problem = _("Somebody with this name holds a seat of this group already.")
    way_out = _("Look at the list of those who are appointed.")


class HasCitizensSeat(Conflict):
    problem = _(
        "This address is the one of a citizen in the same body, or of somebody else who is appointed to it."
    )
    way_out = _("One account has one vote. Give an address of this person alone.")


class InvitationNotSent(ServiceError):
    status = 503
    problem = _("The mail could not be sent; nothing was changed.")
    way_out = _("Look whether the address is right, and try again in a few minutes.")


class AppointmentEnded(Conflict):
    problem = _("This person no longer holds the seat.")
    way_out = _("Look at the list of those who are appointed.")


class AppointmentEndsTooSoon(Invalid):
    problem = _("The seat would be left before it was taken.")
    way_out = _("Give a day that is not before the day on which the person took it.")


class NamesWithheld(Conflict):
    """The rule book names no member in public."""

    problem = _("The rule book lets no member be named in public.")
    way_out = _("You stay a number. Only the authority can change the rule book, for later cycles.")

    @classmethod
    def by(cls, rule: str) -> NamesWithheld:
        """Refuse by this rule, with its version."""
        return cls(_("The rule book lets no member be named in public: %(rule)s.") % {"rule": rule})


class PublicNameMissing(Invalid):
    problem = _("There is no name.")
    way_out = _("Write the name under which you want to stand in public, or stay a number.")


class PublicNameTooLong(Invalid):
    problem = _("The name is too long.")
    way_out = _("Write a shorter one.")

    @classmethod
    def than(cls, most: int) -> PublicNameTooLong:
        """Refuse what has more signs than this."""
        return cls(_("The name is longer than %(count)d characters.") % {"count": most})


class PublicNameUnwritable(Invalid):
    problem = _("The name holds characters that cannot be shown.")
    way_out = _("Type the name anew, letter by letter, without copying it from elsewhere.")

    @classmethod
    def of(cls, signs: Iterable[str]) -> PublicNameUnwritable:
        """Refuse these, which nobody would see."""
        codes = ", ".join(sorted(f"U+{ord(each):04X}" for each in signs))
        return cls(
            _("The name holds characters that cannot be shown: %(characters)s") % {"characters": codes}
        )


class NotAName(Invalid):
    problem = _("This is no name: it looks like an e-mail address, a telephone number or a link.")
    way_out = _("Write a name only, in letters. Everybody can read it.")


class PublicNameTaken(Invalid):
    problem = _("Somebody else of this body bears this name.")
    way_out = _("Write your own name, or add something by which nobody takes you for somebody else.")
