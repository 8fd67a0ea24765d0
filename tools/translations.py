"""Collects the sentences to translate (`make`), or checks that every one is translated and compiled (`check`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from isegoria.errors import TEXTS

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "src" / "isegoria_web"
LANGUAGES = ("de", "fr", "nl")  # English is written in the code
LIBRARY_TEXTS = "library_texts.py"


def collect(site: Path) -> None:
    """Bring the .po files of a site's folder up to the sentences in its code and in the library's errors."""
    listed = site / LIBRARY_TEXTS
    sentences = sorted({sentence for text in TEXTS.values() for sentence in (text.problem, text.way_out)})
    listed.write_text("".join(f"_({sentence!r})\n" for sentence in sentences), "utf-8")
    try:
        command = [sys.executable, "-m", "django", "makemessages", "--no-wrap", "--add-location=file"]
        command += [option for language in LANGUAGES for option in ("-l", language)]
        environment = {
            name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
        }
        (site / "locale").mkdir(exist_ok=True)
        subprocess.run(command, cwd=site, env=environment, check=True, stdout=subprocess.DEVNULL)
    finally:
        listed.unlink()


def make() -> int:
    """Collect, compile, and say how much is left to translate."""
    collect(SITE)
    for path in sorted((SITE / "locale").glob("*/LC_MESSAGES/django.po")):
        catalogue = polib.pofile(str(path))
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        left = [*catalogue.untranslated_entries(), *catalogue.fuzzy_entries()]
        print(
            f"{path.relative_to(ROOT)}: {len(catalogue.translated_entries())} translated, {len(left)} to do"
        )
    return 0


def faults() -> list[str]:
    """Return what is missing, one sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "isegoria_web"
        shutil.copytree(SITE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        collect(copy)
        return [fault for language in LANGUAGES for fault in _faults_of(language, copy)]


def _faults_of(language: str, fresh: Path) -> list[str]:
    path = Path("locale") / language / "LC_MESSAGES" / "django.po"
    if not (SITE / path).exists():
        return [f"{language}: there is no {path}"]
    catalogue, wanted = polib.pofile(str(SITE / path)), polib.pofile(str(fresh / path))
    translated = {(e.msgctxt, e.msgid): e for e in catalogue.translated_entries() if not e.obsolete}
    found = [
        f"{language}: not translated: {entry.msgid!r} ({', '.join(name for name, _line in entry.occurrences)})"
        for entry in wanted
        if not entry.obsolete and (entry.msgctxt, entry.msgid) not in translated
    ]
    compiled = (SITE / path).with_suffix(".mo")
    if not compiled.exists():
        return [*found, f"{language}: {compiled.name} is missing"]
    there = {(e.msgctxt, e.msgid): (e.msgstr, e.msgstr_plural) for e in polib.mofile(str(compiled))}
    asked = {key: (e.msgstr, e.msgstr_plural) for key, e in translated.items()}
    if there != asked:
        found.append(f"{language}: {compiled.name} was not compiled from its .po")
    return found


def check() -> int:
    """Name every fault and the way out."""
    found = faults()
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print(f"{len(found)} to repair: make messages, then translate the .po files", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit({"make": make, "check": check}[sys.argv[1]]())
