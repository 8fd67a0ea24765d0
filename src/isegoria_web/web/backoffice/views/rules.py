"""The rule book: comparing a new version with the one in force, and adopting it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import services
from isegoria_web.institutions.algorithms import changes_between, text_of_file
from isegoria_web.web.backoffice.forms.rules import RuleBookForm
from isegoria_web.web.backoffice.office import Office, for_office, load_file
from isegoria_web.web.backoffice.uploads import on_disk


@for_office(Role.AUTHORITY)
def rules(office: Office) -> HttpResponse:
    """Show what a new version changes, and adopt it; a file with faults changes nothing and says where they are."""
    form = RuleBookForm(office.data, office.files)
    institution = office.institution
    version = institution.rule_books.latest("number")

    def load() -> Any:
        with on_disk(form.cleaned_data["file"], (".toml",)) as path:
            text = text_of_file(path)
        if form.cleaned_data["adopt"]:
            return services.amend_rule_book(actor=office.actor, institution=institution, text=text)
        return changes_between(version.text, text, (get_language() or "en")[:2])

    loaded = load_file(office, form, "file", load)
    if loaded.done and form.cleaned_data["adopt"]:
        office.say(_("Version %(number)d of the rule book is adopted.") % {"number": loaded.made.number})
        return office.to("rules")
    return office.page(
        "rules",
        status=loaded.status,
        form=form,
        faults=loaded.faults,
        version=version,
        compared=loaded.done,
        changes=loaded.made if loaded.done else (),
    )
