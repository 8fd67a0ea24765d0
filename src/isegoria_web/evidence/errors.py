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


class DossierEmpty(Invalid):
    problem = _("The dossier has no piece of evidence.")
    way_out = _("Give at least one.")


class MeetingBegun(Conflict):
    problem = _("This meeting has begun: interests are shown before somebody speaks, not after.")
    way_out = _("Choose a meeting that lies ahead.")


class SpeaksAlready(Conflict):
    problem = _("This speaker is on the programme of this meeting.")
    way_out = _("Choose another meeting.")


class ForeignMeeting(Invalid):
    problem = _("This meeting does not belong to this cycle.")
    way_out = _("Choose one of the meetings of the cycle.")


class NothingToMerge(Invalid):
    problem = _("Only open questions of one cycle can be put together, and at least two.")
    way_out = _("Choose questions that wait for an answer.")


class RequestEmpty(Invalid):
    problem = _("It does not say who should speak.")
    way_out = _("Write who should speak, and about what.")


class RequestAnswered(Conflict):
    problem = _("This wish has been answered.")
    way_out = _("Read the answer; write another one if somebody is still missing.")


class AnswerMissing(Invalid):
    problem = _("The members get an answer with reasons.")
    way_out = _("Choose the speaker who was invited, or write why nobody was.")
