"""The history of the tables. Alembic runs it; nothing imports it."""
