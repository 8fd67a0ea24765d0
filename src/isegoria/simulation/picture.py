"""A simulation to look at: seats, composition and chances over the years, as one SVG, and the same as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from isegoria.rulebook import Language, months_after, name_of
from isegoria.rulebook.phrases import PICTURE
from isegoria.simulation.record import Played, Simulation

WIDTH, LEFT, RIGHT = 960, 190, 40
LINE = 6
"""Height of a seat's line."""
BAND, GAP, HEAD = 120, 46, 62
LETTERS = 13
"""Height of a line's name."""
MOST_LINES = 120
"""Bodies with more seats show every so many-th of them."""
INK, PALE, ACCENT, SIGNAL, PAPER = "#1b1b18", "#c9c5bb", "#1f4e79", "#b4530a", "#fdfcf8"
DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 2", "12 4", "4 6", "8 2 2 2 2 2", "3 1")
MONTHS_APART = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the picture's content: a title, column names, rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(played: Simulation, language: Language = "en") -> tuple[Table, ...]:
    """Return what the picture shows as tables: composition by year, draws with their chances, answers.

    Parameters
    ----------
    played
        A simulation.
    language
        Of titles and columns.
    """
    return (
        *(_composition(played, body, language) for body in played.bodies),
        _chances(played, language),
        _draws(played, language),
        _answers(played, language),
    )


def cumulative_chances(played: Simulation) -> tuple[tuple[int, float, float, float], ...]:
    """Return for each year the chance to have been drawn by its end: of the mean, and of the worst and best group.

    It is the chance of somebody who could be drawn all the time and says yes to every letter:
    1 minus the product of 1 minus letter chance times mean chance in the pool, over the draws from letters. A group is a
    value of one feature, such as an age band.
    """
    years = range(played.scenario.start.year, played.scenario.start.year + played.scenario.years)
    by_letters = [draw for draw in played.draws if draw.letters]
    groups = sorted(set.intersection(*(set(draw.by_group) for draw in by_letters))) if by_letters else []
    found = []
    for year in years:
        so_far = [draw for draw in by_letters if draw.day.year <= year]
        mean = _at_least_once([draw.letter_chance * draw.mean for draw in so_far])
        own = [
            _at_least_once([draw.letter_chance * draw.by_group[group] for draw in so_far])
            for group in groups
        ]
        found.append((year, mean, min(own, default=mean), max(own, default=mean)))
    return tuple(found)


def _at_least_once(chances: Sequence[float]) -> float:
    never = 1.0
    for chance in chances:
        never *= 1 - chance
    return 1 - never


def picture(played: Simulation, language: Language = "en") -> str:
    """Return an SVG: for each body its seats and its composition over the years, below them everybody's chances.

    Notes
    -----
    Every line of seats is one seat, every bar a sitting, its dot the citizen who takes the seat. Composition lines are
    the members with each value, beside the population's share as a pale line. No colour alone tells anything: lines differ in
    their dashes and carry their names. Never shows a person: sittings have no names, and the people are invented.
    """
    return _Drawing(played, language).svg()


class _Drawing:
    """Puts one picture together from top to bottom."""

    def __init__(self, played: Simulation, language: Language) -> None:
        self.played, self.language = played, language
        self.start = played.scenario.start
        self.end = months_after(self.start, 12 * played.scenario.years)
        self.y = HEAD
        self.parts: list[str] = []

    def svg(self) -> str:
        for body in self.played.bodies:
            self.seats(body)
            for feature in list(self.played.shares[body])[:2]:
                self.composition(body, feature)
        self.chances()
        title = self.own(self.played.book.title)
        words = PICTURE["description"][self.language]
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y + 20}" role="img" '
            f'aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">'
            f'<title id="t">{escape(title)}</title><desc id="d">{escape(words)}</desc>'
            f'<rect width="{WIDTH}" height="{self.y + 20}" fill="{PAPER}"/>'
        )
        heading = f'<text x="20" y="32" font-size="20" font-weight="600">{escape(title)}</text>'
        legend = f'<text x="20" y="54">{escape(PICTURE["legend"][self.language])}</text>'
        return "\n".join([head, heading, legend, *self.parts, "</svg>"]) + "\n"

    # -- the three kinds of picture ----------------------------------------------------------------------
    def seats(self, key: str) -> None:
        sittings = [one for one in self.played.sittings if one.body == key]
        numbers = sorted({one.seat for one in sittings})
        shown = numbers[:: -(-len(numbers) // MOST_LINES) or 1]
        self.heading(f"{self.own(self.played.book.body(key).title)}: {PICTURE['seats'][self.language]}")
        top = self.y
        place = {seat: top + LINE * line + LINE / 2 for line, seat in enumerate(shown)}
        for one in sittings:
            if one.seat in place:
                x1, x2, y = self.x(one.first), self.x(one.last), place[one.seat]
                colour = SIGNAL if one.left == "dropped_out" else ACCENT
                self.add(f'<path d="M{x1:.1f} {y:.1f}H{x2:.1f}" stroke="{colour}" stroke-width="2"/>')
                self.add(f'<circle cx="{x1:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>')
        self.elections(top, LINE * len(shown))
        self.y += LINE * len(shown) + 6
        self.axis()

    def composition(self, key: str, feature: str) -> None:
        body = self.played.book.body(key)
        shares = self.played.shares[key][feature]
        self.heading(f"{self.own(body.title)}: {name_of(feature, self.language)}")
        top = self.y
        days = list(self.days())
        counts = [self.played.composition(key, day, feature) for day in days]
        most = max([max(each.values(), default=0) for each in counts] + [1])
        taken: list[float] = []
        for index, (value, share) in enumerate(shares.items()):
            points = [
                (self.x(day), self.up(top, each.get(value, 0) / most))
                for day, each in zip(days, counts, strict=True)
                if each
            ]
            if not points:
                continue
            size = max(sum(each.values()) for each in counts)
            level = self.up(top, min(1.0, share * size / most))
            self.add(f'<path d="M{LEFT} {level:.1f}H{WIDTH - RIGHT}" stroke="{PALE}"/>')
            self.add(self.line(points, ACCENT, DASHES[index % len(DASHES)]))
            self.label(value, level, taken, DASHES[index % len(DASHES)])
        self.elections(top, BAND)
        self.y += BAND
        self.axis()

    def chances(self) -> None:
        rows = cumulative_chances(self.played)
        self.heading(PICTURE["chances"][self.language])
        top, most = self.y, max([best for *_rest, best in rows] + [1e-9])
        taken: list[float] = []
        for place, (name, dash) in enumerate((("mean", ""), ("worst", "2 3"), ("best", "6 3"))):
            points = [(self.x(date(year, 12, 31)), self.up(top, row[place] / most)) for year, *row in rows]
            if points:
                self.add(self.line(points, INK if name == "mean" else ACCENT, dash))
                last = f"{PICTURE[name][self.language]} {rows[-1][place + 1]:.1%}"
                self.label(last, points[-1][1], taken, dash)
        self.y += BAND
        self.axis()

    # -- how it is drawn -----------------------------------------------------------------------------------
    def heading(self, text: str) -> None:
        self.y += 16
        self.add(f'<text x="20" y="{self.y}" font-size="14" font-weight="600">{escape(text)}</text>')
        self.y += 12

    def label(self, text: str, y: float, taken: list[float], dash: str) -> None:
        """Write a line's name with a piece of the line, below the names that stand there already."""
        while any(abs(y - other) < LETTERS for other in taken):
            y += 1
        taken.append(y)
        self.add(self.line([(LEFT - 30, y), (LEFT - 6, y)], ACCENT, dash))
        self.add(
            f'<text x="{LEFT - 36}" y="{y + 4:.1f}" text-anchor="end" font-size="11">{escape(text)}</text>'
        )

    def line(self, points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'

    def elections(self, top: float, height: float) -> None:
        for day in self.played.scenario.elections:
            if self.start <= day < self.end:
                x = self.x(day)
                self.add(
                    f'<path d="M{x:.1f} {top:.1f}v{height:.1f}" stroke="{SIGNAL}" stroke-dasharray="3 3">'
                    f"<title>{escape(PICTURE['election'][self.language])} {day}</title></path>"
                )

    def axis(self) -> None:
        self.add(f'<path d="M{LEFT} {self.y}H{WIDTH - RIGHT}" stroke="{INK}"/>')
        for year in range(self.start.year, self.end.year + 1):
            day = date(year, 1, 1)
            if self.start <= day <= self.end:
                self.add(
                    f'<text x="{self.x(day):.1f}" y="{self.y + 14}" text-anchor="middle" font-size="11">{year}</text>'
                )
        self.y += GAP - 16

    def add(self, part: str) -> None:
        self.parts.append(part)

    def x(self, day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.start).days / (self.end - self.start).days

    def up(self, top: float, share: float) -> float:
        return top + BAND * (1 - share)

    def days(self) -> Iterator[date]:
        count = 0
        while (day := months_after(self.start, count)) < self.end:
            yield day
            count += MONTHS_APART

    def own(self, texts: dict[Language, str]) -> str:
        return texts.get(self.language) or next(iter(texts.values()))


def _composition(played: Simulation, body: str, language: Language) -> Table:
    texts = played.book.body(body).title
    years = range(played.scenario.start.year, played.scenario.start.year + played.scenario.years)
    days = [played.last_day_of(body, year) for year in years]
    rows = [(name_of("seats", language), "", *(str(len(played.roster(body, day))) for day in days))]
    for feature, shares in played.shares[body].items():
        for value, share in shares.items():
            counts = [played.composition(body, day, feature).get(value, 0) for day in days]
            rows.append((f"{name_of(feature, language)}: {value}", f"{share:.1%}", *map(str, counts)))
    columns = ("", PICTURE["population"][language], *(str(year) for year in years))
    return Table(texts.get(language) or next(iter(texts.values())), columns, tuple(rows))


def _chances(played: Simulation, language: Language) -> Table:
    names = ("mean", "worst", "best")
    return Table(
        PICTURE["chances"][language],
        (PICTURE["year"][language], *(PICTURE[name][language] for name in names)),
        tuple(
            (str(year), *(f"{value:.2%}" for value in row))
            for year, *row in cumulative_chances(played)
        ),
    )  # fmt: skip


def _draws(played: Simulation, language: Language) -> Table:
    names = ("day", "body", "draw", "letters", "pool", "drawn", "relaxed", "smallest", "largest")
    return Table(
        PICTURE["draws"][language],
        tuple(PICTURE[name][language] for name in names),
        tuple(_draw_row(draw, language) for draw in played.draws),
    )


def _draw_row(draw: Played, language: Language) -> tuple[str, ...]:
    return (
        draw.day.isoformat(), draw.body, PICTURE[draw.kind][language], str(draw.letters), str(draw.pool),
        str(draw.seats), str(draw.relaxed), f"{draw.smallest:.1%}", f"{draw.largest:.1%}",
    )  # fmt: skip


def _answers(played: Simulation, language: Language) -> Table:
    names = ("body", "report", "due", "answered", "late")
    return Table(
        PICTURE["answers"][language],
        tuple(PICTURE[name][language] for name in names),
        tuple(
            (
                one.body,
                one.report.isoformat(),
                one.due.isoformat() if one.due else PICTURE["no_deadline"][language],
                one.answered.isoformat() if one.answered else "",
                str(one.days_late) if one.due else "",
            )
            for one in played.answers
        ),
    )
