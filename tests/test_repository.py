"""The repository tests itself: nothing is left over, nothing is undocumented, and the documents tell the truth."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shutil
import subprocess
import tomllib
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from isegoria import cli, errors
from isegoria_web import environment
from isegoria_web.journal.enums import Action

ROOT = Path(__file__).resolve().parent.parent
LIBRARY, SITE = ROOT / "src" / "isegoria", ROOT / "src" / "isegoria_web"
TEMPLATES = SITE / "web" / "templates"
LINES_OF_A_FILE, LINES_OF_A_FUNCTION = 400, 60
"""Hints, not gates: look again at what is longer."""


@cache
def sources(folder: Path) -> dict[Path, str]:
    return {
        path: path.read_text("utf-8")
        for path in sorted(folder.rglob("*.py"))
        if "migrations" not in path.parts
    }


@cache
def files_of_the_repository() -> tuple[Path, ...]:
    """What stands under version control, or would if it were added; in an unpacked archive, every file."""
    if not (ROOT / ".git").exists():
        built = {
            ".venv",
            ".venv-wheel",
            "var",
            "dist",
            "__pycache__",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
        }
        return tuple(
            path for path in sorted(ROOT.rglob("*")) if path.is_file() and not built & set(path.parts)
        )
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return tuple(
        path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()
    )


def text_of(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def pages() -> Iterator[tuple[Path, str]]:
    """Every document of the repository."""
    for path in files_of_the_repository():
        if path.suffix == ".md":
            yield path, path.read_text("utf-8")


def our_apps() -> list[str]:
    return [name for name in settings.INSTALLED_APPS if name.startswith("isegoria_web.")]


# -- nothing is left over ------------------------------------------------------------------------------
def test_every_template_is_used() -> None:
    python = "\n".join(sources(SITE).values())
    html = "\n".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))
    unused = [
        name
        for path in TEMPLATES.rglob("*.*")
        if not _is_used(name := path.relative_to(TEMPLATES).as_posix(), python, html)
    ]
    assert unused == []


def _is_used(name: str, python: str, html: str) -> bool:
    """Whether it is named whole, as `members/{name}.html` by its stem, or replaces a package's template."""
    folder, _, stem = name.removesuffix(".html").rpartition("/")
    by_stem = f'f"{folder}/{{' in python and f'"{stem}"' in python
    return f'"{name}"' in python or f'"{name}"' in html or by_stem or _replaces_a_package(name)


def _replaces_a_package(name: str) -> bool:
    allauth = Path(import_module("allauth").__file__).parent / "templates"
    return (allauth / name).exists()


def test_every_static_file_is_used() -> None:
    static = SITE / "web" / "static"
    written = "\n".join(
        text
        for path in SITE.rglob("*")
        if path.suffix in {".py", ".html", ".css", ".js"} and (text := text_of(path))
    )
    left_over = [
        path.relative_to(static).as_posix()
        for path in static.rglob("*")
        if path.is_file() and "LICENSE" not in path.name and path.name not in written
    ]
    assert left_over == []


WRITES = "from isegoria_web.journal.services import"
"""Modules with verbs write into the journal by this door."""


def test_every_act_that_the_journal_knows_is_written_by_somebody() -> None:
    written = "\n".join(text for text in sources(SITE).values() if WRITES in text)
    assert [action.name for action in Action if not re.search(rf"\bAction\.{action.name}\b", written)] == []


# -- errors ----------------------------------------------------------------------------------------------
def _raised() -> Iterator[tuple[str, str]]:
    """Every code that is given to one of our errors, with its place."""
    classes = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, Exception)
    }
    for path, text in (sources(LIBRARY) | sources(SITE)).items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in classes and isinstance(node.args[0].value, str):
                    yield node.args[0].value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_code_that_is_raised_has_its_sentences() -> None:
    assert [place for code, place in _raised() if code not in errors.TEXTS] == []


def test_every_registered_error_is_raised_somewhere() -> None:
    constants = {
        node.value
        for path, text in sources(LIBRARY).items()
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } | {"several"}  # raised by errors.py itself
    assert sorted(set(errors.TEXTS) - constants) == []


@pytest.mark.parametrize("code", sorted(errors.TEXTS))
def test_every_error_says_what_and_how_to_repair_it(code: str) -> None:
    text = errors.TEXTS[code]
    for sentence in (text.problem, text.way_out):
        assert sentence == sentence.strip()
        assert sentence[-1] in ".!?”"


# -- documents -----------------------------------------------------------------------------------------
def test_every_path_that_a_document_names_exists() -> None:
    pattern = re.compile(
        r"`((?:src|tests|docs|tools|benchmarks|changelog\.d|\.ci)/[\w./<>*-]*)`|\]\((?!https?:|#|mailto:)([^)#]+)"
    )
    missing = []
    for path, text in pages():
        for quoted, linked in pattern.findall(text):
            named = quoted or linked
            if "<" in named:
                continue
            base = ROOT if quoted else path.parent
            if not (list(ROOT.glob(named)) if "*" in named else (base / named).exists()):
                missing.append(f"{path.relative_to(ROOT)}: {named}")
    assert missing == []


def test_every_command_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = set(import_module("isegoria.cli.main").ROOMS) | set(import_module("isegoria.cli.main").SITE)
    unknown = []
    for path, text in pages():
        unknown += [
            f"{path.name}: make {name}"
            for name in re.findall(r"`make ([a-z-]+)", text)
            if name not in targets
        ]
        unknown += [
            f"{path.name}: isegoria {name}"
            for name in re.findall(r"`isegoria ([a-z]+)", text)
            if name not in commands
        ]
    assert unknown == []


def test_every_command_of_the_site_is_registered_and_has_a_line_of_help() -> None:
    site = import_module("isegoria.cli.main").SITE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["entry-points"]["isegoria.commands"]) == set(site)
    assert cli.__doc__


def test_the_glossary_defines_every_model() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    models = {
        model.__name__
        for model in apps.get_models(include_auto_created=False)
        if model.__module__.startswith("isegoria_web.")
    }
    assert sorted(name for name in models if f"`{name}`" not in glossary) == []


def test_the_glossary_names_no_model_that_is_gone() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    defined = set(re.findall(r"^\| [^|]+ \| `(\w+)` \|", glossary, re.MULTILINE))
    assert defined
    assert sorted(defined - {model.__name__ for model in apps.get_models()}) == []


def test_the_page_of_settings_is_the_table_of_the_code() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", page, re.MULTILINE)
    table = [
        (variable.name, f"`{variable.default}`" if variable.default else "", variable.meaning)
        for variable in environment.TABLE
    ]
    assert rows == table


def test_every_service_and_policy_says_what_it_does() -> None:
    silent = []
    for app in our_apps():
        for name in ("services", "policies", "querysets"):
            if importlib.util.find_spec(f"{app}.{name}") is None:
                continue
            module = import_module(f"{app}.{name}")
            silent += [f"{module.__name__}.{found}" for found in _without_docstring(module)]
    assert silent == []


def _without_docstring(module: ModuleType) -> list[str]:
    """Public functions without a docstring; in querysets the method's name is the question."""
    return [
        name
        for name, thing in vars(module).items()
        if inspect.isfunction(thing)
        and thing.__module__ == module.__name__
        and not name.startswith("_")
        and not inspect.getdoc(thing)
    ]


def test_a_service_takes_its_arguments_by_name_and_says_who_acts() -> None:
    wrong = []
    for app in our_apps():
        path = SITE / app.removeprefix("isegoria_web.") / "services.py"
        if not path.exists() or app == "isegoria_web.operations":
            continue
        text = path.read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and "require(" in (
                ast.get_source_segment(text, node) or ""
            ):
                names = [argument.arg for argument in node.args.kwonlyargs]
                if node.args.args or "actor" not in names:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert wrong == []


# -- the shape of the code -----------------------------------------------------------------------------
def test_every_app_has_one_last_migration() -> None:
    heads = [app for app, _name in MigrationLoader(None).graph.leaf_nodes()]
    assert sorted(app for app in set(heads) if heads.count(app) > 1) == []


def test_every_app_stands_in_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    by_name = {contract["name"]: contract for contract in contracts}
    ordinary = {app for app in our_apps() if app not in {"isegoria_web.web", "isegoria_web.operations"}}
    assert set(by_name["Every app has the same anatomy"]["containers"]) == ordinary
    assert set(by_name["Apps know no pages"]["source_modules"]) == ordinary
    order = " ".join(by_name["The apps stand in the order of a panel's life"]["layers"])
    assert all(app.removeprefix("isegoria_web.") in order for app in our_apps())


SAFE = {
    "web/templatetags/isegoria.py": "Markdown, after the allow-list",
    "web/speaking.py": "a piece that its template has escaped, with its marks replaced",
    "web/widgets.py": "an input, whose every part is escaped, as `test_widgets.py` compares with Django's template",
    "web/backoffice/forms/fields.py": "what Django's own template of an input has escaped",
}
"""Where text is marked as safe, and why it is."""


def test_text_is_marked_as_safe_only_where_a_reason_stands() -> None:
    elsewhere = [
        str(path.relative_to(SITE))
        for path, text in sources(SITE).items()
        if path.relative_to(SITE).as_posix() not in SAFE
        and re.search(r"\bmark_safe\(|\bSafeString\(", text)
    ]
    in_templates = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text("utf-8"))
    ]
    assert elsewhere + in_templates == []


def test_no_page_carries_script_or_style_in_its_lines() -> None:
    inline = re.compile(
        r"<style|\sstyle\s*=|\son\w+\s*=\s*[\"']|<script(?![^>]*(\bsrc=|type=\"application/json\"))",
        re.IGNORECASE,
    )
    assert [
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path in TEMPLATES.rglob("*.html")
        if (found := inline.search(path.read_text("utf-8")))
    ] == []


def test_long_files_and_functions_are_looked_at_again() -> None:
    long = []
    for path, text in (sources(LIBRARY) | sources(SITE)).items():
        if text.count("\n") > LINES_OF_A_FILE:
            long.append(f"{path.relative_to(ROOT)} has {text.count(chr(10))} lines")
        functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
        long += [
            f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
            for function in functions
            if (function.end_lineno or 0) - function.lineno >= LINES_OF_A_FUNCTION
        ]
    if long:
        warnings.warn("look again at: " + "; ".join(long), stacklevel=1)


# -- what leaves the house -----------------------------------------------------------------------------
def test_no_machine_and_no_package_host_is_named() -> None:
    hosts = (
        "pypi" + r"\.org",
        "python" + r"hosted\.org",
        r"registry\." + "npmjs",
        r"deb\." + r"debian\.org",
    )
    pattern = re.compile("|".join([*hosts, r"(?<![\w>}])/(?:work|root)/\w", r"(?<![\w>}])/home/\w"]))
    found = []
    for path in files_of_the_repository():
        words = sorted(set(pattern.findall(text_of(path) or "")))
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words]
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["requirements.lock", "requirements-dev.lock", "requirements-library.lock", "requirements-scale.lock"],
)
def test_lock_files_pin_hashes_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
    assert len(pins) > 10
    assert text.count("--hash=sha256:") >= len(pins)


def test_the_lock_files_agree() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([\w.\[\]-]+)==([^\s;]+)", text, re.MULTILINE))

    every = pins("requirements-dev.lock")
    spark = {name: pins("requirements-scale.lock")[name] for name in ("pyspark", "py4j", "setuptools")}
    every = spark | every
    for name in ("requirements.lock", "requirements-library.lock", "requirements-scale.lock"):
        assert [
            f"{package} in {name}"
            for package, version in pins(name).items()
            if every.get(package) != version
        ] == []


def test_every_language_has_every_sentence_and_is_compiled() -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is not installed")
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    faults = tool.faults()
    assert not faults, f"{len(faults)} to repair (make messages), the first: " + "\n".join(faults[:20])


def test_the_licence_is_the_european_union_public_licence() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert "15.Applicable Law" in text


def test_every_attack_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "attacks.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    defined = {
        found
        for file in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"^def (test_\w+)\(", file.read_text("utf-8"), re.MULTILINE)
    }
    assert sorted(named - defined) == []
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`test_" in line]
    assert len(rows) >= 13
    assert all(row.count("|") == 4 for row in rows)
