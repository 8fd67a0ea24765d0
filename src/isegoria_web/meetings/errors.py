from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class MeetingEndsBeforeItBegins(Invalid):
    problem = _("The meeting ends before it begins.")
    way_out = _("Correct the two times.")


class NobodySits(Conflict):
    problem = _("Nobody holds a seat yet.")
    way_out = _("Fill the seats first.")


class TablesInUse(Conflict):
    problem = _("Notes have been taken at these tables.")
    way_out = _("Keep this plan: a new one would lose where the notes come from.")


class UnknownFacilitator(Invalid):
    problem = _("One of the facilitators has no such role here.")
    way_out = _("Give her the role first, or choose another facilitator.")


class UnknownMember(Invalid):
    problem = _("One of the numbers is not a member of this cycle.")
    way_out = _("Use the numbers of the members.")
