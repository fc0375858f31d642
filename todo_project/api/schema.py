"""The parts of an OpenAPI document that are the same for every app: the error bodies, and what all documents need."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from todo_project.api import renderers
from todo_project.api.query import QueryParameter


# Not "Error", which would hide the class of that name in Kotlin, Dart, Swift and zodios.
class ErrorDetailSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


@extend_schema_field({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}})
class LocationField(serializers.ListField):
    pass


class ProblemSerializer(serializers.Serializer[Any]):
    """`loc` leads to what is wrong, from `path`, `query`, `header` or `body` on. `type` is Pydantic 2's name for it."""

    loc = LocationField()
    msg = serializers.CharField()
    type = serializers.CharField()


class InvalidSerializer(serializers.Serializer[Any]):
    detail = ProblemSerializer(many=True)


def error(description: str, detail: str) -> OpenApiResponse:
    return OpenApiResponse(ErrorDetailSerializer, description, examples=[answer_example({"detail": detail})])


def answer_example(value: Any) -> OpenApiExample:
    return OpenApiExample("An example", value, response_only=True)


A_PROBLEM = {"loc": ["body", "title"], "msg": "Field required", "type": "missing"}
ERRORS = {
    400: error("The Host header does not name this service", "Bad request"),
    401: error("The user id is `me`, and this service has no authentication", "Not authenticated"),
    404: error("The user has no such task", "Task not found"),
    412: error("The task has changed: the condition of the request does not hold", "The task has changed"),
    413: error("The body is larger than 128 KiB", "The body is larger than 131072 bytes"),
    415: error("The body is not application/json, or has a Content-Encoding", "Send the body as application/json"),
    422: OpenApiResponse(
        InvalidSerializer,
        "The path, the query, a header or the body is not valid",
        examples=[answer_example({"detail": [A_PROBLEM]})],
    ),
    500: error("An error in the service itself", "Internal server error"),
    503: error("The database cannot be reached, or is read-only", "The database is not available, try again soon"),
}


def query_parameter(parameter: QueryParameter) -> OpenApiParameter:
    return OpenApiParameter(
        parameter.name,
        parameter.schema,
        OpenApiParameter.QUERY,
        description=parameter.description,
        examples=[OpenApiExample("An example", parameter.example)],
    )


# What the answers of a service with authentication mean.
BEARER_ANSWERS = {
    "401": ("The token is missing or not valid", "The token is not valid"),
    "403": ("The token is another user's", "Not allowed to access another user's tasks"),
    "503": (
        "The database cannot be reached, or is read-only; or there are no keys to verify tokens with",
        "The keys that verify tokens are not available, try again soon",
    ),
}


@cache
def openapi_document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # why: an untyped library
    return document


@cache
def openapi_json() -> bytes:
    return renderers.dumps(openapi_document())


def declare_required_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular leaves `required` out where no member of the body is required.

    A PUT needs its body all the same. For the others `false` is written out: orval and swagger-typescript-api make a
    body mandatory otherwise.
    """
    for path in result["paths"].values():
        for method, operation in path.items():
            if "requestBody" in operation:
                operation["requestBody"].setdefault("required", method == "put")
    return result


def drop_read_only(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """openapi-generator's Python client leaves read-only members out of `to_dict()`: of a task, all of them.

    Nothing is lost: bodies and answers have schemas of their own.
    """
    for schema in result["components"]["schemas"].values():
        for member in schema.get("properties", {}).values():
            member.pop("readOnly", None)
    return result


def declare_no_security(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Without the member, a reader cannot tell an open API from a forgotten declaration."""
    return result | {"security": []}


def declare_bearer(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What authentication adds: the scheme, 401 and 403 of each operation, and `me`.

    A hook, and no OpenApiAuthenticationExtension, so that one process can make the document of either service.
    """
    for operation in (operation for path in result["paths"].values() for operation in path.values()):
        answers = operation["responses"]
        media_type, content = next(iter(answers["400"]["content"].items()))
        for status, (description, detail) in BEARER_ANSWERS.items():
            examples = {"AnExample": {"value": {"detail": detail}, "summary": "An example"}}
            answers[status] = {"content": {media_type: content | {"examples": examples}}, "description": description}
        operation["responses"] = dict(sorted(answers.items()))
        for parameter in operation["parameters"]:
            if parameter["name"] == "user_id":
                parameter["description"] += " `me` is the user of the token."
    schemes = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    return result | {
        "components": result["components"] | {"securitySchemes": schemes},
        "security": [{"bearer": []}],
    }


def merge_blank_text(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular lists "" beside a pattern that allows it, so that `oneOf` refuses it, and names null twice."""
    for schema in result["components"]["schemas"].values():
        for name, member in schema.get("properties", {}).items():
            match member:
                case {"oneOf": [{"type": [*types]} as text, {"type": "string", "maxLength": 0}]}:
                    schema["properties"][name] = text | {"type": list(dict.fromkeys(types))}
    return result
