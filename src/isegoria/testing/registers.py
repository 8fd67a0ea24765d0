"""Extracts as offices write them: the same invented residents, with the columns, dates and codes of each language."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HEADERS: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "id": "Rijksregisternummer",
        "given_name": "Voornaam",
        "family_name": "Familienaam",
        "sex": "Geslacht",
        "birth_date": "Geboortedatum",
        "language": "Taal",
        "street": "Straatnaam",
        "house_number": "Huisnummer",
        "postcode": "Postcode",
        "municipality": "NIS-code",
        "municipality_name": "Gemeente",
        "household": "Gezinsnummer",
    },
    "fr": {
        "id": "Numéro national",
        "given_name": "Prénom",
        "family_name": "Nom",
        "sex": "Sexe",
        "birth_date": "Date de naissance",
        "language": "Langue",
        "street": "Rue",
        "house_number": "Numéro de maison",
        "postcode": "Code postal",
        "municipality": "Code INS",
        "municipality_name": "Commune",
        "household": "Ménage",
    },
    "de": {
        "id": "Nationalregisternummer",
        "given_name": "Vorname",
        "family_name": "Nachname",
        "sex": "Geschlecht",
        "birth_date": "Geburtsdatum (TT.MM.JJJJ)",
        "language": "Sprache",
        "street": "Straße",
        "house_number": "Hausnr.",
        "postcode": "PLZ",
        "municipality": "Gemeindeschlüssel",
        "municipality_name": "Wohnort",
        "household": "Haushaltsnummer",
    },
    "en": {
        "id": "Person ID",
        "given_name": "First name",
        "family_name": "Surname",
        "sex": "Gender",
        "birth_date": "Date of birth",
        "language": "Language",
        "street": "Street",
        "house_number": "House no.",
        "postcode": "Postcode",
        "municipality": "Municipality code",
        "municipality_name": "Town",
        "household": "Household",
    },
}
SEXES: Mapping[str, Mapping[str, str]] = {
    "nl": {"F": "V", "M": "M", "X": "X"},
    "fr": {"F": "Femme", "M": "Homme", "X": "Autre"},
    "de": {"F": "weiblich", "M": "männlich", "X": "divers"},
    "en": {"F": "Female", "M": "Male", "X": "Other"},
}
DATES = {"nl": "{:%d/%m/%Y}", "fr": "{:%d-%m-%Y}", "de": "{:%d.%m.%Y}", "en": "{:%Y-%m-%d}"}
ENDINGS = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Office:
    """How an office writes: its language, and of a CSV encoding and delimiter."""

    language: str = "de"
    encoding: str = "utf-8"
    delimiter: str = ";"


def write_as(office: Office, residents: Sequence[Mapping[str, str]], path: Path) -> None:
    """Write residents as an office would, `.csv` or `.xlsx`.

    Parameters
    ----------
    office
        How it writes. What its encoding cannot write is lost, as it would be there: choose residents who fit.
    residents
        With the columns of `isegoria.register.REQUIRED`; others are left out.
    path
        What is written; replaced if it is there.
    """
    header = HEADERS[office.language]
    rows = [[_written(office, column, one[column]) for column in header] for one in residents]
    if path.suffix == ".xlsx":
        _workbook([list(header.values()), *rows], path)
        return
    with path.open("w", encoding=office.encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=office.delimiter, lineterminator="\r\n")
        writer.writerow(header.values())
        writer.writerows(rows)


def _written(office: Office, column: str, value: str) -> str:
    if column == "sex":
        return SEXES[office.language][value]
    if column == "birth_date" and value:
        return DATES[office.language].format(date.fromisoformat(value))
    return value


def _workbook(rows: Sequence[Sequence[str]], path: Path) -> None:
    import openpyxl  # noqa: PLC0415  # only for workbooks

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    for row in rows:
        sheet.append(list(row))
    book.save(path)
