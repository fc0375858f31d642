"""Problems of a request, in the words of Pydantic 2: clients first met this API on a server that uses it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict, cast

from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail

# Pydantic's types by DRF's codes. The codes of strict fields, such as bool_type, are Pydantic's already.
TYPES = {"required": "missing", "blank": "string_too_short", "max_length": "string_too_long"}
PYDANTIC_CODES = {"too_short", "too_long"}


class Problem(TypedDict):
    """One item of a 422 answer."""

    loc: list[str | int]
    msg: str
    type: str


class Invalid(APIException):
    """A request is refused, with all its problems."""

    status_code = 422

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        self.detail = {"detail": cast(Any, problems)}


def problem(loc: list[str | int], msg: str, type: str = "value_error") -> Problem:
    return {"loc": loc, "msg": msg, "type": type}


def validated(serializer: serializers.BaseSerializer[Any], body: Any) -> dict[str, Any]:
    """The body as the serializer reads it. A serializer keeps no state here, so one instance serves every request."""
    try:
        return serializer.run_validation(body)  # type: ignore[no-any-return]  # why: untyped in the stubs
    except serializers.ValidationError as error:
        raise Invalid(*problems_of(error.detail, ["body"])) from None


def problems_of(detail: Any, loc: list[str | int]) -> Iterator[Problem]:
    """The problems in what DRF says of a body: by member, and in a list by number."""
    if isinstance(detail, Mapping):
        for member, inner in detail.items():
            yield from problems_of(inner, [*loc, member])
    else:
        for error in detail:
            yield problem(loc, str(error), type_of(error))


def type_of(error: ErrorDetail) -> str:
    code = error.code or ""
    return code if code.endswith("_type") or code in PYDANTIC_CODES else TYPES.get(code, "value_error")
