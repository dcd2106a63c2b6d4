"""A store on a PostgreSQL server: what a connection, a server or an answer that gets lost does to it."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy.engine import make_url
from support.cut_wire import CutWire
from support.server import USER, Server
from support.store import asked, told

from runner.adapters.ledger import Ledger, Reader
from runner.adapters.ledger.holds import place_hold
from runner.adapters.ledger.inspection import inspected
from runner.adapters.ledger.upgrade import HEAD
from runner.adapters.store_lock import in_use, sole_user
from runner.errors import LedgerUnavailable, StoreInUse, StoreUnusable
from runner.model.record import Event, HoldScope

pytestmark = pytest.mark.postgresql(reason="it is of a server")

CUT_ALL_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"  # noqa: E501


def through(url, wire):
    return make_url(url).set(port=wire.port).render_as_string(hide_password=False)


async def names(ledger):
    return [stored.event.name for stored in await ledger.events()]


@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_whose_answer_is_lost_is_told_as_it_truly_ended(facts, url, arrives):
    async def scenario(wire):
        async with facts.ledger(through(url, wire)) as ledger:
            await ledger.commit([Event(1, "before")])
            setattr(wire, "cuts_after" if arrives else "cuts_before", b"COMMIT\0")
            in_doubt = ledger.commit([Event(2, "in doubt")])
            # As long as nobody can be asked, what comes later is refused, and what is in doubt waits.
            await asyncio.to_thread(wire.was_cut.wait)
            with pytest.raises(LedgerUnavailable):
                await ledger.commit([Event(3, "later")])
            assert not in_doubt.done()
            wire.mend()
            if arrives:
                await in_doubt
            else:
                with pytest.raises(LedgerUnavailable):
                    await in_doubt
            await ledger.commit([Event(4, "after")])
            return await _names_when_up(ledger)

    make_tables(url)
    with CutWire(make_url(url).port) as wire:
        found = asyncio.run(scenario(wire))
    assert found == ["before", *["in doubt"] * arrives, "after"]


def make_tables(url):
    asyncio.run(Ledger.open(url).close())


async def _names_when_up(ledger):
    """Return the names of all events; the reader's connection is found to be lost by the first question."""
    for _ in range(5):
        try:
            return await names(ledger)
        except LedgerUnavailable:
            continue
    raise AssertionError("it does not come back")


def test_closing_does_not_wait_for_a_server_that_is_gone(facts, url):
    async def scenario(wire):
        async with facts.ledger(through(url, wire)) as ledger:
            wire.cuts_after = b"COMMIT\0"
            in_doubt = ledger.commit([Event(1, "in doubt")])
            await asyncio.to_thread(wire.was_cut.wait)
        with pytest.raises(LedgerUnavailable):
            await in_doubt

    make_tables(url)
    with CutWire(make_url(url).port) as wire:
        asyncio.run(scenario(wire))
    # The next start reads what became of it.
    assert asked(url, "SELECT name FROM events") == [("in doubt",)]


def test_a_server_that_is_started_anew_loses_nothing_and_needs_no_restart_of_ours(facts):
    server = Server()
    try:
        url = f"{server.url}/postgres"

        async def scenario():
            async with facts.ledger(url, durable=True) as ledger:
                await ledger.commit([Event(1, "before")])
                assert await names(ledger) == ["before"]
                await asyncio.to_thread(server.stop)
                with pytest.raises(LedgerUnavailable) as refusal:
                    await ledger.commit([Event(2, "lost")])
                assert "\n" not in str(refusal.value)
                with pytest.raises(LedgerUnavailable):
                    await ledger.events()
                await asyncio.to_thread(server.start)
                await ledger.commit([Event(3, "after")])
                assert await _names_when_up(ledger) == ["before", "after"]

        with sole_user(url):
            asyncio.run(scenario())
            while not in_use(url):
                pass
            with pytest.raises(StoreInUse), sole_user(url):
                pass
        assert not in_use(url)
    finally:
        server.close()


def test_one_daemon_has_the_store_until_it_ends(url):
    assert not in_use(url)
    with sole_user(url):
        assert in_use(url)
        with (
            pytest.raises(StoreInUse, match=r"another daemon works on postgresql://.*; stop it"),
            sole_user(url),
        ):
            pass
    with sole_user(url):
        pass
    assert not in_use(url)


def test_a_lock_whose_connection_was_lost_is_taken_again(url):
    with sole_user(url):
        told(url, CUT_ALL_OTHERS)
        while not in_use(url):
            pass


def test_a_server_that_would_not_wait_for_its_disk_is_made_to(facts, url):
    database = make_url(url).database
    told(url, f"ALTER DATABASE {database} SET synchronous_commit = off")

    async def scenario(**options):
        async with facts.ledger(url, **options) as ledger:
            return await ledger._writer.run(
                lambda connection: connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
            )

    assert asyncio.run(scenario(durable=True)) == "on"
    assert asyncio.run(scenario(durable=False)) == "off"
    told(url, f"ALTER DATABASE {database} SET synchronous_commit = remote_apply")
    assert asyncio.run(scenario(durable=True)) == "remote_apply"


def test_text_is_in_the_order_of_its_code_points_whatever_the_servers_language(facts, url):
    async def scenario():
        async with facts.ledger(url) as ledger:
            await ledger.commit([facts.host_observed(name) for name in ("b", "Z", "å", "a", "_")])
            return [record.host for record in await ledger.hosts()]

    assert asyncio.run(scenario()) == ["Z", "_", "a", "b", "å"]
    assert asked(url, "SELECT 'a' < 'Z'") == [(True,)]


def test_a_command_before_the_first_start_makes_the_store(url):
    with pytest.raises(LedgerUnavailable, match="no store in the database yet"):
        Reader.open(url)
    place_hold(url, scope=HoldScope.ALL, subject="", owner="eva", reason=None, until=None, now=3)
    reader = Reader.open(url)
    assert [hold.owner for hold in reader.holds()] == ["eva"]
    reader.close()


@pytest.mark.parametrize("query", ["", "?password=s3cret"])
def test_whom_a_server_turns_away_is_told_so_without_the_password(url, query):
    place = make_url(url)
    absent = f"postgresql://{USER}:s3cret@{place.host}:{place.port}/absent{query}"
    with pytest.raises(StoreUnusable, match=r'database "absent" does not exist.*\(postgresql://') as refusal:
        Ledger.open(absent)
    assert "s3cret" not in str(refusal.value)
    with pytest.raises(StoreUnusable) as refusal, sole_user(absent):
        pass
    assert "s3cret" not in str(refusal.value)


def test_a_role_that_may_not_make_tables_is_told_what_it_lacks(url):
    role = f"guest_{make_url(url).database}"
    told(url, f"CREATE ROLE {role} LOGIN")
    told(url, "REVOKE CREATE ON SCHEMA public FROM public")
    with pytest.raises(StoreUnusable, match="permission denied for schema public"):
        Ledger.open(make_url(url).set(username=role).render_as_string())
    told(url, f"DROP ROLE {role}")


def test_what_the_server_says_of_itself_is_found_without_changing_anything(url):
    make_tables(url)
    facts = inspected(url)
    # Servers of tests wait for no disk.
    assert (facts.damage, facts.revision) == (None, HEAD)
    assert facts.at_risk == "the server's `fsync` is off: it waits for no disk"
    assert facts.size_bytes > 1_000_000
    assert re.fullmatch(r"PostgreSQL [0-9.]+", facts.server)
