"""gunicorn's own log lines, in the format of all others and without anything that clients sent."""

import logging
import logging.config
from typing import Any

from gunicorn.glogging import Logger

from todo_project import settings

# After these words gunicorn's own workers log the request, with its user ids and tokens.
REPEATING = ("Invalid request from", "Error handling request", "Ignored premature client disconnection")


def remove_request(record: logging.LogRecord) -> bool:
    for beginning in REPEATING:
        if str(record.msg).startswith(beginning):
            record.msg, record.args = beginning, ()
    return True


class ServiceLogger(Logger):  # type: ignore[misc]  # why: an untyped library
    """Logs no requests: todo_project/observability/ does."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logging.config.dictConfig(settings.LOGGING)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.addFilter(remove_request)
