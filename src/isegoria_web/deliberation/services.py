from __future__ import annotations

from functools import partial
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.deliberation import algorithms, policies
from isegoria_web.deliberation.enums import MapOrigin, MapStatus, Stance
from isegoria_web.deliberation.errors import (
    ForeignNote,
    StatementsClosed,
    TextEmpty,
    TitleMissing,
    TranslationNotNeeded,
)
from isegoria_web.deliberation.models import Note, OpinionMap, Reaction, Statement, Translation
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.membership.policies import working_member
from isegoria_web.moderation.enums import Kind
from isegoria_web.translated import Texts, written


def make_statement(
    *, actor: Actor, cycle: Cycle, text: str, language: str, note: Note | None = None
) -> Statement:
    """Put one thought to all members: a facilitator from a table's note, or a member her own.

    Raises
    ------
    TextEmpty, ForeignNote
        If there is no thought, or its note is of another cycle.
    NotAllowed
        If a facilitator gives no note, or a member one: the one speaks for a table alone, the other for herself.
    """
    require(policies.may_make_statement(actor, cycle))
    if not text.strip():
        raise TextEmpty
    if note is not None and note.table.plan.meeting.cycle_id != cycle.pk:
        raise ForeignNote
    member = working_member(actor, cycle) if note is None else None
    require(member is not None if note is None else policies.may_take_note(actor, note.table))
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        statement = Statement.objects.create(
            cycle=cycle, number=cycle.statements.count() + 1, text=text.strip(), language=language,
            note=note, made_by=member, made_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, institution=cycle.institution, action=Action.STATEMENT_MADE, subject=statement,
            facts={"cycle": cycle.number, "statement": statement.number, "from_table": note is not None},
        )  # fmt: skip
        return statement


def react(*, actor: Actor, statement: Statement, stance: Stance) -> None:
    """Agree, disagree or pass; the latest counts. Single reactions are not in the journal.

    Raises
    ------
    StatementsClosed
        If the statement is closed.
    """
    require(policies.may_react(actor, statement))
    with transaction.atomic():
        Statement.objects.select_for_update().get(pk=statement.pk)
        if not Statement.objects.still_open().visible().filter(pk=statement.pk).exists():
            raise StatementsClosed
        Reaction.objects.update_or_create(
            statement=statement,
            member=required(working_member(actor, statement.cycle)),
            defaults={"stance": stance},
        )


def close_statements(*, actor: Actor, cycle: Cycle) -> int:
    """Close the open statements of a cycle and publish their counts; returns how many were closed."""
    require(policies.may_close_statements(actor, cycle))
    with transaction.atomic():
        closed = Statement.objects.still_open().filter(cycle=cycle).update(closed_at=clock.now())
        if closed:
            reactions = Reaction.objects.filter(statement__cycle=cycle).count()
            record(
                actor=actor, institution=cycle.institution, action=Action.STATEMENTS_CLOSED, subject=cycle,
                facts={"cycle": cycle.number, "statements": closed, "reactions": reactions},
            )  # fmt: skip
            _ask_for_map(cycle)
        return closed


def translate_statement(*, actor: Actor, statement: Statement, language: str, text: str) -> Translation:
    """Say a statement in another language, as a person understands it; the original stays one click away.

    A translation that is entered again takes the place of the earlier one.

    Raises
    ------
    TextEmpty, TranslationNotNeeded
        If there is nothing to say, or it is said in this language.
    """
    require(policies.may_translate(actor, statement))
    if not text.strip():
        raise TextEmpty
    if language == statement.language:
        raise TranslationNotNeeded
    with transaction.atomic():
        made, _created = Translation.objects.update_or_create(
            statement=statement,
            language=language,
            defaults={"text": text.strip(), "made_by": required(actor.user), "made_at": clock.now()},
        )
        record(
            actor=actor, institution=statement.cycle.institution, action=Action.STATEMENT_TRANSLATED,
            subject=statement,
            facts={"cycle": statement.cycle.number, "statement": statement.number, "language": language},
        )  # fmt: skip
        return made


# -- opinion maps ------------------------------------------------------------------------------------------


def import_conversation(
    *, actor: Actor, cycle: Cycle, title: Texts, source: str, folder: Path
) -> OpinionMap:
    """Read the votes of a public conversation that was held elsewhere, for a map beside that of the members.

    Parameters
    ----------
    folder
        Holds `participants-votes.csv` or `votes.csv`, and `comments.csv` if there is one: an export of Polis, or ours.

    Raises
    ------
    TitleMissing
        If nothing says what it was.
    isegoria.errors.BadInputs
        If a file has faults; nothing was read in.
    """
    require(policies.may_import_conversation(actor, cycle))
    if not written(title):
        raise TitleMissing
    votes, statements = algorithms.read_conversation(folder)
    with transaction.atomic():
        made = _new_map(cycle, MapOrigin.IMPORTED, title=title, source=source)
        made.votes.save("votes.csv", ContentFile(votes.encode()), save=False)
        made.statements.save("statements.csv", ContentFile(statements.encode()), save=False)
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.CONVERSATION_IMPORTED, subject=cycle,
            facts={"cycle": cycle.number, "map": made.number},
        )  # fmt: skip
        return made


def make_map(*, actor: Actor, opinion_map: OpinionMap) -> OpinionMap:
    """Compute a map that waits, and publish it; one that does not wait any more is left as it is."""
    require(policies.may_make_map(actor))
    with transaction.atomic():
        OpinionMap.objects.select_for_update().get(pk=opinion_map.pk)
        opinion_map = OpinionMap.objects.select_related("cycle__institution").get(pk=opinion_map.pk)
        if opinion_map.status != MapStatus.WAITING:
            return opinion_map
        cycle, origin = opinion_map.cycle, opinion_map.origin
        made = (
            _of_members(cycle, opinion_map.seed) if origin == MapOrigin.MEMBERS else _of_files(opinion_map)
        )
        opinion_map.document, opinion_map.made_at = made.document, clock.now()
        opinion_map.status = MapStatus.DONE
        if origin == MapOrigin.MEMBERS:
            _keep_files(opinion_map, made)
            _retire_maps(cycle)
        opinion_map.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.MAP_MADE, subject=cycle,
            facts={
                "cycle": cycle.number,
                "map": opinion_map.number,
                "votes_sha256": made.document["votes_sha256"],
                "seed": opinion_map.seed,
            },
        )  # fmt: skip
        return opinion_map


def follow_review(kind: Kind, cycle: Cycle) -> None:
    """Have the map of a cycle made anew when a statement became visible or was taken out."""
    if kind == Kind.STATEMENT and cycle.statements.closed().exists():
        _retire_maps(cycle)
        _ask_for_map(cycle)


def _ask_for_map(cycle: Cycle) -> None:
    if not cycle.opinion_maps.of_members().waiting().exists():
        _new_map(cycle, MapOrigin.MEMBERS, title={}, source="").save()


def _retire_maps(cycle: Cycle) -> None:
    """Take the published map of the members down with its files: it may hold what was taken out since."""
    for earlier in cycle.opinion_maps.of_members().done():
        for file in (earlier.votes, earlier.statements):
            if file.name:
                transaction.on_commit(partial(file.storage.delete, file.name))
        earlier.status, earlier.document, earlier.votes, earlier.statements = (
            MapStatus.REPLACED,
            None,
            "",
            "",
        )
        earlier.save()


def _new_map(cycle: Cycle, origin: MapOrigin, *, title: Texts, source: str) -> OpinionMap:
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    number = cycle.opinion_maps.count() + 1
    # Known before the first reaction, so that nobody can look for a seed that pleases.
    seed = f"opinion map {cycle.institution.slug} {cycle.number}"
    return OpinionMap(
        cycle=cycle, number=number, origin=origin, title=dict(title), source=source, seed=seed,
        asked_at=clock.now(),
    )  # fmt: skip


def _of_members(cycle: Cycle, seed: str) -> algorithms.Made:
    statements = Statement.objects.closed().visible().filter(cycle=cycle)
    reactions = Reaction.objects.filter(statement__in=statements).order_by("pk")
    votes = algorithms.votes_of(reactions.values_list("member_id", "statement__number", "stance"))
    return algorithms.make_map(
        votes, {str(one.number): one.text for one in statements.order_by("number")}, seed
    )


def _of_files(opinion_map: OpinionMap) -> algorithms.Made:
    with opinion_map.votes.open("rb") as votes, opinion_map.statements.open("rb") as statements:
        return algorithms.make_map_of_files(votes.read(), statements.read(), opinion_map.seed)


def _keep_files(opinion_map: OpinionMap, made: algorithms.Made) -> None:
    """Keep the rows only where so many people are on the map that they may be published."""
    if algorithms.may_publish_votes(made.document):
        opinion_map.votes.save("votes.csv", ContentFile(made.votes.encode()), save=False)
        opinion_map.statements.save("statements.csv", ContentFile(made.statements.encode()), save=False)
