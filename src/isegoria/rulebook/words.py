"""The statute in plain words, from the data; and what it does not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from isegoria.rulebook.model import Body, Decision, Language, Rotation, RuleBook, Rules, Texts

PHRASES: dict[str, Texts] = {
    "seats": {
        "nl": "{low} zetels", "fr": "{low} sièges", "de": "{low} Sitze", "en": "{low} seats",
    },
    "seats_range": {
        "nl": "{low} tot {high} zetels", "fr": "de {low} à {high} sièges", "de": "{low} bis {high} Sitze",
        "en": "{low} to {high} seats",
    },
    "mandate": {
        "nl": "Een mandaat duurt {months} maanden.", "fr": "Un mandat dure {months} mois.",
        "de": "Ein Mandat dauert {months} Monate.", "en": "A mandate lasts {months} months.",
    },
    "consensus": {
        "nl": "Beslist bij consensus; lukt dat niet, met {share} van de stemmen.",
        "fr": "Décide par consensus ; à défaut, avec {share} des voix.",
        "de": "Entscheidet im Konsens; gelingt er nicht, mit {share} der Stimmen.",
        "en": "Decides by consensus; failing that, with {share} of the votes.",
    },
    "majority": {
        "nl": "Beslist met {share} van de stemmen.", "fr": "Décide avec {share} des voix.",
        "de": "Entscheidet mit {share} der Stimmen.", "en": "Decides with {share} of the votes.",
    },
    "more_than": {
        "nl": "Beslist met meer dan {share} van de stemmen.", "fr": "Décide avec plus de {share} des voix.",
        "de": "Entscheidet mit mehr als {share} der Stimmen.", "en": "Decides with more than {share} of the votes.",
    },
    "age": {
        "nl": "Wie minstens {age} jaar is, kan geloot worden.",
        "fr": "Toute personne d'au moins {age} ans peut être tirée au sort.",
        "de": "Ausgelost werden kann, wer mindestens {age} Jahre alt ist.",
        "en": "Everybody aged {age} or over can be drawn.",
    },
    "letters": {
        "nl": "{letters} mensen krijgen een brief, door het lot.",
        "fr": "{letters} personnes reçoivent une lettre, par le sort.",
        "de": "{letters} Menschen bekommen durch das Los einen Brief.",
        "en": "{letters} people get a letter, by lot.",
    },
    "signatures": {
        "nl": "Inwoners kunnen met {count} handtekeningen een thema voorstellen.",
        "fr": "Les habitants peuvent proposer un thème avec {count} signatures.",
        "de": "Einwohner können mit {count} Unterschriften ein Thema vorschlagen.",
        "en": "Residents can propose a theme with {count} signatures.",
    },
    "answer_days": {
        "nl": "Het antwoord komt binnen {days} dagen.", "fr": "La réponse vient dans les {days} jours.",
        "de": "Die Antwort kommt innerhalb von {days} Tagen.", "en": "The answer comes within {days} days.",
    },
    "reasons": {
        "nl": "Een weigering moet met redenen omkleed zijn.", "fr": "Un refus doit être motivé.",
        "de": "Eine Ablehnung muss begründet werden.", "en": "A refusal needs reasons.",
    },
    "rotation_event": {
        "nl": "{share} van de leden vertrekt wanneer een burgervergadering afgesloten is; wie het langst zetelt, gaat het eerst.",
        "fr": "{share} des membres part quand une assemblée citoyenne est close ; les plus anciens d'abord.",
        "de": "{share} der Mitglieder scheidet aus, wenn eine Bürgerversammlung abgeschlossen ist; die dienstältesten zuerst.",
        "en": "{share} of the members leave when a citizens' assembly is closed; the longest serving go first.",
    },
    "rotation_clock": {
        "nl": "{share} van de leden vertrekt om de {months} maanden; wie het langst zetelt, gaat het eerst.",
        "fr": "{share} des membres part tous les {months} mois ; les plus anciens d'abord.",
        "de": "{share} der Mitglieder scheidet alle {months} Monate aus; die dienstältesten zuerst.",
        "en": "{share} of the members leave every {months} months; the longest serving go first.",
    },
    "enter": {
        "nl": "In hun plaats komen: {text}.", "fr": "Les remplacent : {text}.", "de": "Es folgen ihnen: {text}.",
        "en": "They are followed by: {text}.",
    },
    "entry_condition": {
        "nl": "Voorwaarde: {text}", "fr": "Condition : {text}", "de": "Voraussetzung: {text}", "en": "Condition: {text}",
    },
    "meetings": {
        "nl": "Bijeenkomsten: {count}.", "fr": "Réunions : {count}.", "de": "Treffen: {count}.", "en": "Meetings: {count}.",
    },
    "meetings_per_year": {
        "nl": "Bijeenkomsten per jaar: {count}.", "fr": "Réunions par an : {count}.", "de": "Treffen im Jahr: {count}.",
        "en": "Meetings a year: {count}.",
    },
    "per_calendar_year": {
        "nl": "Wordt {low} tot {high} keer per kalenderjaar samengeroepen.",
        "fr": "Convoquée de {low} à {high} fois par année civile.",
        "de": "Wird {low} bis {high} Mal im Kalenderjahr einberufen.",
        "en": "Is convened {low} to {high} times in a calendar year.",
    },
    "quorum": {
        "nl": "Beslist alleen als {share} van de leden stemt.", "fr": "Ne décide que si {share} des membres votent.",
        "de": "Entscheidet nur, wenn {share} der Mitglieder abstimmen.", "en": "Decides only if {share} of the members vote.",
    },
    "abstention_counted": {
        "nl": "Wie zich onthoudt, telt mee.", "fr": "Les abstentions comptent.", "de": "Enthaltungen zählen mit.",
        "en": "Abstentions count.",
    },
    "abstention_excluded": {
        "nl": "Wie zich onthoudt, telt niet mee.", "fr": "Les abstentions ne comptent pas.",
        "de": "Enthaltungen zählen nicht mit.", "en": "Abstentions do not count.",
    },
    "secret_yes": {
        "nl": "De stemming is geheim.", "fr": "Le vote est secret.", "de": "Die Abstimmung ist geheim.", "en": "The vote is secret.",
    },
    "secret_no": {
        "nl": "De stemming is open.", "fr": "Le vote est public.", "de": "Die Abstimmung ist offen.", "en": "The vote is open.",
    },
    "residence": {
        "nl": "Voorwaarde: {text}.", "fr": "Condition : {text}.", "de": "Voraussetzung: {text}.", "en": "Condition: {text}.",
    },
    "nationality_yes": {
        "nl": "De nationaliteit van het land is vereist.", "fr": "La nationalité du pays est requise.",
        "de": "Die Staatsangehörigkeit des Landes ist nötig.", "en": "The nationality of the country is required.",
    },
    "nationality_no": {
        "nl": "De nationaliteit speelt geen rol.", "fr": "La nationalité ne joue aucun rôle.",
        "de": "Die Staatsangehörigkeit spielt keine Rolle.", "en": "Nationality plays no part.",
    },
    "exclusions": {
        "nl": "Uitgesloten: {text}", "fr": "Exclus : {text}", "de": "Ausgeschlossen: {text}", "en": "Excluded: {text}",
    },
    "reply_days": {
        "nl": "Antwoorden kan {days} dagen lang.", "fr": "On a {days} jours pour répondre.",
        "de": "Antworten kann man {days} Tage lang.", "en": "There are {days} days to answer.",
    },
    "strata": {
        "nl": "De tweede loting let op: {names}.", "fr": "Le second tirage tient compte de : {names}.",
        "de": "Die zweite Auslosung achtet auf: {names}.", "en": "The second draw takes into account: {names}.",
    },
    "decides": {
        "nl": "Over de thema's beslist: {text}.", "fr": "Choisit les thèmes : {text}.",
        "de": "Über die Themen entscheidet: {text}.", "en": "The themes are chosen by: {text}.",
    },
    "proposal_form": {
        "nl": "Een voorstel bevat: {text}", "fr": "Une proposition contient : {text}", "de": "Ein Vorschlag enthält: {text}",
        "en": "A proposal holds: {text}",
    },
    "admissibility": {
        "nl": "Ontvankelijkheid van een thema: {text}", "fr": "Recevabilité d'un thème : {text}",
        "de": "Zulässigkeit eines Themas: {text}", "en": "Admissibility of a theme: {text}",
    },
    "review_months": {
        "nl": "De opvolging wordt na {months} maanden besproken.", "fr": "Le suivi est examiné après {months} mois.",
        "de": "Die Umsetzung wird nach {months} Monaten geprüft.", "en": "What was done is reviewed after {months} months.",
    },
    "pay": {
        "nl": "De leden krijgen: {names}.", "fr": "Les membres reçoivent : {names}.", "de": "Die Mitglieder erhalten: {names}.",
        "en": "Members get: {names}.",
    },
    "amount": {
        "nl": "De vergoeding bedraagt {amount} euro per dag.", "fr": "L'indemnité est de {amount} euros par jour.",
        "de": "Die Entschädigung beträgt {amount} Euro am Tag.", "en": "The allowance is {amount} euros a day.",
    },
    "blackout": {
        "nl": "In de {months} maanden voor verkiezingen wordt geen burgervergadering samengeroepen.",
        "fr": "Aucune assemblée n'est convoquée dans les {months} mois qui précèdent les élections.",
        "de": "In den {months} Monaten vor Wahlen wird keine Bürgerversammlung einberufen.",
        "en": "No assembly is convened in the {months} months before elections.",
    },
    "silent": {
        "nl": "Hierover zwijgt het statuut: {rules}.", "fr": "Le statut ne dit rien sur : {rules}.",
        "de": "Dazu schweigt das Statut: {rules}.", "en": "The statute is silent on: {rules}.",
    },
    "four_fifths": {"nl": "vier vijfde", "fr": "quatre cinquièmes", "de": "vier Fünfteln", "en": "four fifths"},
    "two_thirds": {"nl": "twee derde", "fr": "deux tiers", "de": "zwei Dritteln", "en": "two thirds"},
    "half": {"nl": "de helft", "fr": "la moitié", "de": "der Hälfte", "en": "half"},
    "part_third": {"nl": "Een derde", "fr": "Un tiers", "de": "Ein Drittel", "en": "One third"},
    "part_half": {"nl": "De helft", "fr": "La moitié", "de": "Die Hälfte", "en": "Half"},
}  # fmt: skip
"""Sentences with parameters."""

KINDS: dict[str, Texts] = {
    "letters": {
        "nl": "Loting van de brieven", "fr": "Tirage au sort des lettres", "de": "Auslosung der Briefe",
        "en": "Draw of the letters",
    },
    "reply_by": {
        "nl": "Laatste dag om te antwoorden", "fr": "Dernier jour pour répondre", "de": "Letzter Tag zum Antworten",
        "en": "Last day to answer",
    },
    "panel": {
        "nl": "Loting van het panel", "fr": "Tirage au sort du panel", "de": "Auslosung der Mitglieder", "en": "Draw of the panel",
    },
    "installation": {"nl": "Installatie", "fr": "Installation", "de": "Einsetzung", "en": "Installation"},
    "meeting": {"nl": "Bijeenkomst", "fr": "Réunion", "de": "Treffen", "en": "Meeting"},
    "report": {
        "nl": "Overhandiging van de aanbevelingen", "fr": "Remise des recommandations", "de": "Übergabe der Empfehlungen",
        "en": "Recommendations handed over",
    },
    "answer_due": {
        "nl": "Het antwoord van de overheid moet er zijn", "fr": "La réponse de l'autorité est due",
        "de": "Die Antwort der Behörde ist fällig", "en": "The authority's answer is due",
    },
    "review": {
        "nl": "Openbare opvolging", "fr": "Suivi public", "de": "Öffentliche Nachverfolgung", "en": "Public follow-up",
    },
    "rotation": {
        "nl": "Vernieuwing van een vast orgaan", "fr": "Renouvellement d'un organe permanent",
        "de": "Erneuerung eines ständigen Gremiums", "en": "Renewal of a standing body",
    },
    "extract_erased": {
        "nl": "Het registeruittreksel is gewist", "fr": "L'extrait du registre est effacé",
        "de": "Der Registerauszug ist gelöscht", "en": "The register extract is erased",
    },
    "silent_erased": {
        "nl": "Wie niet antwoordde, is gewist", "fr": "Ceux qui n'ont pas répondu sont effacés",
        "de": "Wer nicht geantwortet hat, ist gelöscht", "en": "Those who did not answer are erased",
    },
    "pool_erased": {
        "nl": "Wie niet geloot werd, is gewist", "fr": "Ceux qui n'ont pas été tirés au sort sont effacés",
        "de": "Wer nicht ausgelost wurde, ist gelöscht", "en": "Those who were not drawn are erased",
    },
    "members_erased": {
        "nl": "De adressen van de leden zijn gewist", "fr": "Les adresses des membres sont effacées",
        "de": "Die Adressen der Mitglieder sind gelöscht", "en": "The members' addresses are erased",
    },
    "blackout": {
        "nl": "Begin van de pauze voor de verkiezingen", "fr": "Début de la pause avant les élections",
        "de": "Beginn der Pause vor den Wahlen", "en": "The pause before the elections begins",
    },
    "election": {"nl": "Verkiezingen", "fr": "Élections", "de": "Wahlen", "en": "Elections"},
}  # fmt: skip
"""What happens on a day of the calendar."""

NAMES: dict[str, Texts] = {
    "appointing": {"nl": "wie de loting houdt", "fr": "qui organise le tirage", "de": "wer die Auslosung durchführt", "en": "who runs the draw"},
    "secretariat": {"nl": "secretariaat", "fr": "secrétariat", "de": "Sekretariat", "en": "secretariat"},
    "mandate_months": {"nl": "duur van het mandaat", "fr": "durée du mandat", "de": "Dauer des Mandats", "en": "length of the mandate"},
    "mandate": {"nl": "duur van het mandaat", "fr": "durée du mandat", "de": "Dauer des Mandats", "en": "length of the mandate"},
    "task": {"nl": "opdracht", "fr": "mission", "de": "Aufgabe", "en": "task"},
    "rotation": {"nl": "vernieuwing", "fr": "renouvellement", "de": "Erneuerung", "en": "renewal"},
    "every_months": {"nl": "tijdstip van de vernieuwing", "fr": "moment du renouvellement", "de": "Zeitpunkt der Erneuerung", "en": "time of the renewal"},
    "trigger": {"nl": "tijdstip van de vernieuwing", "fr": "moment du renouvellement", "de": "Zeitpunkt der Erneuerung", "en": "time of the renewal"},
    "enter": {"nl": "wie erbij komt", "fr": "qui entre", "de": "wer nachfolgt", "en": "who enters"},
    "entry_condition": {"nl": "bijzondere voorwaarde om te zetelen", "fr": "condition particulière pour siéger", "de": "besondere Voraussetzung für einen Sitz", "en": "special condition for a seat"},
    "meetings": {"nl": "aantal bijeenkomsten", "fr": "nombre de réunions", "de": "Zahl der Treffen", "en": "number of meetings"},
    "meetings_per_year": {"nl": "bijeenkomsten per jaar", "fr": "réunions par an", "de": "Treffen im Jahr", "en": "meetings a year"},
    "per_calendar_year": {"nl": "hoe vaak per jaar", "fr": "combien de fois par an", "de": "wie oft im Jahr", "en": "how often a year"},
    "threshold": {"nl": "meerderheid", "fr": "majorité", "de": "Mehrheit", "en": "majority"},
    "abstention": {"nl": "onthoudingen", "fr": "abstentions", "de": "Enthaltungen", "en": "abstentions"},
    "quorum": {"nl": "quorum", "fr": "quorum", "de": "Beschlussfähigkeit", "en": "quorum"},
    "secret": {"nl": "geheime stemming", "fr": "vote secret", "de": "geheime Abstimmung", "en": "secret ballot"},
    "residence": {"nl": "woonplaats", "fr": "domicile", "de": "Wohnsitz", "en": "residence"},
    "nationality_required": {"nl": "nationaliteit", "fr": "nationalité", "de": "Staatsangehörigkeit", "en": "nationality"},
    "exclusions": {"nl": "uitsluitingen", "fr": "exclusions", "de": "Ausschlüsse", "en": "exclusions"},
    "letters": {"nl": "aantal brieven", "fr": "nombre de lettres", "de": "Zahl der Briefe", "en": "number of letters"},
    "reply_days": {"nl": "antwoordtermijn", "fr": "délai pour répondre", "de": "Frist zum Antworten", "en": "time to answer a letter"},
    "reserve": {"nl": "reserve", "fr": "réserve", "de": "Reserve", "en": "reserve"},
    "decides": {"nl": "wie het thema kiest", "fr": "qui choisit le thème", "de": "wer das Thema wählt", "en": "who chooses the theme"},
    "may_propose": {"nl": "wie een thema mag voorstellen", "fr": "qui peut proposer un thème", "de": "wer ein Thema vorschlagen darf", "en": "who may propose a theme"},
    "proposal_form": {"nl": "vorm van een voorstel", "fr": "forme d'une proposition", "de": "Form eines Vorschlags", "en": "form of a proposal"},
    "resident_signatures": {"nl": "handtekeningen van inwoners", "fr": "signatures d'habitants", "de": "Unterschriften von Einwohnern", "en": "residents' signatures"},
    "admissibility": {"nl": "ontvankelijkheid", "fr": "recevabilité", "de": "Zulässigkeit", "en": "admissibility"},
    "answer_days": {"nl": "termijn voor het antwoord van de overheid", "fr": "délai de réponse de l'autorité", "de": "Frist für die Antwort der Behörde", "en": "deadline for the authority's answer"},
    "refusal_needs_reasons": {"nl": "motivering van een weigering", "fr": "motivation d'un refus", "de": "Begründung einer Ablehnung", "en": "reasons for a refusal"},
    "review_months": {"nl": "tijdstip van de opvolging", "fr": "moment du suivi", "de": "Zeitpunkt der Nachverfolgung", "en": "time of the follow-up"},
    "review": {"nl": "vorm van de opvolging", "fr": "forme du suivi", "de": "Form der Nachverfolgung", "en": "form of the follow-up"},
    "allowance": {"nl": "vergoeding", "fr": "indemnité", "de": "Entschädigung", "en": "allowance"},
    "travel": {"nl": "reiskosten", "fr": "frais de déplacement", "de": "Fahrtkosten", "en": "travel costs"},
    "car_insurance": {"nl": "autoverzekering", "fr": "assurance automobile", "de": "Autoversicherung", "en": "car insurance"},
    "amount_per_day_eur": {"nl": "bedrag van de vergoeding", "fr": "montant de l'indemnité", "de": "Höhe der Entschädigung", "en": "amount of the allowance"},
    "blackout": {"nl": "pauze voor verkiezingen", "fr": "pause avant les élections", "de": "Pause vor Wahlen", "en": "pause before elections"},
    "age": {"nl": "leeftijd", "fr": "âge", "de": "Alter", "en": "age"},
    "sex": {"nl": "geslacht", "fr": "sexe", "de": "Geschlecht", "en": "sex"},
    "education": {"nl": "opleiding", "fr": "niveau d'études", "de": "Bildung", "en": "education"},
}  # fmt: skip
"""Names of rules and of features."""

_SHARES = {Fraction(4, 5): "four_fifths", Fraction(2, 3): "two_thirds", Fraction(1, 2): "half"}
_PARTS = {Fraction(1, 3): "part_third", Fraction(1, 2): "part_half"}

Sentence = tuple[str, str]
"""Id of a rule, and what it says."""


def explain(book: RuleBook, language: Language = "en") -> tuple[Sentence, ...]:
    """Return the rule book in plain sentences, each with the id of its rule.

    Parameters
    ----------
    book
        The rules.
    language
        One of nl, fr, de, en; a text that the rule book lacks in it is given in another.

    Returns
    -------
    tuple of (str, str)
        Rule id and sentence, in the order of the rule book; the last, with the id `silent`, names what the
        statute leaves open.
    """
    return tuple(_Speaker(book, language).sentences())


def kind_in(kind: str, language: Language) -> str:
    """Return what happens on a day of the calendar."""
    return KINDS[kind][language]


def name_of(rule: str, language: Language) -> str:
    """Return the name of a rule (its id is a dotted path) or of a feature; the id itself if it has no name."""
    last = rule.rsplit(".", 1)[-1]
    return NAMES[last][language] if last in NAMES else last


class _Speaker:
    """Says a rule book in one language, part by part."""

    def __init__(self, book: RuleBook, language: Language) -> None:
        self.book = book
        self.language = language

    def sentences(self) -> Iterator[Sentence]:
        yield "legal_basis", f"{self.own(self.book.title)}. {self.book.legal_basis}."
        yield from self.written("", self.book, "appointing", "secretariat")
        for body in self.book.bodies:
            yield from self.body(body)
        yield from self.draw()
        yield from self.agenda()
        yield from self.duty()
        yield from self.pay()
        if self.book.blackout is not None:
            months = self.book.blackout.months_before_election
            yield "blackout.months_before_election", self.phrase("blackout", months=months)
        silent = [f"{name_of(rule, self.language)} ({rule})" for rule in self.book.silent()]
        if silent:
            yield "silent", self.phrase("silent", rules=", ".join(silent))

    def body(self, body: Body) -> Iterator[Sentence]:
        path = f"bodies.{body.key}."
        name = "seats" if body.size_min == body.size_max else "seats_range"
        seats = self.phrase(name, low=body.size_min, high=body.size_max)
        yield f"{path}size", f"{self.own(body.title)}: {seats}."
        yield from self.written(path, body, "task")
        if body.mandate_months is not None:
            yield f"{path}mandate_months", self.phrase("mandate", months=body.mandate_months)
        yield from self.written(path, body, "mandate")
        yield from self.labelled(path, body, "entry_condition")
        if body.rotation is not None:
            yield from self.rotation(body.rotation, f"{path}rotation.")
        for rule in ("meetings", "meetings_per_year"):
            if getattr(body, rule) is not None:
                yield f"{path}{rule}", self.phrase(rule, count=getattr(body, rule))
        if body.per_calendar_year is not None:
            low, high = body.per_calendar_year
            yield f"{path}per_calendar_year", self.phrase("per_calendar_year", low=low, high=high)
        yield from self.decision(body.decision, f"{path}decision.")

    def rotation(self, rotation: Rotation, path: str) -> Iterator[Sentence]:
        part = _PARTS.get(rotation.share)
        share = self.phrase(part) if part else str(rotation.share)
        if rotation.trigger is not None:
            yield f"{path}trigger", self.phrase("rotation_event", share=share)
        else:
            months = rotation.every_months
            yield f"{path}every_months", self.phrase("rotation_clock", share=share, months=months)
        yield from self.labelled(path, rotation, "enter")

    def decision(self, decision: Decision, path: str) -> Iterator[Sentence]:
        if decision.threshold is not None:
            name = (
                "consensus"
                if decision.consensus_first
                else "more_than"
                if decision.more_than
                else "majority"
            )
            yield f"{path}threshold", self.phrase(name, share=self.share(decision.threshold))
        if decision.quorum is not None:
            yield f"{path}quorum", self.phrase("quorum", share=self.share(decision.quorum))
        if decision.abstention is not None:
            yield f"{path}abstention", self.phrase(f"abstention_{decision.abstention}")
        if decision.secret is not None:
            yield f"{path}secret", self.phrase("secret_yes" if decision.secret else "secret_no")

    def draw(self) -> Iterator[Sentence]:
        draw = self.book.draw
        yield from self.written("draw.", draw, "frame")
        yield "draw.age_min", self.phrase("age", age=draw.age_min)
        yield from self.labelled("draw.", draw, "residence")
        if draw.nationality_required is not None:
            phrase = "nationality_yes" if draw.nationality_required else "nationality_no"
            yield "draw.nationality_required", self.phrase(phrase)
        yield from self.labelled("draw.", draw, "exclusions")
        if draw.letters is not None:
            yield "draw.letters", self.phrase("letters", letters=draw.letters)
        if draw.reply_days is not None:
            yield "draw.reply_days", self.phrase("reply_days", days=draw.reply_days)
        if draw.strata:
            yield "draw.strata", self.phrase("strata", names=self.names(draw.strata))
        yield from self.written("draw.", draw, "reserve")

    def agenda(self) -> Iterator[Sentence]:
        agenda = self.book.agenda
        if agenda.decides is not None:
            decides = self.own(self.book.body(agenda.decides).title)
            yield "agenda.decides", self.phrase("decides", text=decides)
        yield from self.written("agenda.", agenda, "may_propose")
        if agenda.resident_signatures is not None:
            yield "agenda.resident_signatures", self.phrase("signatures", count=agenda.resident_signatures)
        yield from self.labelled("agenda.", agenda, "proposal_form", "admissibility")

    def duty(self) -> Iterator[Sentence]:
        duty = self.book.duty
        yield from self.written("duty.", duty, "text")
        if duty.answer_days is not None:
            yield "duty.answer_days", self.phrase("answer_days", days=duty.answer_days)
        if duty.refusal_needs_reasons:
            yield "duty.refusal_needs_reasons", self.phrase("reasons")
        if duty.review_months is not None:
            yield "duty.review_months", self.phrase("review_months", months=duty.review_months)
        yield from self.written("duty.", duty, "review")

    def pay(self) -> Iterator[Sentence]:
        pay = self.book.pay
        covered = [rule for rule in ("allowance", "travel", "car_insurance") if getattr(pay, rule)]
        if covered:
            yield "pay", self.phrase("pay", names=self.names(covered))
        if pay.amount_per_day_eur is not None:
            yield "pay.amount_per_day_eur", self.phrase("amount", amount=pay.amount_per_day_eur)

    def written(self, path: str, table: Rules, *rules: str) -> Iterator[Sentence]:
        """Yield the rule book's own words."""
        for rule in rules:
            if getattr(table, rule):
                yield f"{path}{rule}", self.own(getattr(table, rule))

    def labelled(self, path: str, table: Rules, *rules: str) -> Iterator[Sentence]:
        """Yield the rule book's own words after ours."""
        for rule in rules:
            if getattr(table, rule):
                yield f"{path}{rule}", self.phrase(rule, text=self.own(getattr(table, rule)))

    def names(self, rules: Iterable[str]) -> str:
        return ", ".join(name_of(rule, self.language) for rule in rules)

    def share(self, share: Fraction) -> str:
        named = _SHARES.get(share)
        return self.phrase(named) if named else str(share)

    def phrase(self, name: str, **values: object) -> str:
        return PHRASES[name][self.language].format(**values)

    def own(self, texts: Texts) -> str:
        return texts.get(self.language) or next(iter(texts.values()))
