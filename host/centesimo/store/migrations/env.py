"""Where alembic meets the store: it runs on the connection that database.py gives, inside its transaction.

SQLite's schema changes are transactional here too (database.py sends BEGIN itself): a migration happens wholly or not.
"""

from alembic import context

from centesimo.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
