"""Entity tags and the conditions that name them (RFC 9110, 8.8.3 and 13.1)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from xxhash import xxh3_128

from todo_project.api.problems import Invalid, problem
from todo_project.api.renderers import dumps

IF_MATCH, IF_NONE_MATCH = "if-match", "if-none-match"
VARIABLES = {IF_MATCH: "HTTP_IF_MATCH", IF_NONE_MATCH: "HTTP_IF_NONE_MATCH"}

# Text outside of ASCII is as it came: WSGI gives bytes as Latin-1.
TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t,]*{TAG}(?:[ \t]*,[ \t,]*{TAG})*[ \t,]*")
MALFORMED = "Input should be * or entity tags in double quotes, separated by commas"
# What proxies that compress add to a tag: Apache "-gzip", Jetty "--gzip", others ";gzip" or "+br".
PROXY_SUFFIX = re.compile(r"(?:-|--|;|\+|:)(?:gzip|br|zstd|deflate|df)$")


@dataclass(frozen=True)
class Tags:
    """The tags of one condition. `*` has none, and whatever exists matches it."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    is_any: bool = False

    def includes(self, tag: str) -> bool:
        """The weak comparison, which If-None-Match asks for. It looks past what a compressing proxy adds to a tag."""
        return self.is_any or tag in self.without_proxy_suffixes()

    def without_proxy_suffixes(self) -> list[str]:
        return [PROXY_SUFFIX.sub("", tag[:-1]) + '"' for tag in self.strong + self.weak]


class PreconditionFailed(APIException):
    status_code = 412

    def __init__(self, detail: str, tag: str) -> None:
        super().__init__(detail)
        self.tag = tag


def entity_tag(value: Any) -> str:
    """The entity tag of a value that JSON writes as a string: that string with its quotes."""
    return dumps(value).decode()


def read_conditions(request: Request, honoured: Collection[str], refused: Collection[str]) -> dict[str, Tags]:
    """The tags by the header that they came in. Raises Invalid where one is malformed, or refused for this request."""
    found, problems = {}, []
    for header, variable in VARIABLES.items():
        if variable in request.META and header in honoured:
            tags = read_tags(request.META[variable])
            if tags:
                found[header] = tags
            else:
                problems.append(problem(["header", header], MALFORMED))
        elif variable in request.META and header in refused:
            problems.append(problem(["header", header], "A write of many takes no condition"))
    if problems:
        raise Invalid(*problems)
    return found


def read_tags(text: str) -> Tags | None:
    """The tags of a condition; None where it is malformed."""
    if text.strip(" \t") == "*":
        return Tags(is_any=True)
    if not TAGS.fullmatch(text):
        return None
    found = re.findall(TAG, text)
    weak = tuple(tag.removeprefix("W/") for tag in found if tag.startswith("W/"))
    return Tags(tuple(tag for tag in found if not tag.startswith("W/")), weak)


def conditional_response(response: HttpResponse, none_match: Tags | None) -> HttpResponse:
    """The answer with a strong tag of its body and its Link; or 304 where the client has it."""
    digest = xxh3_128(response.content)
    digest.update(response.get("Link", "").encode())
    tag = f'"{digest.hexdigest()}"'
    if none_match and none_match.includes(tag):
        return not_modified(tag)
    response["ETag"] = tag
    return response


def not_modified(tag: str) -> HttpResponse:
    response = HttpResponse(status=304, headers={"ETag": tag})
    del response["Content-Type"]
    return response
