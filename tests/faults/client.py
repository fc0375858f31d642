"""A client of the live service that knows the difference between refused and unknown."""

import http.client
import json
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """Status 0 is no answer: the connection was refused, or broke, and what became of the request is unknown."""

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
            return Answer(0, repr(error))
        is_json = response.headers.get("Content-Type") == "application/json"
        return Answer(response.status, json.loads(said) if is_json and said else said, dict(response.headers))

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()
