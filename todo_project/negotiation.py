"""No negotiation: answers are JSON whatever `Accept` says, and a body is JSON or refused."""

from collections.abc import Iterable

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from todo_project.renderers import MEDIA_TYPE


class JSONOnly(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Raises UnsupportedMediaType for a body that says it is anything but JSON."""
        media_type = request.content_type.partition(";")[0].strip().lower()
        if media_type not in ("", MEDIA_TYPE):
            raise UnsupportedMediaType(media_type, detail=f"Send the body as {MEDIA_TYPE}")
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
