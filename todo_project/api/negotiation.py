"""No negotiation: an answer is JSON whatever `Accept` asks for, and a body that is not JSON is refused."""

from collections.abc import Iterable

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from todo_project.api.renderers import MEDIA_TYPE

# Browsers leave it out of an Origin and of the Host. A proxy may have put it into the Host.
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class UnsupportedCoding(UnsupportedMediaType):
    """The answer names the coding to use in Accept-Encoding (RFC 9110, 15.5.16)."""

    accepted = "identity"

    def __init__(self) -> None:
        super().__init__("", detail="Send the body without a Content-Encoding")


def is_encoded(request: Request) -> bool:
    """Several fields are one list, and a list may have empty items (RFC 9110, 5.6.1)."""
    codings = request.META.get("HTTP_CONTENT_ENCODING", "").lower().split(",")
    return any(coding.strip(" \t") not in ("", UnsupportedCoding.accepted) for coding in codings)


def comes_from_foreign_page(request: Request) -> bool:
    """Whether a page sent it that is neither of a listed origin nor of this service."""
    origin = request.headers.get("Origin", "")
    if origin in ("", *settings.CORS_ALLOWED_ORIGINS):
        return False
    scheme = request.scheme or ""
    own_host = request.get_host().lower().removesuffix(DEFAULT_PORTS[scheme])
    return origin != f"{scheme}://{own_host}"


class JSONOnly(BaseContentNegotiation):
    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """Raises UnsupportedMediaType for a body with any other Content-Type than JSON, and for one that is encoded.

        A body without a type is taken for JSON, unless a page of an unlisted origin sent it. Browsers let any page send
        such a body without a preflight, so any page could write into a service that its visitor reaches.
        """
        media_type = request.content_type.partition(";")[0].strip().lower()
        if media_type not in ("", MEDIA_TYPE) or (not media_type and comes_from_foreign_page(request)):
            raise UnsupportedMediaType(media_type, detail=f"Send the body as {MEDIA_TYPE}")
        if is_encoded(request):
            raise UnsupportedCoding
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
