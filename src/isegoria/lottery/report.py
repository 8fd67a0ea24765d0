"""One page that explains a lottery to everybody: pictures with the same content as tables, and the proof."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from isegoria.errors import BadInput
from isegoria.lottery import pictures
from isegoria.lottery.conflicts import MINIMUM
from isegoria.lottery.explain import Full, explained_types, shadow_prices
from isegoria.lottery.goldilocks import Corner
from isegoria.lottery.measures import linked_people, lorenz, measures
from isegoria.lottery.model import Lottery
from isegoria.lottery.report_style import STYLE
from isegoria.lottery.words import LANGUAGES, PHRASES, Language, decimal, percent, say, whole
from isegoria.pool import Quota

MOST_TYPES = 40
"""Rows of the table of types: a reader looks for herself, and types.csv has all of them."""
SENTENCES = 5
"""Shadow prices that are said in a sentence of their own; all stand in the table."""
AXIS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)

SEAL = (
    '<svg viewBox="0 0 28 28" aria-hidden="true" focusable="false">'
    + "".join(
        f'<circle cx="{14 + 10.5 * math.sin(turn * math.pi / 5):.1f}" '
        f'cy="{14 - 10.5 * math.cos(turn * math.pi / 5):.1f}" r="2.4"/>'
        for turn in range(10)
    )
    + "</svg>"
)


def report(lottery: Lottery, language: str = "en", curve: Sequence[Corner] = ()) -> str:
    """Return a self-contained HTML page about a lottery; it names nobody.

    Parameters
    ----------
    lottery
        As solved or rounded.
    language
        `nl`, `fr`, `de` or `en`.
    curve
        The corners of the fairness curve (`fairness_curve`), if they are to be shown.

    Raises
    ------
    BadInput
        `invalid_choice`, for another language; `certificate_wrong`, if the lottery's certificate is not one of ours.

    Notes
    -----
    Needs no network and no script, follows the reader's dark mode, prints. The certificate is checked while the page is
    made.
    """
    for known in LANGUAGES:
        if known == language:
            return _Page(lottery, known, tuple(curve)).whole()
    raise BadInput("invalid_choice", value=language, choices=", ".join(LANGUAGES))


def curve_picture(curve: Sequence[Corner]) -> str:
    """Return the fairness curve as an SVG file of its own, with both chances at each corner."""
    return pictures.curve_file([(corner.smallest, corner.largest) for corner in curve])


def types_table(lottery: Lottery) -> Iterator[list[str]]:
    """Yield a header, then each type: features, people, chance, and the full quotas that count it."""
    names = list(lottery.types[0].features)
    yield [*names, "people", "chance", "full_quotas"]
    for one in explained_types(lottery):
        full = "; ".join(
            f"{side.quota.feature}: {side.quota.value} {side.bound} {getattr(side.quota, side.bound)}"
            for side in (*one.held, *one.lifted)
        )
        yield [
            *(one.type.features[name] for name in names),
            str(one.type.count),
            f"{one.chance:.12f}",
            full,
        ]


@dataclass(frozen=True, slots=True)
class _Group:
    """The people of one quota."""

    quota: Quota
    people: int
    expected: float
    low: float
    high: float


class _Page:
    """The page of one lottery in one language."""

    def __init__(self, lottery: Lottery, language: Language, curve: tuple[Corner, ...]) -> None:
        self._lottery, self._language, self._curve = lottery, language, curve
        self._chances = [float(chance) for chance in lottery.type_chances()]
        self._counts = [one.count for one in lottery.types]
        self._people = lottery.people
        self._never = sum(
            count for count, chance in zip(self._counts, self._chances, strict=True) if not chance
        )
        self._mean = lottery.size / self._people
        self._numbers = measures(lottery)
        self._smallest = min(chance for chance in self._chances if chance)
        self._top = next(end for end in AXIS if end >= self._numbers.largest - 1e-12)

    def whole(self) -> str:
        title = self._say("title", size=self._whole(self._lottery.size), people=self._whole(self._people))
        sections = (
            self._opening(),
            self._everybody(),
            self._groups(),
            self._quotas(),
            self._equality(),
            self._slack(),
            self._trade(),
            self._types(),
            self._proof(),
        )
        body = "\n".join(part for section in sections for part in section)
        return (
            f'<!doctype html>\n<html lang="{self._language}"><head><meta charset="utf-8">'
            f'<title>{html.escape(title)}</title><meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{STYLE}</style></head>\n<body>\n<main>\n{body}\n</main>\n"
            f'<footer class="foot"><p>{html.escape(self._say("names_nobody"))}</p></footer>\n</body></html>\n'
        )

    # -- words ----------------------------------------------------------------------------------

    def _say(self, key: str, /, **values: str) -> str:
        return say(self._language, key, **values)

    def _percent(self, share: float, places: int | None = None) -> str:
        return percent(self._language, share, places)

    def _whole(self, number: int) -> str:
        return whole(self._language, number)

    def _heading(self, key: str) -> str:
        return f"<h2>{html.escape(self._say(key))}</h2>"

    def _sentence(self, text: str) -> str:
        return f"<p>{html.escape(text)}</p>"

    # -- sections ---------------------------------------------------------------------------------

    def _opening(self) -> Iterator[str]:
        size, people = self._whole(self._lottery.size), self._whole(self._people)
        smallest, never = self._percent(self._smallest), self._whole(self._never)
        key = "heading_never" if self._never else "heading"
        yield f'<p class="kicker">{SEAL}Isegoria</p>'
        yield f"<h1>{html.escape(self._say(key, size=size, people=people, smallest=smallest, never=never))}</h1>"
        if self._lottery.objective in PHRASES:
            yield f'<p class="lead">{html.escape(self._say(self._lottery.objective))}</p>'
        if self._never:
            yield self._sentence(self._say("never", never=never, smallest=smallest))
        for key, linked in zip(("apart", "together"), linked_people(self._lottery), strict=True):
            if linked is not None:
                count, mean = self._whole(linked.people), self._percent(linked.chance)
                yield self._sentence(self._say(key, people=count, mean=mean))
        yield from self._body()
        facts = (
            ("pool_people", people),
            ("seats", size),
            ("smallest", smallest),
            ("largest", self._percent(self._numbers.largest)),
            ("if_equal", self._percent(self._mean)),
            ("compositions", self._whole(len(self._lottery.compositions))),
        )
        yield (
            "<dl>"
            + "".join(
                f"<div><dt>{html.escape(self._say(key))}</dt><dd>{value}</dd></div>" for key, value in facts
            )
            + "</dl>"
        )

    def _body(self) -> Iterator[str]:
        """Say which seats are taken, where they exceed a quota, and what the look-ahead tightened."""
        body = self._lottery.body
        if body is None:
            return
        taken, whole_body, drawn = map(self._whole, (body.staying, body.size, self._lottery.size))
        yield self._sentence(self._say("whole_body", staying=taken, whole=whole_body, size=drawn))
        for excess in body.excess:
            group, most = _named(excess.quota), self._whole(excess.quota.maximum)
            count = self._whole(excess.sitting)
            yield self._sentence(self._say("body_excess", group=group, count=count, most=most))
        for change in body.ahead:
            yield self._sentence(
                self._say(
                    "body_ahead",
                    group=_named(change.after),
                    low=self._whole(change.after.minimum),
                    high=self._whole(change.after.maximum),
                    low_before=self._whole(change.before.minimum),
                    high_before=self._whole(change.before.maximum),
                    when=change.when,
                )
            )

    def _everybody(self) -> Iterator[str]:
        bins = [0] * pictures.BINS
        for chance, count in zip(self._chances, self._counts, strict=True):
            bins[min(pictures.BINS - 1, int(chance / self._top * pictures.BINS + 1e-9))] += count
        picture, per_dot = pictures.field_of_chances(bins, self._mean / self._top)
        dots = self._say("one_dot") if per_dot == 1 else self._say("many_dots", count=self._whole(per_dot))
        see = self._say("chances_see", mean=self._percent(self._mean), median=self._percent(self._median()))
        yield self._heading("chances_heading")
        yield self._sentence(f"{dots} {see}")
        yield f"<figure>{picture}{self._axis(self._top)}</figure>"
        width = self._top / pictures.BINS
        yield self._table(
            ("chance", "people"),
            (
                (
                    self._say("range", low=self._percent(i * width), high=self._percent((i + 1) * width)),
                    self._whole(count),
                )
                for i, count in enumerate(bins)
                if count
            ),
        )

    def _median(self) -> float:
        seen = 0
        for chance, count in sorted(zip(self._chances, self._counts, strict=True)):
            seen += count
            if 2 * seen >= self._people:
                return chance
        return self._numbers.largest

    def _groups(self) -> Iterator[str]:
        yield self._heading("groups_heading")
        yield self._sentence(self._say("groups_see", mean=self._percent(self._mean)))
        for feature, groups in self._by_feature():
            rows = (
                (
                    group.quota.value,
                    pictures.strip(
                        group.low / self._top,
                        group.high / self._top,
                        group.expected / group.people / self._top,
                        mark=self._mean / self._top,
                    ),
                    self._whole(group.people),
                    self._percent(group.expected / group.people),
                    self._from_to(group.low, group.high),
                )
                for group in groups
                if group.people
            )
            heads = ("people", "mean_chance", "from_to")
            yield self._drawn(feature, heads, rows, (self._percent(0, 0), self._percent(self._top, 0)))

    def _quotas(self) -> Iterator[str]:
        yield self._heading("quotas_heading")
        yield self._sentence(self._say("quotas_see"))
        for feature, groups in self._by_feature():
            likes = [group.people / self._people * self._lottery.size for group in groups]
            most = max(
                max(min(group.quota.maximum, self._lottery.size), like)
                for group, like in zip(groups, likes, strict=True)
            )
            rows = (
                (
                    group.quota.value,
                    pictures.strip(
                        group.quota.minimum / most,
                        min(group.quota.maximum, self._lottery.size) / most,
                        group.expected / most,
                        ring=like / most,
                    ),
                    f"{group.quota.minimum}–{group.quota.maximum}",
                    decimal(self._language, like, 1),
                    decimal(self._language, group.expected, 1),
                )
                for group, like in zip(groups, likes, strict=True)
            )
            ends = ("0", decimal(self._language, most, 0 if most == int(most) else 1))
            yield self._drawn(feature, ("quota", "as_pool", "expected"), rows, ends)

    def _equality(self) -> Iterator[str]:
        line = lorenz(self._lottery)
        tenths = [self._held_by(line, tenth / 10) for tenth in range(11)]
        yield self._heading("equal_heading")
        yield self._sentence(
            self._say(
                "equal_see",
                half=self._percent(tenths[5], 0),
                gini=decimal(self._language, self._numbers.gini, 2),
            )
        )
        yield self._plot(
            pictures.curve(line, straight=True), "share_seats", "share_pool", (0.0, 1.0), (0.0, 1.0), 0
        )
        yield self._table(
            ("share_pool", "share_seats"),
            ((self._percent(tenth / 10, 0), self._percent(share, 1)) for tenth, share in enumerate(tenths)),
        )

    def _from_to(self, low: float, high: float) -> str:
        first, last = self._percent(low), self._percent(high)
        return last if first == last else f"{first[:-2]}–{last}"

    @staticmethod
    def _held_by(line: Sequence[tuple[float, float]], share: float) -> float:
        for left, right in pairwise(line):
            if share <= right[0]:
                return left[1] + (right[1] - left[1]) * (share - left[0]) / (right[0] - left[0])
        return 1.0

    def _slack(self) -> Iterator[str]:
        prices = shadow_prices(self._lottery)
        yield self._heading("slack_heading")
        if not prices:
            yield self._sentence(self._say("slack_none"))
            return
        yield self._sentence(self._say("slack_see"))
        said = "".join(
            "<li>"
            + html.escape(
                self._say(
                    f"slack_{price.full.bound}",
                    group=_named(price.full.quota),
                    before=self._whole(self._limit(price.full)),
                    after=self._whole(self._limit(price.full, 1)),
                    low=self._percent(price.before, 2),
                    high=self._percent(price.after, 2),
                )
            )
            + "</li>"
            for price in prices[:SENTENCES]
        )
        yield f'<ul class="said">{said}</ul>'
        if len(prices) > SENTENCES:
            yield self._sentence(self._say("slack_more", count=self._whole(len(prices) - SENTENCES)))
        yield self._table(
            ("group", "today", "then", "smallest"),
            (
                (
                    _named(price.full.quota),
                    self._say(price.full.bound, count=self._whole(self._limit(price.full))),
                    self._say(price.full.bound, count=self._whole(self._limit(price.full, 1))),
                    self._percent(price.after, 2),
                )
                for price in prices
            ),
        )

    @staticmethod
    def _limit(full: Full, room: int = 0) -> int:
        return full.quota.minimum - room if full.bound == MINIMUM else full.quota.maximum + room

    def _trade(self) -> Iterator[str]:
        """Show the fairness curve, where there is one."""
        if not self._curve:
            return
        low, high = self._curve[0], self._curve[-1]
        here = (self._smallest, self._numbers.largest)
        right = min(1.0, max(high.smallest, here[0]) * 1.1)
        top = min(1.0, max(high.largest, here[1]) * 1.1)
        left = min(low.smallest, here[0]) * 0.9
        bottom = min(low.largest, here[1]) * 0.9

        def place(x: float, y: float) -> tuple[float, float]:
            return (x - left) / (right - left), (y - bottom) / (top - bottom)

        points = [place(corner.smallest, corner.largest) for corner in self._curve]
        yield self._heading("curve_heading")
        yield self._sentence(
            self._say(
                "curve_see" if len(self._curve) > 1 else "curve_point",
                low=self._percent(low.smallest),
                high=self._percent(high.smallest),
                from_largest=self._percent(low.largest),
                to_largest=self._percent(high.largest),
                smallest=self._percent(here[0]),
                largest=self._percent(here[1]),
            )
        )
        if len(self._curve) == 1:
            return
        yield self._plot(
            pictures.curve(points, dots=points, ring=place(*here)),
            "largest",
            "smallest",
            (left, right),
            (bottom, top),
        )
        yield self._table(
            ("smallest", "largest"),
            (
                (self._percent(corner.smallest, 2), self._percent(corner.largest, 2))
                for corner in self._curve
            ),
        )

    def _types(self) -> Iterator[str]:
        explained = explained_types(self._lottery)
        text = self._say("types_see", count=self._whole(len(explained)))
        if len(explained) > MOST_TYPES:
            text += " " + self._say("types_first", shown=self._whole(MOST_TYPES))
        yield self._heading("types_heading")
        yield self._sentence(text)
        rows = (
            (
                ", ".join(one.type.features.values()),
                self._whole(one.type.count),
                self._percent(one.chance, 2),
                "; ".join(
                    f"{self._short(side.quota)} ({self._say(side.bound, count=str(getattr(side.quota, side.bound)))})"
                    for side in (*one.held, *one.lifted)
                )
                or self._say("none"),
            )
            for one in explained[:MOST_TYPES]
        )
        yield self._table(("group", "people", "chance", "full"), rows, words=(0, 3), folded=False)

    def _short(self, quota: Quota) -> str:
        """Return the value alone where no other feature has one of that name, else with its feature."""
        alike = sum(other.value == quota.value for other in self._lottery.quotas)
        return quota.value if alike == 1 else _named(quota)

    def _proof(self) -> Iterator[str]:
        yield self._heading("proof_heading")
        self._lottery.check(self._lottery.tickets)
        yield self._sentence(
            self._say(
                "proof_panels",
                count=self._whole(len(self._lottery.compositions)),
                tickets=self._whole(self._lottery.tickets),
            )
        )
        if self._lottery.certificate is None:
            yield self._sentence(self._say("proof_none"))
        else:
            certified = self._lottery.verify()
            gap = f"{float(certified.gap):.0e}" if certified.gap > 0 else "0"
            yield self._sentence(
                self._say("proof_checked" if certified.solver_free else "proof_partly", gap=gap)
            )
        yield (
            f"<p>{html.escape(self._say('redo'))}<br>"
            f"<code>isegoria lottery report FOLDER --lang {self._language}</code></p>"
        )

    # -- pieces -----------------------------------------------------------------------------------

    def _by_feature(self) -> Iterator[tuple[str, list[_Group]]]:
        for feature in self._lottery.quotas.features:
            groups = []
            for quota in self._lottery.quotas.of(feature):
                inside = [t for t, one in enumerate(self._lottery.types) if quota.counts(one.features)]
                chances = [self._chances[t] for t in inside]
                groups.append(
                    _Group(
                        quota,
                        sum(self._counts[t] for t in inside),
                        math.fsum(self._chances[t] * self._counts[t] for t in inside),
                        min(chances, default=0.0),
                        max(chances, default=0.0),
                    )
                )
            yield feature, groups

    def _axis(self, top: float) -> str:
        places = 0 if abs(top * 25 - round(top * 25)) < 1e-9 else 1  # noqa: PLR2004  # a quarter in per cent
        ends = "".join(f"<span>{self._percent(top * part / 4, places)}</span>" for part in range(5))
        return f'<div class="axis" aria-hidden="true">{ends}</div>'

    def _plot(
        self,
        picture: str,
        upright: str,
        level: str,
        across: tuple[float, float],
        up: tuple[float, float],
        places: int | None = None,
    ) -> str:
        low, high = (self._percent(end, places) for end in up)
        left, right = (self._percent(end, places) for end in across)
        return (
            f'<figure aria-hidden="true"><div class="upright"><span>↑ {html.escape(self._say(upright))}: '
            f"{low} – {high}</span></div>{picture}"
            f'<div class="axis"><span>{left}</span><span>{html.escape(self._say(level))} →</span>'
            f"<span>{right}</span></div></figure>"
        )

    def _table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        words: Sequence[int] = (0,),
        folded: bool = True,
    ) -> str:
        """Return a table whose first column names the row; the columns in `words` hold no numbers."""
        numbers = [' class="number"' if i not in words else "" for i in range(len(heads))]
        head = "".join(
            f'<th scope="col"{mark}>{html.escape(self._say(key))}</th>'
            for key, mark in zip(heads, numbers, strict=True)
        )
        lines = "".join(
            "<tr>"
            f'<th scope="row">{html.escape(row[0])}</th>'
            + "".join(
                f"<td{mark}>{html.escape(cell)}</td>"
                for cell, mark in zip(row[1:], numbers[1:], strict=True)
            )
            + "</tr>"
            for row in rows
        )
        if not folded:  # the roles keep it a table where narrow screens stack it
            head = head.replace("<th ", '<th role="columnheader" ')
            lines = lines.replace("<tr>", '<tr role="row">').replace("<td", '<td role="cell"')
            lines = lines.replace("<th ", '<th role="rowheader" ')
            return (
                f'<table role="table" class="stacked"><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
                f'<tbody role="rowgroup">{lines}</tbody></table>'
            )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
        label = html.escape(self._say("as_table"))
        return (
            f"<details><summary>{label}</summary>"
            f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">{table}</div></details>'
        )

    def _drawn(
        self, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], ends: tuple[str, str]
    ) -> str:
        """Return a table with a picture in each row; the roles keep it a table where narrow screens stack it."""
        axis = f'<span class="axis"><span>{ends[0]}</span><span>{ends[1]}</span></span>'
        columns = "".join(
            f'<th role="columnheader" scope="col" class="number">{html.escape(self._say(key))}</th>'
            for key in heads
        )
        lines = "".join(
            f'<tr role="row"><th role="rowheader" scope="row">{html.escape(name)}</th>'
            f'<td role="cell" class="picture">{picture}</td>'
            + "".join(f'<td role="cell" class="number">{html.escape(cell)}</td>' for cell in cells)
            + "</tr>"
            for name, picture, *cells in rows
        )
        return (
            f'<table role="table" class="drawn"><caption>{html.escape(_spaced(caption))}</caption>'
            f'<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">'
            f"{html.escape(self._say('group'))}</th>"
            f'<td role="cell" class="picture" aria-hidden="true">{axis}</td>{columns}</tr></thead>'
            f'<tbody role="rowgroup">{lines}</tbody></table>'
        )


def _named(quota: Quota) -> str:
    """Return feature and value for a reader; underscores are a habit of files."""
    return f"{_spaced(quota.feature)}: {quota.value}"


def _spaced(feature: str) -> str:
    return feature.replace("_", " ")
