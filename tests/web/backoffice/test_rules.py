"""The rule book in the back office: compared first, adopted by the authority alone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from isegoria_web.accounts.enums import Role
from tests.web.backoffice.support import Staff


def changed(institution, old: str = "age_min = 16", new: str = "age_min = 18") -> SimpleUploadedFile:
    text = institution.rule_books.get(number=1).text
    assert old in text
    text = text.replace(old, new).replace('version = "2024"', 'version = "next"\nvalid_from = 2026-01-15')
    return SimpleUploadedFile("next.toml", text.encode())


def test_a_version_is_compared_before_it_is_adopted(institution, staff: Staff):
    shown = staff.post(Role.AUTHORITY, "rules", file=changed(institution)).content.decode()
    assert "Everybody aged 18 or over can be drawn." in shown
    assert institution.rule_books.count() == 1
    done = staff.post(Role.AUTHORITY, "rules", file=changed(institution), adopt="on")
    assert done.status_code == 302
    assert institution.rule_books.count() == 2
    assert "version 2" in staff.get(Role.AUTHORITY, "rules").content.decode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("size = [25, 50]", "size = [50, 25]", "bodies[assembly]"),
        ("mandate_months = 18", "mandate_months = 18\nmost_terms = 0", "most_terms"),
        ("[draw]", "[draw", "TOML"),
    ],
)
def test_a_version_with_faults_is_not_adopted_and_says_where_they_are(
    institution, staff: Staff, old, new, words
):
    response = staff.post(Role.AUTHORITY, "rules", file=changed(institution, old, new), adopt="on")
    assert response.status_code == 422
    assert words in response.content.decode()
    assert institution.rule_books.count() == 1


def test_an_unchanged_version_says_so(institution, staff: Staff):
    same = changed(institution, "age_min = 16", "age_min = 16")
    assert (
        "this file sets the same rules" in staff.post(Role.AUTHORITY, "rules", file=same).content.decode()
    )
    again = staff.post(
        Role.AUTHORITY, "rules", file=changed(institution, "age_min = 16", "age_min = 16"), adopt="on"
    )
    assert again.status_code == 409 or "in force already" in again.content.decode()
    assert institution.rule_books.count() == 1
