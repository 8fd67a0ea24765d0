"""What the tests of the back office share: browsers by role, addresses, a register, texts in forms."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Institution

HEADER = (
    "id,given_name,family_name,sex,birth_date,language,street,house_number,postcode,municipality,"
    "municipality_name,household"
)
FEATURES = """feature,value,population,origin,matches,feature_de,value_de,feature_en,value_en
sex,F,,sex,F,Geschlecht,Frauen,Sex,Women
sex,M,,sex,M,Geschlecht,Männer,Sex,Men
age,16-44,,age,16-44,Alter,16 bis 44 Jahre,Age,16 to 44
age,45plus,,age,45+,Alter,45 und älter,Age,45 and over
schooling,low,400,declared,,Abschluss,ohne Abitur,Schooling,none
schooling,high,600,declared,,Abschluss,Abitur,Schooling,upper secondary
"""


@dataclass
class Staff:
    """Browsers of one institution, by role."""

    institution: Institution
    clients: dict[Role, Client]

    def get(self, role: Role, page: str, /, *args: object) -> HttpResponse:
        return self.clients[role].get(url(self.institution, page, *args))

    def post(self, role: Role, page: str, /, *args: object, **data: Any) -> HttpResponse:
        """Send a form as it is."""
        return self.clients[role].post(url(self.institution, page, *args), data)

    def act(self, role: Role, page: str, /, *args: object, **data: Any) -> HttpResponse:
        """Send a form and say yes to the page of warning, as a person does."""
        first = self.post(role, page, *args, **data)
        if first.status_code == 200 and b'name="confirmed"' in first.content:
            return self.post(role, page, *args, **data, confirmed="yes")
        return first


def url(institution: Institution, name: str, *args: object) -> str:
    return reverse(f"office:{name}", args=[institution.slug, *args])


def texts(name: str, text: str, languages: Iterable[str] = ("de", "en")) -> dict[str, str]:
    """A text in a form, in some of the institution's languages."""
    return {f"{name}_{code}": f"{text} ({code})" for code in languages}


def moment(name: str, at: dt.datetime) -> dict[str, str]:
    """A moment in a form; `at` is local."""
    return {f"{name}_day": at.strftime("%Y-%m-%d"), f"{name}_hour": at.strftime("%H:%M")}


def register_csv(count: int = 80) -> str:
    """A register of a small town: as many women as men, all ages from 20 to 79."""
    rows = [
        f"R{number:05d},Given{number},Family{number},{'FM'[number % 2]},{1947 + number % 60}-05-17,de,"
        f"Klosterstraße,{number},4700,63023,Eupen,H{number // 2:04d}"
        for number in range(count)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def numbers_of(page: bytes, **other: object) -> dict[str, object]:
    """What the form of numbers would send as it stands, with some of it changed."""
    html = page.decode()
    sent: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and "checked" not in tag):
            continue
        sent.setdefault(name[1], []).append(value[1] if value else "")  # type: ignore[union-attr]
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = [chosen[1] if chosen else ""]
    sent.pop("csrfmiddlewaretoken", None)
    return {**sent, **other}
