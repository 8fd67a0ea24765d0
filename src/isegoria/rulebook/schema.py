"""The schema of a rule book as JSON Schema, for editors and other programs."""

from __future__ import annotations

import json

from isegoria.rulebook.model import SCHEMA_VERSION, RuleBook


def schema_text() -> str:
    """Return the JSON Schema of the newest version, as it is published in `docs/rulebook.schema.json`."""
    schema = RuleBook.model_json_schema()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"Isegoria rule book, schema version {SCHEMA_VERSION}",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
