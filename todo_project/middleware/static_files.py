from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from todo_project.api.renderers import JSONResponse


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # why: an untyped library
    """WhiteNoise, with its errors in JSON."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if response.status_code < 400:
            return response
        headers = {name: value for name, value in response.items() if name in ("Allow", "Content-Range")}
        return JSONResponse({"detail": response.reason_phrase}, response.status_code, headers)
