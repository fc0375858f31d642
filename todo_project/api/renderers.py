"""Renders answers: JSON by orjson, with times in UTC that end in Z."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer

MEDIA_TYPE = "application/json"


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class ORJSONRenderer(BaseRenderer):
    media_type = MEDIA_TYPE
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return dumps(data)


class JSONResponse(HttpResponse):
    """An answer that DRF does not render: of middleware, of Django's error views, and of the operations on tasks."""

    def __init__(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(dumps(data), status=status, headers={"Content-Type": MEDIA_TYPE, **(headers or {})})


def render_items(rows: list[Any]) -> memoryview:
    """The rows as a JSON array without its brackets. There must be at least one row."""
    return memoryview(dumps(rows))[1:-1]


def list_response(pages: Iterator[list[memoryview]]) -> HttpResponseBase:
    """One JSON array of all pages: sent whole if there is one page, and streamed page by page otherwise."""
    first = next(pages)
    second = next(pages, None)
    if second is None:
        # One join: with a second copy the process would ask the kernel for the memory of each long list again.
        body = b"".join(chain.from_iterable(array_of([first])))
        return HttpResponse(body, headers={"Content-Type": MEDIA_TYPE})
    return StreamingHttpResponse(map(b"".join, array_of(chain([first, second], pages))), content_type=MEDIA_TYPE)


def array_of(pages: Iterable[list[memoryview]]) -> Iterator[list[bytes | memoryview]]:
    separator = b"["
    for page in filter(None, pages):
        pieces: list[bytes | memoryview] = []
        for part in page:
            pieces += [separator, part]
            separator = b","
        yield pieces
    yield [b"]" if separator == b"," else b"[]"]
