"""Parses bodies: JSON (RFC 8259) in UTF-8, whatever charset the request claims."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

import orjson
from rest_framework.parsers import BaseParser

from todo_project.api.problems import Invalid, problem
from todo_project.api.renderers import MEDIA_TYPE


class ORJSONParser(BaseParser):
    media_type = MEDIA_TYPE

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises Invalid for what is not JSON, and for a body shorter than its Content-Length."""
        body = stream.read()
        if parser_context and len(body) < int(parser_context["request"].META["CONTENT_LENGTH"]):
            raise Invalid(problem(["body", len(body)], "The body is shorter than its Content-Length", "json_invalid"))
        return loads(body)


def loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return loads_leniently(body)


def loads_leniently(body: bytes) -> Any:
    """Parses what orjson refuses: a byte order mark, and lone surrogates, so that the serializer names the member."""
    try:
        # No member is a number. Python refuses to parse a long integer, but any number is a float.
        return json.loads(body.decode("utf-8-sig"), parse_constant=refuse_constant, parse_int=float)
    except UnicodeDecodeError as error:
        where, why = error.start, "the body is not UTF-8"
    except json.JSONDecodeError as error:
        where, why = error.pos, error.msg
    except RecursionError:
        where, why = 0, "the body is nested too deeply"
    except ValueError as error:
        where, why = 0, str(error)
    raise Invalid(problem(["body", where], f"JSON decode error: {why}", "json_invalid"))


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
