"""Encodings are found and said, or the file is refused with its row."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import textfiles
from isegoria.errors import BadInput

LINES = "id;name\n1;Hélène\n2;Jürgen Weiß\n3;Åse\n"


def found(tmp_path, data, **options):
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    return textfiles.inspect(path, **options)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (LINES.encode(), "UTF-8"),
        (b"id;name\n1;Ann\n", "UTF-8"),
        (LINES.encode("utf-8-sig"), "UTF-8 with byte order mark"),
        (LINES.encode("utf-16"), "UTF-16"),
        (LINES.encode("utf-16-le"), "UTF-16 without byte order mark"),
        (LINES.encode("utf-16-be"), "UTF-16 without byte order mark"),
        (LINES.encode("latin-1"), "Latin-1"),
        ((LINES + "4;Œuvre d’Anne\n").encode("cp1252"), "Windows-1252"),
        ("id;name\n1;Česká «CAFÉ»\n".encode(), "UTF-8"),
        ("id;name\n1;«CAFÉ» Hélène\n".encode("latin-1"), "Latin-1"),
    ],
)
def test_the_encoding_is_found_and_said(tmp_path, data, said):
    text = found(tmp_path, data)
    assert text.encoding == said
    assert text.path.read_text(text.codec).encode() == data.decode(text.codec).encode()
    assert "�" not in text.path.read_text(text.codec)


NAMES = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûüäöß -'"), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NAMES, min_size=1, max_size=30), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])
)
def test_names_of_western_europe_read_back_in_every_encoding(names, encoding):
    written = "name\n" + "\n".join(names) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_bytes(written.encode(encoding))
        text = textfiles.inspect(path)
        with path.open(encoding=text.codec, newline="") as file:
            assert file.read() == written


@pytest.mark.parametrize("good", [0, 5, 40_000])
@pytest.mark.parametrize("utf8_first", [True, False])
def test_two_encodings_in_one_file_are_refused_with_both_rows(tmp_path, good, utf8_first):
    plain = b"0;Ann\n" * good
    parts = [b"id;name\n", plain, "1;Hélène\n".encode(), "2;Zoé\n".encode("latin-1")]
    if not utf8_first:
        parts[2:] = parts[:1:-1]
    with pytest.raises(BadInput) as caught:
        found(tmp_path, b"".join(parts))
    rows = (good + 2, good + 3) if utf8_first else (good + 3, good + 2)
    assert caught.value.code == "encoding_mixed"
    assert (caught.value.parameters["other"], caught.value.place.row) == rows


def test_what_dos_wrote_is_refused_until_it_is_named(tmp_path):
    data = LINES.replace("Åse", "Ann").encode("cp850")
    with pytest.raises(BadInput) as caught:
        found(tmp_path, data)
    assert (caught.value.code, caught.value.place.row) == ("encoding_unknown", 2)
    text = found(tmp_path, data, encoding="cp850")
    assert "Hélène" in text.path.read_text(text.codec)


@pytest.mark.parametrize(
    ("data", "options", "code", "row"),
    [
        (b"", {}, "file_empty", None),
        (b"id\n1\n2\0\n", {}, "file_nul", 3),
        ("id\né\0\n".encode("latin-1"), {}, "file_nul", 2),
        ("id\n1\0\n".encode("utf-16"), {}, "file_nul", 2),
        ("id\n1\n".encode("utf-16") + b"x", {}, "encoding_wrong", 3),
        ("id\né\n".encode("latin-1"), {"encoding": "utf-8"}, "encoding_wrong", 2),
        (b"id\n", {"encoding": "klingon"}, "encoding_not_known", None),
        (b"id\n", {"encoding": "zip"}, "encoding_not_known", None),
        (b"\x1f\x8b\x08", {}, "file_not_a_table", None),
    ],
)
def test_what_is_no_text_is_refused_with_its_row(tmp_path, data, options, code, row):
    with pytest.raises(BadInput) as caught:
        found(tmp_path, data, **options)
    assert (caught.value.code, caught.value.place.row) == (code, row)
    assert str(caught.value)


def test_a_file_of_more_than_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "r.csv"
    with path.open("wb") as file:
        file.truncate(textfiles.MOST_BYTES + 1)
    with pytest.raises(BadInput, match="2001 MB") as caught:
        textfiles.inspect(path)
    assert caught.value.code == "file_too_large"


def test_rows_are_counted_across_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(textfiles, "PIECE_BYTES", 7)
    data = LINES.encode() + b"4;\0\n"
    with pytest.raises(BadInput) as caught:
        found(tmp_path, data)
    assert caught.value.place.row == 5
    assert found(tmp_path, LINES.encode()).encoding == "UTF-8"
    with pytest.raises(BadInput) as caught:
        found(tmp_path, LINES.encode() + "4;Zoé\n".encode("latin-1"))
    assert (caught.value.code, caught.value.place.row) == ("encoding_mixed", 5)
