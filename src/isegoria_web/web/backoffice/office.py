"""The frame of every page of the back office: who is in, for which institution, what is refused, what is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from isegoria.errors import BadInputs, IsegoriaError
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed, ServiceError
from isegoria_web.institutions.models import Cycle, Institution
from isegoria_web.translated import in_language
from isegoria_web.web.access import cycle_or_404, institution_or_404, office_actor_or_404
from isegoria_web.web.backoffice.uploads import name_of

Rest = ParamSpec("Rest")
Made = TypeVar("Made")
CONFIRMED = "confirmed"
CHANGE = "change"


@dataclass(frozen=True)
class Office:
    """A request to the back office of one institution by somebody who works there."""

    request: HttpRequest
    institution: Institution
    actor: Actor
    role: frozenset[Role] = field(default_factory=frozenset)
    sent: bool = True

    @property
    def languages(self) -> list[str]:
        """The institution's languages, as codes."""
        return list(self.institution.languages)

    @property
    def is_post(self) -> bool:
        """Whether something was sent."""
        return self.sent and self.request.method == "POST"

    @property
    def data(self) -> QueryDict | None:
        """What was sent."""
        return self.request.POST if self.is_post else None

    def has(self, *roles: Role) -> bool:
        """Return whether the person holds one of the roles here."""
        return bool(self.role & set(roles))

    def cycle(self, number: int) -> Cycle:
        """Return a cycle of this institution, or say that the page does not exist."""
        return cycle_or_404(self.institution, number)

    def roles_now(self) -> frozenset[Role]:
        """Return the roles that the person holds after the act, asked anew."""
        fresh = Actor.of(self.actor.user)
        return fresh.roles_in(self.institution) if fresh else frozenset()

    def leave(self) -> HttpResponse:
        """Lead out of the office, where somebody has given up her own role."""
        return redirect("web:after_sign_in")

    def today(self) -> Any:
        """Return the date where the institution is."""
        return clock.today(self.institution.time_zone)

    def reading(self) -> Office:
        """Return the same office without what was sent: for the second form of a page."""
        return replace(self, sent=False)

    @property
    def files(self) -> Any:
        """The files that were sent."""
        return self.request.FILES if self.is_post else None

    def url(self, name: str, *args: object) -> str:
        """Return the address of a page of the office."""
        return reverse(f"office:{name}", args=[self.institution.slug, *args])

    def say(self, sentence: str) -> None:
        """Show a sentence at the top of the next page."""
        messages.success(self.request, sentence)

    def to(self, name: str, *args: object) -> HttpResponse:
        """Lead to another page of the office."""
        return redirect(self.url(name, *args))

    def then(self, sentence: str, name: str, *args: object) -> Callable[[object], HttpResponse]:
        """Return what follows an act: a sentence at the top of the page to which it leads."""

        def follow(_made: object) -> HttpResponse:
            self.say(sentence)
            return self.to(name, *args)

        return follow

    def page(
        self, template: str, cycle: Cycle | None = None, *, status: int | None = None, **context: Any
    ) -> HttpResponse:
        """Show a page; one that answers a form with faults says so in its status."""
        common = {
            "institution": self.institution,
            "cycle": cycle,
            "roles": self.role,
            "is_secretariat": Role.SECRETARIAT in self.role,
            "is_observer": Role.OBSERVER in self.role,
            "is_facilitator": Role.FACILITATOR in self.role,
            "is_authority": Role.AUTHORITY in self.role,
            "is_caller": Role.CALLER in self.role,
            "is_expert": Role.EXPERT in self.role,
            "today": self.today(),
            "now": clock.now(),
        }
        return render(self.request, f"office/{template}.html", {**common, **context}, status=status or 200)


View = Callable[Concatenate[Office, Rest], HttpResponse]
_ROLES: dict[Callable[..., object], frozenset[Role]] = {}
"""Who may open each page; nobody in particular: everybody with a role."""


def for_office(
    *roles: Role, methods: Sequence[str] = ("GET", "HEAD", "POST")
) -> Callable[[View[Rest]], Callable[..., HttpResponse]]:
    """Give a view the office; without one of the roles (any, where none is named) the page does not exist."""

    def wrap(view: View[Rest]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @login_required
        @never_cache
        @require_http_methods(list(methods))
        def scoped(
            request: HttpRequest, institution: str, *args: Rest.args, **kwargs: Rest.kwargs
        ) -> HttpResponse:
            found = institution_or_404(institution)
            actor = office_actor_or_404(request, found, *roles)
            with timezone.override(ZoneInfo(found.time_zone)):
                return view(Office(request, found, actor, actor.roles_in(found)), *args, **kwargs)

        _ROLES[scoped] = frozenset(roles)
        return scoped

    return wrap


def opens_to(url: str, role: frozenset[Role]) -> bool:
    """Return whether a page of the office is there for somebody with these roles, so that a link to it leads somewhere."""
    wanted = _ROLES[resolve("/" + url.removeprefix(get_script_prefix())).func]
    return bool(role & wanted) or not wanted


# -- forms -----------------------------------------------------------------------------------------


@dataclass
class Attempt:
    """What became of a form: something made, or refused with what was typed still in it."""

    made: Any = None
    done: bool = False
    status: int = 422
    faults: Sequence[Fault] = ()


def attempt(form: forms.BaseForm, act: Callable[[], Any], *, library_errors: bool = True) -> Attempt:
    """Do what a valid form asks for; a refusal is put on the form, so that nothing that was typed is lost.

    Who may not is not asked to correct a form: that refusal gets its own page. Where `library_errors` is
    false, the caller shows the library's faults itself.
    """
    try:
        return Attempt(act(), done=True)
    except NotAllowed:
        raise
    except ServiceError as refusal:
        form.add_error(None, ValidationError([str(refusal.problem), str(refusal.way_out)]))
        return Attempt(status=refusal.status)
    except IsegoriaError as error:
        if not library_errors:
            raise
        form.add_error(None, ValidationError([fault.sentence for fault in faults_of(error)]))
        return Attempt()


def load_file(office: Office, form: forms.Form, name: str, load: Callable[[], Any]) -> Attempt:
    """Load the file of a form; its faults are listed with their places, and nothing was loaded."""
    if not office.is_post:
        return Attempt(status=200)
    if not form.is_valid():
        return Attempt()
    try:
        return attempt(form, load, library_errors=False)
    except IsegoriaError as error:
        form.add_error(name, _("The file has faults; nothing was loaded. They are listed below."))
        sent = form.cleaned_data.get(name) or form.files.get(name)
        return Attempt(faults=faults_of(error, name_of(sent) if sent else ""))


@dataclass(frozen=True)
class Fault:
    """A fault of an input in words: where, what, and how to repair it."""

    file: str
    row: int | None
    column: str
    problem: str
    way_out: str

    @property
    def place(self) -> str:
        """Where, as far as it is known."""
        parts = [
            self.file,
            _("row %(row)s") % {"row": self.row} if self.row is not None else "",
            _("column %(column)s") % {"column": self.column} if self.column else "",
        ]
        return ", ".join(part for part in parts if part)

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return (
            f"{self.place}: {self.problem} {self.way_out}"
            if self.place
            else f"{self.problem} {self.way_out}"
        )


def faults_of(error: IsegoriaError, file_name: str = "") -> list[Fault]:
    """Return what the library refused, fault by fault, in the reader's language.

    Parameters
    ----------
    error
        What the library raised.
    file_name
        The name under which the reader knows the file, instead of the temporary one.
    """
    return [_fault(each, file_name) for each in _single(error)]


def _single(error: IsegoriaError) -> Iterator[IsegoriaError]:
    if isinstance(error, BadInputs):
        for each in error.faults:
            yield from _single(each)
    else:
        yield error


def _fault(error: IsegoriaError, file_name: str) -> Fault:
    parameters = dict(error.parameters)
    if file_name and "file" in parameters:
        parameters["file"] = file_name
    return Fault(
        file=(file_name if error.place.file else "") or error.place.file or "",
        row=error.place.row,
        column=error.place.column or "",
        problem=_(error.text.problem).format_map(parameters),
        way_out=_(error.text.way_out).format_map(parameters),
    )


# -- irreversible acts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Caution:
    """What stands on the page before an act that cannot be undone."""

    title: str
    consequences: Sequence[str]
    submit: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    lead: str = ""
    irreversible: bool = True

    @property
    def shown_facts(self) -> list[tuple[str, str]]:
        """Return the facts as they are read: texts in the reader's language, days and moments in words."""
        return [(str(label), _shown(value)) for label, value in self.facts.items()]


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return in_language(value)
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, int):
        return number_format(value, force_grouping=True)
    return str(value)


def is_confirmed(office: Office) -> bool:
    """Return whether the person has read what will happen, and said yes."""
    return office.is_post and office.request.POST.get(CONFIRMED) == "yes"


def wants_change(office: Office) -> bool:
    """Return whether she went back from the warning to the form; what she typed came along."""
    return office.is_post and CHANGE in office.request.POST


def act_on(
    office: Office,
    cycle: Cycle | None,
    *,
    form: forms.BaseForm,
    act: Callable[[dict[str, Any]], Any],
    done: Callable[[Any], HttpResponse],
    template: str = "form",
    caution: Callable[[dict[str, Any]], Caution] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form, warn where the act cannot be undone, do it, and lead on; faults come back with the text.

    Parameters
    ----------
    act
        Receives the cleaned values and calls the service.
    done
        Receives what the service returned.
    caution
        Receives the cleaned values; only acts that cannot be undone have one.
    """
    status = 200 if office.request.method != "POST" or wants_change(office) else 422
    if office.is_post and not wants_change(office) and form.is_valid():
        if caution is not None and not is_confirmed(office):
            return ask(office, cycle, caution(form.cleaned_data))
        outcome = attempt(form, lambda: act(form.cleaned_data))
        if outcome.done:
            return done(outcome.made)
        status = outcome.status
    return office.page(template, cycle, status=status, form=form, **context)


def decide_on(
    office: Office,
    cycle: Cycle | None,
    *,
    caution: Caution,
    act: Callable[[], Any],
    done: Callable[[Any], HttpResponse],
    back: str = "",
) -> HttpResponse:
    """Show what will happen; do it after a yes. What the service refuses gets the page of refusals."""
    if is_confirmed(office):
        return done(act())
    return ask(office, cycle, caution, back)


def ask(office: Office, cycle: Cycle | None, caution: Caution, back: str = "") -> HttpResponse:
    """Show what will happen; the form that was sent travels along and is sent again on yes."""
    sent = [
        (key, value)
        for key, values in (office.request.POST.lists() if office.is_post else ())
        for value in values
        if key not in {"csrfmiddlewaretoken", CONFIRMED, CHANGE}
    ]
    return office.page("confirm", cycle, caution=caution, sent_again=sent, back=back, can_change=bool(sent))
