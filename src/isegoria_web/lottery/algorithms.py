"""The door to `isegoria.pool`, `isegoria.lottery` and `isegoria.proof`: rows to values, results to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

import isegoria
from isegoria import lottery, pool, proof
from isegoria.errors import Infeasible, IsegoriaError
from isegoria.proof import merkle
from isegoria.proof.canonical import digest
from isegoria.proof.verify import verify
from isegoria_web.institutions.models import Cycle
from isegoria_web.lottery.models import Draw, Feature, PoolEntry, Value

SOFTWARE = f"isegoria {isegoria.__version__}"
IF_MISSING = "The draw is annulled in public, with the reason, and announced again."


def in_words(failure: Exception) -> str:
    """Return what the library says went wrong, and how to repair it, in the language of now; empty for other faults."""
    if not isinstance(failure, IsegoriaError):
        return ""
    text = failure.text
    return " ".join(_(sentence).format_map(failure.parameters) for sentence in (text.problem, text.way_out))


def quotas_of(cycle: Cycle) -> pool.Quotas:
    """Return the quotas of a cycle as the library takes them; values without a quota are left out."""
    rows = Value.objects.filter(feature__cycle=cycle, minimum__isnull=False).select_related("feature")
    return pool.Quotas(
        tuple(
            pool.Quota(value.feature.key, value.key, value.minimum or 0, value.maximum or 0)
            for value in rows.order_by("feature__position", "position")
        )
    )


def proposed_quotas(features: Iterable[Feature], size: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Return floor and ceiling of every value's exact share of the seats, from the population figures."""
    shares = {}
    for feature in features:
        figures = {value.key: value.population or 0 for value in feature.values.all()}
        total = sum(figures.values())
        shares[feature.key] = {key: figure / total for key, figure in figures.items()}
    proposed = pool.floor_ceiling_quotas(shares, size)
    return {(quota.feature, quota.value): (quota.minimum, quota.maximum) for quota in proposed}


def check_quotas(quotas: pool.Quotas, size: int) -> None:
    """Refuse quotas whose sums cannot meet the size, naming the feature and both numbers."""
    quotas.check(size)


def library_pool(entries: Iterable[tuple[str, Mapping[str, str]]]) -> pool.Pool:
    """Return a pool of codes and features."""
    return pool.Pool(tuple(pool.Entry(code, dict(features)) for code, features in entries))


def require_feasible(found: pool.Pool, quotas: pool.Quotas, size: int) -> None:
    """Refuse a pool from which no panel can be drawn; the error names the conflict and the smallest relaxation."""
    quotas.check(size, len(found))
    feasibility = lottery.check(found, quotas, size)
    if not feasibility.feasible:
        raise Infeasible(
            "quotas_conflict_rigid" if feasibility.smallest is None else "quotas_conflict",
            size=size,
            conflict=feasibility.conflict_in_words,
            relaxation=feasibility.smallest_in_words,
            feasibility=feasibility,
        )


def solve(draw: Draw, progress: Callable[[str, float], None] | None = None) -> lottery.Lottery:
    """Compute the fairest lottery over a frozen pool."""
    entries = [(entry.code, entry.features) for entry in draw.pool.entries.all()]
    return lottery.solve(library_pool(entries), quotas_of(draw.cycle), draw.size, progress=progress)


def pool_root(entries: Iterable[PoolEntry]) -> str:
    """Return the Merkle root of the pool's salted leaves."""
    return merkle.root([_entry(entry).leaf for entry in entries]).hex()


def commitment(draw: Draw, solved: lottery.Lottery, committed_at: datetime) -> dict[str, Any]:
    """Return the document that is published before the randomness exists."""
    cycle = draw.cycle
    specification = proof.Specification(
        institution=cycle.institution.slug,
        body=cycle.body.key,
        cycle=f"{cycle.institution.slug}/{cycle.number}",
        size=draw.size,
        quotas=[
            proof.Quota(quota.feature, quota.value, quota.minimum, quota.maximum)
            for quota in quotas_of(cycle)
        ],
        alternates=draw.alternates,
        objective=solved.objective,
        software=SOFTWARE,
        rulebook=rule_book(cycle),
        sources=sources(draw),
    )
    committed = proof.CommittedLottery(
        types=[one.features for one in solved.types],
        compositions=[(one.tickets, one.counts) for one in solved.compositions],
        certificate=solved.certificate,
    )
    return proof.commitment(
        specification, [_entry(entry) for entry in draw.pool.entries.all()], committed, committed_at
    )


def chances(solved: lottery.Lottery) -> dict[str, Fraction]:
    """Return everybody's exact chance, by code."""
    return solved.chances()


def record(committed: Mapping[str, Any], draw: Draw, value: str, obtained_at: datetime) -> dict[str, Any]:
    """Return the whole record of a draw: the commitment, the random value, and what follows from them."""
    return proof.record(committed, [proof.RandomValue(source_name(draw), value, obtained_at)])


def first_fault(document: Mapping[str, Any], published: str) -> str | None:
    """Return the first step of a record that does not verify, in words; None where all do."""
    found = verify(document, published=published)
    return None if found.ok else f"{found.failed}"


def receipt(entry: PoolEntry) -> dict[str, Any]:
    """Return what a citizen needs to check that her own entry was in the pool."""
    leaves = [_entry(each).leaf for each in entry.pool.entries.all()]
    return proof.receipt(_entry(entry), leaves)


def dump(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of the published file of a record."""
    return proof.dump(document)


def rule_book(cycle: Cycle) -> proof.RuleBook:
    """Return the rule book under which a cycle runs, as a record names it."""
    version = cycle.rule_book
    return proof.RuleBook(version.identifier, str(version.number), version.sha256)


def source_name(draw: Draw) -> str:
    """Return the announced source with its day, as a record names it."""
    return f"public:{draw.kind}:{draw.source_due_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def sources(draw: Draw) -> list[proof.Source]:
    """Return the announced sources of a draw."""
    return [proof.Source(source_name(draw), draw.source_due_at, IF_MISSING)]


def document_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a document's canonical form."""
    return digest(dict(document))


def _entry(entry: PoolEntry) -> proof.Entry:
    return proof.Entry(entry.code, entry.features, bytes.fromhex(entry.salt))
