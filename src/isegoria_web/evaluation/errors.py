from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class SentencesMissing(Invalid):
    problem = _("A questionnaire needs at least one sentence, and each sentence only once.")
    way_out = _("Write one sentence a line.")


class AskedAlready(Conflict):
    problem = _("This cycle has a questionnaire already.")
    way_out = _("The same sentences are asked before and after; more would make the two hard to compare.")


class NotAskedNow(Conflict):
    problem = _("The questionnaire is not open.")
    way_out = _("It is asked twice, before and after the deliberation; your home page says when.")


class RepliesMissing(Invalid):
    problem = _("A sentence has no reply.")
    way_out = _("Choose one for each sentence; “I cannot say” is one of them.")


class OrderOfPhases(Conflict):
    problem = _("The questionnaire is asked before, then after, then closed.")
    way_out = _("Look at its page for where it stands.")
