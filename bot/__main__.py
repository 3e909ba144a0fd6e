"""python -m bot: run (the default), check, migrate, backup, restore, move-database, export, seed."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from bot import __version__, launcher, logs
from bot.clock import Clock
from bot.progress import progress
from bot.settings import Settings, WrongSettings, load
from db import copies, sealing
from db import migrate as migrations

T = TypeVar("T")

SETTLED = 0.5
"""Seconds after the start at which all that stays is there, and the first poll is out."""


@click.group(invoke_without_command=True)
@click.option("--config", type=click.Path(path_type=Path), help="settings file (default: BOT_CONFIG, else config.toml)")
@click.version_option(__version__, prog_name="study-group-bot", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """The study-group bot."""
    try:
        settings = load(config)
    except WrongSettings as wrong:
        raise click.ClickException("the settings need a look:\n  " + "\n  ".join(wrong.lines)) from None
    logs.set_up(settings.log)
    context.obj = settings
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
@click.pass_obj
def run(settings: Settings) -> None:
    """Run the bot; with no token, against the sandbox."""
    _upgrade(settings)
    _run_loop(_run(settings))


@main.command("check")
@click.option("--offline", is_flag=True, help="do not ask Telegram")
@click.pass_obj
def check_command(settings: Settings, offline: bool) -> None:
    """Check settings, database, token and rights; the exit code is the number of problems."""
    from bot import check

    findings = _run_loop(check.run(settings, offline=offline))
    for finding in findings:
        click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.said}")
    sys.exit(sum(not finding.good for finding in findings))


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema (run does it too)."""
    changed = _upgrade(settings)
    click.echo("the database was brought up to date" if changed else "the database is up to date")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, target: Path) -> None:
    """Copy the database into the file TARGET, encrypted where its name ends in .age; the bot may be running."""
    from bot import erasures

    sealed = target.suffix == sealing.SUFFIX
    secret = settings.backup.secret() if sealed else None
    if sealed and secret is None:
        secret = click.prompt("passphrase", hide_input=True, confirmation_prompt=True, err=True)
    _copying(lambda: copies.backup(settings.database.url, target, secret))
    erasures.add_to_list(target.parent, _run_loop(erasures.known_here(settings)) or ())
    keep = "keep its passphrase elsewhere" if sealed else "it holds personal data, so keep it as safe as the database"
    click.echo(f"backed up to {target}; {keep}")


@main.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.pass_obj
def restore(settings: Settings, source: Path) -> None:
    """Put the copy SOURCE in the database's place; stop the bot first."""
    from bot import erasures, restoring

    secret = settings.backup.secret()
    if secret is None and source.exists() and sealing.is_sealed(source):
        secret = click.prompt("passphrase", hide_input=True, err=True)
    known = _run_loop(erasures.known_here(settings))
    gone = erasures.read_list(source.parent) | set(known or ())
    former = _run_loop(erasures.wanted_here(settings))
    kept = _copying(lambda: copies.restore(settings.database.url, source, secret))
    _upgrade(settings)
    again = _run_loop(erasures.apply(settings, gone))
    restored_at = datetime.now(UTC)
    anew = _run_loop(erasures.leave_again(settings, former, datetime.now(UTC)))  # they are told after what is skipped
    skipped = _run_loop(restoring.settle(settings, restored_at))
    click.echo("restored" + (f"; the former database is kept as {kept}" if kept else ""))
    if again:
        click.echo(f"people who had been erased since the copy was made: {again}; they were erased again")
    if anew:
        click.echo(f"people who were about to be erased when the copy was made: {anew}; they are told and can undo it")
    if known is None:
        click.echo(f"who was erased since then could not be read from the former database, only from {erasures.NAME}")
    if skipped:
        click.echo(f"messages that had fallen due: {skipped}; they may have been sent before, so they are not sent now")


@main.command("move-database")
@click.argument("target")
@click.pass_obj
def move_database(settings: Settings, target: str) -> None:
    """Move everything to the empty PostgreSQL database TARGET (postgresql://…); stop the bot first."""
    from db import relocating

    with progress("moving and comparing") as told:
        counts = _copying(lambda: relocating.move(settings.database.url, target, told))
    click.echo(
        f"moved and compared {sum(counts.values())} rows in {sum(map(bool, counts.values()))} tables; "
        "set database.url to the new one and start. The old file was left as it is"
    )


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="first day, 2026-01-01")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), required=True, help="last day, 2026-12-31")
@click.option("--group", "groups", multiple=True, help="the name of a group; may be repeated (default: all groups)")
@click.pass_obj
def export(settings: Settings, target: Path, start: datetime, end: datetime, groups: tuple[str, ...]) -> None:
    """Write the attendance of a range of days to TARGET, an .xlsx or .csv file; the bot may be running."""
    from bot import exporting

    try:
        with progress("reading and writing") as told:
            said = _run_loop(exporting.run(settings, target, start.date(), end.date(), groups, told))
    except exporting.CannotExport as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(said)


@main.command()
@click.option(
    "--language", type=click.Choice(["zh-CN", "en"]), help="of names and titles (default: organisation.language)"
)
@click.option("--month", is_flag=True, help="only the last month: quicker, and less to look through")
@click.pass_obj
def seed(settings: Settings, language: str | None, month: bool) -> None:
    """Fill the sandbox with a year (or a month) of a unit with three groups, to try things out; then run the bot."""
    from bot.seeding import running as seeding

    _upgrade(settings)
    spoken, days = language or settings.organisation.language, seeding.MONTH if month else seeding.YEAR
    try:
        with progress("playing the time") as told:
            said = _run_loop(seeding.run(settings, spoken, datetime.now(UTC), days=days, weekly=month, told=told))
    except seeding.CannotSeed as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(said)


def _upgrade(settings: Settings) -> bool:
    """Bring the database up to date, unless its file is damaged: then say what helps."""
    try:
        return migrations.upgrade(settings.database.url)
    except migrations.Damaged as damaged:
        raise click.ClickException(
            f"the database of {settings.database.url} is damaged: {damaged}\n"
            "  It was left as it is, and nothing was started. Put the newest backup in its place:\n"
            "  python -m bot restore FILE    (keeps the damaged file beside it)"
        ) from None


def _copying(work: Callable[[], T]) -> T:
    try:
        return work()
    except copies.CopyFailed as failed:
        raise click.ClickException(str(failed)) from None


async def _run(settings: Settings) -> None:
    from bot import running  # each command loads what it needs, and no more

    stop = running.stop_on_signal()
    clock = Clock()
    token = settings.token()
    async with contextlib.AsyncExitStack() as stack:
        address = ""
        if not token:
            opened = launcher.sandbox(settings.sandbox, settings.organisation.language)
            address = await stack.enter_async_context(opened)
            token, settings = launcher.TOKEN, launcher.pointed_at(settings, address)
            await launcher.take_time(address, clock)
        try:
            bot = await stack.enter_async_context(running.start(settings, token, clock))
        except running.PortTaken as taken:
            raise click.ClickException(str(taken)) from None
        if address:
            from bot.showing import Showing

            following = asyncio.create_task(launcher.follow_clock(address, clock, bot.ticker.wake))
            stack.callback(following.cancel)
            showing = Showing(bot.store, clock, settings.domain_rules())
            telling = asyncio.create_task(launcher.keep_told(address, showing.read))
            stack.callback(telling.cancel)
            click.echo(f"No token is set, so the sandbox is running. Open  {address}  in a browser.")
        else:
            click.echo(f"Running as @{bot.application.bot.username}. Ctrl-C stops.")
        asyncio.get_running_loop().call_later(SETTLED, _keep_what_start_made)
        await stop.wait()


def _keep_what_start_made() -> None:
    """Have the garbage collector pass over what lives as long as the process: modules, classes, statements.

    Each of its full rounds would look through all of that again, which took a fifth of a burst's CPU time.
    """
    gc.collect()
    gc.freeze()


def _run_loop(work: Any) -> Any:
    """Run on uvloop where it exists."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


if __name__ == "__main__":
    main(prog_name="python -m bot")
