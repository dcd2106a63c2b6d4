"""Whatever happens to the disk: what was confirmed is there, what was not is told, and work goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from support.store import on_server

from runner.adapters.ledger import Ledger, Reader
from runner.adapters.ledger.dialect import database_url, writing_engine
from runner.errors import LedgerError, LedgerUnavailable
from runner.model.record import Event


def child(code, *args, **options):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def test_every_commit_is_synced_to_the_disk(url):
    ledger = Ledger.open(url)

    async def settings():
        def ask(connection):
            asked = (
                ("SHOW synchronous_commit",) if on_server() else ("PRAGMA synchronous", "PRAGMA journal_mode")
            )
            return tuple(connection.exec_driver_sql(question).scalar_one() for question in asked)

        answer = await ledger._writer.run(ask)
        await ledger.close()
        return answer

    assert asyncio.run(settings()) == (("on",) if on_server() else (2, "wal"))


def test_what_was_confirmed_survives_a_kill(url):
    writer = child(
        """
        import asyncio, sys
        from runner.adapters.ledger import Ledger
        from runner.model.record import Event

        async def main():
            ledger = Ledger.open(sys.argv[1])
            async def write(number):
                await ledger.commit([Event(number, "a"), Event(number, "b")])
                print(number, flush=True)
            await asyncio.gather(*(write(number) for number in range(20)))
            for number in range(20, 100_000):
                await write(number)

        asyncio.run(main())
        """,
        url,
    )
    confirmed = [int(writer.stdout.readline()) for _ in range(60)]
    writer.send_signal(signal.SIGKILL)
    confirmed += [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL

    async def look():
        ledger = Ledger.open(url)
        stored = await ledger.events(limit=200_000)
        await ledger.commit([Event(1, "after")])
        await ledger.close()
        return [(one.event.at, one.event.name) for one in stored]

    stored = asyncio.run(look())
    assert set(confirmed) <= {at for at, _ in stored}
    assert stored == [(number, name) for number in range(len(stored) // 2) for name in "ab"]


@pytest.mark.sqlite(reason="it is of the store's file")
def test_a_full_disk_is_told_and_work_goes_on_once_there_is_space(url):
    filler = child(
        """
        import asyncio, resource, sys
        from runner.adapters.ledger import Ledger
        from runner.errors import LedgerUnavailable
        from runner.model.record import Event

        def limit(size):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        async def main():
            ledger = Ledger.open(sys.argv[1])
            limit(512 * 1024)
            written = 0
            try:
                while True:
                    await ledger.commit([Event(written, "large", {"text": "x" * 50_000})])
                    written += 1
            except LedgerUnavailable:
                pass
            refused = await asyncio.gather(
                *(ledger.commit([Event(number, "lost", {"text": "x" * 900_000})]) for number in range(3)),
                return_exceptions=True,
            )
            assert all(type(error) is LedgerUnavailable for error in refused), refused
            assert len(set(map(id, refused))) == 3
            limit(resource.RLIM_INFINITY)
            await ledger.commit([Event(0, "healed")])
            names = [stored.event.name for stored in await ledger.events()]
            assert names == ["large"] * written + ["healed"], names
            await ledger.close()
            print(written)

        asyncio.run(main())
        """,
        url,
    )
    written, _ = filler.communicate()
    assert filler.returncode == 0
    assert int(written) > 0


def test_a_store_that_another_process_holds_is_told_and_works_once_it_is_free(facts, url):
    async def scenario():
        async with facts.ledger(url, busy_timeout_seconds=0.02) as ledger:
            with writing_engine(database_url(url), busy_timeout_seconds=1).begin():
                with pytest.raises(LedgerUnavailable, match="lock"):
                    await ledger.commit([Event(1, "lost")])
                with pytest.raises(LedgerUnavailable, match="lock"):
                    await ledger.beat(1)
                assert await ledger.events() == []
            await ledger.commit([Event(2, "kept")])
            assert [stored.event.name for stored in await ledger.events()] == ["kept"]

    asyncio.run(scenario())


@pytest.mark.sqlite(reason="it is of the store's file")
def test_a_store_that_was_deleted_or_replaced_is_not_written_to_any_more(facts, url, tmp_path):
    file, kept = tmp_path / "state" / "runner.db", tmp_path / "state" / "kept.db"

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([Event(1, "first")])
            file.rename(kept)
            with pytest.raises(LedgerUnavailable):
                await ledger.commit([Event(2, "lost")])
            file.write_bytes(b"")
            with pytest.raises(LedgerUnavailable, match="replaced"):
                await ledger.commit([Event(3, "lost")])
            kept.rename(file)
            await ledger.commit([Event(4, "second")])
            assert [stored.event.name for stored in await ledger.events()] == ["first", "second"]

    asyncio.run(scenario())


def test_a_fault_that_appears_only_when_batches_are_redone_fails_all_of_them(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:

            @event.listens_for(ledger._writer._engine, "savepoint")
            def break_down(*_):
                raise OperationalError(None, None, sqlite3.OperationalError("disk I/O error"))

            good, bad = [Event(1, "lost")], [facts.closed("nobody's")]
            outcomes = await facts.together(ledger, [good, bad])
            assert [type(outcome) for outcome in outcomes] == [LedgerUnavailable] * 2

    asyncio.run(scenario())


def test_a_statement_that_the_store_refuses_is_told_apart_from_a_broken_store(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            with pytest.raises(LedgerError) as refusal:
                await ledger.commit([Event(1, {"no": "name"})])
            assert type(refusal.value) is LedgerError
            await ledger.commit([Event(2, "kept")])

    asyncio.run(scenario())


OPEN_FILES = "import os, sys; print(*map(os.path.realpath, os.scandir('/proc/self/fd')))"


@pytest.mark.sqlite(reason="it is of the store's file")
def test_a_child_process_gets_none_of_the_stores_open_files(facts, url):
    def of_this_process():
        return [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]

    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([Event(1, "kept")])
            await ledger.events()
            theirs = child(OPEN_FILES, close_fds=False).communicate()[0]
            assert any("runner.db" in file for file in of_this_process())
            assert "/" in theirs
            assert "runner.db" not in theirs

    asyncio.run(scenario())


@pytest.mark.sqlite(reason="it is of the store's file")
def test_a_reader_tells_when_its_store_is_gone(url, tmp_path):
    asyncio.run(Ledger.open(url).close())
    reader = Reader.open(url)
    reader.close()
    (tmp_path / "state" / "runner.db").unlink()
    with pytest.raises(LedgerUnavailable):
        reader.hosts()
