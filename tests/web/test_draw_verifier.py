"""The verifier of the browser and the verifier of the library: two hands, one page of specification, one verdict."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import isegoria_web
from isegoria.errors import BadInput
from isegoria.proof import canonical, dump, receipt, verify_bytes, verify_receipt
from tests.support.transcripts import KEY, Choice, corrupted, honest, pool_of

STATIC = Path(isegoria_web.__file__).parent / "web" / "static"
RUNNER = Path(__file__).parents[1] / "support" / "verify-with-node.mjs"
HONEST, CORRUPTED = 250, 750


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Return a function that asks the browser's verifier about many records, in one process."""
    program = shutil.which("node") or shutil.which("nodejs")
    assert program, "node is missing: run tools/system-packages"
    folder = tmp_path_factory.mktemp("node")
    for name in ("js", "vendor"):
        shutil.copytree(STATIC / name, folder / name)
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(RUNNER, folder / "run.mjs")

    def ask(questions):
        lines = "".join(json.dumps(one) + "\n" for one in questions)
        done = subprocess.run(
            [program, "run.mjs"], cwd=folder, input=lines, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


def encoded(data):
    return base64.b64encode(data).decode()


def verdict(steps):
    """Return whether all steps hold, and which is the first that does not."""
    failed = next((step["name"] for step in steps if not step["ok"]), None)
    return failed is None, failed


def library(data):
    try:
        found = verify_bytes(data)
    except BadInput:
        return False, "spelling"
    return found.ok, None if found.ok else next(step.name for step in found.steps if not step.ok)


def test_both_verifiers_agree_on_a_thousand_records(node):
    files = [dump(honest(number)) for number in range(HONEST)]
    files += [corrupted(number) for number in range(CORRUPTED)]
    answers = node([{"content": encoded(data)} for data in files])
    assert len(answers) == len(files)
    verdicts = Counter()
    for number, (data, answer) in enumerate(zip(files, answers, strict=True)):
        own = library(data)
        assert verdict(answer["steps"]) == own, (number, answer["steps"], data[:200])
        verdicts[own[1]] += 1
    assert all(library(data)[0] for data in files[:HONEST])
    # The corruptions reach deep: many kinds of steps, and some that change only what is said, not computed.
    assert len(verdicts) > 10
    assert sum(verdicts.values()) - verdicts[None] > CORRUPTED * 0.9


def test_both_name_the_same_steps_in_the_same_order(node):
    for number in range(20):
        data = dump(honest(number))
        (answer,) = node([{"content": encoded(data)}])
        assert [step["name"] for step in answer["steps"]] == [
            step.name for step in verify_bytes(data).steps
        ]
        shown = {step["name"] for step in answer["steps"] if step["unchecked"]}
        assert shown == {step.name for step in verify_bytes(data).steps if step.unchecked}


def test_the_published_hash_counts_in_the_browser_too(node):
    document = next(one for one in map(honest, range(20)) if "result" in one)
    right, wrong = node(
        [
            {"content": encoded(dump(document)), "published": published}
            for published in (document["commitment"], "0" * 64)
        ]
    )
    assert verdict(right["steps"]) == (True, None)
    assert verdict(wrong["steps"]) == (False, "commitment")


def test_a_receipt_says_the_same_in_the_browser(node):
    questions, expected = [], []
    for number in range(30):
        document, choice = honest(number), Choice(number, "receipts")
        entries = pool_of(town_of(number))
        entry = choice.of(entries)
        sealed = document["specification"]["disclosure"] == "sealed"
        own = receipt(entry, [one.leaf for one in entries], KEY if sealed else None)
        if choice.below(3) == 0:
            field = choice.of(["salt", "code", "features", "path", "seal"])
            own[field] = {
                "salt": "0" * 32,
                "code": "C99",
                "features": {"age": "x"},
                "path": [],
                "seal": "0" * 32,
            }[field]
        found = verify_receipt(document, own)
        questions.append({"content": encoded(dump(document)), "receipt": json.loads(canonical(own))})
        expected.append((found, document, own))
    for answer, (found, document, own) in zip(node(questions), expected, strict=True):
        assert verdict(answer["steps"])[0] == found.ok, (own, answer)
        if answer["root"] is not None:
            assert answer["root"] == document["pool"]["root"]
            chance = document["lottery"]["chances"][
                next(one["type"] for one in document["pool"]["entries"] if one["code"] == own["code"])
            ]
            assert answer["chance"] == chance
        if found.ok:
            words = {"member": "drawn as a member", "none": "; not drawn", "open": "still to come"}
            word = words.get(answer["outcome"], f"drawn as alternate number {answer['place']}")
            assert word in found.steps[-1].detail


def town_of(number):
    choice = Choice(number, "honest")
    choice.below(3)
    return choice.below(12)
