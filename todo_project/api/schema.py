"""The parts of an OpenAPI document that are the same for every app: the error bodies, and the documents' pages."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers

from todo_project.api import renderers


class ErrorSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


@extend_schema_field({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}})
class LocationField(serializers.ListField):
    pass


class ProblemSerializer(serializers.Serializer[Any]):
    """`loc` is the way to what is wrong, from `body` or `path` on; `type` is Pydantic 2's name for the problem."""

    loc = LocationField()
    msg = serializers.CharField()
    type = serializers.CharField()


class InvalidSerializer(serializers.Serializer[Any]):
    detail = ProblemSerializer(many=True)


ERRORS = {
    400: OpenApiResponse(ErrorSerializer, "The Host is not one of this service's"),
    404: OpenApiResponse(ErrorSerializer, "This user has no such task"),
    413: OpenApiResponse(ErrorSerializer, "The body is over 128 KiB"),
    415: OpenApiResponse(ErrorSerializer, "The body is not application/json"),
    422: OpenApiResponse(InvalidSerializer, "The user id or the body is not valid"),
    500: OpenApiResponse(ErrorSerializer, "A fault of the service"),
    503: OpenApiResponse(ErrorSerializer, "The database cannot be reached, or is read-only"),
}


@cache
def openapi_document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # why: an untyped library
    return document


@cache
def openapi_json() -> bytes:
    return renderers.dumps(openapi_document())


def require_put_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular takes a body without required members for an optional one; a PUT has one all the same."""
    for path in result["paths"].values():
        if "put" in path:
            path["put"]["requestBody"]["required"] = True
    return result


def declare_no_security(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Said outright, since a document without the member leaves open whether it was forgotten."""
    return result | {"security": []}


def merge_blank_text(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular offers "" beside a pattern that takes it already, and names null twice: no "" is exactly one."""
    for schema in result["components"]["schemas"].values():
        for name, member in schema.get("properties", {}).items():
            match member:
                case {"oneOf": [{"type": [*types]} as text, {"type": "string", "maxLength": 0}]}:
                    schema["properties"][name] = text | {"type": list(dict.fromkeys(types))}
    return result
