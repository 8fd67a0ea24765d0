"""Names for invented residents: common ones, put together at random, so that nobody in particular is meant.

The lists are keyed by generation (given names) and by language or, for some, nationality (`tr`, `pl`, `ro`).
A hyphen between two parts of a family name stands for a space.
"""

from __future__ import annotations

GIVEN_F = {
    "old": "Maria Anna Elisabeth Margarethe Helene Gertrud Irma Hildegard Agnes Christine Edith Ursula Johanna Rosa "
    "Erika Marlene Brigitte Renate Ingrid Monika Karin Gisela Annemarie Doris Marianne Therese Katharina Leonie",
    "middle": "Claudia Sabine Martina Petra Nathalie Sandra Anja Nicole Nadine Stephanie Katja Véronique Isabelle "
    "Christelle Daniela Melanie Andrea Sonja Heike Manuela Tanja Bettina Sylvie Myriam Patricia Carine Els Ilse",
    "young": "Lea Emma Lara Mia Julie Laura Sarah Lisa Jana Céline Marie Elena Nora Alina Zoé Hannah Louise Clara Amélie "
    "Lena Yara Leyla Sofia Alice Chloé Elise Romy Fenna Maja Lotte Anouk",
}
GIVEN_M = {
    "old": "Josef Heinrich Peter Johann Paul Leo Hubert Karl Walter Werner Alfred Erich Nikolaus Wilhelm Ernst Günther "
    "Horst Manfred Helmut Klaus Bruno Reinhold Rudolf Egon Raymond Albert Hermann Roger",
    "middle": "Marc Patrick Thomas Michael Guido Ralf Stefan Frank Daniel Olivier Christian Sascha Jörg Andreas Dirk Marco "
    "Alain Philippe Bernd Sven Roland Harald Norbert Didier Kurt Joachim Wim Pascal",
    "young": "Luca Noah Leon Ben Elias Jonas Tom Max David Simon Julien Lukas Nico Felix Louis Théo Emil Yannick Robin "
    "Mohamed Emir Finn Mats Liam Samuel Arthur Jakob Milan Adam Levi Joris",
}
FAMILY = {
    "de": "Müller Schmitz Peters Heinen Kessler Schröder Lentz Pauels Mertes Thelen Kohnen Jost Weynand Reuter Palm "
    "Fank Goffart Heck Hilgers Jansen Kever Klinkenberg Küpper Laschet Maraite Meyer Niessen Orban Plumacher Radermacher "
    "Rauw Renardy Rotheudt Sarlette Scholl Schumacher Servais Theissen Velz Wiesemes Zimmermann Braun Drosch Faymonville "
    "Genten Hennen Hoffmann Johanns Keller Krings Langer Michels Noel Ohles Pankert Ramscheid Schoenen Solheid Trost",
    "fr": "Dubois Lambert Martin Dupont Leroy Simon Laurent Renard Denis Lejeune Collard Bastin Gillet Thiry Fontaine "
    "Remacle Lecocq Piron Marchal Hanssens Delvaux Benali Diallo El-Amrani Henrotte Jacquemin Delhez Pirard Wiertz",
    "nl": "Janssens Peeters Maes Willems Claes Goossens Wouters Jacobs Vermeulen Smits De-Vries Bakker Visser Van-Dijk",
    "en": "Smith Brown Taylor Silva Okafor Haddad Rossi Novak Petrov Singh Nguyen Murphy Costa",
    "tr": "Yılmaz Demir Kaya Çelik Şahin Yıldız Aydın Öztürk Arslan Doğan",
    "pl": "Nowak Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Mazur",
    "ro": "Popescu Ionescu Popa Dumitru Stan Gheorghe Rusu Munteanu",
}  # fmt: skip
GENERATIONS = (("young", 30), ("middle", 62), ("old", 200))
"""Lists of given names, and the age below which each holds."""
ABROAD = ("TR", "PL", "RO")
"""Nationalities with names of their own."""
STREETS = (
    "Aachener Straße", "Bahnhofstraße", "Hauptstraße", "Gospertstraße", "Klosterstraße", "Neustraße", "Malmedyer Straße",
    "Kirchstraße", "Schulstraße", "Am Bach", "Im Winkel", "Feldstraße", "Lindenweg", "Wiesenweg", "Mühlenweg", "Zum Venn",
    "Burgstraße", "Hochstraße", "Rathausplatz", "Sonnenhang", "Am Berg", "Heidberg", "Ringstraße", "Walhorner Straße",
    "Luxemburger Straße", "Prümer Straße", "Büllinger Straße", "Monschauer Straße", "Oestraße", "Judenstraße",
    "Zur Heide", "Tannenweg", "Rosenweg", "Birkenweg", "Dorfstraße", "Am Kreuz", "Auf dem Bühl", "Talstraße",
)  # fmt: skip


ABROAD_F = {
    "tr": "Ayşe Fatma Emine Hatice Zeynep Elif Merve Aylin Defne Selin",
    "pl": "Katarzyna Małgorzata Agnieszka Ewa Joanna Magdalena Zofia Hanna",
    "ro": "Ioana Elena Mihaela Andreea Cristina Alexandra Daria Ana",
}
ABROAD_M = {
    "tr": "Mehmet Mustafa Ahmet Ali Hüseyin Emre Murat Yusuf Kerem Can",
    "pl": "Piotr Krzysztof Andrzej Tomasz Paweł Marcin Jakub Szymon",
    "ro": "Andrei Mihai Ion Alexandru Gheorghe Cristian Ştefan Radu",
}


def _split(lists: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(name.replace("De-", "De ").replace("Van-", "Van ") for name in names.split())
        for key, names in lists.items()
    }


FAMILIES = _split(FAMILY)
GIVEN = {"F": _split(GIVEN_F | ABROAD_F), "M": _split(GIVEN_M | ABROAD_M)}


def family_names(nationality: str, language: str) -> tuple[str, ...]:
    """Return the family names that fit."""
    return FAMILIES.get(nationality.lower() if nationality in ABROAD else language, FAMILIES["de"])


def given_names(sex: str, age: int, nationality: str) -> tuple[str, ...]:
    """Return the given names that fit."""
    generation = next(name for name, until in GENERATIONS if age < until)
    return GIVEN[sex][nationality.lower() if nationality in ABROAD else generation]
