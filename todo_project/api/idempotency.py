"""The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header)."""

import re

from rest_framework.request import Request

from todo_project.api.problems import Invalid, Problem, problem

HEADER = "idempotency-key"
MAX_LENGTH = 255
VISIBLE = re.compile(rf"[\x21-\x7e]{{1,{MAX_LENGTH}}}")


def key_problem(msg: str) -> Problem:
    return problem(["header", HEADER], msg)


def read_key(request: Request) -> str | None:
    """The key without quotes; None without the header. Raises Invalid."""
    text: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if text is None:
        return None
    text = text.strip(" \t")
    key = text[1:-1] if text.startswith('"') and text.endswith('"') else text
    if key.startswith('"') or not VISIBLE.fullmatch(key):
        raise Invalid(
            key_problem(f"Input should be 1 to {MAX_LENGTH} visible ASCII characters, with or without quotes")
        )
    return key
