"""How answers become bytes: JSON by orjson, times in UTC ending in Z."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpResponse
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
