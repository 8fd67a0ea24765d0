"""The sentences of the page about a lottery, in four languages; and how numbers are written in them."""

from __future__ import annotations

from typing import Literal

Language = Literal["nl", "fr", "de", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "fr", "de", "en")
_POINT = {"nl": ",", "fr": ",", "de": ",", "en": "."}
_THOUSANDS = {"nl": ".", "fr": "\u202f", "de": ".", "en": ","}
_SMALL = 0.01

PHRASES: dict[str, dict[Language, str]] = {
    "title": {
        "nl": "De loting: {size} plaatsen voor {people} mensen",
        "fr": "Le tirage au sort : {size} places pour {people} personnes",
        "de": "Die Auslosung: {size} Plätze für {people} Menschen",
        "en": "The lottery: {size} seats for {people} people",
    },
    "heading": {
        "nl": "{size} van de {people} mensen worden geloot; ieders kans is minstens {smallest}",
        "fr": "{size} personnes sur {people} seront tirées au sort ; chacune a au moins {smallest} de chances",
        "de": "{size} von {people} Menschen werden ausgelost; jeder hat eine Chance von mindestens {smallest}",
        "en": "{size} of {people} people will be drawn; everybody's chance is at least {smallest}",
    },
    "heading_never": {
        "nl": "{size} van de {people} mensen worden geloot; {never} van hen kunnen niet geloot worden",
        "fr": "{size} personnes sur {people} seront tirées au sort ; {never} d'entre elles ne peuvent pas l'être",
        "de": "{size} von {people} Menschen werden ausgelost; {never} von ihnen können nicht gezogen werden",
        "en": "{size} of {people} people will be drawn; {never} of them cannot be",
    },
    "never": {
        "nl": "Voor {never} mensen laten de quota geen plaats, hoe er ook geloot wordt. Alle anderen hebben minstens {smallest} kans.",
        "fr": "Les quotas ne laissent aucune place à {never} personnes, quel que soit le tirage. Toutes les autres ont au moins {smallest} de chances.",
        "de": "Für {never} Menschen lassen die Quoten keinen Platz, wie auch immer gelost wird. Alle anderen haben eine Chance von mindestens {smallest}.",
        "en": "The quotas leave no seat for {never} people, whatever the draw. Everybody else has a chance of at least {smallest}.",
    },
    "apart": {
        "nl": "{people} mensen wonen samen met anderen uit de pool of worden op verzoek niet samen met hen geloot: van zo'n groep wordt hoogstens één iemand geloot. Hun gemiddelde kans is {mean}.",
        "fr": "{people} personnes vivent avec d'autres personnes du vivier, ou ne doivent pas être tirées au sort avec elles : de chaque groupe de ce genre, une seule au plus est tirée. Leur chance moyenne est de {mean}.",
        "de": "{people} Menschen wohnen mit anderen aus dem Pool zusammen oder sollen nicht mit ihnen gezogen werden: Aus einer solchen Gruppe wird höchstens einer gezogen. Ihre mittlere Chance beträgt {mean}.",
        "en": "{people} people share a home with others of the pool or are not to be drawn with them: of such a group at most one person is drawn. Their mean chance is {mean}.",
    },
    "together": {
        "nl": "{people} mensen worden alleen samen met anderen geloot, of helemaal niet. Hun gemiddelde kans is {mean}.",
        "fr": "{people} personnes ne sont tirées au sort qu'avec d'autres, ou pas du tout. Leur chance moyenne est de {mean}.",
        "de": "{people} Menschen werden nur gemeinsam mit anderen gezogen oder gar nicht. Ihre mittlere Chance beträgt {mean}.",
        "en": "{people} people are drawn together with others or not at all. Their mean chance is {mean}.",
    },
    "whole_body": {
        "nl": "{staying} van de {whole} plaatsen zijn al bezet. Deze loting vult de andere {size}, zodat allen samen de quota halen; de quota hieronder gelden voor de plaatsen die geloot worden.",
        "fr": "{staying} des {whole} places sont déjà occupées. Ce tirage pourvoit les {size} autres, de sorte que tous ensemble respectent les quotas ; les quotas ci-dessous sont ceux des places tirées au sort.",
        "de": "{staying} von {whole} Plätzen sind schon besetzt. Diese Losziehung füllt die anderen {size}, so dass alle zusammen die Quoten erfüllen; die Quoten unten gelten für die Plätze, die ausgelost werden.",
        "en": "{staying} of {whole} seats are taken already. This lottery fills the other {size}, so that all together meet the quotas; the quotas below are those of the seats that are drawn.",
    },
    "body_excess": {
        "nl": "“{group}”: er zitten er al {count}, meer dan het maximum van {most}. Niemand van deze groep wordt nog geloot.",
        "fr": "« {group} » : {count} siègent déjà, plus que le maximum de {most}. Personne de ce groupe n'est plus tiré au sort.",
        "de": "„{group}“: {count} sitzen schon, mehr als das Maximum von {most}. Aus dieser Gruppe wird niemand mehr gezogen.",
        "en": "“{group}”: {count} sit already, more than the maximum of {most}. Nobody more of this group is drawn.",
    },
    "body_ahead": {
        "nl": "“{group}” krijgt bij deze loting {low} tot {high} plaatsen in plaats van {low_before} tot {high_before}: anders zouden de plaatsen die tegen {when} vrijkomen misschien niet te vullen zijn.",
        "fr": "« {group} » obtient à ce tirage de {low} à {high} places au lieu de {low_before} à {high_before} : sinon, les places qui se libèrent d'ici {when} pourraient ne pas être pourvues.",
        "de": "„{group}“ bekommt bei dieser Losziehung {low} bis {high} Plätze statt {low_before} bis {high_before}: Sonst könnten die Plätze, die bis {when} frei werden, vielleicht nicht besetzt werden.",
        "en": "“{group}” gets {low} to {high} seats in this lottery instead of {low_before} to {high_before}: otherwise it might be impossible to fill the seats that fall vacant until {when}.",
    },
    "leximin": {
        "nl": "Dit is de eerlijkste loting die de quota toelaten: de kleinste kans is zo groot als ze kan zijn, dan de op een na kleinste, en zo verder.",
        "fr": "C'est le tirage le plus équitable que permettent les quotas : la plus petite chance est aussi grande que possible, puis la suivante, et ainsi de suite.",
        "de": "Das ist die fairste Lotterie, die die Quoten zulassen: Die kleinste Chance ist so groß wie möglich, dann die zweitkleinste, und so weiter.",
        "en": "This is the fairest lottery that the quotas allow: the smallest chance is as large as it can be, then the next smallest, and so on.",
    },
    "maximin": {
        "nl": "De kleinste kans is zo groot als de quota toelaten.",
        "fr": "La plus petite chance est aussi grande que les quotas le permettent.",
        "de": "Die kleinste Chance ist so groß, wie die Quoten es zulassen.",
        "en": "The smallest chance is as large as the quotas allow.",
    },
    "cumulative": {
        "nl": "De kansen van vroegere lotingen en van deze zijn samen zo gelijk als de quota toelaten: wie tot nu toe de kleinste kans had, komt eerst.",
        "fr": "Les chances des tirages précédents et de celui-ci sont, ensemble, aussi égales que les quotas le permettent : d'abord ceux qui ont eu le moins de chances jusqu'ici.",
        "de": "Die Chancen früherer Auslosungen und dieser sind zusammen so gleich, wie die Quoten es zulassen: Wer bisher die kleinste Chance hatte, kommt zuerst.",
        "en": "The chances of earlier draws and of this one are together as equal as the quotas allow: whoever had the least so far comes first.",
    },
    "nash": {
        "nl": "Het product van alle kansen is zo groot als de quota toelaten.",
        "fr": "Le produit de toutes les chances est aussi grand que les quotas le permettent.",
        "de": "Das Produkt aller Chancen ist so groß, wie die Quoten es zulassen.",
        "en": "The product of all chances is as large as the quotas allow.",
    },
    "goldilocks": {
        "nl": "De kleinste en de grootste kans zijn tegen elkaar afgewogen: niemand heeft veel te weinig, niemand veel te veel.",
        "fr": "La plus petite et la plus grande chance sont mises en balance : personne n'a beaucoup trop peu, personne beaucoup trop.",
        "de": "Die kleinste und die größte Chance sind gegeneinander abgewogen: Niemand hat viel zu wenig, niemand viel zu viel.",
        "en": "The smallest and the largest chance are weighed against each other: nobody has far too little, nobody far too much.",
    },
    "legacy": {
        "nl": "Gemaakt met de oudere, stapsgewijze methode, om te vergelijken. Niets garandeert deze kansen.",
        "fr": "Fait avec l'ancienne méthode, pas à pas, à titre de comparaison. Rien ne garantit ces chances.",
        "de": "Mit dem älteren schrittweisen Verfahren erstellt, zum Vergleich. Nichts garantiert diese Chancen.",
        "en": "Made with the older step-by-step method, for comparison. Nothing guarantees these chances.",
    },
    "diversimax": {
        "nl": "Eén samenstelling, gekozen om haar menging. Niets garandeert eerlijke kansen.",
        "fr": "Une seule composition, choisie pour sa diversité. Rien ne garantit des chances équitables.",
        "de": "Eine einzige Zusammensetzung, gewählt wegen ihrer Mischung. Nichts garantiert faire Chancen.",
        "en": "One composition, chosen for its mix. Nothing guarantees fair chances.",
    },
    "people": {"nl": "Mensen", "fr": "Personnes", "de": "Menschen", "en": "People"},
    "pool_people": {
        "nl": "Mensen in de pool",
        "fr": "Personnes dans le vivier",
        "de": "Menschen im Pool",
        "en": "People in the pool",
    },
    "seats": {"nl": "Plaatsen", "fr": "Places", "de": "Plätze", "en": "Seats"},
    "smallest": {
        "nl": "Kleinste kans",
        "fr": "Plus petite chance",
        "de": "Kleinste Chance",
        "en": "Smallest chance",
    },
    "largest": {
        "nl": "Grootste kans",
        "fr": "Plus grande chance",
        "de": "Größte Chance",
        "en": "Largest chance",
    },
    "if_equal": {
        "nl": "Als iedereen gelijk was",
        "fr": "Si tous étaient égaux",
        "de": "Wären alle gleich",
        "en": "If all were equal",
    },
    "compositions": {
        "nl": "Samenstellingen in de trommel",
        "fr": "Compositions dans l'urne",
        "de": "Zusammensetzungen im Lostopf",
        "en": "Compositions in the hat",
    },
    "chances_heading": {
        "nl": "Ieders kans",
        "fr": "La chance de chacun",
        "de": "Die Chance jedes Einzelnen",
        "en": "Everybody's chance",
    },
    "one_dot": {
        "nl": "Elke stip is een mens.",
        "fr": "Chaque point est une personne.",
        "de": "Jeder Punkt ist ein Mensch.",
        "en": "Each dot is a person.",
    },
    "many_dots": {
        "nl": "Elke stip staat voor {count} mensen.",
        "fr": "Chaque point représente {count} personnes.",
        "de": "Jeder Punkt steht für {count} Menschen.",
        "en": "Each dot stands for {count} people.",
    },
    "chances_see": {
        "nl": "Hoe verder naar rechts, hoe groter de kans. Was iedereen gelijk, dan had ieder {mean} (de rechte lijn). De ene helft van de pool heeft hoogstens {median}, de andere minstens zoveel.",
        "fr": "Plus un point est à droite, plus la chance est grande. Si tous étaient égaux, chacun aurait {mean} (le trait vertical). Une moitié du vivier a au plus {median}, l'autre au moins autant.",
        "de": "Je weiter rechts, desto größer die Chance. Wären alle gleich, hätte jeder {mean} (der senkrechte Strich). Die eine Hälfte des Pools hat höchstens {median}, die andere mindestens so viel.",
        "en": "The further to the right, the larger the chance. If all were equal, everybody would have {mean} (the upright line). One half of the pool has at most {median}, the other half at least that.",
    },
    "chance": {"nl": "Kans", "fr": "Chance", "de": "Chance", "en": "Chance"},
    "range": {
        "nl": "{low} tot {high}",
        "fr": "de {low} à {high}",
        "de": "{low} bis {high}",
        "en": "{low} to {high}",
    },
    "groups_heading": {
        "nl": "De kans per groep",
        "fr": "La chance par groupe",
        "de": "Die Chance nach Gruppen",
        "en": "The chance by group",
    },
    "groups_see": {
        "nl": "De stip is de gemiddelde kans van een groep, de lijn loopt van de kleinste tot de grootste in die groep. De rechte lijn is {mean}, ieders kans als iedereen gelijk was. Een groep links daarvan heeft zich vaker aangemeld dan ze plaatsen krijgt.",
        "fr": "Le point est la chance moyenne d'un groupe, la ligne va de la plus petite à la plus grande dans ce groupe. Le trait vertical est {mean}, la chance de chacun si tous étaient égaux. Un groupe à gauche s'est porté candidat plus souvent qu'il n'a de places.",
        "de": "Der Punkt ist die mittlere Chance einer Gruppe, die Linie reicht von der kleinsten bis zur größten in ihr. Der senkrechte Strich ist {mean}, die Chance aller, wären alle gleich. Eine Gruppe links davon hat sich häufiger gemeldet, als sie Plätze bekommt.",
        "en": "The dot is the mean chance of a group, the line runs from the smallest to the largest in it. The upright line is {mean}, everybody's chance if all were equal. A group to the left of it volunteered more often than it has seats.",
    },
    "group": {"nl": "Groep", "fr": "Groupe", "de": "Gruppe", "en": "Group"},
    "mean_chance": {
        "nl": "Gemiddeld",
        "fr": "Moyenne",
        "de": "Mittel",
        "en": "Mean",
    },
    "from_to": {"nl": "Van–tot", "fr": "De–à", "de": "Von–bis", "en": "From–to"},
    "quotas_heading": {
        "nl": "De quota, de pool en het panel",
        "fr": "Les quotas, le vivier et le panel",
        "de": "Die Quoten, der Pool und das Panel",
        "en": "The quotas, the pool and the panel",
    },
    "quotas_see": {
        "nl": "De band toont hoeveel plaatsen een quotum toelaat, de volle stip hoeveel de groep er gemiddeld krijgt, de ring hoeveel ze er zou hebben als het panel op de pool leek.",
        "fr": "La bande montre combien de places un quota permet, le point plein combien le groupe en obtient en moyenne, l'anneau combien il en aurait si le panel ressemblait au vivier.",
        "de": "Das Band zeigt, wie viele Plätze eine Quote zulässt, der volle Punkt, wie viele die Gruppe im Mittel bekommt, der Ring, wie viele sie hätte, wenn das Panel dem Pool gliche.",
        "en": "The band shows how many seats a quota allows, the full dot how many the group gets on average, the ring how many it would have if the panel looked like the pool.",
    },
    "quota": {"nl": "Quotum", "fr": "Quota", "de": "Quote", "en": "Quota"},
    "as_pool": {"nl": "Als de pool", "fr": "Comme le vivier", "de": "Wie der Pool", "en": "Like the pool"},
    "expected": {"nl": "Verwacht", "fr": "Attendu", "de": "Erwartet", "en": "Expected"},
    "equal_heading": {
        "nl": "Hoe gelijk de kansen zijn",
        "fr": "À quel point les chances sont égales",
        "de": "Wie gleich die Chancen sind",
        "en": "How equal the chances are",
    },
    "equal_see": {
        "nl": "De mensen staan op een rij, de kleinste kans vooraan. Bij gelijke kansen zou de lijn recht zijn; hoe dieper ze doorhangt, hoe ongelijker. De helft met de kleinste kansen krijgt {half} van de plaatsen. De Gini-coëfficiënt is {gini}: 0 is gelijk, 1 is alles voor één.",
        "fr": "Les personnes sont alignées, la plus petite chance en premier. À chances égales, la ligne serait droite ; plus elle se creuse, plus l'inégalité est grande. La moitié aux plus petites chances obtient {half} des places. Le coefficient de Gini est {gini} : 0 est l'égalité, 1 tout pour une seule.",
        "de": "Die Menschen stehen in einer Reihe, die kleinste Chance vorn. Bei gleichen Chancen wäre die Linie gerade; je tiefer sie durchhängt, desto ungleicher. Die Hälfte mit den kleinsten Chancen bekommt {half} der Plätze. Der Gini-Koeffizient ist {gini}: 0 ist gleich, 1 ist alles für einen.",
        "en": "People stand in a row, the smallest chance first. With equal chances the line would be straight; the deeper it sags, the less equal they are. The half with the smallest chances gets {half} of the seats. The Gini coefficient is {gini}: 0 is equal, 1 is everything for one.",
    },
    "share_pool": {
        "nl": "Deel van de pool",
        "fr": "Part du vivier",
        "de": "Anteil am Pool",
        "en": "Share of the pool",
    },
    "share_seats": {
        "nl": "Deel van de plaatsen",
        "fr": "Part des places",
        "de": "Anteil an den Plätzen",
        "en": "Share of the seats",
    },
    "slack_heading": {
        "nl": "Wat één plaats meer speelruimte zou veranderen",
        "fr": "Ce qu'une place de marge en plus changerait",
        "de": "Was ein Platz mehr Spielraum ändern würde",
        "en": "What one more seat of room would change",
    },
    "slack_see": {
        "nl": "Quota zijn een beslissing over hoe het panel eruitziet. Dit is wat elk van hen de mensen met de kleinste kans kost. Niets wordt versoepeld zonder een beslissing met redenen.",
        "fr": "Les quotas sont une décision sur ce à quoi ressemble le panel. Voici ce que chacun coûte aux personnes qui ont la plus petite chance. Rien n'est assoupli sans une décision motivée.",
        "de": "Quoten sind eine Entscheidung darüber, wie das Panel aussieht. Das ist es, was jede von ihnen die Menschen mit der kleinsten Chance kostet. Nichts wird ohne begründete Entscheidung gelockert.",
        "en": "Quotas are a decision about what the panel looks like. This is what each of them costs the people with the smallest chance. Nothing is relaxed without a decision and its reasons.",
    },
    "slack_minimum": {
        "nl": "Had “{group}” {after} plaatsen nodig in plaats van {before}, dan kon de kleinste kans stijgen van {low} tot {high}.",
        "fr": "Si « {group} » avait besoin de {after} places au lieu de {before}, la plus petite chance pourrait passer de {low} à {high}.",
        "de": "Bräuchte „{group}“ {after} statt {before} Plätze, könnte die kleinste Chance von {low} auf {high} steigen.",
        "en": "If “{group}” needed {after} seats instead of {before}, the smallest chance could rise from {low} to {high}.",
    },
    "slack_maximum": {
        "nl": "Mocht “{group}” {after} plaatsen hebben in plaats van {before}, dan kon de kleinste kans stijgen van {low} tot {high}.",
        "fr": "Si « {group} » pouvait avoir {after} places au lieu de {before}, la plus petite chance pourrait passer de {low} à {high}.",
        "de": "Dürfte „{group}“ {after} statt {before} Plätze haben, könnte die kleinste Chance von {low} auf {high} steigen.",
        "en": "If “{group}” could have {after} seats instead of {before}, the smallest chance could rise from {low} to {high}.",
    },
    "slack_none": {
        "nl": "Geen enkel quotum zou, met één plaats speelruimte erbij, de kleinste kans groter maken.",
        "fr": "Aucun quota, assoupli d'une seule place, n'augmenterait la plus petite chance.",
        "de": "Keine einzelne Quote würde, um einen Platz gelockert, die kleinste Chance vergrößern.",
        "en": "No single quota, widened by one seat, would make the smallest chance larger.",
    },
    "slack_more": {
        "nl": "Nog {count} andere quota staan in de tabel.",
        "fr": "{count} autres quotas figurent dans le tableau.",
        "de": "{count} weitere Quoten stehen in der Tabelle.",
        "en": "{count} more quotas stand in the table.",
    },
    "today": {"nl": "Vandaag", "fr": "Aujourd'hui", "de": "Heute", "en": "Today"},
    "then": {
        "nl": "Met één plaats",
        "fr": "Avec une place",
        "de": "Mit einem Platz",
        "en": "With one seat",
    },
    "minimum": {
        "nl": "minstens {count}",
        "fr": "au moins {count}",
        "de": "mindestens {count}",
        "en": "at least {count}",
    },
    "maximum": {
        "nl": "hoogstens {count}",
        "fr": "au plus {count}",
        "de": "höchstens {count}",
        "en": "at most {count}",
    },
    "curve_heading": {
        "nl": "Wat een grotere kleinste kans kost",
        "fr": "Ce que coûte une plus petite chance plus grande",
        "de": "Was eine größere kleinste Chance kostet",
        "en": "What a larger smallest chance costs",
    },
    "curve_see": {
        "nl": "Geen loting ligt onder deze lijn. Wie de kleinste kans van {low} naar {high} brengt, moet aanvaarden dat de grootste stijgt van {from_largest} naar minstens {to_largest}. De ring is deze loting: {smallest} en {largest}.",
        "fr": "Aucun tirage n'est sous cette ligne. Pour porter la plus petite chance de {low} à {high}, il faut accepter que la plus grande passe de {from_largest} à {to_largest} au moins. L'anneau est ce tirage : {smallest} et {largest}.",
        "de": "Keine Lotterie liegt unter dieser Linie. Wer die kleinste Chance von {low} auf {high} hebt, muss hinnehmen, dass die größte von {from_largest} auf mindestens {to_largest} steigt. Der Ring ist diese Lotterie: {smallest} und {largest}.",
        "en": "No lottery lies below this line. To raise the smallest chance from {low} to {high}, one must accept that the largest rises from {from_largest} to at least {to_largest}. The ring is this lottery: {smallest} and {largest}.",
    },
    "curve_point": {
        "nl": "De flatste loting is ook de eerlijkste: de kleinste kans is hoogstens {low}, en dan is de grootste minstens {from_largest}. Deze loting heeft {smallest} en {largest}.",
        "fr": "Le tirage le plus plat est aussi le plus équitable : la plus petite chance est d'au plus {low}, et la plus grande alors d'au moins {from_largest}. Ce tirage a {smallest} et {largest}.",
        "de": "Die flachste Lotterie ist auch die fairste: Die kleinste Chance ist höchstens {low}, und die größte dann mindestens {from_largest}. Diese Lotterie hat {smallest} und {largest}.",
        "en": "The flattest lottery is also the fairest: the smallest chance is at most {low}, and then the largest is at least {from_largest}. This lottery has {smallest} and {largest}.",
    },
    "types_heading": {
        "nl": "Elk soort mens, met zijn kans",
        "fr": "Chaque profil, avec sa chance",
        "de": "Jedes Profil mit seiner Chance",
        "en": "Every kind of person, with the chance",
    },
    "types_see": {
        "nl": "Wie dezelfde kenmerken heeft, heeft dezelfde kans. Er zijn {count} soorten. Een quotum is vol als elk mogelijk panel op zijn grens staat: op het minimum of op het maximum.",
        "fr": "Qui a les mêmes caractéristiques a la même chance. Il y a {count} profils. Un quota est atteint si chaque panel possible est à sa limite : au minimum ou au maximum.",
        "de": "Wer die gleichen Merkmale hat, hat die gleiche Chance. Es gibt {count} Profile. Eine Quote ist ausgeschöpft, wenn jedes mögliche Panel an ihrer Grenze steht: am Minimum oder am Maximum.",
        "en": "People with the same features have the same chance. There are {count} kinds. A quota is full where every possible panel stands at its limit: at its minimum or at its maximum.",
    },
    "types_first": {
        "nl": "Hier staan de {shown} met de kleinste kans; alle staan in types.csv.",
        "fr": "Voici les {shown} qui ont la plus petite chance ; tous figurent dans types.csv.",
        "de": "Hier stehen die {shown} mit der kleinsten Chance; alle stehen in types.csv.",
        "en": "Here are the {shown} with the smallest chance; all of them stand in types.csv.",
    },
    "full": {
        "nl": "Volle quota",
        "fr": "Quotas atteints",
        "de": "Ausgeschöpfte Quoten",
        "en": "Full quotas",
    },
    "none": {"nl": "geen", "fr": "aucun", "de": "keine", "en": "none"},
    "proof_heading": {
        "nl": "Waarom u het kunt geloven",
        "fr": "Pourquoi vous pouvez y croire",
        "de": "Warum Sie es glauben können",
        "en": "Why you can believe it",
    },
    "proof_checked": {
        "nl": "Het bestand lottery.json bevat een bewijs in gehele getallen: geen loting doet het meer dan {gap} beter. Voor deze pagina is het nagerekend, zonder het programma dat de loting vond.",
        "fr": "Le fichier lottery.json contient une preuve en nombres entiers : aucun tirage ne fait mieux de plus de {gap}. Elle a été vérifiée pour cette page, sans le programme qui a trouvé le tirage.",
        "de": "Die Datei lottery.json enthält einen Beweis in ganzen Zahlen: Keine Lotterie ist um mehr als {gap} besser. Er wurde für diese Seite nachgerechnet, ohne das Programm, das die Lotterie fand.",
        "en": "The file lottery.json holds a proof in whole numbers: no lottery does better by more than {gap}. It was checked for this page, without the programme that found the lottery.",
    },
    "proof_partly": {
        "nl": "Het bestand lottery.json bevat een bewijs: geen loting doet het meer dan {gap} beter. Een deel ervan is te lang om op te schrijven en steunt op het woord van het rekenprogramma.",
        "fr": "Le fichier lottery.json contient une preuve : aucun tirage ne fait mieux de plus de {gap}. Une partie est trop longue pour être écrite et repose sur la parole du logiciel de calcul.",
        "de": "Die Datei lottery.json enthält einen Beweis: Keine Lotterie ist um mehr als {gap} besser. Ein Teil davon ist zu lang, um aufgeschrieben zu werden, und beruht auf dem Wort des Rechenprogramms.",
        "en": "The file lottery.json holds a proof: no lottery does better by more than {gap}. A part of it is too long to be written down and rests on the word of the solver.",
    },
    "proof_none": {
        "nl": "Er is geen bewijs: deze methode belooft niets over de kansen.",
        "fr": "Il n'y a pas de preuve : cette méthode ne promet rien sur les chances.",
        "de": "Es gibt keinen Beweis: Dieses Verfahren verspricht nichts über die Chancen.",
        "en": "There is no proof: this method promises nothing about the chances.",
    },
    "proof_panels": {
        "nl": "Elke van de {count} samenstellingen voldoet aan alle quota; dat is nageteld. Samen hebben ze {tickets} lotjes, elk even waarschijnlijk. Een openbaar toevalsgetal wijst er één aan.",
        "fr": "Chacune des {count} compositions respecte tous les quotas ; cela a été recompté. Ensemble elles ont {tickets} billets, tous aussi probables. Un nombre aléatoire public en désigne un.",
        "de": "Jede der {count} Zusammensetzungen erfüllt alle Quoten; das wurde nachgezählt. Zusammen haben sie {tickets} Lose, alle gleich wahrscheinlich. Eine öffentliche Zufallszahl bestimmt eines.",
        "en": "Each of the {count} compositions meets every quota; that was counted. Together they hold {tickets} tickets, all equally likely. A public random number points to one.",
    },
    "redo": {
        "nl": "Iedereen kan deze pagina opnieuw maken uit lottery.json:",
        "fr": "Chacun peut refaire cette page à partir de lottery.json :",
        "de": "Jeder kann diese Seite aus lottery.json neu erzeugen:",
        "en": "Anyone can make this page again from lottery.json:",
    },
    "names_nobody": {
        "nl": "Deze pagina noemt niemand. Gemaakt met Isegoria.",
        "fr": "Cette page ne nomme personne. Faite avec Isegoria.",
        "de": "Diese Seite nennt niemanden. Erstellt mit Isegoria.",
        "en": "This page names nobody. Made with Isegoria.",
    },
    "as_table": {
        "nl": "Hetzelfde als tabel",
        "fr": "La même chose en tableau",
        "de": "Dasselbe als Tabelle",
        "en": "The same as a table",
    },
}


def say(language: Language, key: str, /, **values: str) -> str:
    """Return a sentence with its values filled in."""
    return PHRASES[key][language].format(**values)


def whole(language: Language, number: int) -> str:
    """Return a whole number with the language's mark between thousands."""
    return f"{number:,}".replace(",", _THOUSANDS[language])


def decimal(language: Language, number: float, places: int) -> str:
    """Return a number with the language's decimal mark."""
    return f"{number:.{places}f}".replace(".", _POINT[language])


def percent(language: Language, share: float, places: int | None = None) -> str:
    """Return a share as per cent: with more decimals where it is small, so that it does not read as none."""
    if places is None:
        places = 3 if 0 < share < _SMALL / 10 else 2 if 0 < share < _SMALL else 1
    return f"{decimal(language, share * 100, places)}\u00a0%"
