"""Letters answered under load: people arrive at a fixed rate, whether the site keeps up or not.

    python benchmarks/answers.py sqlite       # 20 people a second for a minute, three times
    python benchmarks/answers.py postgresql   # 100,000 people an hour for a minute, three times

The site is the real one (`isegoria serve`) on loopback, with a database made by its migrations and letters whose codes
are known here. Every person is a browser of her own: the page of the code, the code, the form, the yes, the page that
says it was understood. Her waiting time begins when she arrives, also if the site has no time for her. Afterwards two
people at a time give the same code and answer at the same instant. In the end the database is asked what it holds.
Results: benchmarks/results/answers.json, told in docs/benchmarks-answers.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

RESULTS = Path(__file__).parent / "results" / "answers.json"
RATES = {"sqlite": 20.0, "postgresql": 100_000 / 3600}
RUNS, PAIRS = 3, 20
BROWSERS = (
    200  # so many people can wait at once; a site that falls further behind shows it in the waiting time
)
SLUG = "loadtest"
PAGE = f"/en/{SLUG}/answer/"
TICKS = os.sysconf("SC_CLK_TCK")
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


# -- what the site holds -------------------------------------------------------------------------------------


def post_letters(count: int) -> list[str]:
    """Make an institution whose letters are in the post, and return their codes."""
    from isegoria_web import clock  # noqa: PLC0415
    from isegoria_web.institutions.enums import Level, Stage, Status  # noqa: PLC0415
    from isegoria_web.institutions.models import (  # noqa: PLC0415
        Authority,
        Body,
        Cycle,
        Institution,
        RuleBookVersion,
    )
    from isegoria_web.journal.models import Chain  # noqa: PLC0415
    from isegoria_web.lottery.enums import DrawKind  # noqa: PLC0415
    from isegoria_web.lottery.models import Draw, Feature, Value  # noqa: PLC0415
    from isegoria_web.recruitment.models import Campaign  # noqa: PLC0415
    from isegoria_web.register.models import Extract  # noqa: PLC0415

    now = clock.now()
    name = {"en": "Load test"}
    institution = Institution.objects.create(
        authority=Authority.objects.create(slug="authority", name=name, level=Level.REGION),
        slug=SLUG, name=name, summary=name, status=Status.OPERATING, languages=["en"],
        chain=Chain.objects.create(name=SLUG), founded_on=now.date(),
    )  # fmt: skip
    rule_book = RuleBookVersion.objects.create(
        institution=institution, number=1, identifier=SLUG, text="", sha256="0" * 64,
        valid_from=now.date(), adopted_at=now,
    )  # fmt: skip
    body = Body.objects.create(institution=institution, key="panel", name=name, size_min=1, size_max=100)
    cycle = Cycle.objects.create(
        institution=institution, body=body, rule_book=rule_book, number=1, title=name, question=name,
        panel_size=50, stage=Stage.INVITING, opened_at=now,
    )  # fmt: skip
    for position, (key, values) in enumerate({"sex": "FM", "age": "123", "education": "123"}.items(), 1):
        feature = Feature.objects.create(cycle=cycle, key=key, name={"en": key}, position=position)
        for place, value in enumerate(values, 1):
            Value.objects.create(feature=feature, key=value, name={"en": value}, position=place)
    extract = Extract.objects.create(
        institution=institution, file_name="register.csv", sha256="0" * 64, residents=count,
        reference_date=now.date(), loaded_at=now, erase_on=now.date() + dt.timedelta(days=365),
    )  # fmt: skip
    draw = Draw.objects.create(
        cycle=cycle, kind=DrawKind.LETTERS, number=1, size=count, source=name, source_due_at=now,
        announced_at=now,
    )  # fmt: skip
    campaign = Campaign.objects.create(
        cycle=cycle, draw=draw, extract=extract, letters=count, age_min=16,
        reply_by=now.date() + dt.timedelta(days=30),
    )  # fmt: skip
    return _letters(campaign, count)


def _letters(campaign: Any, count: int) -> list[str]:
    from isegoria_web.recruitment import codes  # noqa: PLC0415
    from isegoria_web.recruitment.enums import InvitationStatus  # noqa: PLC0415
    from isegoria_web.recruitment.models import Invitation  # noqa: PLC0415
    from isegoria_web.register.models import Resident  # noqa: PLC0415

    made = list({code.selector: code for code in (codes.new_code() for _ in range(count))}.values())
    with ThreadPoolExecutor() as pool:  # the slow hash runs beside other threads
        hashes = list(pool.map(codes.hash_secret, [code.secret for code in made]))
    residents = Resident.objects.bulk_create(
        [
            Resident(
                extract=campaign.extract, pseudonym=f"{number:064d}", given_name="Given",
                family_name=f"Family{number}", sex="F", birth_date=dt.date(1980, 1, 1), language="en",
                street="Street", house_number=f"{number}", postcode="1000", municipality="1",
                municipality_name="Town",
            )
            for number in range(len(made))
        ],
        batch_size=500,
    )  # fmt: skip
    Invitation.objects.bulk_create(
        [
            Invitation(
                campaign=campaign, resident=resident, position=number, selector=code.selector,
                secret_hash=secret, language="en", status=InvitationStatus.SENT,
            )
            for number, (code, secret, resident) in enumerate(zip(made, hashes, residents, strict=True), 1)
        ],
        batch_size=500,
    )  # fmt: skip
    return [str(code) for code in made]


def held(answered: int) -> dict[str, Any]:
    """Ask the database whether every answered letter counts once, in the answers and in the journal."""
    from isegoria_web.journal.enums import Action  # noqa: PLC0415
    from isegoria_web.journal.models import Chain, Entry  # noqa: PLC0415
    from isegoria_web.recruitment.models import Invitation, Respondent  # noqa: PLC0415

    firsts = [
        entry["first"]
        for entry in Entry.objects.filter(action=Action.ANSWER_GIVEN).values_list("facts", flat=True)
    ]
    told = {
        "letters answered": Invitation.objects.answered().count(),
        "answers": Respondent.objects.count(),
        "first answers in the journal": sum(firsts),
        "changed answers in the journal": len(firsts) - sum(firsts),
    }
    assert {*list(told.values())[:3], answered} == {answered}, (told, answered)  # noqa: S101
    chain = Chain.objects.get(name=SLUG)
    entries = list(chain.entries.order_by("sequence").values_list("previous", "hash"))
    assert all(one[1] == other[0] for one, other in itertools.pairwise(entries)), "the chain is broken"  # noqa: S101
    assert chain.length == len(entries) and chain.head == entries[-1][1]  # noqa: S101, PT018
    return told


# -- what people do ------------------------------------------------------------------------------------------


@dataclass
class Browser:
    """One person's browser: it keeps cookies and one connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, address: str, expected: int, form: dict[str, str] | None = None) -> str:
        """Get a page, or send its form, and return what came; anything but the expected answer is an error."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("POST" if form else "GET", address, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if response.status != expected:
            raise ValueError(f"{address}: {response.status} instead of {expected}")
        return text

    def open(self, code: str) -> str:
        """Give the code of a letter and return the token of the form behind it."""
        token = _token(self.ask(PAGE, 200))
        self.ask(PAGE, 302, {"csrfmiddlewaretoken": token, "code": code})
        return _token(self.ask(f"{PAGE}form/", 200))

    def say_yes(self, token: str, name: str) -> None:
        """Send the form, and read that it was understood."""
        told = {
            "name": name, "email": f"{secrets.token_hex(6)}@example.org", "phone": "", "language": "en",
            "feature_sex": "F", "feature_age": "1", "feature_education": "2", "consent": "on",
        }  # fmt: skip
        self.ask(f"{PAGE}form/", 302, {"csrfmiddlewaretoken": token} | told)
        self.ask(f"{PAGE}done/", 200)


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise ValueError("a page without its form")
    return found[1]


def arrive(port: int, codes: list[str], rate: float) -> dict[str, Any]:
    """Let one person a code arrive at a fixed rate, and tell how long they waited and what went wrong."""
    queue = iter(list(enumerate(codes)))
    lock, waited, errors = threading.Lock(), [], Counter[str]()
    begin = time.monotonic() + 0.5

    def people() -> None:
        while True:
            with lock:
                number, code = next(queue, (-1, ""))
            if number < 0:
                return
            due = begin + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                browser = Browser(port)
                browser.say_yes(browser.open(code), f"Person {code}")
                browser.connection.close()
            except (OSError, ValueError, http.client.HTTPException) as error:
                errors[f"{type(error).__name__}: {error}"[:120]] += 1
            else:
                waited.append(time.monotonic() - due)

    threads = [threading.Thread(target=people) for _ in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begin
    cuts = quantiles(waited, n=100) if len(waited) > 1 else [0.0] * 99
    return {
        "people": len(codes),
        "rate asked": round(rate, 2),
        "rate achieved": round(len(waited) / seconds, 2),
        "errors": sum(errors.values()),
        "which": dict(errors.most_common(5)),
        "journey median": round(cuts[49], 3),
        "journey 95 %": round(cuts[94], 3),
        "journey 99 %": round(cuts[98], 3),
        "seconds": round(seconds, 1),
    }


def meet(port: int, code: str) -> None:
    """Let two people give one code and answer at the same instant, each step together: exactly one succeeds."""
    together = threading.Barrier(2, timeout=60)
    late = []

    def person(name: str) -> None:
        browser = Browser(port)
        together.wait()
        token = browser.open(code)
        together.wait()
        try:
            browser.say_yes(token, name)
        except ValueError as refused:
            if "409" not in str(refused):
                raise
            late.append(name)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(person, name) for name in ("First Person", "Second Person")]:
            done.result()
    assert len(late) == 1, f"{2 - len(late)} of two people with one code succeeded"  # noqa: S101


# -- servers -------------------------------------------------------------------------------------------------


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """Start a throw-away server with the settings that it is installed with: every commit waits for the disk."""
    if not POSTGRESQL:
        raise SystemExit("No PostgreSQL server in /usr/lib/postgresql: install the package `postgresql`.")
    place, port = folder / "postgresql", free_port()
    place.mkdir()
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        folder.chmod(0o755)
        shutil.chown(place, "postgres", "postgres")
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [POSTGRESQL[-1] / program, "-D", place / "data", *arguments],
            cwd=place, check=True, stdout=subprocess.DEVNULL, **user,
        )  # fmt: skip

    run("initdb", "-U", "isegoria", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8")
    options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1"
    run("pg_ctl", "-w", "-o", options, "-l", f"{place}/log", "start")
    try:
        pid = int((place / "data" / "postmaster.pid").read_text("utf-8").splitlines()[0])
        yield f"postgresql://isegoria@127.0.0.1:{port}/postgres", pid
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the address of an empty database and its server's process: no address and 0 for the site's own SQLite."""
    if kind == "postgresql":
        with postgresql(folder) as found:
            yield found
    else:
        yield "", 0


@contextmanager
def site(port: int, workers: int) -> Iterator[int]:
    """Start the site as it is installed, and yield the number of its process once it answers."""
    program = Path(sys.executable).with_name("isegoria")
    options = ["--port", str(port), "--workers", str(workers)]
    with subprocess.Popen([program, "serve", *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101
            if "answers on" not in server.stdout.readline():
                raise SystemExit("the site did not start")
            threading.Thread(target=server.stdout.read, daemon=True).start()
            yield server.pid
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(root: int) -> float:
    """Return the CPU seconds of a process and all that it started, the ended ones too."""
    parents, spent = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended; its time is counted by its parent
        pid = int(file.parent.name)
        parents[pid], spent[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {root}
    while True:
        found = {pid for pid, parent in parents.items() if parent in family} - family
        if not found:
            return sum(spent.get(pid, 0) for pid in family) / TICKS
        family |= found


def machine_seconds() -> float:
    """Return the CPU seconds that the whole machine has worked."""
    fields = [int(each) for each in Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


# -- the benchmark -------------------------------------------------------------------------------------------


def set_up(folder: Path, url: str) -> None:
    """Make a fresh site in a folder: its settings, its tables."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "isegoria_web.settings", "DATABASE_URL": url, "ISEGORIA_HTTPS": "0",
        "ISEGORIA_DATA": str(folder / "data"), "ISEGORIA_HOSTS": "127.0.0.1", "ISEGORIA_DEBUG": "0",
        "ISEGORIA_SECRET_KEY": secrets.token_urlsafe(48), "ISEGORIA_LOG_LEVEL": "WARNING",
        "ISEGORIA_PSEUDONYM_KEY": secrets.token_urlsafe(48),
    }  # fmt: skip
    import django  # noqa: PLC0415

    django.setup()
    (folder / "data").mkdir()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def measure(codes: list[str], rate: float, port: int, roots: dict[str, int]) -> dict[str, Any]:
    """Let people arrive once, and add what it cost."""
    load = os.getloadavg()[0]
    before = {name: cpu_seconds(root) for name, root in roots.items()}
    machine, own = machine_seconds(), time.process_time()
    told = arrive(port, codes, rate)
    spent = {name: cpu_seconds(root) - before[name] for name, root in roots.items()}
    spent["people"] = time.process_time() - own
    others = machine_seconds() - machine - sum(spent.values())
    cpu = {name: round(1000 * seconds / len(codes), 1) for name, seconds in spent.items()}
    return told | {
        "CPU ms a person": cpu,
        "cores used by others": round(max(0.0, others) / told["seconds"], 2),
        "load before": round(load, 2),
    }


def benchmark(kind: str, rate: float, seconds: int, workers: int, folder: Path) -> dict[str, Any]:
    """Measure one database three times, then let pairs meet, and ask the database."""
    people = round(rate * seconds)
    with database(kind, folder) as (url, postmaster):
        set_up(folder, url)
        codes = post_letters(RUNS * people + PAIRS)
        port = free_port()
        with site(port, workers) as server:
            roots = {"site": server} | ({"database": postmaster} if postmaster else {})
            Browser(port).ask(PAGE, 200)
            runs = []
            for run in range(RUNS):
                runs.append(measure(codes[run * people : (run + 1) * people], rate, port, roots))
                print(json.dumps(runs[-1]), flush=True)
            pairs = codes[RUNS * people :]
            for code in pairs:
                meet(port, code)
            answered = len(pairs) + sum(run["people"] - run["errors"] for run in runs)
            told = held(answered)
    middle = {
        key: median(run[key] for run in runs)
        for key in (
            "rate achieved",
            "journey median",
            "journey 95 %",
            "journey 99 %",
            "cores used by others",
        )
    }
    return {
        "workers": workers, "rate asked": round(rate, 2), "seconds": seconds, "pairs": len(pairs),
        "errors": sum(run["errors"] for run in runs), "medians": middle, "held": told, "runs": runs,
    }  # fmt: skip


def main() -> None:
    """Measure and keep the result beside those of the other database."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", choices=sorted(RATES))
    parser.add_argument("--rate", type=float, help="people a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2, help="processes of the site that answer requests")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ended from outside, the servers end too
    rate = options.rate or RATES[options.database]
    with tempfile.TemporaryDirectory(prefix="isegoria-benchmark-") as name:
        told = benchmark(options.database, rate, options.seconds, options.workers, Path(name))
    kept = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {}
    options.out.write_text(json.dumps(kept | {options.database: told}, indent=1) + "\n", "utf-8")
    print(json.dumps({key: value for key, value in told.items() if key != "runs"}, indent=1))


if __name__ == "__main__":
    main()
