from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class MandateAlreadySigned(Conflict):
    problem = _("The mandate is signed and cannot be changed.")
    way_out = _("Open a new cycle for another question.")


class MandateNotSigned(Conflict):
    problem = _("The authority has not signed the mandate yet.")
    way_out = _("Ask the authority to sign it; nobody is invited before.")


class WrongStage(Conflict):
    problem = _("The cycle is not at the stage that this needs.")
    way_out = _("Look at the stage line of the cycle for what comes next.")


class PanelSizeOutsideRule(Invalid):
    problem = _("The rule book does not allow a panel of this size.")
    way_out = _("Choose a size within the range that the rule book gives for this body.")
