from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, NotAllowed


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
