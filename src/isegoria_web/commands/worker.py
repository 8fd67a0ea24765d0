"""`isegoria worker`: background work, and what falls due by the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import typer

app = typer.Typer()
BEAT_SECONDS = 20
log = logging.getLogger("isegoria_web.worker")


@app.command()
def worker() -> None:
    """Run background work: letters, lotteries, exports, and what falls due at its hour.

    Any number of workers may run on the same database. Example: isegoria worker
    """
    from isegoria_web.commands import _site

    _site.set_up()
    _site.require_essentials()
    from django.core.management import call_command

    from isegoria_web import scheduler
    from isegoria_web.operations import services

    scheduler.load()  # in one thread: modules that several import at once can be half there
    services.beat()  # before the first work is taken, so that nobody takes it for lost
    over = threading.Event()
    keepers = [
        threading.Thread(target=repeat, args=(over, each), name=each.__name__, daemon=True)
        for each in (show_life, scheduler.run_due)
    ]
    for keeper in keepers:
        keeper.start()
    try:
        call_command(
            "db_worker", queue_name="*", reload=False, worker_id=services.worker_name(), verbosity=0
        )
    finally:
        over.set()
        for keeper in keepers:
            keeper.join(timeout=5)
        services.give_back()
        services.forget()


def show_life() -> None:
    """Say that this worker lives, and take over what dead ones left; no job, however long, holds this up."""
    from isegoria_web.operations import services

    services.beat()
    services.resume_lost_work()


def repeat(over: threading.Event, act: Callable[[], object]) -> None:
    """Do something every few seconds until the worker ends, whatever goes wrong in between."""
    from django.db import close_old_connections, connection

    while not over.is_set():
        try:
            close_old_connections()
            act()
        except Exception:  # a server that restarts, a full disk; the next round may find it mended
            log.exception("The worker failed to %s", act.__name__)
            connection.close()
        over.wait(BEAT_SECONDS)
    connection.close()


if __name__ == "__main__":
    app()
