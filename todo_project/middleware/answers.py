from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from todo_project.middleware import GetResponse

# What the admin, Swagger UI and ReDoc need, all from this host. ReDoc runs its search in a worker made from a blob.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


NOT_MODIFIED = 304


class AnswerMiddleware:
    """Gives each answer a Content-Security-Policy and a length. Without a length gunicorn sends it in chunks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        if isinstance(response, HttpResponse):
            # A 304 has no body, and its length would be taken for that of the 200 (RFC 9110, 8.6).
            if response.status_code != NOT_MODIFIED and "Content-Length" not in response.headers:
                response.headers["Content-Length"] = str(len(response.content))
            if request.method == "HEAD":
                response.content = b""
        elif isinstance(response, StreamingHttpResponse) and request.method == "HEAD":
            response.streaming_content = ()
        return response
