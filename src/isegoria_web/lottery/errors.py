from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid, NotAllowed


class PoolFrozen(Conflict):
    problem = _("The pool is frozen: features and quotas can no longer be changed.")
    way_out = _("Publish an annulment with its reason, and announce another draw.")


class QuotaWrong(Invalid):
    problem = _("A quota is not right.")
    way_out = _("Correct the marked cell.")


class QuotasMissing(Conflict):
    problem = _("Some values have no quota yet.")
    way_out = _("Let the software propose them from the population figures, or enter them.")


class PopulationMissing(Conflict):
    problem = _("A value has no population figure.")
    way_out = _("Enter the figures with their source and date.")


class TooEarly(Conflict):
    problem = _("The public randomness does not exist yet.")
    way_out = _("Wait until the announced moment.")


class SourceInThePast(Invalid):
    problem = _("The announced moment of the public randomness has already passed.")
    way_out = _("Announce a moment that lies ahead, so that nobody can know the outcome.")


class Computing(Conflict):
    problem = _("The lottery is being computed.")
    way_out = _("Wait for it: its commitment appears on the page of the draws.")


class AlreadyDrawn(Conflict):
    problem = _("This draw has been made. There is one draw per committed pool.")
    way_out = _("Look at its record; a second draw needs a published annulment.")


class NotCommitted(Conflict):
    problem = _("The lottery is not committed yet.")
    way_out = _("Compute and publish the lottery before the randomness exists.")


class TwoPersonsNeeded(NotAllowed):
    problem = _("An annulment needs two different people of the secretariat.")
    way_out = _("Ask a colleague to confirm it.")
