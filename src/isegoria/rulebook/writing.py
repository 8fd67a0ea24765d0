"""From a rule book back to TOML: to adopt a bundled one with other numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from isegoria.errors import BadInput, Place
from isegoria.rulebook.model import RuleBook
from isegoria.rulebook.reading import loads


def dumps(book: RuleBook) -> str:
    """Return a rule book as TOML.

    Returns
    -------
    str
        TOML 1.0. Comments and the order of the file that the book was read from are not kept.

    Notes
    -----
    Guarantee: `loads(dumps(book)) == book`.

    Examples
    --------
    >>> from isegoria.rulebook import load_bundled
    >>> dumps(load_bundled("municipal-starter")).splitlines()[1]
    'id = "municipal-starter"'
    """
    return _text(_data(book))


def changed(book: RuleBook, rules: Mapping[str, object], file: str = "rule book") -> str:
    """Return a rule book with other values for some rules, as TOML that holds.

    Parameters
    ----------
    rules
        By id, such as `bodies.council.size` or `duty.answer_days`; None takes a rule, or a whole table, out. A rule
        that the book does not set is added. Values are written as in a file: a share is text, `"2/3"`.
    file
        The name that errors give.

    Raises
    ------
    BadInput
        As `loads`, with the ids of the rules; `rulebook_wrong`, if a rule stands in a list that has nothing of that key.

    Notes
    -----
    A rule that is changed is no longer one that is known from accounts alone: it is taken out of `unconfirmed`.

    Examples
    --------
    >>> from isegoria.rulebook import load_bundled
    >>> loads(changed(load_bundled("municipal-starter"), {"draw.age_min": 18})).draw.age_min
    18
    """
    data = _data(book)
    for rule, value in rules.items():
        _put(data, rule, value, file)
    if "unconfirmed" in data:
        data["unconfirmed"] = [
            each
            for each in data["unconfirmed"]
            if not any(each == rule or each.startswith(f"{rule}.") for rule in rules)
        ]
    text = _text(data)
    loads(text, file)
    return text


def _data(book: RuleBook) -> dict[str, Any]:
    return book.model_dump(mode="python", exclude_defaults=True)


def _put(data: dict[str, Any], rule: str, value: object, file: str) -> None:
    here: Any = data
    *tables, last = rule.split(".")
    for step in tables:
        if isinstance(here, dict):
            here = here.setdefault(step, {})
            continue
        found = next((each for each in here if each.get("key") == step), None)
        if found is None:
            raise BadInput("rulebook_wrong", Place(file, column=rule), detail=f"nothing has the key {step}")
        here = found
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value


def _text(data: Mapping[str, Any]) -> str:
    return "\n".join(_lines(data, "")).strip() + "\n"


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """Write the rules of a table, and then the tables in it, as TOML wants them."""
    inner = {key: value for key, value in table.items() if _is_table(value) or _are_tables(value)}
    yield from (f"{key} = {_value(value)}" for key, value in table.items() if key not in inner)
    for key, value in inner.items():
        here = f"{path}{key}"
        for each in [value] if _is_table(value) else value:
            yield f"\n[{here}]" if _is_table(value) else f"\n[[{here}]]"
            yield from _lines(each, f"{here}.")


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _are_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_is_table(each) for each in value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
