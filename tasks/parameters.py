"""What may be asked of a list: the query parameters, as the service reads them and the OpenAPI document shows them."""

from tasks.filters import SORTS
from todo_project.api.query import QueryParameter, boolean, choice, integer, moment, moment_rounded_up, words

LIMIT_MAX = 1_000
WORDS_MAX_LENGTH, WORDS_MAX_COUNT = 500, 20
TIME = {"type": "string", "format": "date-time"}
A_TIME = "2026-01-31T12:00:00Z"

FILTER_PARAMETERS = (
    QueryParameter("is_completed", boolean, "Only completed tasks, or only open ones.", {"type": "boolean"}, False),
    QueryParameter(
        "q",
        words(WORDS_MAX_LENGTH, WORDS_MAX_COUNT),
        f"Words, {WORDS_MAX_COUNT} at the most, each of which must stand in the title or the description. Letter case "
        "does not matter.",
        {"type": "string", "minLength": 1, "maxLength": WORDS_MAX_LENGTH},
        "milk",
    ),
    QueryParameter("created_after", moment, "Only tasks that were created after that time.", TIME, A_TIME),
    QueryParameter("created_before", moment_rounded_up, "Only tasks that were created before that time.", TIME, A_TIME),
    QueryParameter("updated_after", moment, "Only tasks whose last change came after that time.", TIME, A_TIME),
    QueryParameter(
        "updated_before", moment_rounded_up, "Only tasks whose last change came before that time.", TIME, A_TIME
    ),
)
LIST_PARAMETERS = (
    *FILTER_PARAMETERS,
    QueryParameter(
        "sort",
        choice(*SORTS),
        "The order, with `-` from the newest to the oldest. Tasks of the same time come in the order of their ids.",
        {"type": "string", "enum": list(SORTS), "default": "created_at"},
        "-created_at",
    ),
    QueryParameter(
        "limit",
        integer(1, LIMIT_MAX),
        "The tasks of one page. Where there are more, the header `Link` leads to the next page.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX},
        50,
    ),
    QueryParameter(
        "cursor",
        str,
        "Where the page begins: from the `Link` of the page before it, and from nowhere else.",
        {"type": "string"},
        None,
    ),
)
