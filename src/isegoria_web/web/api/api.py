"""The read-only interface for programs, version 1."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(
    title="Isegoria", version="1.0.0", urls_namespace="api", description="Public data of the institutions."
)
