"""The database: its tables, how it grows from one version to the next, and how a connection to it is set up.

1. WAL with ``synchronous=FULL``: one sync a commit, and no acknowledged commit is lost in a power cut (payment.md
   part 5, measured). Each PRAGMA is set alone and read back: SQLite ignores what it does not know, and a text of
   several statements runs only as far as its rows are fetched.
2. A migration and its record (``user_version`` and a row in ``migrations``) are one transaction. A migration that was
   ever released is never edited; the next one is added below it.
3. No constraint may ever refuse a verified fact: beyond the types (STRICT) there are only the number's own uniqueness
   and rule 1's index, whose key an order leaves and enters only with an override of its own (writer.py).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import apsw

from kiosk.core.order import OPEN
from kiosk.journal.errors import JournalBrokenError, JournalMissingError, JournalNewerError, JournalOpenError
from kiosk.journal.rights import DATABASE

#: "KIOS": tells our file from any other SQLite database.
APPLICATION_ID = 0x4B494F53
BUSY_TIMEOUT_MS = 2000

#: The one wording of "still owed something": a partial index serves only the very words it was made with.
OPEN_STATES = "state IN ('intent','in_doubt','shown','paid','manual')"
#: What is asked about though it ended: the gateway may still surprise us (rule 11, last sentence).
WATCHED = "(state='unseen' OR (state='failed' AND bytes_left=1))"
#: Paid or credited bills, for rule 6.
DONE_BILL = "kind='arrears' AND state IN ('paid','credited')"

_FIRST = (
    "CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE orders (
        seq INTEGER PRIMARY KEY,
        order_no TEXT NOT NULL UNIQUE,
        customer_no TEXT NOT NULL,
        kind TEXT NOT NULL,
        mode TEXT NOT NULL,
        principal_fen INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        late_fee_fen INTEGER NOT NULL,
        total_fen INTEGER NOT NULL,
        cost_id TEXT NOT NULL,
        period TEXT NOT NULL,
        known_ids TEXT NOT NULL,
        wallet TEXT NOT NULL,
        cashier TEXT NOT NULL,
        override INTEGER NOT NULL,
        state TEXT NOT NULL,
        gateway_order_no TEXT NOT NULL,
        pay_url TEXT NOT NULL,
        exists_elsewhere INTEGER NOT NULL,
        bytes_left INTEGER NOT NULL,
        reason TEXT NOT NULL,
        success_seen INTEGER NOT NULL,
        paid_ms INTEGER,
        credited_ms INTEGER,
        bill TEXT NOT NULL,
        last_event INTEGER NOT NULL,
        changed_ms INTEGER NOT NULL
    ) STRICT""",
    """CREATE UNIQUE INDEX one_live_attempt ON orders(customer_no, bill, override)
        WHERE state IN ('intent','in_doubt','shown') OR (state='paid' AND kind='arrears')""",
    f"CREATE INDEX orders_open ON orders(customer_no, bill) WHERE {OPEN_STATES}",
    f"CREATE INDEX orders_watched ON orders(last_event) WHERE {WATCHED}",
    f"CREATE INDEX orders_watched_at ON orders(changed_ms) WHERE {WATCHED}",
    f"CREATE INDEX orders_done ON orders(customer_no, cost_id, period, principal_fen) WHERE {DONE_BILL}",
    "CREATE INDEX orders_customer ON orders(customer_no)",
    "CREATE INDEX orders_gateway ON orders(gateway_order_no)",
    "CREATE INDEX orders_created ON orders(created_ms)",
    """CREATE TABLE events (
        number INTEGER PRIMARY KEY,
        order_no TEXT NOT NULL,
        kind TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        facts TEXT NOT NULL,
        change TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX events_order ON events(order_no, number)",
    """CREATE TRIGGER events_never_change BEFORE UPDATE ON events
        BEGIN SELECT raise(ABORT, 'events are never changed'); END""",
    """CREATE TRIGGER events_never_go BEFORE DELETE ON events
        BEGIN SELECT raise(ABORT, 'events are never deleted'); END""",
    "CREATE TABLE notices (order_no TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE names (order_no TEXT PRIMARY KEY, name_masked TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT",
    "CREATE INDEX names_at ON names(at_ms)",
    """CREATE TABLE prints (
        number INTEGER PRIMARY KEY,
        receipt TEXT NOT NULL,
        copy INTEGER NOT NULL,
        result TEXT NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX prints_receipt ON prints(receipt)",
    "CREATE TABLE codes (digest BLOB PRIMARY KEY, order_no TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT",
    "CREATE INDEX codes_at ON codes(at_ms)",
    "CREATE INDEX codes_order ON codes(order_no)",
    "CREATE TABLE knowledge (key TEXT PRIMARY KEY, value TEXT NOT NULL, event INTEGER NOT NULL) STRICT",
)

_PINS = (
    """CREATE TABLE pins (
        who TEXT PRIMARY KEY,
        hash TEXT NOT NULL,
        failures INTEGER NOT NULL,
        failed_mono_s REAL NOT NULL
    ) STRICT""",
)

#: Events that a day's report may list (kiosk.core.report.classes_of): an ordinary payment's own have no facts, so
#: it writes nothing into their index.
APART = """(kind IN ('manual','refunded','evidence')
        OR kind IN ('intent','paid','credited','failed') AND facts <> '{}')"""
#: A second and further copy of a paper, once each.
REPRINTS = "copy > 1 AND result = 'printing'"

#: The events of shifts.
SHIFTS = "kind IN ('shift_opened','shift_closed')"

_REPORTS = (
    "CREATE INDEX orders_paid ON orders(paid_ms) WHERE paid_ms IS NOT NULL",
    f"CREATE INDEX events_apart ON events(at_ms) WHERE {APART}",
    f"CREATE INDEX prints_again ON prints(at_ms) WHERE {REPRINTS}",
    f"CREATE INDEX events_shift ON events(number) WHERE {SHIFTS}",
)

#: Every step from an empty file to today's schema: a name, and statements run one by one.
MIGRATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("orders, events and what belongs to them", _FIRST),
    ("the supervisor's PIN", _PINS),
    ("reports of days and shifts", _REPORTS),
)


def connect_writing(path: Path, vfs: str | None = None) -> apsw.Connection:
    """The writing connection, set up and migrated; the caller holds the lock.

    Raises :class:`JournalNewerError`, :class:`JournalBrokenError`, :class:`JournalOpenError` where it may only be
    read, or :class:`apsw.Error` where the disk fails.
    """
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE, vfs)
    try:
        if connection.readonly("main"):
            raise JournalOpenError(path, "it may be read only")
        _set(connection, path, "journal_mode", "wal")
        _set(connection, path, "synchronous", 2)
        # A deleted name or code is overwritten with zeros.
        _set(connection, path, "secure_delete", 1)
        _set(connection, path, "trusted_schema", 0)
        migrate(connection, path)
        _require_schema(connection, path)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        connection.close(True)
        raise JournalBrokenError(path, str(error)) from error
    except BaseException:
        connection.close(True)
        raise
    return connection


def connect_reading(directory: Path, vfs: str | None = None, *, any_version: bool = False) -> apsw.Connection:
    """A read-only connection, beside a writer or without one; ``any_version`` takes an older schema too.

    Raises one of :class:`JournalOpenError`'s kinds.
    """
    path = directory / DATABASE
    if not path.exists():
        raise JournalMissingError(directory)
    try:
        connection = _connect(path, apsw.SQLITE_OPEN_READONLY, vfs)
    except apsw.Error as error:
        raise JournalOpenError(path, str(error)) from error
    try:
        version = _version(connection, path)
    except (apsw.CorruptError, apsw.NotADBError) as error:
        connection.close(True)
        raise JournalBrokenError(path, str(error)) from error
    except apsw.Error as error:
        connection.close(True)
        raise JournalOpenError(path, str(error)) from error
    except BaseException:
        connection.close(True)
        raise
    if version < len(MIGRATIONS) and not any_version:
        connection.close(True)
        if version == 0:
            raise JournalMissingError(directory)
        raise JournalBrokenError(path, "an older program wrote it: start the counter once")
    return connection


def migrate(
    connection: apsw.Connection, path: Path, migrations: tuple[tuple[str, tuple[str, ...]], ...] = MIGRATIONS
) -> None:
    """Bring the schema up to date, each step and its record in one transaction."""
    version = _version(connection, path, len(migrations))
    for number, (name, statements) in enumerate(migrations[version:], version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute("INSERT INTO migrations(version, name) VALUES (?, ?)", (number, name))
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def schema_texts(connection: apsw.Connection) -> dict[str, str]:
    """Name to definition of everything the schema holds, to be compared with what it should hold."""
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {str(name): str(sql) for name, sql in rows}


@cache
def expected_schema() -> dict[str, str]:
    """What :func:`schema_texts` finds in an untouched journal of this version."""
    connection = apsw.Connection(":memory:")
    try:
        migrate(connection, Path(":memory:"))
        return schema_texts(connection)
    finally:
        connection.close()


def _require_schema(connection: apsw.Connection, path: Path) -> None:
    found, expected = schema_texts(connection), expected_schema()
    if found == expected:
        return
    wrong = [name for name in sorted(found.keys() | expected.keys()) if found.get(name) != expected.get(name)]
    raise JournalBrokenError(path, f"its schema is another: {' '.join(wrong)}")


def _connect(path: Path, flags: int, vfs: str | None) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # Plans that do not look at bound values (these hold no hint for ours): else each execution compiles anew.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection


def _version(connection: apsw.Connection, path: Path, known: int = len(MIGRATIONS)) -> int:
    """The schema's version, 0 for an empty file; a file of somebody else's or a newer one is refused."""
    application, version = connection.pragma("application_id"), connection.pragma("user_version")
    if (application, version) != (0, 0) and application != APPLICATION_ID:
        raise JournalBrokenError(path, "this database is not a journal of this program")
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get:
        raise JournalBrokenError(path, "this database is not a journal of this program")
    if version > known:
        raise JournalNewerError(path, version, known)
    return int(version)


def _set(connection: apsw.Connection, path: Path, name: str, value: str | int) -> None:
    found = connection.pragma(name, value)
    if found is None:  # some tell what they are when they are set, some only when they are asked
        found = connection.pragma(name)
    if found != value:
        raise JournalOpenError(path, f"PRAGMA {name} is {found!r}, not {value!r}")


# The states that the partial indices name are those of the core; a new one must not slip past them.
assert {text.strip("'") for text in OPEN_STATES[len("state IN (") : -1].split(",")} == {str(s) for s in OPEN}
