from __future__ import annotations

import base64
import copy
import hashlib
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria.proof import (
    CommittedLottery,
    Entry,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    Timestamp,
    commitment,
    dump,
    opentimestamps,
    record,
    verify,
)
from isegoria.proof.opentimestamps import HEADER, NotReadableError, read_block_header, read_receipt
from isegoria.proof.timestamps import check_receipt

CONFIG = """
[tsa]
default_tsa = mine
[mine]
dir = .
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
SOURCE = "public:lotto-2027"


def committed(moment):
    specification = Specification(
        "Eupen", "council", "2027", 1, [], 0, "none", "isegoria", RuleBook("example", "1", "0" * 64),
        [Source(SOURCE, moment, "The draw is announced again.")],
    )  # fmt: skip
    entries = [Entry(f"C{number}", {"age": "any"}, bytes([number]) * 16) for number in range(3)]
    return commitment(
        specification, entries, CommittedLottery([{"age": "any"}], [(1, [1])]), moment - timedelta(days=1)
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return a time-stamping authority of our own: hash to response, and its root certificate."""
    program = shutil.which("openssl")
    assert program, "openssl is missing: run tools/system-packages"
    folder = tmp_path_factory.mktemp("tsa")

    def run(*arguments):
        subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    (folder / "leaf.cnf").write_text(
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    for name, subject in (("root", "/CN=Root"), ("other", "/CN=Other")):
        run(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-subj", subject, "-days", "3650", "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip
    run(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.csr",
        "-subj",
        "/CN=Stamps",
    )
    run(
        "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3650",
        "-extfile", "leaf.cnf", "-out", "tsa.pem",
    )  # fmt: skip

    def stamp(digest):
        run("ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", "query")
        run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (folder / "reply").read_bytes()

    return stamp, (folder / "root.pem").read_bytes(), (folder / "other.pem").read_bytes()


def stamped(made, *stamps):
    moment = datetime.fromisoformat(made["specification"]["randomness"][0]["moment"])
    return record(made, [RandomValue(SOURCE, "7", moment)], stamps)


def step(document, **options):
    return next(one for one in verify(document, **options).steps if one.name == "timestamps")


LATER = datetime(2127, 3, 1, tzinfo=UTC)


def test_a_time_stamp_of_an_authority_that_the_reader_trusts_holds(authority):
    stamp, root, _ = authority
    made = committed(LATER)
    document = stamped(made, Timestamp("rfc3161", stamp(made["hash"])))
    assert verify(document, roots=[root]).ok
    assert step(document, roots=[root]).unchecked is None
    assert "root certificate" in step(document).unchecked
    assert verify(document).ok


def test_a_time_stamp_of_somebody_else_is_caught(authority):
    stamp, _, other = authority
    made = committed(LATER)
    document = stamped(made, Timestamp("rfc3161", stamp(made["hash"])))
    assert "not signed by an authority" in step(document, roots=[other]).first_difference
    assert "not in the form PEM" in step(document, roots=[b"x"]).first_difference


def test_a_time_stamp_over_something_else_is_caught(authority):
    stamp, root, _ = authority
    document = stamped(committed(LATER), Timestamp("rfc3161", stamp("ab" * 32)))
    assert "and not the commitment" in step(document, roots=[root]).first_difference
    document = stamped(committed(LATER), Timestamp("rfc3161", b"junk"))
    assert "is not a time-stamp response" in step(document).first_difference


def test_a_commitment_that_was_published_late_is_caught_by_its_time_stamp(authority):
    stamp, root, _ = authority
    made = committed(
        datetime(2024, 3, 1, tzinfo=UTC)
    )  # back-dated: it says that it is older than its randomness
    document = stamped(made, Timestamp("rfc3161", stamp(made["hash"])))
    assert "not before the first source spoke" in step(document, roots=[root]).first_difference
    assert not verify(document).ok


def test_a_time_stamp_with_a_byte_changed_is_caught(authority):
    stamp, root, _ = authority
    made = committed(LATER)
    response = stamp(made["hash"])
    for place in range(40, len(response), 97):
        bent = response[:place] + bytes([response[place] ^ 1]) + response[place + 1 :]
        found = step(stamped(made, Timestamp("rfc3161", bent)), roots=[root])
        # A byte of a certificate that is not in the chain of the signature may be free; nothing else is.
        assert not found.ok or bent[-256:] == response[-256:]
    last = response[:-1] + bytes([response[-1] ^ 1])
    assert not step(stamped(made, Timestamp("rfc3161", last)), roots=[root]).ok


# -- OpenTimestamps -----------------------------------------------------------------------------------

HELLO = bytes.fromhex(
    "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294010803ba204e50d126e4674c005e04d82e84c21366780af1f43b"
    "d54a37816b6ab34003f1c8010100000001e482f9d32ecc3ba657b69d898010857b54457a90497982ff56f97c4ec58e6f98010000006b483045"
    "022100b253add1d1cf90844338a475a04ff13fc9e7bd242b07762dea07f5608b2de367022000b268ca9c3342b3769cdd062891317cdcef87aa"
    "c310b6855e9d93898ebbe8ec0121020d8e4d107d2b339b0050efdd4b4a09245aa056048f125396374ea6a2ab0709c6ffffffff026533e60500"
    "0000001976a9140bf057d40fbba6744862515f5b55a2310de5772f88aca0860100000000001976a914f00688ac000000000808f120a987f716"
    "c533913c314c78e35d35884cac943fa42cac49d2b2c69f4003f85f880808f120dec55b3487e1e3f722a49b55a7783215862785f4a3acb39284"
    "6019f71dc64a9d0808f120b2ca18f485e080478e025dab3d464b416c0e1ecb6629c9aefce8c8214d0424320808f02011b0e90661196ff4b081"
    "3c3eda141bab5e91604837bdf7a0c9df37db0e3a11980808f020c34bc1a4a1093ffd148c016b1e664742914e939efabe4d3d356515914b26d9"
    "e20808f020c3e6e7c38c69f6af24c2be34ebac48257ede61ec0a21b9535e4443277be306460808f1200798bf8606e00024e5d5d54bf0c960f6"
    "29dfb9dad69157455b6f2652c0e8de810808f0203f9ada6d60baa244006bb0aad51448ad2fafb9d4b6487a0999cff26b91f0f5360808f120c7"
    "03019e959a8dd3faef7489bb328ba485574758e7091f01464eb65872c975c80808f020cbfefff513ff84b915e3fed6f9d799676630f8364ea2"
    "a6c7557fad94a5b5d7880808f1200be23709859913babd4460bbddf8ed213e7c8773a4b1face30f8acfdf093b7050808000588960d73d71901"
    "03f7ef15"
)
"""The example that the project itself publishes: “Hello World!” and a line end, in block 358391 of 28 May 2015."""
HELLO_HASH = hashlib.sha256(b"Hello World!\n").digest()
BLOCK = bytes.fromhex(
    "02000000b96394585a281b7e5f438fd1c9ed492645a1fd61cb3802040000000000000000007ee445d23ad061af4a36b809501fab1ac4f2d7e7"
    "a739817dd0cbb7ec661b8a1e376755f58616186272def6"
)
PROMISE = "83dfe30d2ef90c8e"
AFTER = datetime(2015, 5, 29, tzinfo=UTC)


def receipt(rest, stamped_hash=HELLO_HASH):
    return HEADER + stamped_hash + bytes.fromhex(rest)


def checked(content=HELLO, before=AFTER, blocks=(BLOCK,)):
    return check_receipt("opentimestamps", content, HELLO_HASH, before, (), blocks)


@pytest.fixture
def work_of_2015(monkeypatch):
    monkeypatch.setattr(opentimestamps, "LEAST_DIFFICULTY", 10**10)


def test_a_receipt_leads_to_the_merkle_root_of_its_block():
    stamped_hash, (found,) = read_receipt(HELLO)
    assert (stamped_hash, found.block) == (HELLO_HASH, 358_391)
    assert found.merkle_root == "8a1b66ecb7cbd07d8139a7e7d7f2c41aab1f5009b8364aaf61d03ad245e47e00"
    header = read_block_header(BLOCK)
    assert (header.merkle_root, header.time) == (
        found.reached,
        datetime(2015, 5, 28, 15, 41, 18, tzinfo=UTC),
    )
    assert 48e9 < header.difficulty < 49e9


@pytest.mark.usefixtures("work_of_2015")
def test_a_receipt_holds_with_the_header_of_its_block_and_no_network():
    assert checked() == (None, None)
    assert checked(blocks=[bytes(80), BLOCK]) == (None, None)
    assert checked(before=datetime(2015, 5, 28, 17, tzinfo=UTC))[0].endswith(
        "not before the first source spoke"
    )
    assert "give the block's header" in checked(blocks=[])[1]
    assert "of another block" in checked(blocks=[BLOCK[:36] + bytes(32) + BLOCK[68:]])[1]


@pytest.mark.usefixtures("work_of_2015")
@given(st.integers(0, 80 * 8 - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_header_in_which_anything_is_changed_proves_nothing(bit):
    bent = bytearray(BLOCK)
    bent[bit // 8] ^= 1 << bit % 8
    fault, unchecked = checked(blocks=[bytes(bent)])
    assert fault or unchecked


def test_a_header_with_little_work_in_it_proves_nothing():
    fault, unchecked = checked()
    assert fault is None
    assert "costs little to make up" in unchecked


@given(st.integers(0, len(HELLO) - 1), st.integers(0, 255))
def test_a_receipt_in_which_a_byte_is_changed_leads_elsewhere_or_nowhere(place, byte):
    bent = HELLO[:place] + bytes([byte]) + HELLO[place + 1 :]
    if bent == HELLO:
        return
    try:
        stamped_hash, found = read_receipt(bent)
    except NotReadableError:
        return
    root = read_receipt(HELLO)[1][0]
    assert stamped_hash != HELLO_HASH or root not in found


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ("", "ends too early"),
        ("f010", "ends too early"),
        ("f0" + "ff" * 10, "too large"),
        ("f0ffff7f", "too long"),
        ("0800" + "00" * 8 + "00" + "00", "goes on after its end"),
        ("08" * 300, "more steps"),
        ("f3" * 9, "too long"),
        ("42", "operation 0x42"),
        ("67", "operation 0x67"),
    ],
)
def test_what_is_no_receipt_is_refused_with_its_reason(rest, what):
    with pytest.raises(NotReadableError, match=what):
        read_receipt(receipt(rest))


def test_every_operation_and_every_fork_is_followed():
    block = "000588960d73d7190101"
    forked = receipt(f"ff08{block}05fff2{block}06fff3{block}07f1026162f0016302{block}08")
    _stamped, found = read_receipt(forked)
    assert [one.block for one in found] == [5, 6, 7, 8]
    assert [one.reached for one in found] == [
        hashlib.sha256(HELLO_HASH).digest(),
        HELLO_HASH[::-1],
        HELLO_HASH.hex().encode(),
        hashlib.sha1(b"ab" + HELLO_HASH + b"c", usedforsecurity=False).digest(),
    ]


def test_a_promise_is_no_proof_yet_and_says_whose_it_is():
    address = b"https://calendar\x1b[2J.example"  # a control character must not reach a terminal
    payload = bytes([len(address)]) + address
    content = receipt("08" + "00" + PROMISE + f"{len(payload):02x}" + payload.hex())
    fault, unchecked = checked(content)
    assert fault is None
    assert "the promise of https://calendar�[2J.example" in unchecked


def test_of_a_record_with_a_receipt_the_hash_is_checked_and_the_block_left_open():
    made = committed(LATER)
    own = bytes.fromhex(made["hash"])
    right = stamped(made, Timestamp("opentimestamps", receipt("08" + "000588960d73d719010105", own)))
    assert verify(right).ok
    root = hashlib.sha256(own).digest()[::-1].hex()
    assert f"block 5 of Bitcoin has the Merkle root {root}" in step(right).unchecked
    for content in (receipt("08000588960d73d719010105", bytes(32)), b"junk", HELLO):
        assert not step(stamped(made, Timestamp("opentimestamps", content))).ok


def test_the_command_takes_the_header_of_a_block(tmp_path):
    made = committed(LATER)
    content = receipt("08000588960d73d719010105", bytes.fromhex(made["hash"]))
    (tmp_path / "draw.json").write_bytes(dump(stamped(made, Timestamp("opentimestamps", content))))
    run = CliRunner().invoke
    arguments = ["verify", str(tmp_path / "draw.json"), "--bitcoin-header"]
    assert "of another block" in run(app, [*arguments, BLOCK.hex()]).output
    for wrong in ("xyz", "00"):
        assert run(app, [*arguments, wrong]).exit_code == 2


def test_without_its_library_a_time_stamp_is_not_checked_and_does_not_hold(authority, monkeypatch):
    stamp, _, _ = authority
    made = committed(LATER)
    document = stamped(made, Timestamp("rfc3161", stamp(made["hash"])))
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    found = step(document)
    assert not found.ok
    assert not found.false
    assert "isegoria[signatures]" in found.unchecked


def test_bytes_that_are_no_base_64_are_caught():
    document = copy.deepcopy(stamped(committed(LATER), Timestamp("opentimestamps", b"abc")))
    document["timestamps"][0]["content"] = base64.b64encode(b"abcd").decode().rstrip("=")
    assert not step(document).ok


def test_the_command_takes_the_root_certificate(authority, tmp_path):
    stamp, root, other = authority
    made = committed(LATER)
    (tmp_path / "draw.json").write_bytes(dump(stamped(made, Timestamp("rfc3161", stamp(made["hash"])))))
    (tmp_path / "root.pem").write_bytes(root)
    (tmp_path / "other.pem").write_bytes(other)
    run = CliRunner().invoke
    arguments = ["verify", str(tmp_path / "draw.json"), "--tsa"]
    assert run(app, [*arguments, str(tmp_path / "root.pem")]).exit_code == 0
    assert run(app, [*arguments, str(tmp_path / "other.pem")]).exit_code == 1
