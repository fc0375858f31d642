"""The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header)."""

import re

from rest_framework.request import Request

from todo_project.api.problems import Invalid, Problem, problem

HEADER = "idempotency-key"
MAX_LENGTH = 255
KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_LENGTH}}}")
QUOTED = re.compile(rf'"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\]){{1,{MAX_LENGTH}}})"')


def key_problem(msg: str) -> Problem:
    return problem(["header", HEADER], msg)


def read_key(request: Request) -> str | None:
    """The key without quotes; None without the header. Raises Invalid."""
    text: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if text is None:
        return None
    text = text.strip(" \t")
    if quoted := QUOTED.fullmatch(text):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    if text.startswith('"') or not KEY.fullmatch(text):
        raise Invalid(
            key_problem(f"Input should be 1 to {MAX_LENGTH} visible ASCII characters, with or without quotes")
        )
    return text
