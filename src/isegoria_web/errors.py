"""What a service refuses: a status for the page, a sentence for the person, and the way out."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise
Found = TypeVar("Found")


class ServiceError(Exception):
    """A verb was refused and nothing was written; both sentences are shown to the person as they are."""

    status: ClassVar[int] = 400
    problem: Sentence = _("This cannot be done.")
    way_out: Sentence = _("Go back and try again.")

    def __init__(self, problem: Sentence | None = None, way_out: Sentence | None = None) -> None:
        self.problem = problem or type(self).problem
        self.way_out = way_out or type(self).way_out
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return f"{self.problem} {self.way_out}"


class NotAllowed(ServiceError):
    """The actor may not do this here."""

    status = 403
    problem = _("You may not do this.")
    way_out = _("Sign in with the right account, or ask the secretariat.")


class Conflict(ServiceError):
    """The thing is not in the state that the verb needs."""

    status = 409
    problem = _("This is no longer possible in the present state.")
    way_out = _("Reload the page to see what has changed.")


class Invalid(ServiceError):
    """What was given is not right."""

    status = 422
    problem = _("Something in the form is not right.")
    way_out = _("Correct the marked field and send it again.")


def required(found: Found | None) -> Found:
    """Return what a policy found for the actor, or refuse.

    Raises
    ------
    NotAllowed
        If it found nothing.
    """
    if found is None:
        raise NotAllowed
    return found


def require(allowed: bool) -> None:  # noqa: FBT001  # reads as a sentence: require(may_open(actor, ballot))
    """Refuse unless a policy said yes.

    Raises
    ------
    NotAllowed
        If it did not.
    """
    if not allowed:
        raise NotAllowed
