from django.utils.translation import gettext_lazy as _

from isegoria_web.errors import Conflict, Invalid


class InterestsMissing(Invalid):
    problem = _("The speaker has not declared her interests.")
    way_out = _("Write them down; if there are none, write that there are none.")


class QuestionEmpty(Invalid):
    problem = _("The question is empty.")
    way_out = _("Write one question in a sentence.")


class AnsweredAlready(Conflict):
    problem = _("This question has been answered.")
    way_out = _("Read the answer; ask another question if something is missing.")


class ForeignSpeaker(Invalid):
    problem = _("This speaker does not belong to this cycle.")
    way_out = _("Choose one of the speakers of the cycle.")
