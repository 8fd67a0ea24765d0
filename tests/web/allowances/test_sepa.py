"""The payment file, held against the official schema and read back; account numbers; signs that banks take."""

from __future__ import annotations

import datetime as dt
import string
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria_web.allowances import iban, sepa
from isegoria_web.allowances.errors import IbanWrong
from tests.web.allowances.support import IBANS, PAYER

pytestmark = pytest.mark.once

N = {"n": sepa.NAMESPACE}
MADE = dt.datetime(2027, 3, 1, 9, 30, tzinfo=dt.UTC)
CREDITS = st.lists(
    st.builds(
        sepa.Credit,
        end_to_end=st.uuids().map(lambda each: each.hex),
        cents=st.integers(1, 999_999),
        name=st.text(max_size=90),
        iban=st.sampled_from(IBANS),
        text=st.text(max_size=160),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda each: each.end_to_end,
)


def read(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314  # we have just written it


def order(*transfers: sepa.Credit, bic: str = "", payer: str = "Bürgerdialog") -> sepa.Order:
    return sepa.Order("message-1", MADE, dt.date(2027, 3, 2), payer, PAYER, bic, transfers)


def text(root: ET.Element, path: str) -> str:
    found = root.find("/".join(f"n:{part}" for part in path.split("/")), N)
    assert found is not None, path
    return found.text or ""


@pytest.fixture(scope="module")
def schema():
    """The schema of ISO 20022, as a package that banks' customers use ships it."""
    xmlschema = pytest.importorskip("xmlschema")
    package = pytest.importorskip("sepaxml")
    return xmlschema.XMLSchema(Path(package.__file__).parent / "schemas" / "pain.001.001.09.xsd")


@given(CREDITS, st.sampled_from(["", "KREDBEBB", "GKCCBEBBXXX"]), st.text(max_size=90))
def test_every_file_holds_against_the_official_schema(schema, transfers, bic, payer):
    schema.validate(sepa.write(order(*transfers, bic=bic, payer=payer)).decode())


def test_the_schema_finds_a_missing_element(schema):
    written = sepa.write(order(sepa.Credit("a", 1, "Anna", IBANS[0], "x"))).decode()
    for element in ("<CtrlSum>", "<ChrgBr>SLEV", "<EndToEndId>a</EndToEndId>", "<IBAN>"):
        assert element in written
    broken = written.replace("<EndToEndId>a</EndToEndId>", "")
    assert not schema.is_valid(broken)


@given(CREDITS)
def test_count_and_control_sum_are_those_of_the_transfers(transfers):
    root = read(sepa.write(order(*transfers)))
    amounts = [each.text for each in root.iterfind(".//n:InstdAmt", N)]
    total = sum(int(each.replace(".", "")) for each in amounts)
    assert total == sum(each.cents for each in transfers)
    for part in ("CstmrCdtTrfInitn/GrpHdr", "CstmrCdtTrfInitn/PmtInf"):
        assert text(root, f"{part}/NbOfTxs") == str(len(transfers))
        assert text(root, f"{part}/CtrlSum") == f"{total // 100}.{total % 100:02d}"


def test_every_mandatory_element_says_what_it_must():
    root = read(sepa.write(order(sepa.Credit("e2e-1", 4402, "Zoë Müller & Søn", IBANS[1], "Claim 7"))))
    start, payment = "CstmrCdtTrfInitn/", "CstmrCdtTrfInitn/PmtInf/"
    transfer = payment + "CdtTrfTxInf/"
    said = {
        start + "GrpHdr/MsgId": "message-1",
        start + "GrpHdr/CreDtTm": "2027-03-01T09:30:00Z",
        start + "GrpHdr/InitgPty/Nm": "Burgerdialog",
        payment + "PmtMtd": "TRF",
        payment + "PmtTpInf/SvcLvl/Cd": "SEPA",
        payment + "ReqdExctnDt/Dt": "2027-03-02",
        payment + "Dbtr/Nm": "Burgerdialog",
        payment + "DbtrAcct/Id/IBAN": PAYER,
        payment + "DbtrAgt/FinInstnId/Othr/Id": "NOTPROVIDED",
        payment + "ChrgBr": "SLEV",
        transfer + "PmtId/EndToEndId": "e2e-1",
        transfer + "Amt/InstdAmt": "44.02",
        transfer + "Cdtr/Nm": "Zoe Muller + Son",
        transfer + "CdtrAcct/Id/IBAN": IBANS[1],
        transfer + "RmtInf/Ustrd": "Claim 7",
    }
    assert {path: text(root, path) for path in said} == said
    assert root.find(".//n:InstdAmt", N).get("Ccy") == "EUR"


@pytest.mark.parametrize(
    "transfers",
    [
        [],
        [sepa.Credit("a", 0, "A", IBANS[0], "x")],
        [sepa.Credit("a", 1, "A", IBANS[0], "x"), sepa.Credit("a", 2, "B", IBANS[1], "y")],
        [sepa.Credit("message-1", 1, "A", IBANS[0], "x")],
        [sepa.Credit("a" * 36, 1, "A", IBANS[0], "x")],
    ],
)
def test_no_file_is_written_that_a_bank_would_refuse(transfers):
    with pytest.raises(ValueError, match="payment file"):
        sepa.write(order(*transfers))


@given(st.text(), st.integers(1, 140))
def test_only_signs_that_every_bank_takes_are_written(typed, most):
    written = sepa.latin(typed, most)
    assert set(written) <= sepa.ALLOWED
    assert 0 < len(written) <= most
    assert "//" not in written
    assert not written.startswith("/")
    assert not written.endswith("/")
    assert sepa.latin(written, most) == written


# -- account numbers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [*IBANS, PAYER, "be68 5390 0754 7034", "GB82 WEST 1234 5698 7654 32"])
def test_a_right_account_number_is_taken_with_any_blanks(number):
    assert iban.normal(number) == "".join(number.split()).upper()
    assert iban.normal(iban.grouped(iban.normal(number))) == iban.normal(number)


@pytest.mark.parametrize(
    "number", ["", "BE", "BE68539007547035", "US64SVBKUS6S3300958879", "BE6853900754703", "ÄÖ12"]
)
def test_a_wrong_one_is_refused(number):
    with pytest.raises(IbanWrong):
        iban.normal(number)


@given(st.sampled_from(IBANS), st.data())
def test_every_single_wrong_digit_is_found(number, data):
    place = data.draw(st.integers(2, len(number) - 1))
    other = data.draw(st.sampled_from(string.digits if number[place].isdigit() else string.ascii_uppercase))
    bent = number[:place] + other + number[place + 1 :]
    if bent == number:
        assert iban.normal(bent) == number
    else:
        with pytest.raises(IbanWrong):
            iban.normal(bent)


def test_the_form_of_a_banks_code_is_known():
    assert all(iban.is_bic(code) for code in ("KREDBEBB", "GKCCBEBBXXX"))
    assert not any(iban.is_bic(code) for code in ("", "KRED", "KREDBEBBX", "kredbebb"))
