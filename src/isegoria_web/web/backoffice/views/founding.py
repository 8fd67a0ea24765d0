"""Founding an institution: choose its rule book, describe it, change numbers, name people, look at it all, found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from isegoria.errors import IsegoriaError
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions import founding as services
from isegoria_web.institutions import policies
from isegoria_web.institutions.algorithms import (
    bundled_books,
    bundled_text,
    days_of,
    read_rule_book,
    rule_changes,
    sentences_of,
    text_of_file,
)
from isegoria_web.institutions.models import Founding
from isegoria_web.translated import in_language
from isegoria_web.web.backoffice.forms.founding import (
    BY_MAIL,
    OWN,
    ChooseForm,
    DetailsForm,
    FoundingNumbersForm,
    PeopleForm,
)
from isegoria_web.web.backoffice.office import Fault, attempt, faults_of
from isegoria_web.web.backoffice.uploads import name_of, on_disk

YEARS_SHOWN = 2
Rest = ParamSpec("Rest")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Founder:
    """A request to the pages of founding by an operator of the site."""

    request: HttpRequest
    actor: Actor

    @property
    def is_post(self) -> bool:
        """Whether something was sent."""
        return self.request.method == "POST"

    @property
    def data(self) -> Any:
        """What was sent."""
        return self.request.POST if self.is_post else None

    @property
    def files(self) -> Any:
        """The files that were sent."""
        return self.request.FILES if self.is_post else None

    @property
    def language(self) -> str:
        """The reader's language."""
        return (get_language() or "en")[:2]

    def draft(self, key: UUID) -> Founding:
        """Return a draft of this operator, or say that the page does not exist."""
        return get_object_or_404(
            Founding.objects.select_related("institution"), public_id=key, by=self.actor.user
        )

    def page(
        self, template: str, founding: Founding | None = None, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Show a page, with the steps of the draft."""
        open_steps = services.missing(founding) if founding else ()
        steps = [
            (name, words, name not in open_steps)
            for name, words in (
                ("details", _("Name and authority")),
                ("numbers", _("Numbers of the rule book")),
                ("people", _("First people")),
                ("review", _("Look at it all, and found")),
            )
        ]
        common = {"founding": founding, "steps": steps, "here": template}
        return render(self.request, f"founding/{template}.html", {**common, **context}, status=status)


View = Callable[Concatenate[Founder, Rest], HttpResponse]


def for_operator(view: View[Rest]) -> Callable[..., HttpResponse]:
    """Give a view the operator; to anybody else the page does not exist."""

    @wraps(view)
    @login_required
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def scoped(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        actor = Actor.operator(request.user)
        if actor is None or not policies.may_found_institution(actor):
            raise Http404
        return view(Founder(request, actor), *args, **kwargs)

    return scoped


def of_draft(view: Callable[[Founder, Founding], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view a draft of the operator; one that is founded leads to its institution."""

    @for_operator
    @wraps(view)
    def found(founder: Founder, draft: UUID) -> HttpResponse:
        own = founder.draft(draft)
        if own.institution is not None:
            return redirect("founding:founded", own.public_id)
        return view(founder, own)

    return found


@for_operator
def choose(founder: Founder) -> HttpResponse:
    """List the rule books that come along and the drafts to be continued; begin with a book or a file."""
    form = ChooseForm(founder.data, founder.files)
    faults: list[Fault] = []
    status = 200
    if founder.is_post:
        status = 422
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                made = services.begin(
                    actor=founder.actor,
                    bundled=form.cleaned_data["bundled"],
                    text=_text_of(sent) if sent else "",
                )
            except IsegoriaError as error:
                form.add_error(
                    "file", _("The rule book has faults; nothing was kept. They are listed below.")
                )
                faults = faults_of(error, name_of(sent) if sent else "")
            else:
                return redirect("founding:details", made.public_id)
    drafts = Founding.objects.filter(by=founder.actor.user, institution=None)
    books = [(book, in_language(_texts(book.title), founder.language)) for book in bundled_books()]
    return founder.page("choose", form=form, faults=faults, status=status, drafts=drafts, books=books)


def _text_of(sent: Any) -> str:
    with on_disk(sent, (".toml",)) as path:
        return text_of_file(path)


def _texts(texts: Any) -> dict[str, str]:
    return {str(code): text for code, text in texts.items()}


@for_operator
def book(founder: Founder, identifier: str) -> HttpResponse:
    """Say a rule book that comes along in plain words, with its legal basis, before anybody chooses it."""
    if identifier not in {each.id for each in bundled_books()}:
        raise Http404
    found = read_rule_book(bundled_text(identifier))
    return founder.page(
        "book",
        book=found,
        title=in_language(_texts(found.title), founder.language),
        sentences=sentences_of(found, founder.language),
        silent=len(found.silent()),
    )


@of_draft
def details(founder: Founder, draft: Founding) -> HttpResponse:
    """Describe the institution: names, authority, languages, addresses."""
    original = read_rule_book(draft.original)
    form = DetailsForm(
        founder.data,
        languages=original.languages,
        basis=_basis(draft, original),
        initial=draft.details or _first_details(draft, original),
    )

    def keep() -> Any:
        return services.describe(actor=founder.actor, founding=draft, details=form.cleaned_data)

    return _step(founder, draft, form, keep, "details", "numbers")


def _basis(draft: Founding, original: Any) -> str:
    if not draft.bundled:
        return _("The decision that founds it, as it is quoted.")
    return _(
        "The decision that founds it, as it is quoted. The rule book you chose rests on: %(basis)s"
    ) % {"basis": original.legal_basis}


def _first_details(draft: Founding, original: Any) -> dict[str, Any]:
    """What the rule book says already: of an own file everything, of one that comes along what fits anybody."""
    known = {
        "languages": list(original.languages),
        "level": original.level,
        "time_zone": original.time_zone or "Europe/Brussels",
        "accent": "#1f4e79",
    }
    if not draft.bundled:
        known |= {"name": dict(original.title), "legal_basis": original.legal_basis}
    return known


@of_draft
def numbers(founder: Founder, draft: Founding) -> HttpResponse:
    """Change the usual numbers, and see the difference and the first years."""
    text = services.text_of(draft)
    form = FoundingNumbersForm(
        founder.data,
        book=read_rule_book(text),
        original=read_rule_book(draft.original),
        today=clock.now().date(),
        starts_on=draft.starts_on,
        elections=draft.elections,
    )
    status = 200
    if founder.is_post:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.set_numbers(
                    actor=founder.actor,
                    founding=draft,
                    changes=form.changes(),
                    starts_on=data["starts_on"],
                    elections=[data["election"]] if data["election"] else [],
                )
            except IsegoriaError as error:
                form.put_faults(error)
            else:
                messages.success(
                    founder.request, _("Kept. Below you see what it changes and the first years.")
                )
                return redirect("founding:numbers", draft.public_id)
    return founder.page("numbers", draft, status=status, form=form, **_outlook(founder, draft))


def _outlook(founder: Founder, draft: Founding) -> dict[str, Any]:
    """Return what differs from the chosen rule book, and the days of the first years."""
    text = services.text_of(draft)
    names = {
        each.key: in_language(_texts(each.title), founder.language) for each in read_rule_book(text).bodies
    }
    elections = [date.fromisoformat(each) for each in draft.elections]
    found = days_of(text, draft.starts_on, elections, years=YEARS_SHOWN, language=founder.language)
    return {
        "changes": rule_changes(draft.original, text, founder.language),
        "days": [(day, names.get(body, ""), words) for day, body, words in found],
    }


@of_draft
def people(founder: Founder, draft: Founding) -> HttpResponse:
    """Name the first secretary and who speaks for the authority."""
    form = PeopleForm(
        founder.data,
        languages=draft.details.get("languages") or list(read_rule_book(draft.original).languages),
        initial=_people_so_far(draft),
    )

    def keep() -> Any:
        return services.name_people(
            actor=founder.actor, founding=draft, people=form.people(), funding=form.funding()
        )

    return _step(founder, draft, form, keep, "people", "review")


def _people_so_far(draft: Founding) -> dict[str, Any]:
    so_far = {
        f"{role}_{key}": value for role, person in draft.people.items() for key, value in person.items()
    }
    if draft.people:
        so_far["secretary"] = BY_MAIL if draft.people["secretariat"]["email"] else OWN
    so_far |= {f"funding_{name}": value for name, value in draft.funding.items()}
    return so_far


@of_draft
def review(founder: Founder, draft: Founding) -> HttpResponse:
    """Show everything once more; then the institution is founded."""
    form = forms.Form(founder.data)
    status = 200
    if founder.is_post and form.is_valid():
        outcome = attempt(form, lambda: services.found(actor=founder.actor, founding=draft))
        if outcome.done:
            return redirect("founding:founded", draft.public_id)
        status = outcome.status
    return founder.page(
        "review",
        draft,
        status=status,
        form=form,
        missing=services.missing(draft),
        **_outlook(founder, draft),
    )


@for_operator
def founded(founder: Founder, draft: UUID) -> HttpResponse:
    """Say that it is founded, who was written to, and what comes next."""
    institution = founder.draft(draft).institution
    if institution is None:
        return redirect("founding:review", draft)
    waiting = institution.welcomes.count()
    mine = founder.actor.user is not None and institution.grants.filter(user=founder.actor.user).exists()
    return founder.page("founded", made=institution, waiting=waiting, mine=mine)


@of_draft
def throw_away(founder: Founder, draft: Founding) -> HttpResponse:
    """Delete a draft, after a question."""
    if founder.is_post:
        services.throw_away(actor=founder.actor, founding=draft)
        messages.success(founder.request, _("The draft is deleted."))
        return redirect("founding:choose")
    return founder.page("throw_away", draft)


def _step(
    founder: Founder, draft: Founding, form: forms.Form, keep: Callable[[], Any], here: str, following: str
) -> HttpResponse:
    status = 200
    if founder.is_post:
        status = 422
        if form.is_valid():
            outcome = attempt(form, keep)
            if outcome.done:
                return redirect(f"founding:{following}", draft.public_id)
            status = outcome.status
    return founder.page(here, draft, status=status, form=form)
