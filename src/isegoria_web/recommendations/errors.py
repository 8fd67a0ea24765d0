from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class NoLongerADraft(Conflict):
    problem = _("The text can no longer be changed: the recommendation is in the ballot or decided.")
    way_out = _("Look at its page for the wording that counts.")


class AmendmentDecided(Conflict):
    problem = _("This amendment has been decided.")
    way_out = _("Propose another one if the text should change again.")


class AmendmentOfOldText(Conflict):
    problem = _("The text has changed since this amendment was proposed.")
    way_out = _("Propose it again to the present wording.")


class ForeignStatement(Invalid):
    problem = _("One of the statements does not belong to this cycle.")
    way_out = _("Choose statements of this cycle.")


class AmendmentsUndecided(Conflict):
    problem = _("Amendments to this text have not been decided.")
    way_out = _("Let the members decide them first; then open the ballot.")


class NotAdopted(Conflict):
    problem = _("Only an adopted recommendation can have a minority opinion.")
    way_out = _("Look at the result of the ballot.")


class TooLateToDissent(Conflict):
    problem = _("The days for minority opinions are over.")
    way_out = _("The report is printed with those that came in time.")


class SignatoryUnknown(Invalid):
    problem = _("You and every signatory must be members of this cycle.")
    way_out = _("Choose signatories from the list.")


class ReportHandedOver(Conflict):
    problem = _("The report has been handed over.")
    way_out = _("The answers of the authority are on the public page.")


class ResultHandedOver(Conflict):
    problem = _("The authority has the report with the other result; a correction does not turn it.")
    way_out = _("The result that was handed over stands. Let the body vote anew on the question.")


class TextChanged(Conflict):
    """Somebody else saved another wording meanwhile; both are kept for the person to put together."""

    problem = _("Somebody else changed this text while you were writing.")
    way_out = _("Both texts are shown, with the difference. Put them together and save again.")


class FurtherReachingFirst(Conflict):
    problem = _("Another amendment reaches further; it is decided first.")
    way_out = _("Decide them in the order of the list.")


class NothingToMerge(Invalid):
    problem = _("Only drafts of one cycle can be put together, and at least two.")
    way_out = _("Choose drafts whose ballot is not open.")


class NothingToSplit(Invalid):
    problem = _("A recommendation is split into at least two parts, each with a title and a text.")
    way_out = _("Write both parts.")


class AdviceEmpty(Invalid):
    problem = _("The note is empty.")
    way_out = _("Write what is to be borne in mind.")
