"""No negotiation: an answer is JSON whatever `Accept` asks for, and a body that is not JSON is refused."""

from collections.abc import Iterable

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from todo_project.api.renderers import MEDIA_TYPE


class JSONOnly(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Raises UnsupportedMediaType for a body with any other Content-Type than JSON.

        A body without one is taken for JSON, unless a page of an unlisted origin sent it. Browsers let any page send
        such a body without a preflight, so any page could write into a service that its visitor reaches.
        """
        media_type = request.content_type.partition(";")[0].strip().lower()
        is_foreign = not media_type and request.headers.get("Origin", "") not in ("", *settings.CORS_ALLOWED_ORIGINS)
        if media_type not in ("", MEDIA_TYPE) or is_foreign:
            raise UnsupportedMediaType(media_type, detail=f"Send the body as {MEDIA_TYPE}")
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
