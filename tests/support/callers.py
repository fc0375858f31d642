"""A client of the live service that knows the difference between refused and unknown."""

import http.client
import json
from typing import Any, NamedTuple

# In place of a status: nothing was sent; or it was, and nobody knows what became of it.
REFUSED, BROKEN = -1, 0


class Answer(NamedTuple):
    status: int
    body: Any = None
    headers: dict = {}


class Client:
    """One connection, kept alive; a call sends one request and never raises for what a network may do."""

    def __init__(self, port, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __call__(self, method, path, body=None):
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = self.connection.getresponse()
            said = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            return Answer(REFUSED if isinstance(error, ConnectionRefusedError) else BROKEN, repr(error))
        is_json = response.headers.get("Content-Type") == "application/json"
        return Answer(response.status, json.loads(said) if is_json and said else said, dict(response.headers))

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()
