"""The browser's verifier, asked from Python: one process of Node answers about any number of records.

Run as a program it says what both verifiers think of a file: `python -m tests.support.browser_verifier FILE`.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

import isegoria_web
from isegoria.errors import BadInput
from isegoria.proof import verify_bytes

STATIC = Path(isegoria_web.__file__).parent / "web" / "static"
RUNNER = Path(__file__).parent / "verify-with-node.mjs"
EXAMPLES = 1000
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
Verdict = tuple[bool, str | None]
"""Whether all steps hold, and which is the first that does not."""


class Browser:
    """The verifier in its process; each question is one line in and one line out."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, data: bytes, **more: Any) -> dict[str, Any]:
        """Return what the verifier says of a file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"content": base64.b64encode(data).decode(), **more}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"node ended with {self._process.wait()}: it says why above"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def verdict(self, data: bytes, **more: Any) -> Verdict:
        """Return its verdict on a file."""
        return first_failure(self.ask(data, **more)["steps"])


def first_failure(steps: list[dict[str, Any]]) -> Verdict:
    """Return the verdict that follows from steps."""
    failed = next((step["name"] for step in steps if not step["ok"]), None)
    return failed is None, failed


def of_the_library(data: bytes) -> Verdict:
    """Return the verdict of the other verifier, written by another hand in another language."""
    try:
        found = verify_bytes(data)
    except BadInput:
        return False, "spelling"
    return found.ok, None if found.ok else next(step.name for step in found.steps if not step.ok)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the verifier; its process ends with the block."""
    program = shutil.which("node") or shutil.which("nodejs")
    assert program, "node is missing: run tools/system-packages"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("js", "vendor"):
            shutil.copytree(STATIC / name, folder / name)
        (folder / "package.json").write_text('{"type": "module"}')
        shutil.copy(RUNNER, folder / "run.mjs")
        process = subprocess.Popen(
            [program, "run.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield Browser(process)
        finally:
            process.communicate()


def kept(data: bytes) -> str:
    """Write a file on which the verifiers differ where it stays, and return how to look at it again."""
    with tempfile.NamedTemporaryFile(prefix="isegoria-differ-", suffix=".json", delete=False) as file:
        file.write(data)
    return f"the verifiers differ; see it again: python -m tests.support.browser_verifier {file.name}"


def verdicts_on(node: Browser, records: SearchStrategy[bytes], **more: Any) -> Counter[str | None]:
    """Ask both verifiers about a thousand files, and return how often which step failed first; fail where they differ."""
    verdicts: Counter[str | None] = Counter()

    @given(records)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def agree(data: bytes) -> None:
        own = of_the_library(data)
        verdicts[own[1]] += 1
        if node.verdict(data, **more) != own:
            pytest.fail(kept(data))

    agree()
    assert verdicts.total() >= EXAMPLES
    assert verdicts[None] > EXAMPLES / 10  # many are valid
    return verdicts


if __name__ == "__main__":
    content = Path(sys.argv[1]).read_bytes()
    with browser() as node:
        print("library:", of_the_library(content))  # noqa: T201
        print("browser:", node.verdict(content))  # noqa: T201
