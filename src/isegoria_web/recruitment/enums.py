from django.db import models
from django.utils.translation import gettext_lazy as _


class OnePer(models.TextChoices):
    """For whom there is at most one letter."""

    PERSON = "person", _("every person for herself")
    HOUSEHOLD = "household", _("one letter a household")
    ADDRESS = "address", _("one letter an address")
    IN_ADDRESS = "in_address", _("one letter a household, the households of an address together")


class Allocation(models.TextChoices):
    """How the letters are shared out over the strata."""

    PROPORTIONAL = "proportional", _("in proportion to the people")
    CHOSEN = "chosen", _("as chosen for each")


class InvitationStatus(models.TextChoices):
    CREATED = "created", _("Not sent yet")
    SENT = "sent", _("Sent")
    RETURNED = "returned", _("Returned by the post")
    YES = "yes", _("Said yes")
    NO = "no", _("Said no")
    MERGED = "merged", _("Belongs to another letter")


class Channel(models.TextChoices):
    WEB = "web", _("Website")
    PHONE = "phone", _("Telephone")
    PAPER = "paper", _("Paper")
    COUNTER = "counter", _("Counter")


class Need(models.TextChoices):
    """What somebody may need to take part."""

    STEP_FREE = "step_free", _("A room without steps")
    SIGN_LANGUAGE = "sign_language", _("Sign language interpretation")
    HEARING_LOOP = "hearing_loop", _("A hearing loop")
    LARGE_PRINT = "large_print", _("Large print")
    INTERPRETER = "interpreter", _("Interpretation into my language")
    CHILDCARE = "childcare", _("Childcare")
    TRAVEL = "travel", _("Help with the journey")


class Way(models.TextChoices):
    """How somebody was tried to be reached."""

    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    POST = "post", _("Letter")
    VISIT = "visit", _("Visit")


class Outcome(models.TextChoices):
    """What came of trying to reach somebody."""

    NO_ANSWER = "no_answer", _("No answer")
    CALL_BACK = "call_back", _("Asks to be called again")
    NOT_THERE = "not_there", _("Wrong number or address")
    UNDECIDED = "undecided", _("Reached, undecided")
    SAID_YES = "said_yes", _("Reached, says yes")
    SAID_NO = "said_no", _("Reached, says no")


class FieldKind(models.TextChoices):
    """What a question of the form asks for."""

    CHOICE = "choice", _("One of several options")
    SEVERAL = "several", _("Any number of several options")
    YES_NO = "yes_no", _("Yes or no")
    NUMBER = "number", _("A number")
    TEXT = "text", _("A short text")


class Likeness(models.TextChoices):
    """Why two answers may come from one person."""

    PERSON = "person", _("Same name, birth date and address")
    PHONE = "phone", _("Same name and telephone number")
    EMAIL = "email", _("Same name and e-mail address")


class DuplicateStatus(models.TextChoices):
    OPEN = "open", _("To be decided")
    TWO_PEOPLE = "two_people", _("Two people")
    MERGED = "merged", _("One person")


class CheckStatus(models.TextChoices):
    """What becomes of the check who of an extract can be drawn."""

    WAITING = "waiting", _("Waits")
    RUNNING = "running", _("Is being done")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not done: something does not fit")
    FAILED = "failed", _("Not done: something went wrong; the log of the worker says what")


class WorkKind(models.TextChoices):
    """What of the letters of a cycle takes longer than a page."""

    ANNOUNCEMENT = "announcement", _("Announcement of the letters")
    DRAW = "draw", _("Draw of the letters")
    WAVE = "wave", _("A further wave of letters")


class WorkStatus(models.TextChoices):
    """What becomes of long work on letters."""

    WAITING = "waiting", _("Waiting for a worker")
    RUNNING = "running", _("Is being done")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Stopped")
    FAILED = "failed", _("Failed")


class Refusal(models.TextChoices):
    NO_TIME = "no_time", _("I have no time")
    CARE = "care", _("I care for somebody")
    HEALTH = "health", _("My health does not allow it")
    LANGUAGE = "language", _("The language is difficult for me")
    DISTRUST = "distrust", _("I do not trust it")
    NOT_INTERESTED = "not_interested", _("It does not interest me")
    OTHER = "other", _("Another reason")


class ByEmail(models.TextChoices):
    """Whether the people of a campaign get their invitation by e-mail, where an address exists."""

    NO = "no", _("No: on paper alone")
    BESIDE = "beside", _("Beside the letter on paper")
    INSTEAD = "instead", _("Instead of the letter on paper")


class Purpose(models.TextChoices):
    """What an e-mail to the person behind a letter is for."""

    INVITATION = "invitation", _("Invitation")
    REMINDER = "reminder", _("Reminder")
    CONFIRMATION = "confirmation", _("Confirmation of a yes")
    LINK = "link", _("Link to change an answer")
    WITHDRAWAL = "withdrawal", _("Reply to a withdrawal")


class Delivery(models.TextChoices):
    """How far an e-mail has come."""

    QUEUED = "queued", _("Waits to be sent")
    SENDING = "sending", _("Is being sent")
    HANDING = "handing", _("Is being handed over")
    SENT = "sent", _("Sent")
    IN_DOUBT = "in_doubt", _("In doubt")
    FAILED = "failed", _("Given up")
    BOUNCED = "bounced", _("Came back")
    DROPPED = "dropped", _("No longer needed")


class Replaced(models.TextChoices):
    """Why one letter is printed again."""

    LOST = "lost", _("It did not arrive, or was lost")
    DAMAGED = "damaged", _("It cannot be read")
    SEEN = "seen", _("Somebody else has seen the code")
    PAPER = "paper", _("The person got an e-mail and asks for a letter")
    OTHER = "other", _("Another reason")


class PrintingStatus(models.TextChoices):
    """How far the letters of a wave are on their way into files."""

    WAITING = "waiting", _("Waiting for a worker")
    RUNNING = "running", _("Being typeset")
    DONE = "done", _("Printed")
    CANCELLED = "cancelled", _("Stopped")
    FAILED = "failed", _("Failed")


class LogoKind(models.TextChoices):
    """What kind of picture stands at the head of a letter."""

    PNG = "png", "PNG"
    JPEG = "jpg", "JPEG"
