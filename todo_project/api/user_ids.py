"""What may stand as a user id in a path."""

import re

from todo_project.api.problems import Problem, problem

USER_ID_MAX_LENGTH = 255
CONTROL_CHARACTERS = r"\x00-\x1f\x7f-\x9f"
# UTF-8 encodes none of these. Python puts them in place of an argument's bytes that are not UTF-8.
SURROGATES = r"\ud800-\udfff"
USER_ID_PATTERN = re.compile(rf"[^/{CONTROL_CHARACTERS}{SURROGATES}]+")


def user_id_problems(value: str) -> list[Problem]:
    """Why the text in a path cannot be a user id; empty if it can."""
    loc: list[str | int] = ["path", "user_id"]
    if not value:
        return [problem(loc, "String should have at least 1 character", "string_too_short")]
    problems = []
    if len(value) > USER_ID_MAX_LENGTH:
        problems.append(problem(loc, f"String should have at most {USER_ID_MAX_LENGTH} characters", "string_too_long"))
    if not USER_ID_PATTERN.fullmatch(value):
        problems.append(problem(loc, "A user id is UTF-8 without control characters and slashes"))
    return problems
