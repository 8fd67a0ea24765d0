"""`isegoria worker`: background work, and what falls due by the clock."""

from __future__ import annotations

import logging
import threading

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

    from isegoria_web.operations import services

    over = threading.Event()
    keeper = threading.Thread(target=keep_time, args=(over,), name="scheduler", daemon=True)
    keeper.start()
    try:
        call_command(
            "db_worker", queue_name="*", reload=False, worker_id=services.worker_name(), verbosity=0
        )
    finally:
        over.set()
        keeper.join(timeout=5)
        services.forget()


def keep_time(over: threading.Event) -> None:
    """Say that this worker lives and run what is due, every few seconds until the worker ends."""
    from django.db import DatabaseError, close_old_connections, connection

    from isegoria_web import scheduler
    from isegoria_web.operations import services

    scheduler.load()
    while not over.is_set():
        try:
            close_old_connections()
            services.beat()
            scheduler.run_due()
        except DatabaseError:  # a server that restarts; the next round finds it again
            log.exception("The scheduler lost the database")
            connection.close()
        over.wait(BEAT_SECONDS)
    connection.close()


if __name__ == "__main__":
    app()
