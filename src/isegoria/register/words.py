"""The few words that a plan of letters needs, in four languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "de", "fr", "nl"]
LANGUAGES: tuple[Language, ...] = ("en", "de", "fr", "nl")

Words = Mapping[Language, str]

PLAN: Mapping[str, Words] = {
    "title": {
        "en": "Wave {wave}: {letters} letters",
        "de": "Welle {wave}: {letters} Briefe",
        "fr": "Vague {wave} : {letters} lettres",
        "nl": "Golf {wave}: {letters} brieven",
    },
    "none": {
        "en": "Wave {wave}: no further letter is needed",
        "de": "Welle {wave}: Kein weiterer Brief ist nötig",
        "fr": "Vague {wave} : aucune autre lettre n'est nécessaire",
        "nl": "Golf {wave}: er is geen brief meer nodig",
    },
    "binding": {
        "en": "{stratum} needs the most letters.",
        "de": "{stratum} braucht die meisten Briefe.",
        "fr": "C'est {stratum} qui demande le plus de lettres.",
        "nl": "{stratum} heeft de meeste brieven nodig.",
    },
    "legend": {
        "en": "Dot: people expected in the pool. Bar: nine cases of ten. Tick: seats. Ring: candidates wanted.",
        "de": "Punkt: im Lostopf erwartete Personen. Balken: neun von zehn Fällen. Strich: Sitze. Ring: gewünschte Kandidaten.",
        "fr": "Point : personnes attendues dans la réserve. Barre : neuf cas sur dix. Trait : sièges. Anneau : candidats souhaités.",
        "nl": "Stip: verwachte kandidaten. Balk: negen van de tien gevallen. Streepje: zetels. Ring: gewenst aantal kandidaten.",
    },
    "stratum": {"en": "Stratum", "de": "Schicht", "fr": "Strate", "nl": "Stratum"},
    "seats": {"en": "Seats", "de": "Sitze", "fr": "Sièges", "nl": "Zetels"},
    "wanted": {"en": "Wanted", "de": "Gewünscht", "fr": "Souhaités", "nl": "Gewenst"},
    "brought": {"en": "So far", "de": "Bisher", "fr": "Déjà", "nl": "Tot nu"},
    "rate": {"en": "Yes rate", "de": "Zusagequote", "fr": "Taux de oui", "nl": "Ja-percentage"},
    "letters": {"en": "Letters", "de": "Briefe", "fr": "Lettres", "nl": "Brieven"},
    "needed": {"en": "Alone", "de": "Allein", "fr": "Seule", "nl": "Alleen"},
    "expected": {"en": "Expected", "de": "Erwartet", "fr": "Attendus", "nl": "Verwacht"},
    "interval": {"en": "Nine of ten", "de": "Neun von zehn", "fr": "Neuf sur dix", "nl": "Negen op tien"},
    "enough": {
        "en": "Seats can be filled",
        "de": "Sitze besetzbar",
        "fr": "Sièges pourvus",
        "nl": "Zetels te vullen",
    },
}
