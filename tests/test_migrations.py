"""A database brought up to date by hand-written SQL is what the models say, and loses nothing on the way."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tortoise import Tortoise

from core.errors import DatabaseAway
from core.storage import models
from core.storage.engine import Storage, rows
from core.storage.migrate import FOLDER, migrate, statements

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

COLUMNS = {
    "sqlite": (
        'SELECT m.name AS place, c.name, c.type, c."notnull", c.pk, c.dflt_value FROM sqlite_master m,'
        " pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        " AND m.name <> 'migration' ORDER BY 1, 2"
    ),
    "postgres": (
        "SELECT table_name AS place, column_name, udt_name, is_nullable, character_maximum_length,"
        " column_default FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name <> 'migration' ORDER BY 1, 2"
    ),
}
INDEXES = {
    "sqlite": (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name <> 'migration' ORDER BY name"
    ),
    "postgres": (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'migration' ORDER BY 1"
    ),
}


def kind_of(url: str) -> str:
    return "sqlite" if url.startswith("sqlite:") else "postgres"


async def schema(url: str) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    storage = await Storage.open(url)
    try:
        columns = await rows(storage.reading, COLUMNS[kind_of(url)])
        return columns, await rows(storage.reading, INDEXES[kind_of(url)])
    finally:
        await storage.close()


async def generated(url: str) -> None:
    storage = await Storage.open(url)
    await Tortoise.generate_schemas(safe=False)
    await storage.close()


async def test_the_migrated_schema_is_what_the_models_say(
    database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    await migrate(database_url)
    migrated = await schema(database_url)
    assert len(migrated[0]) > 50
    other = f"sqlite://{tmp_path / 'generated.db'}"
    if kind_of(database_url) == "postgres":
        storage = await Storage.open(database_url)
        async with storage.turn() as conn:
            await rows(conn, "DROP SCHEMA public CASCADE")
            await rows(conn, "CREATE SCHEMA public")
        await storage.close()
        other = database_url
    await generated(other)
    assert await schema(other) == migrated


async def test_migrating_again_changes_nothing_and_keeps_what_is_there(database_url: str) -> None:
    assert await migrate(database_url) == sorted({file.name.partition(".")[0] for file in FOLDER.iterdir()})
    storage = await Storage.open(database_url)
    async with storage.turn() as conn:
        person = await models.Person.create(using_db=conn, name="Anna", created_at=NOW)
        await models.Message.create(using_db=conn, person_id=person.id, by="person", text="嗨", at=NOW)
    assert await migrate(database_url) == []
    message = await models.Message.all().using_db(storage.reading).prefetch_related("person").first()
    assert message is not None
    assert (message.text, message.person.name, message.at) == ("嗨", "Anna", NOW)
    await storage.close()


async def test_replicas_that_start_together_migrate_once(database_url: str) -> None:
    applied = await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    assert sorted(map(bool, applied)) == [False, False, False, True]


async def test_tickets_are_numbered_from_1001(database_url: str) -> None:
    await migrate(database_url)
    storage = await Storage.open(database_url)
    async with storage.turn() as conn:
        person = await models.Person.create(using_db=conn, created_at=NOW)
        columns = {"person_id": person.id, "identity_id": 1, "channel": "C1", "opened_at": NOW}
        numbers = [(await models.Ticket.create(using_db=conn, **columns)).id for _ in range(2)]
    assert numbers == [1001, 1002]
    await storage.close()


@pytest.mark.parametrize("url", ["sqlite:///proc/nowhere/x.db", "postgres://me@127.0.0.1:9/none"])
async def test_a_database_that_is_away_is_said_to_be(url: str) -> None:
    with pytest.raises(DatabaseAway):
        await migrate(url)
    with pytest.raises(DatabaseAway):
        await Storage.open(url)


def test_every_migration_is_there_for_both_kinds() -> None:
    names = {kind: {file.name.partition(".")[0] for file in FOLDER.glob(f"*.{kind}.sql")} for kind in COLUMNS}
    assert names["sqlite"] == names["postgres"] != set()
    assert all(statements(file.read_text(encoding="utf-8")) for file in FOLDER.iterdir())


async def first_tables(storage: Storage, kind: str) -> None:
    """The database as it was before the desk, with somebody in it."""
    async with storage.turn() as conn:
        for statement in statements((FOLDER / f"0001_start.{kind}.sql").read_text(encoding="utf-8")):
            await rows(conn, statement)
        await rows(conn, "CREATE TABLE migration (name VARCHAR(80) NOT NULL PRIMARY KEY)")
        await rows(conn, "INSERT INTO migration (name) VALUES ('0001_start')")
        await rows(
            conn,
            "INSERT INTO person (name, tier, language, scene, created_at) VALUES ('Anna','','','{}',$1)",
            [NOW],
        )
        for assignee in ("UMEI", ""):
            await rows(
                conn,
                "INSERT INTO ticket (identity_id, state, reason, assignee, assignee_name, channel, thread, opened_with,"
                " opened_at, resolved_with, person_id) VALUES (1,'claimed','asked',$1,$1,'C1','1.2',0,$2,0,1)",
                [assignee, NOW],
            )
        await rows(
            conn,
            "INSERT INTO delivery (key, lane, desk, kind, priority, person_id, body, state, due_at, attempts,"
            " unconfirmed, fence, done, external_id, trace, error, created_at)"
            " VALUES ('k','t1001',$1,'post',5,1,'{}','due',$2,0,$3,0,0,'','','',$2)",
            [True, NOW, False],
        )


async def test_a_populated_database_goes_on_where_it_was(database_url: str) -> None:
    storage = await Storage.open(database_url)
    await first_tables(storage, kind_of(database_url))
    assert "0003_desk" in await migrate(database_url)
    claimed, free = await models.Ticket.all().using_db(storage.reading).order_by("id")
    assert (claimed.id, claimed.claimed_at, claimed.priority, claimed.tags) == (1001, NOW, "normal", [])
    assert (free.id, free.claimed_at, free.moves) == (1002, None, 0)
    row = await models.Delivery.get(key="k", using_db=storage.reading)
    assert (row.channel, row.thread, row.state) == ("", "", "due")
    async with storage.turn() as conn:
        columns = {"person_id": 1, "identity_id": 1, "channel": "C1", "opened_at": NOW}
        assert (await models.Ticket.create(using_db=conn, **columns)).id == 1003
        await models.Message.create(using_db=conn, person_id=1, by="person", at=NOW)
    await storage.close()
