from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class WrongSecondPerson(Invalid):
    problem = _("This is not a second person of the secretariat, or the password is wrong.")
    way_out = _("Let a colleague of the secretariat type her own address and password.")


class TablesInUse(Conflict):
    problem = _("Notes were taken at these tables, so they cannot be planned again.")
    way_out = _("Go on with this plan; the notes belong to its tables.")
