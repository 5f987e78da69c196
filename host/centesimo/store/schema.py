"""The store's tables, for SQLite and PostgreSQL; what they mean, column by column, is in docs/store.md.

The migrations make them; a test compares the two. Every table is insert-only: triggers refuse UPDATE and DELETE.
Instants are ns since 1970 (UTC) in columns ending `at_ns`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0008"  # the newest migration; a test compares it with the folder
VERSION_TABLE = "centesimo_version"  # alembic's own, the only one that is ever updated

metadata = MetaData()

# One a block of records that was committed together.
receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("received_at_ns", BigInteger, nullable=False),
    Column("port", Text, nullable=False),
    Column("board", String(16), nullable=False),
    Column("host_version", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)

# Every record as the board sent it; boot and kind are copies of bytes inside `raw`, for people who look.
records = Table(
    "records",
    metadata,
    Column("board", String(16), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("boot", Integer, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("receipt", Integer, ForeignKey("receipts.id"), nullable=False),
    sqlite_with_rowid=False,
)

# A record that came with other bytes than the one stored under its board and sequence; never used, always shown.
conflicts = Table(
    "conflicts",
    metadata,
    Column("board", String(16), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, primary_key=True),
    Column("receipt", Integer, ForeignKey("receipts.id"), nullable=False),
)

# Every byte that came from a port, in parts: raw_archive.py. Parts and records are committed together.
archive = Table(
    "archive",
    metadata,
    Column("visit", String(32), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("host", String(16), nullable=False),
    Column("host_version", Text, nullable=False),
    Column("port", Text, nullable=False),
    Column("board", String(16), nullable=False),
    Column("begun_at_ns", BigInteger, nullable=False),
    Column("ended_at_ns", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

# A file that two laptops have loaded has two rows, and its passages then count once.
loaded_files = Table(
    "loaded_files",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("loaded_at_ns", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

loaded_passages = Table(
    "loaded_passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("line", Integer, nullable=False),
    Column("timing_point", Text, nullable=False),
    Column("start_number", Integer),
    Column("passed_at_ns", BigInteger, nullable=False),
    Column("uncertainty_ns", BigInteger),
    Column("source", Text, nullable=False),
)

event_versions = Table(
    "event_versions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("stored_at_ns", BigInteger, primary_key=True, autoincrement=False),
    Column("files", Text, nullable=False),  # JSON: file name -> text
)

# Marshal's lists as they were written; the newest of a name counts.
lists = Table(
    "lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("stored_at_ns", BigInteger, nullable=False),
)

publications = Table(
    "publications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("race", Text, nullable=False),
    Column("leg", Text, nullable=False),  # "" is all legs together
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("posted_at_ns", BigInteger, nullable=False),
    Column("facts_digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("race", "leg", "version", name="publications_once"),
)

# What officials decided; `values` is JSON. A withdrawal is another row.
decisions = Table(
    "amendments",
    metadata,
    Column("id", String(12), primary_key=True),  # digest of all the rest
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("decided_at_ns", BigInteger, nullable=False),
    Column("values", Text, nullable=False),
)

# Numbers that people keyed as cars passed. A correction is another row.
sightings = Table(
    "sightings",
    metadata,
    Column("id", String(16), primary_key=True),  # digest of all the rest
    Column("timing_point", Text, nullable=False),
    Column("start_number", Integer),
    Column("at_ns", BigInteger, nullable=False),
    Column("error_ns", BigInteger),
    Column("person", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("replaces", Text),
    Column("source", Text, nullable=False),
)

# What was found of the fleet before a day, or became of it; `report` is JSON, one object a board.
preparations = Table(
    "preparations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("prepared_at_ns", BigInteger, nullable=False),
    Column("phase", Text, nullable=False),  # "before" or "after"
    Column("report", Text, nullable=False),
)

# Which device made a decision: signing.py. The signature is of the decision's line in a bundle.
signatures = Table(
    "signatures",
    metadata,
    Column("decision", String(12), primary_key=True),
    Column("key", String(64), primary_key=True),  # the public one
    Column("signature", String(128), nullable=False),
)

# A record of which there were several versions, verified by the secret of its board: in the block first .. last.
verifications = Table(
    "verifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("board", String(16), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the record
    Column("verified_at_ns", BigInteger, nullable=False),
    Column("key", String(64), nullable=False),  # of the device that verified it
    Column("signature", String(128), nullable=False),
)

# Which devices this store trusts; the newest row of a key counts. In no bundle: everybody decides that for himself.
devices = Table(
    "devices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("decided_at_ns", BigInteger, nullable=False),
    Column("is_trusted", Integer, nullable=False),
)

# Which decisions count in this store; the others are proposals. In no bundle.
acceptances = Table(
    "acceptances",
    metadata,
    Column("decision", String(12), primary_key=True),
    Column("who", Text, nullable=False),
    Column("accepted_at_ns", BigInteger, nullable=False),
)

# The digest of each run of consecutive records that came together: the SHA-256 of all their bytes.
record_runs = Table(
    "record_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("board", String(16), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)

# What each row of a table beside records said when it was stored: row_digests.py.
digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

# What came in which order, for who follows: a span of a board's records (`name` is the board), or a sighting's id.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # "records" or "sighting"
    Column("name", Text, nullable=False),
    Column("first", BigInteger),
    Column("last", BigInteger),
)
