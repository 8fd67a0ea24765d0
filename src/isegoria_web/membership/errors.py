from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict


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
