"""The few words that a plan of letters and a letter to a home need, in four languages."""

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

INSIDE: Mapping[str, Words] = {
    "list": {
        "en": "This invitation is for one person of {age} or over who lives at this address, chosen by lot. Write down "
        "everybody of {age} or over who lives here, from the oldest to the youngest, and number them from 1. Find the number "
        "of people on your list, and beside it the number of the person who is invited: {pairs}. If there are more than "
        "{most}, please call us. The invitation cannot be passed on.",
        "de": "Diese Einladung gilt einer Person ab {age} Jahren, die an dieser Adresse wohnt, bestimmt durch das Los. "
        "Schreiben Sie alle auf, die hier wohnen und mindestens {age} Jahre alt sind, von der ältesten bis zur jüngsten "
        "Person, und nummerieren Sie sie ab 1. Suchen Sie die Zahl der Personen auf Ihrer Liste; daneben steht die Nummer "
        "der eingeladenen Person: {pairs}. Sind es mehr als {most}, rufen Sie uns bitte an. Die Einladung ist nicht "
        "übertragbar.",
        "fr": "Cette invitation s'adresse à une seule personne de {age} ans ou plus qui habite à cette adresse, désignée par "
        "tirage au sort. Notez toutes les personnes de {age} ans ou plus qui habitent ici, de la plus âgée à la plus jeune, "
        "et numérotez-les à partir de 1. Cherchez le nombre de personnes de votre liste ; à côté figure le numéro de la "
        "personne invitée : {pairs}. S'il y en a plus de {most}, appelez-nous. L'invitation ne peut pas être cédée.",
        "nl": "Deze uitnodiging is voor één persoon van {age} jaar of ouder die op dit adres woont, aangewezen door loting. "
        "Schrijf iedereen van {age} jaar of ouder op die hier woont, van de oudste tot de jongste, en nummer ze vanaf 1. "
        "Zoek het aantal personen op uw lijst; daarnaast staat het nummer van de persoon die is uitgenodigd: {pairs}. Zijn "
        "het er meer dan {most}, bel ons dan. De uitnodiging kan niet worden doorgegeven.",
    },
    "birthday": {
        "en": "This invitation is for one person: of all those of {age} or over who live at this address, the one whose "
        "birthday comes next. The invitation cannot be passed on.",
        "de": "Diese Einladung gilt einer einzigen Person: unter allen ab {age} Jahren, die an dieser Adresse wohnen, der "
        "Person, die als Nächste Geburtstag hat. Die Einladung ist nicht übertragbar.",
        "fr": "Cette invitation s'adresse à une seule personne : parmi toutes celles de {age} ans ou plus qui habitent à cette "
        "adresse, celle dont l'anniversaire vient en premier. L'invitation ne peut pas être cédée.",
        "nl": "Deze uitnodiging is voor één persoon: van iedereen van {age} jaar of ouder die op dit adres woont, degene die "
        "als eerste jarig is. De uitnodiging kan niet worden doorgegeven.",
    },
}
