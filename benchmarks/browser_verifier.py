"""How long a browser takes to redo a draw with 20,000 entries: `python benchmarks/browser_verifier.py [ENTRIES]`.

The target is ten seconds in Chromium. Prints each step's share.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from playwright.sync_api import sync_playwright

import isegoria_web
from isegoria.proof import (
    CommittedLottery,
    Entry,
    Quota,
    RuleBook,
    Source,
    Specification,
    beacon_value,
    commitment,
    dump,
    quicknet_source,
    record,
)

SEATS = 150
STATIC = Path(isegoria_web.__file__).parent / "web" / "static"
ROUND_AT = datetime.fromtimestamp(1_692_803_367 + 3 * 657_412, UTC)
SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
PAGE = """<!doctype html><meta charset="utf-8"><title>measure</title><script type="module">
import { verifyBytes } from "./js/draw-verifier.js";
const bytes = new Uint8Array(await (await fetch("record.json")).arrayBuffer());
const lines = [];
let before = performance.now();
const began = before;
for await (const step of verifyBytes(bytes)) {
  lines.push(`${step.ok ? "ok" : "FALSE"} ${step.name} ${Math.round(performance.now() - before)} ms`);
  before = performance.now();
}
lines.push(`all ${((performance.now() - began) / 1000).toFixed(2)} s`);
document.body.innerText = lines.join("\\n");
document.body.id = "done";
</script><body></body>"""


def big_record(count: int) -> bytes:
    """Return a record with this many entries of 480 types and 200 compositions, and a beacon."""
    names = {"age": 6, "sex": 2, "district": 10, "school": 4}
    types = [
        dict(zip(names, map(str, values), strict=True)) for values in product(*map(range, names.values()))
    ]
    entries = [
        Entry(
            f"P{number:05}",
            types[number % len(types)],
            hashlib.sha256(number.to_bytes(4, "big")).digest()[:16],
        )
        for number in range(count)
    ]
    compositions = [
        (1 + j, [int((t * 7 + j * 13) % len(types) < SEATS) for t in range(len(types))]) for j in range(200)
    ]
    quotas = [Quota("sex", value, 0, SEATS) for value in "01"]
    specification = Specification(
        "Big", "panel", "2027", SEATS, quotas, SEATS, "none", "isegoria", RuleBook("example", "1", "0" * 64),
        [Source(quicknet_source(ROUND_AT), ROUND_AT, "The draw is announced again.")],
    )  # fmt: skip
    made = commitment(
        specification, entries, CommittedLottery(types, compositions), ROUND_AT - timedelta(1)
    )
    return dump(record(made, [beacon_value(quicknet_source(ROUND_AT), SIGNATURE, ROUND_AT)]))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Measure and print."""
    data = big_record(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "record.json").write_bytes(data)
        (folder / "index.html").write_text(PAGE)
        (folder / "js").symlink_to(STATIC / "js")
        (folder / "vendor").symlink_to(STATIC / "vendor")
        handler = functools.partial(_Quiet, directory=name)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page()
            page.on("pageerror", lambda error: print(f"error in the page: {error}"))
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.locator("#done").wait_for(timeout=120_000)
            print(f"{len(data):,} bytes")
            print(page.inner_text("body"))
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
