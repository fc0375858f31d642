import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todo_project.api.targets import ABSOLUTE_FORM, sent_target, without_prefix
from todo_project.middleware import GetResponse

# Neither a user_id nor a UUID may hold it, so validation refuses a segment that it replaces.
UNREADABLE = "\0"


class StrictPathMiddleware:
    """Decodes each segment of the path as it was sent, as strict UTF-8.

    WSGI decodes the path as a whole: `%2F` becomes a `/`, and Django makes `%ff` the text "%FF", another user's name.
    Django's development server does not keep the path as sent: there the path stays as Django decoded it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = sent_target(request)
        if "%" in sent or not sent.isascii():
            path = ABSOLUTE_FORM.sub("", re.split("[?#]", sent, maxsplit=1)[0])
            request.path_info = without_prefix("/".join(map(decode_segment, path.split("/"))))
            request.path = request.META["SCRIPT_NAME"] + request.path_info
        return self.get_response(request)


def decode_segment(segment: str) -> str:
    try:
        decoded = unquote_to_bytes(segment.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return UNREADABLE
    return UNREADABLE if "/" in decoded else decoded
