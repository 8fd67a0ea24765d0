from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


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
