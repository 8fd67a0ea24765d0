from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class ReasonsMissing(Invalid):
    problem = _("A rejection needs reasons.")
    way_out = _("Write why the recommendation is rejected, in at least one language.")


class NoDuty(Conflict):
    problem = _("This recommendation has not been handed over for an answer.")
    way_out = _("Only adopted recommendations of a report are answered.")
