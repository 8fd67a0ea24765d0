from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class ReasonsMissing(Invalid):
    problem = _("A rejection needs reasons.")
    way_out = _("Write why the recommendation is rejected, in at least one language.")


class NoDuty(Conflict):
    problem = _("This recommendation has not been handed over for an answer.")
    way_out = _("Only adopted recommendations of a report are answered.")


class NoFinalDuty(Conflict):
    problem = _("The rule book asks for no final answer to this recommendation.")
    way_out = _("Change the answer instead: a change is a new version, and both stay public.")


class FirstAnswerMissing(Conflict):
    problem = _("This recommendation has no first answer yet; a final one comes after it.")
    way_out = _("Give the first answer. It counts as such, however late it is.")


class FinalAnswerOut(Conflict):
    problem = _("The final answer to this recommendation is public.")
    way_out = _("Write what has changed as a further version of the final answer.")


class PromisesUnaccounted(Invalid):
    problem = _("A final answer says of every open promise where it stands, and of no other.")
    way_out = _("Reload the page and say of each: fulfilled, broken or under way.")


class AccountEmpty(Invalid):
    problem = _("Of a promise it is not said what was done, or why it is given up.")
    way_out = _("Write it in at least one language.")


class NewDayMissing(Invalid):
    problem = _("A promise that is under way needs a day that is still to come.")
    way_out = _("Say by when it will be done.")


class NobodyThere(Conflict):
    problem = _("Nobody has taken a seat in this cycle, so nobody can be handed a dossier.")
    way_out = _("Offer the seats first; the dossier is handed over to those who accept one.")


class ReportIsOut(Conflict):
    problem = _("The work of this cycle is over; its members need no dossier any more.")
    way_out = _("Hand the dossier over in the cycle that begins.")


class NothingNew(Conflict):
    problem = _("The members have this dossier already; nothing in it has changed since.")
    way_out = _("Hand over a new version when something has changed.")


class ReplacedByNewer(Conflict):
    problem = _("There is a newer version of this dossier.")
    way_out = _("Reload the page, read the newest version and confirm that one.")


class LegacyEmpty(Invalid):
    problem = _("There is no text.")
    way_out = _("Write what the next members should know, in at least one language.")
