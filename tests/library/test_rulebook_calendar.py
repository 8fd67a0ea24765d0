"""From rules to dates: months, terms, midnights, the years of an institution, and its calendar file."""

import datetime as dt
from collections import Counter, defaultdict
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.rulebook.phrases import KINDS
from isegoria.rulebook.reading import bundled_text
from isegoria.testing import rule_book

DAY = dt.timedelta(days=1)
OSTBELGIEN = bundled_text("ostbelgien")
ELECTIONS = (dt.date(2029, 6, 10), dt.date(2034, 6, 11))
days = st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
seeds = st.integers(0, 10**6).map(str)


# -- months and terms ------------------------------------------------------------------------------------
def test_the_last_day_of_a_short_month_takes_over():
    assert rulebook.months_after(dt.date(2027, 8, 31), 6) == dt.date(2028, 2, 29)
    assert rulebook.months_after(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert rulebook.months_after(dt.date(2027, 3, 31), -1) == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2027-01-01", 6, "2027-06-30"),
        ("2026-08-31", 6, "2027-02-28"),  # February ends the term, and 1 March begins the next
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-08-30", 6, "2027-02-28"),
        ("2027-08-30", 6, "2028-02-29"),
        ("2026-08-29", 6, "2027-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-28"),
        ("2027-03-01", 18, "2028-08-31"),
        ("2027-12-31", 2, "2028-02-29"),
    ],
)
def test_a_term_ends_with_the_day_before_the_one_of_the_same_number(first, months, last):
    assert rulebook.term_end(dt.date.fromisoformat(first), months) == dt.date.fromisoformat(last)
    assert rulebook.next_term(dt.date.fromisoformat(first), months) == dt.date.fromisoformat(last) + DAY


@given(days, st.integers(-600, 600))
def test_months_later_lands_in_the_right_month_and_never_later_in_it(day, count):
    landed = rulebook.months_after(day, count)
    assert (landed.year * 12 + landed.month) - (day.year * 12 + day.month) == count
    assert landed.day <= day.day


@given(days, st.integers(1, 12), st.integers(1, 40))
def test_terms_counted_from_the_founding_leave_no_day_out_and_are_never_longer_than_allowed(
    day, months, count
):
    first = [day if n == 0 else rulebook.next_term(day, months * n) for n in range(count + 1)]
    for begins, following in pairwise(first):
        assert begins <= following - DAY <= rulebook.term_end(begins, months)


# -- midnights --------------------------------------------------------------------------------------------
ZONES = (
    "Europe/Brussels", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Atlantic/Azores",
    "Pacific/Apia", "UTC",
)  # fmt: skip


@given(st.dates(dt.date(1996, 1, 1), dt.date(2036, 12, 30)), st.sampled_from(ZONES))
@settings(max_examples=400)
def test_a_day_ends_with_the_first_moment_of_the_following_day_there(day, zone):
    end = rulebook.end_of_day(day, zone)
    there = ZoneInfo(zone)
    assert end.astimezone(there).date() > day
    assert (end - dt.timedelta(microseconds=1)).astimezone(there).date() <= day


def test_the_nights_of_summer_time_are_an_hour_shorter_and_longer():
    def hours(day):
        end = rulebook.end_of_day(day, "Europe/Brussels")
        return (end - rulebook.end_of_day(day - DAY, "Europe/Brussels")) / dt.timedelta(hours=1)

    assert [hours(dt.date(2027, *each)) for each in ((3, 27), (3, 28), (10, 31), (11, 1))] == [
        24,
        23,
        25,
        24,
    ]


def test_a_day_whose_midnight_is_skipped_ends_with_the_change():
    # In Santiago clocks went from 24:00 on 7 September 2024 to 01:00.
    end = rulebook.end_of_day(dt.date(2024, 9, 7), "America/Santiago")
    assert end == dt.datetime(2024, 9, 8, 4, tzinfo=dt.UTC)
    assert end.astimezone(ZoneInfo("America/Santiago")).hour == 1


# -- one cycle ---------------------------------------------------------------------------------------------
@given(
    start=st.dates(dt.date(2027, 1, 1), dt.date(2033, 1, 1)), until=st.integers(0, 500), meetings=st.integers(1, 8)
)  # fmt: skip
def test_no_meeting_falls_into_the_blackout_and_days_are_in_order(start, until, meetings):
    book = rulebook.load_bundled("ostbelgien")
    election = start + dt.timedelta(days=until)
    entries = rulebook.cycle_days(
        book, start, body="assembly", meetings=meetings, elections=[election], promised_answer_days=90
    )
    begins = rulebook.months_after(election, -6)
    held = [entry.day for entry in entries if entry.kind == "meeting"]
    by_kind = {entry.kind: entry.day for entry in entries}
    assert held[0] == by_kind["installation"]
    assert by_kind["panel"] <= by_kind["silent_erased"]
    assert max(by_kind["review"], by_kind["report"]) <= by_kind["members_erased"]
    assert len(set(held)) == meetings
    assert not [day for day in held if begins <= day <= election]
    assert list(entries) == sorted(entries, key=lambda entry: (entry.day, entry.kind))
    assert {"letters", "reply_by", "panel", "report", "answer_due", "review"} <= set(by_kind)


def test_who_stands_in_reserve_is_kept_for_the_next_draw_and_else_three_months():
    def erased(text):
        entries = rulebook.cycle_days(rulebook.loads(text), dt.date(2027, 1, 1), body="assembly")
        return {entry.kind: entry for entry in entries}

    reserve = erased(OSTBELGIEN)
    assert reserve["pool_erased"].day == reserve["review"].day
    assert reserve["pool_erased"].rule == "draw.reserve"
    begins = OSTBELGIEN.index("[draw.reserve]")
    without = erased(OSTBELGIEN[:begins] + OSTBELGIEN[OSTBELGIEN.index("[agenda]") :])
    assert without["pool_erased"].day == rulebook.months_after(without["installation"].day, 3)
    assert without["pool_erased"].rule is None


def test_a_deadline_in_months_ends_with_the_last_day_of_a_short_month():
    book = rulebook.load_bundled("brussels-climate")
    assert rulebook.answer_due(book, dt.date(2027, 11, 30)) == (dt.date(2028, 2, 29), "duty.answer_months")
    silent = rulebook.load_bundled("ostbelgien")
    assert rulebook.answer_due(silent, dt.date(2027, 11, 30)) is None
    assert rulebook.answer_due(silent, dt.date(2027, 11, 30), 90) == (dt.date(2028, 2, 28), None)


@given(report=st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)), months=st.integers(1, 48))
def test_a_final_answer_is_due_in_its_month_never_before_a_first_one_of_fewer_months(report, months):
    book = rulebook.loads(
        rulebook.bundled_text("brussels-climate")
        .replace("answer_months = 3", f"answer_months = {min(3, months)}")
        .replace("final_months = 12", f"final_months = {months}")
    )
    found = rulebook.final_due(book, report)
    assert found is not None
    day, rule = found
    assert rule == "duty.final_months"
    assert (day.year * 12 + day.month) - (report.year * 12 + report.month) == months
    short = day.day < report.day
    assert day.day == report.day or (short and (day + dt.timedelta(days=1)).day == 1)
    assert report < rulebook.answer_due(book, report)[0] <= day


@pytest.mark.parametrize(
    ("report", "day"),
    [
        (dt.date(2027, 2, 28), dt.date(2028, 2, 28)),
        (dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
        (dt.date(2027, 8, 31), dt.date(2028, 8, 31)),
    ],
)
def test_a_final_answer_after_a_leap_day_is_due_on_the_last_of_february(report, day):
    assert rulebook.final_due(rulebook.load_bundled("brussels-climate"), report) == (
        day,
        "duty.final_months",
    )


def test_a_mandate_promises_no_final_answer():
    silent = rulebook.load_bundled("ostbelgien")
    assert rulebook.final_due(silent, dt.date(2027, 11, 30)) is None
    entries = rulebook.cycle_days(silent, dt.date(2027, 1, 1), body="assembly", promised_answer_days=90)
    assert "final_due" not in {entry.kind for entry in entries}


@given(report=st.dates(dt.date(2020, 1, 1), dt.date(2090, 1, 1)), months=st.integers(1, 48))
def test_what_a_mandate_can_promise_is_never_due_after_the_final_answer(report, months):
    book = owing(final_months=months)
    days = rulebook.longest_promise(book)
    assert days is not None
    final, _rule = rulebook.final_due(book, report)
    assert rulebook.answer_due(book, report, days)[0] <= final
    soonest = [dt.date(year, month, 1) for year in range(2029, 2033) for month in range(1, 13)]
    assert any(
        rulebook.answer_due(book, day, days + 1)[0] > rulebook.final_due(book, day)[0] for day in soonest
    )


def test_a_promise_is_as_long_as_one_likes_where_it_has_no_effect_or_nothing_comes_after_it():
    assert rulebook.longest_promise(owing(answer_months=3, final_months=12)) is None
    assert rulebook.longest_promise(owing(answer_days=90, final_months=12)) is None
    assert rulebook.longest_promise(owing(review_months=12)) is None


months_owed = st.none() | st.integers(1, 60)


@given(
    start=st.dates(dt.date(2027, 1, 1), dt.date(2033, 1, 1)),
    answer=st.none() | st.integers(1, 1500), final=months_owed, review=months_owed,
)  # fmt: skip
def test_members_are_not_erased_before_the_last_thing_that_is_owed_to_them(start, answer, final, review):
    book = owing(answer_days=answer, final_months=final, review_months=review)
    entries = rulebook.cycle_days(book, start, body=book.bodies[0].key)
    by_kind = {entry.kind: entry.day for entry in entries}
    owed = [by_kind[kind] for kind in ("answer_due", "final_due", "review") if kind in by_kind]
    assert len(owed) == sum(each is not None for each in (answer, final, review))
    eighteen = rulebook.months_after(by_kind["report"], 18)
    assert by_kind["members_erased"] >= max([eighteen, *owed])
    if not [each for each in (final, review) if each and each > 18] and (answer or 0) <= 18 * 28:
        assert by_kind["members_erased"] == eighteen


def owing(**rules):
    """A rule book with what an authority owes, and nothing else in its duty."""
    silent = {"answer_days": None, "answer_months": None, "final_months": None, "review_months": None}
    book = rulebook.load_bundled("brussels-climate")
    return book.model_copy(update={"duty": book.duty.model_copy(update=silent | rules)})


# -- the years of an institution ---------------------------------------------------------------------------
@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_the_bundled_books_have_ten_years_of_days_that_name_their_rules(identifier):
    book = rulebook.load_bundled(identifier)
    entries = rulebook.calendar(book, dt.date(2027, 1, 1), years=10, elections=ELECTIONS)
    kinds = Counter(entry.kind for entry in entries)
    assert kinds["panel"] >= 1
    assert kinds["meeting"] >= 1
    assert kinds["members_erased"] >= 1
    assert all(dt.date(2027, 1, 1) <= entry.day < dt.date(2037, 1, 1) for entry in entries)
    named = {entry.rule for entry in entries} - {None, "blackout.months_before_election"}
    rules = set(book.rules())
    assert {rule for rule in named if rule not in rules} == set()


def test_the_clock_renews_a_third_of_the_council_every_six_months():
    book = rulebook.load_bundled("municipal-starter")
    entries = rulebook.calendar(book, dt.date(2027, 1, 1), years=3)
    rotations = [entry.day for entry in entries if entry.kind == "rotation"]
    first = next(each.day for each in entries if each.kind == "installation" and each.body == "council")
    assert rotations == [rulebook.next_term(first, 6 * count) for count in range(1, len(rotations) + 1)]
    assert len(rotations) == 5


def test_an_abolished_institution_meets_no_more_and_still_erases():
    book = rulebook.load_bundled("madrid")
    entries = rulebook.calendar(book, dt.date(2027, 1, 1), years=10)
    ended = next(entry.day for entry in entries if entry.kind == "ended")
    assert sum(entry.kind == "meeting" for entry in entries) == 2
    assert {entry.kind for entry in entries if entry.day > ended} <= {
        "extract_erased", "silent_erased", "pool_erased", "members_erased",
    }  # fmt: skip
    assert any(entry.kind == "members_erased" for entry in entries)


@given(
    seeds, st.dates(dt.date(2027, 1, 1), dt.date(2032, 12, 31)), st.integers(1, 8), st.integers(200, 2500)
)
@settings(max_examples=150, deadline=None)
def test_in_no_calendar_of_a_valid_book_does_a_stopped_body_meet_in_a_pause(seed, start, years, until):
    book, election = rule_book(seed), start + dt.timedelta(days=until)
    entries = rulebook.calendar(book, start, years=years, elections=[election])
    pauses = {body.key: rulebook.blackouts(book, body.key, [election]) for body in book.bodies}
    for entry in entries:
        if entry.kind == "meeting":
            assert not [1 for begins, ends in pauses[entry.body] if begins <= entry.day <= ends]


@given(seeds, st.dates(dt.date(2027, 1, 1), dt.date(2032, 12, 31)))
@settings(max_examples=150, deadline=None)
def test_a_body_is_convened_no_more_often_than_allowed_and_never_before_its_last_cycle_ended(seed, start):
    book = rule_book(seed)
    entries = rulebook.calendar(book, start, years=8, elections=[start + dt.timedelta(days=900)])
    by_body = defaultdict(list)
    for entry in entries:
        by_body[entry.body].append(entry)
    for body in book.bodies:
        own = by_body[body.key]
        if body.is_standing or body.drawn_from or not body.drawn or body.size is None:
            continue
        installed = Counter(each.day.year for each in own if each.kind == "installation")
        assert max(installed.values()) <= (body.per_calendar_year or (1, 12))[1]
        order = [each.kind for each in own if each.kind in {"letters", "report", "term_end"}]
        assert all(kind == "letters" for kind in order[::2])
        assert all(kind != "letters" for kind in order[1::2])


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_every_day_of_a_calendar_has_a_title(language):
    seen = set()
    for identifier in rulebook.bundled():
        book = rulebook.load_bundled(identifier)
        for entry in rulebook.calendar(
            book, dt.date(2027, 1, 1), elections=ELECTIONS, promised_answer_days=90
        ):
            assert entry.title(language).strip()
            seen.add(entry.kind)
    assert seen == set(KINDS)


# -- the calendar file ---------------------------------------------------------------------------------------
def unfolded(text):
    """Read an iCalendar text back, by the letter of RFC 5545: lines, then name, parameters and value."""
    assert text.endswith("\r\n")
    lines = text[:-2].split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in lines)
    whole = []
    for line in lines:
        if line.startswith(" "):
            whole[-1] += line[1:]
        else:
            whole.append(line)
    return [tuple(line.split(":", 1)) for line in whole]


def unescaped(value):
    return (
        value.replace("\\\\", "\0").replace("\\;", ";").replace("\\,", ",").replace("\\n", "\n").replace("\0", "\\")
    )  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_a_calendar_file_tells_every_day_with_its_rule(language):
    book = rulebook.load_bundled("ostbelgien")
    entries = rulebook.calendar(book, dt.date(2027, 1, 1), years=10, elections=ELECTIONS)
    text = rulebook.to_ics(
        book, entries, language, stamp=dt.date(2027, 1, 1), proposed="proposed; by us, alone"
    )
    lines = unfolded(text)
    assert lines[0] == ("BEGIN", "VCALENDAR")
    assert lines[-1] == ("END", "VCALENDAR")
    assert ("VERSION", "2.0") in lines
    events, current = [], {}
    for name, value in lines[4:-1]:
        if (name, value) == ("BEGIN", "VEVENT"):
            current = {}
        elif (name, value) == ("END", "VEVENT"):
            events.append(current)
        else:
            current[name] = value
    assert len({event["UID"] for event in events}) == len(events) == len(entries)
    for event, entry in zip(events, entries, strict=True):
        assert dt.datetime.strptime(event["DTSTART;VALUE=DATE"], "%Y%m%d").date() == entry.day  # noqa: DTZ007
        assert dt.datetime.strptime(event["DTEND;VALUE=DATE"], "%Y%m%d").date() == entry.day + DAY  # noqa: DTZ007
        assert event["DTSTAMP"] == "20270101T000000Z"
        assert unescaped(event["SUMMARY"]).endswith(entry.title(language))
        assert unescaped(event["DESCRIPTION"]) == (entry.rule or "proposed; by us, alone")


@given(st.text(max_size=200))
def test_any_title_survives_the_calendar_file(title):
    title = "".join(sign for sign in title if sign.isprintable() or sign == "\n") or "x"
    book = rulebook.load_bundled("madrid").model_copy(update={"title": {"en": title}})
    body = book.bodies[0].model_copy(update={"title": {"en": title}})
    book = book.model_copy(update={"bodies": (body,)})
    entry = rulebook.CalendarEntry(dt.date(2028, 2, 29), "meeting", None, body.key, 1)
    text = rulebook.to_ics(book, [entry], "en", stamp=dt.date(2028, 1, 1), proposed=title)
    found = dict(unfolded(text))
    assert unescaped(found["SUMMARY"]) == f"{title}: Meeting"
    assert unescaped(found["DESCRIPTION"]) == title
    assert found["DTEND;VALUE=DATE"] == "20280301"
