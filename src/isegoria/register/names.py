"""Names for invented residents: common ones, put together at random, so that nobody in particular is meant."""

from __future__ import annotations

GIVEN_F = {
    "old": "Maria Anna Elisabeth Margarethe Helene Gertrud Irma Hildegard Agnes Christine Edith Ursula Johanna Rosa "
    "Erika Marlene Brigitte Renate Ingrid Monika Karin Gisela Annemarie Doris Marianne Therese Katharina Leonie",
    "middle": "Claudia Sabine Martina Petra Nathalie Sandra Anja Nicole Nadine Stephanie Katja Véronique Isabelle "
    "Christelle Daniela Melanie Andrea Sonja Heike Manuela Tanja Bettina Sylvie Myriam Patricia Carine Els Ilse",
    "young": "Lea Emma Lara Mia Julie Laura Sarah Lisa Jana Céline Marie Elena Nora Alina Zoé Hannah Louise Clara Amélie "
    "Lena Yara Leyla Sofia Aylin Chloé Elise Romy Fenna Maja Lotte Anouk",
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
    "Remacle Lecocq Piron Marchal Hanssens Yilmaz Demir El-Amrani Benali Diallo",
    "nl": "Janssens Peeters Maes Willems Claes Goossens Wouters Jacobs Vermeulen Smits De-Vries Bakker Visser",
    "en": "Smith Brown Taylor Nowak Kowalski Popescu Silva Okafor Haddad Rossi Novak Petrov Singh Nguyen",
}  # fmt: skip
STREETS = (
    "Aachener Straße", "Bahnhofstraße", "Hauptstraße", "Gospertstraße", "Klosterstraße", "Neustraße", "Malmedyer Straße",
    "Kirchstraße", "Schulstraße", "Am Bach", "Im Winkel", "Feldstraße", "Lindenweg", "Wiesenweg", "Mühlenweg", "Zum Venn",
    "Burgstraße", "Hochstraße", "Rathausplatz", "Sonnenhang", "Am Berg", "Heidberg", "Ringstraße", "Walhorner Straße",
    "Luxemburger Straße", "Prümer Straße", "Büllinger Straße", "Monschauer Straße", "Oestraße", "Judenstraße",
    "Zur Heide", "Tannenweg", "Rosenweg", "Birkenweg", "Dorfstraße", "Am Kreuz", "Auf dem Bühl", "Talstraße",
)  # fmt: skip


def split(names: str) -> tuple[str, ...]:
    """Return the names of a list; a hyphen that stands for a space becomes one in `De Vries` alone."""
    return tuple(name.replace("De-", "De ") for name in names.split())
