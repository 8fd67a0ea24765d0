from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import ActorKind
from isegoria_web.journal import algorithms
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Chain, Entry, Opening

Fact = str | int | bool | None
Facts = Mapping[str, Fact | list[Fact] | Mapping[str, Fact]]


def actor_word(actor: Actor, institution: Any = None) -> str:
    """Return the actor as the public record shows her: a role, never a name."""
    if actor.kind == ActorKind.SYSTEM:
        return "system"
    if actor.kind == ActorKind.CITIZEN:
        return "citizen"
    roles = sorted(actor.roles_in(institution)) if institution is not None else []
    return ".".join(roles) or "member"


def record(
    *,
    actor: Actor,
    institution: Any,
    action: Action,
    subject: Any,
    facts: Facts | None = None,
    sealed: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one act into the institution's public chain, in the transaction of the act itself.

    Parameters
    ----------
    actor
        Who acts; shown as a role.
    institution
        Whose chain.
    action
        The verb.
    subject
        The row that was changed: its random `public_id` is shown, else the institution's.
    facts
        Public numbers, codes, dates and hashes. Never anything personal.
    sealed
        What only an observer may open: the chain holds a salted commitment to it. Erased with its salt.
    """
    with transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=institution.chain_id)
        salt = secrets.token_bytes(32)
        moment = clock.now()
        made = algorithms.entry(
            seq=chain.length + 1,
            prev=chain.head,
            time=moment,
            actor=actor_word(actor, institution),
            action=action.value,
            subject=getattr(subject, "public_id", institution.public_id).hex,
            facts=dict(facts or {}),
            commitment=_commitment(salt, sealed),
        )
        entry = Entry.objects.create(
            chain=chain,
            sequence=made["seq"],
            previous=made["prev"],
            time=moment,
            actor=made["actor"],
            action=action,
            subject=made["subject"],
            facts=made["facts"],
            commitment=made["commitment"] or "",
            hash=made["hash"],
        )
        if sealed is not None:
            Opening.objects.create(entry=entry, salt=salt.hex(), payload=dict(sealed))
        Chain.objects.filter(pk=chain.pk).update(length=entry.sequence, head=entry.hash)
        return entry


def as_document(entry: Entry) -> dict[str, Any]:
    """Return the entry as it stands in an export."""
    return {
        "seq": entry.sequence,
        "prev": entry.previous,
        "time": algorithms.instant(entry.time),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "facts": entry.facts,
        "commitment": entry.commitment or None,
        "hash": entry.hash,
    }


def export_lines(chain: Chain) -> Iterator[str]:
    """Yield the chain as JSON Lines, a header first, then one entry a line, in constant memory."""
    entries = chain.entries.order_by("sequence").iterator(chunk_size=500)
    return algorithms.export(as_document(entry) for entry in entries)


def _commitment(salt: bytes, sealed: Mapping[str, Any] | None) -> str | None:
    if sealed is None:
        return None
    payload = json.dumps(sealed, ensure_ascii=False, sort_keys=True, default=str).encode()
    return hmac.new(salt, payload, "sha256").hexdigest()
