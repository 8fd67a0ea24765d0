from __future__ import annotations

import base64
import copy
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
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
    record,
    verify,
)
from isegoria.proof.timestamps import OTS_HEADER

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


def test_of_an_opentimestamps_receipt_the_hash_is_checked_and_the_rest_left_open():
    made = committed(LATER)
    right = stamped(
        made, Timestamp("opentimestamps", OTS_HEADER + bytes.fromhex(made["hash"]) + b"\xf0\x10rest")
    )
    assert verify(right).ok
    assert "OpenTimestamps client" in step(right).unchecked
    for content in (OTS_HEADER + bytes(32), b"junk"):
        assert not step(stamped(made, Timestamp("opentimestamps", content))).ok


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
