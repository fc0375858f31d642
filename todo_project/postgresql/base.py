"""Django's PostgreSQL backend with a faster reader of `timestamptz`."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader


class TimestamptzLoader(Loader):
    """Reads a time of a session in UTC, in 0.35 µs instead of 3.5 µs by Django's (docs/design.md)."""

    # Django compares it with the connection's, to tell whether the loader fits.
    timezone: tzinfo = UTC

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        connection: Connection[Any] = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", TimestamptzLoader)
        return connection
