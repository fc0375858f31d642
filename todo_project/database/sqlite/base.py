import os
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Makes the file if there is none: SQLite would let everyone here read it. Its journal has its mode."""
        if not self.is_in_memory_db():
            # Where it cannot be made, SQLite says so. A file that is there is not opened: the close would drop the
            # locks of this process's other connections, and the next process to leave would delete their journal.
            with suppress(OSError):
                os.close(os.open(conn_params["database"], os.O_CREAT | os.O_EXCL, 0o600))
        return super().get_new_connection(conn_params)
