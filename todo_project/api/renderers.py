"""How answers become bytes: JSON by orjson, times in UTC ending in Z."""

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
    """An answer from where DRF is not in the way: middleware and Django's error handlers."""

    def __init__(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(dumps(data), status=status, headers={"Content-Type": MEDIA_TYPE, **(headers or {})})


def items_of(rows: list[Any]) -> memoryview:
    """What stands between the brackets of the rows' array, which is not empty."""
    return memoryview(dumps(rows))[1:-1]


def list_response(pages: Iterator[list[memoryview]]) -> HttpResponseBase:
    """One JSON array of the pages' items: whole where there is one page, else streamed page by page."""
    first = next(pages)
    second = next(pages, None)
    if second is None:
        # Joined at once: a copy more, and the process takes the memory anew for each long list.
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
