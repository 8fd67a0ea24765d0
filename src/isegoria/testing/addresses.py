"""One home, and the ways in which people write its address in Dutch, French, German and English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

STREETS: dict[str, tuple[tuple[str, ...], ...]] = {
    "nl": (
        ("Kerkstraat", "KERKSTRAAT", "Kerkstr.", "kerk-straat"),
        ("Onze-Lieve-Vrouwstraat", "O.L.V.-straat", "OLV straat"),
        ("Gentsesteenweg", "Gentse Steenweg", "Gentse stwg."),
        ("Sint-Pietersplein", "St.-Pietersplein", "Sint Pieterspln"),
        ("Burgemeester Maxlaan", "Burg. Maxlaan", "burgem. Maxlaan"),
        ("Kerklaan",),
    ),
    "fr": (
        ("Rue de l'Église", "RUE DE L’EGLISE", "r. de l'Eglise", "rue de l’église"),
        ("Boulevard Saint-Michel", "Bd St Michel", "bld. St-Michel"),
        ("Rue du Docteur Roux", "rue du Dr Roux", "R. du Dr. Roux"),
        ("Chaussée de Wavre", "Chée de Wavre", "chaussee de wavre"),
        ("Chemin de Wavre", "Chem. de Wavre"),
        ("Rue du 11 Novembre", "r. du 11 novembre"),
    ),
    "de": (
        ("Hauptstraße", "Hauptstr.", "HAUPTSTRASSE", "Haupt-Straße"),
        ("Aachener Straße", "Aachener Str.", "Aachenerstraße"),
        ("Müllerplatz", "Muellerplatz", "MÜLLERPLATZ"),
        ("Straße des 17. Juni", "Str. des 17. Juni"),
        ("Am Bach", "AM BACH"),
        ("Hauptplatz",),
    ),
    "en": (
        ("Mill Street", "Mill St.", "MILL STREET", "mill st"),
        ("St John's Road", "Saint John's Rd", "St. Johns Road"),
        ("Oak Drive", "Oak Dr.", "OAK DRIVE"),
        ("Park Avenue", "Park Ave", "Pk. Av."),
        ("Mill Lane", "Mill Ln"),
    ),
}
"""By language: streets that are all different, each in several spellings."""
_BOX = {"nl": "bus", "fr": "boîte", "de": "Box", "en": "box"}
_BOXES = {
    "nl": ("bus {}", "Bus {}", "/{}"),
    "fr": ("bte {}", "boîte {}", "Bte. {}", "/{}"),
    "de": ("/{}",),
    "en": ("Box {}",),
}
_FLOORS = {
    "nl": ("{}e verdieping", "verd. {}"),
    "fr": ("{}e étage", "étage {}"),
    "de": ("{}. Stock", "{}. OG"),
    "en": ("{}th floor", "floor {}"),
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives: language, street (its place in `STREETS`), house number, letter, box and floor.

    `letter`, `box` and `floor` may be empty or None.
    """

    language: str
    street: int
    number: int
    letter: str = ""
    box: str = ""
    floor: int | None = None


def writings(home: Home) -> Iterator[str]:
    """Yield the ways in which the address of a home may be written."""
    numbers = [f"{home.number}{home.letter}"]
    if home.letter:
        numbers += [f"{home.number} {home.letter.upper()}"]
    boxes = (
        [form.format(home.box) for form in (*_BOXES[home.language], f"{_BOX[home.language]} {{}}")]
        if home.box
        else [""]
    )
    floors = (
        [form.format(home.floor) for form in _FLOORS[home.language]] if home.floor is not None else [""]
    )
    spellings = STREETS[home.language][home.street]
    for street, number, box, floor in product(spellings, numbers, boxes, floors):
        behind = number + box if box.startswith("/") else f"{number} {box}"
        yield f"{street} {behind}{', ' * bool(floor)}{floor}".strip()
        yield f"{street}, {behind}  {', ' * bool(floor)}{floor}"
        if not any(sign.isdigit() for sign in street):
            yield f"{behind.strip()}, {street}{', ' * bool(floor)}{floor}"
