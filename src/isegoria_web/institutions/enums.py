from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    MUNICIPALITY = "municipality", _("Municipality")
    PROVINCE = "province", _("Province")
    REGION = "region", _("Region or community")
    STATE = "state", _("State")
    UNION = "union", _("Union of states")


class Status(models.TextChoices):
    """The life of an institution, over years."""

    PROPOSED = "proposed", _("Proposed")
    ADOPTED = "adopted", _("Rule book adopted")
    FUNDED = "funded", _("Money and secretariat named")
    OPERATING = "operating", _("In operation")
    SUSPENDED = "suspended", _("Suspended")
    UNDER_REVIEW = "under_review", _("Under review")
    ABOLISHED = "abolished", _("Abolished")


class ElectionKind(models.TextChoices):
    """What is elected."""

    MUNICIPAL = "municipal", _("Municipal council")
    PROVINCIAL = "provincial", _("Provincial council")
    REGIONAL = "regional", _("Parliament of the region or community")
    NATIONAL = "national", _("Parliament of the state")
    EUROPEAN = "european", _("European Parliament")
    OTHER = "other", _("Another election")


class ProposalStatus(models.TextChoices):
    """What became of a proposed version of the rule book."""

    OPEN = "open", _("Waits for the authority")
    AWAITED = "awaited", _("Adopted, and holds from its first day")
    ADOPTED = "adopted", _("Adopted")
    REVOKED = "revoked", _("Adopted, and withdrawn before its first day")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Taken back")


class Stage(models.TextChoices):
    """The stages of a cycle, in their order."""

    MANDATE = "mandate", _("Mandate")
    INVITING = "inviting", _("Invitation")
    DRAWING = "drawing", _("Draw")
    SEATED = "seated", _("Seats taken")
    LEARNING = "learning", _("Learning")
    DELIBERATING = "deliberating", _("Deliberation")
    DECIDING = "deciding", _("Decision")
    ANSWERING = "answering", _("Answer")
    FOLLOW_UP = "follow_up", _("Follow-up")
    CLOSED = "closed", _("Closed")


class Station(models.TextChoices):
    """Where a cycle stands within its stages: what is in hand, in the order in which it is usually done."""

    AGENDA_OPEN = "agenda_open", _("Themes are proposed")
    AGENDA_SCREENED = "agenda_screened", _("Themes are checked")
    AGENDA_SUPPORTED = "agenda_supported", _("Themes are signed")
    THEME_CHOSEN = "theme_chosen", _("A theme is chosen")
    MANDATE_WRITTEN = "mandate_written", _("The mandate is written")
    TEAM_SET = "team_set", _("The team is named")
    DRAW1_READY = "draw1_ready", _("The draw of the letters is prepared")
    DRAW1_DONE = "draw1_done", _("The letters are drawn")
    INVITING = "inviting", _("The letters are answered")
    POOL_CLOSED = "pool_closed", _("The pool is closed")
    DRAW2_DONE = "draw2_done", _("The panel is drawn")
    CONFIRMING = "confirming", _("The seats are offered")
    INSTALLED = "installed", _("The panel is installed")
    LEARNING = "learning", _("The members learn")
    DELIBERATING = "deliberating", _("The members deliberate")
    DRAFTING = "drafting", _("Recommendations are drafted")
    VOTING = "voting", _("The members vote")
    REPORT_DELIVERED = "report_delivered", _("The report is handed over")
    AWAITING_RESPONSE = "awaiting_response", _("The authority answers")
    JOINT_DEBATE = "joint_debate", _("Members and authority debate")
    IMPLEMENTING = "implementing", _("Promises are carried out")
    FOLLOW_UP_REVIEW = "follow_up_review", _("The follow-up is reviewed")
    EVALUATED = "evaluated", _("The cycle is evaluated")
    CLOSED = "closed", _("The data are erased on their days")


class Party(models.TextChoices):
    """Who acts at a station beside those who hold a role."""

    RESIDENT = "resident", _("Residents")
    MEMBER = "member", _("Members")


class Detour(models.TextChoices):
    """What happens beside the usual order of the stations."""

    SECOND_WAVE = "second_wave", _("Letters are sent to more people")
    EXTRA_DRAW = "extra_draw", _("An extra draw fills vacant seats")
    SEATS_OFFERED = "seats_offered", _("A vacant seat is offered again")
