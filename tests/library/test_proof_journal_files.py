"""A journal in files is the same journal: nothing that is done to a file goes unnoticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.chains import chain, lines

from isegoria.proof.journal import verify_journal
from isegoria.proof.journal_files import JournalFile, file_name, index_line, verify_journal_files, whole


def split(entries, each):
    """Cut a journal into the bytes of its files, and its index."""
    told = lines(entries)
    parts = [told[: each + 1]]
    parts += [told[start : start + each] for start in range(each + 1, len(told), each)]
    full = range(1, len(entries) // each + 1)
    index = [
        index_line(number, (number - 1) * each + 1, number * each, entries[number * each - 1]["hash"])
        for number in full
    ]
    return ["".join(part).encode() for part in parts], index


def files(parts, names=None):
    names = names or [file_name(number) for number in range(1, len(parts) + 1)]
    return [JournalFile(name, lambda part=part: part) for name, part in zip(names, parts, strict=True)]


def broken(parts, index, mirror=None):
    failed = verify_journal_files(files(parts), index, mirror).failed
    return None if failed is None else (failed.name, failed.first_difference)


@given(st.integers(0, 12), st.integers(1, 5))
def test_files_hold_the_same_journal_as_one_file(length, each):
    entries = chain(length)
    parts, index = split(entries, each)
    assert list(whole(files(parts))) == [line.rstrip("\n") for line in lines(entries)]
    found = verify_journal_files(files(parts), index, lines(entries))
    assert found.ok, found.failed
    assert [step.name for step in found.steps] == [
        *(step.name for step in verify_journal(lines(entries), lines(entries)).steps), "files",
    ]  # fmt: skip


@given(st.integers(1, 10), st.integers(1, 4), st.data())
def test_every_byte_of_every_file_counts(length, each, data):
    parts, index = split(chain(length), each)
    number = data.draw(st.integers(0, len(parts) - 1))
    part = bytearray(parts[number])
    place = data.draw(st.integers(0, len(part) - 1))
    part[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != part[place]))
    assert broken([*parts[:number], bytes(part), *parts[number + 1 :]], index) is not None


@given(st.integers(1, 12), st.integers(1, 4), st.data())
def test_a_space_that_changes_no_meaning_is_found_as_well(length, each, data):
    parts, index = split(chain(length), each)
    number = data.draw(st.integers(0, len(parts) - 1))
    parts[number] = parts[number].replace(b'{"', b'{ "', 1)
    assert broken(parts, index) == (
        "files",
        f"{file_name(number + 1)}, line 1 is not in canonical spelling",
    )


def test_the_first_difference_names_entry_file_and_line():
    entries = chain(10)
    parts, index = split(entries, 4)
    entries[6]["facts"] = {"number": 0}
    bent, _index = split(entries, 4)
    name, difference = broken(bent, index)
    assert name == "chain"
    assert difference.startswith("entry 7 was changed")
    assert difference.endswith("(journal-000002.jsonl, line 3)")
    name, difference = broken(parts, index, lines(chain(10, told="lies")))
    assert (name, difference) == (
        "mirror",
        "entry 1 differs from the mirror (journal-000001.jsonl, line 2)",
    )


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_missing_file_is_named(lost):
    parts, index = split(chain(10), 4)
    names = [file_name(number) for number in (1, 2, 3)]
    left = files([part for number, part in enumerate(parts) if number != lost],
                 [name for number, name in enumerate(names) if number != lost])  # fmt: skip
    found = verify_journal_files(left, index)
    if lost == 2:
        assert found.ok  # a cut end that no index, checkpoint or mirror covers
        assert not verify_journal_files(left, index, lines(chain(10))).ok
    else:
        assert not found.ok
        assert found.steps[-1].first_difference.startswith(f"{names[lost]} is missing")


@pytest.mark.parametrize(
    ("old", "new"),
    [('"last":8', '"last":7'), ('"first":5', '"first":6'), ("000002", "000003"), ('"head":"', '"head":"0'), ("index/1", "index/2")],
)  # fmt: skip
def test_an_index_that_says_something_else_is_named(old, new):
    parts, index = split(chain(10), 4)
    bent = [index[0], index[1].replace(old, new)]
    assert bent != index
    name, difference = broken(parts, bent)
    assert name == "files"
    assert "line 2 of the index" in difference


def test_an_index_of_a_file_that_is_not_there_is_named():
    parts, index = split(chain(8), 4)
    assert broken(parts[:1], index) == ("files", "journal-000002.jsonl is missing: the index names it")


def test_a_file_that_ends_within_a_line_is_named():
    parts, index = split(chain(3), 4)
    assert broken([parts[0][:-1]], index)[1].startswith("journal-000001.jsonl ends within a line")
