from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict


class TablesInUse(Conflict):
    problem = _("Notes were taken at these tables, so they cannot be planned again.")
    way_out = _("Go on with this plan; the notes belong to its tables.")
