"""A certificate of erasure in words, and as a document."""

from __future__ import annotations

import json
from importlib.resources import files

import typst
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from isegoria_web.register.models import Erasure
from isegoria_web.translated import in_language

NAMES = {
    "extracts": gettext_lazy("Files of the register"),
    "residents": gettext_lazy("Residents in it, or drawn from it"),
    "residents_drawn": gettext_lazy("Residents drawn from it"),
    "letters": gettext_lazy("People behind a letter"),
    "emails": gettext_lazy("Records of e-mails"),
    "drafts": gettext_lazy("Drafts of answers"),
    "notes": gettext_lazy("Notes of the desk"),
    "second_answers": gettext_lazy("Second answers"),
    "answers": gettext_lazy("Answers, with name and address"),
    "people": gettext_lazy("People with an account"),
}


def lines_of(made: Erasure) -> list[tuple[str, str]]:
    """Return what a certificate says, line by line, in the reader's language."""
    moment = date_format(timezone.localtime(made.erased_at), "DATETIME_FORMAT")
    lines = [(_("What"), made.get_kind_display()), (_("By which rule"), made.get_rule_display())]
    if made.due_on is not None:
        lines.append((_("Due on"), date_format(made.due_on, "DATE_FORMAT")))
    lines.append((_("Erased on"), moment))
    if made.cycle is not None:
        lines.append((_("Cycle"), str(made.cycle.number)))
    lines += [
        (str(NAMES.get(name, name)), number_format(count, force_grouping=True))
        for name, count in made.counts.items()
    ]
    if made.entry is not None:
        lines.append((_("Entry in the public journal"), str(made.entry)))
    lines.append((_("Hash of the list of what was erased"), made.list_sha256))
    return [(str(label), str(value)) for label, value in lines]


def typeset(made: Erasure) -> bytes:
    """Return a certificate as a PDF of one page, in the reader's language."""
    institution = made.institution
    data = {
        "lang": (get_language() or "en")[:2],
        "title": _("Certificate of erasure"),
        "institution": in_language(institution.name) if institution else "",
        "accent": institution.accent if institution else "#1f4e79",
        "lead": _("It is certified that these personal data were erased. This certificate names nobody."),
        "lines": [list(line) for line in lines_of(made)],
        "foot": _(
            "The same counts and the same hash stand in the public journal. The records of the draws stay as they are and can be verified as before. Backups made before are erased again by the list when they are restored."
        ),
        "signature": _("For the secretariat: place, date, name"),
    }
    template = files("isegoria_web.register").joinpath("certificate.typ").read_bytes()
    document: bytes = typst.compile(template, sys_inputs={"data": json.dumps(data)}, format="pdf")
    return document
