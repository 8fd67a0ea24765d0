"""The sentences, names and titles in which a rule book is told, in four languages. Words only, no logic."""

from __future__ import annotations

from isegoria.rulebook.model import Language, Texts

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
    "consensus_more_than": {
        "nl": "Beslist bij consensus; lukt dat niet, met meer dan {share} van de stemmen.",
        "fr": "Décide par consensus ; à défaut, avec plus de {share} des voix.",
        "de": "Entscheidet im Konsens; gelingt er nicht, mit mehr als {share} der Stimmen.",
        "en": "Decides by consensus; failing that, with more than {share} of the votes.",
    },
    "consensus_alone": {
        "nl": "Beslist bij consensus.", "fr": "Décide par consensus.", "de": "Entscheidet im Konsens.",
        "en": "Decides by consensus.",
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
    "minority_days": {
        "nl": "Wie er anders over denkt, kan tot {count} dagen na de telling een minderheidsstandpunt laten afdrukken.",
        "fr": "Qui voit les choses autrement peut faire imprimer un avis minoritaire jusqu'à {count} jours après le dépouillement.",
        "de": "Wer es anders sieht, kann bis {count} Tage nach der Auszählung eine Minderheitsmeinung abdrucken lassen.",
        "en": "Who sees it differently can have a minority opinion printed until {count} days after the count.",
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
    "reminder_days": {
        "nl": "Wie na {days} dagen nog niet heeft geantwoord, krijgt een herinnering.",
        "fr": "Qui n'a pas répondu après {days} jours reçoit un rappel.",
        "de": "Wer nach {days} Tagen nicht geantwortet hat, wird erinnert.",
        "en": "Whoever has not answered after {days} days is reminded.",
    },
    "strata": {
        "nl": "De tweede loting let op: {names}.", "fr": "Le second tirage tient compte de : {names}.",
        "de": "Die zweite Auslosung achtet auf: {names}.", "en": "The second draw takes into account: {names}.",
    },
    "disclosure_open": {
        "nl": "Het openbare bewijs van de loting toont bij elke code de kenmerken.",
        "fr": "Le procès-verbal public du tirage montre les caractéristiques de chaque code.",
        "de": "Das öffentliche Protokoll der Auslosung zeigt zu jedem Code die Merkmale.",
        "en": "The public record of the draw shows the features of each code.",
    },
    "disclosure_sealed": {
        "nl": "Het openbare bewijs van de loting verzegelt zeldzame kenmerken; beëdigde waarnemers zien ze in.",
        "fr": "Le procès-verbal public du tirage scelle les caractéristiques rares ; des observateurs assermentés les consultent.",
        "de": "Das öffentliche Protokoll der Auslosung versiegelt seltene Merkmale; vereidigte Beobachter sehen sie ein.",
        "en": "The public record of the draw seals rare features; sworn observers see them.",
    },
    "challenge_days": {
        "nl": "Na een loting kan iedereen {days} dagen lang bezwaar maken.",
        "fr": "Après un tirage, chacun a {days} jours pour le contester.",
        "de": "Nach einer Auslosung kann jede und jeder {days} Tage lang Einspruch erheben.",
        "en": "After a draw anybody can object for {days} days.",
    },
    "decides": {
        "nl": "Over de thema's beslist: {text}.", "fr": "Choisit les thèmes : {text}.",
        "de": "Über die Themen entscheidet: {text}.", "en": "The themes are chosen by: {text}.",
    },
    "judges": {
        "nl": "Of een thema ontvankelijk is, beslist: {text}.", "fr": "Juge si un thème est recevable : {text}.",
        "de": "Ob ein Thema zulässig ist, entscheidet: {text}.", "en": "Whether a theme is admissible is judged by: {text}.",
    },
    "adopts_question": {
        "nl": "De vraag van het mandaat wordt aangenomen door: {text}.", "fr": "La question du mandat est adoptée par : {text}.",
        "de": "Die Frage des Mandats beschließt: {text}.", "en": "The mandate's question is adopted by: {text}.",
    },
    "follows_up": {
        "nl": "Over de antwoorden van de overheid oordeelt: {text}.", "fr": "Juge les réponses de l'autorité : {text}.",
        "de": "Über die Antworten der Behörde urteilt: {text}.", "en": "The authority's answers are judged by: {text}.",
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
    "mandate_range": {
        "nl": "Een mandaat duurt {low} tot {high} maanden.", "fr": "Un mandat dure de {low} à {high} mois.",
        "de": "Ein Mandat dauert {low} bis {high} Monate.", "en": "A mandate lasts {low} to {high} months.",
    },
    "rotation_part": {
        "nl": "{share} van de leden vertrekt {when}; wie het langst zetelt, gaat het eerst.", "fr": "{share} des membres part {when} ; les plus anciens d'abord.",
        "de": "{share} der Mitglieder scheidet {when} aus; die dienstältesten zuerst.", "en": "{share} of the members leave {when}; the longest serving go first.",
    },
    "rotation_whole": {
        "nl": "Alle leden vertrekken {when}.", "fr": "Tous les membres partent {when}.",
        "de": "Alle Mitglieder scheiden {when} aus.", "en": "All members leave {when}.",
    },
    "rotation_return": {
        "nl": "{count} leden blijven {when}; de andere zetels worden opnieuw geloot.", "fr": "{count} membres restent {when} ; les autres sièges sont tirés au sort à nouveau.",
        "de": "{count} Mitglieder bleiben {when}; die anderen Sitze werden neu ausgelost.", "en": "{count} members stay on {when}; the other seats are drawn anew.",
    },
    "rotation_cohorts": {
        "nl": "{count} mensen komen erbij {when}; evenveel vertrekken, wie het langst zetelt het eerst.", "fr": "{count} personnes entrent {when} ; autant partent, les plus anciens d'abord.",
        "de": "{count} Menschen kommen {when} hinzu; ebenso viele gehen, die dienstältesten zuerst.", "en": "{count} people enter {when}; as many leave, the longest serving first.",
    },
    "when_clock": {
        "nl": "om de {months} maanden", "fr": "tous les {months} mois",
        "de": "alle {months} Monate", "en": "every {months} months",
    },
    "when_assembly_closed": {
        "nl": "wanneer een burgervergadering afgesloten is", "fr": "quand une assemblée citoyenne est close",
        "de": "wenn eine Bürgerversammlung abgeschlossen ist", "en": "when a citizens' assembly is closed",
    },
    "when_cycle_closed": {
        "nl": "wanneer een cyclus afgesloten is", "fr": "quand un cycle est clos",
        "de": "wenn ein Zyklus abgeschlossen ist", "en": "when a cycle is closed",
    },
    "when_calendar_year": {
        "nl": "aan het begin van een kalenderjaar", "fr": "au début d'une année civile",
        "de": "zu Beginn eines Kalenderjahres", "en": "at the beginning of a calendar year",
    },
    "when_mandate_ended": {
        "nl": "wanneer het mandaat eindigt", "fr": "à la fin du mandat",
        "de": "am Ende des Mandats", "en": "when the mandate ends",
    },
    "not_drawn": {
        "nl": "Hierin wordt niemand geloot.", "fr": "Personne n'y est tiré au sort.",
        "de": "Hier wird niemand ausgelost.", "en": "Nobody is drawn by lot into it.",
    },
    "drawn_from": {
        "nl": "De leden worden geloot uit: {text}.", "fr": "Les membres sont tirés au sort parmi : {text}.",
        "de": "Die Mitglieder werden ausgelost aus: {text}.", "en": "Its members are drawn among: {text}.",
    },
    "kept": {
        "nl": "Minstens {count} zetels zijn voor: {text}.", "fr": "Au moins {count} sièges sont pour : {text}.",
        "de": "Mindestens {count} Sitze sind für: {text}.", "en": "At least {count} seats are for: {text}.",
    },
    "kept_exact": {
        "nl": "Precies {count} zetels zijn voor: {text}.", "fr": "Exactement {count} sièges sont pour : {text}.",
        "de": "Genau {count} Sitze sind für: {text}.", "en": "Exactly {count} seats are for: {text}.",
    },
    "kept_one": {
        "nl": "Minstens één zetel is voor: {text}.", "fr": "Au moins un siège est pour : {text}.",
        "de": "Mindestens ein Sitz ist für: {text}.", "en": "At least one seat is for: {text}.",
    },
    "kept_share": {
        "nl": "Minstens {share} van de zetels is voor: {text}.", "fr": "Au moins {share} des sièges sont pour : {text}.",
        "de": "Mindestens {share} der Sitze sind für: {text}.", "en": "At least {share} of the seats are for: {text}.",
    },
    "kept_share_exact": {
        "nl": "Precies {share} van de zetels is voor: {text}.", "fr": "Exactement {share} des sièges sont pour : {text}.",
        "de": "Genau {share} der Sitze sind für: {text}.", "en": "Exactly {share} of the seats are for: {text}.",
    },
    "kept_ages": {
        "nl": "Dat zijn mensen van {low} tot {high} jaar.", "fr": "Ce sont des personnes de {low} à {high} ans.",
        "de": "Das sind Menschen von {low} bis {high} Jahren.", "en": "These are people aged {low} to {high}.",
    },
    "others": {
        "nl": "Ook zetelen hier: {text}.", "fr": "Y siègent aussi : {text}.",
        "de": "Hier sitzen auch: {text}.", "en": "There also sit: {text}.",
    },
    "others_seats": {
        "nl": "Hun zetels: {low}.", "fr": "Leurs sièges : {low}.",
        "de": "Ihre Sitze: {low}.", "en": "Their seats: {low}.",
    },
    "others_range": {
        "nl": "Hun zetels: {low} tot {high}.", "fr": "Leurs sièges : de {low} à {high}.",
        "de": "Ihre Sitze: {low} bis {high}.", "en": "Their seats: {low} to {high}.",
    },
    "citizens_per_seat": {
        "nl": "Voor elk van hen zetelen er {count} burgers.", "fr": "Pour chacun d'eux siègent {count} citoyens.",
        "de": "Auf jedes von ihnen kommen {count} Bürgerinnen und Bürger.", "en": "For each of them there are {count} citizens.",
    },
    "others_binding": {
        "nl": "Hun stem beslist.", "fr": "Leur vote décide.",
        "de": "Ihre Stimme entscheidet.", "en": "Their vote decides.",
    },
    "others_consultative": {
        "nl": "Hun stem is een advies.", "fr": "Leur vote est un avis.",
        "de": "Ihre Stimme ist ein Rat.", "en": "Their vote is advice.",
    },
    "others_secret_yes": {
        "nl": "Zij stemmen geheim.", "fr": "Leur vote est secret.",
        "de": "Sie stimmen geheim ab.", "en": "They vote in secret.",
    },
    "others_secret_no": {
        "nl": "Zij stemmen openbaar.", "fr": "Leur vote est public.",
        "de": "Sie stimmen öffentlich ab.", "en": "They vote in public.",
    },
    "others_majority": {
        "nl": "Zij keuren goed met {share} van hun stemmen.", "fr": "Ils approuvent avec {share} de leurs voix.",
        "de": "Sie stimmen zu mit {share} ihrer Stimmen.", "en": "They approve with {share} of their votes.",
    },
    "others_more_than": {
        "nl": "Zij keuren goed met meer dan {share} van hun stemmen.",
        "fr": "Ils approuvent avec plus de {share} de leurs voix.",
        "de": "Sie stimmen zu mit mehr als {share} ihrer Stimmen.",
        "en": "They approve with more than {share} of their votes.",
    },
    "others_of_all": {
        "nl": "Gerekend wordt met allen, ook met wie niet stemt.",
        "fr": "On compte tous les membres, même ceux qui ne votent pas.",
        "de": "Gerechnet wird mit allen, auch mit denen, die nicht abstimmen.",
        "en": "The share is of all of them, also of those who do not vote.",
    },
    "others_quorum": {
        "nl": "Hun stemming geldt alleen als {share} van hen stemt.",
        "fr": "Leur vote ne vaut que si {share} d'entre eux votent.",
        "de": "Ihre Abstimmung gilt nur, wenn {share} von ihnen abstimmen.",
        "en": "Their vote counts only if {share} of them vote.",
    },
    "others_weight": {
        "nl": "Elk van hun stemmen telt als {count} stemmen van burgers.",
        "fr": "Chacune de leurs voix compte comme {count} voix de citoyens.",
        "de": "Jede ihrer Stimmen zählt wie {count} Stimmen von Bürgern.",
        "en": "Each of their votes counts as {count} votes of citizens.",
    },
    "together_each": {
        "nl": "Elke stemming die beslist, moet ja zeggen.", "fr": "Chaque vote qui décide doit dire oui.",
        "de": "Jede Abstimmung, die entscheidet, muss ja sagen.", "en": "Every vote that decides must say yes.",
    },
    "together_weighted": {
        "nl": "De stemmen van allen worden samengeteld.", "fr": "Les voix de tous sont additionnées.",
        "de": "Die Stimmen aller werden zusammengezählt.", "en": "The votes of all are added up.",
    },
    "binding": {
        "nl": "De stem van de burgers beslist.", "fr": "Le vote des citoyens décide.",
        "de": "Die Stimme der Bürger entscheidet.", "en": "The citizens' vote decides.",
    },
    "consultative": {
        "nl": "De stem van de burgers is een advies.", "fr": "Le vote des citoyens est un avis.",
        "de": "Die Stimme der Bürger ist ein Rat.", "en": "The citizens' vote is advice.",
    },
    "alternates_equal": {
        "nl": "Er worden evenveel plaatsvervangers als leden geloot.", "fr": "On tire au sort autant de suppléants que de membres.",
        "de": "Es werden so viele Ersatzmitglieder wie Mitglieder ausgelost.", "en": "As many alternates as members are drawn.",
    },
    "alternates": {
        "nl": "Er worden ook plaatsvervangers geloot: {count}.", "fr": "On tire aussi au sort des suppléants : {count}.",
        "de": "Es werden auch Ersatzmitglieder ausgelost: {count}.", "en": "Alternates are drawn as well: {count}.",
    },
    "cooling_off_body": {
        "nl": "Wie lid was, kan hier pas na {months} maanden opnieuw geloot worden.", "fr": "Un ancien membre ne peut y être tiré au sort à nouveau qu'après {months} mois.",
        "de": "Wer Mitglied war, kann hier erst nach {months} Monaten wieder ausgelost werden.", "en": "A former member can be drawn here again only after {months} months.",
    },
    "cooling_off_institution": {
        "nl": "Wie lid was, kan pas na {months} maanden voor een ander of hetzelfde orgaan geloot worden.", "fr": "Un ancien membre ne peut être tiré au sort pour aucun organe avant {months} mois.",
        "de": "Wer Mitglied war, kann erst nach {months} Monaten für irgendein Gremium ausgelost werden.", "en": "A former member can be drawn for any body only after {months} months.",
    },
    "most_terms": {
        "nl": "Hoe vaak iemand hoogstens lid kan zijn: {count}.", "fr": "Combien de fois on peut être membre, au plus : {count}.",
        "de": "Wie oft jemand höchstens Mitglied sein kann: {count}.", "en": "How often one person may be a member, at most: {count}.",
    },
    "replaced_until": {
        "nl": "Na bijeenkomst {count} blijft een lege zetel leeg.", "fr": "Après la réunion {count}, un siège vide reste vide.",
        "de": "Nach dem Treffen {count} bleibt ein leerer Sitz leer.", "en": "After meeting {count} an empty seat stays empty.",
    },
    "suspension": {
        "nl": "Een lid wordt geschorst, en behoudt de zetel: {text}", "fr": "Un membre est suspendu, et garde son siège : {text}",
        "de": "Ein Mitglied wird suspendiert und behält den Sitz: {text}", "en": "A member is suspended, and keeps the seat: {text}",
    },
    "exclusion": {
        "nl": "Een lid wordt uitgesloten: {text}", "fr": "Un membre est exclu : {text}",
        "de": "Ein Mitglied wird ausgeschlossen: {text}", "en": "A member is excluded: {text}",
    },
    "heard_yes": {
        "nl": "Vóór een uitsluiting wordt het lid gehoord.", "fr": "Avant une exclusion, le membre est entendu.",
        "de": "Vor einem Ausschluss wird das Mitglied gehört.", "en": "Before an exclusion the member is heard.",
    },
    "heard_no": {
        "nl": "Vóór een uitsluiting hoeft het lid niet te worden gehoord.", "fr": "Avant une exclusion, le membre n'est pas forcément entendu.",
        "de": "Vor einem Ausschluss muss das Mitglied nicht gehört werden.", "en": "Before an exclusion the member need not be heard.",
    },
    "public_names_yes": {
        "nl": "De naam van een lid is alleen openbaar als het lid dat wil.",
        "fr": "Le nom d'un membre n'est public que s'il le souhaite.",
        "de": "Der Name eines Mitglieds ist nur öffentlich, wenn es das wünscht.",
        "en": "A member's name is public only if the member wishes it.",
    },
    "public_names_no": {
        "nl": "De naam van een lid is nooit openbaar, ook niet als het lid dat wil.",
        "fr": "Le nom d'un membre n'est jamais public, même s'il le souhaite.",
        "de": "Der Name eines Mitglieds ist nie öffentlich, auch nicht auf Wunsch.",
        "en": "A member's name is never public, even if the member wishes it.",
    },
    "first_composition": {
        "nl": "De eerste leden: {text}", "fr": "Les premiers membres : {text}",
        "de": "Die ersten Mitglieder: {text}", "en": "The first members: {text}",
    },
    "choice_approval": {
        "nl": "Elk lid stemt voor alle thema's die het goed vindt; het thema met de meeste stemmen wint.",
        "fr": "Chaque membre approuve tous les thèmes qu'il souhaite ; le plus approuvé l'emporte.",
        "de": "Jedes Mitglied stimmt für alle Themen, die es gut findet; das mit den meisten Stimmen gewinnt.",
        "en": "Each member approves all themes that she likes; the most approved one wins.",
    },
    "choice_ranking": {
        "nl": "Elk lid rangschikt de thema's; wie elk ander thema in de vergelijking verslaat, wint.",
        "fr": "Chaque membre classe les thèmes ; celui qui l'emporte sur chaque autre gagne.",
        "de": "Jedes Mitglied ordnet die Themen; wer im Vergleich jedes andere schlägt, gewinnt.",
        "en": "Each member ranks the themes; the one that beats every other wins.",
    },
    "proposers": {
        "nl": "Voorstellen kunnen komen van: {names}.", "fr": "Peuvent proposer : {names}.",
        "de": "Vorschläge können kommen von: {names}.", "en": "Proposals may come from: {names}.",
    },
    "proposer_resident": {"nl": "inwoners", "fr": "habitants", "de": "Einwohnern", "en": "residents"},
    "proposer_association": {"nl": "verenigingen", "fr": "associations", "de": "Vereinen", "en": "associations"},
    "proposer_member": {"nl": "leden", "fr": "membres", "de": "Mitgliedern", "en": "members"},
    "proposer_authority": {"nl": "de overheid", "fr": "l'autorité", "de": "der Behörde", "en": "the authority"},
    "signatures_kept": {
        "nl": "Wie tekende, wordt {days} dagen na de laatste dag gewist; het aantal blijft.",
        "fr": "Les noms des signataires sont effacés {days} jours après le dernier jour ; le nombre reste.",
        "de": "Wer unterschrieben hat, wird {days} Tage nach dem letzten Tag gelöscht; die Zahl bleibt.",
        "en": "Who signed is erased {days} days after the last day; the number stays.",
    },
    "scheme_volunteer": {
        "nl": "De leden krijgen een forfait onder wettelijke plafonds, over alle organisaties samen.",
        "fr": "Les membres reçoivent un forfait sous des plafonds légaux, toutes organisations comprises.",
        "de": "Die Mitglieder erhalten eine Pauschale unter gesetzlichen Grenzen, über alle Organisationen zusammen.",
        "en": "Members get a lump sum under the ceilings of the law, over all organisations together.",
    },
    "scheme_fee": {
        "nl": "De leden krijgen een belastbare vergoeding.", "fr": "Les membres reçoivent une indemnité imposable.",
        "de": "Die Mitglieder erhalten eine steuerpflichtige Vergütung.", "en": "Members get a taxable fee.",
    },
    "scheme_costs": {
        "nl": "Alleen kosten met bewijs worden terugbetaald.", "fr": "Seuls les frais justifiés sont remboursés.",
        "de": "Nur belegte Kosten werden erstattet.", "en": "Only costs with receipts are paid back.",
    },
    "unit_person": {
        "nl": "De eerste loting wijst personen aan.", "fr": "Le premier tirage désigne des personnes.",
        "de": "Das erste Los fällt auf Personen.", "en": "The first draw falls on persons.",
    },
    "unit_household": {
        "nl": "De eerste loting wijst gezinnen aan.", "fr": "Le premier tirage désigne des ménages.",
        "de": "Das erste Los fällt auf Haushalte.", "en": "The first draw falls on households.",
    },
    "unit_address": {
        "nl": "De eerste loting wijst adressen aan.", "fr": "Le premier tirage désigne des adresses.",
        "de": "Das erste Los fällt auf Adressen.", "en": "The first draw falls on addresses.",
    },
    "unit_place": {
        "nl": "De eerste loting wijst plaatsen aan.", "fr": "Le premier tirage désigne des lieux.",
        "de": "Das erste Los fällt auf Orte.", "en": "The first draw falls on places.",
    },
    "unit_telephone": {
        "nl": "De eerste loting wijst telefoonnummers aan.", "fr": "Le premier tirage désigne des numéros de téléphone.",
        "de": "Das erste Los fällt auf Telefonnummern.", "en": "The first draw falls on telephone numbers.",
    },
    "eligibility": {
        "nl": "Voorwaarde: {text}.", "fr": "Condition : {text}.",
        "de": "Voraussetzung: {text}.", "en": "Condition: {text}.",
    },
    "signatory_age": {
        "nl": "Wie minstens {age} jaar is, mag tekenen.", "fr": "On peut signer à partir de {age} ans.",
        "de": "Unterschreiben darf, wer mindestens {age} Jahre alt ist.", "en": "Everybody aged {age} or over may sign.",
    },
    "collect_months": {
        "nl": "De handtekeningen worden binnen {months} maanden verzameld.", "fr": "Les signatures sont recueillies en {months} mois.",
        "de": "Die Unterschriften werden binnen {months} Monaten gesammelt.", "en": "The signatures are collected within {months} months.",
    },
    "verdict_months": {
        "nl": "Binnen {months} maanden wordt over een voorstel beslist.", "fr": "On décide d'une proposition dans les {months} mois.",
        "de": "Binnen {months} Monaten wird über einen Vorschlag entschieden.", "en": "A proposal is decided on within {months} months.",
    },
    "refused_reasons_yes": {
        "nl": "Wie een voorstel weigert, zegt in het openbaar waarom.", "fr": "Qui refuse une proposition dit publiquement pourquoi.",
        "de": "Wer einen Vorschlag ablehnt, sagt öffentlich, warum.", "en": "Whoever refuses a proposal says in public why.",
    },
    "refused_reasons_no": {
        "nl": "Een voorstel kan zonder redenen geweigerd worden.", "fr": "Une proposition peut être refusée sans motifs.",
        "de": "Ein Vorschlag kann ohne Gründe abgelehnt werden.", "en": "A proposal can be refused without reasons.",
    },
    "resubmit_months": {
        "nl": "Een geweigerd voorstel kan binnen {months} maanden opnieuw ingediend worden.", "fr": "Une proposition refusée peut être déposée à nouveau dans les {months} mois.",
        "de": "Ein abgelehnter Vorschlag kann binnen {months} Monaten neu eingereicht werden.", "en": "A refused proposal may be handed in again within {months} months.",
    },
    "first_meeting": {
        "nl": "De eerste bijeenkomst komt {low} tot {high} maanden na de beslissing.", "fr": "La première réunion a lieu de {low} à {high} mois après la décision.",
        "de": "Das erste Treffen kommt {low} bis {high} Monate nach der Entscheidung.", "en": "The first meeting comes {low} to {high} months after the decision.",
    },
    "answer_months": {
        "nl": "Het antwoord komt binnen {months} maanden.", "fr": "La réponse vient dans les {months} mois.",
        "de": "Die Antwort kommt binnen {months} Monaten.", "en": "The answer comes within {months} months.",
    },
    "final_months": {
        "nl": "Na {months} maanden wordt alles verantwoord.", "fr": "Après {months} mois, un bilan complet est rendu.",
        "de": "Nach {months} Monaten wird über alles Rechenschaft gegeben.", "en": "After {months} months there is an account of everything.",
    },
    "reasons_no": {
        "nl": "Een weigering kan zonder redenen.", "fr": "Un refus peut être sans motifs.",
        "de": "Eine Ablehnung braucht keine Gründe.", "en": "A refusal needs no reasons.",
    },
    "unpaid": {
        "nl": "De leden krijgen dit niet: {names}.", "fr": "Les membres ne reçoivent pas : {names}.",
        "de": "Die Mitglieder erhalten nicht: {names}.", "en": "Members do not get: {names}.",
    },
    "regime": {
        "nl": "De vergoeding volgt deze regeling: {text}.", "fr": "L'indemnité suit ce régime : {text}.",
        "de": "Die Entschädigung folgt dieser Regelung: {text}.", "en": "Members are paid under this rule: {text}.",
    },
    "covers": {
        "nl": "Vergoed wordt: {text}.", "fr": "Sont indemnisés : {text}.",
        "de": "Entschädigt wird: {text}.", "en": "Paid for: {text}.",
    },
    "amount": {
        "nl": "De vergoeding is {amount} euro {per}.", "fr": "L'indemnité est de {amount} euros {per}.",
        "de": "Die Entschädigung ist {amount} Euro {per}.", "en": "The allowance is {amount} euros {per}.",
    },
    "amount_limit": {
        "nl": "De vergoeding is hoogstens {amount} euro {per}.", "fr": "L'indemnité est d'au plus {amount} euros {per}.",
        "de": "Die Entschädigung ist höchstens {amount} Euro {per}.", "en": "The allowance is at most {amount} euros {per}.",
    },
    "amount_from": {
        "nl": "Dit bedrag geldt vanaf {day}.", "fr": "Ce montant vaut à partir du {day}.",
        "de": "Dieser Betrag gilt ab dem {day}.", "en": "This amount holds from {day}.",
    },
    "gross_yes": {
        "nl": "Er kan belasting op verschuldigd zijn.", "fr": "Il peut être soumis à l'impôt.",
        "de": "Er kann zu versteuern sein.", "en": "Tax may be due on it.",
    },
    "gross_no": {
        "nl": "Er is geen belasting op verschuldigd.", "fr": "Il n'est pas soumis à l'impôt.",
        "de": "Er ist steuerfrei.", "en": "No tax is due on it.",
    },
    "per_half_day": {
        "nl": "per halve dag", "fr": "par demi-journée",
        "de": "für einen halben Tag", "en": "for half a day",
    },
    "per_day": {
        "nl": "per dag", "fr": "par jour",
        "de": "am Tag", "en": "a day",
    },
    "per_meeting": {
        "nl": "per bijeenkomst", "fr": "par réunion",
        "de": "je Treffen", "en": "a meeting",
    },
    "per_year": {
        "nl": "per jaar", "fr": "par an",
        "de": "im Jahr", "en": "a year",
    },
    "blackout_bodies": {
        "nl": "De pauze geldt voor: {names}.", "fr": "La pause vaut pour : {names}.",
        "de": "Die Pause gilt für: {names}.", "en": "The pause holds for: {names}.",
    },
    "valid_from": {
        "nl": "Deze regels gelden vanaf {day}.", "fr": "Ces règles valent à partir du {day}.",
        "de": "Diese Regeln gelten ab dem {day}.", "en": "These rules hold from {day}.",
    },
    "valid_until": {
        "nl": "Deze regels golden tot {day}.", "fr": "Ces règles ont valu jusqu'au {day}.",
        "de": "Diese Regeln galten bis zum {day}.", "en": "These rules held until {day}.",
    },
    "ends_after": {
        "nl": "Na {count} bijeenkomsten was het afgelopen.", "fr": "Après {count} réunions, ce fut terminé.",
        "de": "Nach {count} Treffen war es zu Ende.", "en": "After {count} meetings it was over.",
    },
    "time_zone": {
        "nl": "Een dag eindigt om middernacht in de tijdzone {zone}.", "fr": "Une journée finit à minuit dans le fuseau {zone}.",
        "de": "Ein Tag endet um Mitternacht in der Zeitzone {zone}.", "en": "A day ends at midnight in the time zone {zone}.",
    },
    "unconfirmed": {
        "nl": "Dit weten we uit verslagen; de wettekst zelf is niet gelezen: {rules}.", "fr": "Ceci est connu par des récits ; le texte de loi n'a pas été lu : {rules}.",
        "de": "Dies ist aus Berichten bekannt; der Gesetzestext wurde nicht gelesen: {rules}.", "en": "This is known from accounts; the text of the law was not read: {rules}.",
    },
    "one_third": {
        "nl": "een derde", "fr": "un tiers",
        "de": "ein Drittel", "en": "one third",
    },
    "one_tenth": {
        "nl": "een tiende", "fr": "un dixième",
        "de": "ein Zehntel", "en": "one tenth",
    },
    "one_half": {
        "nl": "de helft", "fr": "la moitié",
        "de": "die Hälfte", "en": "half",
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
        "nl": "Nieuwe leden zetelen", "fr": "De nouveaux membres siègent",
        "de": "Neue Mitglieder rücken nach", "en": "New members take their seats",
    },
    "final_due": {
        "nl": "Het volledige verslag van de overheid moet er zijn", "fr": "Le bilan de l'autorité est dû",
        "de": "Der Rechenschaftsbericht der Behörde ist fällig", "en": "The authority's full account is due",
    },
    "ended": {
        "nl": "Het einde van de instelling", "fr": "La fin de l'institution",
        "de": "Das Ende der Einrichtung", "en": "The end of the institution",
    },
    "term_end": {
        "nl": "Laatste dag van een mandaat", "fr": "Dernier jour d'un mandat",
        "de": "Letzter Tag eines Mandats", "en": "Last day of a mandate",
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
    "weight": {"nl": "gewicht van een stem", "fr": "poids d'une voix", "de": "Gewicht einer Stimme", "en": "weight of a vote"},
    "of_all": {"nl": "waarvan het deel genomen wordt", "fr": "base de la part", "de": "wovon der Anteil gilt", "en": "of what the share is taken"},
    "together": {"nl": "hoe de stemmingen samen beslissen", "fr": "comment les votes décident ensemble", "de": "wie die Abstimmungen zusammen entscheiden", "en": "how the votes decide together"},
    "minority_days": {"nl": "termijn voor minderheidsstandpunten", "fr": "délai pour les avis minoritaires", "de": "Frist für Minderheitsmeinungen", "en": "days for minority opinions"},
    "abstention": {"nl": "onthoudingen", "fr": "abstentions", "de": "Enthaltungen", "en": "abstentions"},
    "quorum": {"nl": "quorum", "fr": "quorum", "de": "Beschlussfähigkeit", "en": "quorum"},
    "secret": {"nl": "geheime stemming", "fr": "vote secret", "de": "geheime Abstimmung", "en": "secret ballot"},
    "residence": {"nl": "woonplaats", "fr": "domicile", "de": "Wohnort", "en": "where one lives"},
    "nationality_required": {"nl": "nationaliteit", "fr": "nationalité", "de": "Staatsangehörigkeit", "en": "nationality"},
    "exclusions": {"nl": "uitsluitingen", "fr": "exclusions", "de": "Ausschlüsse", "en": "exclusions"},
    "letters": {"nl": "aantal brieven", "fr": "nombre de lettres", "de": "Zahl der Briefe", "en": "number of letters"},
    "reply_days": {"nl": "antwoordtermijn", "fr": "délai pour répondre", "de": "Frist zum Antworten", "en": "time to answer a letter"},
    "reminder_days": {"nl": "herinnering aan de brief", "fr": "rappel de la lettre", "de": "Erinnerung an den Brief", "en": "reminder of a letter"},
    "disclosure": {"nl": "openbaarheid van de loting", "fr": "publicité du tirage", "de": "Öffentlichkeit der Auslosung", "en": "disclosure of the draw"},
    "challenge_days": {"nl": "bezwaartermijn na een loting", "fr": "délai pour contester un tirage", "de": "Einspruchsfrist nach einer Auslosung", "en": "time to object to a draw"},
    "reserve": {"nl": "reserve", "fr": "réserve", "de": "Reserve", "en": "reserve"},
    "decides": {"nl": "wie het thema kiest", "fr": "qui choisit le thème", "de": "wer das Thema wählt", "en": "who chooses the theme"},
    "judges": {"nl": "wie over de ontvankelijkheid oordeelt", "fr": "qui juge de la recevabilité", "de": "wer über die Zulässigkeit urteilt", "en": "who judges whether a theme is admissible"},
    "adopts_question": {"nl": "wie de vraag van het mandaat aanneemt", "fr": "qui adopte la question du mandat", "de": "wer die Frage des Mandats beschließt", "en": "who adopts the mandate's question"},
    "follows_up": {"nl": "wie over de antwoorden oordeelt", "fr": "qui juge les réponses", "de": "wer über die Antworten urteilt", "en": "who judges the answers"},
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
    "blackout": {"nl": "pauze voor verkiezingen", "fr": "pause avant les élections", "de": "Pause vor Wahlen", "en": "pause before elections"},
    "age": {"nl": "leeftijd", "fr": "âge", "de": "Alter", "en": "age"},
    "sex": {"nl": "geslacht", "fr": "sexe", "de": "Geschlecht", "en": "sex"},
    "education": {"nl": "opleiding", "fr": "niveau d'études", "de": "Bildung", "en": "education"},
    "valid_from": {"nl": "eerste dag", "fr": "premier jour", "de": "erster Tag", "en": "first day"},
    "size": {"nl": "aantal zetels", "fr": "nombre de sièges", "de": "Zahl der Sitze", "en": "number of seats"},
    "alternates": {"nl": "plaatsvervangers", "fr": "suppléants", "de": "Ersatzmitglieder", "en": "alternates"},
    "suspension": {"nl": "schorsing van een lid", "fr": "suspension d'un membre", "de": "Suspendierung eines Mitglieds", "en": "suspension of a member"},
    "exclusion": {"nl": "uitsluiting van een lid", "fr": "exclusion d'un membre", "de": "Ausschluss eines Mitglieds", "en": "exclusion of a member"},
    "public_names": {"nl": "namen van leden in het openbaar", "fr": "noms des membres en public", "de": "Namen der Mitglieder in der Öffentlichkeit", "en": "members' names in public"},
    "exclusion_hearing": {"nl": "horen vóór een uitsluiting", "fr": "audition avant une exclusion", "de": "Anhörung vor einem Ausschluss", "en": "hearing before an exclusion"},
    "cooling_off": {"nl": "wachttijd voor oud-leden", "fr": "délai d'attente des anciens membres", "de": "Wartezeit für frühere Mitglieder", "en": "waiting time for former members"},
    "most_terms": {"nl": "hoe vaak iemand lid kan zijn", "fr": "combien de fois on peut être membre", "de": "wie oft jemand Mitglied sein kann", "en": "how often one may be a member"},
    "effect": {"nl": "of de stem beslist of een advies is", "fr": "si le vote décide ou est un avis", "de": "ob die Stimme entscheidet oder ein Rat ist", "en": "whether the vote decides or is advice"},
    "seats": {"nl": "aantal zetels", "fr": "nombre de sièges", "de": "Zahl der Sitze", "en": "number of seats"},
    "frame": {"nl": "lijst waaruit geloot wordt", "fr": "liste dont on tire au sort", "de": "Liste, aus der ausgelost wird", "en": "list from which people are drawn"},
    "age_min": {"nl": "leeftijd", "fr": "âge", "de": "Alter", "en": "age"},
    "strata": {"nl": "kenmerken voor de tweede loting", "fr": "caractéristiques du second tirage", "de": "Merkmale der zweiten Auslosung", "en": "features of the second draw"},
    "chosen_by": {"nl": "wie het thema kiest", "fr": "qui choisit le thème", "de": "wer das Thema wählt", "en": "who chooses the theme"},
    "verdict_months": {"nl": "termijn om over een voorstel te beslissen", "fr": "délai pour décider d'une proposition", "de": "Frist für die Entscheidung über einen Vorschlag", "en": "time to decide on a proposal"},
    "text": {"nl": "wat de overheid moet doen", "fr": "ce que doit l'autorité", "de": "was die Behörde schuldet", "en": "what the authority owes"},
    "answer_months": {"nl": "termijn voor het antwoord van de overheid", "fr": "délai de réponse de l'autorité", "de": "Frist für die Antwort der Behörde", "en": "deadline for the authority's answer"},
    "amounts": {"nl": "bedrag van de vergoeding", "fr": "montant de l'indemnité", "de": "Höhe der Entschädigung", "en": "amount of the allowance"},
    "childcare": {"nl": "kinderopvang", "fr": "garde d'enfants", "de": "Kinderbetreuung", "en": "childcare"},
    "geography": {"nl": "woonplaats", "fr": "domicile", "de": "Wohnort", "en": "where one lives"},
    "district": {"nl": "wijk", "fr": "quartier", "de": "Stadtteil", "en": "district"},
    "arrondissement": {"nl": "arrondissement", "fr": "arrondissement", "de": "Arrondissement", "en": "arrondissement"},
    "social_area": {"nl": "sociale wijk", "fr": "quartier social", "de": "Sozialraum", "en": "social area"},
    "area": {"nl": "wijk", "fr": "quartier", "de": "Wohngegend", "en": "area"},
    "language": {"nl": "taal", "fr": "langue", "de": "Sprache", "en": "language"},
    "socio_economic": {"nl": "sociaal-economische situatie", "fr": "situation socio-économique", "de": "soziale und wirtschaftliche Lage", "en": "social and economic situation"},
    "interest_in_climate": {"nl": "belangstelling voor het klimaat", "fr": "intérêt pour le climat", "de": "Interesse am Klima", "en": "interest in the climate"},
    "ethnicity": {"nl": "afkomst", "fr": "origine", "de": "Herkunft", "en": "ethnicity"},
    "disability": {"nl": "beperking", "fr": "handicap", "de": "Behinderung", "en": "disability"},
    "occupation": {"nl": "beroep", "fr": "profession", "de": "Beruf", "en": "occupation"},
    "nationality": {"nl": "nationaliteit", "fr": "nationalité", "de": "Staatsangehörigkeit", "en": "nationality"},
    "member_state": {"nl": "lidstaat", "fr": "État membre", "de": "Mitgliedstaat", "en": "member state"},
    "urban_rural": {"nl": "stad of platteland", "fr": "ville ou campagne", "de": "Stadt oder Land", "en": "town or country"},
}  # fmt: skip
"""Names of rules and of features."""

MONTHS: dict[Language, tuple[str, ...]] = {
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
}  # fmt: skip
"""Names of the months."""

PICTURE: dict[str, Texts] = {
    "legend": {"nl": "Een staaf is een lid, een stip wie begint; oranje: vroeger weggegaan. Bleke lijn: aandeel in de bevolking. Streepjes: verkiezingen.", "fr": "Une barre est un membre, un point son début ; orange : parti plus tôt. Ligne pâle : part dans la population. Tirets : élections.", "de": "Ein Balken ist ein Mitglied, ein Punkt sein Beginn; orange: früher gegangen. Blasse Linie: Anteil an der Bevölkerung. Gestrichelt: Wahlen.", "en": "A bar is a member, a dot the first day; orange: left early. Pale line: share of the population. Dashes: elections."},
    "description": {"nl": "De zetels over de jaren, elke staaf een lid; de samenstelling naast de bevolking; de kans van ieder.", "fr": "Les sièges au fil des ans, chaque barre un membre ; la composition à côté de la population ; les chances de chacun.", "de": "Die Sitze über die Jahre, jeder Balken ein Mitglied; die Zusammensetzung neben der Bevölkerung; die Chancen aller.", "en": "The seats over the years, each bar a member; the composition beside the population; everybody's chances."},
    "seats": {"nl": "de zetels", "fr": "les sièges", "de": "die Sitze", "en": "the seats"},
    "chances": {"nl": "Kans om intussen geloot te zijn, voor wie op elke brief ja zegt", "fr": "Chance d'avoir été tiré au sort, pour qui dit oui à chaque lettre", "de": "Chance, inzwischen ausgelost zu sein, für alle, die auf jeden Brief Ja sagen", "en": "Chance to have been drawn so far, for whoever says yes to every letter"},
    "mean": {"nl": "gemiddeld", "fr": "moyenne", "de": "im Mittel", "en": "mean"},
    "worst": {"nl": "kleinste groep", "fr": "groupe le plus bas", "de": "kleinste Gruppe", "en": "lowest group"},
    "best": {"nl": "grootste groep", "fr": "groupe le plus haut", "de": "größte Gruppe", "en": "highest group"},
    "election": {"nl": "verkiezingen", "fr": "élections", "de": "Wahlen", "en": "election"},
    "population": {"nl": "bevolking", "fr": "population", "de": "Bevölkerung", "en": "population"},
    "year": {"nl": "jaar", "fr": "année", "de": "Jahr", "en": "year"},
    "draws": {"nl": "De lotingen", "fr": "Les tirages au sort", "de": "Die Auslosungen", "en": "The draws"},
    "day": {"nl": "dag", "fr": "jour", "de": "Tag", "en": "day"},
    "body": {"nl": "orgaan", "fr": "organe", "de": "Gremium", "en": "body"},
    "draw": {"nl": "loting", "fr": "tirage", "de": "Auslosung", "en": "draw"},
    "letters": {"nl": "brieven", "fr": "lettres", "de": "Briefe", "en": "letters"},
    "pool": {"nl": "zeiden ja", "fr": "ont dit oui", "de": "sagten ja", "en": "said yes"},
    "drawn": {"nl": "zetels geloot", "fr": "sièges tirés", "de": "Sitze ausgelost", "en": "seats drawn"},
    "relaxed": {"nl": "zetels buiten quota", "fr": "sièges hors quotas", "de": "Sitze außerhalb der Quoten", "en": "seats outside quotas"},
    "smallest": {"nl": "kleinste kans", "fr": "plus petite chance", "de": "kleinste Chance", "en": "smallest chance"},
    "largest": {"nl": "grootste kans", "fr": "plus grande chance", "de": "größte Chance", "en": "largest chance"},
    "panel": {"nl": "nieuw", "fr": "nouveau", "de": "neu", "en": "new"},
    "rotation": {"nl": "vernieuwing", "fr": "renouvellement", "de": "Erneuerung", "en": "renewal"},
    "replacement": {"nl": "vervanging", "fr": "remplacement", "de": "Ersatz", "en": "replacement"},
    "answers": {"nl": "De antwoorden", "fr": "Les réponses", "de": "Die Antworten", "en": "The answers"},
    "report": {"nl": "overhandigd", "fr": "remis le", "de": "übergeben", "en": "handed over"},
    "due": {"nl": "antwoord uiterlijk", "fr": "réponse avant le", "de": "Antwort bis", "en": "answer due"},
    "answered": {"nl": "beantwoord", "fr": "répondu le", "de": "beantwortet", "en": "answered"},
    "late": {"nl": "dagen te laat", "fr": "jours de retard", "de": "Tage zu spät", "en": "days late"},
    "no_deadline": {"nl": "geen termijn", "fr": "aucun délai", "de": "keine Frist", "en": "no deadline"},
}  # fmt: skip
"""Words of the picture and the tables of a simulation."""
